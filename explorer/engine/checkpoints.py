"""Backpropagation through time without holding every step: less memory for some steps run again.

What is kept and what runs again is said by a list of actions (`explorer.engine.storage`); here it is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from explorer.engine import storage as storages
from explorer.engine.activations import Array
from explorer.engine.backward import backward
from explorer.engine.excerpts import Excerpts, Past
from explorer.engine.gradients import Gradients
from explorer.engine.storage import Action, Do, held
from explorer.engine.timeline import frozen
from explorer.engine.trace import Trace
from explorer.graph import Graph, ReadOnly


@dataclass(frozen=True, eq=False)
class Checkpointed:
    """A gradient found piece by piece, and what that took, counted while it ran.

    Attributes
    ----------
    weights : mapping of str to array
        ∂L/∂W, as from an ordinary backward pass.
    initial : mapping of str to array
        ∂L/∂(initial state) of the computed layers that are read across a delay, (B, size).
    loss : float
    actions : tuple of Action
        What was done, in this order.
    every : int
        Steps in the longest stretch whose inside was held as one.
    segments, stored_states : int
        How many stretches there were, and how many states were kept at once at most, beside the given one.
    forward_steps, extra_steps : int
        Forward steps that were computed, and how many of them beyond one for each step of the sequence.
    most_held : int
        What was held at once at most: kept states, the given one among them, and steps with their inside.
    most_bytes, whole_bytes : int
        What values and pre-activations took at most, the kept states and a stretch just run through among them, and
        what all steps at once take.
    """

    weights: Mapping[str, Array]
    initial: Mapping[str, Array]
    loss: float
    actions: tuple[Action, ...]
    every: int
    segments: int
    stored_states: int
    forward_steps: int
    extra_steps: int
    most_held: int
    most_bytes: int
    whole_bytes: int


def checkpointed(
    graph: Graph,
    parameters: Mapping[str, Array],
    inputs: Mapping[str, Any] | Any,
    targets: Mapping[str, Any] | Any,
    every: int | None = None,
    *,
    storage: Iterable[Action] | None = None,
    mask: Any = None,
    initial: Mapping[str, Any] | None = None,
    dtype: Any = np.float64,
) -> Checkpointed:
    """Differentiate L without ever holding all steps.

    Stretch by stretch, the last first: its inside is computed from a state that was kept, and differentiated together
    with what the steps after it hand back to its end.

    Parameters
    ----------
    graph, parameters, inputs, targets, mask, initial, dtype
        As for `explorer.engine.forward.forward`. No loop of the graph may run backward in time.
    every : int, optional
        Keep the state of every so many steps; ⌈√T⌉ if left out.
    storage : iterable of Action, optional
        What to keep instead: `explorer.engine.storage.full`, `every` and `optimal` make such lists.

    Raises
    ------
    GraphError, ValueError, NotFiniteError
        As from `forward`, and if the actions cannot be done or leave something undone.

    Examples
    --------
    >>> from explorer import architectures, backward, initialize
    >>> from explorer.engine.forward import forward
    >>> graph = architectures.build("elman", inputs=3, hidden=2, outputs=3)
    >>> weights, x, aims = initialize(graph, 0), np.arange(10).reshape(10, 1) % 3, np.ones((10, 1), int)
    >>> found = checkpointed(graph, weights, x, aims)
    >>> found.every, found.segments, found.stored_states, found.extra_steps, found.most_held
    (4, 3, 2, 6, 7)
    >>> expected = backward(forward(graph, weights, x, aims)).weights["W_hh"]
    >>> np.allclose(found.weights["W_hh"], expected, rtol=1e-12), found.most_bytes < found.whole_bytes
    (True, True)
    >>> found = checkpointed(graph, weights, x, aims, storage=storages.optimal(10, slots=3))
    >>> found.forward_steps, found.most_held
    (18, 4)
    """
    excerpts = Excerpts(graph, parameters, inputs, targets, mask, initial, dtype)
    actions = _checked_actions(storage, every, excerpts.steps)
    under_way = _Replay(excerpts, room=max(moment.steps_inside for moment in held(actions)))
    for action in actions:
        _DO[action.do](under_way, action)
        under_way.look()
    return under_way.finished(actions)


def _checked_actions(storage: Iterable[Action] | None, every: int | None, steps: int) -> tuple[Action, ...]:
    if storage is None:
        return storages.every(steps, every)
    if every is not None:
        raise ValueError(f"Both every={every} and a list of actions say what to keep; give one of them.")
    actions = tuple(storage)
    last = max(moment.back_to - 1 for moment in held(actions))
    if last != steps:
        raise ValueError(
            f"The actions are meant for {last} steps, but the sequence has {steps}; make them for {steps}."
        )
    return actions


class _Replay:
    """A gradient under way.

    Parameters
    ----------
    excerpts : Excerpts
    room : int
        Steps whose inside is held at once at most. A step that is only passed through has its layers too while it is
        run, so as many are run at once as there is room for just then.
    """

    def __init__(self, excerpts: Excerpts, room: int) -> None:
        self.excerpts, self.room = excerpts, room
        self.states: dict[int, Past] = {0: {}}
        self.insides: dict[tuple[int, int], Trace] = {}
        self.in_hand = self.states[0]
        self.handed: dict[str, Array] = {}  # ∂L/∂(in what follows the steps still to do), each like its `Past`
        self.weights: dict[str, Array] = {}
        self.initial: dict[str, Array] = {}
        self.loss = 0.0
        self.forward_steps = self.segments = self.longest = self.whole_bytes = 0
        self.steps_inside = self.bytes_now = 0  # held at this moment
        self.stored = self.held = self.bytes = 0  # held at most

    def advance(self, action: Action) -> None:
        """Run some steps, a few at a time."""
        at_once = max(1, self.room - self.steps_inside)
        for first in range(action.first, action.last + 1, at_once):
            last = min(first + at_once - 1, action.last)
            trace = self.excerpts.run_through(first, last, self.in_hand)
            self.in_hand = self.excerpts.past(trace, last - first + 1)
            self.bytes = max(self.bytes, self.bytes_now + _bytes(trace))
        self.forward_steps += action.last - action.first + 1

    def record(self, action: Action) -> None:
        """Run some steps and hold on to their inside."""
        trace, steps = self.excerpts.run(action.first, action.last, self.in_hand), action.last - action.first + 1
        self.insides[action.first, action.last] = trace
        self.in_hand = self.excerpts.past(trace, steps)
        self.forward_steps += steps
        self.segments, self.longest = self.segments + 1, max(self.longest, steps)
        self.steps_inside += steps
        self.bytes_now += _bytes(trace)
        self.whole_bytes += _bytes(trace)

    def back(self, action: Action) -> None:
        """Go back over recorded steps."""
        trace, steps = self.insides.pop((action.first, action.last)), action.last - action.first + 1
        gradients = backward(trace, self._seeds(trace, steps) or None, with_errors=True, steps=range(1, steps + 1))
        for name, gradient in gradients.weights.items():
            self.weights[name] = self.weights[name] + gradient if name in self.weights else gradient
        self.loss += sum(float(error[: steps + 1].sum(dtype=np.float64)) for error in trace.errors.values())
        self._hand_on(gradients, steps)
        self.steps_inside -= steps
        self.bytes_now -= _bytes(trace)

    def keep(self, action: Action) -> None:
        """Keep the state in hand."""
        self.states[action.first] = self.in_hand
        self.bytes_now += _bytes_of(self.in_hand)

    def take(self, action: Action) -> None:
        """Take up a state that is kept or can be read off an inside."""
        if action.first in self.states:
            self.in_hand = self.states[action.first]
            return
        (first, trace), *_ = [(first, trace) for (first, last), trace in self.insides.items() if last == action.first]
        self.in_hand = self.excerpts.past(trace, action.first - first + 1)

    def drop(self, action: Action) -> None:
        """Let go of a state."""
        self.bytes_now -= _bytes_of(self.states.pop(action.first))

    def look(self) -> None:
        """At what is held, while it is."""
        self.stored = max(self.stored, len(self.states) - 1)
        self.held = max(self.held, len(self.states) + self.steps_inside)
        self.bytes = max(self.bytes, self.bytes_now)

    def finished(self, actions: tuple[Action, ...]) -> Checkpointed:
        """Everything that was found and counted."""
        for name, gradient in self.handed.items():  # at step 0 and before there is the initial state
            self.initial[name] = self.initial[name] + gradient.sum(axis=0)
        return Checkpointed(
            weights=ReadOnly({name: frozen(gradient) for name, gradient in self.weights.items()}),
            initial=ReadOnly({name: frozen(gradient) for name, gradient in self.initial.items()}),
            loss=self.loss,
            actions=actions,
            every=self.longest,
            segments=self.segments,
            stored_states=self.stored,
            forward_steps=self.forward_steps,
            extra_steps=self.forward_steps - self.excerpts.steps,
            most_held=self.held,
            most_bytes=self.bytes,
            whole_bytes=self.whole_bytes,
        )

    def _seeds(self, trace: Trace, steps: int) -> dict[str, Array]:
        """What was handed back to the last steps of a stretch; the rest is meant for steps before it."""
        seeds = {}
        for name, handed in self.handed.items():
            seeds[name] = np.zeros((trace.steps + 1, *handed.shape[1:]), trace.dtype)
            reached = min(len(handed), steps)
            seeds[name][steps + 1 - reached : steps + 1] = handed[len(handed) - reached :]
        return seeds

    def _hand_on(self, gradients: Gradients, steps: int) -> None:
        """What a stretch hands back to the steps before it, and to the initial state that its padded steps hold."""
        for name in gradients.trace.graph.states:
            if name in gradients.initial:
                own = gradients.initial[name]
                self.initial[name] = self.initial[name] + own if name in self.initial else own
        handed = {}
        for name, n in self.excerpts.longest.items():
            before, _ = gradients.values[name].outside()
            handed[name] = before[len(before) - n :].copy()
            self.initial[name] = self.initial[name] - handed[name].sum(axis=0)  # counted with what it belongs to
            if name in self.handed and n > steps:
                handed[name][steps:] += self.handed[name][: n - steps]
        self.handed = handed


_DO: Mapping[Do, Callable[[_Replay, Action], None]] = MappingProxyType(
    {
        "advance": _Replay.advance,
        "record": _Replay.record,
        "back": _Replay.back,
        "keep": _Replay.keep,
        "take": _Replay.take,
        "drop": _Replay.drop,
    }
)


def _bytes(trace: Trace) -> int:
    """Of values and pre-activations at the steps 1 … T."""
    return sum(trace.pre[name].nbytes + trace.values[name].read().nbytes for name in trace.pre)


def _bytes_of(state: Past) -> int:
    return sum(array.nbytes for array in state.values())
