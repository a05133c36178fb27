"""One unit that feeds itself: the wall in its error surface, and what it costs to remember."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from explorer.architectures import build
from explorer.engine.activations import Array
from explorer.engine.backward import backward
from explorer.engine.forward import forward
from explorer.engine.trace import Trace
from explorer.fields import Number
from explorer.papers.maps import left_alone, products, squashed_first
from explorer.papers.paper import Paper, Published, shown
from explorer.papers.picture import Heat, Panel, Picture, curve
from explorer.parameters import initialize

# ---- the wall ---------------------------------------------------------------------------------------------------

SLOPE = r"$\lVert\nabla\rVert$ by $w$ and $b$"
_START, _TARGET, _LONG = 0.5, 0.7, 50
_ROWS, _COLUMNS = 61, 121
_ROUND = 1.0  # how far the picture reaches on either side of the present w and b
_ZOOMS, _BETWEEN = 9, 15


def _fifty_steps(w: Array, b: Array) -> Trace:
    """Many (w, b) at once, each its own unit of one network."""
    units = len(w)
    return left_alone(
        squashed_first("sigmoid", units, diagonal=True, read_out=True),
        {"W": w, "b": b},
        _LONG,
        {"x": np.full(units, _START)},
        np.full(units, _TARGET),
    )


def _cost(trace: Trace) -> Array:
    """(σ(x_50) - 0.7)² of each unit: twice what it contributes to the engine's error, which carries a factor ½."""
    return np.square(trace["y"][-1, 0] - _TARGET)


def _surface(w: Array, b: Array) -> tuple[Array, Array]:
    """The cost and its gradient's norm for many (w, b); the gradient is doubled too."""
    trace = _fifty_steps(w, b)
    weights = backward(trace).weights
    return _cost(trace), 2 * np.hypot(weights["W"], weights["b"])


def _wall_numbers(wall_w: float, wall_b: float) -> Mapping[str, float]:
    cost, slope = _surface(np.array([wall_w]), np.array([wall_b]))
    return {"cost": cost[0], SLOPE: slope[0]}


def _profile(w: float, b: Array) -> tuple[Array, Array, Array]:
    """b, cost and gradient's norm along one w, with more and more points where the cost jumps: a grid steps over it."""
    cost, slope = _surface(np.full(len(b), w), b)
    for _ in range(_ZOOMS):
        jump = int(np.abs(np.diff(cost)).argmax())
        more = np.linspace(b[jump], b[jump + 1], _BETWEEN + 2)[1:-1]
        more_cost, more_slope = _surface(np.full(len(more), w), more)
        b, cost, slope = (
            np.insert(old, jump + 1, new) for old, new in ((b, more), (cost, more_cost), (slope, more_slope))
        )
    return b, cost, slope


def _wall_picture(wall_w: float, wall_b: float) -> Picture:
    coarse = np.linspace(wall_b - _ROUND, wall_b + _ROUND, _COLUMNS)
    w = np.linspace(wall_w - _ROUND, wall_w + _ROUND, _ROWS)
    field = _cost(_fifty_steps(np.repeat(w, len(coarse)), np.tile(coarse, len(w))))
    fine = np.union1d(np.linspace(coarse[0], coarse[-1], 2 * _COLUMNS), wall_b)
    b, cost, slope = _profile(wall_w, fine)
    here = int(np.searchsorted(b, wall_b))
    panels = (
        Panel(
            "bias b",
            "weight w",
            (curve("now", [wall_b], [wall_w], "now", marks=True),),
            heat=Heat(coarse, w, field.reshape(len(w), -1), "cost"),
        ),
        Panel("bias b", "cost", (curve("measured", b, cost), curve("now", [wall_b], [cost[here]], "now", marks=True))),
        Panel(
            "bias b",
            "‖∇‖",
            (curve("measured", b, slope), curve("now", [wall_b], [slope[here]], "now", marks=True)),
            log_y=True,
        ),
    )
    steep = int(slope.argmax())
    return Picture(
        panels,
        f"Three pictures over the bias b. The cost over b and w has a wall that runs through it. Along w = {wall_w:g} "
        f"the cost is steepest at b = {b[steep]:.9g}, where the gradient's norm is {shown(slope[steep])}; at "
        f"the present b = {wall_b:g} it is {shown(slope[here])}.",
    )


WALL = Paper(
    title="The wall",
    source="Pascanu, Mikolov & Bengio 2013, figure 6",
    claim=r"One unit, $x_t = w\,\sigma(x_{t-1}) + b$ from $x_0 = 0.5$, with the cost $(\sigma(x_{50}) - 0.7)^2$: its "
    "error surface has a wall, and at the wall the gradient explodes.",
    fields={
        "wall_w": Number("Weight w", -10.0, 10.0, 5.0, 0.01, "How strongly the unit feeds itself."),
        "wall_b": Number("Bias b", -10.0, 10.0, -2.613, 0.001, "Move it by 0.001 and watch the cost jump."),
    },
    published=(
        Published("cost", "0.34157104", 1e-4),
        Published("cost", "0.00847633", 1e-4, {"wall_b": -2.612}),
        Published(SLOPE, "6.773e3", 1e-4, {"wall_b": -2.61234136}),
        Published(SLOPE, "0.0555", 1e-4, {"wall_b": -2.0}),
    ),
    measure=_wall_numbers,
    plot=_wall_picture,
)

# ---- latching ---------------------------------------------------------------------------------------------------

ATTRACTOR, THERE = "attractor $h^*$", r"slope $\partial h_t / \partial h_{t-1}$ there"
_SETTLED, _SEEN = 400, 30


def _latch(w: float, start: float, steps: int) -> Trace:
    graph = build("elman", inputs=1, hidden=1, outputs=1)
    parameters = {**initialize(graph, gain=0.0), "W_hh": np.array([[w]])}
    return forward(graph, parameters, np.zeros((steps, 1, 1)), initial={"h": np.array([start])})


def _latch_numbers(latch_w: float, latch_start: float) -> Mapping[str, float]:
    trace = _latch(latch_w, latch_start, _SETTLED)
    back = products(trace, "h")[:, 0, 0]
    return {
        ATTRACTOR: trace["h"][-1, 0, 0],
        THERE: back[1],
        "gradient 50 steps back": back[50],
    }


def _latch_picture(latch_w: float, latch_start: float) -> Picture:
    trace = _latch(latch_w, latch_start, _SEEN)
    h, back = trace["h"][:, 0, 0], products(_latch(latch_w, latch_start, _SETTLED), "h")[: _SEEN + 1, 0, 0]
    line = np.linspace(0, 1.05, 106)
    stairs = np.repeat(h, 2)
    panels = (
        Panel(
            "hₜ₋₁",
            "hₜ",
            (
                curve("hₜ = hₜ₋₁", line, line, "reference"),
                curve("tanh(w hₜ₋₁)", line, np.tanh(latch_w * line), "bound"),
                curve("the path of the unit", stairs[:-1], stairs[1:]),
                curve("start", [h[0]], [h[1]], "now", marks=True),
            ),
        ),
        Panel("l, steps back", "∂hₜ / ∂hₜ₋ₗ", (curve("measured", np.arange(_SEEN + 1), back),), log_y=True),
    )
    return Picture(
        panels,
        f"Above, the map tanh(w h) with the path of the unit from {latch_start:g} to {shown(h[-1])}. Below, the "
        f"gradient once it is held, against the steps it has gone back: {shown(back[-1])} after {_SEEN} steps.",
    )


LATCHING = Paper(
    title="Latching",
    source="Bengio, Simard & Frasconi 1994, *Learning long-term dependencies with gradient descent is difficult*, IEEE "
    "Transactions on Neural Networks 5",
    claim=r"A unit $h_t = \tanh(w\,h_{t-1})$ can hold a bit only near an attractor; there its slope is below 1, and "
    "so the gradient of whatever it holds vanishes.",
    fields={
        "latch_w": Number(
            "Weight w", 0.5, 4.0, 1.25, 0.05, "Above 1 there are two attractors, and the unit can remember."
        ),
        "latch_start": Number("Start h₀", 0.1, 1.0, 0.1, 0.1, "Any positive start ends at the same attractor."),
    },
    published=(
        Published(ATTRACTOR, "0.7104", 1e-3),
        Published(THERE, "0.6191", 1e-3),
        Published(ATTRACTOR, "0.5029", 1e-3, {"latch_w": 1.1}),
        Published(THERE, "0.8218", 1e-3, {"latch_w": 1.1}),
        Published(ATTRACTOR, "0.9575", 1e-3, {"latch_w": 2.0}),
        Published(THERE, "0.1664", 1e-3, {"latch_w": 2.0}),
        Published(THERE, "1", 0.0, relation="<", anywhere=True),
    ),
    measure=_latch_numbers,
    plot=_latch_picture,
    free=("latch_start",),
)
