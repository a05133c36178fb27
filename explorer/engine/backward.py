"""Backpropagation through time for any delay graph: the forward order, reversed.

A part without a cycle is differentiated for all steps at once. In a part with a cycle a loop runs against its time
(see `explorer.engine.backward_loop`) and carries only the gradients that `carriers` says it must; weight gradients are
one product over all steps afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from explorer.engine.activations import ACTIVATIONS, Array
from explorer.engine.backward_loop import BackwardLoop
from explorer.engine.cotangents import Cotangents, cotangents
from explorer.engine.existence import is_present, silence
from explorer.engine.gradients import Gradients, others
from explorer.engine.schedule import Fused, Part, schedule
from explorer.engine.timeline import Timeline, frozen
from explorer.engine.trace import Trace
from explorer.engine.workspace import Pool
from explorer.graph import Connection, Graph, ReadOnly


def backward(
    trace: Trace,
    seeds: Mapping[str, Any] | None = None,
    *,
    with_errors: bool = False,
    steps: Sequence[int] | None = None,
    apart: bool = False,
) -> Gradients:
    """Differentiate the total error L of a forward pass with respect to everything.

    Parameters
    ----------
    trace : Trace
    seeds : mapping of str to array, optional
        Differentiate Σ seed · value instead: for each layer (T + 1, C, size), index t; C is the trace's batch size,
        or anything if that is 1 (C cotangents for the one sequence at once).
    with_errors : bool
        Differentiate L + Σ seed · value: what a piece of a sequence needs that has a future.
    steps : sequence of int, optional
        Count the errors of these steps alone, from 1 to T; all of them if left out.
    apart : bool
        For a batch of one, differentiate the error of each step apart instead of their sum: row t - 1 of everything
        is ∂L_t/∂·, where L_t is Σ E_t over loss layers. With `steps`, one row for each of them, in their order.

    Returns
    -------
    Gradients

    Raises
    ------
    ValueError
        If there is nothing to differentiate, a seed has the wrong shape, or errors cannot be set apart.

    Examples
    --------
    >>> from explorer import architectures, forward, initialize
    >>> graph = architectures.build("elman", inputs=3, hidden=2, outputs=3)
    >>> trace = forward(graph, initialize(graph, 0), np.array([[0], [2], [1]]), targets=np.array([[2], [1], [0]]))
    >>> gradients = backward(trace)
    >>> gradients["h"].shape, gradients.weights["W_hh"].shape
    ((4, 1, 2), (2, 2))
    >>> apart = backward(trace, apart=True)
    >>> apart["h"].shape, np.allclose(apart["h"].sum(axis=1), gradients["h"][:, 0])
    ((4, 3, 2), True)
    """
    start = cotangents(trace, seeds, with_errors, steps, apart)
    under_way = _BackwardPass(trace, start)
    for part in reversed(schedule(trace.graph)):
        if part.looped:
            _loop_back_through(part, under_way)
        else:
            _differentiate_at_once(part, under_way)
        _hand_on(part, under_way)
    return under_way.finished()


class _BackwardPass:
    """What is known so far while one backward pass is under way.

    Parameters
    ----------
    trace : Trace
    start : Cotangents
        Where gradients enter.
    """

    def __init__(self, trace: Trace, start: Cotangents) -> None:
        self.trace, self.errors, self.at_value, self.at_pre = trace, start.errors, start.at_value, start.at_pre
        self.graph, self.steps, self.dtype = trace.graph, trace.steps, trace.dtype
        self.rows = start.rows
        self.values: dict[str, Timeline] = {}
        self.delta: dict[Part, Array] = {}
        self.initial: dict[str, Array] = {}
        self.weights: dict[str, Array] = {}

    @property
    def wants_weights(self) -> bool:
        """Whether ∂L/∂W is defined: not if several cotangents are propagated for one sequence."""
        return self.rows == self.trace.batch

    def add_weight(self, name: str, gradient: Array) -> None:
        """Add to the gradient of a parameter, which several connections may share."""
        if name in self.weights:
            self.weights[name] = self.weights[name] + gradient
        else:
            self.weights[name] = gradient

    def received(self, name: str, part: Part) -> Timeline:
        """∂L/∂value of a layer as far as other parts have contributed to it."""
        if name not in self.values:
            shape = (self.rows, self.graph[name].size)
            self.values[name] = Timeline.zeros(self.steps, part.lead, part.trail, shape, self.dtype)
        return self.values[name]

    def total(self, name: str, part: Part) -> Timeline:
        """The same with what losses or seeds contribute, and nothing where the layer is absent."""
        total = self.received(name, part)
        if name in self.at_value:
            total.from_zero()[...] += self.at_value[name]
        silence(total.read(), is_present(self.graph[name].presence, self.steps))
        return total

    def finish(self, part: Part, delta: Array) -> None:
        """Keep what a part has come to: ∂L/∂a of its bank, and what its layers' initial states receive."""
        self.delta[part] = frozen(delta)
        mask = self.trace.mask
        for name in part.bank:
            if name not in self.values:  # collapsed: read within its step only
                self.initial[name] = frozen(np.zeros((self.rows, self.graph[name].size), self.dtype))
                continue
            gradient = self.values[name]
            initial = sum(np.add.reduce(edge) for edge in gradient.outside() if len(edge))
            if mask is not None:  # a padded step holds the initial state
                initial = initial + np.where(mask, 0, gradient.read()).sum(axis=0)
                silence(gradient.read(), mask)
            self.initial[name] = frozen(initial)
            frozen(gradient.array)

    def finished(self) -> Gradients:
        """Everything there is to know, and nothing that can still be changed."""
        return Gradients(
            trace=self.trace,
            rows=self.rows,
            values=ReadOnly(self.values),
            initial=ReadOnly(self.initial),
            delta=ReadOnly({n: delta[..., part.spans[n]] for part, delta in self.delta.items() for n in part.bank}),
            weights=ReadOnly(self._all_weights()),
            errors=ReadOnly(self.errors),
        )

    def _all_weights(self) -> dict[str, Array]:
        """∂L/∂W in the order of the parameters; 0 for one that no gradient reached."""
        if not self.wants_weights:
            return {}
        return {
            name: frozen(self.weights[name] if name in self.weights else np.zeros_like(weight))
            for name, weight in self.trace.parameters.items()
        }


def _loop_back_through(part: Part, under_way: _BackwardPass) -> None:
    """A part with a cycle: ∂L/∂a of its bank, and ∂L/∂value of the layers that its loop carries."""
    trace, rows = under_way.trace, under_way.rows
    fed = frozenset(under_way.at_value.keys() & part.spans.keys())
    fed_at_pre = frozenset(under_way.at_pre.keys() & part.spans.keys())
    key = part, trace.graph, trace.steps, trace.batch, rows, trace.dtype, trace.mask is not None, fed, fed_at_pre
    with _LOOPS.borrow(*key) as loop:
        totals = {name: under_way.total(name, part) for name in loop.carried}
        delta = loop.run(trace, totals, under_way.at_pre)
    under_way.finish(part, delta)


def _differentiate_at_once(part: Part, under_way: _BackwardPass) -> None:
    """A part without a cycle: ∂L/∂a for all steps in one go."""
    (name,) = part.bank
    trace, at_pre = under_way.trace, under_way.at_pre.get(name)
    reached = name in under_way.values or name in under_way.at_value
    total = under_way.total(name, part)
    if reached or at_pre is None:
        activation = ACTIVATIONS[trace.graph[name].activation]
        delta = activation.backward(trace.pre[name], trace.values[name].read(), total.read())
        if at_pre is not None:
            delta += at_pre
    else:
        delta = at_pre  # nothing but a loss at its pre-activation reads this layer
    exists = trace.exists(name)
    if exists is not None:
        delta = delta * exists
    under_way.finish(part, delta)


def _hand_on(part: Part, under_way: _BackwardPass) -> None:
    """Add up the weight gradients of a part and hand gradients on to the parts it reads."""
    delta = under_way.delta[part]
    owner = _owners(under_way.graph)
    for fused in (*part.outer, *part.inner):
        columns = delta[..., part.span(fused.targets)]
        if under_way.wants_weights:
            _add_matrix_gradients(under_way, fused, columns)
        if fused in part.outer and fused.source in owner:
            stack = np.concatenate([under_way.trace.parameters[name] for name in fused.weights], axis=1)
            message = columns.reshape(-1, columns.shape[-1]) @ stack.T
            into = under_way.received(fused.source, owner[fused.source]).read(fused.delay)
            into += message.reshape(into.shape)
    if under_way.wants_weights:
        _add_bias_gradients(under_way, part, delta)
    for name in part.bank:
        for c in under_way.graph.incoming(name):
            if c.keeps_units:
                _hand_on_units(under_way, part, c, delta[..., part.spans[name]])


def _add_bias_gradients(under_way: _BackwardPass, part: Part, delta: Array) -> None:
    flat = delta.reshape(-1, part.width)
    sums = np.ones(len(flat), under_way.dtype) @ flat  # one product for all of them
    for name in part.bank:
        bias = under_way.graph[name].bias
        if bias is not None:
            under_way.add_weight(bias, sums[part.spans[name]])


def _add_matrix_gradients(under_way: _BackwardPass, fused: Fused, delta: Array) -> None:
    trace = under_way.trace
    if fused.source in trace.inputs:
        gradient = trace.inputs[fused.source].transposed_product(delta, fused.delay)
    else:
        read = trace.values[fused.source].read(fused.delay)
        gradient = read.reshape(-1, read.shape[-1]).T @ delta.reshape(-1, delta.shape[-1])
    start = 0
    for target, name in zip(fused.targets, fused.weights, strict=True):
        stop = start + trace.graph[target].size
        under_way.add_weight(name, gradient[:, start:stop])
        start = stop


def _hand_on_units(under_way: _BackwardPass, part: Part, c: Connection, delta: Array) -> None:
    """The share of an identity or diagonal connection."""
    owner, leaves = _owners(under_way.graph), c.source not in part.spans
    if c.weight is None and not (leaves and c.source in owner):
        return
    arriving = delta * others(under_way.trace, c) if under_way.graph[c.target].combine == "product" else delta
    if c.weight is not None and under_way.wants_weights:
        under_way.add_weight(c.weight, np.sum(arriving * under_way.trace.read(c), axis=(0, 1)))
    if leaves and c.source in owner:
        message = arriving if c.weight is None else arriving * under_way.trace.parameters[c.weight]
        under_way.received(c.source, owner[c.source]).read(c.delay)[...] += message


@lru_cache(maxsize=256)
def _owners(graph: Graph) -> Mapping[str, Part]:
    """The part that computes each layer."""
    return {name: part for part in schedule(graph) for name in part.bank}


_LOOPS = Pool(BackwardLoop)
