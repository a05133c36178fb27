"""Hypothesis strategies: random delay graphs, legal or illegal by construction, and what to run them on.

A graph is legal by construction as follows. Layers are ranked and grouped into blocks; a connection runs inside a
block or from an earlier block to a later one. Each block has a direction in time and each layer a shift, and an inner
connection u → v is given the delay ``direction * (gap + shift[u] - shift[v])`` with gap ≥ 0, and gap ≥ 1 unless u
ranks before v. Around any cycle the shifts cancel and the gaps add up to something positive. Shifts other than zero
give components that mix delays of both signs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from explorer.architectures import ARCHITECTURES, build
from explorer.engine.activations import ACTIVATIONS, SQUASHING
from explorer.engine.forward import forward
from explorer.engine.trace import Trace
from explorer.graph import ALWAYS, Connection, Graph, Layer, Presence
from tests.reference import Case, interpret

DELAYS = range(-3, 5)
GRID = [(name, depth, phi) for name in ARCHITECTURES for depth in (1, 2) for phi in SQUASHING]
"""Every registered architecture, one and two cells deep, with every squashing function."""

SIZES = st.sampled_from([2, 2, 2, 3, 1])
LARGEST = 100.0
INNER_ACTIVATIONS = tuple(ACTIVATIONS)
SMOOTH_ACTIVATIONS = ("tanh", "sigmoid", "identity", "one_minus", "softmax")

presences = st.one_of(
    st.just(ALWAYS),
    st.just(ALWAYS),
    st.builds(
        Presence,
        first=st.sampled_from([1, 2, 3, -1, -2]),
        last=st.sampled_from([-1, -1, -2, 2, 4]),
        every=st.integers(1, 3),
    ),
)
"""Mostly always; else some steps, possibly none at all."""


@dataclass
class _Plan:
    """What the delays of a legal graph are made from."""

    block: list[int]
    direction: list[int]
    shift: list[int]
    rings: bool

    def delay(self, source: int, target: int, gap: int) -> int:
        """Delay of a connection inside a block."""
        gap = max(gap, int(source >= target))
        return self.direction[self.block[target]] * (gap + self.shift[source] - self.shift[target])


@st.composite
def delay_graphs(
    draw: Any,
    *,
    inner: int = 5,
    retimed: bool | None = None,
    always: bool = False,
    activations: tuple[str, ...] = INNER_ACTIVATIONS,
) -> Graph:
    """Legal graphs of at most 2 inputs, `inner` computed layers and 2 losses.

    Parameters
    ----------
    inner : int
        Computed layers at most.
    retimed : bool, optional
        Whether components mix delays of both signs; None leaves it open.
    always : bool
        Every layer is present at every step.
    activations : tuple of str
        To choose from.
    """
    when = st.just(ALWAYS) if always else presences
    inputs = [Layer(f"x{i}", draw(SIZES), role="input", presence=draw(when)) for i in range(draw(st.integers(1, 2)))]
    inside = [draw(_computed(f"v{i}", when, activations)) for i in range(draw(st.integers(1, inner)))]
    plan = draw(_plans(len(inside), retimed))
    links = [
        draw(_connections(inputs, inside, plan, rank, sources))
        for rank in range(len(inside))
        for sources in draw(st.lists(st.just(_sources(inputs, plan, rank)), min_size=1, max_size=3)) + _ring(plan, rank)
    ]
    losses, readers = draw(_losses(inside, when))
    layers = draw(st.permutations([*inputs, *inside, *losses]))
    connections = draw(st.permutations([*dict.fromkeys(c for c in links if c is not None), *readers]))
    return Graph("random", tuple(layers), tuple(connections))


@st.composite
def _computed(draw: Any, name: str, when: Any, activations: tuple[str, ...]) -> Layer:
    size, combine = draw(SIZES), draw(st.sampled_from(["sum", "sum", "product"]))
    biases = [f"b{size}_0", f"b{size}_1", f"d{size}_0"] * (combine == "sum")  # few names: many are shared
    return Layer(
        name,
        size,
        draw(st.sampled_from(activations)),
        combine=combine,
        bias=draw(st.sampled_from([None, *biases])),
        presence=draw(when),
    )


@st.composite
def _plans(draw: Any, count: int, retimed: bool | None) -> _Plan:
    starts = [0] + [draw(st.sampled_from([0, 0, 1])) for _ in range(count - 1)]
    block = [int(number) for number in np.cumsum(starts)]
    shifts = st.integers(-2, 2) if (draw(st.booleans()) if retimed is None else retimed) else st.just(0)
    return _Plan(
        block=block,
        direction=[draw(st.sampled_from([1, 1, -1])) for _ in range(block[-1] + 1)],
        shift=[draw(shifts) for _ in range(count)],
        rings=draw(st.booleans()),
    )


def _sources(inputs: list[Layer], plan: _Plan, rank: int) -> list[int]:
    """Layers that a layer may read: inputs, as negative numbers, and ranks of its own and earlier blocks."""
    return [*range(-len(inputs), 0), *(i for i, block in enumerate(plan.block) if block <= plan.block[rank])]


def _ring(plan: _Plan, rank: int) -> list[list[int]]:
    """The layer before in the same block, the last before the first, if blocks are to be cycles."""
    own = [i for i, block in enumerate(plan.block) if block == plan.block[rank]]
    return [[own[own.index(rank) - 1]]] if plan.rings else []


@st.composite
def _connections(
    draw: Any, inputs: list[Layer], inside: list[Layer], plan: _Plan, rank: int, sources: list[int]
) -> Connection | None:
    """A connection into a computed layer from one of the sources; None if the draw does not fit."""
    target = inside[rank]
    chosen = draw(st.sampled_from(sources))
    source = inputs[chosen] if chosen < 0 else inside[chosen]
    if chosen >= 0 and plan.block[chosen] == plan.block[rank]:
        delay = plan.delay(chosen, rank, draw(st.integers(0, 2)))
    else:
        delay = draw(st.sampled_from(DELAYS))
    kinds = ["matrix"] * (target.combine == "sum") + ["identity", "diagonal"] * (source.size == target.size)
    if delay not in DELAYS or not kinds:
        return None
    kind, number = draw(st.sampled_from(kinds)), draw(st.integers(0, 2))
    weight = {"matrix": f"W{source.size}{target.size}_{number}", "diagonal": f"d{target.size}_{number}"}.get(kind)
    return Connection(source.name, target.name, weight, diagonal=kind == "diagonal", delay=delay)


@st.composite
def _losses(draw: Any, inside: list[Layer], when: Any) -> tuple[list[Layer], list[Connection]]:
    layers, readers = [], []
    for i in range(draw(st.integers(1, 2))):
        output = draw(st.sampled_from(inside))
        kinds = ["squared_error"] + ["cross_entropy"] * (output.activation == "softmax")
        layers.append(Layer(f"E{i}", 1, draw(st.sampled_from(kinds)), role="loss", presence=draw(when)))
        readers.append(Connection(output.name, f"E{i}"))
    return layers, readers


@st.composite
def illegal_graphs(draw: Any) -> Graph:
    """Graphs with a closed walk of total delay zero: alone, or made of a cycle each way in time."""
    count = draw(st.integers(1, 4))
    layers = tuple(Layer(f"v{i}", 2, "tanh") for i in range(count))
    ring = [
        Connection(f"v{i}", f"v{(i + 1) % count}", f"W{i}", delay=draw(st.sampled_from(DELAYS))) for i in range(count)
    ]
    total = sum(c.delay for c in ring)
    if total:  # close the ring a second time, so that the two together, or the second alone, stand still
        there = ring[-1]
        second = draw(st.sampled_from([there.delay - total, there.delay - 2 * total]))
        ring.append(Connection(there.source, there.target, "again", delay=second))
    return Graph("illegal", layers, tuple(draw(st.permutations(ring))))


@st.composite
def any_delay_graphs(draw: Any) -> Graph:
    """Small graphs with any delays at all, legal or not."""
    count = draw(st.integers(1, 4))
    layers = tuple(Layer(f"v{i}", 2, "tanh") for i in range(count))
    ends = st.integers(0, count - 1)
    drawn = draw(st.lists(st.tuples(ends, ends, st.integers(-2, 3)), max_size=7))
    links = (Connection(f"v{u}", f"v{v}", f"W{u}{v}", delay=d) for u, v, d in drawn)
    return Graph("any", layers, tuple(dict.fromkeys(links)))


@st.composite
def cases(draw: Any, graphs: Any, *, max_steps: int = 6, masked: bool | None = None) -> Case:
    """A graph with random parameters, inputs (tokens or vectors), targets, initial states and, or not, a mask.

    Cases whose values explode are left out: relu and products can grow doubly exponentially, and rounding with them.
    """
    steps = draw(st.sampled_from(range(1, max_steps + 1)))
    graph = draw(graphs)
    tokens = draw(st.sets(st.sampled_from([layer.name for layer in graph.layers])))
    case = make_case(
        graph,
        steps=steps,
        batch=draw(st.integers(1, 3)),
        seed=draw(st.integers(0, 2**16)),
        tokens=tokens,
        masked=draw(st.booleans()) if masked is None else masked,
        started=draw(st.booleans()),
    )
    assume(all(np.abs(value).max() < LARGEST for value in interpret(case).values.values()))
    return case


def make_case(
    graph: Graph,
    steps: int,
    batch: int,
    seed: int = 0,
    *,
    tokens: Any = (),
    masked: bool = False,
    started: bool = False,
    scale: float = 0.6,
) -> Case:
    """A graph with numbers from a seed.

    Parameters
    ----------
    graph : Graph
    steps, batch, seed : int
    tokens : container of str
        Input and loss layers that get tokens; the others get vectors.
    masked : bool
        Any row may lack any step.
    started : bool
        Every computed layer has an initial state other than zero.
    scale : float
        Standard deviation of the parameters.
    """
    rng = np.random.default_rng(seed)

    def sequence(name: str, layer: Layer) -> Any:
        if name in tokens:
            return rng.integers(0, layer.size, (steps, batch))
        if graph[name].role == "loss" and graph[name].activation == "cross_entropy":
            return rng.exponential(size=(steps, batch, layer.size))  # weights need not sum to 1
        return rng.standard_normal((steps, batch, layer.size))

    return Case(
        graph=graph,
        steps=steps,
        batch=batch,
        parameters={n: scale * rng.standard_normal(shape) for n, shape in graph.parameter_shapes.items()},
        inputs={layer.name: sequence(layer.name, layer) for layer in graph.with_role("input")},
        targets={
            layer.name: sequence(layer.name, graph[graph.incoming(layer.name)[0].source])
            for layer in graph.with_role("loss")
        },
        mask=rng.random((steps, batch)) < 0.7 if masked else None,
        initial={v.name: rng.standard_normal((batch, v.size)) for v in computed(graph)} if started else {},
    )


def architecture_case(name: str, depth: int = 1, phi: str = "tanh", *, steps: int = 5, **options: Any) -> Case:
    """A registered architecture on two rows of tokens; encoder and decoder get 2 steps and the rest."""
    graph = build(name, inputs=4, hidden=3, outputs=5, depth=depth, activation=phi, source_steps=2)
    return make_case(graph, steps, batch=2, tokens=["x", "s", "E"], **options)


def run(case: Case, **options: Any) -> Trace:
    """The engine's forward pass on a case."""
    return forward(
        case.graph,
        case.parameters,
        case.inputs,
        case.targets or None,
        mask=case.mask,
        initial=case.initial or None,
        **options,
    )


def computed(graph: Graph) -> list[Layer]:
    """Layers that are neither given nor losses."""
    return [layer for layer in graph.layers if layer.role not in ("input", "loss")]
