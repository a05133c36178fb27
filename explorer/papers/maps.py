"""The networks of theory, x_t = W φ(x_{t-1}) + b without input, as delay graphs, and products of their Jacobians."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from explorer.engine.activations import ACTIVATIONS, Array
from explorer.engine.backward import backward
from explorer.engine.forward import forward
from explorer.engine.timeline import frozen
from explorer.engine.trace import Trace
from explorer.graph import Connection, Graph, Layer, Presence

CLOCK = Layer("clock", 1, role="input")
"""Nothing reads it: it only says how many steps there are."""


def squashed_first(activation: str, size: int, diagonal: bool = False, read_out: bool = False) -> Graph:
    """x_t = W m_t + b with m_t = φ(x_{t-1}): the order of φ and W in which the papers of theory write it.

    Parameters
    ----------
    activation : str
    size : int
    diagonal : bool
        As many networks of one unit as there are units, which never meet.
    read_out : bool
        Compare σ(x_T) with a target, by squared error.
    """
    layers = [CLOCK, Layer("m", size, activation), Layer("x", size, bias="b", role="state")]
    connections = [Connection("x", "m", delay=1), Connection("m", "x", "W", diagonal=diagonal)]
    if read_out:
        last = Presence(first=-1)
        layers += [
            Layer("y", size, "sigmoid", role="output", presence=last),
            Layer("E", 1, "squared_error", role="loss", presence=last),
        ]
        connections += [Connection("x", "y"), Connection("y", "E")]
    return Graph("x_t = W φ(x_{t-1}) + b", tuple(layers), tuple(connections))


def left_alone(
    graph: Graph, parameters: Mapping[str, Array], steps: int, initial: Mapping[str, Array], target: Array | None = None
) -> Trace:
    """Run a network without input for some steps; a target is one value for each unit of the last y."""
    targets = None if target is None else np.broadcast_to(target, (steps, 1, len(target)))
    return forward(graph, parameters, np.zeros((steps, 1, 1)), targets, initial=initial)


def products(trace: Trace, layer: str) -> Array:
    """Products of Jacobians back from the last step: entry l is ∂h_T/∂h_{T-l}, (T + 1, size, size).

    Entry [l, i, j] is the derivative of unit i at step T by unit j, l steps before. One backward pass with a
    cotangent for each unit gives them all.

    Examples
    --------
    >>> graph = squashed_first("identity", 1)
    >>> trace = left_alone(graph, {"W": np.array([[0.5]]), "b": np.zeros(1)}, 3, {})
    >>> products(trace, "x")[:, 0, 0]
    array([1.   , 0.5  , 0.25 , 0.125])
    """
    size = trace.graph[layer].size
    seed = np.zeros((trace.steps + 1, size, size))
    seed[-1] = np.eye(size)
    return frozen(backward(trace, {layer: seed})[layer][::-1].copy())


def norms(jacobians: Array) -> Array:
    """Largest singular value of each matrix of a stack."""
    return np.linalg.norm(jacobians, 2, axis=(-2, -1))


@dataclass(frozen=True, slots=True)
class Squash:
    """A squashing function's steepest slope γ, and its argument in units of tanh's: σ(x) = ½ + ½ tanh(x / 2)."""

    gamma: float
    stretch: float

    def where(self, share: Array) -> Array:
        """The point x at which the slope is a given share of γ."""
        return self.stretch * np.arctanh(np.sqrt(1 - share))


SQUASHES: Mapping[str, Squash] = MappingProxyType({"tanh": Squash(1.0, 1.0), "sigmoid": Squash(0.25, 2.0)})
"""Activations that are steepest in the middle."""


def at_fixed_point(activation: str, matrix: Array, share: Array, steps: int) -> Trace:
    """x_t = W φ(x_{t-1}) + b, started in a fixed point where the slopes are given shares of γ; b follows from that."""
    x = SQUASHES[activation].where(share)
    parameters = {
        "W": matrix.T.copy(),
        "b": x - matrix @ ACTIVATIONS[activation].function(x),
    }  # the engine multiplies rows: m W
    return left_alone(squashed_first(activation, len(x)), parameters, steps, {"x": x})
