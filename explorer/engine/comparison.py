"""What became of a gradient: how much of it was removed, how long it still is, and how far it was turned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from explorer.engine.activations import Array
from explorer.graph import ReadOnly


@dataclass(frozen=True, slots=True)
class Difference:
    """A full gradient g and a changed one g̃.

    Attributes
    ----------
    removed : float
        ‖g - g̃‖ / ‖g‖; infinite where g is zero and g̃ is not.
    kept : float
        ‖g̃‖ / ‖g‖, likewise; 1 where both are zero, as nothing has changed.
    angle : float
        Between the two, in degrees; not a number where exactly one is zero and has no direction.
    """

    removed: float
    kept: float
    angle: float


@dataclass(frozen=True, eq=False)
class Comparison:
    """A full and a changed gradient, compared for each parameter and for all of them as one long vector.

    Attributes
    ----------
    full, changed : mapping of str to array
    overall : Difference
    weights : mapping of str to Difference
    """

    full: Mapping[str, Array]
    changed: Mapping[str, Array]
    overall: Difference
    weights: Mapping[str, Difference]


def compare(full: Mapping[str, Array], changed: Mapping[str, Array]) -> Comparison:
    """Compare two gradients of the same parameters.

    Examples
    --------
    >>> found = compare({"W": np.array([3.0, 4.0])}, {"W": np.array([3.0, 0.0])})
    >>> found.overall.removed, found.overall.kept, round(found.weights["W"].angle, 2)
    (0.8, 0.6, 53.13)
    """
    if full.keys() != changed.keys() or any(np.shape(full[n]) != np.shape(changed[n]) for n in full):
        raise ValueError(
            f"Two gradients are compared that belong to different parameters: {_described(full)} and "
            f"{_described(changed)}; take both from one network."
        )
    return Comparison(
        full=ReadOnly(dict(full)),
        changed=ReadOnly(dict(changed)),
        overall=_difference(_joined(full), _joined(changed)),
        weights=ReadOnly({name: _difference(np.ravel(full[name]), np.ravel(changed[name])) for name in full}),
    )


def lengths(array: Array) -> Array:
    """Euclidean lengths along the last axis; no square overflows or underflows on the way.

    Examples
    --------
    >>> lengths(np.array([[3e200, 4e200], [0.0, 0.0], [3e-200, 4e-200]]))
    array([5.e+200, 0.e+000, 5.e-200])
    """
    largest = np.abs(array).max(axis=-1, keepdims=True, initial=0)
    scaled = array / np.where(largest > 0, largest, 1)
    with np.errstate(over="ignore"):  # the length itself may be beyond the range
        return largest[..., 0] * np.sqrt(np.square(scaled).sum(axis=-1))


def unit_vector(array: Array) -> Array:
    """An array as a whole, with a length of 1; zeros if it is zero.

    Examples
    --------
    >>> unit_vector(np.array([[3e300], [-4e300]])).ravel()
    array([ 0.6, -0.8])
    """
    largest = np.abs(array).max(initial=0)
    if not largest:
        return array
    scaled = array / largest
    return scaled / np.sqrt(np.square(scaled).sum())


def _difference(full: Array, changed: Array) -> Difference:
    largest = max(np.abs(full).max(initial=0), np.abs(changed).max(initial=0))
    if not largest:
        return Difference(0.0, 1.0, 0.0)
    g, rest = full / largest, changed / largest
    length = float(lengths(g))
    if not length:
        return Difference(np.inf, np.inf, np.nan)
    along, to = unit_vector(full), unit_vector(changed)
    parallel = float(along @ to)
    across = float(lengths(to - parallel * along))  # an arc cosine has no digits near 0
    angle = float(np.degrees(np.arctan2(across, parallel))) if changed.any() else np.nan
    return Difference(float(lengths(g - rest)) / length, float(lengths(rest)) / length, angle)


def _joined(weights: Mapping[str, Array]) -> Array:
    return np.concatenate([np.zeros(0), *(np.ravel(array) for array in weights.values())])


def _described(weights: Mapping[str, Array]) -> str:
    return ", ".join(f"{name} {np.shape(array)}" for name, array in weights.items()) or "none"
