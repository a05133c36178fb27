"""A workspace for steps of training: one network, so many steps and rows, all arrays and views made beforehand.

The loops over time are those of `explorer.engine.forward` and `explorer.engine.backward`; here nothing is copied out of
them but the gradient of the weights, and a layer outside the loops is computed only at the steps where it is present.
Derivatives are taken from the values: where a unit is saturated they are 0 to rounding, and only plots look there.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np

from explorer.engine.activations import Array
from explorer.engine.backward_part import BackwardPart
from explorer.engine.forward_part import ForwardPart, places
from explorer.engine.inputs import Sequence
from explorer.engine.losses import LOSSES
from explorer.engine.memory import FEWEST_ROWS
from explorer.engine.schedule import schedule
from explorer.engine.timeline import Timeline
from explorer.engine.trace import Readings
from explorer.graph import Graph, Layer


class Lesson:
    """What steps of training are computed in.

    Parameters
    ----------
    graph : Graph
    steps, batch : int
        T and B.
    dtype : numpy.dtype
    masked : bool
        Whether rows are padded.
    losses : frozenset of str
        Loss layers that are given targets.

    Attributes
    ----------
    nbytes : int
    """

    def __init__(
        self, graph: Graph, steps: int, batch: int, dtype: np.dtype[Any], masked: bool, losses: frozenset[str]
    ) -> None:
        self.graph, rows_inside = graph, batch >= FEWEST_ROWS
        count = graph.parameter_count
        self.vector, self.gradient = np.zeros(count, dtype), np.zeros(count, dtype)
        self.values: dict[str, Timeline] = {}
        self.pre: dict[str, Array] = {}
        self.readings = Readings(
            graph=graph,
            parameters=self.parameters(self.vector),
            steps=steps,
            batch=batch,
            dtype=dtype,
            inputs={},  # theirs are values like all others
            targets={},
            mask=np.ones((steps, batch, 1), bool) if masked else None,
            values=self.values,
        )
        for layer in graph.with_role("input"):
            delays = [0, *(c.delay for c in graph.outgoing(layer.name))]
            ends = max(1, *delays), max(-delay for delay in delays)
            self.values[layer.name] = Timeline.zeros(steps, *ends, (batch, layer.size), dtype, rows_inside)
        asked = [layer for layer in graph.with_role("loss") if layer.name in losses]
        errors = [_Error(layer, self.readings, self.pre) for layer in asked]
        self.errors = [error for error in errors if error.at.stop]  # the others are never present
        fed, fed_at_pre = (
            frozenset(error.output for error in self.errors if error.loss.reads == place) for place in ("value", "pre")
        )
        self.forward_parts: list[ForwardPart] = []
        for part in schedule(graph):
            forward = ForwardPart(part, self.readings, rows_inside, fed | fed_at_pre)
            for name, (value, pre) in forward.layers.items():
                self.values[name], self.pre[name] = value, pre
            self.forward_parts.append(forward)
        self.backward_parts = [
            BackwardPart(p, fed, fed_at_pre, self.pre, rows_inside) for p in reversed(self.forward_parts)
        ]
        self.received = {name: timeline for p in self.backward_parts for name, timeline in p.received.items()}
        self.at_pre = {name: array for p in self.backward_parts for name, array in p.at_pre.items()}
        for backward in self.backward_parts:
            backward.connect(self.received, self.parameters(self.gradient))
        self.nbytes = sum(p.nbytes for p in self.forward_parts) + sum(p.nbytes for p in self.backward_parts)
        self.nbytes += sum(self.values[layer.name].array.nbytes for layer in graph.with_role("input"))

    def parameters(self, vector: Array) -> dict[str, Array]:
        """Views of a vector that holds every parameter."""
        views, start = {}, 0
        for name, shape in self.graph.parameter_shapes.items():
            views[name] = vector[start : start + prod(shape)].reshape(shape)
            start += prod(shape)
        return views

    def run(
        self,
        parameters: Mapping[str, Array],
        inputs: Mapping[str, Sequence],
        targets: Mapping[str, Array],
        mask: Array | None,
    ) -> tuple[float, dict[str, Array]] | None:
        """The loss and the gradient of every weight; None if some number on the way is not finite."""
        given = self.readings
        for name, array in given.parameters.items():
            array[...] = parameters[name]
        if not np.isfinite(self.vector.dot(self.vector)):
            return None
        if given.mask is not None:
            given.mask[...] = mask
        for name, sequence in inputs.items():
            sequence.write(self.values[name].read())
        for forward in self.forward_parts:
            forward.run()
            if not forward.is_finite():
                return None
        total = sum(error.measured(targets[error.name]) for error in self.errors)
        if not np.isfinite(total):
            return None
        self.gradient.fill(0)
        for backward in self.backward_parts:
            backward.clear()
        for error in self.errors:
            error.hand_back(targets[error.name], self.received, self.at_pre)
        for backward in self.backward_parts:
            backward.run()
        gradient = self.gradient.copy()
        gradient.flags.writeable = False
        return float(total), self.parameters(gradient)


class _Error:
    """One loss layer, at the steps at which it and its output are both present.

    Parameters
    ----------
    layer : Layer
    given : Readings
    pre : mapping of str to array
        Pre-activations of all layers.
    """

    def __init__(self, layer: Layer, given: Readings, pre: Mapping[str, Array]) -> None:
        self.name, self.given, self.pre = layer.name, given, pre
        self.output = given.graph.incoming(layer.name)[0].source
        self.loss = LOSSES[layer.activation]
        present = given.graph[self.output].presence.steps(given.steps)
        both = [t for t in layer.presence.steps(given.steps) if t in present]
        every = both[1] - both[0] if len(both) > 1 else 1
        self.at = places(range(both[0], both[-1] + 1, every) if both else range(0))

    def measured(self, target: Array) -> float:
        """Σ E_t over steps and rows."""
        error, mask = self.loss.function(*self._read(target)), self.given.mask
        return float(error.sum() if mask is None else np.where(mask[self.at][..., 0], error, 0).sum())

    def hand_back(self, target: Array, received: Mapping[str, Timeline], at_pre: Mapping[str, Array]) -> None:
        """Add its gradient where the loss says, at the value of its output or at the pre-activation."""
        gradient, mask = self.loss.gradient(*self._read(target)), self.given.mask
        if mask is not None:
            gradient = np.where(mask[self.at], gradient, 0)
        into = at_pre[self.output] if self.loss.reads == "pre" else received[self.output].read()
        into[self.at] += gradient

    def _read(self, target: Array) -> tuple[Array, Array, Array]:
        at = self.at
        return self.pre[self.output][at], self.given.values[self.output].read()[at], target[at]
