"""What a backward pass leaves behind: the gradient at every node, along every edge, and of every weight."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from explorer.engine.activations import Array
from explorer.engine.comparison import unit_vector
from explorer.engine.timeline import Timeline, frozen
from explorer.engine.trace import Readings, Trace
from explorer.graph import Connection


@dataclass(frozen=True, eq=False)
class Gradients:
    """Total derivatives of L (or of Σ seed · value) with respect to everything in a trace.

    Attributes
    ----------
    trace : Trace
    rows : int
        B, or the number C of cotangents propagated for a single sequence: a caller's own, or the errors of C steps.
    values : mapping of str to Timeline
        ∂L/∂value of the layers for which it was needed; ``gradients["h"]`` has every layer.
    initial : mapping of str to array
        ∂L/∂(initial state) of every computed layer, (B, size), summed over every place that holds it.
    delta : mapping of str to array
        δ_t = ∂L/∂a_t of every computed layer, (T, B, size), index t - 1.
    weights : mapping of str to array
        ∂L/∂W summed over steps and rows; empty if several cotangents were propagated for one sequence.
    errors : mapping of str to array
        What each loss layer hands back to its output, (T, B, size), index t - 1: ∂E_t/∂value, or ∂E_t/∂a where the
        loss reads the pre-activation. Empty if seeds were propagated.
    """

    trace: Trace
    rows: int
    values: Mapping[str, Timeline]
    initial: Mapping[str, Array]
    delta: Mapping[str, Array]
    weights: Mapping[str, Array]
    errors: Mapping[str, Array]

    def __getitem__(self, name: str) -> Array:
        """∂L/∂value of a layer, (T + 1, B, size): index t is step t, index 0 the initial state."""
        if name in self.values:
            return self.values[name].from_zero()
        graph = self.trace.graph
        graph[name]  # an unknown name gets its sentence
        # what a loss that reads the value hands back was needed, and is in `values`
        messages = ((c, self.along(c)) for c in graph.outgoing(name) if c.target in self.delta)
        return gathered(self.trace, name, self.rows, messages)

    def along(self, c: Connection) -> Array:
        """What each copy of a connection hands back from (target, t) to (source, t - delay): (T, B, size), index t - 1.

        Added up over the outgoing connections of a layer (and its losses), these are its gradient.
        """
        known_connection(self.trace, c)
        if c.target in self.errors:
            return self.errors[c.target]
        if c.target not in self.delta:
            raise ValueError(f"Nothing flows back from '{c.target}' to '{c.source}': it had no targets here.")
        trace, delta = self.trace, self.delta[c.target]
        if trace.graph[c.target].combine == "product":
            delta = delta * others(trace, c)
        if c.weight is None:
            message = delta.copy()
        elif c.diagonal:
            message = delta * trace.parameters[c.weight]
        else:
            message = delta @ trace.parameters[c.weight].T
        message[trace.missing(c)] = 0
        return message

    def contributions(self, name: str) -> Array:
        """What each step adds to the gradient of a parameter: (T, *shape), index t - 1, summed over rows."""
        trace = self.trace
        known_parameter(trace, name)
        if self.rows != trace.batch:
            raise ValueError(
                f"{self.rows} cotangents were propagated for {trace.batch} sequence; the gradient of '{name}' is one "
                "for each of them. Give one seed a row of the batch."
            )
        return frozen(contributions(trace, name, self.delta))


@dataclass(frozen=True, slots=True, eq=False)
class Use:
    """A place of the graph where a parameter is used: what is multiplied by it at every step, and what comes back.

    Attributes
    ----------
    target : str
        The layer it adds to.
    read : array
        (T, B, size) what it multiplies, index t - 1; (T, B, 1) ones if it is a bias.
    keeps_units : bool
        Whether it multiplies unit by unit.
    factor : array or None
        What the gradient at the target is multiplied by on the way to it, (T, B, size), if the target is a product.
    """

    target: str
    read: Array
    keeps_units: bool
    factor: Array | None

    def arriving(self, delta: Mapping[str, Array]) -> Array:
        """∂L/∂(what the parameter adds), (T, rows, size), for the δ of every layer."""
        own = delta[self.target]
        return own if self.factor is None else own * self.factor


def uses(trace: Trace, name: str) -> list[Use]:
    """Every place where a parameter is used."""
    graph, ones = trace.graph, np.ones((trace.steps, trace.batch, 1), trace.dtype)
    places = [Use(layer.name, ones, True, None) for layer in graph.layers if layer.bias == name]
    for c in graph.connections:
        if c.weight == name:
            factor = others(trace, c) if graph[c.target].combine == "product" else None
            places.append(Use(c.target, trace.read(c), c.diagonal, factor))
    return places


def contributions(trace: Trace, name: str, delta: Mapping[str, Array]) -> Array:
    """What each step adds to the gradient of a parameter for the δ of every layer: (T, *shape), index t - 1."""
    total = np.zeros((trace.steps, *trace.parameters[name].shape), trace.dtype)
    for use in uses(trace, name):
        arriving = use.arriving(delta)
        if use.keeps_units:
            total += (use.read * arriving).sum(axis=1)
        else:
            total += np.einsum("tbi,tbj->tij", use.read, arriving)
    return total


def summed(trace: Trace, name: str, delta: Mapping[str, Array]) -> Array:
    """∂L/∂W for the δ of every layer: the sum of all contributions, without any of them alone."""
    total = np.zeros_like(trace.parameters[name])
    for use in uses(trace, name):
        arriving = use.arriving(delta)
        if use.keeps_units:
            total += (use.read * arriving).sum(axis=(0, 1))
        else:
            total += np.einsum("tbi,tbj->ij", use.read, arriving, optimize=True)
    return total


def steps_along(trace: Trace, weight: str, delta: Mapping[str, Array]) -> Array:
    """What each step k adds to ‖∂L/∂W‖: its contribution projected on the direction of their sum, (T,), with signs.

    Their sum is ‖∂L/∂W‖. Takes no more than an ordinary backward pass, over any number of rows.

    Parameters
    ----------
    trace : Trace
    weight : str
    delta : mapping of str to array
        ∂L/∂a of every layer, as from `explorer.engine.backward.backward`, or what truncation has left of it.

    Examples
    --------
    >>> from explorer import architectures, backward, forward, initialize
    >>> graph = architectures.build("elman", inputs=3, hidden=2, outputs=3)
    >>> trace = forward(graph, initialize(graph, 0), [[0], [2], [1]], targets=[[2], [1], [0]])
    >>> gradients = backward(trace)
    >>> found = steps_along(trace, "W_hh", gradients.delta)
    >>> found.shape, np.allclose(found.sum(), np.linalg.norm(gradients.weights["W_hh"]))
    ((3,), True)
    """
    known_parameter(trace, weight)
    whole = unit_vector(summed(trace, weight, delta))
    total = np.zeros(trace.steps, trace.dtype)
    for use in uses(trace, weight):
        onto = use.read * whole if use.keeps_units else use.read @ whole
        total += np.einsum("tbj,tbj->t", onto, use.arriving(delta))
    return frozen(total)


def gathered(trace: Trace, name: str, rows: int, messages: Iterable[tuple[Connection, Array]]) -> Array:
    """∂L/∂value of a layer from what copies of its outgoing connections hand back: (T + 1, rows, size), index t."""
    total = np.zeros((trace.steps + 1, rows, trace.graph[name].size), trace.dtype)
    for c, message in messages:
        first, last = max(1, c.delay), min(trace.steps, trace.steps + c.delay)
        if first <= last:
            total[first - c.delay : last - c.delay + 1] += message[first - 1 : last]
    if trace.mask is not None:
        total[1:] *= trace.mask
    return frozen(total)


def known_parameter(trace: Trace, name: str) -> str:
    """The name, if there is such a parameter."""
    if name not in trace.parameters:
        known = ", ".join(trace.parameters) or "none"
        raise ValueError(f"There is no parameter '{name}' in {trace.graph.name}; it has {known}.")
    return name


def known_connection(trace: Trace, c: Connection) -> None:
    """Refuse what is no connection of the network."""
    if c not in trace.graph.connections:
        raise ValueError(
            f"{trace.graph.name} has no such connection from '{c.source}' to '{c.target}' (weight {c.weight}, delay "
            f"{c.delay}); take one of graph.connections."
        )


def others(trace: Readings, c: Connection) -> Array:
    """Product of what the other connections bring to c's target, a product layer: (T, B, size)."""
    rest = [other for other in trace.graph.incoming(c.target) if other != c]
    result = np.ones((1, 1, 1), trace.dtype) if not rest else trace.operand(rest[0])
    for other in rest[1:]:
        result = result * trace.operand(other)
    return result
