"""The matrix of the gradient flow against PyTorch's batched Jacobians, against itself unscaled, and by length."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import explorer
from benchmarks import problem
from benchmarks.problem import NETWORKS, Array, Problem
from benchmarks.report import Section, Table, Target
from benchmarks.timing import interleaved, median
from explorer.engine.flow import _gradient_flow
from explorer.engine.trace import Trace

AGREEMENT = 1e-10
LEAST = {"Elman": 10.0, "LSTM": 6.0, "GRU": 10.0}
"""How many times faster than PyTorch's best form the flow is meant to be."""
MOST_FOR_SCALING = 1.15
LENGTHS = (50, 100, 200, 400, 800)
MOST_GROWTH = 2.1
LONG, WIDE, MOST_SECONDS = 1000, 64, 1.0
STATES = ("h", "c")
TEXT = """
The T × T matrix of log₂ ‖∂L_t/∂s_k‖: T = 200, H = 32, softmax cross-entropy on a head of 32 outputs, batch of 1,
float64, one thread. For the LSTM that is two matrices, by h and by c. PyTorch's time and *forward, flow* are end to
end, from the sequence to the finished matrices; *flow* and *unscaled* start from the trace. Medians of processor time;
PyTorch's forms differ in how the changes of the state are handed over, and the best one of the run is the peer.
*Unscaled* is the same kernel told never to look after its exponents, which would show 0 below 10⁻¹⁶² and inf where
gradients explode.
"""
OURS = ("unscaled", "flow", "forward, flow")


def section() -> Section:
    """Check that the peers agree, time them, and see how the flow grows with T."""
    rows, targets, worst = [], [], 0.0
    for network in NETWORKS:
        work = problem.problem(network, True)
        trace = _trace(work)
        peers = _peers(work)
        worst = max([worst, *(_difference(trace, call()) for call in peers.values())])
        ours: dict[str, Callable[[], Any]] = {
            "unscaled": lambda trace=trace: _gradient_flow(trace, careful=False),
            "flow": lambda trace=trace: explorer.gradient_flow(trace),
            "forward, flow": lambda work=work: explorer.gradient_flow(_trace(work)),
        }
        taken = {title: median(times) for title, times in interleaved(ours | peers, rounds=10).items()}
        rows.append((network, *(f"{1e3 * taken[title]:.2f}" for title in (*peers, *OURS))))
        targets += _targets(network, taken, tuple(peers))
        print(" ", " ".join(rows[-1]), flush=True)
    growth, lengths = _growth()
    text = TEXT.strip()
    if worst:
        text += (
            f"\n\nBefore the clock starts all matrices are compared; the largest relative difference is {worst:.0e}."
        )
    return Section(
        "Gradient flow",
        text,
        [Table(("ms", *_peers(problem.problem("Elman", True, 2)), *OURS), rows), lengths],
        targets + growth + _long(),
    )


def _trace(work: Problem) -> Trace:
    return explorer.forward(work.graph, work.weights, work.x[:, None], work.tokens[:, None])


def _peers(work: Problem) -> dict[str, Callable[[], Any]]:
    """PyTorch's forms, if it is installed; each gives log₂ of the norms by h and, for an LSTM, by c."""
    if not importlib.util.find_spec("torch"):
        return {}
    from benchmarks import torch_flow

    return torch_flow.forms(work)


def _difference(trace: Trace, theirs: Any) -> float:
    """Largest relative difference of two norms, however small they are; a peer that is wrong stops the run."""
    flow = explorer.gradient_flow(trace)
    ours: Array = np.array([flow.log2[name][0] for name in STATES if name in flow.log2])
    seen = np.isfinite(ours)
    difference = float(np.log(2) * np.abs(theirs.numpy()[seen] - ours[seen]).max())
    if not difference < AGREEMENT or np.isfinite(theirs.numpy()[~seen]).any():
        raise SystemExit(f"{trace.graph.name}: PyTorch's flow differs by {difference:.1e}; nothing was timed.")
    return difference


def _targets(network: str, taken: dict[str, float], peers: tuple[str, ...]) -> list[Target]:
    cost = taken["flow"] / taken["unscaled"]
    targets = [
        Target(
            f"{network}: gradient flow, time against the same kernel unscaled",
            f"≤ {MOST_FOR_SCALING}",
            f"{cost:.2f}",
            cost <= MOST_FOR_SCALING,
        )
    ]
    if peers:
        best = min(peers, key=taken.__getitem__)
        ratio, least = taken[best] / taken["forward, flow"], LEAST[network]
        title = f"{network}: gradient flow, times faster than PyTorch, {best}"
        targets.insert(0, Target(title, f"≥ {least:.0f}", f"{ratio:.1f}", ratio >= least))
    return targets


def _growth() -> tuple[list[Target], Table]:
    """Slope of log time against log T."""
    targets, rows = [], []
    for network in NETWORKS:
        traces = {str(T): _trace(problem.problem(network, True, T)) for T in LENGTHS}
        calls = {T: lambda trace=trace: explorer.gradient_flow(trace) for T, trace in traces.items()}
        taken = {T: median(times) for T, times in interleaved(calls, rounds=5).items()}
        times = np.array([taken[str(T)] for T in LENGTHS])
        whole = np.polyfit(np.log(LENGTHS), np.log(times), 1)[0]
        end = np.log(times[-1] / times[-2]) / np.log(LENGTHS[-1] / LENGTHS[-2])
        rows.append((network, *(f"{1e3 * seconds:.2f}" for seconds in times), f"{whole:.2f}", f"{end:.2f}"))
        title = f"{network}: gradient flow, growth with T, exponent over T = {LENGTHS[0]} … {LENGTHS[-1]}"
        targets.append(Target(title, f"≤ {MOST_GROWTH}", f"{whole:.2f}", bool(whole <= MOST_GROWTH)))
        print(" ", " ".join(rows[-1]), flush=True)
    columns = ("ms at T =", *map(str, LENGTHS), "exponent", f"from T = {LENGTHS[-2]}")
    return targets, Table(columns, rows)


def _long() -> list[Target]:
    """The largest matrix a page shows, by the clock on the wall."""
    targets = []
    for network in NETWORKS:
        trace = _trace(problem.problem(network, True, LONG, WIDE))
        seconds = []
        for _ in range(5):
            start = time.perf_counter()
            explorer.gradient_flow(trace)
            seconds.append(time.perf_counter() - start)
        taken = median(seconds)
        title = f"{network}: gradient flow, T = {LONG}, H = {WIDE}, s"
        targets.append(Target(title, f"≤ {MOST_SECONDS:.0f}", f"{taken:.2f}", taken <= MOST_SECONDS))
    return targets
