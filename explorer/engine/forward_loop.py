"""How the forward loop over time of one part with a cycle is written out.

Each step joins what arrives at the layers of a level, activates neighbours of one kind by one call, and goes on to the
next level. The loop knows arrays and nothing of the pass it belongs to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.engine.activations import Activation, Array
from explorer.engine.memory import Bank, blank
from explorer.engine.program import Call, Stage, copy_result, execute, held_bytes, product, put_where_not, written_out
from explorer.engine.schedule import Fused, Part, neighbours
from explorer.engine.stacks import Stacks
from explorer.engine.timeline import Timeline
from explorer.graph import Connection, Graph

_TAIL = -2.0
"""Below this pre-activation, ½ tanh(½ a) + ½ loses digits of the sigmoid."""


class ForwardLoop:
    """Buffers and program of one looped part for one number of steps, batch size and dtype.

    Parameters
    ----------
    part : Part
    graph : Graph
    steps, batch : int
    dtype : numpy.dtype
    masked : bool
        Whether rows are padded.
    rows_inside : bool
        How its arrays lie in memory, see `explorer.engine.memory.blank`.

    Attributes
    ----------
    stacks : Stacks
    pre : Bank
        Pre-activations, (T, B, width), scaled as `stacks.forms` says; `execute` adds to what it finds there.
    nbytes : int
    """

    def __init__(
        self,
        part: Part,
        graph: Graph,
        steps: int,
        batch: int,
        dtype: np.dtype[Any],
        masked: bool,
        rows_inside: bool = False,
    ) -> None:
        self.part, self.graph, self.steps, self.batch, self.dtype = part, graph, steps, batch, dtype
        self.rows_inside = rows_inside
        self.stacks = Stacks(part, graph, dtype)
        # where results are copied out, that is quickest with everything in one block
        blocks = part.blocks if rows_inside else (slice(0, part.width),)
        self.pre = Bank(blocks, steps, batch, dtype, rows_inside)
        self.value = Bank(blocks, part.lead + steps + part.trail, batch, dtype, rows_inside)
        self.valid = np.ones((steps, batch, 1), bool) if masked else None
        self.initial = {name: np.zeros((batch, graph[name].size), dtype) for name in part.bank}
        self.present = {name: graph[name].presence.steps(steps) for name in part.bank}
        self.traits = {name: _traits(graph, part, name, self.stacks.forms[name]) for name in part.bank}
        self.factors = {
            c: self._one_step(graph[c.target].size)
            for traits in self.traits.values()
            for c in traits.operands
            if c.weight is not None or self.stacks.forms[c.target].scale != 1
        }
        stages = [stage for level in part.levels for stage in self._stages(level)]
        self.program = written_out(part, stages, part.ticks(steps), lambda name, t: t in self.present[name])
        self.nbytes = self.stacks.nbytes + held_bytes(self.program, (*self.pre.arrays, *self.value.arrays))

    def fill(self, parameters: Mapping[str, Array], mask: Array | None) -> None:
        """Take over the numbers of one run; `pre` is filled by the caller."""
        self.stacks.fill(parameters)
        for c, factor in self.factors.items():
            factor[...] = self.stacks.forms[c.target].scale
            if c.weight is not None:
                factor *= parameters[c.weight]
        if self.valid is not None and mask is not None:
            self.valid[...] = mask

    def begin(self, initial: Mapping[str, Array], past: Mapping[str, Array]) -> None:
        """Take over the initial states of one run, zeros where none is given, and what came before, if anything did.

        They are zeros at first.
        """
        for name, state in self.initial.items():
            state[...] = initial.get(name, 0)
            self.columns(name).begin(state, past.get(name))

    def execute(self) -> None:
        """Run the loop: what it finds is in `pre` and `value`, until it runs again."""
        execute(self.program)

    def run(self) -> tuple[Array, Timeline]:
        """Run the loop: copies of the banks of pre-activations, unscaled, and values."""
        self.execute()
        # one block for both copies: two smaller ones are handed back to the system, and paged in again, at every call
        whole = slice(0, self.part.width)
        block = np.concatenate([self.pre.columns(whole), self.value.columns(whole)])
        pre, value = block[: self.steps], Timeline(block[self.steps :], self.part.lead, self.part.trail)
        self._restore_scale(pre, value)
        return pre, value

    def _restore_scale(self, pre: Array, value: Timeline) -> None:
        """Undo the loop's scaling, and restore the digits that its form of an activation loses in the tail."""
        forms = self.stacks.forms
        scaled = {name: self.graph[name].activation for name in self.part.bank if forms[name].scale != 1}
        for names in neighbours(self.part.bank, scaled):
            form, span = forms[names[0]], self.part.span(names)
            pre[..., span] *= 1 / form.scale
            tail = pre[..., span] < _TAIL
            if tail.any():
                value.read()[..., span][tail] = form.function(pre[..., span][tail])

    def layer(self, name: str, pre: Array, value: Timeline) -> tuple[Timeline, Array]:
        """A layer's columns of such copies: its values and its pre-activations."""
        return self._layer(name, lambda span: pre[..., span], value.columns)

    def layer_here(self, name: str) -> tuple[Timeline, Array]:
        """The same where the loop itself writes."""
        return self._layer(name, self.pre.columns, self._values)

    def _layer(
        self, name: str, pre: Callable[[slice], Array], value: Callable[[slice], Timeline]
    ) -> tuple[Timeline, Array]:
        traits, own = self.traits[name], value(self.part.spans[name])
        if traits.read_only is not None:
            c = traits.read_only
            return own, value(self.part.spans[c.source]).read(c.delay)
        return own, own.read() if traits.direct else pre(self.part.spans[name])

    def _values(self, span: slice) -> Timeline:
        return Timeline(self.value.columns(span), self.part.lead, self.part.trail)

    def columns(self, name: str) -> Timeline:
        """Where the loop writes the values of a layer."""
        return self._values(self.part.spans[name])

    def _one_step(self, size: int) -> Array:
        """(B, size) zeros that lie in memory like everything else."""
        return blank(1, self.batch, size, self.dtype, self.rows_inside)[0]

    # -- writing the program -------------------------------------------------------------------------------------

    def _stages(self, level: tuple[str, ...]) -> Iterator[Stage]:
        """What one tick does for the layers of a level: a layer that says at which step, and the calls made then."""
        for fused in self.part.inner:
            if fused.targets[0] in level:
                yield fused.targets[0], self._product(fused)
        for name in level:
            if self.traits[name].read_only is None:
                yield name, self._join(name)
        for names in neighbours(self.part.bank, {n: self._shared_call(n) for n in level if not self.traits[n].direct}):
            yield names[0], self._activate(names)
        if self.valid is not None:
            for name in level:
                if name in self.graph.states:
                    yield name, self._reset(name, self.valid)

    def _product(self, fused: Fused) -> Callable[[int], list[Call]]:
        source = self.columns(fused.source)
        stack = self.stacks.weights[fused]
        columns = self.pre.columns(self.part.span(fused.targets))
        result = self._one_step(stack.shape[1])

        def calls(t: int) -> list[Call]:
            into = columns[t - 1]
            return [product(source.at(t - fused.delay), stack, result), (np.add, (into, result, into))]

        return calls

    def _join(self, name: str) -> Callable[[int], list[Call]]:
        traits, span = self.traits[name], self.part.spans[name]
        into = self.columns(name) if traits.direct else Timeline(self.pre.columns(span), 0)
        join = np.multiply if self.graph[name].combine == "product" else np.add
        products = {c: self._one_step(self.graph[name].size) for c in self.factors}

        def calls(t: int) -> list[Call]:
            made: list[Call] = []
            views = [into.at(t)] if traits.has_base else []
            for c in traits.operands:
                if join is np.multiply and self._is_missing(c, t):
                    continue
                view = self.columns(c.source).at(t - c.delay)
                if c in self.factors:
                    made.append((np.multiply, (view, self.factors[c], products[c])))
                    view = products[c]
                views.append(view)
            out = into.at(t)
            if not views:
                return [(out.fill, (float(join is np.multiply),))]
            first, *rest = views
            if not rest and not traits.has_base:
                made.append((np.positive, (first, out)))
            for view in rest:
                made.append((join, (first, view, out)))
                first = out
            return made

        return calls

    def _is_missing(self, c: Connection, t: int) -> bool:
        return self.graph[c.source].presence.lacks(t - c.delay, self.steps)

    def _shared_call(self, name: str) -> object:
        """Layers for which this is equal can be activated by one call."""
        form = self.stacks.forms[name]
        if form.base is None or self.traits[name].read_only is not None:
            return name
        return form.base, form.leading, self.part.component.lags[name], self.graph[name].presence

    def _activate(self, names: tuple[str, ...]) -> Callable[[int], list[Call]]:
        form, c = self.stacks.forms[names[0]], self.traits[names[0]].read_only
        value = self._values(self.part.span(names))
        source = Timeline(self.pre.columns(self.part.span(names)), 0) if c is None else self.columns(c.source)
        delay = 0 if c is None else c.delay
        leading = tuple(np.asarray(number, self.dtype) for number in form.leading)
        stretched = [
            (np.asarray(a.gain, self.dtype), np.asarray(a.offset, self.dtype), self._values(self.part.span(run)))
            for run in neighbours(names, {n: self.graph[n].activation for n in names})
            for a in [self.stacks.forms[run[0]]]
            if (a.gain, a.offset) != (1, 0)
        ]

        def calls(t: int) -> list[Call]:
            a, y = source.at(t - delay), value.at(t)
            if form.base is None:
                return [(copy_result, (form.function, y, a))]
            made: list[Call] = [(form.base, (*leading, a, y))]
            for gain, offset, columns in stretched:
                y = columns.at(t)
                made += [(np.multiply, (y, gain, y)), (np.add, (y, offset, y))]
            return made

        return calls

    def _reset(self, name: str, valid: Array) -> Callable[[int], list[Call]]:
        """Put the initial state back where a row has no step, for whoever reads it across a delay."""
        value = self.columns(name)

        def calls(t: int) -> list[Call]:
            return [(put_where_not, (value.at(t), self.initial[name], valid[t - 1]))]

        return calls


@dataclass(frozen=True, slots=True)
class _Traits:
    """How a layer of a looped part comes about.

    Attributes
    ----------
    operands : tuple of Connection
        Inner identity and diagonal connections, joined one by one.
    has_base : bool
        Whether its column of the bank already holds something (a bias, sources outside, a product) to join to.
    direct : bool
        Whether its value is the joined operands themselves, so that they are written straight into it.
    read_only : Connection or None
        The one connection whose source *is* the pre-activation, so that nothing is joined at all.
    """

    operands: tuple[Connection, ...]
    has_base: bool
    direct: bool
    read_only: Connection | None


def _traits(graph: Graph, part: Part, name: str, activation: Activation) -> _Traits:
    layer, incoming = graph[name], graph.incoming(name)
    operands = tuple(c for c in incoming if c.keeps_units and c.source in part.spans)
    has_base = layer.bias is not None or len(operands) < len(incoming)
    direct = layer.activation == "identity" and not has_base
    plain = layer.combine == "sum" and activation.scale == 1
    lone = len(operands) == 1 and operands[0].weight is None and not has_base and plain and not direct
    return _Traits(operands, has_base, direct, operands[0] if lone else None)
