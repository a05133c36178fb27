"""What networks learn, and how soon: the tasks that recurrent networks are judged by, over several seeds."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.report import Section, Table, Target
from explorer.tasks.recipe import Blueprint
from explorer.training.history import History
from explorer.training.plan import Plan
from explorer.training.recorded import RECORDED

SEEDS, LEAST_SOLVED = 10, 9
FEW_SEEDS = 3
NEAR_CHANCE = 0.35
"""Accuracy, on the examination of four classes, up to which a network is held to be near chance."""
TEXT = """
Runs from the first weights to the end, each with its own seed for weights and sequences. Scores are those of sequences
that were not trained on; a run ends when its task counts as solved or when its iterations are used up. Adding and
temporal order are the plans of the shipped recordings (`explorer/training/recorded.py`), at T = 50; the embedded Reber
grammar is learnt as the Train page proposes. Seconds belong to the machine.
"""


@dataclass(frozen=True)
class _Run:
    solved: bool
    iterations: int
    score: float
    seconds: float


@dataclass(frozen=True)
class _Case:
    """A plan, on how many seeds, and what was promised of the runs."""

    title: str
    plan: Plan
    seeds: int
    promise: Callable[[str, list[_Run]], Target] | None = None


def _solved(title: str, runs: list[_Run]) -> Target:
    solved = sum(run.solved for run in runs)
    return Target(f"{title}: seeds that solve it", f"≥ {LEAST_SOLVED} of {SEEDS}", str(solved), solved >= LEAST_SOLVED)


def _little_error(title: str, runs: list[_Run]) -> Target:
    worst = max(run.score for run in runs)
    return Target(f"{title}: mean squared error, worst seed", "< 0.01", f"{worst:.4f}", worst < 0.01)


def _nearly_perfect(title: str, runs: list[_Run]) -> Target:
    worst = min(run.score for run in runs)
    return Target(f"{title}: accuracy, worst seed", "≥ 99%", f"{worst:.1%}", worst >= 0.99)


def _near_chance(title: str, runs: list[_Run]) -> Target:
    best = max(run.score for run in runs)
    return Target(f"{title}: accuracy, best seed", f"≤ {NEAR_CHANCE:.0%}", f"{best:.1%}", best <= NEAR_CHANCE)


def _cases() -> tuple[_Case, ...]:
    reber = Plan.usual("reber")
    plain = replace(reber, blueprint=Blueprint("elman", hidden=reber.blueprint.hidden))
    shipped = {name: recording.plan for name, recording in RECORDED.items()}
    return (
        _Case("Embedded Reber grammar, LSTM", reber, SEEDS, _solved),
        _Case("Embedded Reber grammar, Elman", plain, FEW_SEEDS),
        _Case("Adding, T = 50, LSTM", shipped["adding-50-lstm"], FEW_SEEDS, _little_error),
        _Case("Adding, T = 50, Elman", shipped["adding-50-elman"], 1),
        _Case("Temporal order, T = 50, LSTM", shipped["order-50-lstm"], FEW_SEEDS, _nearly_perfect),
        _Case("Temporal order, T = 50, Elman", shipped["order-50-elman"], FEW_SEEDS, _near_chance),
    )


def section() -> Section:
    """Learn everything once, and hold it against what was promised."""
    rows, targets = [], []
    for case in _cases():
        runs = [_run(case.plan, seed) for seed in range(1, case.seeds + 1)]
        rows.append(_row(case.title, case.plan, runs))
        if case.promise:
            targets.append(case.promise(case.title, runs))
        print(" ", " | ".join(rows[-1]), flush=True)
    columns = ("task, network", "metric", "baseline", "solved", "iterations", "score, worst … best", "s a run")
    return Section("What is learnt", TEXT, [Table(columns, rows)], targets)


def _run(plan: Plan, seed: int) -> _Run:
    seeded = replace(plan, blueprint=replace(plan.blueprint, seed=seed), recipe=replace(plan.recipe, seed=seed))
    history, begun = History(seeded), time.perf_counter()
    while not history.is_over:
        history.advance()
    if history.latest is None or history.diverged:
        raise SystemExit(f"Seed {seed}: {history.diverged}")
    _, score = history.examinations[-1]
    return _Run(history.latest.end == "solved", history.iteration, score, time.perf_counter() - begun)


def _row(title: str, plan: Plan, runs: list[_Run]) -> tuple[str, ...]:
    problem = plan.course.problem
    written, scores = problem.metric.written, sorted(run.score for run in runs)
    worst, best = (scores[-1], scores[0]) if problem.metric.is_error else (scores[0], scores[-1])
    counts = [run.iterations for run in runs]
    return (
        title,
        problem.metric.name,
        f"{problem.baseline:{written}}",
        f"{sum(run.solved for run in runs)} of {len(runs)}",
        f"{min(counts)} … {max(counts)}" if min(counts) < max(counts) else f"{counts[0]}",
        f"{worst:{written}} … {best:{written}}",
        f"{np.median([run.seconds for run in runs]):.1f}",
    )
