"""Real-time recurrent learning (Williams & Zipser 1989): gradients carried forward, beside the states.

Beside every value stands its derivative by every parameter. What is kept does not grow with the number of steps, but
with units times parameters, which is why it is for small networks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from explorer.cycles import components
from explorer.engine.activations import ACTIVATIONS, Array
from explorer.engine.cotangents import error_gradients
from explorer.engine.gradients import others
from explorer.engine.losses import LOSSES
from explorer.engine.timeline import frozen
from explorer.engine.trace import Trace
from explorer.graph import Connection, Graph, Layer, ReadOnly

MOST_NUMBERS = 2_000_000
"""Derivatives that may be kept at a time."""


def rtrl(trace: Trace) -> Mapping[str, Array]:
    """∂L/∂W of every parameter, without a way back.

    Works for any network in which nothing reads the future.

    Parameters
    ----------
    trace : Trace
        With targets.

    Returns
    -------
    mapping of str to array
        As ``backward(trace).weights``.

    Raises
    ------
    ValueError
        If something reads the future, there is no error, or the network is too large.

    Examples
    --------
    >>> from explorer import architectures, backward, forward, initialize
    >>> graph = architectures.build("lstm", inputs=3, hidden=2, outputs=3)
    >>> trace = forward(graph, initialize(graph, 0), [[0], [2], [1]], targets=[[2], [1], [0]])
    >>> np.allclose(rtrl(trace)["W_hf"], backward(trace).weights["W_hf"], rtol=1e-12)
    True
    """
    _check(trace)
    errors = error_gradients(trace)
    if not errors:
        raise ValueError("There is no error to differentiate: give targets to forward.")
    sensitivities, total = _Sensitivities(trace), np.zeros(trace.graph.parameter_count, trace.dtype)
    for t in range(1, trace.steps + 1):
        sensitivities.step(t)
        for name, gradient in errors.items():
            output = trace.graph.incoming(name)[0].source
            reads_pre = LOSSES[trace.graph[name].activation].reads == "pre"
            held = sensitivities.pre[output] if reads_pre else sensitivities.at(output, t)
            if held is not None:
                total += np.einsum("bi,bip->p", gradient[t - 1], held)
    shapes = trace.graph.parameter_shapes
    return ReadOnly(
        {name: frozen(total[span].reshape(shapes[name]).copy()) for name, span in _spans(trace.graph).items()}
    )


def numbers(graph: Graph, batch: int = 1) -> int:
    """How many derivatives are kept at a time: of every unit that is still to be read, by every parameter.

    Examples
    --------
    >>> from explorer import architectures
    >>> numbers(architectures.build("elman", inputs=3, hidden=2, outputs=3))  # (2 · h and y) · (6 + 4 + 6 + 2 + 3)
    147
    """
    kept = sum(layer.size * (1 + _longest(graph, layer.name)) for layer in _computed(graph))
    return batch * kept * graph.parameter_count


@dataclass(eq=False)
class _Place:
    """One incoming connection, with what it reads at every step."""

    connection: Connection
    read: Array
    factor: Array | None
    weight: Array | None
    span: slice | None


class _Sensitivities:
    """∂value/∂(all parameters) of every computed layer, (B, size, P), for as many steps as it is still read."""

    def __init__(self, trace: Trace) -> None:
        self.trace, self.graph = trace, trace.graph
        self.spans, self.count = _spans(trace.graph), trace.graph.parameter_count
        computed = _computed(trace.graph)
        self.order = [trace.graph[n] for part in components(trace.graph) for n in part.layers]
        self.order = [layer for layer in self.order if layer in computed]
        self.pre: dict[str, Array] = {}
        self.kept: dict[str, dict[int, Array]] = {layer.name: {} for layer in self.order}
        self.places = {layer.name: list(self._places(layer)) for layer in self.order}

    def at(self, name: str, t: int) -> Array | None:
        """Of a layer at a step; None where nothing depends on a parameter: inputs, initial states, absent layers."""
        return self.kept[name].get(t) if name in self.kept else None

    def step(self, t: int) -> None:
        """Everything at the next step, from what is kept of the steps before."""
        for layer in self.order:
            kept = self.kept[layer.name]
            self.pre[layer.name] = self._pre(layer, t)
            kept[t] = self._value(layer, t, self.pre[layer.name])
            kept.pop(t - 1 - _longest(self.graph, layer.name), None)

    def _places(self, layer: Layer) -> Iterator[_Place]:
        trace = self.trace
        for c in self.graph.incoming(layer.name):
            factor = None
            if layer.combine == "product":
                factor = np.broadcast_to(others(trace, c), (trace.steps, trace.batch, layer.size))
            weight, span = (None, None) if c.weight is None else (trace.parameters[c.weight], self.spans[c.weight])
            yield _Place(c, trace.read(c), factor, weight, span)

    def _pre(self, layer: Layer, t: int) -> Array:
        trace = self.trace
        total = np.zeros((trace.batch, layer.size, self.count), trace.dtype)
        if layer.bias is not None:
            total[:, :, self.spans[layer.bias]] += np.eye(layer.size)
        for place in self.places[layer.name]:
            total += self._arriving(place, layer.size, t)  # nothing, where the source is absent
        return total

    def _arriving(self, place: _Place, size: int, t: int) -> Array:
        """The derivative of what a connection brings: through what it reads, and through its weight directly."""
        c, read = place.connection, place.read[t - 1]
        through = self.at(c.source, t - c.delay)
        arriving = np.zeros((self.trace.batch, size, self.count), self.trace.dtype)
        if place.weight is None:
            arriving += 0 if through is None else through
        else:
            if through is not None:
                matrix = np.diag(place.weight) if c.diagonal else place.weight
                arriving += np.einsum("ij,bip->bjp", matrix, through, optimize=True)
            eye = np.eye(size)  # ∂(read W)_j / ∂W_ij' = read_i where j' = j
            direct = read[:, :, None] * eye if c.diagonal else np.einsum("bi,jk->bjik", read, eye)
            arriving[:, :, place.span] += direct.reshape(self.trace.batch, size, -1)
        return arriving if place.factor is None else arriving * place.factor[t - 1][..., None]

    def _value(self, layer: Layer, t: int, pre: Array) -> Array:
        trace, activation = self.trace, ACTIVATIONS[layer.activation]
        exists = trace.exists(layer.name)
        here = slice(t - 1, t)
        a, y = trace.pre[layer.name][here], trace.values[layer.name].read()[here]
        if activation.derivative is not None:
            value = pre * activation.derivative(a, y)[0][..., None]
        else:  # units interact: rows of the Jacobian, one cotangent at a time
            rows = [activation.backward(a, y, np.broadcast_to(unit, a.shape))[0] for unit in np.eye(layer.size)]
            value = np.einsum("jbi,bip->bjp", np.array(rows), pre)
        return value if exists is None else value * exists[t - 1][..., None]


def _computed(graph: Graph) -> list[Layer]:
    return [layer for layer in graph.layers if layer.role not in ("input", "loss")]


def _longest(graph: Graph, name: str) -> int:
    """Steps for which a value is still read."""
    return max((c.delay for c in graph.outgoing(name)), default=0)


def _spans(graph: Graph) -> dict[str, slice]:
    """Where each parameter lies among all of them."""
    spans, start = {}, 0
    for name, shape in graph.parameter_shapes.items():
        spans[name] = slice(start, start := start + int(np.prod(shape)))
    return spans


def _check(trace: Trace) -> None:
    for c in trace.graph.connections:
        if c.delay < 0:
            raise ValueError(
                f"'{c.source}' → '{c.target}' reads the future (delay {c.delay}), and real-time recurrent learning "
                "knows only the past; use backward."
            )
    wanted = numbers(trace.graph, trace.batch)
    if wanted > MOST_NUMBERS:
        raise ValueError(
            f"Real-time recurrent learning would keep {wanted:,} derivatives for {trace.graph.name}; at most "
            f"{MOST_NUMBERS:,} are kept. Take fewer units or rows, or use backward."
        )
