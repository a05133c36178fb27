"""The network diagram on a page: one component, mounted in one place, and what it and the link say of the focus."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from explorer.engine.influence import read_out_layers
from explorer.figures import diagram
from explorer.graph import Graph, Node
from pages import exports

ADDRESS = {"cursor": "t", "selected": "node", "front": "unrolled"}
"""What the diagram itself writes to the link, and under which name."""

_MOVED = ("cursor", "selected", "length")
_REPORTED = (*_MOVED, "theme")  # a change of theme only has to run the page again: charts are painted by the server
_DIAGRAM = st.components.v2.component("unroll.diagram", js=diagram.script(), css=diagram.style())


@dataclass(frozen=True, slots=True)
class Focus:
    """What a diagram is pointed at.

    Attributes
    ----------
    layer : str or None
        None: none yet.
    t : int
        The step of the cursor.
    front : int or None
        How many slices are unrolled; None: all.
    is_initial : bool
        Whether the layer's initial state is meant, which belongs to no slice.
    """

    layer: str | None
    t: int
    front: int | None
    is_initial: bool = False


def focus(key: str, graph: Graph, steps: int, layer: str | None, t: int) -> Focus:
    """The focus that the hand last chose, else what the link asks for, else the given layer and step."""
    told_t, told_layer = _told(key, "cursor"), _told(key, "selected")
    wanted = _number("t") if told_t is None else int(told_t)
    name = st.query_params.get("node") if told_layer is None else told_layer.get("layer")
    front = _number("unrolled")
    return Focus(
        layer=name if name is not None and name in graph else layer,
        t=min(max(t if wanted is None else wanted, 1), steps),
        front=None if front is None else min(front, steps),
        is_initial=bool(told_layer) and told_layer.get("t") == 0,
    )


def opened(focus: Focus, graph: Graph, steps: int) -> Node:
    """The node that is open: the layer asked for at the current step, or a state that exists there.

    At a padded step nothing exists; then it is the layer asked for all the same, or the one that is read out.
    """
    if focus.is_initial and focus.layer in graph.states:
        return focus.layer, 0
    present = [layer.name for layer in graph.layers if focus.t in layer.presence.steps(steps)]
    if focus.layer in present:
        return focus.layer, focus.t
    likely = (*read_out_layers(graph), *graph.states, *present)
    return next((name for name in likely if name in present), focus.layer or likely[0]), focus.t


def draw(
    key: str,
    graph: Graph,
    scene: dict[str, Any],
    focus: Focus,
    on_length: Callable[[], None] | None = None,
    on_edit: Callable[[], None] | None = None,
) -> None:
    """Mount the diagram of a network, or hand new data to the one that is there.

    A diagram moves its focus itself and reports it. It is told only where it began: so the data stay the same from
    step to step, and the same data are not sent again. Whoever listens to edits finds the one made in `told_edit`.
    """
    exports.diagram(key, graph, scene)
    begun = f"{key}.begun"
    if begun not in st.session_state or all(_told(key, name) is None for name in _MOVED):
        st.session_state[begun] = {
            "cursor": focus.t,
            "selected": focus.layer and {"layer": focus.layer, "t": focus.t},
            "front": focus.front,
            "intro": scene["intro"] and focus.front is None and not st.session_state.get("introduced"),
        }
    st.session_state["introduced"] = True
    listeners: dict[str, Any] = {f"on_{name}_change": _nothing for name in _REPORTED}
    listeners |= {"on_length_change": on_length or _nothing} | ({"on_edit_change": on_edit} if on_edit else {})
    with st.container(key=f"stage_{key}"):  # its height is reserved, so that nothing jumps when the script arrives
        _DIAGRAM(
            key=key,
            data={**scene, **st.session_state[begun], "address": ADDRESS},
            **listeners,
        )


def forget_link() -> None:
    """Take out of the link where a diagram was pointed at, before another one takes its place."""
    for name in ADDRESS.values():
        st.query_params.pop(name, None)


def told_length(key: str) -> int | None:
    """The length the hand has just let go of."""
    value = _told(key, "length")
    return int(value) if isinstance(value, (int, float)) else None


def told_edit(key: str) -> Mapping[str, Any] | None:
    """The edit the hand has just made on the folded cell, as `explorer.drafts.edited` takes it."""
    value = _told(key, "edit")
    return value if isinstance(value, Mapping) else None


def _told(key: str, name: str) -> Any:
    state = st.session_state.get(key)
    return state.get(name) if state else None


def _number(name: str) -> int | None:
    text = st.query_params.get(name)
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 6 else None


def _nothing() -> None:
    """Streamlit delivers a component's value only if somebody listens."""
