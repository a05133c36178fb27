"""Truncated backpropagation through time: errors are carried back over a window of steps and no further."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from explorer.engine.activations import Array
from explorer.engine.backward import backward
from explorer.engine.comparison import Comparison, compare
from explorer.engine.cotangents import error_steps
from explorer.engine.gradients import (
    Gradients,
    contributions,
    gathered,
    known_connection,
    known_parameter,
    summed,
)
from explorer.engine.timeline import frozen
from explorer.engine.trace import Trace
from explorer.graph import Connection, ReadOnly, is_whole


@dataclass(frozen=True, eq=False)
class Truncated:
    """A gradient of which only what lies inside the windows is left.

    Attributes
    ----------
    full : Gradients
        Of the whole sequence.
    window, stride : int
    weights : mapping of str to array
        What is left of ∂L/∂W.
    delta : mapping of str to array
        What is left of ∂L/∂a of every layer, (T, B, size), index t - 1.
    kept : (T, T) array of bool
        Whether the error of step t (row t - 1) is carried to step k (column k - 1).
    cuts : tuple of int
        For each pass that does not reach the beginning, the step k at which it is cut: nothing crosses from step
        k + 1 to step k.
    """

    full: Gradients
    window: int
    stride: int
    weights: Mapping[str, Array]
    delta: Mapping[str, Array]
    kept: Array
    cuts: tuple[int, ...]
    _left: _Left

    @cached_property
    def comparison(self) -> Comparison:
        """How much of the full gradient was removed, and how far it was turned."""
        return compare(self.full.weights, self.weights)

    @cached_property
    def values(self) -> Mapping[str, Array]:
        """What is left of ∂L/∂value of every layer, (T + 1, B, size), index t; 0 for the initial state.

        Of the initial state there is left what the passes bring that reach the beginning.
        """
        graph = self.full.trace.graph
        return ReadOnly({layer.name: self._left.value(layer.name) for layer in graph.layers if layer.role != "loss"})

    def __getitem__(self, name: str) -> Array:
        """What is left of ∂L/∂value of a layer, (T + 1, B, size), index t."""
        if name not in self.values:
            self.full.trace.graph[name]  # an unknown name gets its sentence
            raise ValueError(
                f"'{name}' measures an error, whose gradient by itself is 1; choose {_listed(self.values)}."
            )
        return self.values[name]

    def along(self, c: Connection) -> Array:
        """What is left of what each copy of a connection hands back, (T, B, size), index t - 1 of its target."""
        known_connection(self.full.trace, c)
        return frozen(self._left.along(c, self._left.inside))

    def contributions(self, name: str) -> Array:
        """What each step adds to what is left of the gradient of a parameter: (T, *shape), index t - 1."""
        known_parameter(self.full.trace, name)
        return frozen(contributions(self.full.trace, name, self.delta))


def truncated(trace: Trace, window: int, stride: int = 1) -> Truncated:
    """Truncated backpropagation through time, BPTT(h; h') of Williams & Peng (1990) with h = window, h' = stride.

    A pass ends at every step e = stride, 2·stride, … and at T. It carries the errors since the last pass back over
    the steps e - window + 1 … e, and treats what comes before as given. ``stride=1`` carries every error back equally
    far; ``stride=window`` cuts the sequence into pieces, as most libraries do.

    Said for any network: of all contributions of an error at step t to a weight at step k, those are left whose k lies
    inside the window of t's pass. Where time runs backward, later steps than the pass's last are therefore cut off.

    Parameters
    ----------
    trace : Trace
    window : int
        Steps over which an error is carried back, at least `stride`.
    stride : int
        Steps between passes.

    Examples
    --------
    >>> from explorer import architectures, forward, initialize
    >>> graph = architectures.build("elman", inputs=3, hidden=2, outputs=3)
    >>> trace = forward(graph, initialize(graph, 0), [[0], [2], [1], [1]], targets=[[2], [1], [1], [0]])
    >>> found = truncated(trace, window=2)
    >>> found.kept.astype(int)
    array([[1, 0, 0, 0],
           [1, 1, 0, 0],
           [0, 1, 1, 0],
           [0, 0, 1, 1]])
    >>> found.cuts, found.comparison.weights["W_hy"].removed, bool(found.comparison.weights["W_hh"].removed > 0)
    ((1, 2), 0.0, True)
    """
    _check(window, stride)
    full, steps = backward(trace), trace.steps
    windows = _windows(steps, window, stride)
    kept = np.zeros((steps, steps), bool)
    for piece in windows:
        kept[piece.errors.start - 1 : piece.last, piece.inside] = True
    left = _Left(full)
    for piece, gradients in _passes(trace, windows):
        left.add(piece, gradients)
    return Truncated(
        full=full,
        window=window,
        stride=stride,
        weights=ReadOnly({name: frozen(summed(trace, name, left.delta)) for name in trace.parameters}),
        delta=ReadOnly({name: frozen(array) for name, array in left.delta.items()}),
        kept=frozen(kept),
        cuts=tuple(piece.cut for piece in windows if piece.cut > 0),
        _left=left,
    )


class _Left:
    """What is left of everything, added up while the passes are made, each of them once.

    What a connection hands back is linear in what its target receives, so that only that is added up, once for each
    delay: a copy of a connection counts if both of its ends are inside the window, and hands something to its source's
    gradient if its source is inside.

    Parameters
    ----------
    full : Gradients
        Of the whole sequence.
    """

    def __init__(self, full: Gradients) -> None:
        self.full, self.steps = full, full.trace.steps
        received = {**full.delta, **full.errors}
        connections = full.trace.graph.connections
        ends = {(c.target, c.delay) for c in connections if c.target in received}
        self.delta = {name: np.zeros_like(array) for name, array in full.delta.items()}
        self.inside = {end: np.zeros_like(received[end[0]]) for end in ends}
        self.to_inside = {end: np.zeros_like(received[end[0]]) for end in ends}
        self.values = {name: np.zeros_like(full[name]) for name in full.values}

    def add(self, piece: _Window, gradients: Gradients) -> None:
        """What one pass brings to the steps that it reaches."""
        for name, total in self.delta.items():
            total[piece.inside] += gradients.delta[name][piece.inside]
        for name, total in self.values.items():
            total[piece.nodes] += gradients[name][piece.nodes]
        for (target, delay), total in self.to_inside.items():
            received = gradients.delta[target] if target in gradients.delta else gradients.errors[target]
            places = piece.read_from_inside(delay, self.steps)
            total[places] += received[places]
            both = slice(max(places.start, piece.inside.start), min(places.stop, piece.inside.stop))
            self.inside[target, delay][both] += received[both]

    def along(self, c: Connection, received: Mapping[tuple[str, int], Array]) -> Array:
        """What each copy of a connection hands back if its target receives that."""
        if c.target in self.full.errors:
            return received[c.target, c.delay]
        if c.target not in self.full.delta:
            return self.full.along(c)  # refused there
        return replace(self.full, delta={c.target: received[c.target, c.delay]}).along(c)

    def value(self, name: str) -> Array:
        """What is left of ∂L/∂value of a layer."""
        if name in self.values:
            return frozen(self.values[name])
        trace = self.full.trace
        messages = (
            (c, self.along(c, self.to_inside)) for c in trace.graph.outgoing(name) if c.target in self.full.delta
        )
        return gathered(trace, name, self.full.rows, messages)


@dataclass(frozen=True, slots=True)
class _Window:
    """One pass: the steps whose errors it carries, and the step at which it is cut (0 or less: the beginning)."""

    errors: range
    cut: int

    @property
    def last(self) -> int:
        return self.errors[-1]

    @property
    def inside(self) -> slice:
        """Indices t - 1 of the steps that it reaches."""
        return slice(max(0, self.cut), self.last)

    @property
    def nodes(self) -> slice:
        """Indices t of the same; the initial state among them if nothing is cut."""
        return slice(self.cut + 1 if self.cut > 0 else 0, self.last + 1)

    def read_from_inside(self, delay: int, steps: int) -> slice:
        """Indices t - 1 of the steps whose connections of some delay read a node that it reaches.

        What is read before step 1 or after T is reached if nothing is cut on that side.
        """
        start = max(0, self.cut + delay) if self.cut > 0 else 0
        stop = max(0, self.last + delay) if self.last < steps else steps
        return slice(min(start, steps), min(stop, steps))


def _windows(steps: int, window: int, stride: int) -> list[_Window]:
    found = []
    for before in range(0, steps, stride):
        last = min(before + stride, steps)
        found.append(_Window(range(before + 1, last + 1), last - window))
    return found


def _passes(trace: Trace, windows: list[_Window]) -> Iterator[tuple[_Window, Gradients]]:
    """The gradients of each window's errors; a window without any is left out."""
    there = set(error_steps(trace))
    for window in windows:
        if not there.isdisjoint(window.errors):
            yield window, backward(trace, steps=window.errors)


def _listed(values: Mapping[str, Array]) -> str:
    return ", ".join(values)


def _check(window: int, stride: int) -> None:
    if not (is_whole(window) and is_whole(stride) and 1 <= stride <= window):
        raise ValueError(
            f"Errors are carried back over a whole number of steps, at least the stride, which is at least 1; the "
            f"window {window} with the stride {stride} was given."
        )
