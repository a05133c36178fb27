"""Backpropagation through time with checkpoints: less memory for one more forward pass (Chen et al. 2016)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isqrt
from typing import Any

import numpy as np

from explorer.engine.activations import Array
from explorer.engine.backward import backward
from explorer.engine.forward import forward
from explorer.engine.inputs import as_array
from explorer.engine.timeline import frozen
from explorer.engine.trace import Trace
from explorer.graph import ALWAYS, Graph, GraphError, ReadOnly, is_whole


@dataclass(frozen=True, eq=False)
class Checkpointed:
    """A gradient found piece by piece, and what that took, counted while it ran.

    Attributes
    ----------
    weights : mapping of str to array
        ∂L/∂W, as from an ordinary backward pass.
    initial : mapping of str to array
        ∂L/∂(initial state) of the layers that are read across a delay, (B, size).
    loss : float
    every : int
        Steps in a segment.
    segments, stored_states : int
        How many segments there are, and how many of their first states were stored: one less.
    extra_steps : int
        Forward steps that were computed beyond one for each step of the sequence.
    most_held : int
        States that were held at once at most: first states of segments, the given one among them, and the inside of
        one segment.
    most_bytes, whole_bytes : int
        What values and pre-activations took at most, the stored states among them, and what all steps at once take.
    """

    weights: Mapping[str, Array]
    initial: Mapping[str, Array]
    loss: float
    every: int
    segments: int
    stored_states: int
    extra_steps: int
    most_held: int
    most_bytes: int
    whole_bytes: int


def checkpointed(
    graph: Graph,
    parameters: Mapping[str, Array],
    inputs: Mapping[str, Any] | Any,
    targets: Mapping[str, Any] | Any,
    every: int | None = None,
    *,
    initial: Mapping[str, Any] | None = None,
    dtype: Any = np.float64,
) -> Checkpointed:
    """Differentiate L without ever holding all steps.

    Forward, only the state at the end of each segment is stored. Then segment by segment, the last first: its inside
    is computed again and differentiated, together with what the segments after it hand back to its end.

    Parameters
    ----------
    graph, parameters, inputs, targets, initial, dtype
        As for `explorer.engine.forward.forward`. The graph's delays are 0 or 1 and its layers are always present.
    every : int, optional
        Steps in a segment; ⌈√T⌉ if left out, for which states and inside take the least together.

    Examples
    --------
    >>> from explorer import architectures, backward, initialize
    >>> graph = architectures.build("elman", inputs=3, hidden=2, outputs=3)
    >>> weights, x, aims = initialize(graph, 0), np.arange(10).reshape(10, 1) % 3, np.ones((10, 1), int)
    >>> found = checkpointed(graph, weights, x, aims)
    >>> found.every, found.segments, found.stored_states, found.extra_steps, found.most_held
    (4, 3, 2, 8, 7)
    >>> expected = backward(forward(graph, weights, x, aims)).weights["W_hh"]
    >>> np.allclose(found.weights["W_hh"], expected, rtol=1e-12), found.most_bytes < found.whole_bytes
    (True, True)
    """
    _check_graph(graph)
    given = _named(inputs, [layer.name for layer in graph.with_role("input")], "Input")
    aims = _named(targets, [layer.name for layer in graph.with_role("loss")], "The array of targets for")
    steps = _common_length((*given.values(), *aims.values()))
    every = _checked_every(every, steps)
    starts = range(0, steps, every)

    def segment(start: int, states: Mapping[str, Any]) -> Trace:
        inside = slice(start, start + every)
        x, y = ({name: array[inside] for name, array in arrays.items()} for arrays in (given, aims))
        return forward(graph, parameters, x, y, initial=states, dtype=dtype)

    count, states = _Count(), [dict(initial or {})]  # the first states of segments that are still to be done
    for start in starts[:-1]:
        trace = segment(start, states[-1])
        states.append(_last_states(trace))
        count.looks(states, trace)
    stored = len(states) - 1
    weights: dict[str, Array] = {}
    handed: dict[str, Array] = {}
    loss, whole_bytes = 0.0, 0
    for start in reversed(starts):
        trace = segment(start, states[-1])
        count.looks(states, trace)
        gradients = backward(trace, _at_the_end(trace, handed) or None, with_errors=True)
        for name, gradient in gradients.weights.items():
            weights[name] = weights[name] + gradient if name in weights else gradient
        handed = {name: gradients.initial[name] for name in graph.states}
        loss += trace.loss
        whole_bytes += _bytes(trace)
        states.pop()
    return Checkpointed(
        weights=ReadOnly({name: frozen(gradient) for name, gradient in weights.items()}),
        initial=ReadOnly(handed),
        loss=loss,
        every=every,
        segments=len(starts),
        stored_states=stored,
        extra_steps=count.steps - steps,
        most_held=count.held,
        most_bytes=count.bytes,
        whole_bytes=whole_bytes,
    )


class _Count:
    """What is run and held, counted after each segment while all of it is still there."""

    def __init__(self) -> None:
        self.steps = self.held = self.bytes = 0

    def looks(self, states: Sequence[Mapping[str, Any]], trace: Trace) -> None:
        """At the first states of segments, the given one first, and at the inside of the segment just run."""
        self.steps += trace.steps
        self.held = max(self.held, len(states) + trace.steps)
        stored = sum(array.nbytes for held in states[1:] for array in held.values())
        self.bytes = max(self.bytes, stored + _bytes(trace))


def _last_states(trace: Trace) -> dict[str, Array]:
    return {name: trace[name][-1].copy() for name in trace.graph.states}


def _at_the_end(trace: Trace, handed: Mapping[str, Array]) -> dict[str, Array]:
    """Seeds at the last step of a segment."""
    seeds = {name: np.zeros((trace.steps + 1, *gradient.shape), trace.dtype) for name, gradient in handed.items()}
    for name, gradient in handed.items():
        seeds[name][-1] = gradient
    return seeds


def _bytes(trace: Trace) -> int:
    """Of values and pre-activations at the steps 1 … T."""
    return sum(trace.pre[name].nbytes + trace.values[name].read().nbytes for name in trace.pre)


def _named(given: Mapping[str, Any] | Any, names: list[str], what: str) -> dict[str, Array]:
    """Arrays by layer; a bare array is the first layer's."""
    arrays = given if isinstance(given, Mapping) else dict.fromkeys(names[:1], given)
    return {name: as_array(array, f"{what} '{name}'") for name, array in arrays.items()}


def _common_length(arrays: Iterable[Array]) -> int:
    lengths = {len(array) if array.ndim else 0 for array in arrays}
    if len(lengths) != 1 or 0 in lengths:
        raise ValueError(
            f"Inputs and targets have {', '.join(map(str, sorted(lengths))) or 'no'} steps; give all of them the same "
            "number of steps, at least one."
        )
    return lengths.pop()


def _checked_every(every: int | None, steps: int) -> int:
    if every is None:
        return isqrt(steps - 1) + 1  # ⌈√T⌉
    if not is_whole(every) or every < 1:
        raise ValueError(f"A segment has a whole number of steps, at least 1; every={every} was given.")
    return min(int(every), steps)


def _check_graph(graph: Graph) -> None:
    for c in graph.connections:
        if c.delay not in (0, 1):
            raise GraphError(
                f"'{c.source}' → '{c.target}' has the delay {c.delay}; a sequence can be cut at a checkpoint if all "
                "delays are 0 or 1. Use backward."
            )
        if c.delay and graph[c.source].role == "input":
            raise GraphError(
                f"'{c.target}' reads the input '{c.source}' of the step before, which is no state that can be stored; "
                "put a layer between them, or use backward."
            )
    for layer in graph.layers:
        if layer.presence != ALWAYS:
            raise GraphError(
                f"'{layer.name}' is present at some steps only; a sequence can be cut at a checkpoint if every layer "
                "is always present. Use backward."
            )
