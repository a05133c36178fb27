"""Vanishing and exploding: what the largest singular value decides, and the largest eigenvalue does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from explorer.engine.activations import Array
from explorer.engine.trace import Trace
from explorer.fields import Choice, Number
from explorer.papers.maps import SQUASHES, at_fixed_point, left_alone, norms, products, squashed_first
from explorer.papers.paper import Paper, Published, shown
from explorer.papers.picture import Panel, Picture, curve

BACK = "l, steps back"
NORM = "‖∂xₜ / ∂xₜ₋ₗ‖"
OVER = r"$\lVert \partial x_T / \partial x_0 \rVert$"
SAFE = rf"same $W$, scaled to $\sigma_1\gamma = 0.95$: {OVER}"
SATURATED = rf"same $W$, units saturated: {OVER}"
FORECAST = rf"eigenvalue version, $\rho\gamma < 1$: {OVER}"
NILPOTENT = r"largest entry of $\lvert W^2 \rvert$ (0 if every eigenvalue of $W$ is)"
SHARE = r"gradient $\div\,(\sigma_1\gamma)^l$, at most over all $l$"

_NILPOTENT = np.array([[1.0, 1.0], [-1.0, -1.0]])
_OPEN = np.array([0.9, 0.1])  # how steep two units are, in shares of γ
_PUBLISHED = np.array([0.5, 0.375])  # the same in the counter-example with tanh
_SATURATED = np.array([0.01, 0.01])
_SAFE = 0.95
_SMALLEST = 1e-300  # numbers below lose digits

# ---- the condition ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class _Condition:
    """What is needed for numbers and picture: σ₁γ and ργ, and the norms along three runs."""

    sigma: float
    rho: float
    norms: Array
    safe: Array
    saturated: Array


def _condition(act: str, rho: float, coupling: float, steps: int) -> _Condition:
    gamma = SQUASHES[act].gamma
    matrix = (rho * np.eye(2) + coupling * _NILPOTENT) / gamma
    sigma = gamma * float(np.linalg.norm(matrix, 2))
    scaled = matrix / sigma * _SAFE if sigma else matrix

    def along(weights: Array, share: Array) -> Array:
        return norms(products(at_fixed_point(act, weights, share, steps), "x"))

    return _Condition(sigma, rho, along(matrix, _OPEN), along(scaled, _OPEN), along(matrix, _SATURATED))


def _share_of(norm: Array, base: float) -> float:
    """The largest norm as a share of baseˡ, l ≥ 1; where the bound has no digits left, nothing may be there."""
    bound, reached = base ** np.arange(1.0, len(norm)), norm[1:]
    out = np.where(reached > _SMALLEST, np.inf, 0.0)
    return float(np.divide(reached, bound, out=out, where=bound > _SMALLEST).max())


def _condition_numbers(cond_act: str, cond_rho: float, cond_coupling: float, cond_steps: int) -> Mapping[str, float]:
    found = _condition(cond_act, cond_rho, cond_coupling, cond_steps)
    forecast = float(found.norms[-1]) if found.rho < 1 else float("nan")
    return {
        r"$\sigma_1\gamma$": found.sigma,
        r"$\rho\gamma$": found.rho,
        SHARE: _share_of(found.norms, found.sigma),
        SAFE: float(found.safe[-1]),
        SATURATED: float(found.saturated[-1]),
        FORECAST: forecast,
    }


def _condition_picture(cond_act: str, cond_rho: float, cond_coupling: float, cond_steps: int) -> Picture:
    found = _condition(cond_act, cond_rho, cond_coupling, cond_steps)
    back = np.arange(cond_steps + 1, dtype=float)
    return Picture(
        (
            Panel(
                BACK,
                NORM,
                (
                    curve("bound (σ₁γ)ˡ", back, found.sigma**back, "bound"),
                    curve("measured", back, found.norms),
                    curve("the eigenvalues' forecast (ργ)ˡ", back, found.rho**back, "published"),
                    curve("", back[[0, -1]], [1, 1], "reference"),
                ),
                log_y=True,
            ),
        ),
        f"The gradient's norm against the number of steps it has gone back. Measured, it is {shown(found.norms[-1])} "
        f"after {cond_steps} steps; the bound by singular values is {shown(found.sigma**cond_steps)}, the forecast by "
        f"eigenvalues {shown(found.rho**cond_steps)}.",
    )


CONDITION = Paper(
    title="Condition",
    source="Pascanu, Mikolov & Bengio 2013, *On the difficulty of training recurrent neural networks*, ICML",
    claim=r"The largest singular value $\sigma_1$ of $W$ below $1/\gamma$ is sufficient for gradients to vanish; above "
    r"$1/\gamma$ is necessary, not sufficient, for them to explode ($\gamma = 1$ for tanh, ¼ for the sigmoid).",
    fields={
        "cond_act": Choice("an activation", {"tanh": "tanh", "sigmoid": "sigmoid"}, "tanh", "Activation φ"),
        "cond_rho": Number(
            "Radius ρ × γ", 0.0, 2.0, 0.5, 0.05, "All eigenvalues of W are this, divided by γ: both are equal."
        ),
        "cond_coupling": Number(
            "Coupling × γ",
            0.0,
            10.0,
            2.0,
            0.25,
            "Raises the singular values and leaves the eigenvalues. 0: W is normal.",
        ),
        "cond_steps": Number("Steps T", 1, 100, 20, help="How far back the gradient is followed."),
    },
    published=(
        Published(SHARE, "1", 1e-6, relation="≤", anywhere=True, written="within the bound"),
        Published(SAFE, "1", relation="<", anywhere=True),
        Published(SATURATED, "1", relation="<", anywhere=True),
        Published(FORECAST, "1", relation="<", anywhere=True, refuted=True),
    ),
    measure=_condition_numbers,
    plot=_condition_picture,
)


# ---- the linear counter-example ---------------------------------------------------------------------------------


def _linear_matrix(diagonal: float, upper: float) -> Array:
    return np.array([[diagonal, upper], [0.0, diagonal]])


def _linear_norms(diagonal: float, upper: float, steps: int) -> Array:
    parameters = {"W": _linear_matrix(diagonal, upper).T.copy(), "b": np.zeros(2)}
    return norms(products(left_alone(squashed_first("identity", 2), parameters, steps, {}), "x"))


def _linear_numbers(lin_diagonal: float, lin_upper: float, lin_steps: int) -> Mapping[str, float]:
    matrix, norm = _linear_matrix(lin_diagonal, lin_upper), _linear_norms(lin_diagonal, lin_upper, lin_steps)
    below = np.flatnonzero(norm[1:] < 1) + 1
    return {
        r"$\lVert W^l \rVert_2$, largest": norm.max(),
        "reached at $l$": int(norm.argmax()),
        "first below 1 at $l$": int(below[0]) if len(below) else float("nan"),
        "spectral radius of $W$": np.abs(np.linalg.eigvals(matrix)).max(),
        r"$\sigma_1$ of $W$": np.linalg.norm(matrix, 2),
    }


def _linear_picture(lin_diagonal: float, lin_upper: float, lin_steps: int) -> Picture:
    norm = _linear_norms(lin_diagonal, lin_upper, lin_steps)
    back, peak = np.arange(lin_steps + 1, dtype=float), int(norm.argmax())
    return Picture(
        (
            Panel(
                BACK,
                "‖Wˡ‖",
                (
                    curve("measured", back, norm),
                    curve("the eigenvalues' forecast ρˡ", back, lin_diagonal**back, "published"),
                    curve("", back[[0, -1]], [1, 1], "reference"),
                    curve("largest", [peak], [norm[peak]], "now", marks=True),
                ),
                log_y=True,
            ),
        ),
        f"The norm of the l-th power of W starts at 1, is largest at l = {peak} with {shown(norm[peak])} and is "
        f"{shown(norm[-1])} at l = {lin_steps}; the powers of the spectral radius are {shown(lin_diagonal**peak)} and "
        f"{shown(lin_diagonal**lin_steps)} there.",
    )


LINEAR = Paper(
    title="Linear example",
    source="Against the often-quoted eigenvalue version of the condition; the effect is textbook: Trefethen & Embree "
    "2005, *Spectra and Pseudospectra*",
    claim="A linear network whose eigenvalues are all 0.9 lets a gradient grow more than elevenfold before it shrinks.",
    fields={
        "lin_diagonal": Number("Diagonal of W", 0.0, 1.2, 0.9, 0.01, "Both eigenvalues of W."),
        "lin_upper": Number("Upper corner of W", 0.0, 10.0, 3.0, 0.1, "How strongly unit 2 feeds unit 1."),
        "lin_steps": Number("Steps T", 1, 200, 70, help="How far back the gradient is followed."),
    },
    published=(
        Published(r"$\lVert W^l \rVert_2$, largest", "11.635514", 1e-6),
        Published("reached at $l$", "9"),
        Published("first below 1 at $l$", "49"),
        Published("spectral radius of $W$", "0.9", 1e-6),
        Published(r"$\sigma_1$ of $W$", "3.249286", 1e-6),
    ),
    measure=_linear_numbers,
    plot=_linear_picture,
)


# ---- the counter-example with tanh ------------------------------------------------------------------------------


def _tanh_trace(strength: float, steps: int) -> Trace:
    return at_fixed_point("tanh", strength * _NILPOTENT, _PUBLISHED, steps)


def _tanh_numbers(tanh_strength: float, tanh_steps: int) -> Mapping[str, float]:
    trace = _tanh_trace(tanh_strength, tanh_steps)
    jacobians, weights = products(trace, "x"), trace.parameters["W"]
    norm, one = norms(jacobians), jacobians[1]
    return {
        OVER: norm[-1],
        r"$\lVert J \rVert$": norm[1],
        r"$\lVert J^2 \rVert$": norm[2] if tanh_steps > 1 else float("nan"),
        "$J_{11}$": one[0, 0],
        "$J_{12}$": one[0, 1],
        "$J_{21}$": one[1, 0],
        "$J_{22}$": one[1, 1],
        NILPOTENT: np.abs(weights @ weights).max(),
        "how far $x$ has moved from the fixed point": np.abs(trace["x"] - trace["x"][0]).max(),
    }


def _tanh_picture(tanh_strength: float, tanh_steps: int) -> Picture:
    norm = norms(products(_tanh_trace(tanh_strength, tanh_steps), "x"))
    back = np.arange(tanh_steps + 1, dtype=float)
    return Picture(
        (
            Panel(
                BACK,
                NORM,
                (
                    curve("measured", back, norm),
                    curve("", back[[0, -1]], [1, 1], "reference"),
                    curve("bound σ₁ˡ", back, (2 * tanh_strength) ** back, "bound"),
                ),
                log_y=True,
            ),
        ),
        f"The gradient's norm grows from 1 to {shown(norm[-1])} over {tanh_steps} steps, although every eigenvalue of "
        "W is 0 and the eigenvalue version of the condition forecasts that nothing is left after two steps.",
    )


TANH = Paper(
    title="Tanh example",
    source="Against the often-quoted eigenvalue version of the condition",
    claim="With tanh, gradients can grow for ever although the spectral radius of $W$ is 0.",
    fields={
        "tanh_strength": Number(
            "Strength s of W",
            1.0,
            32.0,
            16.0,
            1.0,
            "W = s times the rows (1, 1) and (−1, −1); its eigenvalues are 0 for every s.",
        ),
        "tanh_steps": Number("Steps T", 1, 40, 20, help="How far back the gradient is followed."),
    },
    published=(
        Published(OVER, "7.41e6", 1e-3),
        Published(r"$\lVert J \rVert$", "14.142", 1e-3),
        Published(r"$\lVert J^2 \rVert$", "28.284", 1e-3),
        Published("$J_{11}$", "8", 1e-3),
        Published("$J_{12}$", "6", 1e-3),
        Published("$J_{21}$", "-8", 1e-3),
        Published("$J_{22}$", "-6", 1e-3),
        Published(NILPOTENT, "0", anywhere=True),
    ),
    measure=_tanh_numbers,
    plot=_tanh_picture,
)
