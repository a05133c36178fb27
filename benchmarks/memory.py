"""What backpropagation through time holds in memory, and what it costs to hold less."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Mapping
from math import isqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

import explorer
from benchmarks.report import Section, Table, Target
from benchmarks.timing import interleaved, median
from explorer.engine.storage import optimal

NETWORKS = {"Elman": "elman", "LSTM": "lstm"}
STEPS, BATCH, UNITS, TOKENS, SLOTS = 1000, 32, 128, 16, 50
LONG, LONG_UNITS = 10_000, 32
AGREEMENT = 1e-11
MOST_MEMORY, MOST_TIME = 1 / 12, 1.6
FULL, ROOT, OPTIMAL = "full", "√T checkpoints", f"optimal, {SLOTS} slots"
TEXT = f"""
One gradient of all weights: T = {STEPS}, B = {BATCH}, H = {UNITS}, {TOKENS} tokens in and out, float64, one thread.
*Full* is `forward` and `backward`, which hold every step; the others are `checkpointed`, with a state kept every ⌈√T⌉
steps, and with room for the inside of {SLOTS} steps used best. Memory is the peak that tracemalloc sees during one
call, what the engine keeps for the next call among it and what the caller has given not; time is processor time,
medians, in turns. Before the clock starts all gradients are compared.
"""


def section() -> Section:
    """Check that the ways agree, weigh and time them, and run a sequence that nobody would want to hold."""
    rows, targets, worst = [], [], 0.0
    for title, name in NETWORKS.items():
        ways = _ways(name, STEPS, UNITS)
        worst = max(worst, _agreement(title, ways))
        peaks = {way: _peak(call) for way, call in ways.items()}
        taken = {way: median(times) for way, times in interleaved(ways, rounds=3, turn=0).items()}
        rows += [_row(title, way, peaks, taken) for way in ways]
        targets += _targets(title, peaks, taken)
        for row in rows[-len(ways) :]:
            print(" ", " | ".join(row), flush=True)
    long, more = _long()
    columns = ("network, way", "peak, MB", "times less", "s", "times as long")
    text = f"{TEXT.strip()} The largest relative difference is {worst:.0e}."
    return Section("Memory", text, [Table(columns, rows), long], targets + more)


def _ways(name: str, steps: int, units: int) -> dict[str, Callable[[], Mapping[str, NDArray[Any]]]]:
    """The same gradient, found in different ways."""
    graph = explorer.build(name, inputs=TOKENS, hidden=units, outputs=TOKENS)
    weights, rng = explorer.initialize(graph, 0), np.random.default_rng(7)
    x, aims = (rng.integers(0, TOKENS, (steps, BATCH)) for _ in range(2))
    best = optimal(steps, SLOTS)
    return {
        FULL: lambda: explorer.backward(explorer.forward(graph, weights, x, aims)).weights,
        ROOT: lambda: explorer.checkpointed(graph, weights, x, aims).weights,
        OPTIMAL: lambda: explorer.checkpointed(graph, weights, x, aims, storage=best).weights,
    }


def _agreement(title: str, ways: Mapping[str, Callable[[], Mapping[str, NDArray[Any]]]]) -> float:
    """Largest relative difference to the full gradient; a way that finds something else stops the run."""
    found = {way: call() for way, call in ways.items()}
    worst = max(
        float(np.abs(own[weight] - array).max() / np.abs(array).max())
        for own in found.values()
        for weight, array in found[FULL].items()
    )
    if not worst < AGREEMENT:
        raise SystemExit(f"{title}: a checkpointed gradient differs by {worst:.1e}; nothing was timed.")
    return worst


def _peak(call: Callable[[], Any]) -> int:
    """Bytes at most during a call, beyond what there was before it."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _row(title: str, way: str, peaks: Mapping[str, int], taken: Mapping[str, float]) -> tuple[str, ...]:
    return (
        f"{title}, {way}",
        f"{peaks[way] / 1e6:.1f}",
        f"{peaks[FULL] / peaks[way]:.1f}",
        f"{taken[way]:.2f}",
        f"{taken[way] / taken[FULL]:.2f}",
    )


def _targets(title: str, peaks: Mapping[str, int], taken: Mapping[str, float]) -> list[Target]:
    memory, time = peaks[ROOT] / peaks[FULL], taken[ROOT] / taken[FULL]
    what = f"{title}: √T checkpoints, T = {STEPS}, B = {BATCH}, H = {UNITS}"
    return [
        Target(
            f"{what}: peak against full", f"≤ 1/{1 / MOST_MEMORY:.0f}", f"1/{1 / memory:.0f}", memory <= MOST_MEMORY
        ),
        Target(f"{what}: time against full", f"≤ {MOST_TIME}", f"{time:.2f}", time <= MOST_TIME),
    ]


def _long() -> tuple[Table, list[Target]]:
    """Ten thousand steps: what is held grows with their root."""
    graph = explorer.build("elman", inputs=TOKENS, hidden=LONG_UNITS, outputs=TOKENS)
    weights, rng = explorer.initialize(graph, 0), np.random.default_rng(7)
    rows, held = [], 0
    for steps in (LONG // 100, LONG):
        x, aims = (rng.integers(0, TOKENS, (steps, BATCH)) for _ in range(2))
        found = explorer.checkpointed(graph, weights, x, aims)
        peak = _peak(lambda x=x, aims=aims: explorer.checkpointed(graph, weights, x, aims))
        taken = median(
            interleaved({ROOT: lambda x=x, aims=aims: explorer.checkpointed(graph, weights, x, aims)}, 1)[ROOT]
        )
        held = found.most_held
        rows.append((f"{steps}", f"{held}", f"{peak / 1e6:.1f}", f"{found.extra_steps / steps:.2f}", f"{taken:.2f}"))
        print(" ", " | ".join(rows[-1]), flush=True)
    most = 2 * (isqrt(LONG - 1) + 1)
    columns = (f"Elman, H = {LONG_UNITS}, √T: T", "held at most", "peak, MB", "extra steps ÷ T", "s")
    return Table(columns, rows), [
        Target(f"√T checkpoints, T = {LONG}: states held at once", f"≤ {most}", f"{held}", held <= most)
    ]
