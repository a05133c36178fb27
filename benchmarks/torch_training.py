"""PyTorch's fused modules taking steps of training: forward, backward, clipping, Adam."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch.nn import functional

from benchmarks.training import HIDDEN, LONGEST, RATE, Array, Peer, Work

torch.set_num_threads(1)
_MODULES = {"Elman": torch.nn.RNN, "LSTM": torch.nn.LSTM, "GRU": torch.nn.GRU}
_ORDER = {"Elman": "h", "LSTM": "ifgo", "GRU": "rzn"}
"""Gates in the order of PyTorch's modules."""


def peer(work: Work) -> Peer:
    """``torch.nn.RNN`` and its siblings with a linear head on the last state."""
    module, head = _MODULES[work.network](2, HIDDEN), torch.nn.Linear(HIDDEN, 1)
    _fill(module, head, work)
    parameters = [*module.parameters(), *head.parameters()]
    optimizer = torch.optim.Adam(parameters, RATE)
    x, aims = torch.from_numpy(work.x), torch.from_numpy(work.aims)

    def differentiate() -> None:
        optimizer.zero_grad()
        states, _ = module(x)
        functional.mse_loss(head(states[-1]), aims).backward()

    def step() -> None:
        differentiate()
        torch.nn.utils.clip_grad_norm_(parameters, LONGEST)
        optimizer.step()

    def gradient() -> Mapping[str, Array]:
        differentiate()
        return _named(module, head, work)

    return Peer(step, gradient)


def _fill(module: torch.nn.RNNBase, head: torch.nn.Linear, work: Work) -> None:
    """Put the explorer's weights into the modules; their two biases are one of ours, but for b_hn of the GRU."""
    w, gates = work.weights, _ORDER[work.network]
    with torch.no_grad():
        for prefix, target in (("W_x", module.weight_ih_l0), ("W_h", module.weight_hh_l0)):
            target.copy_(torch.cat([torch.tensor(w[prefix + gate]).T for gate in gates]))
        module.bias_ih_l0.copy_(torch.cat([torch.tensor(w[f"b_{gate}"]) for gate in gates]))
        module.bias_hh_l0.zero_()
        if "b_hn" in w:
            module.bias_hh_l0[2 * HIDDEN :].copy_(torch.tensor(w["b_hn"]))
        head.weight.copy_(torch.tensor(w["W_hy"]).T)
        head.bias.copy_(torch.tensor(w["b_y"]))


def _named(module: torch.nn.RNNBase, head: torch.nn.Linear, work: Work) -> dict[str, Array]:
    gates, arrays = _ORDER[work.network], {"W_hy": head.weight.grad.numpy().T, "b_y": head.bias.grad.numpy()}
    leaves = (("W_x", module.weight_ih_l0), ("W_h", module.weight_hh_l0), ("b_", module.bias_ih_l0))
    for prefix, leaf in leaves:
        parts = np.split(leaf.grad.numpy(), len(gates))
        arrays |= {prefix + gate: part.T for gate, part in zip(gates, parts, strict=True)}
    if "b_hn" in work.weights:
        arrays["b_hn"] = module.bias_hh_l0.grad[2 * HIDDEN :].numpy()
    return {name: array.copy() for name, array in arrays.items()}
