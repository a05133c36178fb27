"""JAX, compiled once for this T: what a compiler makes of the same work."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.problem import Array, Peer, Problem

jax.config.update("jax_enable_x64", True)


def peer(work: Problem) -> Peer:
    """``jit(grad)`` of a `lax.scan`; ∂L/∂h_t is the gradient of a zero that is added to h_t."""
    fixed = {"W_x": work.stacked("W_x"), "W_h": work.stacked("W_h"), "b_": work.stacked("b_")}
    parameters = {**fixed, **{name: work.weights[name] for name in ("W_hy", "b_y", "b_hn") if name in work.weights}}
    parameters = {name: jnp.asarray(w) for name, w in parameters.items()}
    nudges = jnp.zeros((work.steps, work.hidden))
    one_step = {"Elman": _elman, "LSTM": _lstm, "GRU": _gru}[work.network]

    def error(w: Any, nudges: Any) -> Any:
        def scanned(state: Any, given: Any) -> Any:
            below, nudge = given
            h, c = one_step(w, below, *state)
            h = h + nudge
            return (h, c), h

        zero = jnp.zeros(work.hidden)
        _, h = jax.lax.scan(scanned, (zero, zero), (work.x @ w["W_x"] + w["b_"], nudges))
        if not work.head:
            return 0.5 * jnp.sum((h - work.aims) ** 2), h
        logits = h @ w["W_hy"] + w["b_y"]
        picked = jnp.take_along_axis(logits, work.tokens[:, None], 1)[:, 0]
        return jnp.sum(jax.scipy.special.logsumexp(logits, axis=1) - picked), h

    compiled = jax.jit(jax.value_and_grad(error, argnums=(0, 1), has_aux=True))

    def step() -> Any:
        return jax.block_until_ready(compiled(parameters, nudges))

    def named(result: Any) -> dict[str, Array]:
        (_, h), (weights, dh) = result
        arrays = {"h": np.asarray(h), "dh": np.asarray(dh)}
        for name, gradient in weights.items():
            arrays |= work.unstacked(name, gradient) if name in fixed else {name: np.asarray(gradient)}
        return arrays

    return Peer(step, named)


def _elman(w: Any, below: Any, h: Any, c: Any) -> Any:
    return jnp.tanh(below + h @ w["W_h"]), c


def _lstm(w: Any, below: Any, h: Any, c: Any) -> Any:
    f, i, o, g = jnp.split(below + h @ w["W_h"], 4)
    c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
    return jax.nn.sigmoid(o) * jnp.tanh(c), c


def _gru(w: Any, below: Any, h: Any, c: Any) -> Any:
    x_z, x_r, x_n = jnp.split(below, 3)
    h_z, h_r, h_n = jnp.split(h @ w["W_h"], 3)
    z, r = jax.nn.sigmoid(x_z + h_z), jax.nn.sigmoid(x_r + h_r)
    n = jnp.tanh(x_n + r * (h_n + w["b_hn"]))
    return n + z * (h - n), c
