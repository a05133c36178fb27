"""Words beside the pictures, from Markdown files under ``assets/text``."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import streamlit as st

from explorer.markdown import plain

_TEXTS = Path(__file__).resolve().parent.parent / "assets" / "text"


def lead(page: str) -> None:
    """One line above the picture that says what to look for."""
    st.markdown(_read(page, "lead"))


def below(page: str, **values: str) -> None:
    """The short text after the picture; what stands in braces there is filled in, if there is something for it."""
    text = _read(page, "below")
    st.markdown(text.format(**values) if values else text)


def about(name: str) -> None:
    """A text of its own, if there is one."""
    if (_TEXTS / f"{name}.md").exists():
        st.markdown((_TEXTS / f"{name}.md").read_text(encoding="utf-8"))


def notes(sentences: Iterable[str], quiet: bool = False) -> None:
    """What had to be changed to make an input fit; a fixed place, so that the picture below does not move.

    Plain text, whoever's words are in it: nothing is read as Markdown. Quiet: one small line, for what is so with every
    input.
    """
    with st.container():
        if quiet:
            st.caption(plain(" ".join(sentences)))
            return
        for sentence in sentences:
            st.info(plain(sentence))


@lru_cache(maxsize=64)
def _read(page: str, part: str) -> str:
    return (_TEXTS / f"{page}-{part}.md").read_text(encoding="utf-8")
