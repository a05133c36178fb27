"""The equation behind a node of the unrolled graph: in symbols, and with the numbers that were really in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from explorer.engine.activations import ACTIVATIONS, Array
from explorer.engine.losses import LOSSES
from explorer.engine.trace import Trace
from explorer.graph import Connection, Graph, Layer, Node
from explorer.naming import NOTATIONS, Symbol

FEW = 8
"""Vectors up to this many units are written out."""

_JOINS = {"sum": " + ", "product": r" \odot "}


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A vector with its name, in LaTeX and in plain text."""

    latex: str
    text: str
    vector: Array


class Vectors:
    """Terms and what they come to, as numbers."""

    __slots__ = ()
    terms: tuple[Line, ...]
    results: tuple[Line, ...]

    @property
    def is_short(self) -> bool:
        """Whether every vector is short enough to be written out."""
        return all(line.vector.size <= FEW for line in (*self.terms, *self.results))


@dataclass(frozen=True, slots=True, eq=False)
class Equation(Vectors):
    """What a node computes.

    Attributes
    ----------
    node : (str, int)
    symbols : str
        The equation in LaTeX, with the steps filled in.
    concatenated : str or None
        The same read as one product with the vectors side by side, where it has several.
    terms : tuple of Line
        What is joined: products with weights, factors, the bias.
    results : tuple of Line
        The pre-activation, where it differs from the value, and the value.
    weights : tuple of str
        Parameters that took part.
    """

    node: Node
    symbols: str
    concatenated: str | None
    terms: tuple[Line, ...]
    results: tuple[Line, ...]
    weights: tuple[str, ...]

    @property
    def value(self) -> Array:
        return self.results[-1].vector


def equation(
    trace: Trace, node: Node, names: str = "matrices", aims: Mapping[str, Sequence[str]] | None = None
) -> Equation:
    """The equation of a node for the first row of a batch.

    Parameters
    ----------
    trace : Trace
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
    >>> trace = explorer.forward(graph, explorer.initialize(graph, 0), [[0], [2], [1]])
    >>> print(equation(trace, ("h", 2)).symbols)
    h_{2} = \\tanh\\left(x_{2}\\,W_{xh} + h_{1}\\,W_{hh} + b_{h}\\right)
    """
    name, t = node
    layer, symbols = trace.graph[name], NOTATIONS[names].symbols(trace.graph)
    held = trace.values.get(name)
    first, last = (1 - held.lead, trace.steps + held.trail) if held else (0, trace.steps)
    if not first <= t <= last:
        raise ValueError(f"The trace holds '{name}' from step {first} to {last}; step {t} was asked for.")
    own = symbols[name].latex(str(t))
    if layer.role == "input":
        value = _line(symbols[name], t, trace[name][t, 0])
        return Equation(node, _given(trace, name, t, own), None, (), (value,), ())
    if layer.role == "loss":
        return _loss_equation(trace, node, own, symbols, aims or {})
    if not 1 <= t <= trace.steps:
        value = _line(symbols[name], t, trace.values[name].at(t)[0])
        return Equation(node, own + r" = \text{initial state}", None, (), (value,), ())
    return _computed(trace, node, layer, symbols)


def _line(symbol: Symbol, t: int, vector: Array) -> Line:
    return Line(symbol.latex(str(t)), f"{symbol.text} at {t}", vector)


def _computed(trace: Trace, node: Node, layer: Layer, symbols: Mapping[str, Symbol]) -> Equation:
    name, t = node
    own = written(trace, name, t, symbols)
    incoming = _present(trace, name, t)
    terms = [brought(trace, c, t, symbols) for c in incoming]
    if layer.bias is not None:
        bias = symbols[layer.bias]
        terms.append(Line(bias.latex(), bias.text, trace.parameters[layer.bias]))
    neutral = "1" if layer.combine == "product" else "0"
    joined = _JOINS[layer.combine].join(line.latex for line in terms) or neutral
    formula = ACTIVATIONS[layer.activation].formula
    value = Line(own, f"{symbols[name].text} at {t}", trace.values[name].at(t)[0])
    results = [value]
    if layer.activation != "identity" and not is_unnamed(trace.graph, layer):
        before = f"a^{{{symbols[name].latex()}}}_{{{t}}}"
        results = [Line(before, f"a of {symbols[name].text} at {t}", trace.pre[name][t - 1, 0]), value]
    weights = tuple(dict.fromkeys(c.weight for c in incoming if c.weight is not None))
    return Equation(
        node,
        own if is_unnamed(trace.graph, layer) else f"{own} = {formula % joined}",
        _concatenated(trace, layer, own, incoming, t, symbols),
        tuple(terms) if len(terms) > 1 or weights else (),
        tuple(results),
        weights,
    )


def brought(trace: Trace, c: Connection, t: int, symbols: Mapping[str, Symbol]) -> Line:
    """What one connection brings: the value it reads, times its weight."""
    latex = _read(trace, c, t, symbols)
    if trace.graph[c.target].combine == "product" or c.weight is not None:
        latex = _in_brackets(trace.graph, c.source, latex, times_matrix=c.weight is not None)
    read = Line(latex, f"{symbols[c.source].text} at {t - c.delay}", trace.read(c)[t - 1, 0])
    if c.weight is None:
        return read
    weight, matrix = symbols[c.weight], trace.parameters[c.weight]
    latex = read.latex + (r" \odot " if c.diagonal else r"\,") + weight.latex()
    vector = read.vector * matrix if c.diagonal else read.vector @ matrix
    return Line(latex, f"{read.text}, times {weight.text}", vector)


def _present(trace: Trace, name: str, t: int) -> list[Connection]:
    """Connections whose source exists where a node reads it."""
    return [c for c in trace.graph.incoming(name) if t - 1 not in trace.missing(c)]


def _read(trace: Trace, c: Connection, t: int, symbols: Mapping[str, Symbol]) -> str:
    """What a connection reads, in LaTeX; beyond the ends of the sequence that is an initial state with a symbol."""
    at = t - c.delay
    inside = 1 <= at <= trace.steps
    return written(trace, c.source, at, symbols) if inside else symbols[c.source].latex(str(at))


def is_unnamed(graph: Graph, layer: Layer) -> bool:
    """Whether a layer is a mere step of a calculation (f ⊙ c, 1 - z, tanh c) that no textbook gives a letter.

    Examples
    --------
    >>> from explorer import architectures
    >>> graph = architectures.build("lstm", inputs=2, hidden=2, outputs=2)
    >>> [layer.name for layer in graph.layers if is_unnamed(graph, layer)]
    ['fc', 'ig', 'm']
    """
    incoming = graph.incoming(layer.name)
    return layer.role == "hidden" and bool(incoming) and all(c.weight is None for c in incoming) and not layer.bias


def written(trace: Trace, name: str, t: int, symbols: Mapping[str, Symbol]) -> str:
    """A node in LaTeX: its symbol, or, if its layer is an unnamed step, what it calculates."""
    graph, layer = trace.graph, trace.graph[name]
    if not is_unnamed(graph, layer):
        return symbols[name].latex(str(t))
    parts = []
    for c in _present(trace, name, t):
        part = _read(trace, c, t, symbols)
        parts.append(_in_brackets(graph, c.source, part) if layer.combine == "product" else part)
    return ACTIVATIONS[layer.activation].formula % _JOINS[layer.combine].join(parts)


def _in_brackets(graph: Graph, name: str, latex: str, times_matrix: bool = False) -> str:
    """A factor that is a sum or a difference needs brackets; before a matrix, a product too."""
    layer = graph[name]
    formula = ACTIVATIONS[layer.activation].formula if layer.role != "input" else "%s"
    several = len(graph.incoming(name)) > 1 and formula == "%s" and (layer.combine == "sum" or times_matrix)
    bare = formula != "%s" and not formula.endswith(")")
    return rf"\left({latex}\right)" if is_unnamed(graph, layer) and (several or bare) else latex


def _concatenated(
    trace: Trace, layer: Layer, own: str, incoming: Sequence[Connection], t: int, symbols: Mapping[str, Symbol]
) -> str | None:
    """The reading [h, x]: one vector, one tall matrix."""
    products = [c for c in incoming if c.weight is not None and not c.diagonal]
    if len(products) < 2 or len(products) < len(incoming):
        return None
    products.sort(key=lambda c: -abs(c.delay))
    vectors = r",\ ".join(_read(trace, c, t, symbols) for c in products)
    matrices = r" \\ ".join(symbols[c.weight].latex() for c in products)  # type: ignore[index]
    bias = "" if layer.bias is None else " + " + symbols[layer.bias].latex()
    product = rf"[{vectors}] \begin{{bmatrix}} {matrices} \end{{bmatrix}}{bias}"
    return f"{own} = {ACTIVATIONS[layer.activation].formula % product}"


def _given(trace: Trace, name: str, t: int, own: str) -> str:
    sequence = trace.inputs[name]
    if sequence.is_tokens and 1 <= t <= trace.steps:
        unit = int(sequence.array[t - 1, 0]) + 1
        return rf"{own} = \text{{one-hot: unit {unit} of {sequence.size} is 1, all others are 0}}"
    return rf"{own} = \text{{given}}"


def _loss_equation(
    trace: Trace, node: Node, own: str, symbols: Mapping[str, Symbol], aims: Mapping[str, Sequence[str]]
) -> Equation:
    name, t = node
    output = trace.graph.incoming(name)[0].source
    formula = LOSSES[trace.graph[name].activation].formula % symbols[output].latex(str(t))
    told = aims.get(name, ())
    if 1 <= t <= len(told):
        formula = formula.replace("target", as_text(told[t - 1]))
    value = trace[name][t, 0] if name in trace.errors else np.array([np.nan])
    lines = (_line(symbols[output], t, trace.values[output].at(t)[0]),)
    return Equation(node, f"{own} = {formula}", None, lines, (_line(symbols[name], t, value),), ())


def as_text(words: str) -> str:
    """A user's words inside LaTeX's \\text: nothing that LaTeX would read as a command."""
    return "".join(character if character.isalnum() or character in " .,!?'-⟨⟩/" else "·" for character in words)


_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float) -> str:
    """Three significant digits, with a power of ten where that is shorter.

    Examples
    --------
    >>> number(0.17), number(-2.0), number(3.2e-9), number(0.0)
    ('0.170', '−2.00', '3.20·10⁻⁹', '0')
    """
    if value == 0:
        return "0"
    text = f"{value:#.3g}".rstrip(".").replace("-", "−", 1) if value < 0 else f"{value:#.3g}".rstrip(".")
    if "e" not in text:
        return text
    mantissa, exponent = text.split("e")
    return f"{mantissa}·{ten_to(int(exponent))}"


def ten_to(exponent: int) -> str:
    """A power of ten in characters, without marks: raised text would be smaller than anything else on a page.

    Examples
    --------
    >>> ten_to(-12)
    '10⁻¹²'
    """
    return "10" + str(exponent).translate(_SUPERSCRIPTS)


def power(log10: float) -> str:
    """A positive number given by its logarithm, however small or large it is; a dash for one that is not there.

    Examples
    --------
    >>> power(-0.30103), power(-400.5), power(1e4), power(-np.inf)
    ('0.500', '3.16·10⁻⁴⁰¹', '1.00·10¹⁰⁰⁰⁰', '0')
    >>> power(-400.0000001), power(399.9999), power(np.inf)
    ('1.00·10⁻⁴⁰⁰', '1.00·10⁴⁰⁰', '∞')
    """
    if not np.isfinite(log10):
        return "–" if np.isnan(log10) else "∞" if log10 > 0 else "0"
    if -300 < log10 < 300:
        return number(10.0**log10)
    exponent = int(np.floor(log10))
    mantissa = f"{10.0 ** (log10 - exponent):.2f}"
    if mantissa == "10.00":  # rounded up to the next power
        mantissa, exponent = "1.00", exponent + 1
    return f"{mantissa}·{ten_to(exponent)}"
