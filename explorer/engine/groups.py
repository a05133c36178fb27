"""States that feed each other, put in order: what one sweep of the flow runs through, and its one-tick matrices.

A group is the states of one component of the folded graph. Its copies live on ticks (see
`explorer.cycles.Component`): every message inside a group goes to the same tick or to an earlier one, whatever the sign
of its delay, and so a sweep over descending ticks meets everything once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from explorer.engine.activations import Array
from explorer.engine.bundles import Bundle
from explorer.engine.schedule import Part, schedule
from explorer.engine.slices import Anatomy, Port, Slices, anatomy
from explorer.graph import Graph, ReadOnly


@dataclass(frozen=True, eq=False)
class Group:
    """States of one component.

    Attributes
    ----------
    layers : tuple of str
        In the order in which one tick computes them.
    direction : {1, -1}
        Which way its ticks run in time.
    looped : bool
        Whether its component has a cycle; if not, the direction says nothing.
    lags : mapping of str to int
        Copy (v, t) belongs to tick ``direction * t + lags[v]``.
    copies : tuple of (str, int)
        What a row of the sweep holds at a tick: the total derivatives by the layers, (v, 0), and what is already on its
        way to the copies (v, j) of j ticks before.
    spans : mapping of (str, int) to slice
        Columns of the copies.
    size, width : int
        Columns of the layers alone, and of all copies.
    inner : mapping of str to mapping of Port to int
        For each layer the messages that stay inside, and by how many ticks they go back.
    outer : tuple of (str, Port)
        Messages from states of later groups.
    """

    layers: tuple[str, ...]
    direction: int
    looped: bool
    lags: Mapping[str, int]
    copies: tuple[tuple[str, int], ...]
    spans: Mapping[tuple[str, int], slice]
    size: int
    width: int
    inner: Mapping[str, Mapping[Port, int]]
    outer: tuple[tuple[str, Port], ...]

    def shift(self, port: Port) -> int:
        """A message from step t arrives at the tick τ with t = direction · τ + shift."""
        name, delay = port
        return delay - self.direction * self.lags[name]

    def step(self, tick: int, name: str) -> int:
        """The step whose copy of a layer belongs to a tick."""
        return self.direction * (tick - self.lags[name])

    def ticks(self, steps: int) -> range:
        """All ticks that hold a copy at the steps 1 … T."""
        ends = self.direction, self.direction * steps
        return range(min(ends) + min(self.lags.values()), max(ends) + max(self.lags.values()) + 1)

    def reach(self, shift: int, low: int, high: int, steps: int) -> tuple[int, int, slice]:
        """First and last step t in 1 … T with t = direction · τ + shift for a tick low ≤ τ ≤ high.

        With them the indices τ - low, in the order of the steps. If there are none, last < first.
        """
        if self.direction == 1:
            first, last = max(1, low + shift), min(steps, high + shift)
            return first, last, slice(first - shift - low, last - shift - low + 1)
        first, last = max(1, shift - high), min(steps, shift - low)
        start, stop = shift - first - low, shift - last - low - 1
        return first, last, slice(start, stop if stop >= 0 else None, -1)


@lru_cache(maxsize=256)
def groups(graph: Graph) -> tuple[Group, ...]:
    """The groups of a graph in an order in which they can be computed.

    Examples
    --------
    >>> from explorer import architectures
    >>> [group.layers for group in groups(architectures.build("lstm", inputs=4, hidden=3, outputs=4, depth=2))]
    [('c_1', 'h_1'), ('c_2', 'h_2')]
    """
    found = anatomy(graph)
    return tuple(_group(graph, found, part) for part in schedule(graph) if set(part.bank) & set(found.states))


def _group(graph: Graph, found: Anatomy, part: Part) -> Group:
    layers = tuple(name for name in part.component.layers if name in found.states)
    direction, lags = part.component.direction or 1, part.component.lags
    inner = {
        origin: {
            (name, delay): direction * delay + lags[origin] - lags[name]
            for name, delay in sorted(found.ports[origin])
            if name in layers
        }
        for origin in layers
    }
    furthest = {
        name: max(
            (back for ports in inner.values() for (target, _), back in ports.items() if target == name), default=1
        )
        for name in layers
    }
    copies = [(name, 0) for name in layers]
    copies += [(name, j) for name in layers for j in range(1, furthest[name])]
    spans, start = {}, 0
    for name, j in copies:
        spans[name, j] = slice(start, start := start + graph[name].size)
    outer = [(o, port) for o in found.states if o not in layers for port in sorted(found.ports[o]) if port[0] in layers]
    return Group(
        layers=layers,
        direction=direction,
        looped=part.looped,
        lags=ReadOnly({name: lags[name] for name in layers}),
        copies=tuple(copies),
        spans=ReadOnly(spans),
        size=sum(graph[name].size for name in layers),
        width=start,
        inner=ReadOnly({origin: ReadOnly(ports) for origin, ports in inner.items()}),
        outer=tuple(outer),
    )


class Block:
    """Everything a sweep multiplies by at the ticks low … high of one row of the batch; index τ - low.

    Its matrices are written into a buffer (n or more, width, width), and last as long as nobody else writes there.

    Attributes
    ----------
    back : (n, width, width) array or None
        From the copies at tick τ + 1 to the copies at tick τ; None if no message stays inside the group.
    silent : list of int
        Indices at which nothing comes from the tick before, because layers are absent or rows padded; ascending.
    """

    def __init__(self, group: Group, slices: Slices, row: int, low: int, high: int, buffer: Array) -> None:
        self.group, self.slices, self.row, self.low, self.high = group, slices, row, low, high
        self.count, self.steps = high - low + 1, slices.trace.steps
        self._same_tick = [
            (origin, target, index, message)
            for origin in reversed(group.layers)
            for target, index, message in self._messages(origin, 0)
        ]
        self.back = self._back(buffer[: self.count]) if any(group.inner.values()) else None
        everywhere = all(slices.trace.exists(name) is None for name in group.layers)
        self.silent = [] if everywhere or self.back is None else _zeros(self.back)

    def _messages(self, origin: str, later: int) -> Iterator[tuple[Port, slice, Bundle]]:
        """Messages inside the group that leave at the ticks low + later … high + later: later ones are no same-tick."""
        group = self.group
        wanted = {port for port, back in group.inner[origin].items() if (back > 0) == (later > 0)}
        shift = group.shift((origin, 0))
        first, last, index = group.reach(shift, self.low + later, self.high + later, self.steps)
        if not wanted or last < first:
            return
        for port, message in self.slices.from_state(origin, self.row, first, last, wanted).items():
            yield port, index, message

    def _back(self, back: Array) -> Array:
        group = self.group
        back[...] = 0
        for origin in group.layers:
            rows = group.spans[origin, 0]
            for port, index, message in self._messages(origin, 1):  # no two to the same copy
                message.put(back[index, rows, group.spans[port[0], group.inner[origin][port] - 1]])
        for name, j in group.copies:
            if j:
                rows, columns = group.spans[name, j], group.spans[name, j - 1]
                back[:, np.arange(rows.start, rows.stop), np.arange(columns.start, columns.stop)] = 1
        self.complete(back)
        return back

    def complete(self, rows: Array) -> None:
        """Let what has arrived at the states of a tick run on inside that tick: (n, R, size or more), in place."""
        for origin, (target, _), index, message in self._same_tick:
            rows[index, :, self.group.spans[target, 0]] += message.after(rows[index, :, self.group.spans[origin, 0]])

    def arrivals(self, errors: Mapping[Port, Array]) -> dict[int, Array]:
        """What the errors contribute: for each shift (n, size), of the error at step direction · τ + shift."""
        group = self.group
        found: dict[int, Array] = {}
        for port, message in errors.items():
            if port[0] not in group.layers:
                continue
            shift = group.shift(port)
            first, last, index = group.reach(shift, self.low, self.high, self.steps)
            if last >= first:
                into = found.setdefault(shift, np.zeros((self.count, 1, group.size)))
                into[index, 0, group.spans[port[0], 0]] += message[first - 1 : last]
        for rows in found.values():
            self.complete(rows)
        return {shift: rows[:, 0] for shift, rows in found.items()}

    def crossings(self) -> dict[tuple[str, int], list[Array | None]]:
        """From states of later groups: for each of them and each shift n matrices (its size, size), None for zeros."""
        group = self.group
        found: dict[tuple[str, int], list[Array | None]] = {}
        wanted: dict[tuple[str, int], set[Port]] = {}
        for origin, port in group.outer:
            wanted.setdefault((origin, group.shift(port)), set()).add(port)
        for (origin, shift), ports in wanted.items():
            first, last, index = group.reach(shift, self.low, self.high, self.steps)
            if last < first:
                continue
            rows = np.zeros((self.count, self.slices.graph[origin].size, group.size))
            for (name, _), message in self.slices.from_state(origin, self.row, first, last, ports).items():
                message.add_to(rows[index, :, group.spans[name, 0]])
            self.complete(rows)
            silent = set(_zeros(rows))
            found[origin, shift] = [None if i in silent else matrix for i, matrix in enumerate(rows)]
        return found


def _zeros(matrices: Array) -> list[int]:
    """Indices of the matrices that are nothing."""
    return [int(index) for index in np.flatnonzero(~matrices.any(axis=(1, 2)))]
