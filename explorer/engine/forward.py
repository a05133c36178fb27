"""The forward pass of any delay graph.

Whatever lies outside a cycle is computed for all steps at once. Inside a cycle the loop over time is written out
beforehand as a flat *program*, a list of ufunc calls on views that exist already, and kept in a workspace: running
it does no indexing and no decisions. Results are copied out, so a `Trace` never changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.engine.activations import ACTIVATIONS, Array
from explorer.engine.inputs import (
    checked_dtype,
    checked_initial,
    checked_inputs,
    checked_parameters,
    checked_targets,
)
from explorer.engine.losses import LOSSES
from explorer.engine.schedule import Fused, Part, neighbours, schedule
from explorer.engine.timeline import Timeline, frozen
from explorer.engine.trace import Trace
from explorer.engine.workspace import Pool
from explorer.graph import Connection, Graph, Layer

_TAIL = -2.0
"""Below this pre-activation, ½ tanh(½ a) + ½ loses digits of the sigmoid."""

Call = tuple[Callable[..., Any], tuple[Any, ...]]


def forward(
    graph: Graph,
    parameters: Mapping[str, Array],
    inputs: Mapping[str, Any] | Any,
    targets: Mapping[str, Any] | Any = None,
    *,
    mask: Any = None,
    initial: Mapping[str, Any] | None = None,
    dtype: Any = np.float64,
) -> Trace:
    """Run a network over a batch of sequences and keep every value at every step.

    Parameters
    ----------
    graph : Graph
    parameters : mapping of str to array
        One array for each name in ``graph.parameter_shapes``, as from `explorer.parameters.initialize`.
    inputs : array or mapping of str to array
        (T, B, size) real vectors, or (T, B) integer tokens, read as one-hot vectors that are never built. A bare
        array is the first input layer's.
    targets : array or mapping of str to array, optional
        For each loss layer (T, B) integer tokens or (T, B, size) reals. Without targets no error is measured.
    mask : (T, B) of bool, optional
        False where a row has no step (padding): there every layer holds its initial state, no error counts and no
        gradient passes.
    initial : mapping of str to array, optional
        (size,) or (B, size) initial states; zeros where none is given.
    dtype : float64 or float32

    Returns
    -------
    Trace

    Raises
    ------
    GraphError, ValueError
        If shapes do not fit, tokens are out of range or numbers are not finite; the message names the array.

    Examples
    --------
    >>> from explorer import architectures, parameters
    >>> graph = architectures.build("elman", inputs=3, hidden=2, outputs=3)
    >>> weights = parameters.initialize(graph, seed=0)
    >>> trace = forward(graph, weights, np.array([[0], [2], [1]]), targets=np.array([[2], [1], [0]]))
    >>> trace["h"].shape, trace.errors["E"].shape
    ((4, 1, 2), (4, 1))
    """
    parts = schedule(graph)
    dtype = checked_dtype(dtype)
    given, row_mask, steps, batch = checked_inputs(graph, inputs, mask, dtype)
    weights = checked_parameters(graph, parameters, dtype)
    start = checked_initial(graph, initial, batch, dtype)
    aims = checked_targets(graph, targets, steps, batch, dtype)
    values: dict[str, Timeline] = {}
    pre: dict[str, Array] = {}
    errors: dict[str, Array] = {}
    trace = Trace(graph, weights, steps, batch, dtype, given, aims, row_mask, values, pre, errors)
    run = _Run(trace, start, values, pre)
    for part in parts:
        if part.looped:
            with _LOOPS.borrow(part, graph, steps, batch, dtype, row_mask is not None) as loop:
                loop.run(run)
        else:
            _all_at_once(part, run)
    errors.update(_errors(trace))
    return trace


@dataclass(frozen=True, slots=True)
class _Run:
    """One forward pass under way: a trace that is being filled, and the states it starts from."""

    trace: Trace
    initial: Mapping[str, Array]
    values: dict[str, Timeline]
    pre: dict[str, Array]

    def product(self, fused: Fused, stack: Array) -> Array:
        """Value of the source at steps 1 … T, times the stacked weights: (T, B, columns)."""
        trace = self.trace
        if fused.source in trace.inputs:
            return trace.inputs[fused.source].product(stack, fused.delay)
        read = self.values[fused.source].read(fused.delay)
        return (read.reshape(-1, read.shape[-1]) @ stack).reshape(trace.steps, trace.batch, -1)


def silence(array: Array, layer: Layer, steps: int) -> None:
    """Put 0 at the steps (first axis) at which a layer does not exist."""
    absent = layer.presence.absent(steps)
    if absent:
        array[list(absent)] = 0


class _Constants:
    """Stacked weights and biases of one part, refilled at every run."""

    def __init__(self, part: Part, graph: Graph, dtype: np.dtype[Any]) -> None:
        self.graph, self.part = graph, part
        self.scale = {
            name: ACTIVATIONS[graph[name].activation].scale if part.looped and graph[name].combine == "sum" else 1.0
            for name in part.bank
        }
        self.stacks = {
            fused: np.empty(
                (graph[fused.source].size, sum(graph[name].size for name in fused.targets)), dtype, order="C"
            )
            for fused in (*part.outer, *part.inner)
        }
        self.offset = np.empty(part.width, dtype)
        for name in part.bank:
            self.offset[part.spans[name]] = graph[name].combine == "product"

    def fill(self, weights: Mapping[str, Array]) -> None:
        for fused, stack in self.stacks.items():
            start = 0
            for c in fused.connections:
                weight = weights[c.weight]  # type: ignore[index]
                stop = start + weight.shape[1]
                np.multiply(weight, self.scale[c.target], out=stack[:, start:stop])
                start = stop
        for name in self.part.bank:
            bias = self.graph[name].bias
            if bias is not None:
                self.offset[self.part.spans[name]] = weights[bias] * self.scale[name]


def _from_outside(part: Part, run: _Run, constants: _Constants, pre: Array) -> None:
    """Fill a bank with bias and everything that comes from other parts, for all steps."""
    pre[...] = constants.offset
    for fused in part.outer:
        into = pre[..., part.span(fused.targets)]
        into += run.product(fused, constants.stacks[fused])
    for name in part.bank:
        span = part.spans[name]
        for c in run.trace.graph.incoming(name):
            if c.source in part.spans or not c.keeps_units:
                continue
            if run.trace.graph[name].combine == "product":
                pre[..., span] *= run.trace.operand(c)
            else:
                pre[..., span] += run.trace.operand(c) * constants.scale[name]
        silence(pre[..., span], run.trace.graph[name], run.trace.steps)


def _all_at_once(part: Part, run: _Run) -> None:
    """A part without a cycle: one product over all steps."""
    (name,) = part.bank
    pre = np.empty((run.trace.steps, run.trace.batch, part.width), run.trace.dtype)
    with _CONSTANTS.borrow(part, run.trace.graph, run.trace.dtype) as constants:
        constants.fill(run.trace.parameters)
        _from_outside(part, run, constants, pre)
    value = Timeline.zeros(run.trace.steps, part.lead, part.trail, (run.trace.batch, part.width), run.trace.dtype)
    value.read()[...] = ACTIVATIONS[run.trace.graph[name].activation].function(pre)
    _keep(name, run, value, pre)


def _keep(name: str, run: _Run, value: Timeline, pre: Array) -> None:
    """Fill in what is not computed (initial state, absent and masked steps) and file a layer's result."""
    state = run.initial.get(name)
    for edge in value.outside():
        edge[...] = 0 if state is None else state
    if run.trace.mask is not None:
        np.copyto(value.read(), 0 if state is None else state, where=~run.trace.mask)
    silence(value.read(), run.trace.graph[name], run.trace.steps)
    frozen(value.array)
    run.values[name], run.pre[name] = value, frozen(pre)


class _Loop:
    """Buffers and program of one looped part for one number of steps, batch size and dtype."""

    def __init__(self, part: Part, graph: Graph, steps: int, batch: int, dtype: np.dtype[Any], masked: bool) -> None:
        self.part, self.graph, self.steps, self.batch, self.dtype = part, graph, steps, batch, dtype
        self.constants = _Constants(part, graph, dtype)
        self.pre = np.zeros((steps, batch, part.width), dtype)
        self.value = Timeline.zeros(steps, part.lead, part.trail, (batch, part.width), dtype)
        self.valid = np.ones((steps, batch, 1), bool) if masked else None
        self.initial = {name: np.zeros((batch, graph[name].size), dtype) for name in part.bank}
        self.present = {name: graph[name].presence.steps(steps) for name in part.bank}
        self.traits = {name: _traits(graph, part, name) for name in part.bank}
        self.factors = {
            c: np.empty(graph[c.target].size, dtype)
            for traits in self.traits.values()
            for c in traits.operands
            if c.weight is not None or self.constants.scale[c.target] != 1
        }
        self.program = self._written_out()

    def run(self, run: _Run) -> None:
        """Compute the part and file its layers in `run`."""
        self._load(run)
        for function, arguments in self.program:
            function(*arguments)
        self._unload(run)

    def _load(self, run: _Run) -> None:
        self.constants.fill(run.trace.parameters)
        for c, factor in self.factors.items():
            factor[...] = self.constants.scale[c.target]
            if c.weight is not None:
                factor *= run.trace.parameters[c.weight]
        _from_outside(self.part, run, self.constants, self.pre)
        for name, initial in self.initial.items():
            initial[...] = run.initial.get(name, 0)
            for edge in self.value.columns(self.part.spans[name]).outside():
                edge[...] = initial
        if self.valid is not None and run.trace.mask is not None:
            self.valid[...] = run.trace.mask

    def _unload(self, run: _Run) -> None:
        part, graph = self.part, self.graph
        # one block for both copies: two smaller ones are handed back to the system, and paged in again, at every call
        block = np.concatenate([self.pre, self.value.array])
        pre, value = block[: run.trace.steps], Timeline(block[run.trace.steps :], part.lead, part.trail)
        scaled = {n: (graph[n].activation, scale) for n, scale in self.constants.scale.items() if scale != 1}
        for names in neighbours(part.bank, scaled):
            name, scale = scaled[names[0]]
            span = part.span(names)
            pre[..., span] *= 1 / scale  # undo the loop's scaling, and restore the digits its form loses in the tail
            tail = pre[..., span] < _TAIL
            if tail.any():
                value.read()[..., span][tail] = ACTIVATIONS[name].function(pre[..., span][tail])
        for name, traits in self.traits.items():
            own = value.columns(part.spans[name])
            if traits.read_only is not None:
                c = traits.read_only
                _keep(name, run, own, value.columns(part.spans[c.source]).read(c.delay))
            else:
                _keep(name, run, own, own.read() if traits.direct else pre[..., part.spans[name]])

    # -- writing the program -------------------------------------------------------------------------------------

    def _written_out(self) -> list[Call]:
        stages = [stage for level in self.part.levels for stage in self._stages(level)]
        calls: list[Call] = []
        for tick in self.part.ticks(self.steps):
            for name, make in stages:
                t = self.part.step_at(tick, name)
                if t in self.present[name]:
                    calls += make(t)
        return calls

    def _stages(self, level: tuple[str, ...]) -> Iterator[tuple[str, Callable[[int], list[Call]]]]:
        """What one tick does for the layers of a level: a layer that says at which step, and the calls made then."""
        for fused in self.part.inner:
            if fused.targets[0] in level:
                yield fused.targets[0], self._product(fused)
        for name in level:
            if self.traits[name].read_only is None:
                yield name, self._join(name)
        for names in neighbours(self.part.bank, {n: self._shared_call(n) for n in level if self._activated(n)}):
            yield names[0], self._activate(names)
        if self.valid is not None:
            for name in level:
                if name in self.graph.states:
                    yield name, self._reset(name)

    def _product(self, fused: Fused) -> Callable[[int], list[Call]]:
        source = self.value.columns(self.part.spans[fused.source])
        stack = self.constants.stacks[fused]
        columns = self.pre[..., self.part.span(fused.targets)]
        result = np.empty((self.batch, stack.shape[1]), self.dtype)

        def calls(t: int) -> list[Call]:
            into = columns[t - 1]
            # the method, not np.dot: it skips a dispatch that costs as much as a small product
            return [(source.at(t - fused.delay).dot, (stack, result)), (np.add, (into, result, into))]

        return calls

    def _join(self, name: str) -> Callable[[int], list[Call]]:
        traits, span = self.traits[name], self.part.spans[name]
        into = self.value.columns(span) if traits.direct else Timeline(self.pre[..., span], 0)
        join = np.multiply if self.graph[name].combine == "product" else np.add
        products = {c: np.empty((self.batch, self.graph[name].size), self.dtype) for c in self.factors}

        def calls(t: int) -> list[Call]:
            made: list[Call] = []
            views = [into.at(t)] if traits.has_base else []
            for c in traits.operands:
                if join is np.multiply and self._is_missing(c, t):
                    continue
                view = self.value.columns(self.part.spans[c.source]).at(t - c.delay)
                if c in self.factors:
                    made.append((np.multiply, (view, self.factors[c], products[c])))
                    view = products[c]
                views.append(view)
            if len(views) == 1 and not traits.has_base:
                made.append((np.positive, (views[0], into.at(t))))
            for i, view in enumerate(views[1:]):
                made.append((join, (views[0] if i == 0 else into.at(t), view, into.at(t))))
            if not views:
                made.append((into.at(t).fill, (float(join is np.multiply),)))
            return made

        return calls

    def _is_missing(self, c: Connection, t: int) -> bool:
        return 1 <= t - c.delay <= self.steps and t - c.delay not in self.present[c.source]

    def _activated(self, name: str) -> bool:
        return not self.traits[name].direct

    def _shared_call(self, name: str) -> object:
        """Layers for which this is equal can be activated by one call."""
        activation = ACTIVATIONS[self.graph[name].activation]
        alone = self.traits[name].read_only is not None or not self._in_loop_form(name)
        lag = self.part.lag(name)
        return name if alone else (activation.base, activation.before, lag, self.graph[name].presence)

    def _in_loop_form(self, name: str) -> bool:
        """Whether the pre-activation has been scaled as the loop's form of the activation needs it."""
        activation = ACTIVATIONS[self.graph[name].activation]
        return activation.base is not None and activation.scale == self.constants.scale[name]

    def _activate(self, names: tuple[str, ...]) -> Callable[[int], list[Call]]:
        activation = ACTIVATIONS[self.graph[names[0]].activation]
        span = self.part.span(names)
        value, c = self.value.columns(span), self.traits[names[0]].read_only
        before = tuple(np.asarray(number, self.dtype) for number in activation.before)
        source = Timeline(self.pre[..., span], 0) if c is None else self.value.columns(self.part.spans[c.source])
        delay = 0 if c is None else c.delay
        in_loop_form = self._in_loop_form(names[0])
        stretched = [
            (np.asarray(a.gain, self.dtype), np.asarray(a.offset, self.dtype), self.value.columns(self.part.span(run)))
            for run in neighbours(names, {n: self.graph[n].activation for n in names})
            for a in [ACTIVATIONS[self.graph[run[0]].activation]]
            if (a.gain, a.offset) != (1, 0)
        ]

        def calls(t: int) -> list[Call]:
            a, y = source.at(t - delay), value.at(t)
            if activation.base is None or not in_loop_form:
                return [(_copy_result, (activation.function, a, y))]
            made: list[Call] = [(activation.base, (*before, a, y))]
            for gain, offset, columns in stretched:
                y = columns.at(t)
                made += [(np.multiply, (y, gain, y)), (np.add, (y, offset, y))]
            return made

        return calls

    def _reset(self, name: str) -> Callable[[int], list[Call]]:
        """Put the initial state back where a row has no step, for whoever reads it across a delay."""
        assert self.valid is not None
        value, padding = self.value.columns(self.part.spans[name]), self.valid

        def calls(t: int) -> list[Call]:
            return [(_put_where_not, (value.at(t), self.initial[name], padding[t - 1]))]

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


def _traits(graph: Graph, part: Part, name: str) -> _Traits:
    layer, incoming = graph[name], graph.incoming(name)
    operands = tuple(c for c in incoming if c.keeps_units and c.source in part.spans)
    has_base = layer.bias is not None or len(operands) < len(incoming)
    direct = layer.activation == "identity" and not has_base
    plain = layer.combine == "sum" and ACTIVATIONS[layer.activation].scale == 1
    lone = len(operands) == 1 and operands[0].weight is None and not has_base and plain and not direct
    return _Traits(operands, has_base, direct, operands[0] if lone else None)


def _copy_result(function: Callable[[Array], Array], a: Array, y: Array) -> None:
    y[...] = function(a)


def _put_where_not(value: Array, replacement: Array, valid: Array) -> None:
    np.copyto(value, replacement, where=~valid)


def _errors(trace: Trace) -> dict[str, Array]:
    """E_t of every loss layer with targets: (T + 1, B), 0 where it is absent or padded."""
    errors = {}
    for layer in trace.graph.with_role("loss"):
        if layer.name not in trace.targets:
            continue
        output = trace.graph.incoming(layer.name)[0].source
        loss = LOSSES[layer.activation]
        error = np.zeros((trace.steps + 1, trace.batch), trace.dtype)
        error[1:] = loss.function(trace.pre[output], trace.values[output].read(), trace.targets[layer.name])
        for name in (layer.name, output):
            silence(error[1:], trace.graph[name], trace.steps)
        if trace.mask is not None:
            error[1:][~trace.mask[..., 0]] = 0
        errors[layer.name] = frozen(error)
    return errors


_LOOPS = Pool(_Loop)
_CONSTANTS = Pool(_Constants)
