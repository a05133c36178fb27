"""A loop over time as a program: a flat list of calls on views that exist already.

It is written out once, for a number of steps and a batch size. Running it does no indexing and no decisions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from explorer.engine.activations import Array
from explorer.engine.schedule import Part

Call = tuple[Callable[..., Any], tuple[Any, ...]]
Stage = tuple[str, Callable[[int], list[Call]]]
"""A layer, and the calls made for its copy of step t."""

_CALL_BYTES = 400
"""What a call holds beside the numbers: two tuples, a bound method, and two or three views (measured)."""


def written_out(
    part: Part, stages: list[Stage], ticks: Iterable[int], has_copy: Callable[[str, int], bool]
) -> list[Call]:
    """The calls of all stages at all ticks, in order, for the copies (layer, t) that there are."""
    calls: list[Call] = []
    for tick in ticks:
        for name, make in stages:
            t = part.step_at(tick, name)
            if has_copy(name, t):
                calls += make(t)
    return calls


def execute(program: list[Call]) -> None:
    """Make every call."""
    for function, arguments in program:
        function(*arguments)


def held_bytes(program: list[Call], arrays: Iterable[Array]) -> int:
    """About how much memory a program and its arrays keep."""
    return sum(array.nbytes for array in arrays) + len(program) * _CALL_BYTES


def product(vectors: Array, matrix: Array, out: Array) -> Call:
    """The call for ``vectors @ matrix`` into an array whose units or whose rows lie side by side."""
    # the method, not np.dot: it skips a dispatch that costs as much as a small product
    if out.flags.c_contiguous:
        return vectors.dot, (matrix, out)
    return matrix.T.dot, (vectors.T, out.T)


def copy_result(function: Callable[..., Array], out: Array, *arguments: Array) -> None:
    """Call a function that has no `out` of its own."""
    out[...] = function(*arguments)


def put_where_not(out: Array, replacement: Array, valid: Array) -> None:
    """Replace numbers where `valid` is False."""
    np.copyto(out, replacement, where=~valid)
