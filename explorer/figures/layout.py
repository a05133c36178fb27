"""Where the layers of a folded cell stand: input at the bottom, output and error on top.

Height is the longest path without delay. Sideways, layers of one row are ordered so that arrows are short, cross
little and do not run through other layers; rows have few members, so every order and shift of a row can be tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import combinations, permutations
from types import MappingProxyType

import networkx as nx

from explorer.graph import Connection, Graph

ROW_HEIGHT, COLUMN_WIDTH, MARGIN = 44, 58, 36
LOWEST_CELL, NARROWEST_CELL = 210, 112
_CROSSING, _RUN_THROUGH, _OFF_CENTRE = 3.0, 6.0, 0.4
_SHIFTS = (0.0, -0.5, 0.5, -1.0, 1.0)
_MOST_ORDERED = 4  # members of a row for which every order is tried

Places = Mapping[str, tuple[float, float]]


@lru_cache(maxsize=256)
def places(graph: Graph) -> Places:
    """(x, y) of every layer in its cell, both 0 … 1, y upwards.

    Examples
    --------
    >>> from explorer import architectures
    >>> found = places(architectures.build("elman", inputs=2, hidden=2, outputs=2))
    >>> found["x"][1] < found["h"][1] < found["y"][1] < found["E"][1]
    True
    """
    rows = _rows(graph)
    direct = [c for c in graph.connections if c.delay == 0]
    order = {name: column for row in rows for name, column in _spread(row).items()}
    height = {name: i for i, row in enumerate(rows) for name in row}
    for _ in range(4):
        for row in (*rows, *reversed(rows)):
            _reorder(row, order, height, direct)
    top = max(len(rows) - 1, 1)
    widest = max((abs(column) for column in order.values()), default=0) or 1
    return MappingProxyType({name: (0.5 + 0.5 * order[name] / (widest + 0.5), height[name] / top) for name in order})


def cell_size(graph: Graph) -> tuple[int, int]:
    """Natural width and height of a cell in pixels."""
    rows = _rows(graph)
    width = COLUMN_WIDTH * max(len(row) for row in rows) + MARGIN
    return max(NARROWEST_CELL, width), max(LOWEST_CELL, ROW_HEIGHT * (len(rows) - 1) + MARGIN)


@lru_cache(maxsize=256)
def _rows(graph: Graph) -> tuple[tuple[str, ...], ...]:
    direct = nx.DiGraph()
    direct.add_nodes_from(layer.name for layer in graph.layers)
    direct.add_edges_from((c.source, c.target) for c in graph.connections if c.delay == 0)
    height: dict[str, int] = {}
    for name in nx.lexicographical_topological_sort(direct, key=[*direct].index):
        above_inputs = 0 if graph[name].role == "input" else 1
        height[name] = max([above_inputs, *(height[below] + 1 for below in direct.predecessors(name))])
    occupied = sorted(set(height.values()))
    return tuple(tuple(name for name in direct if height[name] == level) for level in occupied)


def _spread(row: Iterable[str]) -> dict[str, float]:
    """Columns of a row in its order, one apart, centred on 0."""
    names = list(row)
    return {name: i - (len(names) - 1) / 2 for i, name in enumerate(names)}


def _reorder(
    row: tuple[str, ...], order: dict[str, float], height: Mapping[str, int], direct: list[Connection]
) -> None:
    if len(row) > _MOST_ORDERED:  # too many orders to try: by the mean of what each is joined to
        orders = [tuple(sorted(row, key=lambda name: (_mean_of_neighbours(name, order, direct), name)))]
    else:
        orders = list(permutations(row))
    widest = max(abs(column) for column in order.values())
    candidates = [
        {name: column + shift for name, column in _spread(candidate).items()}
        for candidate in orders
        for shift in _SHIFTS
    ]
    within = [c for c in candidates if max(map(abs, c.values())) <= max(widest, (len(row) - 1) / 2)]
    order.update(min(within, key=lambda columns: _cost({**order, **columns}, height, direct)))


def _mean_of_neighbours(name: str, order: Mapping[str, float], direct: list[Connection]) -> float:
    joined = [order[c.source] for c in direct if c.target == name] + [
        order[c.target] for c in direct if c.source == name
    ]
    return sum(joined) / len(joined) if joined else 0.0


def _cost(order: Mapping[str, float], height: Mapping[str, int], direct: list[Connection]) -> float:
    cost = _OFF_CENTRE * sum(column**2 for column in order.values())
    for c in direct:
        cost += (order[c.target] - order[c.source]) ** 2
        for name, level in height.items():
            if height[c.source] < level < height[c.target]:
                share = (level - height[c.source]) / (height[c.target] - height[c.source])
                passing = order[c.source] + share * (order[c.target] - order[c.source])
                cost += _RUN_THROUGH * max(0.0, 1 - 2 * abs(passing - order[name]))
    for one, other in combinations(direct, 2):
        if height[one.source] == height[other.source] and height[one.target] == height[other.target]:
            sides = (order[one.source] - order[other.source]) * (order[one.target] - order[other.target])
            cost += _CROSSING * (sides < 0)
    return cost
