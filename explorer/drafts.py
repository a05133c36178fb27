"""A network under construction: what a graph is made of, not yet checked, and the edits that lead from one to the next.

A draft may be wrong (a layer that nothing reads, a loop without delay): whoever draws keeps it until it is right, and
`Draft.graph` says in a sentence what is still missing. Edits are data, so that a table, a drawing and a test make the
same ones; each gives a new draft and leaves the old one as it was, which is all that undo needs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import chain, count
from types import MappingProxyType
from typing import Any

from explorer.cycles import components
from explorer.draft_fields import (
    KINDS,
    LAYER_FIELDS,
    MOST_CONNECTIONS,
    MOST_LAYERS,
    checked_delay,
    checked_name,
    checked_weight,
    title,
)
from explorer.graph import Connection, Graph, GraphError, Layer


@dataclass(frozen=True, slots=True)
class Draft:
    """Name, layers and connections of a network that may still be wrong.

    Examples
    --------
    >>> draft = edited(NOTHING, {"do": "connect", "source": "h", "target": "h"})
    >>> draft.connections[-1]
    Connection(source='h', target='h', weight='W_hh', diagonal=False, delay=1)
    >>> edited(draft, {"do": "set_connection", "at": 1, "field": "delay", "value": 0}).graph()
    Traceback (most recent call last):
        ...
    explorer.cycles.LoopError: 'h' → 'h' has total delay 0: an algebraic loop; give one connection a delay.
    """

    name: str
    layers: tuple[Layer, ...]
    connections: tuple[Connection, ...]

    @classmethod
    def of(cls, graph: Graph) -> Draft:
        """A graph, to be changed."""
        return cls(graph.name, graph.layers, graph.connections)

    def graph(self) -> Graph:
        """The network, if it can be unrolled.

        Raises
        ------
        GraphError
            If something is missing or wrong; the sentence names it, and of an algebraic loop the walk.
        """
        graph = Graph(self.name, self.layers, self.connections)
        components(graph)
        return graph


NOTHING = Draft(
    "My network",
    (
        Layer("x", 4, role="input"),
        Layer("h", 8, "tanh", bias="b_h", role="state"),
        Layer("y", 4, "softmax", bias="b_y", role="output"),
        Layer("E", 1, "cross_entropy", role="loss"),
    ),
    (Connection("y", "E"),),
)
"""Where one starts who starts from nothing: something to read, something to say, an error, and one layer.

Nothing is connected but what the error is of: an error of nothing is none, and what has none is not drawn.
"""

STARTER = Draft(
    "Two layers and a skip",
    (
        Layer("x", 4, role="input"),
        Layer("h", 8, "tanh", bias="b_h", role="state"),
        Layer("k", 8, "tanh", bias="b_k", role="state"),
        Layer("y", 4, "softmax", bias="b_y", role="output"),
        Layer("E", 1, "cross_entropy", role="loss"),
    ),
    (
        Connection("x", "h", "W_xh"),
        Connection("h", "h", "W_hh", delay=1),
        Connection("h", "k", "W_hk"),
        Connection("k", "k", "W_kk", delay=1),
        Connection("h", "k", "W_skip", delay=2),
        Connection("k", "y", "W_ky"),
        Connection("y", "E"),
    ),
)
"""What stands for a learner's own network until one is drawn."""


def edited(draft: Draft, edit: Mapping[str, Any]) -> Draft:
    """A draft after an edit, which names what to ``do`` (a key of `EDITS`) and has the entries that this needs.

    Raises
    ------
    GraphError
        If the edit is none, or asks for something that cannot be; the draft stays as it was.
    """
    do = edit.get("do")
    if not isinstance(do, str) or do not in EDITS:
        raise GraphError(f"There is no edit {do!r}; it can be {', '.join(EDITS)}.")
    return EDITS[do](draft, edit)


def _add_layer(draft: Draft, edit: Mapping[str, Any]) -> Draft:
    _room_for(draft.layers, MOST_LAYERS, "layers")
    taken = {layer.name for layer in draft.layers}
    name = checked_name(edit.get("name") or _free("h", taken), taken)
    layer = Layer(name, 8, "tanh", bias=_free(f"b_{name}", _parameters(draft)), role="state")
    return replace(draft, layers=(*draft.layers, layer))


def _set_layer(draft: Draft, edit: Mapping[str, Any]) -> Draft:
    at = _place(edit, draft.layers, "layer")
    old, name, value = draft.layers[at], edit.get("field"), edit.get("value")
    if not isinstance(name, str) or name not in LAYER_FIELDS:
        raise GraphError(f"A layer has no '{name}'; it has {', '.join(LAYER_FIELDS)}.")
    if name == "name":
        return _renamed(draft, old, checked_name(value, {layer.name for layer in draft.layers} - {old.name}))
    new = replace(old, **{name: LAYER_FIELDS[name](value)})
    if new.combine == "product" or new.role in ("input", "loss"):
        new = replace(new, bias=None)
    return replace(draft, layers=_replaced(draft.layers, at, new))


def _renamed(draft: Draft, old: Layer, name: str) -> Draft:
    """Everything that was called after the layer is called after its new name, what was named otherwise is not."""

    def moved(end: str) -> str:
        return name if end == old.name else end

    taken = _parameters(draft)
    names = {
        weight_name(c.source, c.target): weight_name(moved(c.source), moved(c.target)) for c in draft.connections
    } | {f"b_{old.name}": f"b_{name}"}
    names = {was: new for was, new in names.items() if was in taken and new not in taken}
    wanted = Counter(names.values())  # by one each, or two weights would become one
    names = {was: new for was, new in names.items() if wanted[new] == 1}
    layers = tuple(
        replace(layer, name=moved(layer.name), bias=layer.bias and names.get(layer.bias, layer.bias))
        for layer in draft.layers
    )
    connections = tuple(
        replace(c, source=moved(c.source), target=moved(c.target), weight=c.weight and names.get(c.weight, c.weight))
        for c in draft.connections
    )
    return replace(draft, layers=layers, connections=connections)


def _remove_layer(draft: Draft, edit: Mapping[str, Any]) -> Draft:
    at = _place(edit, draft.layers, "layer")
    gone = draft.layers[at].name
    left = tuple(c for c in draft.connections if gone not in (c.source, c.target))
    return replace(draft, layers=(*draft.layers[:at], *draft.layers[at + 1 :]), connections=left)


def _connect(draft: Draft, edit: Mapping[str, Any]) -> Draft:
    """Join two layers by a matrix of their own; across one step if they would stand still in a loop otherwise."""
    _room_for(draft.connections, MOST_CONNECTIONS, "connections")
    source, target = (_known(edit.get(end), draft.layers, f"the {end}") for end in ("source", "target"))
    direct = "E" if target.role == "loss" else None
    weight = None if direct else _free(weight_name(source.name, target.name), _parameters(draft))
    delay = edit.get("delay")
    new = Connection(source.name, target.name, weight, delay=0 if delay is None else checked_delay(delay))
    if delay is None and _reaches(target.name, source.name, draft.connections):
        new = replace(new, delay=1)
    return replace(draft, connections=(*draft.connections, new))


def _set_connection(draft: Draft, edit: Mapping[str, Any]) -> Draft:
    at = _place(edit, draft.connections, "connection")
    old, name, value = draft.connections[at], edit.get("field"), edit.get("value")
    match name:
        case "source" | "target":
            end = _known(value, draft.layers, f"the {name}").name
            new = replace(old, source=end) if name == "source" else replace(old, target=end)
            if old.weight == weight_name(old.source, old.target):
                own = weight_name(new.source, new.target)
                new = replace(new, weight=_free(own, _parameters(draft) - {old.weight}))
        case "delay":
            new = replace(old, delay=checked_delay(value))
        case "weight":
            new = replace(old, weight=checked_weight(value))
        case "kind":
            new = _of_kind(old, value, draft)
        case _:
            raise GraphError(f"A connection has no '{name}'; it has source, target, delay, kind, weight.")
    return replace(draft, connections=_replaced(draft.connections, at, new))


def _remove_connection(draft: Draft, edit: Mapping[str, Any]) -> Draft:
    at = _place(edit, draft.connections, "connection")
    return replace(draft, connections=(*draft.connections[:at], *draft.connections[at + 1 :]))


def _rename(draft: Draft, edit: Mapping[str, Any]) -> Draft:
    return replace(draft, name=title(edit.get("value")))


EDITS: Mapping[str, Callable[[Draft, Mapping[str, Any]], Draft]] = MappingProxyType(
    {
        "add_layer": _add_layer,
        "set_layer": _set_layer,
        "remove_layer": _remove_layer,
        "connect": _connect,
        "set_connection": _set_connection,
        "remove_connection": _remove_connection,
        "rename": _rename,
    }
)
"""What can be done to a draft: the entries `at`, `field`, `value`, `name`, `source`, `target`, `delay` say to what."""


def weight_name(source: str, target: str) -> str:
    """What a weight from one layer to another is called if nobody says otherwise."""
    return f"W_{source}{target}"


def _of_kind(old: Connection, value: object, draft: Draft) -> Connection:
    if value not in KINDS:
        raise GraphError(f"A connection is one of {', '.join(KINDS)}; '{value}' was given.")
    if value == "identity":
        return replace(old, weight=None, diagonal=False)
    if old.weight is not None:
        return replace(old, diagonal=value == "diagonal")
    weight = _free(weight_name(old.source, old.target), _parameters(draft))
    return replace(old, weight=weight, diagonal=value == "diagonal")


def _known(value: object, layers: Iterable[Layer], what: str) -> Layer:
    for layer in layers:
        if layer.name == value:
            return layer
    raise GraphError(f"There is no layer {value!r} for {what} of a connection; name one of the layers.")


def _place(edit: Mapping[str, Any], rows: tuple[Any, ...], what: str) -> int:
    at = edit.get("at")
    if not isinstance(at, int) or not 0 <= at < len(rows):
        raise GraphError(f"There is no {what} number {at!r}; there are {len(rows)}, counted from 0.")
    return at


def _room_for(rows: tuple[Any, ...], most: int, what: str) -> None:
    if len(rows) >= most:
        raise GraphError(f"A network drawn here has at most {most} {what}.")


def _free(wanted: str, taken: Collection[str]) -> str:
    """A name that nothing has yet: h, h2, h3 …"""
    return next(name for name in chain([wanted], (f"{wanted}{n}" for n in count(2))) if name not in taken)


def _parameters(draft: Draft) -> set[str]:
    """Names of weights and of biases: one name is one array, whatever it is used for."""
    names = {*(c.weight for c in draft.connections), *(layer.bias for layer in draft.layers)}
    return {name for name in names if name is not None}


def _reaches(start: str, end: str, connections: tuple[Connection, ...]) -> bool:
    """Whether a path without delay leads from one layer to another."""
    found = {start}
    while more := {c.target for c in connections if c.delay == 0 and c.source in found} - found:
        found |= more
    return end in found


def _replaced(rows: tuple[Any, ...], at: int, new: Any) -> tuple[Any, ...]:
    return (*rows[:at], new, *rows[at + 1 :])
