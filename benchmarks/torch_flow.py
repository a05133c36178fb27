"""The flow matrix by PyTorch: derivatives of the vector of errors by every state, all cotangents in one batch.

``torch.func.jacrev`` differentiates by a small change added to each state. It is tried with the changes as one tensor
and as a tuple, whole and in chunks; beside it the same batched backward pass by ``torch.autograd.grad``, which needs
no changes to add. Whichever is fastest is the peer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.func import jacrev
from torch.nn import functional

from benchmarks.problem import Array, Problem

torch.set_num_threads(1)
Run = Callable[[tuple[tuple[Tensor, ...], ...]], tuple[Tensor, list[list[Tensor]]]]
"""Changes added to each state at each step → errors (T,), and the states at each step."""
CHUNKS = (None, 64)


def forms(work: Problem) -> dict[str, Callable[[], Any]]:
    """Every form, each giving log₂ of the norms as a tensor (states, T, T)."""
    run, count = _run(work), 2 if work.network == "LSTM" else 1
    nothing = torch.zeros(count, work.steps, 1, work.hidden, dtype=torch.float64)
    apart = tuple(tuple(part.unbind(0)) for part in nothing.unbind(0))

    def together(chunk: int | None) -> Callable[[], Any]:
        def errors(changes: Tensor) -> Tensor:
            return run(tuple(part.unbind(0) for part in changes.unbind(0)))[0]

        def call() -> Any:
            found = jacrev(errors, chunk_size=chunk)(nothing)  # (T, states, T, 1, H)
            return _logs(found[:, :, :, 0].transpose(0, 1))

        return call

    def tuples(chunk: int | None) -> Callable[[], Any]:
        def call() -> Any:
            found = jacrev(lambda changes: run(changes)[0], chunk_size=chunk)(apart)
            return _logs(torch.stack([torch.cat(part, dim=1) for part in found]))

        return call

    def batched() -> Any:
        leaves = tuple(tuple(change.clone().requires_grad_() for change in part) for part in apart)
        with torch.enable_grad():
            errors, states = run(leaves)
        wanted = [state for part in states for state in part]
        found = torch.autograd.grad(errors, wanted, torch.eye(work.steps, dtype=torch.float64), is_grads_batched=True)
        return _logs(torch.stack(found).reshape(count, work.steps, work.steps, -1).transpose(1, 2))

    calls: dict[str, Callable[[], Any]] = {"autograd.grad, batched": batched}
    for chunk in CHUNKS:
        tail = "" if chunk is None else f", {chunk} at a time"
        calls[f"jacrev, one tensor{tail}"] = together(chunk)
        calls[f"jacrev, a tuple{tail}"] = tuples(chunk)
    return calls


def _logs(found: Tensor) -> Tensor:
    return torch.log2(torch.linalg.vector_norm(found, dim=-1))


def _run(work: Problem) -> Run:
    w = {name: torch.from_numpy(work.stacked(name)) for name in ("W_x", "W_h", "b_")}
    b_hn = torch.tensor(work.weights["b_hn"]) if "b_hn" in work.weights else None
    W_hy, b_y = torch.tensor(work.weights["W_hy"]), torch.tensor(work.weights["b_y"])
    tokens = torch.from_numpy(work.tokens)
    below = torch.addmm(w["b_"], torch.from_numpy(work.x), w["W_x"])[:, None].unbind(0)
    cell = {"Elman": _elman, "LSTM": _lstm, "GRU": _gru}[work.network]

    def run(changes: tuple[tuple[Tensor, ...], ...]) -> tuple[Tensor, list[list[Tensor]]]:
        states = cell(below, changes, w["W_h"], work.hidden, b_hn)
        logits = torch.addmm(b_y, torch.cat(states[0]), W_hy)
        return functional.cross_entropy(logits, tokens, reduction="none"), states

    return run


def _elman(below: Any, changes: Any, W_h: Tensor, size: int, _: Any) -> list[list[Tensor]]:
    h, states = torch.zeros(1, size, dtype=torch.float64), []
    for x_t, change in zip(below, changes[0], strict=True):
        h = torch.tanh(torch.addmm(x_t, h, W_h)) + change
        states.append(h)
    return [states]


def _lstm(below: Any, changes: Any, W_h: Tensor, size: int, _: Any) -> list[list[Tensor]]:
    h = c = torch.zeros(1, size, dtype=torch.float64)
    states: list[list[Tensor]] = [[], []]
    for x_t, h_change, c_change in zip(below, *changes, strict=True):
        f, i, o, g = torch.addmm(x_t, h, W_h).chunk(4, 1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g) + c_change
        h = torch.sigmoid(o) * torch.tanh(c) + h_change
        states[0].append(h)
        states[1].append(c)
    return states


def _gru(below: Any, changes: Any, W_h: Tensor, size: int, b_hn: Any) -> list[list[Tensor]]:
    h, states = torch.zeros(1, size, dtype=torch.float64), []
    for x_t, change in zip(below, changes[0], strict=True):
        before = h @ W_h
        z, r = torch.sigmoid(x_t[:, : 2 * size] + before[:, : 2 * size]).chunk(2, 1)
        n = torch.tanh(x_t[:, 2 * size :] + r * (before[:, 2 * size :] + b_hn))
        h = n + z * (h - n) + change
        states.append(h)
    return [states]


def logs(found: Tensor) -> Array:
    """As an array."""
    array: Array = found.detach().numpy()
    return array
