"""A step of training: the engine against PyTorch's fused modules, and against its own two passes."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import explorer
from benchmarks.problem import NETWORKS
from benchmarks.report import Section, Table, Target
from benchmarks.timing import interleaved, median
from explorer.engine.learning import Learnt, learn_from
from explorer.graph import Graph, Presence
from explorer.training.layout import Layout
from explorer.training.optimizers import OPTIMIZERS

Array = NDArray[np.float32]
STEPS, ROWS, HIDDEN = 50, 32, 32
RATE, LONGEST = 1e-3, 1.0
AGREEMENT = 1e-4
LEAST = {"Elman": 2.0, "LSTM": 0.8}
"""How many times faster than PyTorch's fused modules a step is meant to be."""
ENGINE, PASSES, TORCH = "engine", "engine, forward and backward", "PyTorch, fused modules"
TEXT = f"""
One step of training on the adding problem: T = {STEPS}, {ROWS} rows, H = {HIDDEN}, two inputs, one output at the last
step, squared error, float32, one thread. A step is the forward pass, backpropagation through time, clipping of the
whole gradient and an update by Adam; the batch lies ready. The numbers are *peer time / engine time*, medians of
processor time: above 1 the engine is faster. PyTorch runs `nn.RNN`, `nn.LSTM` and `nn.GRU` with a linear head on the
last state, `clip_grad_norm_` and `torch.optim.Adam`. *Forward and backward* is the same step by the engine's two
public passes, which keep every value and hand it out, instead of the workspace used for training.
"""


@dataclass(frozen=True, eq=False)
class Work:
    """A network with weights, and a batch of the adding problem.

    Attributes
    ----------
    network : str
        A key of `benchmarks.problem.NETWORKS`.
    x, aims : (T, B, 2) and (B, 1) arrays
    """

    network: str
    graph: Graph
    weights: Mapping[str, Array]
    x: Array
    aims: Array


@dataclass(frozen=True)
class Peer:
    """One way of training.

    Attributes
    ----------
    step : callable
        Takes one step. This is what is timed.
    gradient : callable
        ∂L/∂W of the mean squared error at the weights it started from, by the explorer's names; asked before any step.
    """

    step: Callable[[], Any]
    gradient: Callable[[], Mapping[str, Array]]


def section() -> Section:
    """Check that the peers agree on the gradient, and time them."""
    worst, rows, targets = 0.0, [], []
    for network in NETWORKS:
        work = _work(network)
        peers = _peers(work)
        worst = max(worst, _agreement(network, peers))
        taken = {title: median(times) for title, times in interleaved({t: p.step for t, p in peers.items()}).items()}
        ratios = (f"{taken[title] / taken[ENGINE]:.2f}" for title in peers if title != ENGINE)
        rows.append((network, *ratios, f"{1e3 * taken[ENGINE]:.2f}"))
        targets += _targets(network, taken)
        print(" ", " ".join(rows[-1]), flush=True)
    columns = ("network", *(title for title in peers if title != ENGINE), "engine, ms")
    text = (
        f"{TEXT.strip()}\n\nBefore the clock starts all gradients are compared; the largest relative difference is "
        f"{worst:.0e}."
    )
    return Section("A step of training", text, [Table(columns, rows)], targets)


def _work(network: str) -> Work:
    graph = explorer.build(
        NETWORKS[network],
        inputs=2,
        hidden=HIDDEN,
        outputs=1,
        output_activation="identity",
        loss="squared_error",
        answers=Presence(first=-1),
    )
    rng = np.random.default_rng(7)
    x = rng.random((STEPS, ROWS, 2), np.float32)
    x[..., 1] = 0
    first, second = rng.integers(0, STEPS // 2, ROWS), rng.integers(STEPS // 2, STEPS, ROWS)
    x[first, np.arange(ROWS), 1] = x[second, np.arange(ROWS), 1] = 1
    weights = {name: w.astype(np.float32) for name, w in explorer.initialize(graph, 0).items()}
    return Work(network, graph, weights, x, np.sum(x[..., 0] * x[..., 1], axis=0)[:, None])


def _peers(work: Work) -> dict[str, Peer]:
    peers = {ENGINE: _engine(work, learn_from), PASSES: _engine(work, _passes)}
    if importlib.util.find_spec("torch"):
        from benchmarks import torch_training

        peers[TORCH] = torch_training.peer(work)
    return peers


def _passes(graph: Graph, parameters: Mapping[str, Array], inputs: Array, targets: Array) -> Learnt:
    trace = explorer.forward(graph, parameters, inputs, targets, dtype=np.float32)
    return Learnt(trace.loss, explorer.backward(trace).weights)


def _engine(work: Work, learn: Callable[..., Learnt]) -> Peer:
    """A step as `explorer.training` takes it, by either way to the gradient."""
    layout, optimizer = Layout.of(work.graph.parameter_shapes), OPTIMIZERS["adam"]
    targets = np.zeros((STEPS, ROWS, 1), np.float32)
    targets[-1] = work.aims
    vector = layout.vector(work.weights)
    moments = (np.zeros_like(vector),) * optimizer.moments
    number = 0

    def gradient(vector: Array) -> Array:
        learnt = learn(work.graph, layout.parameters(vector), work.x, targets)
        return layout.vector(learnt.weights) * np.float32(2 / ROWS)  # ours is ½ Σ e², theirs the mean of e²

    def step() -> None:
        nonlocal vector, moments, number
        number += 1
        slope = gradient(vector)
        length = float(np.linalg.norm(slope))
        if length > LONGEST:
            slope = slope * np.float32(LONGEST / length)
        direction, moments = optimizer.rule(slope, moments, number)
        vector = vector - np.float32(RATE) * direction

    return Peer(step, lambda: layout.parameters(gradient(vector)))


def _agreement(network: str, peers: Mapping[str, Peer]) -> float:
    """Largest difference to the engine, relative to the largest entry; a peer that is wrong stops the run."""
    gradients = {title: peer.gradient() for title, peer in peers.items()}
    ours = gradients.pop(ENGINE)
    largest = max(float(np.abs(array).max()) for array in ours.values())
    worst = 0.0
    for title, theirs in gradients.items():
        if theirs.keys() != ours.keys():
            raise ValueError(f"{title} has the gradients of {sorted(theirs)}, the engine those of {sorted(ours)}.")
        difference = max(float(np.abs(theirs[name] - array).max()) for name, array in ours.items()) / largest
        if not difference < AGREEMENT:
            raise SystemExit(f"{network}: {title} differs from the engine by {difference:.1e}; nothing was timed.")
        worst = max(worst, difference)
    return worst


def _targets(network: str, taken: Mapping[str, float]) -> list[Target]:
    if TORCH not in taken or network not in LEAST:
        return []
    ratio, least = taken[TORCH] / taken[ENGINE], LEAST[network]
    return [
        Target(f"{network}: a step of training, times as fast as {TORCH}", f"≥ {least}", f"{ratio:.2f}", ratio >= least)
    ]
