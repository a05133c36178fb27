"""A draft as one who draws it sees it: whether it can be unrolled, its tables, where it starts, strokes on a picture.

Drafts themselves know no engine; what a layer of a role can do is known there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, TypeVar

from explorer import architectures, documents, drafts
from explorer.cycles import LoopError
from explorer.draft_fields import KINDS, LIMITS, MOST_CONNECTIONS, kind, presence_words
from explorer.drafts import NOTHING, Draft
from explorer.engine.activations import ACTIVATIONS
from explorer.engine.losses import LOSSES
from explorer.engine.schedule import schedule
from explorer.graph import Connection, Graph, GraphError, Layer, Role

T = TypeVar("T")

FROM_NOTHING = "nothing"
SMALL = 4
"""Units of every layer of an architecture that one starts from."""

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
        Those of the draft that the sentence is about: on the closed walks that it names, or wrong in themselves.
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
    ("'h' → 'h' has total delay 0: an algebraic loop; give one connection a delay.", (1,))
    >>> verdict(NOTHING).graph == NOTHING.graph()
    True
    """
    try:
        graph = draft.graph()
        schedule(graph)
    except LoopError as error:
        return Verdict(None, str(error), tuple(i for i, c in enumerate(draft.connections) if c in error.connections))
    except GraphError as error:
        return Verdict(None, str(error), tuple(_wrong(draft, str(error))))
    return Verdict(graph)


def _wrong(draft: Draft, sentence: str) -> Iterable[int]:
    """The connections without which that would not be complained of."""
    for at, c in enumerate(draft.connections):
        if f"'{c.source}'" in sentence or f"'{c.target}'" in sentence:  # no other can be meant
            left = replace(draft, connections=(*draft.connections[:at], *draft.connections[at + 1 :]))
            try:
                left.graph()
            except GraphError as error:
                if str(error) == sentence:
                    continue
            yield at


MOST_TRIED = 8


def offered_pair(draft: Draft) -> tuple[str, str] | None:
    """Two layers that can be connected and are not yet, in the order of the layers; None if there is no room.

    Examples
    --------
    >>> offered_pair(NOTHING), offered_pair(drafts.STARTER)
    (('x', 'h'), ('x', 'k'))
    """
    if len(draft.connections) >= MOST_CONNECTIONS:
        return None
    joined = {(c.source, c.target) for c in draft.connections}
    judging = {layer.name for layer in draft.layers if layer.role == "loss"} & {target for _, target in joined}
    read = [layer.name for layer in draft.layers if layer.role != "loss"]
    readers = [layer.name for layer in draft.layers if layer.role != "input" and layer.name not in judging]
    free = list(islice(((s, t) for s in read for t in readers if (s, t) not in joined), MOST_TRIED))
    if verdict(draft).graph is None:
        return next(iter(free), None)
    edits = ({"do": "connect", "source": source, "target": target} for source, target in free)
    return next((pair for pair, e in zip(free, edits, strict=True) if verdict(drafts.edited(draft, e)).graph), None)


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
    layers, connections = paired(drawn, draft)
    now = {layer.name: at for layer, at in zip(drawn.layers, layers, strict=True)}
    found = dict(edit)
    for end in ("source", "target"):
        if edit.get(end) in now:
            found[end] = draft.layers[_there(now[edit[end]])].name
    at = edit.get("at")
    if isinstance(at, int):
        rows = connections if "connection" in str(edit.get("do")) else layers
        found["at"] = _there(rows[at] if 0 <= at < len(rows) else None)
    return found


def _there(at: int | None) -> int:
    if at is None:
        raise GraphError("The picture still shows the last network that could be unrolled; change this in the tables.")
    return at


def paired(drawn: Graph, draft: Draft) -> tuple[list[int | None], list[int | None]]:
    """Which layer of a draft each layer of an earlier network has become, and which connection each connection.

    A row has no name of its own that outlives every edit: the same is what is alike in most.

    Examples
    --------
    >>> draft = drafts.edited(drafts.STARTER, {"do": "set_connection", "at": 3, "field": "delay", "value": 0})
    >>> paired(drafts.STARTER.graph(), drafts.edited(draft, {"do": "remove_connection", "at": 0}))[1]
    [None, 0, 1, 2, 3, 4, 5]
    """
    by_name = _alike(
        [(layer.name, i) for i, layer in enumerate(drawn.layers)],
        [(layer.name, i) for i, layer in enumerate(draft.layers)],
        [lambda row: row[0], *([lambda row: row[1]] * (len(drawn.layers) == len(draft.layers)))],
    )
    now = {layer.name: draft.layers[at].name for layer, at in zip(drawn.layers, by_name, strict=True) if at is not None}
    before = [replace(c, source=now.get(c.source, ""), target=now.get(c.target, "")) for c in drawn.connections]
    tests: list[Callable[[Connection], Any]] = [
        lambda c: c,
        lambda c: (c.source, c.target, c.weight),
        lambda c: (c.source, c.target, c.delay),
        lambda c: (c.source, c.target),
    ]
    return by_name, _alike(before, draft.connections, tests)


def _alike(before: Sequence[T], now: Sequence[T], tests: Iterable[Callable[[T], Any]]) -> list[int | None]:
    """For each earlier row the place of a present one; of those that fit the strictest test the first, each once."""
    found: list[int | None] = [None] * len(before)
    for test in tests:
        free: dict[Any, list[int]] = {}
        for at in sorted(set(range(len(now))) - set(found), reverse=True):
            free.setdefault(test(now[at]), []).append(at)
        for i, row in enumerate(before):
            if found[i] is None and free.get(test(row)):
                found[i] = free[test(row)].pop()
    return found


def marked(found: Verdict, draft: Draft, drawn: Graph, refused: str = "") -> dict[str, Any]:
    """What a picture of the last legal network shows of the present draft: its trouble, and what its arrows are now.

    What was refused is said first, whatever the draft is like.
    """
    if found.graph is not None:
        return {"trouble": {"connections": [], "text": f"Not taken over: {refused}"}} if refused else {}
    _, connections = paired(drawn, draft)
    now = [None if at is None else draft.connections[at] for at in connections]
    return {
        "trouble": {
            "connections": [i for i, at in enumerate(connections) if at in found.connections],
            "text": f"Not taken over: {refused}" if refused else found.sentence,
        },
        "drafted": [c and {"delay": c.delay, "kind": kind(c)} for c in now],
    }


def table(draft: Draft, found: Verdict) -> dict[str, Any]:
    """What the editable tables are told: rows, what can be chosen, and what cannot be changed in a row."""
    return {
        "name": draft.name,
        "layers": [_layer_row(layer) for layer in draft.layers],
        "connections": [_connection_row(c, i in found.connections) for i, c in enumerate(draft.connections)],
        "pair": offered_pair(draft),
        "choices": {"role": _ROLES, "combine": _COMBINED, "kind": KINDS},
        "limits": dict(LIMITS),
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
