"""Activation functions, each with its derivative: a table, so that a new one is one entry.

Outside loops the exact vectorised form is used. A loop over time uses ``gain * base(*leading, scale * a) + offset``,
in which one ufunc call serves all neighbouring gates; it agrees with the exact form to rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Activation:
    """A function of the pre-activation a, applied along the last axis.

    Attributes
    ----------
    function : callable
        ``function(a) -> y``.
    backward : callable
        ``backward(a, y, g) -> ∂L/∂a`` for g = ∂L/∂y.
    derivative : callable or None
        ``derivative(a, y) -> ∂y/∂a`` if each unit depends on itself alone, else None.
    quick_derivative : callable or None
        ``quick_derivative(y, out)`` writes ∂y/∂a as far as the value tells: without an exponential, and without the
        digits that y has lost where it is flat. None where `derivative` is.
    formula : str
        LaTeX, with ``%s`` where the argument goes.
    base, leading, scale, gain, offset
        The form used inside loops; `base` is None where `function` itself is used there.
    slope : float or None
        The steepest it gets, sup |∂y/∂a|; None where units depend on each other.
    """

    function: Callable[[Array], Array]
    backward: Callable[[Array, Array, Array], Array]
    derivative: Callable[[Array, Array], Array] | None
    quick_derivative: Callable[[Array, Array], None] | None
    formula: str
    base: Callable[..., Any] | None = None
    leading: tuple[float, ...] = ()
    scale: float = 1.0
    gain: float = 1.0
    offset: float = 0.0
    slope: float | None = None


def _elementwise(
    function: Callable[[Array], Array],
    derivative: Callable[[Array, Array], Array],
    quick_derivative: Callable[[Array, Array], None],
    formula: str,
    **fast: Any,
) -> Activation:
    return Activation(function, lambda a, y, g: g * derivative(a, y), derivative, quick_derivative, formula, **fast)


def _always(slope: float) -> Callable[[Array, Array], None]:
    return lambda y, out: out.fill(slope)


def _sigmoid(a: Array) -> Array:
    z = np.exp(-np.abs(a))  # never overflows, and keeps every digit of both tails
    return np.where(a >= 0, 1, z) / (1 + z)


def _sigmoid_derivative(a: Array, y: Array) -> Array:
    z = np.exp(-np.abs(a))
    return z / np.square(1 + z)


def _tanh_derivative(a: Array, y: Array) -> Array:
    # 1 - y² loses its digits where y rounds to 1, which is where a plot of saturation looks
    z = np.exp(-2 * np.abs(a))
    return 4 * z / np.square(1 + z)


def _quick_sigmoid_derivative(y: Array, out: Array) -> None:
    np.subtract(1, y, out=out)
    np.multiply(out, y, out=out)


def _quick_tanh_derivative(y: Array, out: Array) -> None:
    np.multiply(y, y, out=out)
    np.subtract(1, out, out=out)


def _relu_derivative_of_value(y: Array, out: Array) -> None:
    np.greater(y, 0, out=out)


def _relu_into(a: Array, y: Array) -> None:
    np.maximum(a, 0, out=y)  # NumPy wants `out` by name here


def softmax(a: Array) -> Array:
    """Probabilities along the last axis; shifted, so that nothing overflows."""
    e = np.exp(a - row_peak(a))
    e /= e.sum(axis=-1, keepdims=True)
    return e


def row_peak(a: Array) -> Array:
    """What to subtract from logits before exponentials: the maximum of each row, or one for all if that is safe."""
    peak = a.max()
    if peak - a.min() < 80:  # e⁻⁸⁰ is a normal number in float32 too, and one maximum is cheaper than T
        return np.full((1,) * a.ndim, peak, a.dtype)
    return a.max(axis=-1, keepdims=True)


def _softmax_backward(a: Array, y: Array, g: Array) -> Array:
    return y * (g - np.sum(g * y, axis=-1, keepdims=True))


ACTIVATIONS: Mapping[str, Activation] = MappingProxyType(
    {
        "tanh": _elementwise(
            np.tanh, _tanh_derivative, _quick_tanh_derivative, r"\tanh\left(%s\right)", base=np.tanh, slope=1.0
        ),
        "sigmoid": _elementwise(
            _sigmoid,
            _sigmoid_derivative,
            _quick_sigmoid_derivative,
            r"\sigma\left(%s\right)",
            base=np.tanh,  # σ(a) = ½ tanh(½ a) + ½
            scale=0.5,
            gain=0.5,
            offset=0.5,
            slope=0.25,
        ),
        "relu": _elementwise(
            lambda a: np.maximum(a, 0),
            lambda a, y: (a > 0).astype(a.dtype),
            _relu_derivative_of_value,
            r"\max\left(0, %s\right)",
            base=_relu_into,
            slope=1.0,
        ),
        "identity": _elementwise(
            np.positive, lambda a, y: np.ones_like(a), _always(1.0), "%s", base=np.positive, slope=1.0
        ),
        "one_minus": _elementwise(
            lambda a: 1 - a,
            lambda a, y: np.full_like(a, -1),
            _always(-1.0),
            r"1 - %s",
            base=np.subtract,
            leading=(1.0,),
            slope=1.0,
        ),
        # what a gate is held at; its pre-activation is computed and has no effect
        "one": _elementwise(
            np.ones_like, lambda a, y: np.zeros_like(a), _always(0.0), r"0 \cdot \left(%s\right) + 1", slope=0.0
        ),
        "zero": _elementwise(
            np.zeros_like, lambda a, y: np.zeros_like(a), _always(0.0), r"0 \cdot \left(%s\right)", slope=0.0
        ),
        "softmax": Activation(softmax, _softmax_backward, None, None, r"\operatorname{softmax}\left(%s\right)"),
    }
)
"""Name → activation: the menu, the value in a link and the list the tests run over."""

SQUASHING = ("tanh", "sigmoid", "relu")
"""Activations offered as the cell's own function phi."""
