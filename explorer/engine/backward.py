"""Backpropagation through time for any delay graph: the forward order, reversed.

A part without a cycle is differentiated for all steps at once. In a part with a cycle a loop runs against its
time, over a program written out beforehand, and carries only the gradients that `carriers` says it must; weight
gradients are one product over all steps afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from explorer.engine.activations import ACTIVATIONS, Array
from explorer.engine.carriers import carriers, elementwise
from explorer.engine.forward import Call, silence
from explorer.engine.gradients import Gradients, others
from explorer.engine.losses import LOSSES
from explorer.engine.schedule import Fused, Part, neighbours, schedule
from explorer.engine.timeline import Timeline, frozen
from explorer.engine.trace import Trace
from explorer.engine.workspace import Pool
from explorer.graph import Connection, Graph


def backward(trace: Trace, seeds: Mapping[str, Any] | None = None) -> Gradients:
    """Differentiate the total error L of a forward pass with respect to everything.

    Parameters
    ----------
    trace : Trace
    seeds : mapping of str to array, optional
        Differentiate Σ seed · value instead: for each layer (T + 1, C, size), index t; C is the trace's batch size,
        or anything if that is 1 (C cotangents for the one sequence at once).

    Returns
    -------
    Gradients

    Raises
    ------
    ValueError
        If there is nothing to differentiate, or a seed has the wrong shape.

    Examples
    --------
    >>> from explorer import architectures, forward, initialize
    >>> graph = architectures.build("elman", inputs=3, hidden=2, outputs=3)
    >>> trace = forward(graph, initialize(graph, 0), np.array([[0], [2], [1]]), targets=np.array([[2], [1], [0]]))
    >>> gradients = backward(trace)
    >>> gradients["h"].shape, gradients.weights["W_hh"].shape
    ((4, 1, 2), (2, 2))
    """
    errors = _error_gradients(trace) if seeds is None else {}
    run = _Run(trace, *(_sources(trace, errors) if seeds is None else (_checked_seeds(trace, seeds), {})))
    for part in reversed(schedule(trace.graph)):
        if part.looped:
            fed = frozenset(run.at_value.keys() & part.spans.keys())
            before = frozenset(run.at_pre.keys() & part.spans.keys())
            key = part, trace.graph, trace.steps, trace.batch, run.rows, run.dtype, trace.mask is not None, fed, before
            with _LOOPS.borrow(*key) as loop:
                loop.run(run)
        else:
            _all_at_once(part, run)
        _hand_on(part, run)
    return Gradients(
        trace=trace,
        rows=run.rows,
        values=run.values,
        initial=run.initial,
        pre={n: run.delta[part][..., part.spans[n]] for part in run.delta for n in part.bank},
        weights=_all_weights(run),
        errors=errors,
    )


def _all_weights(run: _Run) -> dict[str, Array]:
    """∂L/∂W in the order of the parameters; 0 for one that no gradient reached."""
    if not run.wants_weights:
        return {}
    return {
        name: frozen(run.weights[name] if name in run.weights else np.zeros_like(weight))
        for name, weight in run.trace.parameters.items()
    }


@dataclass
class _Run:
    """What is known so far while one backward pass is under way."""

    trace: Trace
    at_value: Mapping[str, Array]
    at_pre: Mapping[str, Array]

    def __post_init__(self) -> None:
        trace = self.trace
        self.graph, self.steps = trace.graph, trace.steps
        self.dtype = trace.dtype
        self.rows = next(iter((*self.at_value.values(), *self.at_pre.values()))).shape[1]
        self.values: dict[str, Timeline] = {}
        self.delta: dict[Part, Array] = {}
        self.initial: dict[str, Array] = {}
        self.weights: dict[str, Array] = {}

    @property
    def wants_weights(self) -> bool:
        """Whether ∂L/∂W is defined: not if several cotangents are propagated for one sequence."""
        return self.rows == self.trace.batch

    def add_weight(self, name: str | None, gradient: Array) -> None:
        """Add to the gradient of a parameter, which several connections may share."""
        assert name is not None
        if name in self.weights:
            self.weights[name] = self.weights[name] + gradient
        else:
            self.weights[name] = gradient

    def gathered(self, name: str, part: Part) -> Timeline:
        """∂L/∂value of a layer as far as other parts have contributed to it."""
        if name not in self.values:
            shape = (self.rows, self.graph[name].size)
            self.values[name] = Timeline.zeros(self.steps, part.lead, part.trail, shape, self.dtype)
        return self.values[name]

    def opened(self, name: str, part: Part) -> Timeline:
        """The same with what losses or seeds contribute, and nothing where the layer is absent."""
        gathered = self.gathered(name, part)
        if name in self.at_value:
            seed = self.at_value[name]  # T steps from a loss; T + 1, with step 0, from a caller
            gathered.from_zero()[-len(seed) :] += seed
        silence(gathered.read(), self.graph[name], self.steps)
        return gathered

    def close(self, part: Part, delta: Array) -> None:
        """File a part: ∂L/∂a of its bank, and what its layers' initial states receive."""
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
                gradient.read()[...] *= mask
            self.initial[name] = frozen(initial)
            frozen(gradient.array)

    def exists(self, name: str) -> Array | None:
        """(T, B or 1, 1) factors 1 and 0: where a layer exists; None if everywhere."""
        mask, layer = self.trace.mask, self.graph[name]
        if mask is None and not layer.presence.absent(self.steps):
            return None
        exists = np.ones((self.steps, 1, 1), self.dtype) if mask is None else mask.astype(self.dtype)
        silence(exists, layer, self.steps)
        return exists


def _sources(trace: Trace, errors: Mapping[str, Array]) -> tuple[dict[str, Array], dict[str, Array]]:
    """Cotangents (T, B, size) of the losses at values and at pre-activations of their outputs."""
    at_value: dict[str, Array] = {}
    at_pre: dict[str, Array] = {}
    for name, gradient in errors.items():
        output = trace.graph.incoming(name)[0].source
        into = at_pre if LOSSES[trace.graph[name].activation].reads == "pre" else at_value
        into[output] = into[output] + gradient if output in into else gradient
    return at_value, at_pre


def _error_gradients(trace: Trace) -> dict[str, Array]:
    """What each loss layer hands back to its output, (T, B, size)."""
    gradients = {}
    for name in trace.errors:
        output, loss = trace.graph.incoming(name)[0].source, LOSSES[trace.graph[name].activation]
        gradient = loss.gradient(trace.pre[output], trace.values[output].read(), trace.targets[name])
        for layer in (name, output):
            silence(gradient, trace.graph[layer], trace.steps)
        if trace.mask is not None:
            gradient *= trace.mask
        gradients[name] = frozen(gradient)
    if not gradients:
        raise ValueError("There is no error to differentiate: give targets to forward, or seeds to backward.")
    return gradients


def _checked_seeds(trace: Trace, seeds: Mapping[str, Any]) -> dict[str, Array]:
    checked: dict[str, Array] = {}
    rows = {np.shape(seed)[1] if np.ndim(seed) == 3 else -1 for seed in seeds.values()}
    for name, seed in seeds.items():
        array, size = np.asarray(seed, trace.dtype), trace.graph[name].size
        fits = len(rows) == 1 and array.shape == (trace.steps + 1, *rows, size)
        if name not in trace.pre or not fits or (trace.batch != 1 and rows != {trace.batch}):
            raise ValueError(
                f"The seed for '{name}' has shape {array.shape}; a seed belongs to a computed layer and has the shape "
                f"({trace.steps + 1}, {trace.batch if trace.batch != 1 else 'C'}, {size}), the same C for all."
            )
        checked[name] = array
    if not checked:
        raise ValueError("No seed was given; name at least one layer.")
    return checked


def _all_at_once(part: Part, run: _Run) -> None:
    """A part without a cycle: ∂L/∂a for all steps in one go."""
    (name,) = part.bank
    trace, at_pre = run.trace, run.at_pre.get(name)
    reached = name in run.values or name in run.at_value
    gathered = run.opened(name, part)
    if reached or at_pre is None:
        activation = ACTIVATIONS[run.graph[name].activation]
        delta = activation.backward(trace.pre[name], trace.values[name].read(), gathered.read())
        if at_pre is not None:
            delta += at_pre
    else:
        delta = at_pre  # nothing but a loss at its pre-activation reads this layer
    exists = run.exists(name)
    if exists is not None:
        delta = delta * exists
    run.close(part, delta)


def _hand_on(part: Part, run: _Run) -> None:
    """Add up the weight gradients of a part and hand gradients on to the parts it reads."""
    delta = run.delta[part]
    owner = _owners(run.graph)
    for fused in (*part.outer, *part.inner):
        columns = delta[..., part.span(fused.targets)]
        if run.wants_weights:
            _add_matrix_gradients(run, fused, columns)
        if fused in part.outer and fused.source in owner:
            stack = np.concatenate([run.trace.parameters[c.weight] for c in fused.connections], axis=1)  # type: ignore[index]
            message = columns.reshape(-1, columns.shape[-1]) @ stack.T
            into = run.gathered(fused.source, owner[fused.source]).read(fused.delay)
            into += message.reshape(into.shape)
    if run.wants_weights:
        _add_bias_gradients(run, part, delta)
    for name in part.bank:
        for c in run.graph.incoming(name):
            if c.keeps_units:
                _hand_on_units(run, part, c, delta[..., part.spans[name]])


def _add_bias_gradients(run: _Run, part: Part, delta: Array) -> None:
    flat = delta.reshape(-1, part.width)
    sums = np.ones(len(flat), run.dtype) @ flat  # one product for all of them
    for name in part.bank:
        bias = run.graph[name].bias
        if bias is not None:
            run.add_weight(bias, sums[part.spans[name]])


def _add_matrix_gradients(run: _Run, fused: Fused, delta: Array) -> None:
    trace = run.trace
    if fused.source in trace.inputs:
        gradient = trace.inputs[fused.source].transposed_product(delta, fused.delay)
    else:
        read = trace.values[fused.source].read(fused.delay)
        gradient = read.reshape(-1, read.shape[-1]).T @ delta.reshape(-1, delta.shape[-1])
    start = 0
    for c in fused.connections:
        stop = start + run.graph[c.target].size
        run.add_weight(c.weight, gradient[:, start:stop])
        start = stop


def _hand_on_units(run: _Run, part: Part, c: Connection, delta: Array) -> None:
    """The share of an identity or diagonal connection."""
    owner, leaves = _owners(run.graph), c.source not in part.spans
    if c.weight is None and not (leaves and c.source in owner):
        return
    arriving = delta * others(run.trace, c) if run.graph[c.target].combine == "product" else delta
    if c.weight is not None and run.wants_weights:
        run.add_weight(c.weight, np.sum(arriving * run.trace.read(c), axis=(0, 1)))
    if leaves and c.source in owner:
        message = arriving if c.weight is None else arriving * run.trace.parameters[c.weight]
        run.gathered(c.source, owner[c.source]).read(c.delay)[...] += message


@lru_cache(maxsize=256)
def _owners(graph: Graph) -> Mapping[str, Part]:
    """The part that computes each layer."""
    return {name: part for part in schedule(graph) for name in part.bank}


class _Loop:
    """Buffers and program of one looped part, run against its time."""

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
        fed_before: frozenset[str],
    ) -> None:
        self.part, self.graph, self.steps, self.masked = part, graph, steps, masked
        self.carriers = carriers(graph, part, fed, fed_before)
        self.present = {name: graph[name].presence.steps(steps) for name in part.bank}
        self.coefficient = np.zeros((steps, batch, part.width), dtype)
        self.delta = np.zeros((steps, rows, part.width), dtype)
        self.carried = {
            name: Timeline.zeros(steps, part.lead, part.trail, (rows, graph[name].size), dtype)
            for name in part.bank
            if self.carriers.is_carried(name)
        }
        self.before = {name: np.zeros((steps, rows, graph[name].size), dtype) for name in fed_before}
        self.weights = {
            fused: np.zeros((sum(graph[n].size for n in fused.targets), graph[fused.source].size), dtype)
            for fused in part.inner
        }
        self.terms = {name: self._terms(name, batch, dtype) for name in self.carried}
        self.forward_values = {
            name: tuple(np.zeros((steps, batch, graph[name].size), dtype) for _ in range(2))
            for name in self.carriers.own_delta
        }
        self.program = self._written_out()

    def run(self, run: _Run) -> None:
        """Compute ∂L/∂value of what is carried and ∂L/∂a of the whole part, and file them in `run`."""
        self._load(run)
        for function, arguments in self.program:
            function(*arguments)
        self._unload(run)

    def _load(self, run: _Run) -> None:
        trace = run.trace
        for name, gradient in self.carried.items():
            gradient.array[...] = run.opened(name, self.part).array
        for name, seed in self.before.items():
            seed[...] = run.at_pre[name]
        for name, (a, y) in self.forward_values.items():
            a[...], y[...] = trace.pre[name], trace.values[name].read()
        for fused, stack in self.weights.items():
            np.concatenate([trace.parameters[c.weight].T for c in fused.connections], out=stack)  # type: ignore[index]
        self._load_coefficients(run)

    def _load_coefficients(self, run: _Run) -> None:
        """∂L/∂a of each layer as a multiple of the gradient that its parent carries."""
        trace, part = run.trace, self.part
        for name in reversed(part.component.layers):
            into = self.coefficient[..., part.spans[name]]
            exists = run.exists(name)
            if name in self.carriers.own_delta:
                into[...] = 1 if exists is None else exists
                continue
            activation = ACTIVATIONS[self.graph[name].activation]
            if self.carriers.is_carried(name):
                into[...] = 1
            else:
                outgoing = elementwise(self.graph, part, name)
                into[...] = self._message(trace, outgoing[0])
                for c in outgoing[1:]:
                    into += self._message(trace, c)
            if self.graph[name].activation != "identity":
                into *= activation.derivative(trace.pre[name], trace.values[name].read())  # type: ignore[misc]
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

    def _unload(self, run: _Run) -> None:
        part = self.part
        for names in neighbours(part.bank, {n: p for n, p in self.carriers.parent.items() if n not in self._filled}):
            carrier = self.carried[self.carriers.parent[names[0]]].read()
            for name in names:
                span = part.spans[name]
                np.multiply(self.coefficient[..., span], carrier, out=self.delta[..., span])
        for name, gradient in self.carried.items():
            run.values[name].array[...] = gradient.array
        run.close(part, self.delta.copy())

    # -- writing the program -------------------------------------------------------------------------------------

    @cached_property
    def _filled(self) -> frozenset[str]:
        """Layers whose ∂L/∂a the loop itself needs: targets of its matrices, and those that are no multiple."""
        return self.carriers.own_delta | {name for fused in self.part.inner for name in fused.targets}

    def _terms(self, name: str, batch: int, dtype: np.dtype[Any]) -> tuple[_Term, ...]:
        """Unit-by-unit contributions to a carried gradient, those from one carrier through one delay together."""
        by_carrier: dict[tuple[str, bool, int], list[Connection]] = {}
        for c in elementwise(self.graph, self.part, name):
            own = c.target in self.carriers.own_delta
            carrier = c.target if own else self.carriers.parent[c.target]
            by_carrier.setdefault((carrier, own, c.delay), []).append(c)
        return tuple(
            _Term(
                carrier,
                own,
                delay,
                tuple(group),
                None if self._passes_unchanged(group) else np.zeros((self.steps, batch, self.graph[name].size), dtype),
            )
            for (carrier, own, delay), group in by_carrier.items()
        )

    def _passes_unchanged(self, group: list[Connection]) -> bool:
        c, target = group[0], self.graph[group[0].target]
        plain = c.weight is None and target.combine == "sum" and not self.masked and len(group) == 1
        linear = target.activation == "identity" and self.carriers.is_carried(target.name)
        return plain and (linear or target.name in self.carriers.own_delta)

    def _written_out(self) -> list[Call]:
        part = self.part
        stages = [stage for name in reversed(part.component.layers) for stage in self._stages(name)]
        ends = part.component.direction * (1 - part.lead), part.component.direction * (self.steps + part.trail)
        first, last = min(ends) + min(part.component.lags), max(ends) + max(part.component.lags)
        calls: list[Call] = []
        for tick in range(last, first - 1, -1):
            for name, make in stages:
                t = part.step_at(tick, name)
                outside = not 1 <= t <= self.steps
                if t in self.present[name] or (outside and 1 - part.lead <= t <= self.steps + part.trail):
                    calls += make(t)
        return calls

    def _stages(self, name: str) -> Iterator[tuple[str, Callable[[int], list[Call]]]]:
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
            Timeline(self.delta[..., self.part.spans[term.carrier]], 0) if term.own else self.carried[term.carrier]
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
        seed = self.before.get(name)

        def calls(t: int) -> list[Call]:
            if not 1 <= t <= self.steps:
                return []
            into = delta[t - 1]
            made: list[Call] = [(_copy_backward, (backward_of, a[t - 1], y[t - 1], gradient.at(t), into))]
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
    """A contribution to a carried gradient: coefficient times what a carrier holds `delay` steps later."""

    carrier: str
    own: bool
    delay: int
    connections: tuple[Connection, ...]
    coefficient: Array | None


def _copy_backward(function: Callable[[Array, Array, Array], Array], a: Array, y: Array, g: Array, out: Array) -> None:
    out[...] = function(a, y, g)


_LOOPS = Pool(_Loop)
