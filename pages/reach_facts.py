"""Beside and below the pictures of the Vanishing page: curves to draw, numbers to compare, and what they say."""

from __future__ import annotations

import math
from collections.abc import Sequence

from explorer.engine.activations import Array
from explorer.equations import number, power
from explorer.figures.reach import Curve
from explorer.naming import NOTATIONS
from explorer.vanishing_views import Studied

Pair = Sequence[Studied]
ROUNDING = 1e-9


def curves(pair: Pair, t: int, names: str) -> list[Curve]:
    """How the error at step t fades on its way back: every state of each network, and the bound where there is one."""
    found = []
    for i, (mark, view) in enumerate(zip("AB", pair, strict=True)):
        symbols = NOTATIONS[names].symbols(view.graph)
        fading = view.fading(t)
        for kind, (name, sizes) in enumerate(fading.items()):
            found.append(Curve(f"{mark} {view.graph.name}, {symbols[name].text}", i, kind, sizes))
        limit = view.limit(t)
        if limit is not None:
            found.append(Curve(f"{mark}: bound (γσ₁)ᵈ", -1, 0, limit))
    return found


def alternative(found: Sequence[Curve]) -> str:
    """The curves in words."""
    ends = "; ".join(
        f"{c.title}: {power(float(c.log10[0]))} at the error, {power(float(c.log10[-1]))} farthest back" for c in found
    )
    return f"Norm of the gradient of one error over the distance travelled back. {ends}."


def ends(matrix: Array, t: int) -> str:
    """The row of one error in words."""
    row = matrix[min(t, len(matrix)) - 1]
    return f"error {t} by step {t} {power(float(row[min(t, len(row)) - 1]))}, by step 1 {power(float(row[0]))}"


def sentence(pair: Pair, t: int, names: str) -> str:
    """What became of the gradient in both, and why."""
    told = []
    for mark, view in zip("AB", pair, strict=True):
        symbol = NOTATIONS[names].symbols(view.graph)[view.state]
        left, steps = view.kept(t)
        if not steps:
            told.append(f"**{mark}, {view.graph.name}:** the error at step {t} does not reach back at all.")
            continue
        step = 10 ** (left / steps)
        fate = "fades" if step < 0.995 else "grows" if step > 1.005 else "keeps its size"
        told.append(
            f"**{mark}, {view.graph.name}:** the gradient by {symbol.text} {fate}: on average a step back "
            f"multiplies it by {number(step)}; after {steps} steps {power(left)} of it is left. "
            f"{_better(view, t, left, names)}{_why(view)}"
        )
    return "  \n".join(told)


def _better(view: Studied, t: int, left: float, names: str) -> str:
    """Another state that carries much more of it."""
    best, most = view.kept_best(t)
    if most < left + 1:
        return ""
    return f"By {NOTATIONS[names].symbols(view.graph)[best].text} it is {power(most)}. "


def _why(view: Studied) -> str:
    share = view.open_share
    text = (
        f"Its squashed units, gates apart, work at {number(100 * share)} % of their steepest slope."
        if math.isfinite(share)
        else ""
    )
    if view.bound is not None:
        verdict = "may grow, but need not" if view.bound > 1 + ROUNDING else "cannot grow"
        verdict = "has to vanish" if view.bound < 1 - ROUNDING else verdict
        text += f" γσ₁ = {number(view.bound)}: it {verdict}."
    return text


def table(pair: Pair, t: int) -> str:
    """Numbers of both networks side by side."""
    rows = [
        "| | parameters | H | bias b | a step back | ρ of recurrent W, most | σ₁, most | γσ₁ | Lyapunov exponent |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for mark, view in zip("AB", pair, strict=True):
        radius, sigma = (max((pair[i] for pair in view.recurrent.values()), default=math.nan) for i in (0, 1))
        left, steps = view.kept(t)
        cells = [
            f"**{mark}** {view.graph.name}",
            f"{view.parameters:,}",
            str(view.network.hidden),
            number(view.network.bias),
            f"× {_shown(10 ** (left / max(steps, 1)))}",
            _shown(radius),
            _shown(sigma),
            "none" if view.bound is None else number(view.bound),
            f"{_shown(view.exponent)} nats a step" if math.isfinite(view.exponent) else "not measured",
        ]
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


def _shown(value: float) -> str:
    return "–" if not math.isfinite(value) else number(value)
