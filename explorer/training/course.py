"""Training as a chain of immutable snapshots: each follows from the one before, and no screen is known here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import isfinite, nan
from typing import Literal

import numpy as np

from explorer.architectures import architecture
from explorer.engine.activations import Array
from explorer.engine.answering import answer
from explorer.engine.forward import forward
from explorer.engine.learning import Learnt, learn_from
from explorer.engine.timeline import frozen
from explorer.engine.trace import NotFiniteError, Trace
from explorer.engine.truncation import truncated
from explorer.graph import Graph
from explorer.tasks.problem import Batch, Problem
from explorer.tasks.recipe import Blueprint, Recipe
from explorer.training.layout import Layout
from explorer.training.optimizers import OPTIMIZERS, Moments

End = Literal["solved", "stalled", "finished"]


class DivergedError(ValueError):
    """A run whose numbers have left the range of their type; the message says where and what to try.

    Attributes
    ----------
    iteration : int
        The step of training that could not be taken.
    """

    def __init__(self, message: str, iteration: int) -> None:
        super().__init__(message)
        self.iteration = iteration


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A network at one moment of its training, with all that is needed to go on from there.

    Attributes
    ----------
    iteration : int
        Steps of training taken; 0 before the first.
    layout : Layout
    vector : array
        Every weight, float32.
    moments : tuple of array
        What the optimiser remembers.
    gradient : array
        ∂L/∂θ of the mean error of an answer in the last batch, before clipping.
    loss : float
        That mean error; not a number before the first step.
    score : float or None
        The metric on the examination, where one was held.
    best, waited : float, int
        The best score so far and the examinations since.
    end : {"solved", "stalled", "finished"} or None
        Why training stops here.
    """

    iteration: int
    layout: Layout
    vector: Array
    moments: Moments
    gradient: Array
    loss: float = nan
    score: float | None = None
    best: float = nan
    waited: int = 0
    end: End | None = None

    @cached_property
    def parameters(self) -> Mapping[str, Array]:
        """The weights by name, read-only."""
        return self.layout.parameters(self.vector)

    @property
    def gradient_norm(self) -> float:
        return _length(self.gradient)

    @property
    def norms(self) -> Mapping[str, float]:
        """‖∂L/∂W‖ of each parameter."""
        return {name: _length(self.gradient[span]) for name, span in self.layout.spans.items()}


@dataclass(frozen=True, eq=False)
class Course:
    """A network, what it is to learn, and how.

    Parameters
    ----------
    blueprint : Blueprint
    problem : Problem
    recipe : Recipe
    """

    blueprint: Blueprint
    problem: Problem
    recipe: Recipe

    def __post_init__(self) -> None:
        if architecture(self.blueprint.arch).is_drawn:  # its layers may have any names
            object.__setattr__(self, "problem", self.problem.named_by(self.graph()))

    def graph(self, source_steps: int = 0) -> Graph:
        """The network, for sequences of which an encoder reads so many steps."""
        found = self._graphs.get(source_steps)
        return found or self._graphs.setdefault(source_steps, self.blueprint.graph(self.problem, source_steps))

    @cached_property
    def _graphs(self) -> dict[int, Graph]:
        return {}

    @cached_property
    def examination(self) -> Batch:
        """What the network is examined on."""
        return self.problem.examine()

    def run(self, parameters: Mapping[str, Array], batch: Batch) -> Trace:
        """The network's forward pass over a batch."""
        return forward(
            self.graph(batch.source_steps), parameters, batch.inputs, batch.targets, mask=batch.mask, dtype=np.float32
        )

    def score(self, parameters: Mapping[str, Array]) -> float:
        """The metric on the examination.

        Raises
        ------
        NotFiniteError
        """
        batch = self.examination
        graph = self.graph(batch.source_steps)
        score = self.problem.metric.measure(
            answer(graph, parameters, batch.inputs, mask=batch.mask, dtype=np.float32), batch
        )
        if not isfinite(score):
            raise NotFiniteError("The score of the examination is not a finite number.", 0)
        return score

    def first(self) -> Snapshot:
        """Before the first step.

        Raises
        ------
        ValueError
            If the network reads more sequences than the problem has.
        DivergedError
            If its numbers leave the range of their type before anything is learnt.
        """
        graph = self.graph()
        unread = {layer.name for layer in graph.with_role("input")} - set(self.examination.inputs)
        if unread:
            raise ValueError(
                f"{graph.name} also reads {', '.join(sorted(unread))}, for which this task has no sequence; choose "
                "another network."
            )
        layout = Layout.of(graph.parameter_shapes)
        vector = layout.vector(self.blueprint.weights(graph))
        nothing = frozen(np.zeros_like(vector))
        moments = (nothing,) * OPTIMIZERS[self.recipe.optimizer].moments
        try:
            return self._examined(Snapshot(0, layout, vector, moments, nothing))
        except NotFiniteError as error:
            raise DivergedError(f"Training cannot begin: {error}", 0) from error

    def after(self, snapshot: Snapshot) -> Snapshot:
        """One step of training further.

        Raises
        ------
        DivergedError
        """
        recipe, n = self.recipe, snapshot.iteration + 1
        batch = self.problem.draw(recipe.batch_rng(n), recipe.batch)
        try:
            with np.errstate(over="ignore", invalid="ignore"):  # what overflows is looked for
                learnt = self._learn(snapshot.parameters, batch)
            answers = sum(int(asked.sum()) for asked in batch.answered(self.graph(batch.source_steps)).values())
            gradient = snapshot.layout.vector(learnt.weights) / np.float32(answers)
            if not np.isfinite(gradient).all():
                raise NotFiniteError("The gradient grows beyond the largest float32 number.", 0)
            optimizer = OPTIMIZERS[recipe.optimizer]
            with np.errstate(over="ignore", invalid="ignore"):
                direction, moments = optimizer.rule(_clipped(gradient, recipe.clip), snapshot.moments, n)
                vector = snapshot.vector - np.float32(recipe.rate) * direction
            if not (isfinite(learnt.loss) and all(np.isfinite(array).all() for array in (vector, *moments))):
                raise NotFiniteError("A weight grows beyond the largest float32 number.", 0)
            following = replace(
                snapshot,
                iteration=n,
                vector=frozen(vector.astype(np.float32, copy=False)),
                moments=tuple(frozen(m.astype(np.float32, copy=False)) for m in moments),
                gradient=frozen(gradient),
                loss=learnt.loss / answers,
                score=None,
            )
            if n % recipe.every == 0 or n == recipe.iterations:
                following = self._examined(following)
        except NotFiniteError as error:
            raise DivergedError(_advice(n, error, recipe), n) from error
        if following.end is None and n >= recipe.iterations:
            following = replace(following, end="finished")
        return following

    def _learn(self, parameters: Mapping[str, Array], batch: Batch) -> Learnt:
        if self.recipe.window is None:
            return learn_from(self.graph(batch.source_steps), parameters, batch.inputs, batch.targets, mask=batch.mask)
        trace = self.run(parameters, batch)
        window = min(self.recipe.window, trace.steps)
        return Learnt(trace.loss, truncated(trace, window, min(self.recipe.stride, window)).weights)

    def _examined(self, snapshot: Snapshot) -> Snapshot:
        problem = self.problem
        score = self.score(snapshot.parameters)
        is_better = problem.metric.is_better(score, snapshot.best)
        waited = 0 if is_better else snapshot.waited + 1
        end: End | None = None
        if problem.metric.reaches(score, problem.goal):
            end = "solved"
        elif self.recipe.patience is not None and waited >= self.recipe.patience:
            end = "stalled"
        return replace(snapshot, score=score, best=score if is_better else snapshot.best, waited=waited, end=end)


def train(course: Course, start: Snapshot | None = None) -> Iterator[Snapshot]:
    """Train a network, one snapshot after each step, until the course says that it ends.

    Parameters
    ----------
    course : Course
    start : Snapshot, optional
        Go on from there; the first snapshot that follows is the next.

    Raises
    ------
    DivergedError
        If the numbers leave the range of their type; the snapshots before are good.
    """
    snapshot = start
    if snapshot is None:
        snapshot = course.first()
        yield snapshot
    while snapshot.end is None:
        snapshot = course.after(snapshot)
        yield snapshot


def _length(vector: Array) -> float:
    """‖v‖ in double precision: the square of a float32 number may be none."""
    return float(np.linalg.norm(vector.astype(np.float64)))


def _clipped(gradient: Array, most: float | None) -> Array:
    if most is None or (length := _length(gradient)) <= most:
        return gradient
    return (gradient * np.float64(most / length)).astype(np.float32)


def _advice(n: int, error: NotFiniteError, recipe: Recipe) -> str:
    tries = ["a smaller learning rate"]
    if recipe.clip is None:
        tries.append("clipping")
    what, _, _ = str(error).partition(";")  # after it stands what helps where nothing is trained
    return f"Training stopped at iteration {n}: {what.rstrip('.')}. Try {' or '.join(tries)}."
