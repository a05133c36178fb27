"""What flows back along the edges of the unrolled graph, written in LaTeX.

δ W^⊤ along a matrix, δ ⊙ w along a diagonal weight, δ ⊙ (the other factors) into a product. Steps of a calculation that
have no letter of their own (f ⊙ c, 1 - z, tanh c) have no δ of their own either: theirs is written out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from explorer.engine.activations import Array
from explorer.engine.gradients import Gradients
from explorer.engine.losses import LOSSES
from explorer.engine.trace import Trace
from explorer.equations import Line, as_text, brought, is_unnamed, written
from explorer.graph import Connection
from explorer.naming import Symbol

SLOPES: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "tanh": lambda y: rf"\left(1 - {y} \odot {y}\right)",
        "sigmoid": lambda y: rf"{y} \odot \left(1 - {y}\right)",
        "relu": lambda y: rf"\left[{y} > 0\right]",
        "identity": lambda y: "1",
        "one_minus": lambda y: r"\left(-1\right)",
        "one": lambda y: "0",
        "zero": lambda y: "0",
    }
)
"""Name of an activation that works unit by unit → φ′(a) in LaTeX, written with the value y = φ(a)."""

ERROR_SLOPES: Mapping[str, Callable[[str, str, bool], str]] = MappingProxyType(
    {
        # target weights that are no single token need not add up to 1
        "cross_entropy": lambda y, aim, token: f"{y} - {aim}" if token else rf"{y} \cdot \sum {aim} - {aim}",
        "squared_error": lambda y, aim, token: f"{y} - {aim}",
    }
)
"""Name of a loss → what it hands back, in LaTeX, for an output, a target and whether that is a token."""

_DEEPEST = 3  # unnamed steps in a row that are written out; more than a textbook ever has


@dataclass(frozen=True, slots=True)
class Message:
    """What comes back along one edge, from (target, step), in LaTeX."""

    connection: Connection
    step: int
    latex: str


@dataclass(frozen=True, slots=True, eq=False)
class Writer:
    """Writes what flows back in one notation, for the first row of a batch."""

    gradients: Gradients
    symbols: Mapping[str, Symbol]
    aims: Mapping[str, Sequence[str]]

    @property
    def trace(self) -> Trace:
        return self.gradients.trace

    def exists(self, name: str, t: int) -> bool:
        """Whether the first row has this copy of a layer."""
        where = self.trace.exists(name)
        return where is None or bool(where[t - 1, 0, 0])

    def messages(self, name: str, t: int, depth: int = 0) -> Iterator[Message]:
        """What comes back to the value of a node, from the nearest step first."""
        steps = self.trace.steps
        if 1 <= t <= steps and not self.exists(name, t):
            return
        for c in sorted(self.trace.graph.outgoing(name), key=lambda c: abs(c.delay)):
            at = t + c.delay
            if not 1 <= at <= steps or not self.exists(c.target, at):
                continue
            if self.trace.graph[c.target].role != "loss":
                yield Message(c, at, self._along(c, at, depth))
            elif c.target in self.gradients.errors and not self._reads_pre(c):
                error = self.symbols[c.target].latex(str(t))
                yield Message(c, at, rf"\frac{{\partial {error}}}{{\partial {self.variable(name, t)}}}")

    def errors_at_pre(self, name: str, t: int) -> list[Connection]:
        """Connections to the errors that enter at the pre-activation of a node."""
        inside = 1 <= t <= self.trace.steps and self.exists(name, t)
        outgoing = self.trace.graph.outgoing(name) if inside else ()
        errors = [c for c in outgoing if c.target in self.gradients.errors]
        return [c for c in errors if self._reads_pre(c) and self.exists(c.target, t)]

    def line(self, message: Message) -> Line:
        """A message with its numbers."""
        c, at = message.connection, message.step
        latex = self.error_gradient(c, at) if c.target in self.gradients.errors else message.latex
        through = f", through {self.symbols[c.weight].text}" if c.weight is not None else ""
        return Line(latex, f"from {self.symbols[c.target].text} at {at}{through}", self.vector(c, at))

    def vector(self, c: Connection, at: int) -> Array:
        """What comes back along a connection from a step of its target."""
        return self.gradients.along(c)[at - 1, 0]

    def delta(self, name: str, t: int) -> str:
        """δ of a node."""
        return rf"\delta^{{{self.symbols[name].latex()}}}_{{{t}}}"

    def pre(self, name: str, t: int) -> str:
        """a of a node."""
        return f"a^{{{self.symbols[name].latex()}}}_{{{t}}}"

    def variable(self, name: str, t: int) -> str:
        """A node, in brackets where it has no letter of its own."""
        inside = 1 <= t <= self.trace.steps
        unnamed = inside and is_unnamed(self.trace.graph, self.trace.graph[name])
        latex = written(self.trace, name, t, self.symbols) if inside else self.symbols[name].latex(str(t))
        return rf"\left({latex}\right)" if unnamed else latex

    def slope(self, name: str, t: int) -> str:
        """φ′(a) of a node."""
        return SLOPES[self.trace.graph[name].activation](written(self.trace, name, t, self.symbols))

    def error_gradient(self, c: Connection, t: int) -> str:
        """What an error hands back to the output that it reads."""
        told = self.aims.get(c.target, ())
        aim = rf"\text{{one-hot({as_text(told[t - 1])})}}" if t <= len(told) else r"\text{target}"
        is_token = self.trace.targets[c.target].ndim == 2
        return ERROR_SLOPES[self.trace.graph[c.target].activation](self.variable(c.source, t), aim, is_token)

    def _reads_pre(self, c: Connection) -> bool:
        return LOSSES[self.trace.graph[c.target].activation].reads == "pre"

    def _along(self, c: Connection, at: int, depth: int) -> str:
        """What a connection hands back from its target at a step."""
        latex, target = self._delta_written(c.target, at, depth), self.trace.graph[c.target]
        if target.combine == "product":
            for other in self.trace.graph.incoming(c.target):
                if other != c and at - 1 not in self.trace.missing(other):
                    latex += r" \odot " + brought(self.trace, other, at, self.symbols).latex
        if c.weight is None:
            return latex
        weight = self.symbols[c.weight].latex()
        return rf"{latex} \odot {weight}" if c.diagonal else rf"{latex}\,{_transposed(weight)}"

    def _delta_written(self, name: str, t: int, depth: int) -> str:
        """δ of a node; where its layer has no letter, what δ is made of."""
        layer = self.trace.graph[name]
        if depth == _DEEPEST or not is_unnamed(self.trace.graph, layer) or layer.activation not in SLOPES:
            return self.delta(name, t)
        messages = [message.latex for message in self.messages(name, t, depth + 1)]
        if not messages:
            return self.delta(name, t)
        inner = messages[0] if len(messages) == 1 else rf"\left({joined(messages)}\right)"
        if layer.activation == "identity":
            return inner
        if layer.activation == "one_minus":
            return inner.removeprefix("-") if inner.startswith("-") else f"-{inner}"
        return rf"{inner} \odot {self.slope(name, t)}"


def _transposed(weight: str) -> str:
    """A matrix may carry marks where the ⊤ goes: W^{(1)⊤}."""
    return weight[:-1] + r"\top}" if "^" in weight else weight + r"^{\top}"


def joined(terms: Iterable[str]) -> str:
    """A sum in LaTeX.

    Examples
    --------
    >>> joined(["a", "-b", "c"])
    'a - b + c'
    """
    return " + ".join(terms).replace(" + -", " - ")
