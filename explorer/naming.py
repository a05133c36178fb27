"""How layers and parameters are written: W_xh or W, U, V; in LaTeX, and as parts for a diagram."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from explorer.cycles import components
from explorer.graph import Graph

_ARROWS = {"fwd": "→", "bwd": "←"}
_LATEX_MARKS = {"→": r"\rightarrow", "←": r"\leftarrow"}
_MARKS = frozenset({*_ARROWS, "enc", "dec", "from"})  # besides numbers: all that tells copies of a cell apart


@dataclass(frozen=True, slots=True)
class Symbol:
    """A letter with a subscript, and marks that tell copies of a cell apart: level, direction, encoder or decoder."""

    base: str
    sub: str = ""
    marks: tuple[str, ...] = ()

    def latex(self, t: str = "") -> str:
        """As LaTeX, with the step in the subscript where one is given."""
        sub = ",".join(part for part in (_as_subscript(self.sub), t) if part)
        marks = ",".join(_LATEX_MARKS.get(mark, rf"\mathrm{{{mark}}}") for mark in self.marks)
        return _as_letter(self.base) + (f"_{{{sub}}}" if sub else "") + (f"^{{({marks})}}" if marks else "")

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
    layers = {layer.name: _layer_symbol(layer.name) for layer in graph.layers}
    return layers | {name: _parameter_symbol(name) for name in graph.parameter_shapes}


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
        symbol = Symbol(letter, _gate(graph, target.name) + (str(abs(c.delay)) if abs(c.delay) > 1 else ""), marks)
        if taken.setdefault(symbol, c.weight) != c.weight:  # several sources below: say which
            symbol = replace(symbol, sub=symbol.sub + "".join(symbols[source.name].marks))
            taken[symbol] = c.weight
        symbols[c.weight] = symbol
    for layer in graph.layers:
        if layer.bias is not None:
            letter = "c" if layer.role == "output" else "b"
            symbols[layer.bias] = Symbol(letter, _gate(graph, layer.name), symbols[layer.name].marks)
    return _told_apart(graph, symbols)


def _told_apart(graph: Graph, symbols: dict[str, Symbol]) -> dict[str, Symbol]:
    """Letters are few: parameters that would share one keep the names they have."""
    while True:
        bearers: dict[Symbol, list[str]] = {}
        for name in graph.parameter_shapes:
            bearers.setdefault(symbols[name], []).append(name)
        shared = [name for names in bearers.values() if len(names) > 1 for name in names]
        if not shared:
            return symbols
        symbols = symbols | {name: _parameter_symbol(name) for name in shared}


def _gate(graph: Graph, name: str) -> str:
    """What tells the weights of a cell's layers apart: the letter of a gate, nothing for h and y themselves."""
    base = _layer_symbol(name).base
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


def _layer_symbol(name: str) -> Symbol:
    """Read h_1_fwd as h, (1, →); a name that has other parts, such as memory_cell, is one word."""
    base, *rest = name.split("_")
    return Symbol(base, "", _marks(rest)) if _are_marks(rest) else Symbol(name)


def _parameter_symbol(name: str) -> Symbol:
    """Read W_xh_1_fwd as W, xh, (1, →): letter, subscript, marks; W_memory_cell as W, memory_cell."""
    base, *rest = name.split("_")
    if base not in ("W", "b") or not any(rest):
        return _layer_symbol(name)
    sub, *marks = rest
    return Symbol(base, sub, _marks(marks)) if sub and _are_marks(marks) else Symbol(base, "_".join(rest))


def _are_marks(parts: list[str]) -> bool:
    return all(part in _MARKS or part.isdecimal() for part in parts)


def _marks(parts: list[str]) -> tuple[str, ...]:
    return tuple(_ARROWS.get(part, part) for part in parts)


def _as_letter(base: str) -> str:
    """One or two letters are set as they are; a longer name is set as a word, or it would read as a product."""
    return base if base.isalpha() and len(base) < 3 else rf"\mathit{{{_escaped(base)}}}"


def _as_subscript(sub: str) -> str:
    return rf"\mathit{{{_escaped(sub)}}}" if "_" in sub else sub


def _escaped(word: str) -> str:
    return word.replace("_", r"\_")
