"""What one slice of a network takes: numbers that are stored, and multiply–adds, counted from the graph alone.

A connection with a matrix of n × m numbers takes n·m multiply–adds for one row at one step; one that hands on unit by
unit (an identity, a diagonal) takes one for each of its m units. Backward the same matrix is used twice: for the
gradient of the weight, and for what is handed back to its source. Biases, activations and errors are not counted: they
grow with the units, not with their square.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from explorer.engine.rtrl import numbers
from explorer.engine.schedule import schedule
from explorer.graph import ALWAYS, Connection, Graph, Layer

FLOAT64 = np.dtype(np.float64).itemsize


@dataclass(frozen=True, slots=True)
class Slice:
    """What one slice takes for one row.

    Attributes
    ----------
    inside : int
        Numbers kept of a slice that is to be differentiated: value and pre-activation of every computed unit.
    state : int
        Numbers from which the next slice can be computed: units that are read across a delay, for as many steps as
        they are still read.
    sensitivities : int
        Numbers that real-time recurrent learning carries along: derivatives of units by parameters.
    carried : int
        Multiply–adds with which real-time recurrent learning brings its derivatives to the next step, and picks up the
        gradient.
    """

    inside: int
    state: int
    sensitivities: int
    carried: int


def slice_of(graph: Graph) -> Slice:
    """Count one slice of a network.

    Examples
    --------
    >>> from explorer import architectures
    >>> graph = architectures.build("elman", inputs=3, hidden=2, outputs=3)
    >>> found = slice_of(graph)
    >>> found.inside, found.state  # h and y twice; h
    (10, 2)
    """
    counted = [c for c in graph.connections if graph[c.target].role != "loss"]
    parameters = graph.parameter_count
    errors = sum(graph[c.source].size for c in graph.connections if graph[c.target].role == "loss")
    through = [c for c in counted if graph[c.source].role != "input"]
    units = sum(layer.size for layer in computed(graph))
    return Slice(
        inside=2 * units,
        state=sum(layer.size * furthest(graph, layer.name) for layer in computed(graph)),
        sensitivities=numbers(graph),
        carried=parameters * (sum(multiply_adds(graph, c) for c in through) + units + errors),
    )


@lru_cache(maxsize=1024)
def passes(graph: Graph, steps: int) -> tuple[int, int]:
    """Multiply–adds of one pass forward and one backward over a whole sequence, for one row.

    Examples
    --------
    >>> from explorer import architectures
    >>> graph = architectures.build("elman", inputs=3, hidden=2, outputs=3)
    >>> passes(graph, 1)  # 3 · 2 + 2 · 2 + 2 · 3; the input is given, so W_xh is used once on the way back
    (16, 26)
    """
    counted = [c for c in graph.connections if graph[c.target].role != "loss"]
    times = {c: copies(graph, c, steps) for c in counted}
    return (
        sum(times[c] * multiply_adds(graph, c) for c in counted),
        sum(times[c] * _backward(graph, c) for c in counted),
    )


def stored(graph: Graph, steps: int, batch: int = 1, itemsize: int = FLOAT64) -> int:
    """Bytes of a whole `explorer.engine.trace.Trace`: values and pre-activations, and the initial states at both ends.

    Examples
    --------
    >>> from explorer import architectures, forward, initialize
    >>> graph = architectures.build("lstm", inputs=3, hidden=2, outputs=3)
    >>> trace = forward(graph, initialize(graph, 0), np.zeros((7, 5, 3)))
    >>> stored(graph, 7, 5), sum(trace.values[n].array.nbytes + trace.pre[n].nbytes for n in trace.pre)
    (12600, 12600)
    """
    kept = sum(part.width * (2 * steps + part.lead + part.trail) for part in schedule(graph))
    return kept * batch * itemsize


def multiply_adds(graph: Graph, c: Connection) -> int:
    """Of one copy of a connection, forward, for one row."""
    source, target = graph[c.source], graph[c.target]
    return target.size if c.keeps_units else source.size * target.size


def computed(graph: Graph) -> list[Layer]:
    """Layers that are neither given nor errors."""
    return [layer for layer in graph.layers if layer.role not in ("input", "loss")]


def furthest(graph: Graph, name: str) -> int:
    """Steps for which a layer is still read, 0 if only within its own slice."""
    return max(0, *(c.delay for c in graph.outgoing(name)), 0)


def copies(graph: Graph, c: Connection, steps: int) -> int:
    """How many copies a connection has: one for each step at which its target reads something that exists."""
    source, target = graph[c.source].presence, graph[c.target].presence
    if source == target == ALWAYS:
        return steps
    there = source.steps(steps)
    return sum(1 for t in target.steps(steps) if t - c.delay in there or not 1 <= t - c.delay <= steps)


def _backward(graph: Graph, c: Connection) -> int:
    """For the gradient of its weight, and for what it hands back to a source that is computed."""
    times = (c.weight is not None) + (graph[c.source].role != "input")
    return times * multiply_adds(graph, c)
