"""What a run of training leaves behind: its curves, and networks kept on the way so that one can look back."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from explorer.engine.activations import Array
from explorer.tasks.registry import TASKS
from explorer.tasks.task import Task
from explorer.training.course import Course, DivergedError, Snapshot
from explorer.training.layout import Layout
from explorer.training.plan import Plan

__all__ = ["MOST_KEPT", "History", "Kept", "Plan"]

MOST_KEPT = 128


@dataclass(frozen=True, eq=False)
class Kept:
    """A network as it was at one moment of its training, to look at.

    Attributes
    ----------
    iteration : int
    layout : Layout
    vector : array
        Every weight.
    norms : mapping of str to float
        ‖∂L/∂W‖ of each parameter in the last batch.
    """

    iteration: int
    layout: Layout
    vector: Array
    norms: Mapping[str, float]

    @cached_property
    def parameters(self) -> Mapping[str, Array]:
        """The weights by name, read-only."""
        return self.layout.parameters(self.vector)


@dataclass(eq=False)
class History:
    """A run so far.

    Attributes
    ----------
    plan : Plan
    tasks : mapping of str to Task
        Where the plan's task is found.
    losses, gradient_norms : list of float
        Mean error of an answer, and length of the gradient before clipping, of the steps 1, 2 …
    examinations : list of (int, float)
        Iteration and score.
    kept : list of Kept
        At most 128, evenly over the run, the first among them.
    latest : Snapshot or None
    diverged : str
        What to say about a run whose numbers left their range; empty for any other.
    distance : int
        Iterations between two kept networks.
    """

    plan: Plan
    tasks: Mapping[str, Task] = field(default_factory=lambda: TASKS, repr=False)
    losses: list[float] = field(default_factory=list)
    gradient_norms: list[float] = field(default_factory=list)
    examinations: list[tuple[int, float]] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    latest: Snapshot | None = None
    diverged: str = ""
    distance: int = 1

    @cached_property
    def course(self) -> Course:
        """What is trained, and how; its own, so that no number of other runs can make it be built again."""
        return self.plan.course_in(self.tasks)

    @property
    def iteration(self) -> int:
        """Steps of training taken."""
        return len(self.losses)

    @property
    def is_over(self) -> bool:
        """Whether the run goes no further."""
        return bool(self.diverged) or (self.latest is not None and self.latest.end is not None)

    def advance(self) -> None:
        """One step of training further, or to the start if nothing was done yet; a run that diverges says so."""
        if self.is_over:
            return
        try:
            self.add(self.course.first() if self.latest is None else self.course.after(self.latest))
        except DivergedError as error:
            self.diverged = str(error)

    def extend(self, iterations: int) -> None:
        """Let the run go on for so many iterations in all, or end earlier than was planned."""
        self.plan = replace(self.plan, recipe=replace(self.plan.recipe, iterations=iterations))
        vars(self).pop("course", None)
        if self.latest is not None and self.latest.end != "solved":
            self.latest = replace(self.latest, end="finished" if self.iteration >= iterations else None)

    def add(self, snapshot: Snapshot) -> None:
        """Take in the next snapshot of the run.

        Whoever looks at the same time finds everything that belongs to the iteration it is at: losses, by which
        iterations are counted, come last.
        """
        if snapshot.iteration % self.distance == 0:
            self.kept.append(Kept(snapshot.iteration, snapshot.layout, snapshot.vector, snapshot.norms))
        if len(self.kept) > MOST_KEPT:
            self.distance *= 2
            self.kept = [one for one in self.kept if one.iteration % self.distance == 0]
        if snapshot.score is not None:
            self.examinations.append((snapshot.iteration, snapshot.score))
        self.latest = snapshot
        if snapshot.iteration:
            self.gradient_norms.append(snapshot.gradient_norm)
            self.losses.append(snapshot.loss)

    def at(self, iteration: int) -> Kept:
        """The network kept last before an iteration, or at it; the very latest if that is asked for.

        Raises
        ------
        ValueError
            If the run has not begun, or could not.
        """
        latest, kept = self.latest, self.kept  # both may be replaced meanwhile by whoever trains
        if latest is None:
            raise ValueError(self.diverged or "The run has not begun, so there is no network to look at.")
        if iteration >= latest.iteration:
            return Kept(latest.iteration, latest.layout, latest.vector, latest.norms)
        found = bisect_right(kept, iteration, key=lambda one: one.iteration)
        return kept[max(0, found - 1)]
