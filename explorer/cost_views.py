"""What the page Cost of unrolling shows, computed from its settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from explorer.cost import ways
from explorer.cost.counts import passes
from explorer.cost.frames import Frame, film
from explorer.cost.measuring import Request
from explorer.cost.path import CriticalPath, critical_path
from explorer.cost.rows import LENGTHS, Padding, in_buckets, read, together
from explorer.cost.ways import WAYS, Cost, Work, cost, refusal
from explorer.engine.activations import Array
from explorer.engine.timeline import frozen
from explorer.graph import Graph
from explorer.page_settings.cost import MOST_STEPS, TYPED

MOST_SLICES = 40
"""Of the picture, however long the sequence is."""

LONG = "sqrt"
"""The way that is run over `MOST_STEPS` steps."""

POINTS = 41
"""Lengths for which the chart has a number."""


@dataclass(frozen=True, eq=False)
class Costs:
    """Every way of training some work.

    Attributes
    ----------
    work : Work
    costs : mapping of str to Cost
        By way; only of those by which the network can be trained.
    refused : mapping of str to str
        Why the others cannot be.
    path : CriticalPath
    parameters : int
    """

    work: Work
    costs: Mapping[str, Cost]
    refused: Mapping[str, str]
    path: CriticalPath
    parameters: int


@dataclass(frozen=True, eq=False)
class Curves:
    """Bytes over the number of steps.

    Attributes
    ----------
    steps : (n,) array of int
    bytes : mapping of str to (n,) array
    """

    steps: Array
    bytes: Mapping[str, Array]


@dataclass(frozen=True, slots=True)
class Wasted:
    """What padding costs, with all rows together and sorted into smaller batches.

    Attributes
    ----------
    together, sorted : Padding
    each : int
        Multiply–adds of one row at one step, forward and backward.
    """

    together: Padding
    sorted: Padding
    each: int


def costs(request: Request) -> Costs:
    """Every way by formula, and the critical path.

    Examples
    --------
    >>> found = costs(Request("elman", 1, "tanh", 32, 1000, 8, 20, 6, ("full", "sqrt")))
    >>> found.costs["full"].bytes // found.costs["sqrt"].bytes, round(found.path.least, 2)
    (23, 0.75)
    """
    work = request.work()
    refused = {name: why for name in WAYS if (why := refusal(name, work.graph)) is not None}
    return Costs(work, ways.costs(work), refused, critical_path(work.graph, work.steps), work.graph.parameter_count)


def curves(request: Request) -> Curves:
    """Bytes by formula for every way, from one step to the longest sequence."""
    work = request.work()
    steps = np.unique(np.geomspace(1, MOST_STEPS, POINTS).round().astype(int))
    names = [name for name in WAYS if refusal(name, work.graph) is None]
    lengths = [replace(work, steps=int(n)) for n in steps]
    found = {name: frozen(np.array([cost(name, own).bytes for own in lengths], float)) for name in names}
    return Curves(frozen(steps), found)


def pictured(request: Request, way: str) -> tuple[Work, tuple[Frame, ...]]:
    """The network over so many slices as can be seen, and what becomes of them.

    Examples
    --------
    >>> work, frames = pictured(Request("elman", 1, "tanh", 32, 1000, 8, 20, 6, ()), "full")
    >>> work.steps, len(frames)
    (40, 81)
    """
    work = drawn(request).work()
    return work, film(way, work)


def drawn(request: Request) -> Request:
    """The same over no more slices than can be seen."""
    return replace(request, steps=min(request.steps, MOST_SLICES))


def possible(request: Request, way: str) -> str:
    """The way asked for, or the one that every network can be trained by."""
    return way if refusal(way, _graph(request)) is None else next(iter(WAYS))


def lengths(choice: str, typed: str) -> tuple[int, ...]:
    """Lengths of rows, ready or typed; what cannot be read as lengths is a single row."""
    return (read(typed) or (1,)) if choice == TYPED else LENGTHS[choice][1]


def wasted(request: Request, rows: Sequence[int]) -> Wasted:
    """What becomes of rows of these lengths.

    Examples
    --------
    >>> found = wasted(Request("elman", 1, "tanh", 32, 1000, 8, 20, 6, ()), [4, 4, 4, 4, 4, 4, 4, 4, 12])
    >>> round(found.together.share, 2), found.sorted.share
    (0.59, 0.0)
    """
    own = replace(request, steps=max(rows)).work()
    return Wasted(together(rows), in_buckets(rows), sum(passes(own.graph, own.steps)) // own.steps)


@lru_cache(maxsize=64)
def _graph(request: Request) -> Graph:
    return request.work().graph
