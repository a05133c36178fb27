"""How arrays of (T, B, size) lie in memory.

Everywhere they are indexed by step, row and unit. With few rows they also lie like that. With many it pays to keep
the rows of one unit side by side: then the units of neighbouring layers at one step are one contiguous block, which
one call goes through without a stop at every row. Only who allocates has to know.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from explorer.engine.activations import Array

FEWEST_ROWS = 8
"""From this batch size on, rows of one unit side by side are faster (measured)."""


def blank(steps: int, batch: int, size: int, dtype: Any, rows_inside: bool) -> Array:
    """(T, B, size) zeros; with `rows_inside` a view of an array (T, size, B).

    Examples
    --------
    >>> blank(5, 8, 3, float, False)[0].flags.c_contiguous, blank(5, 8, 3, float, True)[0].T.flags.c_contiguous
    (True, True)
    """
    if rows_inside:
        return np.zeros((steps, size, batch), dtype).swapaxes(1, 2)
    return np.zeros((steps, batch, size), dtype)


class Bank:
    """Columns of neighbouring layers, (T, B, width), in blocks that each lie in memory for themselves.

    What lies apart is gone through faster over all steps; what lies together, inside one step. A block that nobody asks
    for is never made.

    Parameters
    ----------
    blocks : sequence of slice
        Columns of each block.
    steps, batch : int
    dtype : numpy.dtype
    rows_inside : bool
        As for `blank`.

    Examples
    --------
    >>> bank = Bank([slice(0, 4), slice(4, 6)], 5, 8, float, True)
    >>> bank.columns(slice(1, 3)).shape, [array.shape for array in bank.arrays]
    ((5, 8, 2), [(5, 8, 4)])
    """

    def __init__(self, blocks: Iterable[slice], steps: int, batch: int, dtype: Any, rows_inside: bool) -> None:
        self._blocks = tuple(blocks)
        self._lies = steps, batch, dtype, rows_inside
        self._made: dict[int, Array] = {}

    def columns(self, span: slice) -> Array:
        """View of columns that lie in one block."""
        block = next(b for b in self._blocks if b.start <= span.start and span.stop <= b.stop)
        steps, batch, dtype, rows_inside = self._lies
        if block.start not in self._made:
            self._made[block.start] = blank(steps, batch, block.stop - block.start, dtype, rows_inside)
        return self._made[block.start][..., span.start - block.start : span.stop - block.start]

    @property
    def arrays(self) -> list[Array]:
        """The blocks that somebody has asked for."""
        return list(self._made.values())


def multiply(vectors: Array, matrix: Array, out: Array) -> None:
    """``out[...] = vectors @ matrix`` for (T, B, n) and (T, B, m): one product if steps and rows can be joined."""
    joined, joined_out = _joined(vectors), _joined(out)
    if joined is None or joined_out is None:
        np.matmul(vectors, matrix, out=out)
    else:
        np.matmul(joined, matrix, out=joined_out)


def _joined(array: Array) -> Array | None:
    """(T·B, size) view, if there is one."""
    steps, batch, size = array.shape
    if steps == 1:
        return array[0]
    return array.reshape(-1, size) if array.strides[0] == batch * array.strides[1] else None


class Sheet:
    """A table with a line for every step and row, made for products over all of them.

    Attributes
    ----------
    by_step : (T, B, size) array
        To be filled in.
    lines : (T·B, size) array
        The same numbers.
    """

    def __init__(self, steps: int, batch: int, size: int, dtype: Any, rows_inside: bool) -> None:
        if rows_inside:  # whole runs of rows are copied, and products read either order
            by_unit = np.zeros((size, steps, batch), dtype)
            self.by_step, self.lines = by_unit.transpose(1, 2, 0), by_unit.reshape(size, -1).T
        else:
            self.by_step = np.zeros((steps, batch, size), dtype)
            self.lines = self.by_step.reshape(-1, size)
