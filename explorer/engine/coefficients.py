"""What the forward pass has fixed for the way back: ∂L/∂a of every layer as a multiple of the gradient it hangs on."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy as np

from explorer.engine.activations import Array
from explorer.engine.carriers import Carriers, elementwise
from explorer.engine.gradients import others
from explorer.engine.memory import blank
from explorer.engine.schedule import Part
from explorer.engine.trace import Readings
from explorer.graph import Connection, Graph


class Coefficients:
    """One array for each layer of a part with a cycle.

    Parameters
    ----------
    part : Part
    graph : Graph
    carriers : Carriers
        On which gradient each layer hangs.
    steps, batch : int
    dtype : numpy.dtype
    masked : bool
        Whether rows are padded.
    rows_inside : bool
        How arrays lie in memory, see `explorer.engine.memory.blank`.
    """

    def __init__(
        self,
        part: Part,
        graph: Graph,
        carriers: Carriers,
        steps: int,
        batch: int,
        dtype: np.dtype[Any],
        masked: bool,
        rows_inside: bool,
    ) -> None:
        self.part, self.graph, self.carriers, self.dtype = part, graph, carriers, dtype
        self._lies = steps, batch, dtype, rows_inside
        self._made: dict[str, Array] = {}
        self._plain: set[str] = set()
        for name in reversed(part.component.layers):
            everywhere = not masked and not graph[name].presence.absent(steps)
            if everywhere and self._is_linear(name):
                self._plain.add(name)
            else:
                self.of(name)

    def of(self, name: str) -> Array:
        """∂L/∂a of a layer as a multiple of what its carrier holds, (T, B, size).

        For a layer whose ∂L/∂a is no multiple of anything, 1 where it exists.
        """
        if name not in self._made:  # some are never asked for
            steps, batch, dtype, rows_inside = self._lies
            self._made[name] = blank(steps, batch, self.graph[name].size, dtype, rows_inside)
            if name in self._plain:
                self._made[name].fill(1)
        return self._made[name]

    @property
    def arrays(self) -> list[Array]:
        """All that somebody has asked for."""
        return list(self._made.values())

    def _is_linear(self, name: str) -> bool:
        """Whether the coefficient is 1 wherever the layer exists."""
        if name in self.carriers.own_delta:
            return True
        outgoing = elementwise(self.graph, self.part, name)
        passed_on = len(outgoing) == 1 and outgoing[0].target in self._plain and self.passes(outgoing[0])
        return self.graph[name].activation == "identity" and (self.carriers.is_carried(name) or passed_on)

    def passes(self, c: Connection) -> bool:
        """Whether a connection hands back what its target holds, unchanged."""
        return c.weight is None and self.graph[c.target].combine == "sum"

    def load(self, readings: Readings) -> None:
        """Take over the numbers of one run."""
        for name in reversed(self.part.component.layers):
            if name in self._plain:
                continue
            into, exists = self.of(name), readings.exists(name)
            if name in self.carriers.own_delta:
                into[...] = exists
                continue
            if self.graph[name].activation == "identity":
                into.fill(1)
            else:
                readings.slope(name, into)
            if not self.carriers.is_carried(name):
                np.multiply(into, self.along(readings, elementwise(self.graph, self.part, name)), out=into)
            if exists is not None:
                np.multiply(into, exists, out=into)

    def along(self, readings: Readings, connections: Sequence[Connection]) -> Array:
        """What a layer receives along connections to layers with one carrier, as a multiple of what it holds.

        (T, B, size), or something that can be broadcast to that.
        """
        return reduce(np.add, (self._message(readings, c) for c in connections))

    def _message(self, readings: Readings, c: Connection) -> Array:
        factors = [] if c.target in self._plain else [self.of(c.target)]
        if self.graph[c.target].combine == "product":
            factors.append(others(readings, c))
        if c.weight is not None:
            factors.append(readings.parameters[c.weight])
        return reduce(np.multiply, factors) if factors else np.ones((1, 1, 1), self.dtype)
