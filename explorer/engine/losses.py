"""Errors E_t at single steps, each with its derivative: a table, so that a new one is one entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np

from explorer.engine.activations import Array, softmax


@dataclass(frozen=True, slots=True)
class Loss:
    """An error of one output layer against targets.

    Attributes
    ----------
    reads : {"pre", "value"}
        Whether it is a function of the layer's pre-activation (logits) or of its value.
    accepts : tuple of str
        Activations the output layer may have; empty for any.
    function : callable
        ``function(z, target) -> E`` with z (T, B, size), E (T, B) in `unit`; integer targets (T, B) are one-hot.
    gradient : callable
        ``gradient(z, target) -> ∂E/∂z`` (T, B, size).
    formula, unit : str
        LaTeX, and what the number is measured in.
    """

    reads: Literal["pre", "value"]
    accepts: tuple[str, ...]
    function: Callable[[Array, Array], Array]
    gradient: Callable[[Array, Array], Array]
    formula: str
    unit: str


def _is_tokens(target: Array) -> bool:
    return np.issubdtype(target.dtype, np.integer)


def _cross_entropy(logits: Array, target: Array) -> Array:
    peak = logits.max(axis=-1, keepdims=True)
    log_partition = peak[..., 0] + np.log(np.exp(logits - peak).sum(axis=-1))
    if _is_tokens(target):
        return log_partition - logits.reshape(-1, logits.shape[-1])[_at(target)].reshape(target.shape)
    return log_partition * target.sum(axis=-1) - np.sum(target * logits, axis=-1)


def _cross_entropy_gradient(logits: Array, target: Array) -> Array:
    gradient = softmax(logits)
    if not _is_tokens(target):
        return gradient * target.sum(axis=-1, keepdims=True) - target
    gradient.reshape(-1, gradient.shape[-1])[_at(target)] -= 1
    return gradient


def _at(tokens: Array) -> tuple[Array, Array]:
    """Index of every token's unit in an array of (T·B, size); an order faster than take_along_axis."""
    return np.arange(tokens.size), tokens.ravel()


def _difference(y: Array, target: Array) -> Array:
    if not _is_tokens(target):
        return y - target
    difference = y.copy()
    difference.reshape(-1, y.shape[-1])[_at(target)] -= 1
    return difference


LOSSES: Mapping[str, Loss] = MappingProxyType(
    {
        "cross_entropy": Loss(
            reads="pre",
            accepts=("softmax", "identity"),
            function=_cross_entropy,
            gradient=_cross_entropy_gradient,
            formula=r"-\ln %s[\text{target}]",
            unit="nats",
        ),
        "squared_error": Loss(
            reads="value",
            accepts=(),
            function=lambda y, target: 0.5 * np.sum(np.square(_difference(y, target)), axis=-1),
            gradient=_difference,
            formula=r"\tfrac{1}{2}\lVert %s - \text{target}\rVert^2",
            unit="squared units",
        ),
    }
)
"""Name → loss."""
