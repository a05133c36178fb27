"""How a gradient becomes a step: a table, so that another optimiser is one entry.

All of them work on one long vector that holds every weight, and remember vectors of the same length.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import sqrt
from types import MappingProxyType

import numpy as np

from explorer.engine.activations import Array

Moments = tuple[Array, ...]
Rule = Callable[[Array, Moments, int], tuple[Array, Moments]]


@dataclass(frozen=True, slots=True)
class Optimizer:
    """One way to go downhill.

    Attributes
    ----------
    title : str
    moments : int
        Vectors it remembers from step to step, all 0 at first.
    rule : callable
        ``rule(gradient, moments, n) -> (direction, moments)`` for the n-th step, n = 1, 2 …; the weights become
        θ − rate · direction.
    rate : float
        A learning rate that it usually works with.
    formula : str
        LaTeX.
    source : str
    """

    title: str
    moments: int
    rule: Rule
    rate: float
    formula: str
    source: str


def _sgd(gradient: Array, moments: Moments, n: int) -> tuple[Array, Moments]:
    return gradient, ()


def _momentum(gradient: Array, moments: Moments, n: int) -> tuple[Array, Moments]:
    (velocity,) = moments
    velocity = 0.9 * velocity + gradient
    return velocity, (velocity,)


def _rmsprop(gradient: Array, moments: Moments, n: int) -> tuple[Array, Moments]:
    (square,) = moments
    square = 0.9 * square + 0.1 * np.square(gradient)
    return gradient / (np.sqrt(square) + 1e-8), (square,)


def _adam(gradient: Array, moments: Moments, n: int) -> tuple[Array, Moments]:
    mean, square = moments
    mean = 0.9 * mean + 0.1 * gradient
    square = 0.999 * square + 0.001 * np.square(gradient)
    # both begin at 0 and are too small at first; the two corrections are taken together
    root = sqrt(1 - 0.999**n)  # Python's: one of NumPy's would turn what it is multiplied with into float64
    correction, epsilon = root / (1 - 0.9**n), 1e-8 * root
    return correction * mean / (np.sqrt(square) + epsilon), (mean, square)


OPTIMIZERS: Mapping[str, Optimizer] = MappingProxyType(
    {
        "adam": Optimizer(
            "Adam",
            2,
            _adam,
            0.01,
            r"\theta \leftarrow \theta - \eta\,\hat m / (\sqrt{\hat v} + \epsilon)",
            "Kingma & Ba 2015",
        ),
        "rmsprop": Optimizer(
            "RMSProp", 1, _rmsprop, 0.003, r"\theta \leftarrow \theta - \eta\,g / (\sqrt{v} + \epsilon)", "Hinton 2012"
        ),
        "momentum": Optimizer(
            "Momentum",
            1,
            _momentum,
            0.05,
            r"v \leftarrow 0.9\,v + g,\quad \theta \leftarrow \theta - \eta\,v",
            "Polyak 1964",
        ),
        "sgd": Optimizer("SGD", 0, _sgd, 0.3, r"\theta \leftarrow \theta - \eta\,g", "Robbins & Monro 1951"),
    }
)
"""Name → optimiser."""
