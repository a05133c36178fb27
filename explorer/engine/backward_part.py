"""Back through one part of a network in arrays that are used again at every step of training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from explorer.engine.activations import ACTIVATIONS, Array
from explorer.engine.backward_loop import BackwardLoop
from explorer.engine.existence import is_present, silence
from explorer.engine.forward_part import ForwardPart
from explorer.engine.gradients import others
from explorer.engine.memory import Bank, Sheet, blank, multiply
from explorer.engine.schedule import Fused
from explorer.engine.timeline import Timeline
from explorer.graph import Connection

_KERNEL = 4
"""A product works through so many columns at a time; a rest of fewer takes longer than a whole one (measured)."""


class BackwardPart:
    """Buffers of one part on the way back and what fills them.

    Parameters
    ----------
    forward : ForwardPart
        The same part on the way there.
    fed, fed_at_pre : frozenset of str
        Layers that receive a gradient from losses, at their value or at their pre-activation.
    pre : mapping of str to array
        Pre-activations of all layers.
    rows_inside : bool
        How arrays lie in memory, see `explorer.engine.memory.blank`.

    Attributes
    ----------
    received : mapping of str to Timeline
        ∂L/∂value of its layers as far as it comes from elsewhere; added to before the part is run.
    at_pre : mapping of str to array
        ∂L/∂a as far as losses hand it back, (T, B, size).
    delta : Bank
        ∂L/∂a, (T, B, width), where somebody needs it.
    nbytes : int
    """

    def __init__(
        self,
        forward: ForwardPart,
        fed: frozenset[str],
        fed_at_pre: frozenset[str],
        pre: Mapping[str, Array],
        rows_inside: bool,
    ) -> None:
        self.part, self.given, self.at, self.pre = forward.part, forward.given, forward.at, pre
        self.rows_inside = rows_inside
        part, graph = self.part, self.given.graph
        steps, batch, dtype = self.given.steps, self.given.batch, self.given.dtype
        fed, fed_at_pre = fed.intersection(part.bank), fed_at_pre.intersection(part.bank)
        self.loop: BackwardLoop | None = None
        if part.looped:
            masked, wanted = self.given.mask is not None, frozenset(filter(self._is_wanted, part.bank))
            size = steps, batch, batch, dtype, masked
            self.loop = BackwardLoop(part, graph, *size, fed, fed_at_pre, wanted, rows_inside)
            self.received: Mapping[str, Timeline] = self.loop.carried
            self.at_pre: Mapping[str, Array] = self.loop.seeds_at_pre
            self.delta, self.nbytes = self.loop.delta, self.loop.nbytes
        else:
            (name,) = part.bank
            shape = batch, part.width
            self.received = {name: Timeline.zeros(steps, part.lead, part.trail, shape, dtype, rows_inside)}
            self.at_pre = {name: blank(steps, *shape, dtype, rows_inside) for name in fed_at_pre}
            self.delta = Bank(part.blocks, steps, batch, dtype, rows_inside)
            self.nbytes = 3 * self.received[name].array.nbytes
        computed = [c for name in part.bank for c in graph.outgoing(name) if graph[c.target].role != "loss"]
        self.is_read = bool(computed or fed)

    def _is_wanted(self, name: str) -> bool:
        """Whether anybody needs ∂L/∂a of a layer of the loop: a parameter, or a layer outside."""
        incoming = self.given.graph.incoming(name)
        used = any(c.weight is not None or c.source not in self.part.spans for c in incoming)
        return used or self.given.graph[name].bias is not None

    def connect(self, received: Mapping[str, Timeline], gradient: Mapping[str, Array]) -> None:
        """Plan what is handed on, once every part is there.

        Parameters
        ----------
        received : mapping of str to Timeline
            ∂L/∂value of the layers of all parts.
        gradient : mapping of str to array
            ∂L/∂W of every parameter, to be added to.
        """
        self.gradient, self.elsewhere = gradient, received
        self.messages = [self._message(fused) for fused in self.part.outer if fused.source in received]
        self.tables = list(self._tables()) if self._is_present else []
        self.nbytes += sum(table.nbytes for table in self.tables)
        self.units = [
            c
            for name in self.part.bank
            for c in self.given.graph.incoming(name)
            if c.keeps_units and (c.weight is not None or self._leaves(c))
        ]

    @property
    def _is_present(self) -> bool:
        """Whether any step is computed."""
        return bool(range(self.given.steps)[self.at])

    def _leaves(self, c: Connection) -> bool:
        return c.source not in self.part.spans and c.source in self.elsewhere

    def _message(self, fused: Fused) -> tuple[Fused, Array, Array, Array, Array]:
        columns = self.delta.columns(self.part.span(fused.targets))[self.at]
        into = self.elsewhere[fused.source].read(fused.delay)[self.at]
        stack = np.empty((columns.shape[-1], into.shape[-1]), self.given.dtype)
        return fused, columns, stack, np.empty_like(into), into

    def clear(self) -> None:
        """Nothing has been received yet."""
        for timeline in self.received.values():
            timeline.array.fill(0)
        for seed in self.at_pre.values():
            seed.fill(0)

    def run(self) -> None:
        """Go back through the part, hand on what others receive, and add to the gradients of its weights."""
        if self.loop is None:
            self._at_once()
        else:
            for name, timeline in self.loop.carried.items():
                silence(timeline.read(), is_present(self.given.graph[name].presence, self.given.steps))
            self.loop.execute(self.given, self.pre)
        for fused, columns, stack, message, into in self.messages:
            np.concatenate([self.given.parameters[name].T for name in fused.weights], out=stack)
            multiply(columns, stack, message)
            np.add(into, message, out=into)
        for c in self.units:
            self._hand_on(c)
        for table in self.tables:
            table.add_up()

    def _at_once(self) -> None:
        (name,), at, mask = self.part.bank, self.at, self.given.mask
        activation = ACTIVATIONS[self.given.graph[name].activation]
        if not self._is_present:
            return
        delta = self.delta.columns(self.part.spans[name])[at]
        y, gradient = self.given.values[name].read()[at], self.received[name].read()[at]
        if not self.is_read:
            delta.fill(0)
        elif activation.quick_derivative is None:
            delta[...] = activation.backward(self.pre[name][at], y, gradient)
        else:
            activation.quick_derivative(y, delta)
            np.multiply(delta, gradient, out=delta)
        for seed in self.at_pre.values():
            np.add(delta, seed[at], out=delta)
        if mask is not None:
            np.multiply(delta, mask[at], out=delta)

    def _hand_on(self, c: Connection) -> None:
        """The share of an identity or diagonal connection."""
        arriving = self.delta.columns(self.part.spans[c.target])[self.at]
        if self.given.graph[c.target].combine == "product":
            shape = self.given.steps, self.given.batch, arriving.shape[-1]
            arriving = arriving * np.broadcast_to(others(self.given, c), shape)[self.at]
        if c.weight is not None:
            self.gradient[c.weight][...] += np.sum(arriving * self.given.read(c)[self.at], axis=(0, 1))
        if self._leaves(c):
            into = self.elsewhere[c.source].read(c.delay)[self.at]
            into += arriving if c.weight is None else arriving * self.given.parameters[c.weight]

    def _tables(self) -> Iterator[_Table]:
        """Products that give the gradients of matrices and biases, one for each run of neighbours."""
        graph, part = self.given.graph, self.part
        by_targets: dict[tuple[str, ...], list[Fused]] = {}
        for fused in (*part.outer, *part.inner):
            by_targets.setdefault(fused.targets, []).append(fused)
        biased = {name for name in part.bank if graph[name].bias is not None}
        for targets, group in by_targets.items():
            yield self._table(targets, group, biased.intersection(targets))
            biased -= set(targets)
        for name in sorted(biased):
            yield self._table((name,), [], {name})

    def _table(self, targets: tuple[str, ...], group: list[Fused], biased: set[str]) -> _Table:
        graph, part, at = self.given.graph, self.part, self.at
        table = _Table(
            self.delta.columns(part.span(targets))[at],
            [self.given.values[fused.source].read(fused.delay)[at] for fused in group],
            bool(biased),
            self.rows_inside,
        )
        start = part.spans[targets[0]].start
        columns = {name: slice(part.spans[name].start - start, part.spans[name].stop - start) for name in targets}
        for number, fused in enumerate(group):
            for target, name in zip(fused.targets, fused.weights, strict=True):
                table.share(number, columns[target], self.gradient[name])
        for target in biased:
            table.share(len(group), columns[target], self.gradient[graph[target].bias or ""][None])
        return table


class _Table:
    """Σ over steps and rows of readᵀ δ, for several sources and neighbouring targets in one product.

    Parameters
    ----------
    delta : (T, B, columns) array
    reads : sequence of (T, B, size) arrays
    constant : bool
        Whether a 1 is read too, which gives the gradient of biases.
    rows_inside : bool
    """

    def __init__(self, delta: Array, reads: list[Array], constant: bool, rows_inside: bool) -> None:
        steps, batch, width = delta.shape
        sizes = [*(read.shape[-1] for read in reads), *[1] * constant]
        stops = np.cumsum(sizes).tolist()
        self.spans = [slice(stop - size, stop) for size, stop in zip(sizes, stops, strict=True)]
        height = -(-sum(sizes) // _KERNEL) * _KERNEL  # filled up with zeros
        self.read = Sheet(steps, batch, height, delta.dtype, rows_inside)
        self.delta = Sheet(steps, batch, width, delta.dtype, rows_inside)
        if constant:
            self.read.by_step[..., self.spans[-1]] = 1
        self.copies = [(delta, self.delta.by_step)]
        self.copies += [(read, self.read.by_step[..., span]) for read, span in zip(reads, self.spans, strict=False)]
        self.sums = np.empty((height, width), delta.dtype)
        self.shares: list[tuple[Array, Array]] = []
        self.nbytes = self.read.lines.nbytes + self.delta.lines.nbytes

    def share(self, number: int, columns: slice, gradient: Array) -> None:
        """Where the share of one source and one target is added to."""
        self.shares.append((gradient, self.sums[self.spans[number], columns]))

    def add_up(self) -> None:
        """Add to all gradients."""
        for array, copy in self.copies:
            copy[...] = array
        np.matmul(self.read.lines.T, self.delta.lines, out=self.sums)
        for gradient, share in self.shares:
            np.add(gradient, share, out=gradient)
