"""Ways to keep a gradient alive: a forget gate that is open, and rectified units that copy themselves."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from explorer.architectures import build
from explorer.engine.activations import Array
from explorer.engine.forward import forward
from explorer.engine.trace import Trace
from explorer.fields import Number
from explorer.papers.maps import norms, products
from explorer.papers.paper import Paper, Published, shown
from explorer.papers.picture import Panel, Picture, curve
from explorer.parameters import initialize

# ---- the forget gate --------------------------------------------------------------------------------------------

_BIASES: Mapping[float, str] = {1.0: "1.6e-7", 0.0: "8.9e-16", 2.0: "1.75e-3", 3.0: "0.088", 5.0: "0.715"}
_IDLE = r"$\partial c_T / \partial c_0$ through an idle cell"


def _idle_cell(bias: float, steps: int) -> Array:
    """∂c_T/∂c_{T-l} of the registered LSTM with every weight 0: nothing is written, and h is read by nobody."""
    graph = build("lstm", inputs=1, hidden=1, outputs=1)
    parameters = initialize(graph, gain=0.0, biases={"b_f": bias})
    return products(forward(graph, parameters, np.zeros((steps, 1, 1))), "c")[:, 0, 0]


def _forget_numbers(forget_b: float, forget_steps: int) -> Mapping[str, float]:
    kept = _idle_cell(forget_b, forget_steps)
    return {_IDLE: kept[-1], r"$\partial c_t / \partial c_{t-1}$, the gate's value $\sigma(b)$": kept[1]}


def _forget_picture(forget_b: float, forget_steps: int) -> Picture:
    back = np.arange(forget_steps + 1)
    others = [curve(f"b = {b:g}", back, _idle_cell(b, forget_steps), "other") for b in sorted(_BIASES) if b != forget_b]
    now = _idle_cell(forget_b, forget_steps)
    return Picture(
        (Panel("l, steps back", "∂cₜ / ∂cₜ₋ₗ", (*others, curve(f"b = {forget_b:g}", back, now)), log_y=True),),
        f"The gradient through the cell against the steps it has gone back, a straight line on the logarithmic axis "
        f"for each bias. With b = {forget_b:g} it is {shown(now[-1])} after {forget_steps} steps.",
    )


FORGET = Paper(
    title="Forget gate",
    source="Gers, Schmidhuber & Cummins 2000, *Learning to forget*; Jozefowicz, Zaremba & Sutskever 2015, *An "
    "empirical exploration of recurrent network architectures*",
    claim=r"Through an idle LSTM cell a gradient shrinks by $\sigma(b)$ a step: after 50 steps the bias $b$ of the "
    "forget gate decides whether it exists at all.",
    fields={
        "forget_b": Number("Gate bias b", -2.0, 12.0, 1.0, 0.5, "The gate's value is σ(b) when nothing comes in."),
        "forget_steps": Number("Steps T", 1, 200, 50, help="How long nothing happens."),
    },
    published=tuple(Published(_IDLE, printed, 1e-2, {"forget_b": b}) for b, printed in _BIASES.items()),
    measure=_forget_numbers,
    plot=_forget_picture,
)

# ---- rectified units that start as the identity -----------------------------------------------------------------

_WIDTH, _COMPARED = 12, (0.95, 1.05)
_FROM_I = r"largest entry of $\lvert \partial h_T / \partial h_k - I \rvert$, any $k$"


def _irnn(irnn_scale: float, irnn_negative: int, irnn_steps: int, irnn_seed: int) -> Trace:
    """Elman with ReLU, W_hh = scale · I, b = 0, and inputs of which some push the units below 0."""
    graph = build("elman", inputs=_WIDTH, hidden=_WIDTH, outputs=1, activation="relu")
    drawn = initialize(graph, irnn_seed, recurrent="identity")
    parameters = {**drawn, "W_hh": irnn_scale * drawn["W_hh"], "W_xh": np.eye(_WIDTH)}
    rng = np.random.default_rng(irnn_seed)
    pushes = np.abs(rng.standard_normal((irnn_steps, 1, _WIDTH)))
    pushes[rng.random(pushes.shape) < irnn_negative / 100] *= -1
    return forward(graph, parameters, pushes, initial={"h": np.ones(_WIDTH)})


def _diagonals(trace: Trace) -> Array:
    """∂h_T/∂h_{T-l} of each unit by itself, (T + 1, units): the units are not connected to each other."""
    return np.diagonal(products(trace, "h"), axis1=1, axis2=2)


def _irnn_numbers(irnn_scale: float, irnn_negative: int, irnn_steps: int, irnn_seed: int) -> Mapping[str, float]:
    trace = _irnn(irnn_scale, irnn_negative, irnn_steps, irnn_seed)
    back = products(trace, "h")
    return {
        _FROM_I: np.abs(back - np.eye(_WIDTH)).max(),
        r"$\lVert \partial h_T / \partial h_0 \rVert$": norms(back[-1:])[0],
        "units active at every step, %": 100 * (trace["h"][1:, 0] > 0).all(axis=0).mean(),
    }


def _irnn_picture(irnn_scale: float, irnn_negative: int, irnn_steps: int, irnn_seed: int) -> Picture:
    trace = _irnn(irnn_scale, irnn_negative, irnn_steps, irnn_seed)
    back = _diagonals(trace)
    steps = np.arange(trace.steps + 1)
    return Picture(
        (
            Panel(
                "l, steps back",
                "∂hₜ / ∂hₜ₋ₗ",
                (
                    *(
                        curve(
                            f"scale {scale:g}",
                            steps,
                            _diagonals(_irnn(scale, irnn_negative, irnn_steps, irnn_seed)).mean(axis=1),
                            "other",
                        )
                        for scale in _COMPARED
                        if scale != irnn_scale
                    ),
                    curve("share of units still connected", steps, (back > 0).mean(axis=1), "bound"),
                    curve(f"scale {irnn_scale:g}, mean over units", steps, back.mean(axis=1)),
                ),
                log_y=True,
            ),
        ),
        f"The diagonal of the Jacobian product against the steps back: on average {shown(back[-1].mean())} over "
        f"{trace.steps} steps, with {100 * (back[-1] > 0).mean():.0f} % of the units still connected to the start.",
    )


IRNN = Paper(
    title="IRNN",
    source="Le, Jaitly & Hinton 2015, *A simple way to initialize recurrent networks of rectified linear units*",
    claim="With ReLU, $W_{hh} = I$ and $b = 0$ the product of Jacobians is exactly $I$, over any number of steps, "
    "while the units are active.",
    fields={
        "irnn_scale": Number(
            "Scale of W_hh", 0.0, 1.5, 1.0, 0.01, "W_hh = scale × I. The paper also uses 0.01 for speech."
        ),
        "irnn_negative": Number(
            "Negative, %", 0, 100, 0, 5, "Pushes that can switch a unit off: then its gradient is 0."
        ),
        "irnn_steps": Number("Steps T", 1, 200, 100, help="How far back the gradient is followed."),
        "irnn_seed": Number("Seed", 0, 9999, 1, help="Another seed, other inputs."),
    },
    published=(Published(_FROM_I, "0"),),
    measure=_irnn_numbers,
    plot=_irnn_picture,
    free=("irnn_steps", "irnn_seed"),
)
