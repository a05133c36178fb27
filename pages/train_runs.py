"""Runs as a page plays them: trained on the server in short slices, or recorded before.

No thread and no endless loop: whoever looks at a run asks for its next slice, and only one of them at a time gets one.
"""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from time import perf_counter

from explorer.training.comparisons import RECORDED_SETS
from explorer.training.history import MOST_KEPT, History
from explorer.training.plan import Plan
from explorer.training.recorded import recorded

SLOW = 0.2
"""Seconds of one iteration above which the page says why it answers late: a slice cannot be shorter."""

SLICE = 0.04
"""Seconds of training between two looks at a run; a key that is pressed meanwhile waits so long at most."""

MOST_RUNS, MOST_BYTES = 32, 2**28
"""Runs that a server keeps, and the memory they may take together; those not looked at for longest go first."""

_TRAINING = Lock()


class Run(ABC):
    """One or two histories beside each other, and where one is in them.

    Attributes
    ----------
    histories : tuple of History
    is_running : bool
    """

    is_recorded = False

    def __init__(self, histories: Sequence[History]) -> None:
        self.histories = tuple(histories)
        self.is_running = False

    @property
    @abstractmethod
    def position(self) -> int:
        """The iteration to be shown if none is asked for."""

    @property
    @abstractmethod
    def is_over(self) -> bool:
        """Whether it can go no further."""

    @property
    @abstractmethod
    def seconds_left(self) -> float | None:
        """Until it is over, if nothing ends it before; None if there is no telling."""

    @abstractmethod
    def play(self, is_running: bool) -> None:
        """Go on, or pause."""

    @abstractmethod
    def step(self) -> None:
        """A little further, and pause."""

    @abstractmethod
    def advance(self, most: int | None) -> None:
        """Go on for a slice, or for so many iterations if they take less."""

    @property
    def plans(self) -> tuple[Plan, ...]:
        return tuple(history.plan for history in self.histories)

    @property
    def iteration(self) -> int:
        """How far the longer one has come."""
        return max(history.iteration for history in self.histories)

    @property
    def most(self) -> int:
        """Iterations after which it ends, if nothing ends it before."""
        return max(plan.recipe.iterations for plan in self.plans)

    @property
    def stops(self) -> list[int]:
        """Iterations that one can look at: the networks that were kept, and the latest."""
        kept = {one.iteration for history in self.histories for one in list(history.kept)}
        return sorted(kept | {self.iteration})


class Live(Run):
    """Trained here and now.

    Attributes
    ----------
    longest : float
        Seconds of the longest iteration of late, an examination included.
    """

    def __init__(self, plans: Sequence[Plan]) -> None:
        super().__init__([History(plan) for plan in plans])
        self._since: tuple[float, int] | None = None
        self.longest = 0.0
        with _TRAINING:
            for history in self.histories:
                history.advance()  # to the start, where it is examined

    @property
    def position(self) -> int:
        return self.iteration

    @property
    def is_over(self) -> bool:
        return all(history.is_over for history in self.histories)

    @property
    def size(self) -> int:
        """Bytes it may come to take."""
        return sum(4 * (MOST_KEPT + 4) * history.course.graph().parameter_count for history in self.histories)

    @property
    def seconds_left(self) -> float | None:
        """At the pace since it was last set going."""
        going = self._since  # another session may pause it right now
        if going is None:
            return None
        since, begun = going
        done, passed = self.iteration - begun, perf_counter() - since
        return (self.most - self.iteration) * passed / done if done and passed > 1 else None

    def play(self, is_running: bool) -> None:
        self.is_running = is_running and not self.is_over
        self._since = (perf_counter(), self.iteration) if self.is_running else None

    def step(self) -> None:
        """One iteration further, and pause."""
        self.play(False)
        with _TRAINING:
            for history in self.histories:
                history.advance()

    def advance(self, most: int | None) -> None:
        """Go on for a slice, or for so many iterations if they take less; not at all while somebody else trains."""
        if not _TRAINING.acquire(blocking=False):
            return
        try:
            until, last = perf_counter() + SLICE, self.iteration + (most or self.most)
            while perf_counter() < until:
                waiting = [history for history in self.histories if not history.is_over and history.iteration < last]
                if not waiting:
                    break
                began = perf_counter()
                min(waiting, key=lambda history: history.iteration).advance()
                self.longest = max(perf_counter() - began, 0.98 * self.longest)
        finally:
            _TRAINING.release()
        if self.is_over:
            self.play(False)


class Replay(Run):
    """Recorded: nothing is computed, the playhead moves over the networks that were kept."""

    is_recorded = True

    def __init__(self, name: str) -> None:
        super().__init__([recorded(one) for one in RECORDED_SETS[name].names])
        self.name = name
        self._stops = self.stops
        self._at = len(self._stops) - 1

    @property
    def position(self) -> int:
        return self._stops[self._at]

    @property
    def is_over(self) -> bool:
        return self._at == len(self._stops) - 1

    @property
    def seconds_left(self) -> float | None:
        return None

    def play(self, is_running: bool) -> None:
        """Go on, from the beginning if it is at the end, or pause."""
        if is_running and self.is_over:
            self._at = 0
        self.is_running = is_running

    def rewind(self) -> None:
        """Back to the first network."""
        self.is_running, self._at = False, 0

    def step(self) -> None:
        """One network further, and pause."""
        self.is_running = False
        self._at = min(self._at + 1, len(self._stops) - 1)

    def advance(self, most: int | None) -> None:
        """A network further, or several."""
        self._at = min(self._at + (1 if most == 1 else 2 if most else 5), len(self._stops) - 1)
        self.is_running = not self.is_over


class Registry:
    """The runs of a server."""

    def __init__(self) -> None:
        self._runs: OrderedDict[str, Live] = OrderedDict()
        self._lock = Lock()

    def start(self, plans: Sequence[Plan]) -> str:
        """A new run, going; the name it is found under."""
        run, name = Live(plans), secrets.token_urlsafe(9)
        run.play(True)
        with self._lock:
            self._runs[name] = run
            while len(self._runs) > 1 and (
                len(self._runs) > MOST_RUNS or sum(one.size for one in self._runs.values()) > MOST_BYTES
            ):
                self._runs.popitem(last=False)
        return name

    def find(self, name: str) -> Live | None:
        """A run, or None if it is not there any more."""
        with self._lock:
            if name in self._runs:
                self._runs.move_to_end(name)
            return self._runs.get(name)

    def drop(self, name: str) -> None:
        """Forget a run."""
        with self._lock:
            self._runs.pop(name, None)


REGISTRY = Registry()
"""One for the whole server: a module is loaded once, whoever looks."""
