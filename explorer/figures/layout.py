"""Where the layers of a folded cell stand: input at the bottom, output and error on top.

Height is the longest path without delay. Sideways, layers of one row are ordered so that arrows are short, cross
little and do not run through other layers: row by row, the best of a few orders and shifts. A network that somebody
draws may be of any shape, so how much is tried is bounded: a large one is put in order less thoroughly, not slowly.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType

import numpy as np

from explorer.cycles import rows
from explorer.engine.activations import Array
from explorer.figures.row_order import Arrow, Effort, Row, rows_of, spread
from explorer.graph import Graph

ROW_HEIGHT, COLUMN_WIDTH, MARGIN = 41, 58, 36
TALLEST_ROW, GOOD_HEIGHT = 62, 290
NARROWEST_CELL = 120
MOST_ABREAST = 8  # layers in a row; more are set on several rows
_ELBOW_ROOM = 0.5
_STAGGER = 0.5  # of a row's height, between layers whose arrows pass each other
_LEAST_GAP = 0.75  # of a row's height, between layers of neighbouring rows
_PER_LOOP, _FREE_LOOPS = 0.3, 2  # of a row's height, above a layer that reads itself across more delays than these
_SWEEPS, _MOST_TURNED = 4, 10

Places = Mapping[str, tuple[float, float]]
Rows = tuple[tuple[str, ...], ...]


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
    columns = _columns(levels, _direct(graph))
    heights = _heights(graph, levels)
    low, high = min(heights.values()), max(heights.values())
    half = max(abs(column) for column in columns.values()) + 0.5
    return MappingProxyType(
        {
            name: (0.5 + 0.5 * columns[name] / half, (heights[name] - low) / (high - low) if high > low else 0.5)
            for name in columns
        }
    )


def cell_size(graph: Graph) -> tuple[int, int]:
    """Natural width and height of a cell in pixels."""
    levels = _levels(graph)
    abreast = max(max(map(len, levels)), 2 if _passes_a_row(levels, _direct(graph)) else 1)
    heights = _heights(graph, levels).values()
    gaps = max(max(heights) - min(heights), 1)
    row = min(TALLEST_ROW, max(ROW_HEIGHT, int((GOOD_HEIGHT - MARGIN) // gaps)))
    return max(NARROWEST_CELL, COLUMN_WIDTH * abreast + MARGIN), round(row * gaps) + MARGIN


def _direct(graph: Graph) -> tuple[Arrow, ...]:
    return tuple((c.source, c.target) for c in graph.connections if c.delay == 0)


def _levels(graph: Graph) -> Rows:
    """Layers from bottom to top: only inputs stand on the ground, errors on top, and under them what they judge."""
    level: dict[str, int] = {}
    inputs = {layer.name for layer in graph.with_role("input")}
    for name in (name for row in rows(graph) for name in row):
        below = [level[c.source] + 1 for c in graph.incoming(name) if c.delay == 0]
        level[name] = max([*below, 0 if name in inputs or not inputs else 1])
    losses = {layer.name for layer in graph.with_role("loss")}
    top = 1 + max((height for name, height in level.items() if name not in losses), default=-1)
    level |= dict.fromkeys(losses, top)
    for layer in graph.with_role("output"):
        readers = [graph[c.target].role for c in graph.outgoing(layer.name) if c.delay == 0]
        if readers and set(readers) == {"loss"}:
            level[layer.name] = top - 1
    return tuple(part for row in _by_level(level) for part in _parts(row))


def _by_level(level: Mapping[str, int]) -> Iterator[tuple[str, ...]]:
    for height in sorted(set(level.values())):
        yield tuple(name for name in level if level[name] == height)


def _parts(row: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """A row that is too long, on several of about one length; none of its layers reads another in the same step."""
    count = -(-len(row) // MOST_ABREAST)
    ends = [round(i * len(row) / count) for i in range(count + 1)]
    return (row[start:end] for start, end in pairwise(ends))


def _heights(graph: Graph, levels: Rows) -> dict[str, float]:
    """Height of every layer, in rows.

    Layers of a row whose arrows through time run along it need a height each, or their arrows run through each other
    and through the rest of the row.
    """
    across = frozenset((c.source, c.target) for c in graph.connections if c.delay)
    loops = Counter(c.source for c in graph.connections if c.delay and c.source == c.target)
    heights: dict[str, float] = {}
    middle = free = 0.0  # of this row; how far the row below reaches up
    for i, row in enumerate(levels):
        lift = _lifts(row, across)
        if i:
            middle += max(1.0, _LEAST_GAP + free - min(lift.values()))
        heights |= {name: middle + lift[name] for name in row}
        most = max(loops[name] for name in row)
        free = max(lift.values()) + _PER_LOOP * max(0, most - _FREE_LOOPS)
    return heights


def _lifts(row: Sequence[str], across: Collection[Arrow]) -> dict[str, float]:
    passing = [name for name in row if any((name, other) in across for other in row)]
    rest = [name for name in row if name not in passing]
    slots = [*([rest] if rest else []), *([name] for name in passing)]
    steps = [i - (len(slots) - 1) / 2 for i in range(len(slots))]
    return {name: _STAGGER * step for slot, step in zip(slots, steps, strict=True) for name in slot}


def _passes_a_row(levels: Rows, arrows: Sequence[Arrow]) -> bool:
    level = {name: i for i, row in enumerate(levels) for name in row}
    return any(level[target] - level[source] > 1 for source, target in arrows)


@lru_cache(maxsize=256)  # by shape, not by graph: sizes and vocabularies change, the picture does not
def _columns(levels: Rows, arrows: tuple[Arrow, ...]) -> Mapping[str, float]:
    """Where each layer stands in its row, in columns from the middle."""
    names = [name for row in levels for name in row]
    ordered = rows_of(levels, arrows)
    effort = Effort()
    elbow = _ELBOW_ROOM if _passes_a_row(levels, arrows) or max(map(len, levels)) > 1 else 0.0
    tried = (_settled(start, ordered, elbow, effort) for start in _starts(levels))
    best = min(tried, key=lambda order: sum(float(row.costs(order[None])[0]) for row in ordered))
    return MappingProxyType({name: float(column) for name, column in zip(names, best, strict=True)})


def _starts(levels: Rows) -> Iterator[Array]:
    """Orders to begin with: as declared, and with single rows turned round. Each can settle elsewhere."""
    single = range(len(levels)) if len(levels) <= _MOST_TURNED else ()
    for turned in (None, *single):
        begun: Iterable[Iterable[str]] = (reversed(row) if i == turned else row for i, row in enumerate(levels))
        column = {name: at for row in begun for name, at in spread(row).items()}
        yield np.array([column[name] for row in levels for name in row])


def _settled(order: Array, ordered: Sequence[Row], elbow: float, effort: Effort) -> Array:
    """Put row after row in its best order until none moves, or enough has been tried."""
    widest = float(np.abs(order).max()) + elbow
    for _ in range(_SWEEPS):
        before = order.copy()
        for row in (*ordered, *reversed(ordered)):
            order[row.members] = row.best(order, widest, effort)
        if (order == before).all():
            break
    return order
