"""Two networks learn a phrase at some positions, and are tested at all: the same weights for every step, or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from explorer.documents import to_link
from explorer.draft_fields import MOST_UNITS
from explorer.engine.activations import Array
from explorer.engine.answering import answer
from explorer.engine.timeline import frozen
from explorer.page_settings.why import FIRST, LAST, MOST_FOLLOWING
from explorer.positions.phrases import LAYOUTS, POSITIONS, Layout, problem, sentences
from explorer.positions.room import feed_forward
from explorer.tasks.recipe import Blueprint, Recipe
from explorer.training.course import Course, Snapshot, train

ITERATIONS, SLICE = 500, 25
TESTED = 300
"""Sentences for each position."""
RUNS = 3
"""Seeds, one after the other: the same experiment again with other weights and other sentences."""

_TESTS = 0x7E57


@dataclass(frozen=True, slots=True)
class Experiment:
    """What is trained.

    Parameters
    ----------
    trained : tuple of int
        Positions of the phrase in training.
    following : int
        Most words behind it, in training and in tests.
    arch, hidden, depth, act : str, int, int, str
        The recurrent network; a feed-forward network of about as many weights is trained beside it.
    seed : int
        Of the first run.

    Raises
    ------
    ValueError
        If no position is given, or one at which the phrase cannot begin.
    """

    trained: tuple[int, ...] = (2, 3, 4)
    following: int = 0
    arch: str = "elman"
    hidden: int = 16
    depth: int = 1
    act: str = "tanh"
    seed: int = 1

    def __post_init__(self) -> None:
        wrong = [position for position in self.trained if position not in POSITIONS]
        if wrong or not self.trained:
            raise ValueError(
                f"The phrase begins at one or more of the positions {FIRST} to {LAST}; got {self.trained}."
            )
        if not 0 <= self.following <= MOST_FOLLOWING:
            raise ValueError(f"Between 0 and {MOST_FOLLOWING} words follow the phrase; {self.following} was given.")

    def courses(self, run: int) -> tuple[Course, Course]:
        """The feed-forward network and the recurrent one, ready to train, for one of the `RUNS`."""
        seed = self.seed + run
        recipe = Recipe(rate=0.01, iterations=ITERATIONS, every=ITERATIONS, seed=seed)
        network = Blueprint(self.arch, self.hidden, self.depth, self.act, seed=seed)
        places, steps = (problem(self.trained, self.following, layout) for layout in LAYOUTS)
        recurrent = Course(network, steps, recipe)
        drawn = _as_large(recurrent.graph().parameter_count, places.inputs)
        return Course(replace(network, arch=drawn), places, recipe), recurrent


@lru_cache(maxsize=64)
def _as_large(parameters: int, inputs: int) -> str:
    """The feed-forward network whose number of weights comes nearest, as a link carries it."""

    def distance(hidden: int) -> int:
        return abs(feed_forward(inputs, hidden).parameter_count - parameters)

    return to_link(feed_forward(1, min(range(1, MOST_UNITS + 1), key=distance)))  # the task decides the inputs


@dataclass(frozen=True, eq=False)
class Outcome:
    """How a network does at every position.

    Attributes
    ----------
    title : str
    parameters : int
    accuracy : (RUNS, positions) array
        Share of right answers on sentences never trained on.
    """

    title: str
    parameters: int
    accuracy: Array

    @property
    def mean(self) -> Array:
        """(positions,) array: over the runs."""
        mean: Array = self.accuracy.mean(axis=0)
        return mean

    def at(self, positions: Sequence[int]) -> float:
        """The mean over runs and some of the positions."""
        return float(self.mean[np.isin(POSITIONS, positions)].mean())


@dataclass(frozen=True, eq=False)
class Learning:
    """How far an experiment has come.

    Attributes
    ----------
    done : float
        Share of the work.
    outcomes : tuple of Outcome
        Of the feed-forward network and of the recurrent one; none until all is done.
    """

    done: float
    outcomes: tuple[Outcome, ...] = ()


def learn(experiment: Experiment) -> Iterator[Learning]:
    """Train both networks from every seed, and test each; in slices of a few steps of training.

    Raises
    ------
    ValueError
        If the recurrent network also reads something that there is not.
    DivergedError

    Examples
    --------
    >>> *_, last = learn(Experiment(trained=(2, 3, 4)))
    >>> fed, recurrent = (outcome.mean for outcome in last.outcomes)
    >>> bool(fed[:3].min() > 0.9), bool(fed[3:].max() < 0.6), bool(recurrent.min() > 0.9)
    (True, True, True)
    """
    scores: tuple[list[list[float]], ...] = ([], [])
    slices, total = 0, 2 * RUNS * (ITERATIONS // SLICE)
    for course in experiment.courses(0):
        course.first()  # a network that these sentences are not enough for says so at once
    for run in range(RUNS):
        for course, found, layout in zip(experiment.courses(run), scores, LAYOUTS, strict=True):
            for snapshot in train(course):
                if snapshot.iteration and snapshot.iteration % SLICE == 0:
                    slices += 1
                    yield Learning(slices / (total + 1))
            found.append(_tested(course, layout, snapshot, experiment, run))
    graphs = [course.graph() for course in experiment.courses(0)]
    yield Learning(
        1.0,
        tuple(
            Outcome(graph.name, graph.parameter_count, frozen(np.array(found)))
            for graph, found in zip(graphs, scores, strict=True)
        ),
    )


def _tested(course: Course, layout: Layout, snapshot: Snapshot, experiment: Experiment, run: int) -> list[float]:
    """The share of right answers at each position, on sentences that are held back from training."""
    graph = course.graph()
    scores = []
    for position in POSITIONS:
        rng = np.random.default_rng([experiment.seed, run, position, _TESTS])
        batch = layout.batch(sentences(rng, TESTED, [position], experiment.following, held_back=True)).named_by(graph)
        said = answer(graph, snapshot.parameters, batch.inputs, mask=batch.mask, dtype=np.float32)
        scores.append(course.problem.metric.measure(said, batch))
    return scores
