"""The editable tables on a page: one component with the browser's own fields, which is told a draft and says edits."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import streamlit as st

from explorer import draft_views
from explorer.draft_views import Verdict
from explorer.drafts import Draft
from explorer.figures.theme import DARK, LIGHT
from pages import build_state

KEY = "build_tables"
_ASSETS = Path(__file__).resolve().parent.parent / "assets" / "editor"


@lru_cache(maxsize=1)
def script() -> str:
    """The tables as one ES module."""
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(_ASSETS.glob("*.js")))


_TABLES = st.components.v2.component(
    "unroll.editor", js=script(), css=(_ASSETS / "editor.css").read_text(encoding="utf-8")
)

_PAGE = f":root {{ --unroll-page: light-dark({LIGHT.background}, {DARK.background}); }}\n"
_AROUND = _PAGE + (_ASSETS / "page.css").read_text(encoding="utf-8")


def draw(draft: Draft, found: Verdict) -> None:
    """Mount the tables of a draft, or tell those that are there what has become of their edits."""
    st.html(f"<style>{_AROUND}</style>")
    _TABLES(
        key=KEY,
        data={**draft_views.table(draft, found), "done": build_state.done(), "refused": build_state.refused()},
        on_edits_change=_take,
    )


def _take() -> None:
    build_state.take_edits(KEY)
