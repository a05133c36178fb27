"""What the Backward page shows: how much gradient reaches every node, along which way, and what limits leave of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from explorer.engine.activations import Array
from explorer.engine.backward import backward
from explorer.engine.clipping import clipped_by_norm, clipped_by_value
from explorer.engine.comparison import Comparison, lengths
from explorer.engine.gradients import Gradients, steps_along
from explorer.engine.itemised import Itemised, itemised
from explorer.engine.losses import LOSSES
from explorer.engine.timeline import frozen
from explorer.engine.truncation import Truncated, truncated
from explorer.equations import number
from explorer.graph import Graph
from explorer.settings import Network
from explorer.views import Ran, ran

_ROUNDING = 1e-10

CLIPPERS = {"norm": clipped_by_norm, "value": clipped_by_value}
"""Name → how gradients that are too long are shortened."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How far back errors are carried, and how long a gradient may be; None: as far and as long as it is.

    A stride longer than the window is read as the window: errors in between would never be carried anywhere.
    """

    window: int | None = None
    stride: int = 1
    clip: float | None = None
    by: str = "norm"


@dataclass(frozen=True, eq=False)
class Items:
    """What every error t adds to the length of a weight's gradient through its copy in slice k, (T, T), with signs."""

    matrix: Array

    @property
    def total(self) -> float:
        """All together: that length."""
        return float(self.matrix.sum())

    @property
    def own(self) -> float:
        """What errors add in their own slice."""
        return float(self.matrix.diagonal().sum())

    @property
    def near(self) -> float:
        """What they add there and one slice before."""
        return self.own + float(self.matrix.diagonal(-1).sum())


@dataclass(frozen=True, eq=False)
class WentBack:
    """A network whose errors were carried back, whole and within limits.

    Attributes
    ----------
    ran : Ran
    gradients : Gradients
        Of the whole.
    truncated : Truncated or None
        Where a window is set.
    clipped : Comparison or None
        Where a limit is set: the gradient before and after it (of what truncation has left).
    """

    ran: Ran
    gradients: Gradients
    truncated: Truncated | None
    clipped: Comparison | None

    @property
    def graph(self) -> Graph:
        return self.ran.graph

    @property
    def left(self) -> Gradients | Truncated:
        """What truncation leaves, or the whole."""
        return self.truncated or self.gradients

    @cached_property
    def whole(self) -> WentBack:
        """The same without any limit."""
        return WentBack(self.ran, self.gradients, None, None)

    @cached_property
    def nodes(self) -> Mapping[str, Array]:
        """log₁₀ of the norm of the gradient at every node, (T + 1,), index t; -inf is 0, not a number is absent.

        By the value of the node; for an output whose error reads its pre-activation, by that.
        """
        sizes = {}
        for layer in self.graph.layers:
            shown = _logarithm(lengths(self._at(layer.name)))
            shown[[i + 1 for i in layer.presence.absent(len(shown) - 1)]] = np.nan
            sizes[layer.name] = frozen(shown)
        return sizes

    @cached_property
    def links(self) -> tuple[Array, ...]:
        """log₁₀ of the norm of what each copy of a connection hands back, (T,), index t - 1 of its target."""
        found = []
        for c in self.graph.connections:
            layer = self.graph[c.target]
            if c.target not in self.gradients.delta and c.target not in self.gradients.errors:
                sizes = np.full(self.ran.trace.steps, -np.inf)
            else:
                sizes = _logarithm(lengths(self.left.along(c)[:, 0]))
            sizes[[*self.ran.trace.missing(c), *layer.presence.absent(len(sizes))]] = np.nan
            found.append(frozen(sizes))
        return tuple(found)

    @property
    def weights(self) -> Mapping[str, Array]:
        """What is left of ∂L/∂W within the limits."""
        if self.clipped is not None:
            return self.clipped.changed
        return self.truncated.weights if self.truncated else self.gradients.weights

    def contributions(self, weight: str) -> tuple[Array, float]:
        """What each step adds to the length of ∂L/∂W, (T,) with signs, and that length: their sum.

        Where it is clipped, every step's share shrinks alike, so that they add up to what is left.
        """
        left = self.clipped.weights[weight].kept if self.clipped is not None else 1.0
        steps = left * steps_along(self.ran.trace, weight, self.left.delta)
        return frozen(steps), float(steps.sum())

    def unlimited(self, weight: str) -> Array:
        """The same without any limit."""
        return steps_along(self.ran.trace, weight, self.gradients.delta)

    def items(self, weight: str) -> Items:
        """What every error adds to the length of ∂L/∂W through the copy of W in every slice."""
        return Items(self._itemised.along(weight))

    @cached_property
    def _itemised(self) -> Itemised:
        return itemised(self.ran.trace)

    def _at(self, name: str) -> Array:
        """The gradient of a layer, (T + 1, size)."""
        if self.graph[name].role == "loss":
            counted = name in self.gradients.errors
            return np.full((self.ran.trace.steps + 1, 1), float(counted))
        if self.truncated is None and name in self.gradients.initial:
            before = self.gradients.initial[name]  # of all places that hold the initial state, after step T as well
        else:
            before = self.left[name][:1, 0]
        return np.concatenate([before, self._inside(name)])

    def _inside(self, name: str) -> Array:
        """The gradient of a layer at the steps 1 … T, (T, size)."""
        errors = [c.target for c in self.graph.outgoing(name) if c.target in self.gradients.errors]
        if any(LOSSES[self.graph[error].activation].reads == "pre" for error in errors):
            return self.left.delta[name][:, 0]
        return self.left[name][1:, 0]


def went_back(network: Network, limits: Limits = Limits()) -> WentBack:
    """A network, run over its sentence and differentiated.

    Examples
    --------
    >>> view = went_back(Network(text="how are you"), Limits(window=2))
    >>> view.nodes["h"].shape, len(view.links), view.truncated.cuts
    ((5,), 4, (1, 2))
    """
    done = ran(network)
    gradients = backward(done.trace)
    stride = min(limits.stride, limits.window or limits.stride)
    cut = truncated(done.trace, limits.window, stride) if limits.window else None
    left = cut.weights if cut else gradients.weights
    clipped = CLIPPERS[limits.by](left, limits.clip)[1] if limits.clip else None
    return WentBack(done, gradients, cut, clipped)


def _logarithm(sizes: Array) -> Array:
    with np.errstate(divide="ignore"):
        return np.log10(sizes)


def in_percent(share: float) -> str:
    """A share with three digits; what is mere rounding is 0.

    Examples
    --------
    >>> in_percent(0.49527), in_percent(-1e-16)
    ('49.5 %', '0 %')
    """
    return f"{number(100 * share) if abs(share) > _ROUNDING else '0'} %"


def in_degrees(angle: float) -> str:
    """An angle, or that there is none.

    Examples
    --------
    >>> in_degrees(29.2313), in_degrees(float("nan"))
    ('29.2°', 'no direction')
    """
    return "no direction" if angle != angle else f"{number(angle) if angle > _ROUNDING else '0'}°"
