"""How strongly each input still acts on each later state: ‖∂h_t/∂x_k‖, measured."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explorer.engine.activations import Array
from explorer.engine.backward import backward
from explorer.engine.inputs import whole_steps
from explorer.engine.schedule import schedule
from explorer.engine.timeline import frozen
from explorer.engine.trace import Trace
from explorer.graph import Graph

_MOST_NUMBERS = 500_000  # in one bundle of cotangents: what a processor keeps at hand
AFFORDABLE = 2e9
"""Multiplications that a page can wait for, about a third of a second."""


def read_out_layers(graph: Graph) -> tuple[str, ...]:
    """The computed layers that the output layers read: where a network keeps what it has to say.

    Where there are none, those whose error is measured.
    """
    outputs = {layer.name for layer in graph.with_role("output")}
    inputs = {layer.name for layer in graph.with_role("input")}
    judged = {layer.name for layer in graph.with_role("loss")}
    found = [
        [c.source for c in graph.connections if c.target in readers and c.source not in inputs]
        for readers in (outputs, judged)
    ]
    return tuple(dict.fromkeys(found[0] or found[1]))


def cost(trace: Trace) -> float:
    """About how many multiplications the whole matrix of influences takes: T²/2 steps back with one row a unit."""
    graph = trace.graph
    units = sum(graph[name].size for name in read_out_layers(graph))
    numbers = sum(shape[0] * shape[1] for shape in graph.parameter_shapes.values() if len(shape) == 2)
    return trace.steps**2 * units * numbers


def influence(trace: Trace, steps: Sequence[int] | None = None) -> Array:
    """Frobenius norms ‖∂h_t/∂x_k‖ of the read-out layers by all input layers, for a single sequence.

    Several backward passes are bundled: the identity at each step t, as that many cotangents, is propagated to every
    step k at once.

    Parameters
    ----------
    trace : Trace
        With a batch of one.
    steps : sequence of int, optional
        The steps t that are asked for, from 1 to T; all of them if left out.

    Returns
    -------
    (len(steps), T) array
        Column k - 1; for one-hot inputs, the derivative by all their units.

    Examples
    --------
    >>> from explorer import architectures, forward, initialize
    >>> graph = architectures.build("elman", inputs=3, hidden=2, outputs=3, activation="relu")
    >>> norms = influence(forward(graph, initialize(graph, 0), [[0], [2], [1]]))
    >>> norms.shape, bool(np.all(np.triu(norms, 1) == 0))
    ((3, 3), True)
    """
    if trace.batch != 1:
        raise ValueError(f"Influence is measured on one sequence at a time; the trace has {trace.batch}.")
    graph, total = trace.graph, trace.steps
    layers = read_out_layers(graph)
    units = sum(graph[name].size for name in layers)
    widest = max(part.width for part in schedule(graph)) + sum(layer.size for layer in graph.with_role("input"))
    together = max(1, min(total, _MOST_NUMBERS // (total * units * widest)))
    wanted = np.arange(total) if steps is None else np.array(whole_steps(steps, total, "States are at")) - 1
    norms = np.zeros((len(wanted), total))
    for first in range(0, len(wanted), together):
        chosen = wanted[first : first + together]
        gradients = backward(trace, _identities(trace, layers, units, chosen))
        squares = np.zeros((total, len(chosen) * units))
        for layer in graph.with_role("input"):
            squares += np.square(gradients[layer.name][1:]).sum(axis=-1)
        norms[first : first + together] = np.sqrt(squares.reshape(total, len(chosen), units).sum(axis=-1)).T
    return frozen(norms)


def _identities(trace: Trace, layers: tuple[str, ...], units: int, chosen: Array) -> dict[str, Array]:
    """For each chosen step (index t - 1) one cotangent for each unit of the layers, put at that step."""
    seeds, start = {}, 0
    for name in layers:
        size = trace.graph[name].size
        seed = np.zeros((trace.steps + 1, len(chosen), units, size), trace.dtype)
        seed[chosen + 1, np.arange(len(chosen)), start : start + size] = np.eye(size)
        seeds[name] = seed.reshape(trace.steps + 1, -1, size)
        start += size
    return seeds
