"""What a forward pass leaves behind: every value at every step, read-only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.engine.activations import ACTIVATIONS, Array
from explorer.engine.existence import exists
from explorer.engine.inputs import Sequence
from explorer.engine.timeline import Timeline, frozen
from explorer.graph import Connection, Graph


class NotFiniteError(ValueError):
    """A forward pass whose numbers have left the range of their type; the message names layer and step.

    Attributes
    ----------
    step : int
        The first step at which a number is not finite.
    """

    def __init__(self, message: str, step: int) -> None:
        super().__init__(message)
        self.step = step


@dataclass(frozen=True, eq=False)
class Readings:
    """What a network is run on, what it has computed, and how a connection reads that.

    Attributes
    ----------
    graph : Graph
    parameters : mapping of str to array
    steps, batch : int
        T and B.
    dtype : numpy.dtype
        Floating-point type of everything computed.
    inputs : mapping of str to Sequence
    targets : mapping of str to array
    mask : (T, B, 1) array of bool, or None
    values : mapping of str to Timeline
        Of computed layers.
    """

    graph: Graph
    parameters: Mapping[str, Array]
    steps: int
    batch: int
    dtype: np.dtype[Any]
    inputs: Mapping[str, Sequence]
    targets: Mapping[str, Array]
    mask: Array | None
    values: Mapping[str, Timeline]

    def exists(self, name: str) -> Array | None:
        """(T, B or 1, 1) of bool: where a layer is present and its row not padded; None if everywhere."""
        return exists(self.graph[name], self.steps, self.mask)

    def read(self, c: Connection) -> Array:
        """What the target of a connection reads at steps 1 … T, before the weight: (T, B, source size).

        Zero where the source is absent; the initial state where the read reaches beyond the ends.
        """
        if c.source in self.inputs:
            return self.inputs[c.source].dense(c.delay)
        return self.values[c.source].read(c.delay)

    def operand(self, c: Connection) -> Array:
        """What an identity or diagonal connection brings to its target at steps 1 … T: (T, B, size).

        Where the source is absent that is the neutral element of the target: 0 for a sum, 1 for a product.
        """
        read = self.read(c)
        if c.weight is not None:
            read = read * self.parameters[c.weight]
        missing = self.missing(c)
        if missing and self.graph[c.target].combine == "product":
            read = read.copy()
            read[missing] = 1
        return read

    def slope(self, name: str, out: Array) -> None:
        """Write ∂y/∂a of a layer whose units depend on themselves alone, at the steps 1 … T: (T, B, size)."""
        quick = ACTIVATIONS[self.graph[name].activation].quick_derivative
        assert quick is not None  # asked for elementwise layers only
        quick(self.values[name].read(), out)

    def missing(self, c: Connection) -> list[int]:
        """Indices t - 1 of the steps at which a connection reads a step of the sequence where its source is absent."""
        return list(self.graph[c.source].presence.missed(c.delay, self.steps))


@dataclass(frozen=True, eq=False)
class Trace(Readings):
    """Values of every layer of a network at steps 0 … T.

    ``trace["h"]`` is the values of a layer as an array. A trace can be pickled and copied; the arrays of a copy are the
    copy's own, and writable.

    Attributes
    ----------
    graph, parameters, steps, batch, dtype, inputs, targets, mask, values
        As in `Readings`.
    pre : mapping of str to array
        Pre-activations a_t, (T, B, size), index t - 1.
    errors : mapping of str to array
        E_t of every loss layer that was given targets, (T + 1, B), index t.
    """

    pre: Mapping[str, Array]
    errors: Mapping[str, Array]

    def __getitem__(self, name: str) -> Array:
        """Values of a layer, (T + 1, B, size): index t is step t, index 0 the initial state."""
        if name in self.errors:
            return self.errors[name][..., None]
        if name in self.inputs:
            dense = self.inputs[name].dense()
            return frozen(np.concatenate([np.zeros_like(dense[:1]), dense]))
        self.graph[name]  # an unknown name gets its sentence
        return self.values[name].from_zero()

    def slope(self, name: str, out: Array) -> None:
        """The same to the last digit, also where the layer is saturated."""
        derivative = ACTIVATIONS[self.graph[name].activation].derivative
        assert derivative is not None  # asked for elementwise layers only
        out[...] = derivative(self.pre[name], self.values[name].read())

    @property
    def output(self) -> str:
        """The layer that says what the network answers: the one its error is measured at, or else its only output.

        Raises
        ------
        ValueError
            If errors are measured at several layers, or there are several outputs and no error.
        """
        graph = self.graph
        judged = dict.fromkeys(c.source for loss in graph.with_role("loss") for c in graph.incoming(loss.name))
        found = list(judged) or [layer.name for layer in graph.with_role("output")]
        if len(found) != 1:
            raise ValueError(f"{graph.name} has no single output, but {', '.join(found) or 'none'}: name the layer.")
        return found[0]

    @property
    def loss(self) -> float:
        """L = Σ E_t over steps, rows and loss layers."""
        return float(sum(error.sum(dtype=np.float64) for error in self.errors.values()))
