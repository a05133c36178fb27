"""The forward pass of any delay graph.

Whatever lies outside a cycle is computed for all steps at once. A part with a cycle is a loop over time (see
`explorer.engine.forward_loop`). Results are copied out of its workspace, so a `Trace` never changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from explorer.engine.activations import ACTIVATIONS, Array
from explorer.engine.existence import is_present, silence
from explorer.engine.forward_loop import ForwardLoop
from explorer.engine.inputs import (
    checked_dtype,
    checked_initial,
    checked_inputs,
    checked_parameters,
    checked_targets,
)
from explorer.engine.losses import LOSSES
from explorer.engine.schedule import Fused, Part, schedule
from explorer.engine.stacks import Stacks
from explorer.engine.timeline import Timeline, frozen
from explorer.engine.trace import NotFiniteError, Readings, Trace
from explorer.engine.workspace import Pool
from explorer.graph import Graph, ReadOnly


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
    NotFiniteError
        (A ValueError.) If the numbers grow beyond the range of their type; the message names the layer and the step.

    Examples
    --------
    >>> from explorer import architectures, parameters
    >>> graph = architectures.build("elman", inputs=3, hidden=2, outputs=3)
    >>> weights = parameters.initialize(graph, seed=0)
    >>> trace = forward(graph, weights, np.array([[0], [2], [1]]), targets=np.array([[2], [1], [0]]))
    >>> trace["h"].shape, trace.errors["E"].shape
    ((4, 1, 2), (4, 1))
    """
    schedule(graph)  # says what is wrong with the network, if anything is
    dtype = checked_dtype(dtype)
    given, row_mask, steps, batch = checked_inputs(graph, inputs, mask, dtype)
    weights = checked_parameters(graph, parameters, dtype)
    start = checked_initial(graph, initial, batch, dtype)
    aims = checked_targets(graph, targets, steps, batch, dtype)
    return run(Readings(graph, weights, steps, batch, dtype, given, aims, row_mask, {}), Beginning(start))


@dataclass(frozen=True, eq=False)
class Beginning:
    """Where a forward pass sets out from.

    Attributes
    ----------
    initial : mapping of str to array
        Initial states, (size,) or (B, size); zeros where none is given.
    past : mapping of str to array
        By layer, its last values before step 1, (n, B, size), if the steps are a piece of a longer sequence.
    before : int
        How many steps of it came before.
    """

    initial: Mapping[str, Array]
    past: Mapping[str, Array] = field(default_factory=dict)
    before: int = 0


def run(given: Readings, beginning: Beginning) -> Trace:
    """Run a network on what has been checked already.

    Parameters
    ----------
    given : Readings
        What it is run on; nothing is computed yet.
    beginning : Beginning

    Raises
    ------
    NotFiniteError
        As from `forward`.
    """
    under_way = _ForwardPass(**(vars(given) | {"values": {}}), pre={}, beginning=beginning)
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows is looked for, and refused in a sentence
        for part in schedule(given.graph):
            if part.looped:
                _loop_through(part, under_way)
            else:
                _compute_at_once(part, under_way)
        return under_way.finished()


@dataclass(frozen=True, eq=False)
class _ForwardPass(Readings):
    """A forward pass under way: what is computed so far, and where it sets out from."""

    values: dict[str, Timeline]
    pre: dict[str, Array]
    beginning: Beginning

    def product(self, fused: Fused, stack: Array) -> Array:
        """Value of the source at steps 1 … T, times the stacked weights: (T, B, columns)."""
        if fused.source in self.inputs:
            return self.inputs[fused.source].product(stack, fused.delay)
        read = self.values[fused.source].read(fused.delay)
        return (read.reshape(-1, read.shape[-1]) @ stack).reshape(self.steps, self.batch, -1)

    def fill_from_outside(self, part: Part, stacks: Stacks, pre: Array) -> None:
        """Fill a bank with bias and everything that comes from other parts, for all steps."""
        pre[...] = stacks.offset
        for fused in part.outer:
            into = pre[..., part.span(fused.targets)]
            into += self.product(fused, stacks.weights[fused])
        for name in part.bank:
            own = pre[..., part.spans[name]]
            for c in self.graph.incoming(name):
                if c.source in part.spans or not c.keeps_units:
                    continue
                if self.graph[name].combine == "product":
                    own *= self.operand(c)
                else:
                    own += self.operand(c) * stacks.forms[name].scale
            silence(own, is_present(self.graph[name].presence, self.steps))

    def keep(self, name: str, value: Timeline, pre: Array) -> None:
        """Fill in what is not computed (initial state, absent and padded steps) and keep a layer's result."""
        state = self.beginning.initial.get(name, 0)
        value.begin(state, self.beginning.past.get(name))
        if self.mask is not None:
            np.copyto(value.read(), state, where=~self.mask)
        silence(value.read(), is_present(self.graph[name].presence, self.steps))
        frozen(value.array)
        self.values[name], self.pre[name] = value, frozen(pre)

    def finished(self) -> Trace:
        """The errors too, and nothing that can still be changed."""
        return Trace(
            graph=self.graph,
            parameters=ReadOnly(self.parameters),
            steps=self.steps,
            batch=self.batch,
            dtype=self.dtype,
            inputs=ReadOnly(self.inputs),
            targets=ReadOnly(self.targets),
            mask=self.mask,
            values=ReadOnly(self.values),
            pre=ReadOnly(self.pre),
            errors=ReadOnly(
                {n.name: self._error(n.name) for n in self.graph.with_role("loss") if n.name in self.targets}
            ),
        )

    def _error(self, name: str) -> Array:
        """E_t of a loss layer: (T + 1, B), 0 where it is absent or padded."""
        output = self.graph.incoming(name)[0].source
        measure = LOSSES[self.graph[name].activation].function
        error = np.zeros((self.steps + 1, self.batch), self.dtype)
        error[1:] = measure(self.pre[output], self.values[output].read(), self.targets[name])
        for layer in (name, output):
            silence(error[1:, :, None], self.exists(layer))
        if not np.isfinite(error).all():
            step = int(np.argwhere(~np.isfinite(error))[0, 0])
            raise self.overflow(name, step)
        return frozen(error)

    def overflow(self, name: str, step: int) -> NotFiniteError:
        """What to say of a number that is not finite."""
        step += self.beginning.before
        return NotFiniteError(
            f"'{name}' grows beyond the largest {self.dtype} number at step {step}; give smaller weights or inputs, "
            "fewer steps or a bounded activation.",
            step,
        )


def _compute_at_once(part: Part, under_way: _ForwardPass) -> None:
    """A part without a cycle: one product over all steps."""
    (name,) = part.bank
    graph, steps, batch, dtype = under_way.graph, under_way.steps, under_way.batch, under_way.dtype
    pre = np.empty((steps, batch, part.width), dtype)
    with _STACKS.borrow(part, graph, dtype) as stacks:
        stacks.fill(under_way.parameters)
        under_way.fill_from_outside(part, stacks, pre)
    value = Timeline.zeros(steps, part.lead, part.trail, (batch, part.width), dtype)
    value.read()[...] = ACTIVATIONS[graph[name].activation].function(pre)
    _refuse_overflow(part, pre, value, under_way)
    under_way.keep(name, value, pre)


def _loop_through(part: Part, under_way: _ForwardPass) -> None:
    """A part with a cycle: what comes from outside for all steps at once, the rest step by step."""
    graph, mask = under_way.graph, under_way.mask
    with _LOOPS.borrow(part, graph, under_way.steps, under_way.batch, under_way.dtype, mask is not None) as loop:
        loop.fill(under_way.parameters, mask)
        loop.begin(under_way.beginning.initial, under_way.beginning.past)
        under_way.fill_from_outside(part, loop.stacks, loop.pre.columns(slice(0, part.width)))
        pre, value = loop.run()
        _refuse_overflow(part, pre, value, under_way)
        for name in part.bank:
            under_way.keep(name, *loop.layer(name, pre, value))


def _refuse_overflow(part: Part, pre: Array, value: Timeline, under_way: _ForwardPass) -> None:
    """Complain about the first copy of a layer that is not finite, in the order of computation."""
    if _all_finite(pre) and _all_finite(value.array):
        return
    bad = ~np.isfinite(pre) | ~np.isfinite(value.read())
    direction, lags = part.component.direction or 1, part.component.lags
    found = [
        (direction * t + lags[name], place, name, t)
        for place, name in enumerate(part.component.layers)
        for t in (1 + np.flatnonzero(bad[..., part.spans[name]].any(axis=(1, 2)))).tolist()
    ]
    _, _, name, t = min(found)
    raise under_way.overflow(name, t)


def _all_finite(array: Array) -> bool:
    flat = array.reshape(-1)
    # a sum of squares is finite only if all of them are, and quicker than a look at each; it may overflow by itself
    return bool(np.isfinite(flat.dot(flat)) or np.isfinite(flat).all())


_LOOPS = Pool(ForwardLoop)
_STACKS = Pool(Stacks)
