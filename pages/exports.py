"""What can be taken away from a page: its pictures, its numbers, its network, and the lines that make them again.

Whatever draws something says so here; the router offers all of it under the page. Saying so costs nothing: numbers and
lines are handed over as functions. What a fragment draws, it says again at each of its own runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from explorer.graph import Graph
from explorer.views import Ran
from pages import export_panel

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


def data(name: str, arrays: Callable[[], Mapping[str, Any]]) -> None:
    """There are numbers behind what is shown: arrays, or lists, by name; made when they are asked for."""
    _offer("data", name, arrays)


def values(name: str, ran: Ran) -> None:
    """A network has run: the value of every layer at every step, from the initial state on."""
    data(name, lambda: {layer.name: ran.shown(layer.name) for layer in ran.graph.layers})


def python(lines: Callable[[], str], key: str = "python") -> None:
    """There are lines of Python that compute what is shown, with `import explorer`; of a part with a key of its own."""
    _offer("python", key, lines)


def withdraw(key: str) -> None:
    """What a fragment has offered under that key is on the page no more."""
    offered = st.session_state.get(_OFFERED, {})
    for kind, name in list(offered):
        if name == key:
            del offered[kind, name]


def draw(page: str) -> None:
    """Offer all of it under the page of that title."""
    offered = st.session_state.get(_OFFERED)
    if offered:
        export_panel.draw(page, offered)


def _offer(kind: str, key: str, what: object) -> None:
    st.session_state.setdefault(_OFFERED, {})[kind, key] = what
