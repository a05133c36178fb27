"""A draft as one who draws it sees it: whether it can be unrolled, its tables, where it starts, strokes on a picture.

Drafts themselves know no engine; what a layer of a role can do is known there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from explorer import architectures, documents, drafts
from explorer.cycles import cycles, total_delay
from explorer.draft_fields import presence_words
from explorer.drafts import KINDS, NOTHING, Draft, kind
from explorer.engine.activations import ACTIVATIONS
from explorer.engine.losses import LOSSES
from explorer.engine.schedule import schedule
from explorer.graph import Connection, Graph, GraphError, Layer, Role

FROM_NOTHING = "nothing"
SMALL = 4
"""Units of every layer of an architecture that one starts from."""

_MOST_LOOPS = 60
_ROLES: tuple[Role, ...] = ("input", "state", "gate", "hidden", "output", "loss")
_COMBINED = ("sum", "product")
_UNUSED: Mapping[str, tuple[str, ...]] = {
    "input": ("activation", "combine", "bias"),
    "loss": ("combine", "bias", "size"),
}
"""Role → what says nothing about a layer of it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a draft can be unrolled.

    Attributes
    ----------
    graph : Graph or None
        The network, if so.
    sentence : str
        What is missing or wrong, if not.
    connections : tuple of int
        Those of the draft that close a walk without delay.
    """

    graph: Graph | None
    sentence: str = ""
    connections: tuple[int, ...] = ()


def verdict(draft: Draft) -> Verdict:
    """Check a draft as the engine would.

    Examples
    --------
    >>> draft = drafts.edited(NOTHING, {"do": "connect", "source": "h", "target": "h", "delay": 0})
    >>> verdict(draft).sentence, verdict(draft).connections
    ("'h' → 'h' has total delay 0: an algebraic loop; give one connection a delay.", (2,))
    >>> verdict(NOTHING).graph == NOTHING.graph()
    True
    """
    try:
        graph = draft.graph()
        schedule(graph)
    except GraphError as error:
        return Verdict(None, str(error), _closed(draft))
    return Verdict(graph)


def _closed(draft: Draft) -> tuple[int, ...]:
    """Connections on loops without delay, or else on those that run against the others."""
    try:
        graph = Graph(draft.name, draft.layers, draft.connections)
    except GraphError:
        return ()  # something else is wrong
    loops = cycles(graph, _MOST_LOOPS)
    closed = [loop for loop in loops if total_delay(loop) == 0]
    if not closed and {total_delay(loop) > 0 for loop in loops} == {True, False}:
        closed = [loop for loop in loops if total_delay(loop) < 0]
    on_them = {c for loop in closed for c in loop}
    return tuple(i for i, c in enumerate(draft.connections) if c in on_them)


def offered(layer: Layer) -> tuple[str, ...]:
    """What a layer of that role can do with what arrives."""
    if layer.role == "input":
        return ("identity",)
    return tuple(LOSSES)[::-1] if layer.role == "loss" else tuple(ACTIVATIONS)


def edited(draft: Draft, edit: Mapping[str, Any]) -> Draft:
    """A draft after an edit; a layer in a new role does what one in that role can do.

    Examples
    --------
    >>> draft = edited(NOTHING, {"do": "set_layer", "at": 1, "field": "role", "value": "loss"})
    >>> draft.layers[1]
    Layer(name='h', size=1, activation='squared_error', combine='sum', bias=None, role='loss', \
presence=Presence(first=1, last=-1, every=1))
    """
    found = drafts.edited(draft, edit)
    if edit.get("do") != "set_layer" or edit.get("field") != "role":
        return found
    at = edit["at"]
    layer, was = found.layers[at], draft.layers[at]
    if layer.activation not in offered(layer):
        usual = offered(layer)[0]
        layer = replace(layer, activation=usual)
    if "combine" in _UNUSED.get(layer.role, ()):
        layer = replace(layer, combine="sum")
    if layer.role == "loss" and was.role != "loss":
        layer = replace(layer, size=1)
    return replace(found, layers=(*found.layers[:at], layer, *found.layers[at + 1 :]))


def translated(edit: Mapping[str, Any], drawn: Graph, draft: Draft) -> Mapping[str, Any]:
    """An edit made on a picture of an earlier network, as an edit of the present one.

    Raises
    ------
    GraphError
        If what it is about is not there any more.
    """
    at = edit.get("at")
    if not isinstance(at, int):
        return edit
    rows: tuple[Sequence[Any], Sequence[Any]]
    if "connection" in str(edit.get("do")):
        rows = drawn.connections, draft.connections
    else:
        rows = [layer.name for layer in drawn.layers], [layer.name for layer in draft.layers]
    before, now = rows
    if not 0 <= at < len(before) or before[at] not in now:
        raise GraphError("The picture still shows the last network that could be unrolled; change this in the tables.")
    return {**edit, "at": list(now).index(before[at])}


def marked(found: Verdict, draft: Draft, drawn: Graph) -> dict[str, Any] | None:
    """What a picture of the last legal network shows of the present trouble."""
    if found.graph is not None:
        return None
    ends = {(draft.connections[i].source, draft.connections[i].target) for i in found.connections}
    return {
        "connections": [i for i, c in enumerate(drawn.connections) if (c.source, c.target) in ends],
        "text": found.sentence,
    }


def table(draft: Draft, found: Verdict) -> dict[str, Any]:
    """What the editable tables are told: rows, what can be chosen, and what cannot be changed in a row."""
    return {
        "name": draft.name,
        "layers": [_layer_row(layer) for layer in draft.layers],
        "connections": [_connection_row(c, i in found.connections) for i, c in enumerate(draft.connections)],
        "choices": {"role": _ROLES, "combine": _COMBINED, "kind": KINDS},
        "said": found.sentence or "It can be unrolled.",
    }


def _layer_row(layer: Layer) -> dict[str, Any]:
    unused = [*_UNUSED.get(layer.role, ()), *(("bias",) if layer.combine == "product" else ())]
    return {
        "name": layer.name,
        "size": layer.size,
        "role": layer.role,
        "activation": layer.activation,
        "activations": offered(layer),
        "combine": layer.combine,
        "bias": layer.bias or "",
        "presence": presence_words(layer.presence),
        "unused": unused,
    }


def _connection_row(c: Connection, is_offending: bool) -> dict[str, Any]:
    return {
        "source": c.source,
        "target": c.target,
        "delay": c.delay,
        "kind": kind(c),
        "weight": c.weight or "",
        "unused": ["weight"] if c.weight is None else [],
        "is_offending": is_offending,
    }


def start(name: str) -> Draft:
    """What one starts from: nothing, or a registered architecture in small sizes.

    Examples
    --------
    >>> start("gru_reset_after").graph().parameter_shapes["W_hn"]
    (4, 4)
    """
    if name == FROM_NOTHING:
        return NOTHING
    return Draft.of(architectures.build(name, inputs=SMALL, hidden=SMALL, outputs=SMALL))


def taken_over(graph: Graph) -> Draft:
    """A network of another page, to be changed.

    Raises
    ------
    GraphError
        If it has more of something than a drawn network may have.
    """
    return documents.from_link(documents.to_link(graph))
