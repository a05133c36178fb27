"""Recurrent architectures as data: cells of a few lines, and the ways in which cells are wired together.

A cell is written once, with ``x`` for whatever it reads from below, ``y`` for the network's output and ``phi``
for the squashing function. Wiring places copies of it: stacked, in both directions of time, or as encoder and
decoder. To add an architecture, add one entry to `ARCHITECTURES`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType

from explorer.documents import MARK, from_link
from explorer.fitting import fitted
from explorer.graph import ALWAYS, Combine, Connection, Graph, GraphError, Layer, Presence, Role

PHI = "phi"
"""Stands for the squashing function until a cell is placed."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Layers (sizes filled in when placed) and connections of one recurrent cell; `output` is what the next reads."""

    layers: tuple[Layer, ...]
    connections: tuple[Connection, ...]
    output: str = "h"


@dataclass(frozen=True, slots=True)
class Shape:
    """What an architecture leaves open.

    Attributes
    ----------
    inputs, hidden, outputs : int
        Units of x, of every hidden layer, and of y.
    depth : int
        Cells stacked on top of each other.
    activation : str
        The squashing function phi.
    output_activation, loss : str
        How y is computed and what it is compared by.
    source_steps : int
        Steps read by an encoder before its decoder starts.
    answers : Presence
        Steps at which an output is asked for; a decoder answers at its own.
    """

    inputs: int
    hidden: int
    outputs: int
    depth: int = 1
    activation: str = "tanh"
    output_activation: str = "softmax"
    loss: str = "cross_entropy"
    source_steps: int = 3
    answers: Presence = ALWAYS


@dataclass(frozen=True, slots=True)
class Architecture:
    """An entry of the registry: a title, a cell, a wiring, and where the form comes from."""

    title: str
    cell: Cell
    wiring: Callable[[str, Cell, Shape], Graph]
    source: str

    @property
    def is_drawn(self) -> bool:
        """Whether a learner has drawn it, so that its sizes and functions are its own."""
        return False

    def build(self, shape: Shape) -> Graph:
        """The delay graph of this architecture in the given sizes."""
        if shape.depth < 1:
            raise GraphError(f"A network has at least 1 layer of cells; depth={shape.depth} was given.")
        return self.wiring(self.title, self.cell, shape)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A learner's own network, where a registered architecture could stand."""

    graph: Graph

    @property
    def title(self) -> str:
        return self.graph.name

    @property
    def is_drawn(self) -> bool:
        return True

    def build(self, shape: Shape) -> Graph:
        """The network for sequences of that shape; hidden sizes, depth and φ are what was drawn."""
        return fitted(
            self.graph,
            shape.inputs,
            shape.outputs,
            shape.output_activation,
            shape.loss,
            shape.answers,
            shape.source_steps,
        )


def _unit(name: str, activation: str = PHI, role: Role = "hidden") -> Layer:
    return Layer(name, 1, activation, bias=f"b_{name}", role=role)


def _gate(name: str) -> Layer:
    return _unit(name, "sigmoid", "gate")


def _joined(name: str, combine: Combine = "sum", activation: str = "identity", role: Role = "hidden") -> Layer:
    return Layer(name, 1, activation, combine=combine, role=role)


def _reads(target: str, **weights: str) -> tuple[Connection, ...]:
    """Connections into a unit: x from below in the same step, everything else from the step before."""
    return tuple(Connection(source, target, weight, delay=source != "x") for source, weight in weights.items())


def _joins(target: str, *sources: str) -> tuple[Connection, ...]:
    """Identity connections; a trailing ``-1`` reads the step before."""
    return tuple(Connection(source.removesuffix("-1"), target, delay=int(source.endswith("-1"))) for source in sources)


ELMAN = Cell(
    layers=(_unit("h", role="state"),),
    connections=_reads("h", x="W_xh", h="W_hh"),
)

JORDAN = Cell(
    layers=(_unit("h"),),
    connections=_reads("h", x="W_xh", y="W_yh"),
)

TAPPED = Cell(
    layers=(_unit("h", role="state"),),
    connections=(*_reads("h", x="W_xh", h="W_hh"), Connection("h", "h", "W_hh2", delay=2)),
)

LSTM = Cell(
    layers=(
        _gate("o"),
        _gate("i"),
        _gate("f"),
        _unit("g"),
        _joined("fc", "product"),
        _joined("ig", "product"),
        _joined("c", role="state"),
        _joined("m", activation=PHI),
        _joined("h", "product", role="state"),
    ),
    connections=(
        *_reads("g", x="W_xg", h="W_hg"),
        *_reads("i", x="W_xi", h="W_hi"),
        *_reads("f", x="W_xf", h="W_hf"),
        *_reads("o", x="W_xo", h="W_ho"),
        *_joins("fc", "f", "c-1"),
        *_joins("ig", "i", "g"),
        *_joins("c", "fc", "ig"),
        *_joins("m", "c"),
        *_joins("h", "o", "m"),
    ),
)

LSTM_PEEPHOLE = replace(
    LSTM,
    connections=(
        *LSTM.connections,
        Connection("c", "i", "W_ci", diagonal=True, delay=1),
        Connection("c", "f", "W_cf", diagonal=True, delay=1),
        Connection("c", "o", "W_co", diagonal=True),
    ),
)

_GRU_GATES = (
    *_reads("z", x="W_xz", h="W_hz"),
    *_reads("r", x="W_xr", h="W_hr"),
    *_joins("zh", "z", "h-1"),
    Connection("z", "u"),
    *_joins("un", "u", "n"),
    *_joins("h", "zh", "un"),
)

_GRU_OUTPUT = (
    _joined("u", activation="one_minus"),
    _joined("zh", "product"),
    _joined("un", "product"),
    _joined("h", role="state"),
)

GRU_RESET_BEFORE = Cell(
    layers=(_gate("z"), _gate("r"), _joined("rh", "product"), _unit("n"), *_GRU_OUTPUT),
    connections=(
        *_GRU_GATES,
        *_joins("rh", "r", "h-1"),
        Connection("x", "n", "W_xn"),
        Connection("rh", "n", "W_hn"),
    ),
)

GRU_RESET_AFTER = Cell(
    layers=(
        _gate("z"),
        _gate("r"),
        replace(_unit("q", "identity"), bias="b_hn"),
        _joined("rq", "product"),
        _unit("n"),
        *_GRU_OUTPUT,
    ),
    connections=(
        *_GRU_GATES,
        Connection("h", "q", "W_hn", delay=1),
        *_joins("rq", "r", "q"),
        Connection("x", "n", "W_xn"),
        Connection("rq", "n"),
    ),
)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a copy of a cell goes: what it reads, how it is tagged, and which way its time runs."""

    below: tuple[str, ...]
    tag: str
    direction: int = 1
    presence: Presence = ALWAYS


def _placed(cell: Cell, shape: Shape, place: _Place) -> tuple[list[Layer], list[Connection]]:
    own = {layer.name: layer.name + place.tag for layer in cell.layers}

    def tagged(name: str | None) -> str | None:
        return name and name + place.tag

    layers = [
        replace(
            layer,
            name=own[layer.name],
            size=shape.hidden,
            activation=shape.activation if layer.activation == PHI else layer.activation,
            bias=tagged(layer.bias),
            presence=place.presence,
        )
        for layer in cell.layers
    ]
    connections = []
    for c in cell.connections:
        moved = replace(c, target=own[c.target], weight=tagged(c.weight), delay=place.direction * c.delay)
        if c.source == "x":
            connections += [
                replace(moved, source=name, weight=f"{moved.weight}{_source_tag(name, place)}") for name in place.below
            ]
        else:
            connections.append(replace(moved, source=own.get(c.source, c.source)))
    return layers, connections


def _source_tag(name: str, place: _Place) -> str:
    return "" if len(place.below) == 1 else "_from" + name.removeprefix("h")


def _head(
    shape: Shape, tops: tuple[str, ...], presence: Presence, below: Sequence[Connection] = ()
) -> tuple[list[Layer], list[Connection]]:
    """Output y and error E on top of the last cells; a y that some of the connections below read is always there."""
    fed_back = any(c.source == "y" for c in below)
    layers = [
        Layer(
            "y",
            shape.outputs,
            shape.output_activation,
            bias="b_y",
            role="output",
            presence=ALWAYS if fed_back else presence,
        ),
        Layer("E", 1, shape.loss, role="loss", presence=presence),
    ]
    readers = [Connection(top, "y", "W_hy" + ("" if len(tops) == 1 else top.removeprefix("h"))) for top in tops]
    return layers, [*readers, Connection("y", "E")]


def _level_tag(level: int, shape: Shape) -> str:
    return "" if shape.depth == 1 else f"_{level}"


def stacked(title: str, cell: Cell, shape: Shape) -> Graph:
    """Cells on top of each other: each reads the one below in the same step."""
    layers, connections = [Layer("x", shape.inputs, role="input")], []
    below = "x"
    for level in range(1, shape.depth + 1):
        tag = _level_tag(level, shape)
        more, links = _placed(cell, shape, _Place((below,), tag))
        layers += more
        connections += links
        below = cell.output + tag
    more, links = _head(shape, (below,), shape.answers, connections)
    return Graph(title, (*layers, *more), (*connections, *links))


def bidirectional(title: str, cell: Cell, shape: Shape) -> Graph:
    """At each level one cell runs forward in time and one backward (delay -1); the next level reads both."""
    layers, connections = [Layer("x", shape.inputs, role="input")], []
    below: tuple[str, ...] = ("x",)
    for level in range(1, shape.depth + 1):
        tags = {direction: f"{_level_tag(level, shape)}_{name}" for direction, name in ((1, "fwd"), (-1, "bwd"))}
        for direction, tag in tags.items():
            more, links = _placed(cell, shape, _Place(below, tag, direction))
            layers += more
            connections += links
        below = tuple(cell.output + tag for tag in tags.values())
    more, links = _head(shape, below, shape.answers, connections)
    return Graph(title, (*layers, *more), (*connections, *links))


def encoder_decoder(title: str, cell: Cell, shape: Shape) -> Graph:
    """An encoder reads the first steps; a decoder with weights of its own takes over its state and answers.

    The hand-over is nothing but presence: wherever the decoder reads its own past it also reads the encoder's,
    through the same weight, and at any step only one of the two exists.
    """
    early, late = Presence(last=shape.source_steps), Presence(first=shape.source_steps + 1)
    layers = [
        Layer("x", shape.inputs, role="input", presence=early),
        Layer("s", shape.outputs, role="input", presence=late),
    ]
    connections: list[Connection] = []
    below = {"enc": "x", "dec": "s"}
    for level in range(1, shape.depth + 1):
        tags = {part: f"{_level_tag(level, shape)}_{part}" for part in below}
        for part, presence in (("enc", early), ("dec", late)):
            more, links = _placed(cell, shape, _Place((below[part],), tags[part], presence=presence))
            layers += more
            connections += links
            if part == "dec":
                own = {layer.name + tags["dec"]: layer.name + tags["enc"] for layer in cell.layers}
                connections += [replace(c, source=own[c.source]) for c in links if c.delay and c.source in own]
            below[part] = cell.output + tags[part]
    more, links = _head(shape, (below["dec"],), late)
    return Graph(title, (*layers, *more), (*connections, *links))


ARCHITECTURES: Mapping[str, Architecture] = MappingProxyType(
    {
        "elman": Architecture("Elman", ELMAN, stacked, "Elman 1990"),
        "jordan": Architecture("Jordan", JORDAN, stacked, "Jordan 1986"),
        "lstm": Architecture("LSTM", LSTM, stacked, "Hochreiter & Schmidhuber 1997; Gers et al. 2000"),
        "lstm_peephole": Architecture("LSTM with peepholes", LSTM_PEEPHOLE, stacked, "Gers & Schmidhuber 2000"),
        "gru_reset_before": Architecture("GRU, reset before product", GRU_RESET_BEFORE, stacked, "Cho et al. 2014"),
        "gru_reset_after": Architecture("GRU, reset after product", GRU_RESET_AFTER, stacked, "cuDNN form, 2016"),
        "tapped": Architecture("Tapped delays 1 and 2", TAPPED, stacked, "Lin et al. 1996"),
        "bidirectional": Architecture("Bidirectional Elman", ELMAN, bidirectional, "Schuster & Paliwal 1997"),
        "bidirectional_lstm": Architecture("Bidirectional LSTM", LSTM, bidirectional, "Graves & Schmidhuber 2005"),
        "encoder_decoder": Architecture("Encoder–decoder, Elman", ELMAN, encoder_decoder, "Sutskever et al. 2014"),
        "encoder_decoder_gru": Architecture(
            "Encoder–decoder, GRU", GRU_RESET_BEFORE, encoder_decoder, "Cho et al. 2014"
        ),
    }
)


@lru_cache(maxsize=64)
def architecture(name: str) -> Architecture | Drawn:
    """A registered architecture, or the network that a name made by `explorer.documents.to_link` stands for.

    Raises
    ------
    GraphError
        If there is none of that name, or the network cannot be unrolled.

    Examples
    --------
    >>> from explorer.documents import to_link
    >>> from explorer.drafts import STARTER
    >>> architecture("lstm").title, architecture(to_link(STARTER)).title
    ('LSTM', 'Two layers and a skip')
    """
    if name in ARCHITECTURES:
        return ARCHITECTURES[name]
    if name.startswith(MARK):
        return Drawn(from_link(name).graph())
    raise GraphError(f"There is no architecture '{name}'; choose one of {', '.join(ARCHITECTURES)}.")


def build(name: str, /, inputs: int, hidden: int, outputs: int, **options: int | str | Presence) -> Graph:
    """Build a registered architecture.

    Parameters
    ----------
    name : str
        A key of `ARCHITECTURES`, or a name made by `explorer.documents.to_link`.
    inputs, hidden, outputs : int
        Units of x, of every hidden layer, and of y.
    **options
        Any other field of `Shape`: depth, activation, output_activation, loss, source_steps, answers.

    Raises
    ------
    GraphError
        If the name is not registered or a size is not legal.

    Examples
    --------
    >>> graph = build("gru_reset_after", inputs=10, hidden=8, outputs=10, depth=2)
    >>> graph.states, graph.parameter_shapes["W_hn_2"]
    (('h_1', 'h_2'), (8, 8))
    """
    return architecture(name).build(Shape(inputs, hidden, outputs, **options))  # type: ignore[arg-type]
