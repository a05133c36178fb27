"""Words beside the pictures, from Markdown files under ``assets/text``."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import streamlit as st

_TEXTS = Path(__file__).resolve().parent.parent / "assets" / "text"


def lead(page: str) -> None:
    """One line above the picture that says what to look for."""
    st.markdown(_read(page, "lead"))


def below(page: str) -> None:
    """The short text after the picture."""
    st.markdown(_read(page, "below"))


def notes(sentences: Iterable[str]) -> None:
    """What had to be changed to make an input fit; a fixed place, so that the picture below does not move."""
    with st.container():
        for sentence in sentences:
            st.info(sentence)


@lru_cache(maxsize=64)
def _read(page: str, part: str) -> str:
    return (_TEXTS / f"{page}-{part}.md").read_text(encoding="utf-8")
