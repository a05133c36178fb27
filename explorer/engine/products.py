"""Products of many Jacobians whose singular values lie hundreds of powers of ten apart, each with all its digits.

A product of square matrices M = A₁ A₂ … is kept as L · 2^e · Q: columns of L of ordinary size, an exponent for each,
and Q orthogonal, so that directions that fade are not lost beside those that grow. The singular values are those of
L · 2^e, found by one-sided Jacobi rotations that never form the powers (Hestenes 1958; accurate for columns of
different size: Demmel and Veselić 1992).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.engine.activations import Array
from explorer.engine.timeline import frozen

_SWEEPS = 40
_NEARLY_ORTHOGONAL = 1e-7  # a sweep squares the cosines that it meets


@dataclass(frozen=True, slots=True, eq=False)
class Scaled:
    """The matrix mantissa · 2**exponent."""

    mantissa: Array
    exponent: int

    def array(self) -> Array:
        """The matrix itself, as far as its numbers are in the range of their type."""
        with np.errstate(over="ignore", under="ignore"):
            return np.ldexp(self.mantissa, self.exponent)

    def times(self, other: Array) -> Scaled:
        """The product with another matrix, its largest number between ½ and 1."""
        return Scaled.of(self.mantissa @ other, self.exponent)

    @classmethod
    def of(cls, matrix: Array, exponent: int = 0) -> Scaled:
        """A matrix with its largest number brought between ½ and 1."""
        power = int(np.frexp(np.abs(matrix).max(initial=0))[1])
        return cls(frozen(np.ldexp(matrix, -power)), exponent + power)


class Product:
    """A product that grows to the right, starting from the identity.

    Examples
    --------
    >>> product = Product(2)
    >>> for _ in range(400):
    ...     product.append(np.array([[10.0, 1.0], [0.0, 0.1]]))
    >>> product.log10_singular_values().round(3)
    array([ 400.002, -400.002])
    """

    def __init__(self, size: int) -> None:
        self.left, self.right = np.eye(size), np.eye(size)
        self.exponents = np.zeros(size, np.int64)

    def append(self, matrix: Array) -> None:
        """M becomes M · matrix."""
        order = np.argsort(-self.exponents, kind="stable")  # then what is scaled below is scaled down
        self.exponents = self.exponents[order]
        q, r = np.linalg.qr((self.right[order] @ matrix).T)
        distance = np.clip(self.exponents[:, None] - self.exponents, -3000, 0)
        self.left, self.right = self.left[:, order] @ np.ldexp(r.T, distance), q.T
        power = np.frexp(np.abs(self.left).max(axis=0))[1]
        self.left = np.ldexp(self.left, -power)
        self.exponents += power

    def log10_singular_values(self) -> Array:
        """log₁₀ of the singular values, descending; -inf for 0.

        The product is kept in the form found, U · 2^e · V, from which the next is near.
        """
        rows, right = self.left.T.copy(), self.right
        norms = np.sqrt(np.vecdot(rows, rows))
        some = norms > 0
        logs = np.full(len(rows), -np.inf)
        logs[some] = np.log2(norms[some]) + self.exponents[some]
        rows[some] /= norms[some, None]
        right = right.copy()
        _orthogonalise(rows, logs, right)
        finite = np.isfinite(logs)
        self.exponents = np.where(finite, np.floor(logs), self.exponents.min()).astype(np.int64)
        self.left = (rows * np.exp2(np.where(finite, logs - self.exponents, -np.inf))[:, None]).T
        self.right = right
        return np.sort(logs)[::-1] * np.log10(2)


def _orthogonalise(rows: Array, logs: Array, right: Array) -> None:
    """Rotate unit rows, of norms 2**logs, until they are orthogonal; in place, and the rows of `right` along."""
    size = len(rows)
    if size < 2:
        return
    players = list(range(size + size % 2))
    for _ in range(_SWEEPS):
        order = np.argsort(-logs, kind="stable")
        worst = 0.0
        for _ in range(len(players) - 1):
            half = len(players) // 2
            pairs = [(a, b) for a, b in zip(players[:half], players[: half - 1 : -1], strict=True) if max(a, b) < size]
            p, q = order[[min(pair) for pair in pairs]], order[[max(pair) for pair in pairs]]
            worst = max(worst, _rotate(rows, logs, right, p, q))
            players = [players[0], players[-1], *players[1:-1]]
        if worst < _NEARLY_ORTHOGONAL:
            return


def _rotate(rows: Array, logs: Array, right: Array, p: Array, q: Array) -> float:
    """One rotation for each of several pairs of rows; the largest cosine between two that it met."""
    swap = logs[p] < logs[q]
    p, q = np.where(swap, q, p), np.where(swap, p, q)
    long, short = rows[p], rows[q]
    cosine = np.vecdot(long, short)
    with np.errstate(invalid="ignore"):
        ratio = np.where(np.isfinite(logs[q]), np.exp2(logs[q] - logs[p]), 0.0)
    gap = (1 - ratio) * (1 + ratio)
    # tangent / ratio: of order 1, however far the two are apart
    divisor = gap + np.hypot(gap, 2 * ratio * cosine)
    share = np.divide(2 * cosine, divisor, out=np.zeros_like(cosine), where=divisor > 0)
    tangent = (share * ratio)[:, None]
    c = 1 / np.sqrt(1 + tangent**2)
    _replace(rows, logs, p, c * (long + tangent * ratio[:, None] * short))
    _replace(rows, logs, q, c * (short - share[:, None] * long))
    right[p], right[q] = c * (right[p] + tangent * right[q]), c * (right[q] - tangent * right[p])
    return float(np.abs(cosine).max(initial=0))


def _replace(rows: Array, logs: Array, which: Array, new: Array) -> None:
    norms = np.sqrt(np.vecdot(new, new))
    with np.errstate(divide="ignore"):
        logs[which] += np.log2(norms)
    rows[which] = np.divide(new, norms[:, None], out=np.zeros_like(new), where=norms[:, None] > 0)
