"""Cotangents of one slice of a network, many rows for each of many steps, kept as thin as they are.

A cotangent that starts as the identity of a layer stays diagonal until it meets a matrix, and a diagonal times a matrix
need not be multiplied out before somebody asks for the product: that is where an LSTM's one-step Jacobians come from
for the price of a few vectors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from explorer.engine.activations import Array


@dataclass(frozen=True, slots=True, eq=False)
class Bundle:
    """The sum of a diagonal, of diagonals times matrices, and of a dense array: (n, R, size) for n steps.

    Attributes
    ----------
    diagonal : (n, size) array or None
        Row j is nothing but unit j: R = size.
    scaled : tuple of (array, array)
        Pairs (n, R) and (R, size): the rows of one matrix, scaled at each step.
    dense : (n, R, size) array or None
    """

    diagonal: Array | None = None
    scaled: tuple[tuple[Array, Array], ...] = ()
    dense: Array | None = None

    def times(self, factor: Array) -> Bundle:
        """Every row multiplied unit by unit by (n or 1, size)."""
        diagonal = None if self.diagonal is None else self.diagonal * factor
        if not self.scaled and self.dense is None:
            return Bundle(diagonal)
        return Bundle(diagonal, dense=Bundle(None, self.scaled, self.dense).array() * factor[:, None])

    def through(self, matrix: Array) -> Bundle:
        """Every row times a matrix (size, columns)."""
        scaled = () if self.diagonal is None else ((self.diagonal, matrix),)
        if not self.scaled and self.dense is None:
            return Bundle(scaled=scaled)
        dense = Bundle(None, self.scaled, self.dense).array()
        n, rows, size = dense.shape
        return Bundle(scaled=scaled, dense=(dense.reshape(-1, size) @ matrix).reshape(n, rows, -1))

    def mapped(self, function: Callable[[Array], Array]) -> Bundle:
        """A linear function of dense rows."""
        return Bundle(dense=function(self.array()))

    def plus(self, other: Bundle) -> Bundle:
        """The sum of two."""
        return Bundle(_sum(self.diagonal, other.diagonal), (*self.scaled, *other.scaled), _sum(self.dense, other.dense))

    @property
    def shape(self) -> tuple[int, int, int]:
        """(n, R, size)."""
        if self.dense is not None:
            n, rows, size = self.dense.shape
        elif self.scaled:
            (n, rows), size = self.scaled[0][0].shape, self.scaled[0][1].shape[1]
        else:
            assert self.diagonal is not None
            n, size = self.diagonal.shape
            rows = size
        return n, rows, size

    def array(self) -> Array:
        """Everything multiplied out: (n, R, size)."""
        if self.dense is not None and self.diagonal is None and not self.scaled:
            return self.dense
        out = np.zeros(self.shape)
        self.add_to(out)
        return out

    def put(self, out: Array) -> None:
        """Write into an array (n, R, size)."""
        if len(self.scaled) == 1:
            ((scale, matrix),) = self.scaled
            np.multiply(scale[:, :, None], matrix, out=out)
        elif self.scaled:
            # at row i: (n, matrices) @ (matrices, size); one product for all matrices
            scales = np.stack([scale.T for scale, _ in self.scaled], axis=-1)
            np.matmul(scales, np.stack([matrix for _, matrix in self.scaled], axis=1), out=out.transpose(1, 0, 2))
        else:
            out[...] = 0
        if self.dense is not None:
            out += self.dense
        if self.diagonal is not None:
            diagonal_of(out)[...] += self.diagonal

    def add_to(self, out: Array) -> None:
        """Add to an array (n, R, size)."""
        if self.scaled:
            product = np.empty(out.shape)
            Bundle(scaled=self.scaled).put(product)
            out += product
        if self.dense is not None:
            out += self.dense
        if self.diagonal is not None:
            diagonal_of(out)[...] += self.diagonal

    def after(self, rows: Array) -> Array:
        """Dense rows (n, R', R), each times this: (n, R', size)."""
        product = None
        if self.diagonal is not None:
            product = rows * self.diagonal[:, None]
        if self.scaled or self.dense is not None:
            dense = rows @ Bundle(None, self.scaled, self.dense).array()
            product = dense if product is None else product + dense
        assert product is not None
        return product


def diagonal_of(array: Array) -> Array:
    """View (n, R) of the diagonals of (n, R, R)."""
    return np.lib.stride_tricks.as_strided(
        array, array.shape[:2], (array.strides[0], array.strides[1] + array.strides[2])
    )


def _sum(a: Array | None, b: Array | None) -> Array | None:
    if a is None or b is None:
        return b if a is None else a
    return a + b
