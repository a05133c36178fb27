"""Timing that stays fair on a machine that has other things to do.

The clock counts the processor time of this process. With one thread that is what a clock on the wall shows on an idle
machine; on a busy one the wall also counts the turns of others, and those fall into long calls, not into short ones.
"""

from __future__ import annotations

import contextlib
import gc
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np


def interleaved(calls: Mapping[str, Callable[[], Any]], rounds: int = 15, turn: float = 0.03) -> dict[str, list[float]]:
    """Seconds of processor time of single calls, by name.

    The calls take turns, so that a busy moment of the machine meets all of them. A turn begins with a call that is not
    counted, because whoever went before has left the caches full of something else; at least three that are follow.
    """
    taken: dict[str, list[float]] = {name: [] for name in calls}
    with collector_off():
        for _ in range(rounds):
            for name, call in calls.items():
                call()
                counted: list[float] = []
                while len(counted) < 3 or sum(counted) < turn:
                    start = time.process_time()
                    call()
                    counted.append(time.process_time() - start)
                taken[name] += counted
            gc.collect()
    return taken


@contextlib.contextmanager
def collector_off() -> Iterator[None]:
    """As `timeit` does: the garbage of one peer must not be collected during the turn of another."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def median(values: list[float]) -> float:
    """Half of the values are smaller."""
    return float(np.median(values))


def p95(values: list[float]) -> float:
    """One value in twenty is larger."""
    return float(np.quantile(values, 0.95))
