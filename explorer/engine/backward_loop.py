"""How the loop of backpropagation through time over one part with a cycle is written out.

Inside a step everything is linear on the way back, with coefficients that the forward pass has fixed. The loop knows
arrays and a finished trace, and nothing of the pass it belongs to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from explorer.engine.activations import ACTIVATIONS, Array
from explorer.engine.carriers import carriers, elementwise
from explorer.engine.gradients import others
from explorer.engine.program import Call, Stage, copy_result, execute, held_bytes, written_out
from explorer.engine.schedule import Fused, Part, neighbours
from explorer.engine.timeline import Timeline
from explorer.engine.trace import Trace
from explorer.graph import Connection, Graph


class BackwardLoop:
    """Buffers and program of one looped part, run against its time.

    Parameters
    ----------
    part : Part
    graph : Graph
    steps, batch, rows : int
        T, B, and the number of cotangents: B, or anything if that is 1.
    dtype : numpy.dtype
    masked : bool
        Whether rows are padded.
    fed, fed_at_pre : frozenset of str
        Layers that receive a gradient from losses or seeds, at their value or at their pre-activation.
    """

    def __init__(
        self,
        part: Part,
        graph: Graph,
        steps: int,
        batch: int,
        rows: int,
        dtype: np.dtype[Any],
        masked: bool,
        fed: frozenset[str],
        fed_at_pre: frozenset[str],
    ) -> None:
        self.part, self.graph, self.steps, self.masked = part, graph, steps, masked
        self.carriers = carriers(graph, part, fed, fed_at_pre)
        self.present = {name: graph[name].presence.steps(steps) for name in part.bank}
        self.coefficient = np.zeros((steps, batch, part.width), dtype)
        self.delta = np.zeros((steps, rows, part.width), dtype)
        self.carried = {
            name: Timeline.zeros(steps, part.lead, part.trail, (rows, graph[name].size), dtype)
            for name in part.bank
            if self.carriers.is_carried(name)
        }
        self.seeds_at_pre = {name: np.zeros((steps, rows, graph[name].size), dtype) for name in fed_at_pre}
        self.weights = {
            fused: np.zeros((sum(graph[n].size for n in fused.targets), graph[fused.source].size), dtype)
            for fused in part.inner
        }
        self.terms = {name: self._terms(name, batch, dtype) for name in self.carried}
        self.forward_values = {
            name: tuple(np.zeros((steps, batch, graph[name].size), dtype) for _ in range(2))
            for name in self.carriers.own_delta
        }
        stages = [stage for name in reversed(part.component.layers) for stage in self._stages(name)]
        ticks = reversed(part.ticks(steps, part.lead, part.trail))
        self.program = written_out(part, stages, ticks, self._has_copy)
        self.nbytes = held_bytes(self.program, self._arrays())

    def run(self, trace: Trace, totals: Mapping[str, Timeline], at_pre: Mapping[str, Array]) -> Array:
        """Compute ∂L/∂a of the bank, (T, rows, width).

        Parameters
        ----------
        trace : Trace
        totals : mapping of str to Timeline
            ∂L/∂value of each carried layer as far as it comes from outside the part; completed in place.
        at_pre : mapping of str to array
            What losses contribute to ∂L/∂a.
        """
        for name, gradient in self.carried.items():
            gradient.array[...] = totals[name].array
        for name, seed in self.seeds_at_pre.items():
            seed[...] = at_pre[name]
        for name, (a, y) in self.forward_values.items():
            a[...], y[...] = trace.pre[name], trace.values[name].read()
        for fused, stack in self.weights.items():
            np.concatenate([trace.parameters[name].T for name in fused.weights], out=stack)
        self._load_coefficients(trace)
        execute(self.program)
        self._fill_collapsed()
        for name, gradient in self.carried.items():
            totals[name].array[...] = gradient.array
        return self.delta.copy()

    def _load_coefficients(self, trace: Trace) -> None:
        """∂L/∂a of each layer as a multiple of the gradient that its parent carries."""
        part = self.part
        for name in reversed(part.component.layers):
            into = self.coefficient[..., part.spans[name]]
            exists = trace.exists(name)
            if name in self.carriers.own_delta:
                into[...] = 1 if exists is None else exists
                continue
            if self.carriers.is_carried(name):
                into[...] = 1
            else:
                outgoing = elementwise(self.graph, part, name)
                into[...] = self._message(trace, outgoing[0])
                for c in outgoing[1:]:
                    into += self._message(trace, c)
            derivative = ACTIVATIONS[self.graph[name].activation].derivative
            if derivative is not None and self.graph[name].activation != "identity":
                into *= derivative(trace.pre[name], trace.values[name].read())
            if exists is not None:
                into *= exists
        for terms in self.terms.values():
            for term in terms:
                if term.coefficient is not None:
                    term.coefficient[...] = self._message(trace, term.connections[0])
                    for c in term.connections[1:]:
                        np.add(term.coefficient, self._message(trace, c), out=term.coefficient)

    def _message(self, trace: Trace, c: Connection) -> Array:
        """What the source of an inner connection receives, as a multiple of its target's carrier: (T, B, size)."""
        message = self.coefficient[..., self.part.spans[c.target]]
        if self.graph[c.target].combine == "product":
            message = message * others(trace, c)
        return message if c.weight is None else message * trace.parameters[c.weight]

    def _fill_collapsed(self) -> None:
        """∂L/∂a of the layers that the loop leaves out, for all steps at once."""
        part, parent = self.part, self.carriers.parent
        for names in neighbours(part.bank, {n: p for n, p in parent.items() if n not in self._filled}):
            carrier = self.carried[parent[names[0]]].read()
            for name in names:
                span = part.spans[name]
                np.multiply(self.coefficient[..., span], carrier, out=self.delta[..., span])

    def _arrays(self) -> Iterator[Array]:
        yield from (self.coefficient, self.delta)
        yield from (gradient.array for gradient in self.carried.values())
        yield from (*self.seeds_at_pre.values(), *self.weights.values())
        for pair in self.forward_values.values():
            yield from pair
        for terms in self.terms.values():
            yield from (term.coefficient for term in terms if term.coefficient is not None)

    # -- writing the program -------------------------------------------------------------------------------------

    @cached_property
    def _filled(self) -> frozenset[str]:
        """Layers whose ∂L/∂a the loop itself needs: targets of its matrices, and those that are no multiple."""
        return self.carriers.own_delta | {name for fused in self.part.inner for name in fused.targets}

    def _terms(self, name: str, batch: int, dtype: np.dtype[Any]) -> tuple[_Term, ...]:
        """Unit-by-unit contributions to a carried gradient, those from one carrier through one delay together."""
        by_carrier: dict[tuple[str, bool, int], list[Connection]] = {}
        for c in elementwise(self.graph, self.part, name):
            reads_delta = c.target in self.carriers.own_delta
            carrier = c.target if reads_delta else self.carriers.parent[c.target]
            by_carrier.setdefault((carrier, reads_delta, c.delay), []).append(c)
        return tuple(
            _Term(
                carrier,
                reads_delta,
                delay,
                tuple(group),
                None if self._passes_unchanged(group) else np.zeros((self.steps, batch, self.graph[name].size), dtype),
            )
            for (carrier, reads_delta, delay), group in by_carrier.items()
        )

    def _passes_unchanged(self, group: list[Connection]) -> bool:
        c, target = group[0], self.graph[group[0].target]
        plain = c.weight is None and target.combine == "sum" and not self.masked and len(group) == 1
        linear = target.activation == "identity" and self.carriers.is_carried(target.name)
        return plain and (linear or target.name in self.carriers.own_delta)

    def _has_copy(self, name: str, t: int) -> bool:
        """Whether the loop computes a gradient at (name, t): initial states get theirs too."""
        inside = 1 <= t <= self.steps
        return t in self.present[name] or (not inside and 1 - self.part.lead <= t <= self.steps + self.part.trail)

    def _stages(self, name: str) -> Iterator[Stage]:
        """What one tick does for a layer: gather its gradient, then fill the ∂L/∂a that hang on it."""
        if name not in self.carried:
            return
        for fused in self.part.inner:
            if fused.source == name:
                yield name, self._product(fused)
        for term in self.terms[name]:
            yield name, self._unit_by_unit(name, term)
        if name in self.carriers.own_delta:
            yield name, self._own_delta(name)
        for other in self._filled - self.carriers.own_delta:
            if self.carriers.parent[other] == name:
                yield name, self._multiple(name, other)

    def _product(self, fused: Fused) -> Callable[[int], list[Call]]:
        gradient, weight = self.carried[fused.source], self.weights[fused]
        columns = self.delta[..., self.part.span(fused.targets)]
        message = np.empty(gradient.array.shape[1:], gradient.array.dtype)
        present = self.present[fused.targets[0]]

        def calls(t: int) -> list[Call]:
            if t + fused.delay not in present:
                return []
            into = gradient.at(t)
            return [(columns[t + fused.delay - 1].dot, (weight, message)), (np.add, (into, message, into))]

        return calls

    def _unit_by_unit(self, name: str, term: _Term) -> Callable[[int], list[Call]]:
        gradient = self.carried[name]
        carrier = (
            Timeline(self.delta[..., self.part.spans[term.carrier]], 0)
            if term.reads_delta
            else self.carried[term.carrier]
        )
        message = np.empty(gradient.array.shape[1:], gradient.array.dtype)
        present = self.present[term.carrier]

        def calls(t: int) -> list[Call]:
            at = t + term.delay
            if at not in present:
                return []
            into = gradient.at(t)
            if term.coefficient is None:
                return [(np.add, (into, carrier.at(at), into))]
            return [
                (np.multiply, (term.coefficient[at - 1], carrier.at(at), message)),
                (np.add, (into, message, into)),
            ]

        return calls

    def _own_delta(self, name: str) -> Callable[[int], list[Call]]:
        gradient, delta = self.carried[name], self.delta[..., self.part.spans[name]]
        exists = self.coefficient[..., self.part.spans[name]]
        backward_of = ACTIVATIONS[self.graph[name].activation].backward
        a, y = self.forward_values[name]
        seed = self.seeds_at_pre.get(name)

        def calls(t: int) -> list[Call]:
            if not 1 <= t <= self.steps:
                return []
            into = delta[t - 1]
            made: list[Call] = [(copy_result, (backward_of, into, a[t - 1], y[t - 1], gradient.at(t)))]
            if seed is not None:
                made.append((np.add, (into, seed[t - 1], into)))
            if self.masked:
                made.append((np.multiply, (into, exists[t - 1], into)))
            return made

        return calls

    def _multiple(self, name: str, other: str) -> Callable[[int], list[Call]]:
        """∂L/∂a of a layer, as a multiple of the gradient that another carries for it."""
        gradient, span = self.carried[name], self.part.spans[other]
        coefficient, delta = self.coefficient[..., span], self.delta[..., span]

        def calls(t: int) -> list[Call]:
            if not 1 <= t <= self.steps:
                return []
            return [(np.multiply, (coefficient[t - 1], gradient.at(t), delta[t - 1]))]

        return calls


@dataclass(frozen=True, slots=True, eq=False)
class _Term:
    """A contribution to a carried gradient: coefficient times what a carrier holds `delay` steps later.

    What it holds is its gradient ∂L/∂value, or its ∂L/∂a if that is no known multiple (`reads_delta`).
    """

    carrier: str
    reads_delta: bool
    delay: int
    connections: tuple[Connection, ...]
    coefficient: Array | None
