"""How layers and parameters are written: W_xh or W, U, V; in LaTeX, and as parts for a diagram."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from explorer.cycles import components
from explorer.graph import Graph

_MARKS = {"fwd": "→", "bwd": "←"}
_LATEX_MARKS = {"→": r"\rightarrow", "←": r"\leftarrow"}


@dataclass(frozen=True, slots=True)
class Symbol:
    """A letter with a subscript, and marks that tell copies of a cell apart: level, direction, encoder or decoder."""

    base: str
    sub: str = ""
    marks: tuple[str, ...] = ()

    def latex(self, t: str = "") -> str:
        """As LaTeX, with the step in the subscript where one is given."""
        sub = ",".join(part for part in (self.sub, t) if part)
        marks = ",".join(_LATEX_MARKS.get(mark, rf"\mathrm{{{mark}}}") for mark in self.marks)
        return self.base + (f"_{{{sub}}}" if sub else "") + (f"^{{({marks})}}" if marks else "")

    @property
    def parts(self) -> tuple[str, str, str]:
        """Letter, subscript and superscript, for drawing."""
        return self.base, self.sub, " ".join(self.marks)

    @property
    def text(self) -> str:
        """On one line: W_xh, h₁."""
        return self.base + (f"_{self.sub}" if self.sub else "") + "".join(f" ({mark})" for mark in self.marks)


def matrices(graph: Graph) -> dict[str, Symbol]:
    """The names used here and in most papers: the subscripts say from where to where."""
    return {name: _parsed(name) for name in (*(layer.name for layer in graph.layers), *graph.parameter_shapes)}


def letters(graph: Graph) -> dict[str, Symbol]:
    """The names of many textbooks: W from below, U from the network's own past, V to the output."""
    symbols = matrices(graph)
    loop_of = {name: part for part in components(graph) for name in part.layers}
    taken: dict[Symbol, str] = {}
    for c in graph.connections:
        if c.weight is None or c.diagonal:
            continue
        source, target = graph[c.source], graph[c.target]
        same_cell = loop_of[c.source] is loop_of[c.target] and symbols[source.name].marks == symbols[target.name].marks
        letter = "V" if target.role == "output" else "U" if c.delay or same_cell else "W"
        marks = symbols[(source if target.role == "output" else target).name].marks
        symbol = Symbol(letter, _gate(graph, target.name) + ("2" if abs(c.delay) > 1 else ""), marks)
        if taken.setdefault(symbol, c.weight) != c.weight:  # several sources below: say which
            symbol = replace(symbol, sub=symbol.sub + "".join(symbols[source.name].marks))
            taken[symbol] = c.weight
        symbols[c.weight] = symbol
    for layer in graph.layers:
        if layer.bias is not None:
            letter = "c" if layer.role == "output" else "b"
            symbols[layer.bias] = Symbol(letter, _gate(graph, layer.name), symbols[layer.name].marks)
    return symbols


def _gate(graph: Graph, name: str) -> str:
    """What tells the weights of a cell's layers apart: the letter of a gate, nothing for h and y themselves."""
    base = _parsed(name).base
    return "" if base == "h" or graph[name].role == "output" else base


@dataclass(frozen=True, slots=True)
class Notation:
    """A way of writing layers and parameters, and what it looks like."""

    example: str
    symbols: Callable[[Graph], dict[str, Symbol]]


NOTATIONS: Mapping[str, Notation] = MappingProxyType(
    {"matrices": Notation("W_xh, W_hh, W_hy", matrices), "letters": Notation("W, U, V", letters)}
)
"""Name → notation."""


def _parsed(name: str) -> Symbol:
    """Read W_xh_1_fwd as W, xh, (1, →): base, subscript if it is a parameter, marks."""
    base, *rest = name.split("_")
    is_parameter = base in ("W", "b") and bool(rest)
    sub = rest.pop(0) if is_parameter else ""
    return Symbol(base, sub, tuple(_MARKS.get(mark, mark) for mark in rest))
