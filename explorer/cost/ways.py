"""The ways of training a network on a sequence: what each holds, computes and gives up.

A way says how many slices it holds inside and out when it holds most, and how often it computes. What that is in bytes
and multiply–adds follows from one slice of the network (`explorer.cost.counts`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from explorer.cost.counts import FLOAT64, passes, slice_of
from explorer.cycles import components
from explorer.engine.excerpts import looks_ahead
from explorer.engine.storage import every, fewest_steps, held
from explorer.graph import Graph


@dataclass(frozen=True, slots=True)
class Work:
    """A network and a batch of sequences to be learnt from.

    Attributes
    ----------
    graph : Graph
    steps, batch : int
        T and B.
    window : int
        Steps of a piece, for truncated backpropagation.
    slots : int
        Slices that can be stored at once, for optimal checkpoints.
    """

    graph: Graph
    steps: int
    batch: int
    window: int
    slots: int


@dataclass(frozen=True, slots=True)
class Holds:
    """What is held when a way holds most, counted in slices.

    Attributes
    ----------
    insides : int
        Slices of which everything is held that is needed to differentiate them.
    states : int
        Slices of which only the state is held.
    sensitivities : bool
        Whether the derivatives of the units by all parameters are carried along.
    forward : int
        Steps computed forward, repetitions among them.
    backward : int
        Steps gone back over.
    stretches : int
        In how many goes, at most: each takes some time of its own, however short it is.
    """

    insides: int
    states: int
    forward: int
    backward: int
    stretches: int
    sensitivities: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """A way of training.

    Attributes
    ----------
    title : str
    holds : callable
        From a `Work` to what it `Holds`.
    is_exact : bool
        Whether it finds the gradient of the whole sequence.
    learns_online : bool
        Whether weights can change while the sequence is still being read.
    note : str
        Exact or online in which sense.
    bars : callable
        From a network to why it cannot be trained so, or None.
    """

    title: str
    holds: Callable[[Work], Holds]
    is_exact: bool
    learns_online: bool
    note: str
    bars: Callable[[Graph], str | None]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a way takes for some work.

    Attributes
    ----------
    holds : Holds
    numbers : int
        Numbers held at once, without weights and inputs.
    multiply_adds : int
    times_full : float
        Multiply–adds as a multiple of full backpropagation's.
    """

    holds: Holds
    numbers: int
    multiply_adds: int
    times_full: float

    @property
    def bytes(self) -> int:
        """In double precision."""
        return self.numbers * FLOAT64


def cost(name: str, work: Work) -> Cost:
    """What a way of `WAYS` takes, by formula.

    Examples
    --------
    >>> from explorer import architectures
    >>> work = Work(architectures.build("elman", inputs=3, hidden=2, outputs=3), 100, 1, window=10, slots=5)
    >>> {name: cost(name, work).numbers for name in WAYS}
    {'full': 1000, 'truncated': 102, 'sqrt': 118, 'optimal': 50, 'rtrl': 157, 'online': 12}
    >>> round(cost("sqrt", work).times_full, 2), cost("full", work).multiply_adds
    (1.34, 4200)
    """
    one, holds = slice_of(work.graph), WAYS[name].holds(work)
    numbers = holds.insides * one.inside + holds.states * one.state + holds.sensitivities * one.sensitivities
    forward, backward = passes(work.graph, work.steps)
    macs = (holds.forward * forward + holds.backward * backward) // work.steps
    macs += holds.sensitivities * work.steps * one.carried
    whole = forward + backward
    return Cost(holds, numbers * work.batch, macs * work.batch, macs / whole if whole else 1.0)


def refusal(name: str, graph: Graph) -> str | None:
    """Why a network cannot be trained in a way, if so."""
    return WAYS[name].bars(graph)


def costs(work: Work) -> dict[str, Cost]:
    """What every way takes in which the network can be trained, by formula.

    Examples
    --------
    >>> from explorer import architectures
    >>> graph = architectures.build("bidirectional", inputs=3, hidden=2, outputs=3)
    >>> list(costs(Work(graph, 100, 1, window=10, slots=5)))
    ['full']
    """
    return {name: cost(name, work) for name in WAYS if refusal(name, work.graph) is None}


def _nothing(graph: Graph) -> None:
    """Every network will do."""


def _loops_backward(graph: Graph) -> str | None:
    """A piece can be run from the state before it, unless a loop begins at the other end."""
    if any(component.direction < 0 for component in components(graph)):
        return "a loop runs backward in time, from the last step, so no state on the way there can be taken up again"
    return None


def _the_future(graph: Graph) -> str | None:
    """A step can be finished with, and learnt from, only if nothing that comes later is read."""
    if any(c.delay < 0 for c in graph.connections):
        return "something reads the future, so no step is finished before later ones are there"
    return None


def _full(work: Work) -> Holds:
    return Holds(work.steps, 0, work.steps, work.steps, 2)


def _truncated(work: Work) -> Holds:
    window = min(work.window, work.steps)
    return Holds(window, int(window < work.steps), work.steps, work.steps, 2 * -(-work.steps // window))


def _sqrt(work: Work) -> Holds:
    one, (moments, forward, runs, actions) = slice_of(work.graph), _kept_every(work.steps)
    states, insides = max(moments, key=lambda held: held[0] * one.state + held[1] * one.inside)
    ahead = _ahead(work.graph)
    insides, forward = min(insides + ahead, work.steps), forward + runs * ahead
    return Holds(insides, states, forward, work.steps, actions)


@lru_cache(maxsize=1024)
def _kept_every(steps: int) -> tuple[frozenset[tuple[int, int]], int, int, int]:
    """States and slices held together at some moment; the steps computed forward, in how many goes; and all actions."""
    moments = list(held(every(steps)))
    return (
        frozenset((len(m.states) - 1, sum(last - first + 1 for first, last in m.insides)) for m in moments),
        moments[-1].forward_steps,
        sum(1 for moment in moments if moment.ran),
        len(moments),
    )


def _ahead(graph: Graph) -> int:
    """Steps that a piece is run beyond its end; around a loop that runs backward there is no end to them."""
    return 0 if _loops_backward(graph) else looks_ahead(graph)


def _optimal(work: Work) -> Holds:
    slots = min(work.slots, work.steps)
    forward = fewest_steps(work.steps, slots)
    if slots == work.steps:
        return Holds(slots, 0, forward, work.steps, 2)
    # at worst all goes step by step, each with those that it looks ahead to
    each = 1 + _ahead(work.graph)
    return Holds(slots * each, 0, forward * each, work.steps, forward + work.steps)


def _rtrl(work: Work) -> Holds:
    return Holds(1, 0, work.steps, 0, 2 * work.steps, sensitivities=True)


def _online(work: Work) -> Holds:
    return Holds(1, 1, work.steps, work.steps, 2 * work.steps)


WAYS: Mapping[str, Way] = MappingProxyType(
    {
        "full": Way("Full BPTT", _full, True, False, "waits for the end of the sequence", _nothing),
        "truncated": Way(
            "Truncated BPTT",
            _truncated,
            False,
            True,
            "an update after each piece; nothing is learnt across pieces",
            _the_future,
        ),
        "sqrt": Way("√T checkpoints", _sqrt, True, False, "the same gradient to rounding", _loops_backward),
        "optimal": Way(
            "Optimal checkpoints",
            _optimal,
            True,
            False,
            "the same gradient to rounding; steps passed through find their place in slots that are free",
            _loops_backward,
        ),
        "rtrl": Way(
            "RTRL",
            _rtrl,
            True,
            True,
            "exact while the weights stand still; with an update at each step, what is carried is of older weights",
            _the_future,
        ),
        "online": Way(
            "Online, truncated to 1",
            _online,
            False,
            True,
            "an update at each step, from its own error alone: nothing is carried back across a delay",
            _the_future,
        ),
    }
)
"""Name in a link → the way of training."""
