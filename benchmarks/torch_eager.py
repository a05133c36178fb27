"""PyTorch, eager, keeping the gradient of every h_t, in three forms: its own cell modules, a loop, a tight loop.

The loop is what one writes: input projection beforehand, then ``x_t + h @ W_h`` a step. The tight loop also adds by
``addmm`` and splits the projection with ``unbind``, whose derivative, unlike that of an index, is not a full array for
every step. The targets speak of the loop: against it, cells fused by hand reach about what they were set from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from benchmarks.problem import Array, Peer, Problem

torch.set_num_threads(1)
Split = Callable[[Tensor], Iterable[Tensor]]
Join = Callable[[Tensor, Tensor, Tensor], Tensor]
_CELLS = {"Elman": torch.nn.RNNCell, "LSTM": torch.nn.LSTMCell, "GRU": torch.nn.GRUCell}
_ORDER = {"Elman": "h", "LSTM": "ifgo", "GRU": "rzn"}
"""Gates in the order of PyTorch's modules."""


def modules(work: Problem) -> Peer:
    """``torch.nn.RNNCell`` and its siblings, called once a step."""
    cell = _CELLS[work.network](work.x.shape[1], work.hidden, dtype=torch.float64)
    _fill(cell, work)
    head = _head(work)
    x = torch.from_numpy(work.x)[:, None]
    lstm = work.network == "LSTM"

    def step() -> Any:
        h = c = torch.zeros(1, work.hidden, dtype=torch.float64)
        states = []
        for x_t in x.unbind(0):
            if lstm:
                h, c = cell(x_t, (h, c))
            else:
                h = cell(x_t, h)
            h.retain_grad()
            states.append(h)
        _differentiate(work, states, head, list(cell.parameters()))
        return states

    def named(states: Any) -> dict[str, Array]:
        return {**_states(states), **_by_gate(cell, work), **_of_head(head)}

    return Peer(step, named)


def loop(work: Problem) -> Peer:
    """The loop as one writes it."""
    return _loop(work, split=lambda below: (below[t] for t in range(len(below))), join=lambda x, h, W: x + h @ W)


def tight(work: Problem) -> Peer:
    """A loop of the fewest and cheapest operations."""
    return _loop(work, split=lambda below: below.unbind(0), join=torch.addmm)


def _loop(work: Problem, split: Split, join: Join) -> Peer:
    w = {name: _leaf(work.stacked(name)) for name in ("W_x", "W_h", "b_")}
    extra = {name: _leaf(work.weights[name]) for name in ("b_hn",) if name in work.weights}
    head = _head(work)
    x = torch.from_numpy(work.x)
    run = {"Elman": _elman, "LSTM": _lstm, "GRU": _gru}[work.network]

    def step() -> Any:
        below = torch.addmm(w["b_"], x, w["W_x"])[:, None]
        states = run(split(below), join, w["W_h"], work.hidden, **extra)
        _differentiate(work, states, head, [*w.values(), *extra.values()])
        return states

    def named(states: Any) -> dict[str, Array]:
        gates = [work.unstacked(name, leaf.grad.numpy()) for name, leaf in w.items()]
        alone = {name: leaf.grad.numpy() for name, leaf in extra.items()}
        return {**_states(states), **{k: v for part in gates for k, v in part.items()}, **alone, **_of_head(head)}

    return Peer(step, named)


def _elman(below: Iterable[Tensor], join: Join, W_h: Tensor, size: int) -> list[Tensor]:
    h, states = torch.zeros(1, size, dtype=torch.float64), []
    for x_t in below:
        h = torch.tanh(join(x_t, h, W_h))
        h.retain_grad()
        states.append(h)
    return states


def _lstm(below: Iterable[Tensor], join: Join, W_h: Tensor, size: int) -> list[Tensor]:
    h = c = torch.zeros(1, size, dtype=torch.float64)
    states = []
    for x_t in below:
        f, i, o, g = join(x_t, h, W_h).chunk(4, 1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        h.retain_grad()
        states.append(h)
    return states


def _gru(below: Iterable[Tensor], join: Join, W_h: Tensor, size: int, b_hn: Tensor) -> list[Tensor]:
    h, states = torch.zeros(1, size, dtype=torch.float64), []
    for x_t in below:
        before = h @ W_h
        z, r = torch.sigmoid(x_t[:, : 2 * size] + before[:, : 2 * size]).chunk(2, 1)
        n = torch.tanh(x_t[:, 2 * size :] + r * (before[:, 2 * size :] + b_hn))
        h = n + z * (h - n)
        h.retain_grad()
        states.append(h)
    return states


def _differentiate(work: Problem, states: list[Tensor], head: dict[str, Tensor], parameters: list[Tensor]) -> None:
    h = torch.cat(states)
    if work.head:
        logits = torch.addmm(head["b_y"], h, head["W_hy"])
        error = functional.cross_entropy(logits, torch.from_numpy(work.tokens), reduction="sum")
    else:
        error = 0.5 * functional.mse_loss(h, torch.from_numpy(work.aims), reduction="sum")
    for leaf in (*parameters, *head.values()):
        leaf.grad = None
    error.backward()


def _leaf(array: Array) -> Tensor:
    return torch.tensor(array, requires_grad=True)


def _head(work: Problem) -> dict[str, Tensor]:
    return {name: _leaf(work.weights[name]) for name in ("W_hy", "b_y") if name in work.weights}


def _states(states: list[Tensor]) -> dict[str, Array]:
    return {
        "h": torch.cat(states).detach().numpy(),
        "dh": torch.cat([h.grad for h in states]).numpy(),
    }


def _of_head(head: dict[str, Tensor]) -> dict[str, Array]:
    return {name: leaf.grad.numpy() for name, leaf in head.items()}


def _fill(cell: Any, work: Problem) -> None:
    """Put the explorer's weights into a module; its two biases are one of ours, but for b_hn of the GRU."""
    w, gates = work.weights, _ORDER[work.network]
    with torch.no_grad():
        for prefix, target in (("W_x", cell.weight_ih), ("W_h", cell.weight_hh)):
            target.copy_(torch.cat([torch.tensor(w[prefix + gate]).T for gate in gates]))
        cell.bias_ih.copy_(torch.cat([torch.tensor(w[f"b_{gate}"]) for gate in gates]))
        cell.bias_hh.zero_()
        if "b_hn" in w:
            cell.bias_hh[2 * work.hidden :].copy_(torch.tensor(w["b_hn"]))


def _by_gate(cell: Any, work: Problem) -> dict[str, Array]:
    gates, arrays = _ORDER[work.network], {}
    for prefix, leaf in (("W_x", cell.weight_ih), ("W_h", cell.weight_hh), ("b_", cell.bias_ih)):
        parts = np.split(leaf.grad.numpy(), len(gates))
        arrays |= {prefix + gate: part.T for gate, part in zip(gates, parts, strict=True)}
    if "b_hn" in work.weights:
        arrays["b_hn"] = cell.bias_hh.grad[2 * work.hidden :].numpy()
    return arrays
