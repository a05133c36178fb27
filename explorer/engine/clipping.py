"""Clipping of gradients that are too long, as a whole or entry by entry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from explorer.engine.activations import Array
from explorer.engine.comparison import Comparison, compare, unit_vector
from explorer.engine.inputs import as_array
from explorer.engine.timeline import frozen
from explorer.graph import ReadOnly


def norm(weights: Mapping[str, Array]) -> float:
    """Length of the gradients of all parameters as one long vector; infinite if it is beyond the range of floats."""
    largest = max((float(np.abs(array).max(initial=0)) for array in weights.values()), default=0.0)
    if not largest:
        return 0.0
    return largest * float(np.sqrt(sum(float(np.square(array / largest).sum()) for array in weights.values())))


def clipped_by_norm(weights: Mapping[str, Array], most: float) -> tuple[Mapping[str, Array], Comparison]:
    """Shorten the gradients of all parameters together to a length, if they are longer (Pascanu et al. 2013).

    The direction stays.

    Parameters
    ----------
    weights : mapping of str to array
        ∂L/∂W by parameter.
    most : float
        The length they may have together, positive.

    Examples
    --------
    >>> clipped, found = clipped_by_norm({"W": np.array([3.0, 4.0])}, 1)
    >>> clipped["W"], round(found.overall.removed, 12)
    (array([0.6, 0.8]), 0.8)
    """
    weights = _checked(weights, most)
    if norm(weights) <= most:
        return _compared(weights, {name: array.copy() for name, array in weights.items()})
    joined = unit_vector(np.concatenate([array.ravel() for array in weights.values()])) * most
    stops = np.cumsum([array.size for array in weights.values()])[:-1]
    pieces = np.split(joined, stops)
    return _compared(
        weights,
        {n: piece.reshape(a.shape).astype(a.dtype) for (n, a), piece in zip(weights.items(), pieces, strict=True)},
    )


def clipped_by_value(weights: Mapping[str, Array], most: float) -> tuple[Mapping[str, Array], Comparison]:
    """Cut every entry of every gradient off at a size (Mikolov 2012). The direction changes.

    Parameters
    ----------
    weights : mapping of str to array
        ∂L/∂W by parameter.
    most : float
        What an entry may be, up or down; positive.

    Examples
    --------
    >>> clipped, found = clipped_by_value({"W": np.array([1.0, -4.0])}, 1)
    >>> clipped["W"], round(found.overall.angle, 2)
    (array([ 1., -1.]), 30.96)
    """
    weights = _checked(weights, most)
    return _compared(weights, {name: np.clip(array, -most, most) for name, array in weights.items()})


def _compared(weights: Mapping[str, Array], clipped: Mapping[str, Array]) -> tuple[Mapping[str, Array], Comparison]:
    done = ReadOnly({name: frozen(array) for name, array in clipped.items()})
    return done, compare(weights, done)


def _checked(weights: Mapping[str, Any], most: Any) -> dict[str, Array]:
    """The gradients as arrays of floats: what is given as integers could not be shortened."""
    if not (isinstance(most, int | float | np.number) and 0 < most < np.inf):
        raise ValueError(f"Gradients are clipped at a positive number; {most!r} was given.")
    checked = {}
    for name, given in weights.items():
        array = as_array(given, f"The gradient of '{name}'")
        if not np.issubdtype(array.dtype, np.floating):
            try:
                array = array.astype(np.float64)
            except (TypeError, ValueError):
                raise ValueError(f"The gradient of '{name}' must hold numbers; its type is {array.dtype}.") from None
        if not np.isfinite(array).all():
            raise ValueError(f"The gradient of '{name}' is not finite and cannot be clipped; give smaller weights.")
        checked[name] = array
    return checked
