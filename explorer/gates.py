"""Gates, found by what they do: which layers they are, and what a network becomes with one held open, shut or gone.

A gate is a sigmoid that something else is multiplied by. Nothing here goes by a layer's name: whoever adds a cell to
`explorer.architectures`, or draws one, finds its gates here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType

from explorer.architectures import ARCHITECTURES, Shape
from explorer.cycles import components
from explorer.graph import Connection, Graph, GraphError
from explorer.naming import matrices

OPEN, SHUT = "one", "zero"
"""Activations that are constant: what a gate is held at."""

_GATING = ("sigmoid", OPEN, SHUT)  # between 0 and 1; a gate that is held is still one


def gates(graph: Graph) -> tuple[str, ...]:
    """The layers that let another one through or not: sigmoids that stand, unit by unit, in a product with it.

    Examples
    --------
    >>> from explorer import architectures
    >>> for cell in ("lstm", "gru_reset_after", "elman"):
    ...     print(gates(architectures.build(cell, inputs=4, hidden=3, outputs=4)))
    ('o', 'i', 'f')
    ('z', 'r')
    ()
    """
    return tuple(
        layer.name
        for layer in graph.layers
        if layer.role == "gate" and layer.activation in _GATING and _products(graph, layer.name)
    )


def keep_gates(graph: Graph) -> Mapping[str, str]:
    """The gates that decide how much of a state's own past is kept, and that state.

    Such a gate multiplies the state of an earlier step, and the product reaches the state again through sums and
    products alone: no matrix and no squashing on the way. In an LSTM that is f, in a GRU z; there the gradient can
    pass unhindered.

    Examples
    --------
    >>> from explorer import architectures
    >>> cells = "lstm_peephole", "gru_reset_before"
    >>> [dict(keep_gates(architectures.build(cell, inputs=4, hidden=3, outputs=4))) for cell in cells]
    [{'f': 'c'}, {'z': 'h'}]
    """
    found = {}
    for gate in gates(graph):
        for product in _products(graph, gate):
            past = {c.source for c in graph.incoming(product) if c.delay and c.weight is None}
            for state in graph.states:  # one state, its own: a decoder's gate reads the encoder's past as well
                if state in past & _reached_unchanged(graph, product):
                    found[gate] = state
    return MappingProxyType(found)


def keep_biases(graph: Graph) -> tuple[str, ...]:
    """Biases of the gates that keep the past; where there are none, of every unit inside a loop.

    Examples
    --------
    >>> from explorer import architectures
    >>> cells = "lstm", "elman"
    >>> [keep_biases(architectures.build(cell, inputs=4, hidden=3, outputs=4)) for cell in cells]
    [('b_f',), ('b_h',)]
    """
    inside = [name for part in components(graph) if part.direction for name in part.layers]
    biases = [graph[name].bias for name in keep_gates(graph) or inside]
    return tuple(bias for bias in biases if bias is not None)


def clamped(graph: Graph, gate: str, is_open: bool) -> Graph:
    """The same network with a gate held at 1 or at 0. Its weights stay, and have no effect.

    Examples
    --------
    >>> from explorer import architectures
    >>> clamped(architectures.build("lstm", inputs=4, hidden=3, outputs=4), "f", is_open=False)["f"].activation
    'zero'
    """
    _check(graph, gate)
    activation = OPEN if is_open else SHUT
    layers = (replace(n, activation=activation) if n.name == gate else n for n in graph.layers)
    return replace(graph, layers=tuple(layers))


def without(graph: Graph, gate: str) -> Graph:
    """The network without a gate and all that belongs to it; what the gate multiplied passes unhindered.

    A product has one factor less, a sum one term less. In a GRU without z, therefore, u = 1 - z becomes 1, and
    h_t = h_{t-1} + n: that is not the same as z held open.

    Examples
    --------
    >>> from explorer import architectures
    >>> whole = architectures.build("lstm", inputs=4, hidden=3, outputs=4)
    >>> set(whole.parameter_shapes) - set(without(whole, "f").parameter_shapes) == {"W_xf", "W_hf", "b_f"}
    True
    """
    _check(graph, gate)
    return replace(
        graph,
        layers=tuple(layer for layer in graph.layers if layer.name != gate),
        connections=tuple(c for c in graph.connections if gate not in (c.source, c.target)),
    )


@dataclass(frozen=True, slots=True)
class Change:
    """What can be done to a gate: its name in the menu, how the result is called, and the network it makes."""

    title: str
    said: str
    apply: Callable[[Graph, str], Graph]


CHANGES: Mapping[str, Change] = MappingProxyType(
    {
        "none": Change("free", "as it is", lambda graph, gate: graph),
        "open": Change("held open", "open", lambda graph, gate: clamped(graph, gate, is_open=True)),
        "shut": Change("held shut", "shut", lambda graph, gate: clamped(graph, gate, is_open=False)),
        "removed": Change("removed", "removed", without),
    }
)
"""Name → change: menu, link value and test list at once."""

_CALLED = MappingProxyType(
    {"f": "forget gate", "i": "input gate", "o": "output gate", "z": "update gate", "r": "reset gate"}
)


def letter(graph: Graph, gate: str) -> str:
    """What a gate is called in all copies of its cell: f for f_1, f_2 and f_fwd."""
    return matrices(graph)[gate].base


@lru_cache(maxsize=1)
def letters() -> Mapping[str, str]:
    """The gates of all registered architectures, by letter, with their names; those that keep the past come first.

    Examples
    --------
    >>> list(letters().values())
    ['forget gate f', 'update gate z', 'output gate o', 'input gate i', 'reset gate r']
    """
    graphs = [_small(name) for name in ARCHITECTURES]
    found = [letter(graph, gate) for find in (keep_gates, gates) for graph in graphs for gate in find(graph)]
    return MappingProxyType({one: f"{_CALLED.get(one, 'gate')} {one}" for one in dict.fromkeys(found)})


@lru_cache(maxsize=1)
def gated_architectures() -> tuple[str, ...]:
    """The registered architectures that have a gate, in their order.

    Examples
    --------
    >>> gated_architectures()[0], "elman" in gated_architectures()
    ('lstm', False)
    """
    return tuple(name for name in ARCHITECTURES if gates(_small(name)))


def _small(name: str) -> Graph:
    return ARCHITECTURES[name].build(Shape(inputs=2, hidden=2, outputs=2))


def _products(graph: Graph, name: str) -> tuple[str, ...]:
    """Product layers of which a layer is a factor, at the same step, and not the only one."""
    return tuple(
        c.target
        for c in graph.outgoing(name)
        if _is_plain(c) and graph[c.target].combine == "product" and len(graph.incoming(c.target)) > 1
    )


def _is_plain(c: Connection) -> bool:
    return c.weight is None and c.delay == 0


def _reached_unchanged(graph: Graph, name: str) -> set[str]:
    """Layers that a layer reaches in the same step without a matrix and without squashing; itself too."""
    reached, waiting = set(), [name]
    while waiting:
        here = waiting.pop()
        if here in reached or graph[here].activation != "identity":
            continue
        reached.add(here)
        waiting += [c.target for c in graph.outgoing(here) if _is_plain(c) and graph[c.target].role != "loss"]
    return reached


def _check(graph: Graph, gate: str) -> None:
    if gate not in gates(graph):
        known = ", ".join(f"'{name}'" for name in gates(graph)) or "none"
        raise GraphError(f"There is no gate '{gate}' in {graph.name}; its gates are {known}.")
