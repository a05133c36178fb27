"""Truncated backpropagation through time: errors are carried back over a window of steps and no further."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from explorer.engine.activations import Array
from explorer.engine.backward import backward
from explorer.engine.comparison import Comparison, compare
from explorer.engine.cotangents import error_steps
from explorer.engine.gradients import Gradients, contributions, uses
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

    @cached_property
    def comparison(self) -> Comparison:
        """How much of the full gradient was removed, and how far it was turned."""
        return compare(self.full.weights, self.weights)

    @cached_property
    def values(self) -> Mapping[str, Array]:
        """What is left of ∂L/∂value of every layer, (T + 1, B, size), index t; 0 for the initial state.

        Of the initial state there is left what the passes bring that reach the beginning.
        """
        trace = self.full.trace
        names = [layer.name for layer in trace.graph.layers if layer.role != "loss"]
        left = {name: np.zeros_like(self.full[name]) for name in names}
        for piece, gradients in _passes(trace, _windows(trace.steps, self.window, self.stride)):
            for name in names:
                left[name][piece.nodes] += gradients[name][piece.nodes]
        return ReadOnly({name: frozen(array) for name, array in left.items()})

    def __getitem__(self, name: str) -> Array:
        """What is left of ∂L/∂value of a layer, (T + 1, B, size), index t."""
        return self.values[name]

    def along(self, c: Connection) -> Array:
        """What is left of what each copy of a connection hands back, (T, B, size), index t - 1 of its target."""
        trace = self.full.trace
        total = np.zeros_like(self.full.along(c))
        for piece, gradients in _passes(trace, _windows(trace.steps, self.window, self.stride)):
            inside = piece.reaches(np.arange(1, trace.steps + 1))
            from_inside = inside & piece.reaches(np.arange(1, trace.steps + 1) - c.delay)
            total[from_inside] += gradients.along(c)[from_inside]
        return frozen(total)

    def contributions(self, name: str) -> Array:
        """What each step adds to what is left of the gradient of a parameter: (T, *shape), index t - 1."""
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
    kept = np.zeros((steps, steps), bool)
    delta = {name: np.zeros_like(array) for name, array in full.delta.items()}
    windows = _windows(steps, window, stride)
    for piece in windows:
        kept[piece.errors.start - 1 : piece.last, piece.inside] = True
    for piece, gradients in _passes(trace, windows):
        for name, left in delta.items():
            left[piece.inside] += gradients.delta[name][piece.inside]
    weights = {name: frozen(_gradient(trace, name, delta)) for name in trace.parameters}
    cuts = tuple(piece.cut for piece in windows if piece.cut > 0)
    left_over = ReadOnly({name: frozen(array) for name, array in delta.items()})
    return Truncated(full, window, stride, ReadOnly(weights), left_over, frozen(kept), cuts)


@dataclass(frozen=True, slots=True)
class _Window:
    """One pass: the steps whose errors it carries, and the step at which it is cut (0 or less: the beginning)."""

    errors: range
    cut: int

    @property
    def last(self) -> int:
        return self.errors[-1]

    def reaches(self, steps: Array) -> Array:
        """Which of some steps it reaches: those after the cut, and all there were before step 1 if nothing is cut."""
        return (steps > self.cut if self.cut > 0 else np.ones_like(steps, bool)) & (steps <= self.last)

    @property
    def inside(self) -> slice:
        """Indices t - 1 of the steps that it reaches."""
        return slice(max(0, self.cut), self.last)

    @property
    def nodes(self) -> slice:
        """Indices t of the same; the initial state among them if nothing is cut."""
        return slice(self.cut + 1 if self.cut > 0 else 0, self.last + 1)


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


def _gradient(trace: Trace, name: str, delta: Mapping[str, Array]) -> Array:
    """∂L/∂W for the δ of every layer."""
    total = np.zeros_like(trace.parameters[name])
    for use in uses(trace, name):
        arriving = use.arriving(delta)
        if use.keeps_units:
            total += (use.read * arriving).sum(axis=(0, 1))
        else:
            total += np.einsum("tbi,tbj->ij", use.read, arriving, optimize=True)
    return total


def _check(window: int, stride: int) -> None:
    if not (is_whole(window) and is_whole(stride) and 1 <= stride <= window):
        raise ValueError(
            f"Errors are carried back over a whole number of steps, at least the stride, which is at least 1; the "
            f"window {window} with the stride {stride} was given."
        )
