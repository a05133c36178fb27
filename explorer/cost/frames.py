"""The ways of training as a film over the slices: at every moment what is kept, dropped, computed again or done with.

The actions are those that the engine follows (`explorer.engine.storage`); here they are taken apart into single steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from explorer.cost.counts import computed, furthest
from explorer.cost.ways import Work
from explorer.engine.storage import Action, every, full, optimal

WAITING, RUNNING, INSIDE, AGAIN, STATE, DROPPED, DONE = "wriasxd"
CODES: Mapping[str, str] = MappingProxyType(
    {
        WAITING: "not yet computed",
        RUNNING: "passing",
        INSIDE: "kept whole",
        AGAIN: "computed again",
        STATE: "state kept",
        DROPPED: "dropped",
        DONE: "freed",
    }
)
"""One letter for what has become of a slice → what that is called."""

Do = tuple[str, int, int]
"""What is done, and to which steps: the first and the last."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One moment.

    Attributes
    ----------
    slices : str
        A letter of `CODES` for every slice; or a digit, if all that is kept of it are the layers which a state so many
        slices later consists of too, because they are read across a longer delay.
    t : int
        The slice at which something has just happened, 0 for the given initial state.
    insides, states : int
        Slices that are kept whole, and kept states of others.
    forward : int
        Steps computed forward so far.
    says : str
    """

    slices: str
    t: int
    insides: int
    states: int
    forward: int
    says: str


def film(name: str, work: Work) -> tuple[Frame, ...]:
    """All moments of one pass over a sequence, the first before anything has happened.

    Examples
    --------
    >>> from explorer import architectures
    >>> work = Work(architectures.build("elman", inputs=3, hidden=2, outputs=3), 4, 1, window=2, slots=2)
    >>> [frame.slices for frame in film("truncated", work)]
    ['wwww', 'iwww', 'iiww', 'iiww', 'isww', 'dsww', 'dsiw', 'dsii', 'dsid', 'dsdd', 'dddd']
    """
    return tuple(_Film(work).frames(_ACTIONS[name](work)))


def opening(frames: Sequence[Frame]) -> int:
    """The moment at which there is most to see: on the way back, with most held of those when something runs again.

    Where nothing runs again, the middle of the way back; 0 if there is none.

    Examples
    --------
    >>> from explorer import architectures
    >>> work = Work(architectures.build("elman", inputs=3, hidden=2, outputs=3), 9, 1, window=2, slots=2)
    >>> frames = film("sqrt", work)
    >>> frames[opening(frames)].slices, frames[opening(frames)].says
    ('xxsaaaddd', 'Step 6 is computed again and kept whole.')
    """
    back = [number for number, frame in enumerate(frames) if DONE in frame.slices]
    again = [number for number in back if AGAIN in frames[number].slices]
    if again:
        return max(again, key=lambda number: frames[number].insides + frames[number].states)
    return back[len(back) // 2] if back else 0


class _Film:
    """What has become of every slice, while the actions of a way are followed."""

    def __init__(self, work: Work) -> None:
        self.slices = [WAITING] * work.steps
        self.kept: set[int] = set()
        self.seen: set[int] = set()
        self.gone: set[int] = set()
        self.forward = 0
        # a state is as many slices deep as it is still read; slices further back have no digit
        deepest = max((furthest(work.graph, layer.name) for layer in computed(work.graph)), default=0)
        self.depth = min(max(deepest, 1), 10)

    def frames(self, actions: Iterable[Do]) -> Iterator[Frame]:
        """One before anything has happened, then one for every step of every action."""
        yield self._frame(0, "Nothing is computed yet.")
        for do, first, last in actions:
            act, order = _DOES[do]
            for t in range(first, last + 1)[::order]:
                yield self._frame(t, act(self, t))

    def _frame(self, t: int, says: str) -> Frame:
        slices = "".join(self._shown(step) for step in range(1, len(self.slices) + 1))
        insides = slices.count(INSIDE) + slices.count(AGAIN)
        states = sum(1 for step in self.kept if slices[step - 1] == STATE)
        return Frame(slices, t, insides, states, self.forward, says)

    def _shown(self, step: int) -> str:
        """What is kept whole needs no state of its own."""
        code = self.slices[step - 1]
        if code not in (RUNNING, DROPPED, DONE):
            return code
        ahead = next((ahead for ahead in range(self.depth) if step + ahead in self.kept), None)
        return code if ahead is None else str(ahead) if ahead else STATE

    def _run(self, t: int, code: str) -> None:
        self.forward += 1
        self.slices = [DROPPED if was == RUNNING else was for was in self.slices]
        self.slices[t - 1] = code
        self.seen.add(t)

    def advance(self, t: int) -> str:
        """Run a step of which only the state goes on."""
        is_again = t in self.seen
        self._run(t, RUNNING)
        return f"Forward through step {t}{' again' * is_again}: only its state goes on to the next."

    def record(self, t: int) -> str:
        """Run a step and keep all of it."""
        is_again = t in self.seen
        self._run(t, AGAIN if is_again else INSIDE)
        return f"Step {t} is computed again and kept whole." if is_again else f"Step {t} is computed and kept whole."

    def back(self, t: int) -> str:
        """Differentiate a step."""
        self.slices = [DROPPED if was == RUNNING else was for was in self.slices]
        self.slices[t - 1] = DONE
        self.gone.add(t)
        return f"Back over step {t}: its gradient is added, and it is freed."

    def keep(self, t: int) -> str:
        """Store the state after a step."""
        self.kept.add(t)
        return f"The state after step {t} is kept."

    def take(self, t: int) -> str:
        """Go on from a state that is there."""
        self.slices = [DROPPED if was == RUNNING else was for was in self.slices]
        return f"On from the state after step {t}." if t else "On from the given initial state."

    def drop(self, t: int) -> str:
        """Let a stored state go."""
        self.kept.discard(t)
        return f"The state after step {t} is needed no more."

    def carry(self, t: int) -> str:
        """Run a step with the derivatives of its units by all parameters; the step before is needed no more."""
        self._run(t, INSIDE)
        for before in range(1, t - self.depth + 1):
            self.slices[before - 1] = DONE
        return f"Step {t}: its derivatives by every weight are carried along, and its gradient is added at once."


_DOES: Mapping[str, tuple[Callable[[_Film, int], str], int]] = MappingProxyType(
    {
        "advance": (_Film.advance, 1),
        "record": (_Film.record, 1),
        "back": (_Film.back, -1),
        "keep": (_Film.keep, 1),
        "take": (_Film.take, 1),
        "drop": (_Film.drop, 1),
        "carry": (_Film.carry, 1),
    }
)
"""What is done → how, and whether a run of steps is taken upwards or downwards."""


def _pieces(steps: int, window: int) -> Iterator[Do]:
    """Truncated: each piece by itself, from the state in which the one before has ended."""
    for first in range(1, steps + 1, window):
        last = min(first + window - 1, steps)
        yield "record", first, last
        if last < steps:
            yield "keep", last, last
        yield "back", first, last
        if first > 1:
            yield "drop", first - 1, first - 1


def _of_engine(actions: Iterable[Action]) -> Iterator[Do]:
    return ((action.do, action.first, action.last) for action in actions)


_ACTIONS: Mapping[str, Callable[[Work], Iterable[Do]]] = MappingProxyType(
    {
        "full": lambda work: _of_engine(full(work.steps)),
        "truncated": lambda work: _pieces(work.steps, work.window),
        "sqrt": lambda work: _of_engine(every(work.steps)),
        "optimal": lambda work: _of_engine(optimal(work.steps, min(work.slots, work.steps))),
        "rtrl": lambda work: (("carry", t, t) for t in range(1, work.steps + 1)),
        "online": lambda work: _pieces(work.steps, 1),
    }
)
