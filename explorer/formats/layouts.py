"""The layouts of recurrent layers in files, as data: which gate stands where, and which way round.

A layout is a few rows. `parts` turns them into a table of blocks for a network of any depth, in one direction or both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from explorer.architectures import ARCHITECTURES, Architecture
from explorer.formats.labels import FRAMEWORKS, Framework, Labels
from explorer.formats.parts import Part, Span
from explorer.formats.stacks import Place, Sizes, places, tops
from explorer.graph import Graph

Side = Literal["input", "recurrent"]


@dataclass(frozen=True, slots=True)
class Gate:
    """A block of the arrays of a cell.

    Attributes
    ----------
    letter : str
        What the framework calls it.
    reads_below, reads_state : str
        The layers of the cell into which its two kernels lead: two layers only where the reset gate comes between.
    """

    letter: str
    reads_below: str
    reads_state: str

    def layer(self, side: Side) -> str:
        return self.reads_below if side == "input" else self.reads_state


@dataclass(frozen=True, slots=True)
class Held:
    """An array of a cell: the weights or the biases of one side, of all gates.

    Attributes
    ----------
    array : str
    side : {"input", "recurrent"}
    is_bias, is_transposed : bool
        Transposed: a row for each unit, a column for each number that it reads.
    row : int or None
        Of a bias: one row of a matrix.
    """

    array: str
    side: Side
    is_bias: bool = False
    is_transposed: bool = False
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """How a framework lays out one kind of recurrent layer.

    Attributes
    ----------
    title : str
    framework : str
        Key of `explorer.formats.labels.FRAMEWORKS`.
    architecture : str
        Key of `explorer.architectures.ARCHITECTURES`: whose cell it is.
    kind : str
        How the framework begins the names of such layers.
    gates : tuple of Gate
        In the order of the file.
    arrays : tuple of Held
    activations : tuple of str
        What φ can be in that framework; the first is usual.
    variant : str
        What the framework leaves to choice and calls it.
    """

    title: str
    framework: str
    architecture: str
    kind: str
    gates: tuple[Gate, ...]
    arrays: tuple[Held, ...]
    activations: tuple[str, ...]
    variant: str = ""

    @property
    def names(self) -> Framework:
        return FRAMEWORKS[self.framework]

    @property
    def cell_of(self) -> Architecture:
        return ARCHITECTURES[self.architecture]

    @property
    def is_transposed(self) -> bool:
        """Whether matrices have a row for each unit."""
        return self.arrays[0].is_transposed

    @property
    def order(self) -> str:
        """The gates as they stand in the file."""
        return " ".join(gate.letter for gate in self.gates)

    def array_for(self, side: Side) -> Held:
        """The matrix of one side."""
        return next(held for held in self.arrays if held.side == side and not held.is_bias)


def parts(layout: Layout, graph: Graph, sizes: Sizes, labels: Labels) -> tuple[Part, ...]:
    """Where every parameter of a network stands in a file of that layout.

    Examples
    --------
    >>> from explorer.formats.stacks import network
    >>> layout, sizes = LAYOUTS["pytorch_lstm"], Sizes(inputs=2, hidden=(3,))
    >>> graph = network(layout.cell_of, sizes)
    >>> found = parts(layout, graph, sizes, FRAMEWORKS["pytorch"].usual("lstm", (3,), 1))
    >>> [(part.parameter, part.place) for part in found if part.array == "rnn.weight_hh_l0"][1]
    ('W_hf', ((3, 6), (0, 3)))
    """
    found = [part for place in places(layout.cell_of, sizes) for part in _cell(layout, graph, sizes, labels, place)]
    return (*found, *(_head(layout, graph, sizes, labels) if sizes.outputs else ()))


def _cell(layout: Layout, graph: Graph, sizes: Sizes, labels: Labels, place: Place) -> Iterator[Part]:
    units = sizes.hidden[place.level]
    for held in layout.arrays:
        name = labels.cell(place.level, place.direction, held.array)
        for k, gate in enumerate(layout.gates):
            layer, block = gate.layer(held.side) + place.tag, (k * units, (k + 1) * units)
            if held.is_bias:
                bias = graph[layer].bias
                if bias is not None:
                    row = () if held.row is None else ((held.row, held.row + 1),)
                    yield Part(name, (*row, block), bias)
                continue
            sources = place.below if held.side == "input" else None
            yield from _matrix(graph, layer, sources, place.below, name, block, held.is_transposed)


def _matrix(
    graph: Graph,
    layer: str,
    sources: tuple[str, ...] | None,
    below: tuple[str, ...],
    name: str,
    block: Span,
    is_transposed: bool,
) -> Iterator[Part]:
    """The weights that lead into a layer from those sources; None: from its own cell, whatever is not below."""
    weighted = {c.source: c for c in graph.incoming(layer) if c.weight}
    first = 0
    for source in sources if sources is not None else [source for source in weighted if source not in below]:
        rows = (first, first + graph[source].size)
        weight = weighted[source].weight
        assert weight is not None
        yield Part(name, (block, rows) if is_transposed else (rows, block), weight, is_transposed)
        first = rows[1]


def _head(layout: Layout, graph: Graph, sizes: Sizes, labels: Labels) -> Iterator[Part]:
    matrix, bias = layout.names.head
    (head,) = graph.with_role("output")
    read = tops(layout.cell_of, sizes)
    yield from _matrix(graph, head.name, read, (), labels.output(matrix), (0, head.size), layout.is_transposed)
    if head.bias is not None:
        yield Part(labels.output(bias), ((0, head.size),), head.bias)


def _same(**layers: str) -> tuple[Gate, ...]:
    """Gates of which both kernels lead into one layer: letter in the file = layer of the cell."""
    return tuple(Gate(letter, layer, layer) for letter, layer in layers.items())


_PYTORCH = (
    Held("weight_ih", "input", is_transposed=True),
    Held("weight_hh", "recurrent", is_transposed=True),
    Held("bias_ih", "input", is_bias=True),
    Held("bias_hh", "recurrent", is_bias=True),
)
_KERAS_KERNELS = (Held("kernel", "input"), Held("recurrent_kernel", "recurrent"))
_KERAS = (*_KERAS_KERNELS, Held("bias", "input", is_bias=True))
_KERAS_TWO_BIASES = (
    *_KERAS_KERNELS,
    Held("bias", "input", is_bias=True, row=0),
    Held("bias", "recurrent", is_bias=True, row=1),
)
_RESET_LATER = Gate("n", "n", "q")
_ANY = ("tanh", "relu", "sigmoid")

LAYOUTS: Mapping[str, Layout] = MappingProxyType(
    {
        "pytorch_rnn": Layout("nn.RNN", "pytorch", "elman", "rnn", _same(h="h"), _PYTORCH, ("tanh", "relu")),
        "pytorch_lstm": Layout(
            "nn.LSTM", "pytorch", "lstm", "lstm", _same(i="i", f="f", g="g", o="o"), _PYTORCH, ("tanh",)
        ),
        "pytorch_gru": Layout(
            "nn.GRU",
            "pytorch",
            "gru_reset_after",
            "gru",
            (*_same(r="r", z="z"), _RESET_LATER),
            _PYTORCH,
            ("tanh",),
            "reset after the product, with a bias of its own (b_hn)",
        ),
        "keras_rnn": Layout("SimpleRNN", "keras", "elman", "simple_rnn", _same(h="h"), _KERAS, _ANY),
        "keras_lstm": Layout("LSTM", "keras", "lstm", "lstm", _same(i="i", f="f", c="g", o="o"), _KERAS, _ANY),
        "keras_gru_reset_after": Layout(
            "GRU",
            "keras",
            "gru_reset_after",
            "gru",
            (*_same(z="z", r="r"), Gate("h", "n", "q")),
            _KERAS_TWO_BIASES,
            _ANY,
            "reset_after=True: reset after the product, with two rows of biases",
        ),
        "keras_gru_reset_before": Layout(
            "GRU",
            "keras",
            "gru_reset_before",
            "gru",
            _same(z="z", r="r", h="n"),
            _KERAS,
            _ANY,
            "reset_after=False: reset before the product, with one row of biases",
        ),
    }
)
"""Name → layout of a recurrent layer in a framework."""
