"""What stands beside and below the diagram on the Gates page: strips, curves, facts, and the consequence in words."""

from __future__ import annotations

from explorer.equations import number, power
from explorer.figures.diagram import Track
from explorer.figures.gates import Curve, Strip
from explorer.gate_reach import Consequence, Reach
from explorer.gate_views import Gated
from explorer.gates import CHANGES, letter
from explorer.naming import NOTATIONS
from explorer.views import Ran

_AS_IT_IS = CHANGES["none"].said


def tracks(found: Consequence, shown: Ran, names: str) -> list[Track]:
    """The gradient of the total error at each of the cell's states, beside each other."""
    symbols = NOTATIONS[names].symbols(shown.graph)
    return [Track("bars", f"‖∂L/∂{symbols[name].base}_t‖", "", sizes, log=True) for name, sizes in found.sizes.items()]


def heading(view: Gated, found: Consequence, names: str) -> str:
    """Which network is shown, why if it is not the one that was asked for, what the curves measure and end at."""
    title = view.whole.graph.name + f", {said(view)}" * view.is_changed
    if view.asked == view.whole.graph.name:
        why = f", beside {view.bare.graph.name}, which has no gates."
    else:
        why = f", as {view.asked} has no gates (choose another above)."
    state, at = NOTATIONS[names].symbols(view.whole.graph)[found.state], found.whole.at
    near, far = (size(at, state.latex(str(step))) for step in found.whole.steps[[0, -1]].tolist())
    reached = [(_AS_IT_IS, found.whole), (said(view), found.changed), (view.bare.graph.name, found.bare)]
    left = ", ".join(
        f"{name} **{power(float(of.kept[-1]))}**" for name, of in reached if of is not found.whole or name == _AS_IT_IS
    )
    return rf"**{title}**{why}  " + "\n" + rf"Left of the last error's gradient, ${far} \,/\, {near}$: {left}."


def size(at: int, symbol: str) -> str:
    """The norm of ∂L/∂symbol for the error of one step, in LaTeX."""
    return rf"\lVert \partial L_{{{at}}} / \partial {symbol} \rVert"


def said(view: Gated) -> str:
    """The change in words: f held shut."""
    return f"{letter(view.whole.graph, view.touched[0])} {CHANGES[view.change].said}"


def strips(view: Gated, gates: tuple[str, ...]) -> list[Strip]:
    """A strip for each gate that is there after the change."""
    symbols = NOTATIONS["matrices"].symbols(view.whole.graph)
    return [Strip(symbols[name].text, view.changed.shown(name)[1:]) for name in gates if name in view.changed.graph]


def curves(view: Gated, found: Consequence) -> list[Curve]:
    """What is left of the last error's gradient: as it is, changed, directly, without gates, with an idle keep gate."""
    whole = found.whole
    drawn = [Curve("whole", _AS_IT_IS, whole.steps, whole.kept)]
    if view.is_changed:
        drawn.append(Curve("changed", said(view), found.changed.steps, found.changed.kept))
    if found.keep is not None:
        drawn.append(Curve("direct", f"Π {letter(view.whole.graph, found.keep)}", whole.steps, found.changed_direct))
    shared = min(len(whole.steps), len(found.bare.steps))  # both counted back from the error
    drawn.append(Curve("bare", view.bare.graph.name, whole.steps[:shared], found.bare.kept[:shared]))
    if found.keep is not None:
        drawn.append(Curve("idle", "σ(b)ᵏ", whole.steps, found.idle))
    return drawn


def alternative(shown: list[Strip], drawn: list[Curve]) -> str:
    """The figure in words."""
    ends = "; ".join(f"{curve.title} {power(float(curve.log10[-1]))}" for curve in drawn)
    means = "; ".join(f"{strip.title} {number(strip.last)}" for strip in shown)
    return (
        f"Share of the last error's gradient that is left at the farthest step: {ends}. "
        f"Values of every gate unit at every step, 0 to 1; means at the last step: {means or 'no gate is left'}."
    )


def facts(view: Gated, found: Consequence, names: str) -> str:
    """The networks side by side."""
    rows = [
        f"| | $L$ | parameters | ${size(found.whole.at, 's')}$, nearest | farthest | share left |",
        "|---|---:|---:|---:|---:|---:|",
        _row(_AS_IT_IS, view.whole, found.whole, names),
    ]
    if view.is_changed:
        rows.append(_row(f"**{said(view)}**", view.changed, found.changed, names))
    rows.append(_row(view.bare.graph.name, view.bare, found.bare, names))
    return "\n".join(rows)


def _row(title: str, run: Ran, reached: Reach, names: str) -> str:
    symbol = NOTATIONS[names].symbols(run.graph)[reached.layer]
    ends = [
        f"{power(float(log10))}\u00a0at\u00a0${symbol.latex(str(step))}$"  # on one line
        for log10, step in zip(reached.log10[[0, -1]], reached.steps[[0, -1]].tolist(), strict=True)
    ]
    cells = [title, number(run.trace.loss), f"{run.graph.parameter_count:,}", *ends, power(float(reached.kept[-1]))]
    return "| " + " | ".join(cells) + " |"


def sentence(view: Gated, found: Consequence, names: str) -> str:
    """What the gates do to the gradient, in numbers that were measured here."""
    symbols = NOTATIONS[names].symbols(view.whole.graph)
    state, reached = symbols[found.state], found.changed
    near, far = (f"${state.latex(str(int(reached.steps[i])))}$" for i in (0, -1))
    steps = int(reached.distance[-1])
    text = [f"With {said(view)}:" if view.is_changed else ""]
    if reached.is_none:
        text.append(f"the last error does not reach {near} at all, so nothing is learnt from it there.")
    elif steps:
        instead = f" (as it is: {power(float(found.whole.kept[-1]))})" * view.is_changed
        text.append(
            f"of the gradient that the error at step {reached.at} sends to {near}, "
            f"**{power(float(reached.kept[-1]))}** is left at {far}, {steps} step{'s' * (steps > 1)} back{instead}."
        )
    if found.keep is not None and steps and not reached.is_none:
        text.append(_direct_way(view, found, symbols[found.keep].latex(), steps))
    whole = " ".join(part for part in text if part)
    return whole[:1].upper() + whole[1:]


def _direct_way(view: Gated, found: Consequence, gate: str, steps: int) -> str:
    """What passes from state to state through the keep gate alone, and what would if it saw only its bias."""
    if found.keep not in view.changed.graph:
        return "No gate stands on the direct way back from state to state: all of it passes there."
    way = power(float(found.changed_direct[-1]))
    text = (
        f"The direct way back, the product of ${gate}$ over these steps, lets {way} through (mean over units); what "
        "else arrives runs through the matrices."
    )
    if view.is_changed and found.keep in view.touched:
        return f"{text} While ${gate}$ is held, its bias has no effect."
    idle = power(float(found.idle[-1]))
    return (
        f"{text} If ${gate}$ saw nothing but its bias $b$ = {number(view.bias)}, "
        f"$\\sigma(b)^{{{steps}}}$ = {idle} would pass."
    )
