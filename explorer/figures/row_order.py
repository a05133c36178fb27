"""The order of the layers in a row: what it costs, and the best of those tried."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, permutations

import numpy as np

from explorer.engine.activations import Array

Arrow = tuple[str, str]
Term = tuple[float, ...]

_CROSSING, _RUN_THROUGH, _OFF_CENTRE = 3.0, 20.0, 0.4
_SHIFTS = (0.0, -0.5, 0.5, -1.0, 1.0)
_STRETCHES = (1.0, 1.5, 2.0)
_MOST_ORDERED = 4  # members of a row for which every order is tried
_MOST_AT_ONCE, _MOST_IN_ALL = 60_000, 4_000_000  # terms weighed for one row, and for a whole network
_OVERHEAD = 30  # what a candidate costs besides its terms, in terms
_DIGITS = 9  # what differs less is a tie, whatever the order in which numbers were added


class Effort:
    """How many terms have been weighed, and how many more may be."""

    def __init__(self) -> None:
        self.spent = 0

    def affordable(self, terms: int) -> int:
        """How many candidates with that many terms may be compared now."""
        return min(_MOST_AT_ONCE, _MOST_IN_ALL - self.spent) // terms


def spread(row: Iterable[str]) -> dict[str, float]:
    """Columns of a row in its order, one apart, centred on 0.

    Examples
    --------
    >>> spread(["i", "f", "o"])
    {'i': -1.0, 'f': 0.0, 'o': 1.0}
    """
    names = list(row)
    return {name: i - (len(names) - 1) / 2 for i, name in enumerate(names)}


def rows_of(levels: Sequence[Sequence[str]], arrows: Sequence[Arrow]) -> list[Row]:
    """Every row with all that its order can make better or worse."""
    level = {name: i for i, row in enumerate(levels) for name in row}
    place = {name: i for i, name in enumerate(level)}
    touching: list[list[Term]] = [[] for _ in levels]
    passed: list[list[Term]] = [[] for _ in levels]
    parallel: list[list[Term]] = [[] for _ in levels]
    spans: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for source, target in arrows:
        low, high = level[source], level[target]
        for i in (low, high):
            touching[i].append((place[source], place[target]))
        for i in range(low + 1, high):
            for name in levels[i]:
                for concerned in (low, i, high):
                    passed[concerned].append((place[source], place[target], place[name], (i - low) / (high - low)))
        spans[low, high].append((place[source], place[target]))
    for (low, high), alike in spans.items():
        pairs = [(*one, *other) for one, other in combinations(alike, 2)]
        for i in (low, high):
            parallel[i] += pairs
    members = [[place[name] for name in row] for row in levels]
    return [Row(*parts) for parts in zip(members, touching, passed, parallel, strict=True)]


class Row:
    """The layers of a row, by number, and the arrows that touch them, pass them or run beside those that do."""

    def __init__(
        self, members: Sequence[int], touching: Sequence[Term], passed: Sequence[Term], parallel: Sequence[Term]
    ) -> None:
        self.members = np.array(members)
        self._touching = np.array(touching, dtype=int).reshape(-1, 2).T
        *self._passed, self._share = np.array(passed, dtype=float).reshape(-1, 4).T
        self._passed = [column.astype(int) for column in self._passed]
        self._parallel = np.array(parallel, dtype=int).reshape(-1, 4).T
        self.terms = _OVERHEAD + len(members) + len(touching) + len(passed) + len(parallel)

    def best(self, order: Array, widest: float, effort: Effort) -> Array:
        """The columns of this row that serve it best while all other rows stay."""
        most = effort.affordable(self.terms)
        if most < 2:
            return np.asarray(order[self.members])
        tried = self._candidates(order, widest)
        if most < len(tried):
            tried = [tried[0], self._as_neighbours(order), *tried[1 : most - 1]]
        columns = np.array(tried)
        orders = np.repeat(order[None], len(columns), axis=0)
        orders[:, self.members] = columns
        effort.spent += len(columns) * self.terms
        return np.asarray(columns[np.round(self.costs(orders), _DIGITS).argmin()])

    def costs(self, orders: Array) -> Array:
        """Length, crossings and arrows through layers of each order, as far as this row has a part in them.

        Parameters
        ----------
        orders : (N, layers) array
            Column of every layer of the network.

        Returns
        -------
        (N,) array
        """
        cost = _OFF_CENTRE * np.square(orders[:, self.members]).sum(axis=1)
        source, target = self._touching
        cost += np.square(orders[:, target] - orders[:, source]).sum(axis=1)
        source, target, name = self._passed
        passing = orders[:, source] + self._share * (orders[:, target] - orders[:, source])
        cost += _RUN_THROUGH * np.maximum(0, 1 - 2 * np.abs(passing - orders[:, name])).sum(axis=1)
        source, target, other_source, other_target = self._parallel
        crossing = (orders[:, source] - orders[:, other_source]) * (orders[:, target] - orders[:, other_target]) < 0
        return np.asarray(cost + _CROSSING * crossing.sum(axis=1))

    def _candidates(self, order: Array, widest: float) -> list[Array]:
        """Columns to try, the present ones first, none wider than the cell."""
        centred = np.arange(len(self.members)) - (len(self.members) - 1) / 2
        tried = [order[self.members]]
        for ranks in self._orders(order):
            tried += [
                stretch * centred[list(ranks)] + shift
                for stretch in (_STRETCHES if len(ranks) > 1 else (1.0,))
                for shift in _SHIFTS
            ]
        limit = max(widest, (len(self.members) - 1) / 2)
        return [columns for columns in tried if np.abs(columns).max() <= limit]

    def _orders(self, order: Array) -> Iterator[tuple[int, ...]]:
        """Rank of each member, from the left."""
        count = len(self.members)
        if count <= _MOST_ORDERED:
            yield from (_ranks(members) for members in permutations(range(count)))
            return
        now = [int(i) for i in np.argsort(order[self.members], kind="stable")]
        means = self._means_of_neighbours(order)
        yield _ranks(sorted(now, key=means.__getitem__))
        for i in range(count):
            yield _ranks([*now[i:], *now[:i]])
            for j in range(i):
                swapped = list(now)
                swapped[i], swapped[j] = now[j], now[i]
                yield _ranks(swapped)

    def _as_neighbours(self, order: Array) -> Array:
        """Each under or over what it is joined to, as far as that can be."""
        ranks = _ranks(sorted(range(len(self.members)), key=self._means_of_neighbours(order).__getitem__))
        return np.array(ranks) - (len(self.members) - 1) / 2

    def _means_of_neighbours(self, order: Array) -> list[float]:
        source, target = self._touching
        joined = [
            np.concatenate([order[target[source == member]], order[source[target == member]]])
            for member in self.members
        ]
        return [float(columns.mean()) if len(columns) else 0.0 for columns in joined]


def _ranks(members: Sequence[int]) -> tuple[int, ...]:
    """From who stands where to where each stands."""
    return tuple(int(rank) for rank in np.argsort(members))
