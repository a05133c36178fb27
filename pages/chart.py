"""Charts on a page: the project's own template, no tool bar, a text for those who do not see it."""

from __future__ import annotations

from typing import Any

import streamlit as st


def show(figure: Any, key: str, alt: str) -> None:
    """Draw a figure of `explorer.figures`."""
    st.plotly_chart(figure, key=key, theme=None, config={"displayModeBar": False}, alt=alt)


def is_dark() -> bool:
    """Whether the page is dark; charts are painted by the server and have to know."""
    return st.context.theme.type == "dark"
