"""Beside and below the diagram on the Backward page: what each slice adds to each weight, and what limits remove."""

from __future__ import annotations

from explorer.engine.clipping import norm
from explorer.engine.comparison import compare
from explorer.equations import number, power
from explorer.figures.diagram import Track
from explorer.gradient_views import Items, WentBack, in_degrees, in_percent
from explorer.graph import Node
from explorer.naming import NOTATIONS

MOST_STRIPS = 3


def tracks(view: WentBack, opened: str, names: str) -> list[Track]:
    """What every step adds to the gradients of the weights around a node, or of the first ones there are."""
    symbols = NOTATIONS[names].symbols(view.graph)
    around = [*view.graph.incoming(opened), *view.graph.outgoing(opened), *view.graph.connections]
    chosen = list(dict.fromkeys(c.weight for c in around if c.weight is not None))[:MOST_STRIPS]
    order = [name for name in view.graph.parameter_shapes if name in chosen]
    before = view.unlimited if view.truncated or view.clipped else lambda name: None
    found = []
    for name in order:
        steps, total = view.contributions(name)
        label = f"to ∂L/∂{symbols[name].text}"
        found.append(Track("bars", label, "", steps, total=total, weight=name, before=before(name)))
    return found


def table(view: WentBack, names: str) -> str:
    """Every weight's gradient: one sum over all steps, and what limits have left of it."""
    symbols = NOTATIONS[names].symbols(view.graph)
    limited = view.truncated is not None or view.clipped is not None
    head = "| one weight | $\\lVert \\partial L / \\partial W \\rVert$ |" + " length left | turned by |" * limited
    rows = [head, "|---|---:|" + "---:|---:|" * limited]
    changed = compare(view.gradients.weights, view.weights) if limited else None
    for name, gradient in view.gradients.weights.items():
        row = f"| ${symbols[name].latex()}$ | {number(norm({name: gradient}))} |"
        if changed is not None:
            difference = changed.weights[name]
            row += f" {in_percent(difference.kept)} | {in_degrees(difference.angle)} |"
        rows.append(row)
    whole = f"| **all** | {number(norm(view.gradients.weights))} |"
    if changed is not None:
        whole += f" {in_percent(changed.overall.kept)} | {in_degrees(changed.overall.angle)} |"
    return "\n".join([*rows, whole])


def limits(view: WentBack) -> str:
    """What truncation and clipping did, in a sentence each; without them, what the bars say of one weight."""
    told = []
    if view.truncated is not None:
        whole = view.truncated.comparison.overall
        told.append(
            f"**Truncated:** every error is carried back through at most {view.truncated.window} "
            f"slice{'s' * (view.truncated.window > 1)}, its own among them. What is missing is "
            f"{in_percent(whole.removed)} as long as the whole gradient; what is left is turned by "
            f"{in_degrees(whole.angle)}."
        )
    if view.clipped is not None:
        whole = view.clipped.overall
        told.append(
            f"**Clipped:** what is missing is {in_percent(whole.removed)} as long as the gradient before, which turns "
            f"by {in_degrees(whole.angle)}."
            if whole.removed
            else "**Clipped:** nothing is as large as that; nothing is removed."
        )
    if not told:
        told.append(
            "**Is W updated once, or once per step?** Once. Every copy of a weight adds its bar to one sum, and that "
            "sum is the gradient of the one matrix that the copies share."
        )
    return "  \n".join(told)


def left_at(view: WentBack, node: Node) -> str:
    """The numbers above are of the whole gradient; what truncation leaves of it at that node."""
    name, t = node
    return (
        f"These are the numbers without truncation. With it, a gradient of length {power(float(view.nodes[name][t]))} "
        f"arrives here, instead of {power(float(view.whole.nodes[name][t]))}."
    )


def recurrent_first(view: WentBack) -> list[str]:
    """Every weight, those that are read across a delay first: theirs are the long ways."""
    across = {c.weight for c in view.graph.connections if c.delay}
    return sorted(view.graph.parameter_shapes, key=lambda name: name not in across)


def items_sentence(found: Items, name: str) -> str:
    """What the matrix adds up to, and how much of it came a long way."""
    total, own, near = found.total, found.own, found.near
    if not total:
        return f"No error reaches {name} here."
    return (
        f"A row is one error, a column one copy of {name}. All cells add up to {number(total)}, the length of its "
        f"gradient; {in_percent(own / total)} of that stays within the error's own slice, {in_percent(near / total)} "
        "within one step. What is negative works against the rest."
    )


def items_alternative(found: Items, what: str) -> str:
    """The matrix in words."""
    return f"Heat map {what}: rows are errors, columns slices; its cells add up to {number(found.total)}."
