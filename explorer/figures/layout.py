"""Where the layers of a folded cell stand: input at the bottom, output and error on top.

Height is the longest path without delay. Sideways, layers of one row are ordered so that arrows are short, cross
little and do not run through other layers: row by row, the best of a few orders and shifts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import combinations, permutations
from types import MappingProxyType

from explorer.cycles import rows
from explorer.graph import Graph

ROW_HEIGHT, COLUMN_WIDTH, MARGIN = 41, 58, 36
TALLEST_ROW, GOOD_HEIGHT = 62, 290
NARROWEST_CELL = 120
_CROSSING, _RUN_THROUGH, _OFF_CENTRE = 3.0, 20.0, 0.4
_ELBOW_ROOM = 0.5
_STAGGER = 0.5  # of a row's height, between layers whose arrows pass each other
_SHIFTS = (0.0, -0.5, 0.5, -1.0, 1.0)
_STRETCHES = (1.0, 1.5, 2.0)
_MOST_ORDERED = 4  # members of a row for which every order is tried
_SWEEPS, _MOST_TURNED = 4, 10

Places = Mapping[str, tuple[float, float]]
Rows = tuple[tuple[str, ...], ...]
Arrow = tuple[str, str]


def places(graph: Graph) -> Places:
    """(x, y) of every layer in its cell, both 0 … 1, y upwards.

    Examples
    --------
    >>> from explorer import architectures
    >>> found = places(architectures.build("elman", inputs=2, hidden=2, outputs=2))
    >>> found["x"][1] < found["h"][1] < found["y"][1] < found["E"][1]
    True
    """
    levels = _levels(graph)
    arrows = tuple((c.source, c.target) for c in graph.connections if c.delay == 0)
    across = frozenset((c.source, c.target) for c in graph.connections if c.delay)
    return _places(levels, arrows, tuple(_passing(row, across) for row in levels))


def cell_size(graph: Graph) -> tuple[int, int]:
    """Natural width and height of a cell in pixels."""
    levels = _levels(graph)
    width = COLUMN_WIDTH * max(len(row) for row in levels) + MARGIN
    gaps = max(len(levels) - 1, 1)
    row = min(TALLEST_ROW, max(ROW_HEIGHT, (GOOD_HEIGHT - MARGIN) // gaps))
    return max(NARROWEST_CELL, width), row * gaps + MARGIN


def _levels(graph: Graph) -> Rows:
    """Layers from bottom to top; only inputs stand on the ground."""
    inputs = {layer.name for layer in graph.with_role("input")}
    ground, *above = rows(graph)
    raised = [name for name in ground if name not in inputs]
    lowest = [name for name in ground if name in inputs]
    first = [*raised, *(above[0] if above else [])]
    return tuple(tuple(row) for row in (lowest, first, *above[1:]) if row)


@lru_cache(maxsize=256)  # by shape, not by graph: sizes and vocabularies change, the picture does not
def _places(levels: Rows, arrows: tuple[Arrow, ...], passing: Rows) -> Places:
    height = {name: i for i, row in enumerate(levels) for name in row}
    surroundings = [_Surroundings(row, height, arrows) for row in levels]
    order = min((_settled(start, surroundings) for start in _starts(levels)), key=_total(surroundings))
    top = max(len(levels) - 1, 1)
    half = max(abs(column) for column in order.values()) + 0.5
    lift = {name: _STAGGER * column for row in passing if len(row) > 1 for name, column in _spread(row).items()}
    return MappingProxyType(
        {name: (0.5 + 0.5 * order[name] / half, (height[name] + lift.get(name, 0.0)) / top) for name in order}
    )


def _passing(row: tuple[str, ...], across: frozenset[Arrow]) -> tuple[str, ...]:
    """Layers of a row whose arrows through time run along it: they need a height each, or run through each other."""
    return tuple(name for name in row if any((name, other) in across for other in row))


def _starts(levels: Rows) -> Iterator[dict[str, float]]:
    """Orders to begin with: as declared, and with single rows turned round. Each can settle elsewhere."""
    single = range(len(levels)) if len(levels) <= _MOST_TURNED else ()
    for turned in (None, *single):
        begun = [reversed(row) if i == turned else row for i, row in enumerate(levels)]
        yield {name: column for row in begun for name, column in _spread(row).items()}


def _settled(order: dict[str, float], surroundings: list[_Surroundings]) -> dict[str, float]:
    """Put row after row in its best order until none moves."""
    widest = max(abs(column) for column in order.values())
    widest += _ELBOW_ROOM if widest else 0
    for _ in range(_SWEEPS):
        before = dict(order)
        for around in (*surroundings, *reversed(surroundings)):
            order.update(around.best(order, widest))
        if order == before:
            break
    return order


def _total(surroundings: list[_Surroundings]) -> Callable[[Mapping[str, float]], float]:
    return lambda order: sum(around.cost(order) for around in surroundings)


def _spread(row: Iterable[str]) -> dict[str, float]:
    """Columns of a row in its order, one apart, centred on 0."""
    names = list(row)
    return {name: i - (len(names) - 1) / 2 for i, name in enumerate(names)}


class _Surroundings:
    """A row and all that its order can make better or worse."""

    def __init__(self, row: tuple[str, ...], height: Mapping[str, int], arrows: tuple[Arrow, ...]) -> None:
        self.row = row
        members, level = set(row), height[row[0]]
        self.touching = [arrow for arrow in arrows if members.intersection(arrow)]
        spans = [(arrow, (height[arrow[0]], height[arrow[1]])) for arrow in self.touching]
        self.parallel = [(a, b) for (a, span), (b, other) in combinations(spans, 2) if span == other]
        self.passed = [
            (arrow, name, (height[name] - height[arrow[0]]) / (height[arrow[1]] - height[arrow[0]]))
            for arrow in arrows
            for name in height
            if height[arrow[0]] < height[name] < height[arrow[1]]
            and (height[name] == level or members.intersection(arrow))
        ]

    def best(self, order: Mapping[str, float], widest: float) -> dict[str, float]:
        """The columns of this row that serve it best while all other rows stay."""
        return min(self._candidates(order, widest), key=lambda columns: self.cost({**order, **columns}))

    def _candidates(self, order: Mapping[str, float], widest: float) -> list[dict[str, float]]:
        """Columns to try, the present ones first, none wider than the cell."""
        tried = [{name: order[name] for name in self.row}]
        for names in self._orders(order):
            tried += [
                {name: stretch * column + shift for name, column in _spread(names).items()}
                for stretch in (_STRETCHES if len(names) > 1 else (1.0,))
                for shift in _SHIFTS
            ]
        limit = max(widest, (len(self.row) - 1) / 2)
        return [columns for columns in tried if max(map(abs, columns.values())) <= limit]

    def _orders(self, order: Mapping[str, float]) -> Iterator[tuple[str, ...]]:
        if len(self.row) <= _MOST_ORDERED:
            yield from permutations(self.row)
            return
        now = sorted(self.row, key=order.__getitem__)
        yield tuple(sorted(now, key=lambda name: self._mean_of_neighbours(name, order)))
        for i in range(len(now)):
            yield (*now[i:], *now[:i])
            for j in range(i):
                swapped = list(now)
                swapped[i], swapped[j] = now[j], now[i]
                yield tuple(swapped)

    def _mean_of_neighbours(self, name: str, order: Mapping[str, float]) -> float:
        joined = [order[other] for arrow in self.touching if name in arrow for other in arrow if other != name]
        return sum(joined) / len(joined) if joined else 0.0

    def cost(self, order: Mapping[str, float]) -> float:
        """Length, crossings and arrows through layers, as far as this row has a part in them."""
        cost = _OFF_CENTRE * sum(order[name] ** 2 for name in self.row)
        cost += sum((order[target] - order[source]) ** 2 for source, target in self.touching)
        for (source, target), name, share in self.passed:
            passing = order[source] + share * (order[target] - order[source])
            cost += _RUN_THROUGH * max(0.0, 1 - 2 * abs(passing - order[name]))
        for (source, target), (other_source, other_target) in self.parallel:
            cost += _CROSSING * ((order[source] - order[other_source]) * (order[target] - order[other_target]) < 0)
        return cost
