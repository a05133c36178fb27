"""Rows of unequal length in one batch: all are computed to the end of the longest, steps or no steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

ROWS = 32
BUCKET = 8
"""Rows of a batch when all are sorted by length first."""

MOST_ROWS, LONGEST = 64, 10_000


def _drawn(draw: Callable[[np.random.Generator], object]) -> tuple[int, ...]:
    lengths = np.asarray(draw(np.random.default_rng(0)), float)
    return tuple(int(n) for n in np.clip(np.rint(lengths), 1, LONGEST))


LENGTHS: Mapping[str, tuple[str, tuple[int, ...]]] = MappingProxyType(
    {
        "sentences": ("sentences, most of 10 to 30 words", _drawn(lambda rng: rng.gamma(4.0, 5.0, ROWS))),
        "reviews": ("reviews, a few of them very long", _drawn(lambda rng: rng.lognormal(3.4, 0.9, ROWS))),
        "alike": ("nearly equal", _drawn(lambda rng: rng.normal(20, 1, ROWS))),
        "one_long": ("31 short rows and a long one", (*(10,) * (ROWS - 1), 100)),
    }
)
"""Ready lengths: name → what they are like, and the lengths."""


@dataclass(frozen=True, slots=True)
class Padding:
    """What padding adds to some rows.

    Attributes
    ----------
    lengths : tuple of int
        By row, as given.
    computed : tuple of int
        Steps to which each row is computed.
    """

    lengths: tuple[int, ...]
    computed: tuple[int, ...]

    @property
    def padded(self) -> int:
        """Computed steps that no row has."""
        return sum(self.computed) - sum(self.lengths)

    @property
    def share(self) -> float:
        """What padded steps are of the computed ones."""
        return self.padded / sum(self.computed)


def together(lengths: Sequence[int]) -> Padding:
    """All rows in one batch.

    Examples
    --------
    >>> together([5, 6, 1]).share
    0.3333333333333333
    """
    return Padding(tuple(lengths), (max(lengths),) * len(lengths))


def in_buckets(lengths: Sequence[int], rows: int = BUCKET) -> Padding:
    """Rows sorted by length, so many to a batch.

    Examples
    --------
    >>> in_buckets([5, 6, 1], rows=2)
    Padding(lengths=(1, 5, 6), computed=(5, 5, 6))
    """
    sorted_rows = buckets(lengths, rows)
    return Padding(
        tuple(length for bucket in sorted_rows for length in bucket),
        tuple(bucket[-1] for bucket in sorted_rows for _ in bucket),
    )


def buckets(lengths: Sequence[int], rows: int = BUCKET) -> list[tuple[int, ...]]:
    """Lengths in ascending order, so many to a batch.

    Examples
    --------
    >>> buckets([5, 6, 1], rows=2)
    [(1, 5), (6,)]
    """
    ordered = sorted(lengths)
    return [tuple(ordered[i : i + rows]) for i in range(0, len(ordered), rows)]


def read(text: str) -> tuple[int, ...] | None:
    """Lengths as somebody types them; None if there are none.

    Examples
    --------
    >>> read("5, 6 and 20"), read("none")
    ((5, 6, 20), None)
    """
    words = "".join(letter if letter.isascii() and letter.isdigit() else " " for letter in text).split()
    found = tuple(min(int(word[:6]), LONGEST) for word in words[:MOST_ROWS] if int(word[:6]) > 0)
    return found or None


def mask(lengths: Sequence[int]) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """(T, B) of bool, False where a row has no step."""
    return np.arange(max(lengths))[:, None] < np.asarray(lengths)
