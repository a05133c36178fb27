"""The generic engine against its peers, all doing the same work in one process and taking turns."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable

import numpy as np

from benchmarks import fused, problem, stepwise
from benchmarks.problem import NETWORKS, Peer, Problem
from benchmarks.report import Section, Table, Target
from benchmarks.timing import interleaved, median

AGREEMENT = 1e-10
LEAST = {"Elman": 7.0, "LSTM": 6.0, "GRU": 5.0}
"""How many times faster than PyTorch the engine is meant to be."""
LENGTHS = (50, 100, 200, 400, 800, 1600)
MOST_GROWTH = 1.1
ENGINE, MODULES, LOOP, TIGHT = "engine", "PyTorch, cell modules", "PyTorch, loop", "PyTorch, tightest loop"
STEPWISE, FUSED, JAX = "NumPy, step by step", "NumPy, hand-fused", "JAX, compiled"
ERRORS = {True: "softmax cross-entropy on a head", False: "squared error on h itself"}
TEXT = """
One forward pass and one backpropagation through time over one sequence: T = 200, 32 inputs, H = 32, 32 outputs, batch
of 1, float64, one thread everywhere. Each peer yields every h_t, every ∂L/∂h_t and all weight gradients. The numbers
are *peer time / engine time*, medians of processor time: above 1 the engine is faster. The engine is the generic one,
called through `explorer.forward` and `explorer.backward`, checks of its arguments included. PyTorch appears three
times: with its own cell modules, called once a step; as the loop one writes (`x_t + h @ W_h`, the projection of the
input taken out), which is what the targets mean; and as the tightest loop that could be found. Peers keep their weights
stacked between calls; the hand-fused cells also use their buffers again instead of handing out results that never
change. With the head, a part of everybody's time goes into the same large products and the softmax.
"""


def section() -> Section:
    """Check that the peers agree, time them, and see how the engine grows with T."""
    peers = _peers()
    worst, rows, targets = 0.0, [], []
    for head in (True, False):
        for network in NETWORKS:
            work = problem.problem(network, head)
            made = {title: make(work) for title, make in peers.items()}
            worst = max(worst, _agreement(network, made))
            taken = {title: median(times) for title, times in interleaved({t: p.step for t, p in made.items()}).items()}
            rows.append(_row(network, head, taken, peers))
            targets += _targets(network, head, taken)
            print(" ", " ".join(rows[-1]), flush=True)
    growth, lengths = _growth()
    columns = ("network, error", *(title for title in peers if title != ENGINE), "engine, ms")
    agreement = f"Before the clock starts all results are compared; the largest relative difference is {worst:.0e}."
    text = f"{TEXT.strip()}\n\n{agreement}"
    return Section("Forward and back", text, [Table(columns, rows), lengths], targets + growth)


def _peers() -> dict[str, Callable[[Problem], Peer]]:
    """Everybody who is installed, by title."""
    peers: dict[str, Callable[[Problem], Peer]] = {ENGINE: problem.engine, FUSED: fused.peer, STEPWISE: stepwise.peer}
    if importlib.util.find_spec("torch"):
        from benchmarks import torch_eager

        peers |= {MODULES: torch_eager.modules, LOOP: torch_eager.loop, TIGHT: torch_eager.tight}
    if importlib.util.find_spec("jax"):
        from benchmarks import jax_jit

        peers[JAX] = jax_jit.peer
    return peers


def _agreement(network: str, peers: dict[str, Peer]) -> float:
    """Largest relative difference to the engine; a peer that computes something else stops the run."""
    ours = peers[ENGINE].named(peers[ENGINE].step())
    worst = 0.0
    for title, peer in peers.items():
        peer.step()  # what is kept between calls must not show in the result
        difference = problem.largest_difference(ours, peer.named(peer.step()))
        if difference > AGREEMENT:
            raise SystemExit(f"{network}: {title} differs from the engine by {difference:.1e}; nothing was timed.")
        worst = max(worst, difference)
    return worst


def _row(network: str, head: bool, taken: dict[str, float], peers: dict[str, object]) -> tuple[str, ...]:
    ratios = (f"{taken[title] / taken[ENGINE]:.2f}" for title in peers if title != ENGINE)
    return f"{network}, {ERRORS[head]}", *ratios, f"{taken[ENGINE] * 1e3:.2f}"


def _targets(network: str, head: bool, taken: dict[str, float]) -> list[Target]:
    if LOOP not in taken:
        return []
    ratio, least = taken[LOOP] / taken[ENGINE], LEAST[network]
    title = f"{network}, {ERRORS[head]}: times faster than {LOOP}"
    return [Target(title, f"≥ {least:.0f}", f"{ratio:.1f}", ratio >= least)]


def _growth() -> tuple[list[Target], Table]:
    """Slope of log time against log T."""
    targets, rows = [], []
    for network in NETWORKS:
        steps = {str(T): problem.engine(problem.problem(network, True, T)).step for T in LENGTHS}
        taken = {T: median(times) for T, times in interleaved(steps, rounds=10).items()}
        times = np.array([taken[str(T)] for T in LENGTHS])
        whole = np.polyfit(np.log(LENGTHS), np.log(times), 1)[0]
        end = np.log(times[-1] / times[-3]) / np.log(LENGTHS[-1] / LENGTHS[-3])
        a_step = (f"{1e6 * t / T:.2f}" for T, t in zip(LENGTHS, times, strict=True))
        rows.append((network, *a_step, f"{whole:.2f}", f"{end:.2f}"))
        targets.append(
            Target(
                f"{network}: growth with T, exponent over T = {LENGTHS[0]} … {LENGTHS[-1]}",
                f"≤ {MOST_GROWTH}",
                f"{whole:.2f}",
                bool(whole <= MOST_GROWTH),
            )
        )
        print(" ", " ".join(rows[-1]), flush=True)
    columns = ("µs a step at T =", *map(str, LENGTHS), "exponent", f"from T = {LENGTHS[-3]}")
    return targets, Table(columns, rows)
