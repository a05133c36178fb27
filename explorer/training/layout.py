"""Every weight of a network in one long vector, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod

import numpy as np

from explorer.engine.activations import Array
from explorer.engine.timeline import frozen
from explorer.graph import ReadOnly


@dataclass(frozen=True)
class Layout:
    """Where each parameter lies.

    Examples
    --------
    >>> layout = Layout((("W_hh", (2, 2)), ("b_h", (2,))))
    >>> layout.parameters(np.arange(6.0))["b_h"]
    array([4., 5.])
    """

    shapes: tuple[tuple[str, tuple[int, ...]], ...]

    @classmethod
    def of(cls, shapes: Mapping[str, tuple[int, ...]]) -> Layout:
        return cls(tuple(shapes.items()))

    @cached_property
    def spans(self) -> Mapping[str, slice]:
        spans, start = {}, 0
        for name, shape in self.shapes:
            spans[name] = slice(start, start := start + prod(shape))
        return ReadOnly(spans)

    @cached_property
    def size(self) -> int:
        """Numbers in all of them."""
        return sum(prod(shape) for _, shape in self.shapes)

    def vector(self, parameters: Mapping[str, Array]) -> Array:
        """One read-only float32 vector."""
        joined = np.concatenate([parameters[name].ravel() for name, _ in self.shapes])
        return frozen(joined.astype(np.float32, copy=False))

    def parameters(self, vector: Array) -> Mapping[str, Array]:
        """Views of a vector."""
        return ReadOnly({name: vector[self.spans[name]].reshape(shape) for name, shape in self.shapes})
