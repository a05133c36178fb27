"""Errors E_t at single steps, each with its derivative: a table, so that a new one is one entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np

from explorer.engine.activations import Array, row_peak


@dataclass(frozen=True, slots=True)
class Loss:
    """An error of one output layer against targets.

    Attributes
    ----------
    reads : {"pre", "value"}
        Whether its gradient is handed back at the layer's pre-activation a or at its value y.
    accepts : tuple of str
        Activations the output layer may have; empty for any.
    function : callable
        ``function(a, y, target) -> E`` with a and y (T, B, size), E (T, B) in `unit`; integer targets (T, B) are
        one-hot.
    gradient : callable
        ``gradient(a, y, target) -> ∂E/∂a`` or ``∂E/∂y``, (T, B, size).
    formula, unit : str
        LaTeX, and what the number is measured in.
    """

    reads: Literal["pre", "value"]
    accepts: tuple[str, ...]
    function: Callable[[Array, Array, Array], Array]
    gradient: Callable[[Array, Array, Array], Array]
    formula: str
    unit: str


def _is_tokens(target: Array) -> bool:
    return np.issubdtype(target.dtype, np.integer)


def _at(tokens: Array) -> tuple[Array, Array]:
    """Index of every token's unit in an array of (T·B, size); faster than take_along_axis."""
    return np.arange(tokens.size), tokens.ravel()


def _rows(array: Array) -> Array:
    return array.reshape(-1, array.shape[-1])


def _cross_entropy(a: Array, y: Array, target: Array) -> Array:
    # from the logits, not from y: exact where a probability has underflowed
    peak = row_peak(a)
    log_partition = np.log(np.exp(a - peak).sum(axis=-1)) + peak[..., 0]
    if _is_tokens(target):
        return log_partition - _rows(a)[_at(target)].reshape(target.shape)
    return log_partition * target.sum(axis=-1) - np.sum(target * a, axis=-1)


def _cross_entropy_gradient(a: Array, y: Array, target: Array) -> Array:
    if _is_tokens(target):
        return _difference(a, y, target)
    return y * target.sum(axis=-1, keepdims=True) - target


def _difference(a: Array, y: Array, target: Array) -> Array:
    if not _is_tokens(target):
        return y - target
    difference = y.copy()
    _rows(difference)[_at(target)] -= 1
    return difference


def _half_squares(a: Array, y: Array, target: Array) -> Array:
    return 0.5 * np.square(_difference(a, y, target)).sum(axis=-1)


LOSSES: Mapping[str, Loss] = MappingProxyType(
    {
        "cross_entropy": Loss(
            reads="pre",
            accepts=("softmax",),
            function=_cross_entropy,
            gradient=_cross_entropy_gradient,
            formula=r"-\ln %s[\text{target}]",
            unit="nats",
        ),
        "squared_error": Loss(
            reads="value",
            accepts=(),
            function=_half_squares,
            gradient=_difference,
            formula=r"\tfrac{1}{2}\lVert %s - \text{target}\rVert^2",
            unit="squared units",
        ),
    }
)
"""Name → loss."""
