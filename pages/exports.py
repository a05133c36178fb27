"""What can be taken away from a page: its pictures, its numbers, its network, and the lines that make them again.

Whatever draws something says so here; the router offers all of it under the page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from explorer.engine.activations import Array
from explorer.graph import Graph

_OFFERED = "exports"


def begin() -> None:
    """A page begins: nothing is on it yet."""
    st.session_state[_OFFERED] = {}


def diagram(key: str, graph: Graph, scene: dict[str, Any]) -> None:
    """A diagram is drawn: a picture, an animation, and a graph over so many steps."""
    _offer("diagram", key, (graph, scene))


def chart(key: str, figure: Any, alt: str) -> None:
    """A figure of `explorer.figures` is drawn: a picture and the numbers in it."""
    _offer("chart", key, (figure, alt))


def data(name: str, arrays: Callable[[], Mapping[str, Array]]) -> None:
    """There are numbers behind what is shown: arrays by name, made when they are asked for."""
    _offer("data", name, arrays)


def python(lines: Callable[[], str]) -> None:
    """There are lines of Python that compute what is shown, with `import explorer`."""
    _offer("python", "python", lines)


def draw(page: str) -> None:
    """Offer all of it under the page of that title."""


def _offer(kind: str, key: str, what: object) -> None:
    st.session_state.setdefault(_OFFERED, {})[kind, key] = what
