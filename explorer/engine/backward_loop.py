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
from explorer.engine.coefficients import Coefficients
from explorer.engine.memory import Bank, blank
from explorer.engine.program import Call, Stage, copy_result, execute, held_bytes, product, written_out
from explorer.engine.schedule import Fused, Part
from explorer.engine.timeline import Timeline
from explorer.engine.trace import Readings, Trace
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
    wanted : frozenset of str, optional
        Layers whose ∂L/∂a is asked for; all if left out.
    rows_inside : bool
        How its arrays lie in memory, see `explorer.engine.memory.blank`.

    Attributes
    ----------
    carried : mapping of str to Timeline
        ∂L/∂value of the layers that the loop carries; `execute` adds to what it finds there.
    seeds_at_pre : mapping of str to array
        What losses contribute to ∂L/∂a, (T, rows, size).
    delta : Bank
        ∂L/∂a, (T, rows, width).
    nbytes : int
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
        wanted: frozenset[str] | None = None,
        rows_inside: bool = False,
    ) -> None:
        self.part, self.graph, self.steps, self.masked = part, graph, steps, masked
        self.wanted = frozenset(part.bank) if wanted is None else wanted
        self.dtype, self.rows_inside = dtype, rows_inside
        self.carriers = carriers(graph, part, fed, fed_at_pre)
        self.present = {name: graph[name].presence.steps(steps) for name in part.bank}
        self.coefficients = Coefficients(part, graph, self.carriers, steps, batch, dtype, masked, rows_inside)
        # where ∂L/∂a is copied out, that is quickest with everything in one block
        blocks = part.blocks if rows_inside else (slice(0, part.width),)
        self.delta = Bank(blocks, steps, rows, dtype, rows_inside)
        self.carried = {
            name: Timeline.zeros(steps, part.lead, part.trail, (rows, graph[name].size), dtype, rows_inside)
            for name in part.bank
            if self.carriers.is_carried(name)
        }
        self.seeds_at_pre = {n: blank(steps, rows, graph[n].size, dtype, rows_inside) for n in fed_at_pre}
        self.weights = {
            fused: np.zeros((sum(graph[n].size for n in fused.targets), graph[fused.source].size), dtype)
            for fused in part.inner
        }
        self.loads: list[tuple[Array, list[Connection]]] = []
        self.terms = {name: self._terms(name, batch) for name in self.carried}
        self.forward_values = {
            name: tuple(blank(steps, batch, graph[name].size, dtype, rows_inside) for _ in range(2))
            for name in self.carriers.own_delta
        }
        stages = [stage for name in reversed(part.component.layers) for stage in self._stages(name)]
        ticks = reversed(part.ticks(steps, part.lead, part.trail))
        self.program = written_out(part, stages, ticks, self._has_copy)
        self.afterwards = [self._collapsed(name) for name in part.bank if name in self.wanted - self._filled]
        self.nbytes = held_bytes(self.program, self._arrays())

    def run(self, trace: Trace, totals: Mapping[str, Timeline], at_pre: Mapping[str, Array]) -> Array:
        """Run the loop on a finished trace: a copy of ∂L/∂a of the bank, (T, rows, width).

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
        self.execute(trace, trace.pre)
        for name, gradient in self.carried.items():
            totals[name].array[...] = gradient.array
        return self.delta.columns(slice(0, self.part.width)).copy()

    def execute(self, readings: Readings, pre: Mapping[str, Array]) -> None:
        """Run the loop: what it finds is in `carried` and `delta`, until it runs again.

        Parameters
        ----------
        readings : Readings
            What the forward pass has computed.
        pre : mapping of str to array
            Pre-activations, (T, B, size), index t - 1.
        """
        for name, (a, y) in self.forward_values.items():
            a[...], y[...] = pre[name], readings.values[name].read()
        for fused, stack in self.weights.items():
            np.concatenate([readings.parameters[name].T for name in fused.weights], out=stack)
        self.coefficients.load(readings)
        for coefficient, connections in self.loads:
            coefficient[...] = self.coefficients.along(readings, connections)
        execute(self.program)
        execute(self.afterwards)

    def _arrays(self) -> Iterator[Array]:
        yield from (*self.coefficients.arrays, *self.delta.arrays)
        yield from (gradient.array for gradient in self.carried.values())
        yield from (*self.seeds_at_pre.values(), *self.weights.values())
        for pair in self.forward_values.values():
            yield from pair
        yield from (coefficient for coefficient, _ in self.loads)

    # -- writing the program -------------------------------------------------------------------------------------

    @cached_property
    def _filled(self) -> frozenset[str]:
        """Layers whose ∂L/∂a the loop itself needs: targets of its matrices, and those that are no multiple."""
        return self.carriers.own_delta | {name for fused in self.part.inner for name in fused.targets}

    def _terms(self, name: str, batch: int) -> tuple[_Term, ...]:
        """Unit-by-unit contributions to a carried gradient, those from one carrier through one delay together."""
        by_carrier: dict[tuple[str, bool, int], list[Connection]] = {}
        for c in elementwise(self.graph, self.part, name):
            reads_delta = c.target in self.carriers.own_delta
            carrier = c.target if reads_delta else self.carriers.parent[c.target]
            by_carrier.setdefault((carrier, reads_delta, c.delay), []).append(c)
        return tuple(
            _Term(carrier, reads_delta, delay, self._coefficient(name, group, batch))
            for (carrier, reads_delta, delay), group in by_carrier.items()
        )

    def _coefficient(self, name: str, group: list[Connection], batch: int) -> Array | None:
        if self._passes_unchanged(group):
            return None
        if len(group) == 1 and self.coefficients.passes(group[0]):
            return self.coefficients.of(group[0].target)
        coefficient = blank(self.steps, batch, self.graph[name].size, self.dtype, self.rows_inside)
        self.loads.append((coefficient, group))
        return coefficient

    def _passes_unchanged(self, group: list[Connection]) -> bool:
        c, target = group[0], self.graph[group[0].target]
        linear = target.activation == "identity" and self.carriers.is_carried(target.name)
        plain = self.coefficients.passes(c) and not self.masked and len(group) == 1
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
        columns = self.delta.columns(self.part.span(fused.targets))
        message = np.empty_like(gradient.at(1))
        present = self.present[fused.targets[0]]

        def calls(t: int) -> list[Call]:
            if t + fused.delay not in present:
                return []
            into = gradient.at(t)
            return [product(columns[t + fused.delay - 1], weight, message), (np.add, (into, message, into))]

        return calls

    def _unit_by_unit(self, name: str, term: _Term) -> Callable[[int], list[Call]]:
        gradient = self.carried[name]
        carrier = (
            Timeline(self.delta.columns(self.part.spans[term.carrier]), 0)
            if term.reads_delta
            else self.carried[term.carrier]
        )
        message = np.empty_like(gradient.at(1))
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
        gradient, delta = self.carried[name], self.delta.columns(self.part.spans[name])
        exists = self.coefficients.of(name) if self.masked else None
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
            if exists is not None:
                made.append((np.multiply, (into, exists[t - 1], into)))
            return made

        return calls

    def _collapsed(self, name: str) -> Call:
        """∂L/∂a of a layer that the loop leaves out, for all steps at once."""
        carrier = self.carried[self.carriers.parent[name]].read()
        return np.multiply, (self.coefficients.of(name), carrier, self.delta.columns(self.part.spans[name]))

    def _multiple(self, name: str, other: str) -> Callable[[int], list[Call]]:
        """∂L/∂a of a layer, as a multiple of the gradient that another carries for it."""
        gradient, delta = self.carried[name], self.delta.columns(self.part.spans[other])
        coefficient = self.coefficients.of(other)

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
    coefficient: Array | None
