"""Which states backpropagation through time keeps, which it lets go and computes again, as a list of actions.

A list says what to do and computes nothing: the engine follows it (`explorer.engine.checkpoints`), a page plays it,
and counting it needs no network. A *state* s is all that the steps after s need of those before; state 0 is given and
always there. The *inside* of a step is all that going back over it needs: values and pre-activations of every layer.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import comb, isqrt
from types import MappingProxyType
from typing import Literal, get_args

from explorer.graph import is_whole

Do = Literal["advance", "record", "back", "keep", "take", "drop"]


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do, with the steps or the one state that it is done to.

    Parameters
    ----------
    do : {"advance", "record", "back", "keep", "take", "drop"}
        *advance*: run the steps first … last from the state in hand, and have state `last` in hand afterwards.
        *record*: the same, and hold on to the inside of these steps.
        *back*: go back over steps recorded together, and let go of their inside.
        *keep*: keep the state in hand.
        *take*: take a state up again that is kept, or that ends a recorded stretch.
        *drop*: let go of a state that is kept.
    first, last : int
        Steps, counted from 1; for the last three, both the state.
    """

    do: Do
    first: int
    last: int


def full(steps: int) -> tuple[Action, ...]:
    """Everything is held: each step runs once.

    Examples
    --------
    >>> [(a.do, a.first, a.last) for a in full(5)]
    [('record', 1, 5), ('back', 1, 5)]
    """
    _whole(steps, "A sequence has", "steps")
    return Action("record", 1, steps), Action("back", 1, steps)


def every(steps: int, k: int | None = None) -> tuple[Action, ...]:
    """A state is kept every k steps, and each stretch but the last runs a second time (Chen et al. 2016).

    Parameters
    ----------
    steps : int
    k : int, optional
        ⌈√T⌉ if left out, for which the number of things held is least, kept states and steps with their inside counted
        alike. Where a state is much smaller than an inside, shorter stretches take fewer bytes. If k does not divide T,
        the first stretch is the short one: of the last, nothing runs twice.

    Examples
    --------
    >>> [(a.do, a.first, a.last) for a in every(4)]  # doctest: +NORMALIZE_WHITESPACE
    [('advance', 1, 2), ('keep', 2, 2), ('record', 3, 4), ('back', 3, 4), ('drop', 2, 2),
     ('take', 0, 0), ('record', 1, 2), ('back', 1, 2)]
    """
    _whole(steps, "A sequence has", "steps")
    if k is not None:
        _whole(k, "A stretch between two kept states has", "steps")
    length = isqrt(steps - 1) + 1 if k is None else k
    cuts = [0, *reversed(range(steps, 0, -length))]  # the states between which the stretches lie
    actions = []
    for start, end in pairwise(cuts[:-1]):
        actions += [Action("advance", start + 1, end), Action("keep", end, end)]
    for start, end in reversed([*pairwise(cuts)]):
        if end < steps:
            actions.append(Action("take", start, start))
        actions += [Action("record", start + 1, end), Action("back", start + 1, end)]
        if start:
            actions.append(Action("drop", start, start))
    return tuple(actions)


def optimal(steps: int, slots: int) -> tuple[Action, ...]:
    """Room for the inside of so many steps, used so that the fewest steps run again (Gruslys et al. 2016).

    Run y steps and record the last of them; treat what comes after it with one slot less, go back over it, and treat
    the y - 1 steps before it with all slots. Which y are best is known in closed form; among them one is taken that
    makes stretches of equal length, whose programs the engine has written out already.

    Examples
    --------
    >>> [(a.do, a.first, a.last) for a in optimal(3, 2)]  # doctest: +NORMALIZE_WHITESPACE
    [('advance', 1, 1), ('record', 2, 2), ('record', 3, 3), ('back', 3, 3), ('back', 2, 2),
     ('take', 0, 0), ('record', 1, 1), ('back', 1, 1)]
    """
    _whole(steps, "A sequence has", "steps")
    _whole(slots, "There is room for the inside of", "steps")
    actions: list[Action] = []
    waiting: list[Action | tuple[int, int, int]] = [(1, steps, slots)]  # stretches (first, last, slots) not yet treated
    while waiting:
        match waiting.pop():
            case Action() as action:
                actions.append(action)
            case first, last, free if last - first < free:
                actions += [Action("record", first, last), Action("back", first, last)]
            case first, last, free:
                y = _best_split(last - first + 1, free)
                at = first + y - 1
                if y > 1:
                    actions.append(Action("advance", first, at - 1))
                    waiting += [(first, at - 1, free), Action("take", first - 1, first - 1)]
                actions.append(Action("record", at, at))
                waiting.append(Action("back", at, at))
                if at < last:
                    waiting.append((at + 1, last, free - 1))
    return tuple(actions)


def fewest_steps(steps: int, slots: int) -> int:
    """D(t, m): forward steps that backpropagation through t steps takes with room for the inside of m of them.

    D(t, m) = min over y of y + D(t - y, m - 1) + D(y - 1, m), and D(t, m) = t for t ≤ m. At most C(m + i, m) - 1 steps
    can be gone back over if each runs i times at most, so all others run once more: summed up over i, that is D.

    Examples
    --------
    >>> [fewest_steps(10, m) for m in (1, 2, 3, 10)], fewest_steps(1000, 50)
    ([55, 24, 18, 10], 1950)
    """
    total = runs = 0
    while (done := _reach(slots, runs)) < steps:
        total, runs = total + steps - done, runs + 1
    return total


STORAGES: Mapping[str, Callable[..., tuple[Action, ...]]] = MappingProxyType(
    {"full": full, "sqrt": every, "optimal": optimal}
)
"""Ways to store by name: each takes the number of steps, the last two what they have room for too."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What is there after an action.

    Attributes
    ----------
    action : Action
    at : int
        The state in hand.
    states : tuple of int
        Kept states, the given one first.
    insides : tuple of (int, int)
        First and last step of the stretches whose inside is held.
    ran, again : range
        Steps that this action has run, and those of them that had been run before.
    forward_steps : int
        Steps run so far.
    back_to : int
        All steps from this one on have been gone back over.
    """

    action: Action
    at: int
    states: tuple[int, ...]
    insides: tuple[tuple[int, int], ...]
    ran: range
    again: range
    forward_steps: int
    back_to: int

    @property
    def steps_inside(self) -> int:
        """Steps whose inside is held."""
        return sum(last - first + 1 for first, last in self.insides)

    @property
    def held(self) -> int:
        """Kept states, the given one among them, and steps whose inside is held."""
        return len(self.states) + self.steps_inside


def held(actions: Iterable[Action]) -> Iterator[Moment]:
    """What is held after each action of a list.

    A ValueError says which action cannot be done where it stands, or what is left to do at the end.

    Examples
    --------
    >>> for moment in held(every(4)):
    ...     print(f"{moment.action.do:7} {moment.states} {moment.insides} {list(moment.again)} {moment.held}")
    advance (0,) () [] 1
    keep    (0, 2) () [] 2
    record  (0, 2) ((3, 4),) [] 4
    back    (0, 2) () [] 2
    drop    (0,) () [] 1
    take    (0,) () [] 1
    record  (0,) ((1, 2),) [1, 2] 3
    back    (0,) () [] 1
    """
    actions = tuple(actions)
    steps = max((action.last for action in actions if action.do == "back"), default=0)
    if not steps:
        raise ValueError("These actions go back over nothing; record steps and go back over them.")
    at, furthest, forward_steps, back_to = 0, 0, 0, steps + 1
    states: dict[int, None] = {0: None}
    insides: dict[tuple[int, int], None] = {}
    for action in actions:
        if complaint := _complaint(action, at, states, insides, back_to):
            raise ValueError(complaint)
        ran, stretch = range(0), (action.first, action.last)
        match action.do:
            case "advance" | "record":
                ran, at = range(action.first, action.last + 1), action.last
                if action.do == "record":
                    insides[stretch] = None
            case "back":
                del insides[stretch]
                back_to = action.first
            case "keep":
                states[at] = None
            case "take":
                at = action.first
            case "drop":
                del states[action.first]
        forward_steps += len(ran)
        again = ran[: max(0, furthest + 1 - action.first)]
        furthest = max(furthest, at)
        yield Moment(action, at, tuple(states), tuple(insides), ran, again, forward_steps, back_to)
    if back_to > 1:
        raise ValueError(
            f"These actions end before the steps 1 … {back_to - 1} are gone back over; add what is missing."
        )
    if insides:
        raise ValueError(f"These actions end with the inside of {_listed(insides)} held; go back over every step once.")


def _complaint(
    action: Action, at: int, states: Iterable[int], insides: Iterable[tuple[int, int]], back_to: int
) -> str | None:
    """Why an action cannot be done, if it cannot."""
    do, first, last = action.do, action.first, action.last
    if do not in get_args(Do):
        return f"There is no action '{do}'; it can be {', '.join(get_args(Do))}."
    if not (is_whole(first) and is_whole(last) and 0 <= first <= last):
        return f"'{do}' was given {first!r} and {last!r}: whole numbers are needed, the first not after the last."
    match do:
        case "advance" | "record" if at != first - 1:
            return (
                f"Step {first} runs from state {first - 1}, but state {at} is in hand; take up state {first - 1} first."
            )
        case "record" if any(first <= end and start <= last for start, end in insides):
            return f"Steps {first} … {last} are recorded while {_listed(insides)} is held; go back over that first."
        case "advance" | "record" if last >= back_to:
            return f"Steps {first} … {last} are run, but from step {back_to} on all are done; leave that out."
        case "back" if (first, last) not in insides:
            return f"The inside of steps {first} … {last} is not held, but {_listed(insides)}; record them together."
        case "back" if last != back_to - 1:
            return f"Step {back_to - 1} is the next to go back over, not step {last}; start from the end."
        case "keep" if first != last or first != at or at in states:
            return f"State {first} cannot be kept: state {at} is in hand, and kept are {_listed(states)}."
        case "take" if first != last or not (first in states or any(first == end for _, end in insides)):
            return f"State {first} cannot be taken up: kept are {_listed(states)}, and held is {_listed(insides)}."
        case "drop" if first != last or first == 0 or first not in states:
            return f"State {first} cannot be let go: kept are {_listed(states)}, of which 0 is given."
    return None


def _listed(held: Iterable[int | tuple[int, int]]) -> str:
    """States, or stretches."""
    return ", ".join(str(one) if isinstance(one, int) else f"{one[0]} … {one[1]}" for one in held) or "nothing"


def _reach(slots: int, runs: int) -> int:
    """Most steps that can be gone back over with so many slots if each runs so often at most; -1 for less than 0."""
    return comb(slots + runs, slots) - 1 if runs >= 0 else -1


def _best_split(steps: int, slots: int) -> int:
    """The y of `optimal`, for more steps than slots."""
    runs = bisect_left(range(1, steps), steps, key=lambda r: _reach(slots, r)) + 1
    rest = steps - 1
    least = max(_reach(slots, runs - 2), rest - _reach(slots - 1, runs), 0)
    most = min(_reach(slots, runs - 1), rest - _reach(slots - 1, runs - 1))
    power = 1 << most.bit_length() >> 1
    return 1 + (power if power >= least else most)


def _whole(number: int, what: str, of: str) -> None:
    if not is_whole(number) or number < 1:
        raise ValueError(f"{what} a whole number of {of}, at least 1; {number!r} was given.")
