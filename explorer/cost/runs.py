"""The ways of training, run here and now while `tracemalloc` counts what they allocate.

A page never does this in the server's own process: see `explorer.cost.measuring`.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from explorer.cost.rows import buckets, mask
from explorer.cost.ways import Work
from explorer.engine.activations import Array
from explorer.engine.backward import backward
from explorer.engine.checkpoints import checkpointed
from explorer.engine.forward import forward
from explorer.engine.rtrl import rtrl
from explorer.engine.storage import STORAGES, Action
from explorer.engine.trace import Trace
from explorer.parameters import initialize

ENOUGH_STEPS = 200
"""What does not grow with the number of steps is measured over so many at most."""

TIMES = 3
"""So often rows are gone over; the quickest counts."""

Arrays = Mapping[str, Array]

BATCHES: Mapping[str, Callable[[Sequence[int]], Sequence[Sequence[int]]]] = MappingProxyType(
    {"together": lambda rows: [rows], "sorted": buckets}
)
"""What rows of unequal length are measured as → their lengths, batch by batch."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one way took.

    Attributes
    ----------
    way : str
    steps : int
        Over how many steps it was measured.
    kept : int or None
        Bytes of what is kept for the way back, when most is kept. None: there is no way back.
    peak : int
        Bytes that were allocated at most: these, gradients, and the work space of the loops.
    seconds : float
        While they were counted.
    most_held : int or None
        States and slices held at most, the given state among them, where the engine counts them.
    """

    way: str
    steps: int
    kept: int | None
    peak: int
    seconds: float
    most_held: int | None = None


def measure(name: str, work: Work) -> Measured:
    """Run a way once, here and now, with every allocation counted.

    Examples
    --------
    >>> from explorer.cost.measuring import network
    >>> found = measure("sqrt", Work(network("elman", 8, 1, "tanh", 100), 100, 4, window=20, slots=6))
    >>> found.most_held < 25, found.peak > 0
    (True, True)
    """
    steps = measured_steps(name, work)
    weights = initialize(work.graph, 0)
    x, aims = _given(work, steps)
    tracemalloc.start()
    try:
        began = time.perf_counter()
        kept, held = _RUNS[name](work, weights, x, aims)
        seconds = time.perf_counter() - began
        return Measured(name, steps, kept, tracemalloc.get_traced_memory()[1], seconds, held)
    finally:
        tracemalloc.stop()


def measure_rows(name: str, work: Work, rows: Sequence[int]) -> Measured:
    """Forward and back over rows of unequal length, as one masked batch or as sorted ones; the best of three times."""
    batches = BATCHES[name](rows)
    weights = initialize(work.graph, 0)
    tracemalloc.start()
    try:
        taken = []
        for _ in range(TIMES):
            began = time.perf_counter()
            for lengths in batches:
                own = replace(work, steps=max(lengths), batch=len(lengths))
                backward(forward(own.graph, weights, *_given(own, own.steps), mask=mask(lengths)))
            taken.append(time.perf_counter() - began)
        return Measured(name, work.steps, None, tracemalloc.get_traced_memory()[1], min(taken))
    finally:
        tracemalloc.stop()


def measured_steps(name: str, work: Work) -> int:
    """Over how many steps a way is measured."""
    return work.steps if name in (*STORAGES,) else min(work.steps, _LONG_ENOUGH[name](work))


_LONG_ENOUGH: Mapping[str, Callable[[Work], int]] = MappingProxyType(
    {
        "truncated": lambda work: max(ENOUGH_STEPS, 2 * work.window),
        "rtrl": lambda work: ENOUGH_STEPS // 10,
        "online": lambda work: ENOUGH_STEPS,
    }
)


def _given(work: Work, steps: int) -> tuple[Arrays, Arrays]:
    """Inputs and targets."""
    graph, errors = work.graph, work.graph.with_role("loss")
    return (
        {layer.name: _drawn(steps, work.batch, layer.size) for layer in graph.with_role("input")},
        {n.name: _drawn(steps, work.batch, graph[graph.incoming(n.name)[0].source].size) for n in errors},
    )


def _drawn(steps: int, batch: int, size: int) -> Array:
    return np.random.default_rng(0).random((steps, batch, size))


Run = Callable[[Work, Arrays, Arrays, Arrays], tuple[int | None, int | None]]
"""With weights, inputs and targets: bytes kept at most, and states held at most as the engine counts them."""


def _stored(actions: Callable[[Work], tuple[Action, ...]]) -> Run:
    def run(work: Work, weights: Arrays, x: Arrays, aims: Arrays) -> tuple[int, int]:
        found = checkpointed(work.graph, weights, x, aims, storage=actions(work))
        return found.most_bytes, found.most_held

    return run


def _in_pieces(window: Callable[[Work], int]) -> Run:
    def run(work: Work, weights: Arrays, x: Arrays, aims: Arrays) -> tuple[int, None]:
        states: Arrays = {}
        steps, every, kept = len(next(iter(x.values()))), min(window(work), work.steps), 0
        for start in range(0, steps, every):
            here = slice(start, start + every)
            read, asked = ({name: array[here] for name, array in given.items()} for given in (x, aims))
            trace = forward(work.graph, weights, read, asked, initial=states)
            kept = max(kept, _kept(trace))
            backward(trace)
            states = {name: trace[name][-1].copy() for name in work.graph.states if name not in trace.inputs}
            del trace
        return kept, None

    return run


def _kept(trace: Trace) -> int:
    """Bytes of the memory behind values and pre-activations, each piece of it once."""
    arrays = [*trace.pre.values(), *(value.array for value in trace.values.values())]
    owners = {id(owner): owner for owner in (array if array.base is None else array.base for array in arrays)}
    return sum(owner.nbytes for owner in owners.values())


def _rtrl(work: Work, weights: Arrays, x: Arrays, aims: Arrays) -> tuple[None, None]:
    rtrl(forward(work.graph, weights, x, aims))
    return None, None


_RUNS: Mapping[str, Run] = MappingProxyType(
    {
        "full": _in_pieces(lambda work: work.steps),
        "truncated": _in_pieces(lambda work: work.window),
        "sqrt": _stored(lambda work: STORAGES["sqrt"](work.steps)),
        "optimal": _stored(lambda work: STORAGES["optimal"](work.steps, min(work.slots, work.steps))),
        "rtrl": _rtrl,
        "online": _in_pieces(lambda work: 1),
    }
)
