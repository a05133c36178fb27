"""The derivative behind a node of the unrolled graph: in symbols, and with the numbers that were really in it.

The twin of `explorer.equations`, read against the arrows: what a node receives along each of its outgoing edges.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from explorer.engine.activations import ACTIVATIONS, Array
from explorer.engine.gradients import Gradients
from explorer.engine.trace import Trace
from explorer.equations import Line, Vectors, is_unnamed
from explorer.graph import Layer, Node
from explorer.messages import Writer, joined
from explorer.naming import NOTATIONS


@dataclass(frozen=True, slots=True, eq=False)
class Derivative(Vectors):
    """What a node receives on the way back.

    Attributes
    ----------
    node : (str, int)
    symbols : str
        ∂L/∂(value of the node) in LaTeX, as the sum of what comes back along its edges.
    local : str or None
        What its layer makes of that, δ = ∂L/∂a, where it has a pre-activation with a letter. An error that reads the
        pre-activation itself (cross-entropy) enters here.
    terms : tuple of Line
        What comes back along each edge; they add up to the gradient.
    results : tuple of Line
        The gradient, the slope φ′(a), what enters at the pre-activation, and δ; each where there is one.
    weights : tuple of str
        Parameters that took part.
    gap : float
        max |Σ terms - gradient|, for the doubtful: rounding.
    """

    node: Node
    symbols: str
    local: str | None
    terms: tuple[Line, ...]
    results: tuple[Line, ...]
    weights: tuple[str, ...]
    gap: float


def derivative(
    gradients: Gradients, node: Node, names: str = "matrices", aims: Mapping[str, Sequence[str]] | None = None
) -> Derivative:
    """What comes back to a node, for the first row of a batch.

    Parameters
    ----------
    gradients : Gradients
        Of errors, all together.
    node : (str, int)
        A layer and a step from 1 to T at which it is present, or 0 for an initial state.
    names : str
        Key of `explorer.naming.NOTATIONS`.
    aims : mapping of str to sequence of str, optional
        For loss layers, the target of each step in words.

    Examples
    --------
    >>> import explorer
    >>> graph = explorer.build("elman", inputs=3, hidden=2, outputs=3)
    >>> trace = explorer.forward(graph, explorer.initialize(graph, 0), [[0], [2], [1]], [[2], [1], [0]])
    >>> found = derivative(explorer.backward(trace), ("h", 2))
    >>> print(found.symbols)
    \\frac{\\partial L}{\\partial h_{2}} = \\delta^{y}_{2}\\,W_{hy}^{\\top} + \\delta^{h}_{3}\\,W_{hh}^{\\top}
    >>> print(found.local)
    \\delta^{h}_{2} = \\frac{\\partial L}{\\partial h_{2}} \\odot \\left(1 - h_{2} \\odot h_{2}\\right)
    """
    name, t = node
    trace = gradients.trace
    layer = trace.graph[name]
    if gradients.rows != trace.batch or not gradients.errors:
        raise ValueError("A derivative is written out for the errors all together; use backward(trace) as it stands.")
    first, last = _held(trace, name)
    absent = 1 <= t <= trace.steps and t not in layer.presence.steps(trace.steps)
    if not first <= t <= last or absent:
        raise ValueError(f"The trace holds '{name}' from step {first} to {last}, where it is present; not at step {t}.")
    writer = Writer(gradients, NOTATIONS[names].symbols(trace.graph), aims or {})
    if layer.role == "loss":
        return _of_error(writer, node)
    return _of_node(writer, node, layer)


def _held(trace: Trace, name: str) -> tuple[int, int]:
    held = trace.values.get(name)
    return (1 - held.lead, trace.steps + held.trail) if held else (0, trace.steps)


def _of_error(writer: Writer, node: Node) -> Derivative:
    """L is the sum of the errors."""
    name, t = node
    counts = name in writer.gradients.errors and 1 <= t <= writer.trace.steps and writer.exists(name, t)
    own = writer.symbols[name].latex(str(t))
    value = Line(rf"\partial L / \partial {own}", f"∂L by {writer.symbols[name].text} at {t}", np.array([1.0 * counts]))
    return Derivative(node, rf"\frac{{\partial L}}{{\partial {own}}} = {int(counts)}", None, (), (value,), (), 0.0)


def _of_node(writer: Writer, node: Node, layer: Layer) -> Derivative:
    name, t = node
    trace, gradients = writer.trace, writer.gradients
    own, entering = writer.variable(name, t), writer.errors_at_pre(name, t)
    messages = list(writer.messages(name, t))
    terms = tuple(writer.line(message) for message in messages)
    gradient = _gradient_at(gradients, name, t)
    # an error that reads the pre-activation is no path from the value: what is left of L without it
    less = "".join(f" - {writer.symbols[c.target].latex(str(t))}" for c in entering)
    top = f"(L{less})" if less else "L"
    whole = rf"\frac{{\partial {top}}}{{\partial {own}}}"
    through_value = bool(terms) or not entering
    results: list[Line] = []
    if through_value:
        label = f"∂L by {writer.symbols[name].text} at {t}"
        results.append(Line(rf"\partial {top} / \partial {own}", label, gradient))
    local = None
    if layer.role != "input" and 1 <= t <= trace.steps and (entering or not is_unnamed(trace.graph, layer)):
        local = _local(writer, node, layer, whole if through_value else None, results)
    weights = dict.fromkeys(m.connection.weight for m in messages if m.connection.weight is not None)
    return Derivative(
        node=node,
        symbols=f"{whole} = {joined(m.latex for m in messages) or '0'}" if through_value else str(local),
        local=local if through_value else None,
        terms=terms,
        results=tuple(results),
        weights=tuple(weights),
        gap=float(np.abs(sum((line.vector for line in terms), np.zeros(layer.size)) - gradient).max()),
    )


def _local(writer: Writer, node: Node, layer: Layer, whole: str | None, results: list[Line]) -> str:
    """δ of a node in LaTeX; the vectors that it takes are added to the results."""
    name, t = node
    trace, text = writer.trace, f"{writer.symbols[name].text} at {t}"
    parts = []
    activation = ACTIVATIONS[layer.activation]
    if whole is not None and activation.derivative is None:
        parts.append(rf"{whole}\,\frac{{\partial {writer.variable(name, t)}}}{{\partial {writer.pre(name, t)}}}")
    elif whole is not None and layer.activation == "identity":
        parts.append(whole)
    elif whole is not None and activation.derivative is not None:
        slope = writer.slope(name, t)
        parts.append(rf"{whole} \odot {slope}")
        a, y = trace.pre[name][t - 1, 0], trace.values[name].at(t)[0]
        results.append(Line(slope, f"slope of {text}", activation.derivative(a, y)))
    for c in writer.errors_at_pre(name, t):
        entering = writer.error_gradient(c, t)
        parts.append(entering)
        results.append(Line(entering, f"{writer.symbols[c.target].text} by a of {text}", writer.vector(c, t)))
    if len(results) > 1 or whole is None:
        results.append(Line(writer.delta(name, t), f"δ of {text}", writer.gradients.delta[name][t - 1, 0]))
    return f"{writer.delta(name, t)} = {' + '.join(parts)}"


def _gradient_at(gradients: Gradients, name: str, t: int) -> Array:
    """∂L/∂value of one copy of a layer, those beyond the ends of the sequence included."""
    if name in gradients.values:
        return gradients.values[name].at(t)[0]
    if 0 <= t <= gradients.trace.steps:
        return gradients[name][t, 0]
    return np.zeros(gradients.trace.graph[name].size)  # what is read within its step alone has no such copy
