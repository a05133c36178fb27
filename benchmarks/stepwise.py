"""Each cell as people write it for NumPy when they teach: one step at a time, lists of vectors, gradients added up.

In the manner of Karpathy's min-char-rnn and its LSTM companion; nothing of their text is used.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.problem import Array, Peer, Problem

Steps = list[Any]


def peer(work: Problem) -> Peer:
    """The step-by-step cell of this network."""
    onward, back = {"Elman": (_elman, _elman_back), "LSTM": (_lstm, _lstm_back), "GRU": (_gru, _gru_back)}[work.network]
    fixed = {"W_x": work.stacked("W_x"), "W_h": work.stacked("W_h"), "b_": work.stacked("b_")}
    parameters = {**fixed, **{name: work.weights[name] for name in ("W_hy", "b_y", "b_hn") if name in work.weights}}

    def step() -> Any:
        state = {"h": np.zeros(work.hidden), "c": np.zeros(work.hidden)}
        kept: Steps = []
        states: Steps = []
        for x in work.x:
            state, values = onward(parameters, x, state)
            states.append(state["h"])
            kept.append((x, *values))
        gradients = {name: np.zeros_like(w) for name, w in parameters.items()}
        later = {"h": np.zeros(work.hidden), "c": np.zeros(work.hidden)}
        dhs: Steps = []
        for t in reversed(range(work.steps)):
            dh = later["h"] + _error(work, t, states[t], parameters, gradients)
            dhs.append(dh)
            later = back(parameters, gradients, kept[t], dh, later["c"])
        return states, dhs[::-1], gradients

    def named(result: Any) -> dict[str, Array]:
        states, dhs, gradients = result
        arrays = {"h": np.array(states), "dh": np.array(dhs)}
        for name, gradient in gradients.items():
            arrays |= work.unstacked(name, gradient) if name in fixed else {name: gradient}
        return arrays

    return Peer(step, named)


def _error(work: Problem, t: int, h: Array, w: dict[str, Array], gradients: dict[str, Array]) -> Array:
    """What the error of one step hands back to h."""
    if not work.head:
        return h - work.aims[t]
    logits = h @ w["W_hy"] + w["b_y"]
    e = np.exp(logits - np.max(logits))
    dy = e / np.sum(e)
    dy[work.tokens[t]] -= 1
    gradients["W_hy"] += np.outer(h, dy)
    gradients["b_y"] += dy
    return w["W_hy"] @ dy


def _add(w: dict[str, Array], gradients: dict[str, Array], x: Array, past: Array, delta: Array) -> Array:
    """The share of one step in the weight gradients; returns what goes back to h of the step before."""
    gradients["W_x"] += np.outer(x, delta)
    gradients["W_h"] += np.outer(past, delta)
    gradients["b_"] += delta
    return w["W_h"] @ delta


def _sigmoid(a: Array) -> Array:
    return 1 / (1 + np.exp(-a))


def _elman(w: dict[str, Array], x: Array, state: dict[str, Array]) -> tuple[dict[str, Array], tuple[Array, ...]]:
    h = np.tanh(x @ w["W_x"] + state["h"] @ w["W_h"] + w["b_"])
    return {"h": h}, (state["h"], h)


def _elman_back(w: dict[str, Array], g: dict[str, Array], kept: Any, dh: Array, dc: Any) -> dict[str, Any]:
    x, past, h = kept
    return {"h": _add(w, g, x, past, dh * (1 - h * h)), "c": dc}


def _lstm(w: dict[str, Array], x: Array, state: dict[str, Array]) -> tuple[dict[str, Array], tuple[Array, ...]]:
    a = x @ w["W_x"] + state["h"] @ w["W_h"] + w["b_"]
    size = len(state["h"])
    f, i, o = np.split(_sigmoid(a[: 3 * size]), 3)
    g = np.tanh(a[3 * size :])
    c = f * state["c"] + i * g
    m = np.tanh(c)
    return {"h": o * m, "c": c}, (state["h"], state["c"], f, i, o, g, m)


def _lstm_back(w: dict[str, Array], g: dict[str, Array], kept: Any, dh: Array, dc: Array) -> dict[str, Array]:
    x, past, c_past, f, i, o, new, m = kept
    dc = dc + dh * o * (1 - m * m)
    delta = np.concatenate(
        [dc * c_past * f * (1 - f), dc * new * i * (1 - i), dh * m * o * (1 - o), dc * i * (1 - new * new)]
    )
    return {"h": _add(w, g, x, past, delta), "c": dc * f}


def _gru(w: dict[str, Array], x: Array, state: dict[str, Array]) -> tuple[dict[str, Array], tuple[Array, ...]]:
    past, size = state["h"], len(state["h"])
    below, before = x @ w["W_x"] + w["b_"], past @ w["W_h"]
    z, r = np.split(_sigmoid(below[: 2 * size] + before[: 2 * size]), 2)
    q = before[2 * size :] + w["b_hn"]
    n = np.tanh(below[2 * size :] + r * q)
    return {"h": z * past + (1 - z) * n}, (past, z, r, q, n)


def _gru_back(w: dict[str, Array], g: dict[str, Array], kept: Any, dh: Array, dc: Array) -> dict[str, Array]:
    x, past, z, r, q, n = kept
    d_n = dh * (1 - z) * (1 - n * n)
    gates = [dh * (past - n) * z * (1 - z), d_n * q * r * (1 - r)]
    below, before = np.concatenate([*gates, d_n]), np.concatenate([*gates, d_n * r])
    g["W_x"] += np.outer(x, below)
    g["W_h"] += np.outer(past, before)
    g["b_"] += below
    g["b_hn"] += d_n * r
    return {"h": w["W_h"] @ before + dh * z, "c": dc}
