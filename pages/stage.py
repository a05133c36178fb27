"""The network diagram on a page: one component, mounted in one place, talking to the server in three words."""

from __future__ import annotations

from typing import Any

import streamlit as st

from explorer.figures import diagram
from explorer.graph import Graph

_REPORTED = ("cursor", "selected", "length")
_DIAGRAM = st.components.v2.component("unroll.diagram", js=diagram.script(), css=diagram.style())


def cursor(key: str, steps: int, at_first: int | None = None) -> int:
    """The current step: what the hand last chose, else what the link says, else `at_first` (the last step)."""
    told = _told(key, "cursor")
    if told is None:
        told = _number(st.query_params.get("t"))
    chosen = at_first or steps if told is None else int(told)
    return min(max(chosen, 1), steps)


def selected(key: str, graph: Graph, default: str) -> str:
    """The layer whose equation is open."""
    told = _told(key, "selected")
    name = told.get("layer") if isinstance(told, dict) else st.query_params.get("node", default)
    return name if name in graph else default


def as_begun(key: str, name: str, value: Any) -> Any:
    """What a diagram is told of a value that it moves itself: what it was when the diagram first appeared.

    It knows the rest, and data that stay the same are not sent again.
    """
    kept = f"{key}.{name}"
    untouched = all(_told(key, other) is None for other in _REPORTED)
    if kept not in st.session_state or untouched:
        st.session_state[kept] = value
    return st.session_state[kept]


def front(steps: int) -> int | None:
    """How many slices the link shows unrolled; None for all of them, after the introduction."""
    told = _number(st.query_params.get("unrolled"))
    return None if told is None else min(told, steps)


def draw(key: str, scene: dict[str, Any], on_length: Any = None) -> None:
    """Mount the diagram, or hand new data to the one that is there."""
    listeners = {f"on_{name}_change": _nothing for name in _REPORTED}
    _DIAGRAM(key=key, data=scene, **{**listeners, "on_length_change": on_length or _nothing})


def told_length(key: str) -> int | None:
    """The length the hand has just let go of."""
    value = _told(key, "length")
    return int(value) if isinstance(value, (int, float)) else None


def _told(key: str, name: str) -> Any:
    state = st.session_state.get(key)
    return state.get(name) if state else None


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 6 else None


def _nothing() -> None:
    """Streamlit delivers a component's value only if somebody listens."""
