"""A second, deliberately naive engine to compare the real one with: it walks the unrolled DAG node by node.

It shares nothing with `explorer.engine`: its mathematics is the dozen lines below, written in `autograd.numpy`, so
that HIPS autograd differentiates it, and free of absolute values and shifts, so that the complex-step method works
wherever the functions themselves are analytic. It is slow and meant to be: everything is one (B, size) array, one
node, one edge at a time.

Every number that enters can be *nudged*: the value of a node, its pre-activation, what one edge copy reads, the copy
of a weight used at one step, an initial state. The gradient of the total error with respect to a nudge of zero is the
gradient that the engine must report there.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import autograd.numpy as anp
import networkx as nx
import numpy as np
from autograd import grad

from explorer.graph import Connection, Graph
from explorer.unrolling import unroll

Nudge = Callable[..., Any]
"""``nudge(shape, *key)`` is what is added to the array known by that key."""

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "identity": lambda a: a,
    "one_minus": lambda a: 1 - a,
    "tanh": anp.tanh,
    "sigmoid": lambda a: 1 / (1 + anp.exp(-a)),
    "relu": lambda a: a * (anp.real(a) > 0),
    "one": lambda a: 0 * a + 1,
    "zero": lambda a: 0 * a,
    "softmax": lambda a: anp.exp(a) / anp.sum(anp.exp(a), axis=1, keepdims=True),
}

LOSSES: dict[str, Callable[[Any, Any], Any]] = {
    # of the logits, with any non-negative target weights; one error for each row
    "cross_entropy": lambda z, w: anp.sum(w, axis=1) * anp.log(anp.sum(anp.exp(z), axis=1)) - anp.sum(w * z, axis=1),
    "squared_error": lambda y, target: anp.sum((y - target) ** 2, axis=1) / 2,
}

ANALYTIC = {"identity", "one_minus", "tanh", "sigmoid", "softmax"}
"""Activations for which complex step and central differences can be trusted everywhere."""


@dataclass(frozen=True, eq=False)
class Case:
    """A network and everything it is run on, in the form in which `explorer.engine.forward.forward` takes it."""

    graph: Graph
    steps: int
    batch: int
    parameters: Mapping[str, Any]
    inputs: Mapping[str, Any]
    targets: Mapping[str, Any] = field(default_factory=dict)
    mask: Any = None
    initial: Mapping[str, Any] = field(default_factory=dict)

    def but(self, **changes: Any) -> Case:
        """The same case with some things replaced."""
        return replace(self, **changes)

    def row(self, index: int, steps: int | None = None) -> Case:
        """One row alone, as a batch of one, cut after some steps."""
        rows, stop = slice(index, index + 1), steps or self.steps

        def cut(arrays: Mapping[str, Any]) -> dict[str, Any]:
            return {name: array[:stop, rows] for name, array in arrays.items()}

        return self.but(
            steps=stop,
            batch=1,
            inputs=cut(self.inputs),
            targets=cut(self.targets),
            mask=None if self.mask is None else self.mask[:stop, rows],
            initial={name: state[rows] if np.ndim(state) == 2 else state for name, state in self.initial.items()},
        )


@dataclass
class Run:
    """Values, pre-activations and errors by node ``(layer, t)``; an initial node has a value only."""

    values: dict[tuple[str, int], Any]
    pre: dict[tuple[str, int], Any]
    errors: dict[tuple[str, int], Any]

    @property
    def loss(self) -> Any:
        """L = Σ E_t over steps, rows and loss layers."""
        return sum((anp.sum(error) for error in self.errors.values()), 0.0)


def nothing(shape: tuple[int, ...], *key: Hashable) -> float:
    """The nudge that changes nothing."""
    return 0.0


def interpret(case: Case, nudge: Nudge = nothing) -> Run:
    """Compute the nodes of the unrolled DAG one after another.

    Keys of nudges: ``("value", layer, t)``, ``("pre", layer, t)``, ``("edge", connection index, t)`` at the target's
    step t, ``("weight", name, t)`` for the copy used at step t (biases too), ``("initial", layer)``.
    """
    dag = unroll(case.graph, case.steps)
    run = Run({}, {}, {})
    for node in nx.topological_sort(dag):
        name, t = node
        layer = dag.nodes[node]["layer"]
        if dag.nodes[node]["initial"]:
            run.values[node] = _initial(case, name, nudge) + nudge((case.batch, layer.size), "value", name, t)
        elif layer.role == "input":
            given = _exists(case, t) * _vectors(case.inputs[name][t - 1], layer.size)
            run.values[node] = given + nudge((case.batch, layer.size), "value", name, t)
        elif layer.role == "loss":
            run.errors[node] = _error(case, dag, node, run, nudge)
        else:
            _compute(case, dag, node, run, nudge)
    return run


def _compute(case: Case, dag: nx.DiGraph, node: tuple[str, int], run: Run, nudge: Nudge) -> None:
    name, t = node
    layer = dag.nodes[node]["layer"]
    shape = (case.batch, layer.size)
    product = layer.combine == "product"
    joined = anp.ones(shape) if product else anp.zeros(shape)
    for source, _, links in dag.in_edges(node, data="links"):
        for link in links:
            read = run.values[source] + nudge((case.batch, dag.nodes[source]["layer"].size), "edge", link.connection, t)
            arriving = _weighed(case, read, link.weight, link.diagonal, t, nudge)
            joined = joined * arriving if product else joined + arriving
    if layer.bias is not None:
        joined = joined + _weight(case, layer.bias, t, nudge)
    run.pre[node] = joined + nudge(shape, "pre", name, t)
    exists = _exists(case, t)
    value = exists * ACTIVATIONS[layer.activation](run.pre[node]) + (1 - exists) * _initial(case, name, nudge)
    run.values[node] = value + nudge(shape, "value", name, t)


def _weighed(case: Case, read: Any, weight: str | None, diagonal: bool, t: int, nudge: Nudge) -> Any:
    if weight is None:
        return read
    matrix = _weight(case, weight, t, nudge)
    return read * matrix if diagonal else anp.dot(read, matrix)


def _weight(case: Case, name: str, t: int, nudge: Nudge) -> Any:
    return case.parameters[name] + nudge(np.shape(case.parameters[name]), "weight", name, t)


def _error(case: Case, dag: nx.DiGraph, node: tuple[str, int], run: Run, nudge: Nudge) -> Any:
    name, t = node
    edges = list(dag.in_edges(node, data="links"))
    if name not in case.targets or not edges:  # an absent output has no error
        return anp.zeros(case.batch)
    ((source, _, (link,)),) = edges
    layer, output = dag.nodes[node]["layer"], dag.nodes[source]["layer"]
    z = run.pre[source] if layer.activation == "cross_entropy" else run.values[source]
    target = _vectors(case.targets[name][t - 1], output.size)
    read = z + nudge((case.batch, output.size), "edge", link.connection, t)
    return _exists(case, t)[:, 0] * LOSSES[layer.activation](read, target)


def _vectors(array: Any, size: int) -> Any:
    """Rows of one step: tokens as one-hot vectors, vectors as they are."""
    array = np.asarray(array)
    return np.eye(size)[array] if array.ndim == 1 else array


def _exists(case: Case, t: int) -> Any:
    """(B, 1): 1 where a row has this step, 0 where it is padding."""
    return np.ones((case.batch, 1)) if case.mask is None else np.asarray(case.mask)[t - 1][:, None] * 1.0


def _initial(case: Case, name: str, nudge: Nudge) -> Any:
    shape = (case.batch, case.graph[name].size)
    return np.zeros(shape) + case.initial.get(name, 0.0) + nudge(shape, "initial", name)


def differentiate(case: Case, seeds: Mapping[str, Any] | None = None) -> dict[tuple[Any, ...], Any]:
    """∂L/∂nudge by automatic differentiation, for every key that `interpret` asks for.

    With seeds (layer → (T + 1, B, size), index t) the total is Σ seed · value instead of L.
    """
    places: dict[tuple[Any, ...], tuple[slice, tuple[int, ...]]] = {}
    length = 0

    def note(shape: tuple[int, ...], *key: Hashable) -> float:
        nonlocal length
        if key not in places:
            places[key] = slice(length, length := length + int(np.prod(shape))), shape
        return 0.0

    def total(flat: Any) -> Any:
        run = interpret(case, lambda shape, *key: anp.reshape(flat[places[key][0]], shape))
        # the term that is nothing keeps autograd content where L depends on nothing at all
        return 0.0 * anp.sum(flat) + (run.loss if seeds is None else _seeded(run, seeds))

    interpret(case, note)
    gradient = grad(total)(np.zeros(length))
    return {key: gradient[span].reshape(shape) for key, (span, shape) in places.items()}


def _seeded(run: Run, seeds: Mapping[str, Any]) -> Any:
    total = 0.0
    for name, seed in seeds.items():
        for t, cotangent in enumerate(seed):
            if (name, t) in run.values:
                total = total + anp.sum(cotangent * run.values[name, t])
    return total


def dense(found: Mapping[tuple[Any, ...], Any], kind: str, name: Hashable, steps: range, shape: tuple[int, ...]) -> Any:
    """Stack what was found by step: zeros where there is nothing."""
    return np.array([np.broadcast_to(found.get((kind, name, t), 0.0), shape) for t in steps])


def index_of(graph: Graph, connection: Connection) -> int:
    """The number by which a connection's links in the DAG go."""
    return graph.connections.index(connection)


def complex_step(case: Case, directions: Mapping[str, Any], step: float = 1e-100) -> float:
    """Directional derivative of L along some change of the parameters: no cancellation, so no step is too small."""
    shifted = {name: array + 1j * step * directions.get(name, 0.0) for name, array in case.parameters.items()}
    return float(np.imag(interpret(case.but(parameters=shifted)).loss) / step)
