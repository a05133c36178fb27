"""Each cell written out by hand for NumPy: the speed that the generic engine is held against.

No generality is left: weights lie stacked, buffers and lists of views exist before the clock starts and are used
again, one tanh serves all gates, σ(a) = ½ tanh(½ a) + ½ has its inner ½ in the weights, and on the way back
everything that the forward pass has fixed is multiplied into coefficients for all steps at once.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.problem import Array, Peer, Problem


def peer(work: Problem) -> Peer:
    """The hand-written cell of this network."""
    cell = _CELLS[work.network](work)
    return Peer(cell.step, cell.named)


class _Cell:
    """What the cells share: the input's share of every pre-activation, the head, and the products at the end."""

    def __init__(self, work: Problem) -> None:
        self.work = work
        steps, size = work.steps, work.hidden
        self.scale = self.scales(size)
        self.W_x, self.W_h, self.b = work.stacked("W_x"), work.stacked("W_h"), work.stacked("b_")
        self.W_hT = np.ascontiguousarray(self.W_h.T)
        width = self.W_h.shape[1]
        self.W_x_in, self.b_in = self.W_x * self.scale, self.b * self.scale
        self.W_h_in = self.W_h * self.scale
        self.a, self.gates, self.delta = (np.empty((steps, width)) for _ in range(3))
        self.h, self.dh = np.zeros((steps + 1, size)), np.empty((steps + 1, size))
        self.ones = np.ones(steps)
        self.rows = np.arange(steps)
        self.result, self.message = np.empty(width), np.empty(size)

    @staticmethod
    def scales(size: int) -> Array | float:
        """Factors that put the ½ of σ into the weights of the gates."""
        return 1.0

    def step(self) -> dict[str, Any]:
        """Forward and back once."""
        np.matmul(self.work.x, self.W_x_in, out=self.a)
        self.a += self.b_in
        self.forward()
        self.dh[0] = 0
        outer = self.errors()
        self.backward()
        x, past, delta = self.work.x, self.h[:-1], self.delta
        return {"W_x": x.T @ delta, "W_h": past.T @ delta, "b_": self.ones @ delta, **outer}

    def forward(self) -> None:
        """Fill h from the pre-activations' outer share."""
        raise NotImplementedError

    def backward(self) -> None:
        """Complete dh from what the errors hand back, and fill delta."""
        raise NotImplementedError

    def errors(self) -> dict[str, Array]:
        """Fill dh with what the errors hand back; the error itself is computed as well."""
        h = self.h[1:]
        if not self.work.head:
            np.subtract(h, self.work.aims, out=self.dh[1:])
            self.error = 0.5 * np.vecdot(self.dh[1:], self.dh[1:])
            return {}
        weights = self.work.weights
        logits = h @ weights["W_hy"]
        logits += weights["b_y"]
        logits -= logits.max(axis=1, keepdims=True)
        picked = logits[self.rows, self.work.tokens]
        y = np.exp(logits, out=logits)
        total = y.sum(axis=1, keepdims=True)
        self.error = np.log(total[:, 0]) - picked
        y /= total
        y[self.rows, self.work.tokens] -= 1
        np.matmul(y, weights["W_hy"].T, out=self.dh[1:])
        return {"W_hy": h.T @ y, "b_y": self.ones @ y}

    def named(self, result: dict[str, Array]) -> dict[str, Array]:
        """See `Peer`."""
        stacked = {key: self.work.unstacked(key, result.pop(key)) for key in ("W_x", "W_h", "b_")}
        arrays = {name: part for parts in stacked.values() for name, part in parts.items()}
        return {"h": self.h[1:].copy(), "dh": self.dh[1:].copy(), **arrays, **result}


class _Elman(_Cell):
    def __init__(self, work: Problem) -> None:
        super().__init__(work)
        h, dh = list(self.h), list(self.dh)
        self.onward = list(zip(h, self.a, h[1:], strict=False))
        self.slope = np.empty_like(self.delta)
        self.back = list(zip(dh[1:], self.slope, self.delta, dh, strict=False))[::-1]

    def forward(self) -> None:
        W, result, dot, add, tanh = self.W_h, self.result, np.dot, np.add, np.tanh
        for past, a, h in self.onward:
            dot(past, W, result)
            add(a, result, a)
            tanh(a, h)

    def backward(self) -> None:
        np.multiply(self.h[1:], self.h[1:], out=self.slope)
        np.subtract(1, self.slope, out=self.slope)
        W, message, dot, add, multiply = self.W_hT, self.message, np.dot, np.add, np.multiply
        for dh, slope, delta, before in self.back:
            multiply(dh, slope, delta)
            dot(delta, W, message)
            add(before, message, before)


class _LSTM(_Cell):
    def __init__(self, work: Problem) -> None:
        super().__init__(work)
        size = work.hidden
        self.c, self.m = np.zeros((work.steps + 1, size)), np.empty((work.steps, size))
        self.dc, self.K_c = np.zeros((work.steps + 1, size)), np.empty((work.steps, size))
        self.kept, self.written, self.K = np.empty(size), np.empty(size), np.empty_like(self.a)
        f, i, o, g = (self.gates[:, k * size : (k + 1) * size] for k in range(4))
        self.f, self.i, self.o, self.g = f, i, o, g
        pre = self.h, self.a, self.gates, self.gates[:, : 3 * size]
        self.onward = list(zip(*pre, f, i, o, g, self.c, self.c[1:], self.m, self.h[1:], strict=False))
        K_f, K_i, K_o, K_g = (self.K[:, k * size : (k + 1) * size] for k in range(4))
        d_f, d_i, d_o, d_g = (self.delta[:, k * size : (k + 1) * size] for k in range(4))
        given = self.dh[1:], self.dc[1:], self.K_c, f, K_f, K_i, K_o, K_g
        filled = d_f, d_i, d_o, d_g, self.delta, self.dh, self.dc
        self.back = list(zip(*given, *filled, strict=False))[::-1]

    @staticmethod
    def scales(size: int) -> Array:
        return np.repeat([0.5, 0.5, 0.5, 1.0], size)

    def forward(self) -> None:
        W, result, kept, written = self.W_h_in, self.result, self.kept, self.written
        dot, add, tanh, multiply = np.dot, np.add, np.tanh, np.multiply
        half = np.asarray(0.5)
        for past, a, gates, squashed, f, i, o, g, c_past, c, m, h in self.onward:
            dot(past, W, result)
            add(a, result, a)
            tanh(a, gates)
            multiply(squashed, half, squashed)
            add(squashed, half, squashed)
            multiply(f, c_past, kept)
            multiply(i, g, written)
            add(kept, written, c)
            tanh(c, m)
            multiply(o, m, h)

    def backward(self) -> None:
        self._coefficients()
        self.dc[:] = 0
        W, message, kept, dot, add, multiply = self.W_hT, self.message, self.kept, np.dot, np.add, np.multiply
        for dh, dc, K_c, f, K_f, K_i, K_o, K_g, d_f, d_i, d_o, d_g, delta, dh_before, dc_before in self.back:
            multiply(dh, K_c, kept)
            add(dc, kept, dc)
            multiply(dc, K_f, d_f)
            multiply(dc, K_i, d_i)
            multiply(dh, K_o, d_o)
            multiply(dc, K_g, d_g)
            multiply(dc, f, dc_before)
            dot(delta, W, message)
            add(dh_before, message, dh_before)

    def _coefficients(self) -> None:
        size, gates, K = self.work.hidden, self.gates, self.K
        np.subtract(1, gates, out=K)
        K[:, : 3 * size] *= gates[:, : 3 * size]
        np.subtract(1, self.g * self.g, out=K[:, 3 * size :])
        K[:, :size] *= self.c[:-1]
        K[:, size : 2 * size] *= self.g
        K[:, 2 * size : 3 * size] *= self.m
        K[:, 3 * size :] *= self.i
        np.multiply(self.m, self.m, out=self.K_c)
        np.subtract(1, self.K_c, out=self.K_c)
        self.K_c *= self.o


class _GRU(_Cell):
    def __init__(self, work: Problem) -> None:
        super().__init__(work)
        size = work.hidden
        steps = work.steps
        self.W_h_in = self.W_h * self.scale
        self.b_hn = work.weights["b_hn"]
        self.n, self.q, self.K = np.empty((steps, size)), np.empty((steps, size)), np.empty_like(self.delta)
        self.product, self.gap = np.empty(size), np.empty(size)
        z, r = self.gates[:, :size], self.gates[:, size : 2 * size]
        self.z, self.r = z, r
        pre = self.h, self.a[:, : 2 * size], self.a[:, 2 * size :], self.gates[:, : 2 * size]
        self.onward = list(zip(*pre, z, r, self.q, self.n, self.h[1:], strict=False))
        thirds = [slice(k * size, (k + 1) * size) for k in range(3)]
        coefficients, deltas = [self.K[:, s] for s in thirds], [self.delta[:, s] for s in thirds]
        self.back = list(zip(self.dh[1:], z, *coefficients, *deltas, self.delta, self.dh, strict=False))[::-1]

    @staticmethod
    def scales(size: int) -> Array:
        return np.repeat([0.5, 0.5, 1.0], size)

    def forward(self) -> None:
        W, b, result, product, gap = self.W_h_in, self.b_hn, self.result, self.product, self.gap
        size = self.work.hidden
        for_gates, for_n = result[: 2 * size], result[2 * size :]
        dot, add, tanh, multiply, subtract, half = np.dot, np.add, np.tanh, np.multiply, np.subtract, np.asarray(0.5)
        for past, a, a_n, gates, z, r, q, n, h in self.onward:
            dot(past, W, result)
            add(a, for_gates, a)
            tanh(a, gates)
            multiply(gates, half, gates)
            add(gates, half, gates)
            add(for_n, b, q)
            multiply(r, q, product)
            add(a_n, product, a_n)
            tanh(a_n, n)
            subtract(past, n, gap)
            multiply(z, gap, gap)
            add(n, gap, h)

    def backward(self) -> None:
        self._coefficients()
        W, message, product, dot, add, multiply = self.W_hT, self.message, self.product, np.dot, np.add, np.multiply
        for dh, z, K_z, K_r, K_q, d_z, d_r, d_q, delta, before in self.back:
            multiply(dh, K_z, d_z)
            multiply(dh, K_r, d_r)
            multiply(dh, K_q, d_q)
            dot(delta, W, message)
            add(before, message, before)
            multiply(dh, z, product)
            add(before, product, before)

    def _coefficients(self) -> None:
        """∂L/∂a of z and r, and ∂L/∂q, as multiples of ∂L/∂h."""
        size, K, z, r, n = self.work.hidden, self.K, self.z, self.r, self.n
        np.subtract(1, n * n, out=K[:, 2 * size :])
        K[:, 2 * size :] *= 1 - z
        self.K_n = K[:, 2 * size :].copy()
        np.multiply(self.K_n, self.q, out=K[:, size : 2 * size])
        K[:, size : 2 * size] *= r * (1 - r)
        K[:, 2 * size :] *= r
        np.subtract(self.h[:-1], n, out=K[:, :size])
        K[:, :size] *= z * (1 - z)

    def step(self) -> dict[str, Any]:
        result = super().step()
        size = self.work.hidden
        result["b_hn"] = result["b_"][2 * size :]
        delta_n = self.K_n * self.dh[1:]
        result["W_x"][:, 2 * size :] = self.work.x.T @ delta_n
        result["b_"] = np.concatenate([result["b_"][: 2 * size], self.ones @ delta_n])
        return result


_CELLS = {"Elman": _Elman, "LSTM": _LSTM, "GRU": _GRU}
