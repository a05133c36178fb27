"""Charts on a page: the project's own template, no tool bar, a text for those who do not see it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import streamlit as st

from pages import exports

# Plotly looks into pandas if somebody has begun to load it, and Streamlit loads it late, in the thread of some session:
# loaded here, it is whole before the first figure.
import_module("pandas")

_SKETCH = st.components.v2.component(
    "unroll.sketch",
    js=(Path(__file__).resolve().parent.parent / "assets" / "sketch" / "sketch.js").read_text(encoding="utf-8"),
)


def show(figure: Any, key: str, alt: str) -> None:
    """Draw a figure of `explorer.figures`."""
    exports.chart(key, figure, alt)
    st.plotly_chart(figure, key=key, theme=None, config={"displayModeBar": False}, alt=alt)


def sketch(figure: Any, key: str, alt: str) -> None:
    """The same figure while it changes several times a second: painted in one stroke, deaf to the mouse.

    Streamlit's Plotly chart is torn down for each new number. Sketched figures use a small part of Plotly's language:
    lines, markers and heat maps on plain axes.
    """
    exports.chart(key, figure, alt)
    _SKETCH(key=f"{key}.sketch", data={"figure": figure.to_json(), "alt": alt})


def is_dark() -> bool:
    """Whether the page is dark; charts are painted by the server and have to know."""
    return st.context.theme.type == "dark"
