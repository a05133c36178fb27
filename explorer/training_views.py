"""What the Train page shows: learning curves, and a network at one moment of its training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import ceil, isfinite

import numpy as np

from explorer.engine.activations import Array
from explorer.engine.flow import Flow, cost, gradient_flow
from explorer.engine.forward import forward
from explorer.engine.influence import read_out_layers
from explorer.engine.timeline import frozen
from explorer.engine.trace import Trace
from explorer.graph import Graph, ReadOnly
from explorer.tasks.problem import Batch
from explorer.training.course import Course
from explorer.training.history import History, Kept
from explorer.training.layout import Layout
from explorer.training.plan import Plan

FRESH = 24
"""Sequences to look at, drawn once for a run."""

AFFORDABLE = 1e9
"""Multiplications for a matrix of gradients that may be computed again and again while a network trains."""

MOST_POINTS = 250
"""Of a learning curve; a longer run is shown by means over as many iterations as it takes."""

CONTINUED = 60
"""Tokens of a continuation."""

_MOST_READ = 40
_FRESH_STREAM = 5  # a stream of three numbers; training draws from streams of two, examinations from 0, 0 and another


@dataclass(frozen=True, eq=False)
class Curve:
    """Means of a number over equally many iterations each.

    Attributes
    ----------
    iterations, values : (n,) arrays
        The last iteration of each stretch, and the mean over it.
    each : int
        Iterations in a stretch.
    """

    iterations: Array
    values: Array
    each: int


def learning_curve(losses: Sequence[float]) -> Curve:
    """The losses of the iterations 1, 2 …, at most `MOST_POINTS` of them.

    Examples
    --------
    >>> found = learning_curve([4.0, 2.0, 1.0])
    >>> found.iterations.tolist(), found.values.tolist(), found.each
    ([1, 2, 3], [4.0, 2.0, 1.0], 1)
    """
    values = np.array(tuple(losses), float)  # at once: another session may be training, and the list grow
    each = max(1, ceil(len(values) / MOST_POINTS))
    starts = np.arange(0, len(values), each)
    if not len(starts):
        return Curve(np.zeros(0, int), np.zeros(0), each)
    ends = np.minimum(starts + each, len(values))
    return Curve(ends, np.add.reduceat(values, starts) / (ends - starts), each)


def gradient_norms(history: History, most: int = MOST_POINTS) -> tuple[Array, Mapping[str, Array]]:
    """Iterations of the networks that were kept, and for each weight log₁₀ ‖∂L/∂W‖ of their last batch."""
    kept = [one for one in history.kept if one.iteration]
    names = history.course.graph().parameter_shapes
    with np.errstate(divide="ignore"):
        found = {name: np.log10([one.norms[name] for one in kept]) if kept else np.zeros(0) for name in names}
    return np.array([one.iteration for one in kept], int), ReadOnly(found)


@dataclass(frozen=True, eq=False, slots=True)
class _Weights:
    """Weights of a run, the same only if they are the very same array: a recording of a plan is rounded."""

    course: Course
    kept: Kept

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Weights) and self.kept.vector is other.kept.vector

    def __hash__(self) -> int:
        return id(self.kept.vector)


@dataclass(frozen=True, eq=False)
class Moment:
    """A network at one moment of its training, on fresh sequences.

    Attributes
    ----------
    course : Course
    iteration : int
    parameters : mapping of str to array
    batch : Batch
    """

    course: Course
    iteration: int
    parameters: Mapping[str, Array]
    batch: Batch

    @property
    def graph(self) -> Graph:
        return self.course.graph(self.batch.source_steps)

    @cached_property
    def said(self) -> Array:
        """What it says to all of the sequences, (T, B, size)."""
        trace = self._run(self.batch)
        return frozen(trace[trace.output][1:].copy())

    @property
    def asks(self) -> Array:
        """(T, B) of bool: where an answer is asked for."""
        ((_, found),) = self.batch.answered(self.graph).items()
        return found

    @cached_property
    def alone(self) -> Trace:
        """Its run over the first of them, without padding."""
        batch = self.batch
        there = np.ones(batch.steps, bool) if batch.mask is None else batch.mask[:, 0]
        inputs = {name: array[there][:, :1] for name, array in batch.inputs.items()}
        targets = {name: array[there][:, :1] for name, array in batch.targets.items()}
        return self._run(Batch(inputs, targets, None, batch.source_steps))

    def _run(self, batch: Batch) -> Trace:
        return forward(self.graph, self.parameters, batch.inputs, batch.targets, mask=batch.mask)

    @cached_property
    def flow(self) -> Flow | None:
        """How far the gradient of each error of the first sequence reaches; None if that takes too long."""
        return gradient_flow(self.alone) if cost(self.alone) < AFFORDABLE else None

    @cached_property
    def state(self) -> str:
        """The state that the output reads, or else the last."""
        states = self.graph.states
        return next((name for name in read_out_layers(self.graph) if name in states), states[-1])

    @property
    def states(self) -> Mapping[str, Array]:
        """Values of every state on the first sequence: (T, units)."""
        return ReadOnly({name: self.alone[name][1:, 0] for name in self.graph.states})

    @cached_property
    def asked(self) -> tuple[int, ...]:
        """Steps of the first sequence, from 1, at which an answer is asked for."""
        (loss,) = self.alone.errors
        presence = self.graph[loss].presence
        return tuple(presence.steps(self.alone.steps))


@dataclass(frozen=True, eq=False)
class Line:
    """A sequence of symbols, what should be said, and what was.

    Attributes
    ----------
    read, right : tuple of str
        By step; the second is empty where nothing is asked.
    said : tuple of tuple of str
        By network and step.
    """

    read: tuple[str, ...]
    right: tuple[str, ...]
    said: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, eq=False)
class Numbers:
    """Answers that are numbers.

    Attributes
    ----------
    places : (n,) array
        Step of the answer, or the place of the sequence among the others where each has one answer.
    right : (n,) array
        Not a number between two sequences.
    said : tuple of (n,) arrays
        By network.
    across : str
        What the places are.
    """

    places: Array
    right: Array
    said: tuple[Array, ...]
    across: str


@lru_cache(maxsize=8)
def fresh(plan: Plan) -> Batch:
    """Sequences from a stream of their own, or from what is held back: nothing here was learnt by heart."""
    problem = plan.course.problem
    return (problem.fresh or problem.draw)(np.random.default_rng([plan.recipe.seed, 0, _FRESH_STREAM]), FRESH)


def moment(history: History, iteration: int, sequences: Plan) -> Moment:
    """A run's network at an iteration, or kept last before it, on the fresh sequences of a plan.

    Of a run that has diverged before anything was kept it is the network as it was drawn.
    """
    kept = history.at(iteration) if history.latest else _as_drawn(history.course)
    return _moment(_Weights(history.course, kept), sequences)


def _as_drawn(course: Course) -> Kept:
    graph = course.graph()
    layout = Layout.of(graph.parameter_shapes)
    return Kept(0, layout, layout.vector(course.blueprint.weights(graph)), ReadOnly({}))


@lru_cache(maxsize=12)
def _moment(weights: _Weights, sequences: Plan) -> Moment:
    batch = fresh(sequences).named_by(weights.course.graph())
    return Moment(weights.course, weights.kept.iteration, weights.kept.parameters, batch)


def lines(moments: Sequence[Moment], most: int = 6) -> tuple[Line, ...]:
    """What networks say to the first fresh sequences, if they answer with symbols; none if with numbers."""
    first = moments[0]
    batch, problem = first.batch, first.course.problem
    (read,) = batch.inputs.values()
    (right,) = batch.targets.values()
    if not problem.output_names or read.ndim != 2:
        return ()
    asked = first.asks
    there = np.ones(asked.shape, bool) if batch.mask is None else batch.mask
    chosen = [one.said.argmax(axis=-1) for one in moments]
    found = []
    for row in range(min(most, batch.rows)):
        steps = np.flatnonzero(there[:, row]).tolist()

        def written(tokens: Array, steps: list[int] = steps, row: int = row) -> tuple[str, ...]:
            return tuple(problem.output_names[tokens[t, row]] if asked[t, row] else "" for t in steps)

        symbols = tuple(problem.input_names[read[t, row]] for t in steps)
        found.append(Line(symbols, written(right), tuple(written(said) for said in chosen)))
    return tuple(found)


def numbers(moments: Sequence[Moment], most: int = 3) -> Numbers:
    """What networks say to the fresh sequences, if they answer with numbers: all where each has one answer."""
    first = moments[0]
    (right,) = first.batch.targets.values()
    asked = first.asks
    said = [one.said[..., 0] for one in moments]
    aims = right[..., 0]
    if (asked.sum(axis=0) == 1).all():
        order = np.argsort(aims.T[asked.T], kind="stable")
        return Numbers(
            np.arange(1, len(order) + 1),
            frozen(aims.T[asked.T][order]),
            tuple(frozen(values.T[asked.T][order]) for values in said),
            "fresh sequence, by its answer",
        )
    rows = range(min(most, first.batch.rows))
    steps = len(asked)
    gap = np.full(1, np.nan)

    def joined(values: Array) -> Array:
        parted = [part for row in rows for part in (np.where(asked[:, row], values[:, row], np.nan), gap)]
        return frozen(np.concatenate(parted))

    places = np.arange(1, len(rows) * (steps + 1) + 1)
    return Numbers(places, joined(aims), tuple(joined(values) for values in said), f"step, {len(rows)} sequences")


def continuation(one: Moment, most: int = CONTINUED) -> tuple[str, str]:
    """The beginning of a fresh sequence, and how the network goes on by itself: it reads what it has just said.

    What is said is drawn from the probabilities, with the same seed always.
    """
    problem = one.course.problem
    ((name, read),) = one.batch.inputs.items()
    begun = read[:_MOST_READ, 0].tolist()
    tokens, rng = list(begun), np.random.default_rng(0)
    for _ in range(most):
        window = np.array(tokens[-_MOST_READ:])[:, None]
        trace = forward(one.graph, one.parameters, {name: window}, dtype=np.float32)
        shares = trace[trace.output][-1, 0].astype(float)
        tokens.append(int(rng.choice(len(shares), p=shares / shares.sum())))
    said = [problem.output_names[token] for token in tokens[len(begun) :]]
    return "".join(problem.input_names[token] for token in begun), "".join(said)


def best(history: History) -> tuple[int, float] | None:
    """Iteration and score of the best examination so far."""
    metric = history.course.problem.metric
    found: tuple[int, float] | None = None
    for iteration, score in history.examinations:
        if isfinite(score) and (found is None or metric.is_better(score, found[1])):
            found = iteration, score
    return found


def score_at(history: History, iteration: int) -> tuple[int, float] | None:
    """The examination held last before an iteration, or at it."""
    return next((held for held in reversed(history.examinations) if held[0] <= iteration), None)
