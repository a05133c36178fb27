"""The work that all peers do: one forward pass and one backpropagation through time over one sequence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import explorer
from explorer import Connection, Graph, Layer

Array = NDArray[np.float64]
NETWORKS = {"Elman": "elman", "LSTM": "lstm", "GRU": "gru_reset_after"}
"""The GRU is the form that PyTorch and cuDNN compute."""
GATES = {"Elman": "h", "LSTM": "fiog", "GRU": "zrn"}
"""Gates in the order in which peers with fused weights stack their columns."""


@dataclass(frozen=True, eq=False)
class Problem:
    """A network, its weights by the explorer's names, and a sequence.

    Attributes
    ----------
    network : str
        A key of `NETWORKS`.
    head : bool
        True: y = h W_hy + b_y and softmax cross-entropy against a token at every step. False: ½‖h − target‖².
    x, aims : (T, D) and (T, H) arrays
    tokens : (T,) array of int
    """

    network: str
    head: bool
    graph: Graph
    weights: Mapping[str, Array]
    x: Array
    aims: Array
    tokens: NDArray[np.int64]

    @property
    def steps(self) -> int:
        """T."""
        return len(self.x)

    @property
    def hidden(self) -> int:
        """H."""
        return self.graph["h"].size

    def stacked(self, prefix: str) -> Array:
        """Weights or biases of all gates side by side, as code written for one cell keeps them."""
        return np.concatenate([self.weights[prefix + gate] for gate in GATES[self.network]], axis=-1)

    def unstacked(self, prefix: str, gradient: Array) -> dict[str, Array]:
        """The reverse of `stacked`, for a gradient."""
        gates = GATES[self.network]
        parts = np.split(np.asarray(gradient), len(gates), axis=-1)
        return {prefix + gate: part for gate, part in zip(gates, parts, strict=True)}


@dataclass(frozen=True)
class Peer:
    """One way of doing the work.

    Attributes
    ----------
    step : callable
        Does it once. This is what is timed.
    named : callable
        Makes the result comparable: h and dh as (T, H), and the gradient of every weight by the explorer's name.
    """

    step: Callable[[], Any]
    named: Callable[[Any], dict[str, Array]]


def problem(network: str, head: bool, steps: int = 200, size: int = 32) -> Problem:
    """The same numbers every time."""
    graph = explorer.build(NETWORKS[network], inputs=size, hidden=size, outputs=size)
    if not head:
        graph = _without_head(graph)
    rng = np.random.default_rng(7)
    weights = {name: 0.2 * rng.standard_normal(shape) for name, shape in graph.parameter_shapes.items()}
    for array in weights.values():
        array.flags.writeable = False
    return Problem(
        network,
        head,
        graph,
        weights,
        x=rng.standard_normal((steps, size)),
        aims=rng.standard_normal((steps, size)),
        tokens=rng.integers(0, size, steps),
    )


def _without_head(graph: Graph) -> Graph:
    """The error measured on the state itself: y and its matrix taken away."""
    layers = tuple(layer for layer in graph.layers if layer.role not in ("output", "loss"))
    kept = {layer.name for layer in layers}
    connections = tuple(c for c in graph.connections if {c.source, c.target} <= kept)
    error = Layer("E", 1, "squared_error", role="loss")
    return Graph(f"{graph.name}, error on h", (*layers, error), (*connections, Connection("h", "E")))


def engine(work: Problem) -> Peer:
    """The generic engine, through its public face."""
    x = work.x[:, None]
    targets = work.tokens[:, None] if work.head else work.aims[:, None]

    def step() -> Any:
        trace = explorer.forward(work.graph, work.weights, x, targets)
        gradients = explorer.backward(trace)
        return trace["h"], gradients["h"], gradients.weights

    def named(result: Any) -> dict[str, Array]:
        h, dh, weights = result
        return {"h": h[1:, 0], "dh": dh[1:, 0], **weights}

    return Peer(step, named)


def largest_difference(ours: dict[str, Array], theirs: dict[str, Array]) -> float:
    """Largest difference of any array, relative to the array's largest entry."""
    if ours.keys() != theirs.keys():
        raise ValueError(f"A peer computes {sorted(theirs)}, the engine {sorted(ours)}.")
    return max(float(np.abs(theirs[name] - a).max() / np.abs(a).max()) for name, a in ours.items())
