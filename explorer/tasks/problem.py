"""What a network is trained for: where its sequences come from, how well it does, and what doing without it gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from explorer.engine.activations import Array
from explorer.engine.existence import exists
from explorer.engine.trace import Trace
from explorer.graph import ALWAYS, Graph, Presence


@dataclass(frozen=True, eq=False)
class Batch:
    """Sequences to run a network on, side by side.

    Attributes
    ----------
    inputs, targets : mapping of str to array
        By input and loss layer: tokens (T, B) or vectors (T, B, size). Targets where no answer is asked for are not
        looked at.
    mask : (T, B) array of bool, or None
        False where a row is padded.
    source_steps : int
        Steps that an encoder reads, the same for all rows (shorter ones are padded at their beginning); 0 without one.
    """

    inputs: Mapping[str, Array]
    targets: Mapping[str, Array]
    mask: Array | None = None
    source_steps: int = 0

    @property
    def steps(self) -> int:
        return int(next(iter(self.inputs.values())).shape[0])

    @property
    def rows(self) -> int:
        return int(next(iter(self.inputs.values())).shape[1])

    def named_by(self, graph: Graph) -> Batch:
        """The same sequences under the names that a network has for its inputs and errors, in the order of both.

        What it has no layer for, or several, keeps its name.
        """
        inputs, errors = ([layer.name for layer in graph.with_role(role)] for role in ("input", "loss"))
        return replace(self, inputs=_called(self.inputs, inputs), targets=_called(self.targets, errors))

    def answered(self, graph: Graph) -> Mapping[str, Array]:
        """For each loss layer (T, B) of bool: where an answer is asked for."""
        mask = None if self.mask is None else self.mask[..., None]
        everywhere = np.ones((self.steps, self.rows), bool)
        found = {}
        for name in self.targets:
            where = exists(graph[name], self.steps, mask)
            found[name] = everywhere if where is None else everywhere & where[..., 0]
        return found


def _called(arrays: Mapping[str, Array], names: list[str]) -> Mapping[str, Array]:
    if len(arrays) != len(names) or set(arrays) <= set(names):
        return arrays
    return dict(zip(names, arrays.values(), strict=True))


@dataclass(frozen=True, slots=True)
class Metric:
    """How well a network does on sequences it was not trained on.

    Attributes
    ----------
    name : str
        As it is written beside the number: "accuracy".
    measure : callable
        ``measure(trace, batch) -> number``; of the trace it reads the output alone.
    is_error : bool
        Whether less is better.
    written : str
        How the number is written, as for `format`.
    """

    name: str
    measure: Callable[[Trace, Batch], float]
    is_error: bool = False
    written: str = ".1%"

    def is_better(self, score: float, than: float) -> bool:
        """Whether a score is better than another; any is better than one that is not a number."""
        return than != than or (score < than if self.is_error else score > than)

    def reaches(self, score: float, goal: float) -> bool:
        """Whether a score is as good as a goal."""
        return score <= goal if self.is_error else score >= goal


@dataclass(frozen=True, eq=False)
class Problem:
    """A source of sequences, with what it asks of a network.

    Attributes
    ----------
    inputs, outputs : int
        Units of x and of y.
    draw : callable
        ``draw(rng, rows) -> Batch``: sequences to train on.
    examine : callable
        ``examine() -> Batch``: always the same sequences, from a stream of their own or from what is held back. Where
        a task has few sequences in all, the same can come up in training.
    metric : Metric
    baseline : float
        Its value for the naive rule.
    rule : str
        The naive rule, as it reads after "baseline:".
    goal : float
        The metric from which on the task counts as solved.
    naive_loss : float or None
        Mean error of an answer by the naive rule, in the unit of the loss.
    output_activation, loss : str
    answers : Presence
        Steps at which an output is asked for.
    input_names, output_names : tuple of str
        What each unit of x and of y stands for, where they are symbols.
    fresh : callable or None
        ``fresh(rng, rows) -> Batch``: sequences neither trained nor examined on, where what is trained on could be
        learnt by heart; None: `draw` with another stream.
    """

    inputs: int
    outputs: int
    draw: Callable[[np.random.Generator, int], Batch]
    examine: Callable[[], Batch]
    metric: Metric
    baseline: float
    rule: str
    goal: float
    naive_loss: float | None = None
    output_activation: str = "softmax"
    loss: str = "cross_entropy"
    answers: Presence = ALWAYS
    input_names: tuple[str, ...] = ()
    output_names: tuple[str, ...] = ()
    fresh: Callable[[np.random.Generator, int], Batch] | None = None

    def named_by(self, graph: Graph) -> Problem:
        """The same problem for a network that has other names for its inputs and errors."""
        draw, examine, fresh = self.draw, self.examine, self.fresh
        return replace(
            self,
            draw=lambda rng, rows: draw(rng, rows).named_by(graph),
            examine=lambda: examine().named_by(graph),
            fresh=None if fresh is None else lambda rng, rows: fresh(rng, rows).named_by(graph),
        )


def right_answers(trace: Trace, batch: Batch) -> tuple[Array, Array]:
    """(T, B) of bool: where the most probable token is the target, and where an answer is asked for at all."""
    (name,) = batch.targets
    said = trace[trace.output][1:].argmax(axis=-1)
    return said == batch.targets[name], batch.answered(trace.graph)[name]


def _accuracy(trace: Trace, batch: Batch) -> float:
    right, asked = right_answers(trace, batch)
    return float(right[asked].mean())


def _whole(trace: Trace, batch: Batch) -> float:
    right, asked = right_answers(trace, batch)
    return float((right | ~asked).all(axis=0).mean())


def _mean_square(trace: Trace, batch: Batch) -> float:
    (name,) = batch.targets
    asked = batch.answered(trace.graph)[name]
    return float(np.square(trace[trace.output][1:] - batch.targets[name], dtype=np.float64)[asked].mean())


ACCURACY = Metric("accuracy", _accuracy)
"""Share of answers that are right."""

WHOLE_SEQUENCES = Metric("sequences without a mistake", _whole)
"""Share of rows all of whose answers are right."""

MEAN_SQUARE = Metric("mean squared error", _mean_square, is_error=True, written=".3g")
