"""Cells on top of each other, in one direction or both: a network in given sizes, and the sizes of a given one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from explorer.architectures import Architecture, Shape, bidirectional, stacked
from explorer.graph import Connection, Graph, Layer

MOST_LEVELS = 8

OUTPUTS: Mapping[str, str] = MappingProxyType(
    {"identity": "squared_error", "softmax": "cross_entropy", "sigmoid": "squared_error"}
)
"""How an output layer can squash → the error it is measured by. No file says which."""

_WIRINGS = (stacked, bidirectional)
_DIRECTIONS = (("",), ("_fwd", "_bwd"))


@dataclass(frozen=True, slots=True)
class Sizes:
    """What is left open by a kind of cell.

    Attributes
    ----------
    inputs : int
    hidden : tuple of int
        Units of a cell, for each level from below.
    directions : {1, 2}
    outputs : int or None
        None: there is no output layer, the network is read at the states on top.
    is_biased, is_output_biased : bool
    activation, output_activation : str
        φ, and what squashes y.
    """

    inputs: int
    hidden: tuple[int, ...]
    directions: int = 1
    outputs: int | None = None
    is_biased: bool = True
    is_output_biased: bool = True
    activation: str = "tanh"
    output_activation: str = "identity"

    @property
    def depth(self) -> int:
        return len(self.hidden)

    @property
    def top(self) -> int:
        """Numbers that the highest level hands on."""
        return self.hidden[-1] * self.directions


@dataclass(frozen=True, slots=True)
class Place:
    """One cell of a network: the level, the direction, what ends the names of its layers, and what it reads."""

    level: int
    direction: int
    tag: str
    below: tuple[str, ...]


def places(architecture: Architecture, sizes: Sizes) -> tuple[Place, ...]:
    """Every cell of a network, level by level from below, forwards before backwards."""
    found: list[Place] = []
    below: tuple[str, ...] = ("x",)
    for level in range(sizes.depth):
        mark = f"_{level + 1}" * (sizes.depth > 1)
        tags = [mark + end for end in _DIRECTIONS[sizes.directions - 1]]
        found += [Place(level, direction, tag, below) for direction, tag in enumerate(tags)]
        below = tuple(architecture.cell.output + tag for tag in tags)
    return tuple(found)


def tops(architecture: Architecture, sizes: Sizes) -> tuple[str, ...]:
    """The states that a network is read at: of the highest level, each direction."""
    return tuple(architecture.cell.output + place.tag for place in places(architecture, sizes)[-sizes.directions :])


def network(architecture: Architecture, sizes: Sizes) -> Graph:
    """Cells of an architecture in those sizes.

    Examples
    --------
    >>> from explorer.architectures import ARCHITECTURES
    >>> graph = network(ARCHITECTURES["lstm"], Sizes(inputs=3, hidden=(4, 2), directions=2))
    >>> graph["h_1_fwd"].size, graph["h_2_bwd"].size, "y" in graph
    (4, 2, False)
    """
    wiring = _WIRINGS[sizes.directions - 1]
    shape = Shape(
        inputs=sizes.inputs,
        hidden=1,
        outputs=sizes.outputs or 1,
        depth=sizes.depth,
        activation=sizes.activation,
        output_activation=sizes.output_activation,
        loss=OUTPUTS[sizes.output_activation],
    )
    title = architecture.title if sizes.directions == 1 else f"Bidirectional {architecture.title}"
    built = wiring(title, architecture.cell, shape)
    units = {
        layer.name + place.tag: sizes.hidden[place.level]
        for place in places(architecture, sizes)
        for layer in architecture.cell.layers
    }
    left_out = () if sizes.outputs else ("output", "loss")
    return Graph(
        title,
        tuple(_in_size(layer, units, sizes) for layer in built.layers if layer.role not in left_out),
        tuple(c for c in built.connections if built[c.target].role not in left_out),
    )


def sizes_of(graph: Graph, architecture: Architecture) -> Sizes | None:
    """The sizes in which an architecture is that graph; None: it is another network.

    When a layer is present is left open: no layout of weights says so.
    """
    for directions in (1, 2):
        for depth in range(1, MOST_LEVELS + 1):
            sizes = _measured(graph, architecture, Sizes(1, (1,) * depth, directions))
            if sizes is not None and _skeleton(network(architecture, sizes)) == _skeleton(graph):
                return sizes
    return None


def _in_size(layer: Layer, units: Mapping[str, int], sizes: Sizes) -> Layer:
    if layer.name in units:
        return replace(layer, size=units[layer.name], bias=layer.bias if sizes.is_biased else None)
    return layer if sizes.is_output_biased else replace(layer, bias=None)


def _measured(graph: Graph, architecture: Architecture, sizes: Sizes) -> Sizes | None:
    """What a graph's layers of the right names say about its sizes."""
    cells, found = architecture.cell, places(architecture, sizes)
    names = {layer.name + place.tag for place in found for layer in cells.layers}
    if "x" not in graph or not all(name in graph for name in names) or len(graph.with_role("output")) > 1:
        return None
    levels = {place.level: graph[cells.output + place.tag].size for place in found}
    squashed = [layer.name + found[0].tag for layer in cells.layers if layer.activation == "phi"]
    heads = graph.with_role("output")
    biased = [layer.name + found[0].tag for layer in cells.layers if layer.bias]
    head = heads[0] if heads else None
    if head is not None and head.activation not in OUTPUTS:
        return None
    return replace(
        sizes,
        inputs=graph["x"].size,
        hidden=tuple(levels[level] for level in range(sizes.depth)),
        outputs=head.size if head else None,
        is_biased=any(graph[name].bias for name in biased),
        is_output_biased=bool(head and head.bias) or head is None,
        activation=graph[squashed[0]].activation,
        output_activation=head.activation if head else "identity",
    )


def _skeleton(graph: Graph) -> tuple[frozenset[tuple[object, ...]], frozenset[Connection]]:
    """All of a graph that weights depend on."""
    kept = [layer for layer in graph.layers if layer.role != "loss"]
    return (
        frozenset((layer.name, layer.size, layer.activation, layer.combine, layer.bias) for layer in kept),
        frozenset(c for c in graph.connections if graph[c.target].role != "loss"),
    )
