"""Forward through one part of a network in arrays that are used again at every step of training."""

from __future__ import annotations

import numpy as np

from explorer.engine.activations import ACTIVATIONS, Array
from explorer.engine.forward_loop import ForwardLoop
from explorer.engine.memory import Bank, blank, multiply
from explorer.engine.schedule import Part, neighbours
from explorer.engine.stacks import Stacks
from explorer.engine.timeline import Timeline
from explorer.engine.trace import Readings


class ForwardPart:
    """Buffers of one part and what fills them.

    Parameters
    ----------
    part : Part
    given : Readings
        What the part reads: values of everything before it.
    rows_inside : bool
        How arrays lie in memory, see `explorer.engine.memory.blank`.
    unscaled : frozenset of str
        Layers whose pre-activations are read by a loss.

    Attributes
    ----------
    at : slice
        Places t - 1 of the steps that are computed.
    layers : mapping of str to (Timeline, array)
        Values and pre-activations, (T, B, size), of each layer.
    nbytes : int
    """

    def __init__(self, part: Part, given: Readings, rows_inside: bool, unscaled: frozenset[str]) -> None:
        self.part, self.given, self.unscaled = part, given, unscaled
        graph, steps, batch, dtype = given.graph, given.steps, given.batch, given.dtype
        self.loop: ForwardLoop | None = None
        if part.looped:
            self.loop = ForwardLoop(part, graph, steps, batch, dtype, given.mask is not None, rows_inside)
            self.at, self.nbytes = slice(steps), self.loop.nbytes
            self.stacks, self.pre = self.loop.stacks, self.loop.pre
            self.layers = {name: self.loop.layer_here(name) for name in part.bank}
        else:
            (name,) = part.bank
            self.at, self.stacks = places(graph[name].presence.steps(steps)), Stacks(part, graph, dtype)
            self.pre = Bank(part.blocks, steps, batch, dtype, rows_inside)
            value = Timeline.zeros(steps, part.lead, part.trail, (batch, part.width), dtype, rows_inside)
            self.layers = {name: (value, self.pre.columns(part.spans[name]))}
            self.nbytes = 2 * value.array.nbytes + self.stacks.nbytes
        self._plan(rows_inside)
        self.telling = [array.ravel(order="K") for array in self._telling()]

    def _plan(self, rows_inside: bool) -> None:
        """What is done for all steps at once: first products with outside, biases, further products into the same."""
        part, given, at = self.part, self.given, self.at
        self.offset = blank(1, given.batch, part.width, given.dtype, rows_inside)
        self.first: list[tuple[Array, Array, Array]] = []
        self.further: list[tuple[Array, Array, Array, Array]] = []
        begun: set[str] = set()
        for fused in part.outer:
            into = self.pre.columns(part.span(fused.targets))[at]
            read, stack = given.values[fused.source].read(fused.delay)[at], self.stacks.weights[fused]
            if begun.isdisjoint(fused.targets):
                self.first.append((read, stack, into))
                begun.update(fused.targets)
            else:
                self.further.append((read, stack, into, np.empty_like(into)))
        based = {n: (n in begun, part.block(n).start) for n in part.bank if self._has_base(n)}
        runs = [(run[0] in begun, part.span(run)) for run in neighbours(part.bank, based)]
        self.offsets = [(added, self.pre.columns(span)[at], self.offset[..., span]) for added, span in runs]

    def _has_base(self, name: str) -> bool:
        """Whether something is expected in a layer's column of the bank before the loop begins."""
        return self.loop is None or self.loop.traits[name].has_base

    def _telling(self) -> list[Array]:
        """Arrays that are finite only if all are: a squashed value does not show that its pre-activation was not."""
        if self.loop is None:
            return self.pre.arrays
        direct = {self.part.block(name).start for name, traits in self.loop.traits.items() if traits.direct}
        values = [self.loop.value.columns(block) for block in self.part.blocks if block.start in direct]
        return [*self.pre.arrays, *values]

    def run(self) -> None:
        """Fill the buffers."""
        given, at = self.given, self.at
        if self.loop is None:
            self.stacks.fill(given.parameters)
            self._fill_from_outside()
            for name, (value, pre) in self.layers.items():
                if pre[at].size:
                    value.read()[at] = ACTIVATIONS[given.graph[name].activation].function(pre[at])
        else:
            self.loop.fill(given.parameters, given.mask)
            self._fill_from_outside()
            self.loop.execute()
        for name in self.unscaled.intersection(self.layers):
            if self.stacks.forms[name].scale != 1:
                pre = self.layers[name][1]
                pre *= 1 / self.stacks.forms[name].scale
        if given.mask is not None:
            for value, _ in self.layers.values():
                np.copyto(value.read(), 0, where=~given.mask)

    def _fill_from_outside(self) -> None:
        self.offset[...] = self.stacks.offset
        for read, stack, into in self.first:
            multiply(read, stack, into)
        for added, into, offset in self.offsets:
            if added:
                np.add(into, offset, out=into)
            else:
                into[...] = offset
        for read, stack, into, product in self.further:
            multiply(read, stack, product)
            np.add(into, product, out=into)
        graph = self.given.graph
        for name in self.part.bank:
            own = self.pre.columns(self.part.spans[name])[self.at]
            for c in graph.incoming(name):
                if c.source in self.part.spans or not c.keeps_units:
                    continue
                operand = self.given.operand(c)[self.at]
                if graph[name].combine == "product":
                    own *= operand
                else:
                    own += operand * self.stacks.forms[name].scale

    def is_finite(self) -> bool:
        """Whether all numbers are; a sum of squares that overflows by itself is told too."""
        return all(np.isfinite(array.dot(array)) for array in self.telling)


def places(steps: range) -> slice:
    """Places t - 1 of steps in arrays whose first axis is time.

    Examples
    --------
    >>> places(range(2, 8, 2)), places(range(4, 5))
    (slice(1, 6, 2), slice(3, 4, 1))
    """
    return slice(steps[0] - 1, steps[-1], steps.step) if steps else slice(0)
