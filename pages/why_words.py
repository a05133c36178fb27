"""Words of the page Why recurrent, with the numbers that were computed just now."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import streamlit as st

_TEXTS = Path(__file__).resolve().parent.parent / "assets" / "text"


def write(name: str, **values: str) -> None:
    """A text of ``assets/text``; what stands in braces there is filled in."""
    st.markdown(_read(name).format(**values))


@lru_cache(maxsize=8)
def _read(name: str) -> str:
    return (_TEXTS / f"why-{name}.md").read_text(encoding="utf-8")
