"""What the pages about applications and types of tasks show: a trained network that has read a learner's own input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from explorer.applications import APPLICATIONS, shelf
from explorer.applications.application import UNSURE, Asked, Guess, Picture
from explorer.applications.kinds import KINDS
from explorer.engine.activations import Array
from explorer.engine.backward import backward
from explorer.engine.timeline import frozen
from explorer.engine.trace import Trace
from explorer.graph import Graph, Presence
from explorer.tasks.problem import Batch, Metric
from explorer.tasks.reading import Reading
from explorer.views import Ran

PAD = "⟨pad⟩"
_RANKED = 5
HARDLY = 0.95
"""Share of the naive rule's error from which on a network is said to be hardly better."""


@dataclass(frozen=True, eq=False)
class Answered:
    """A trained network that has been asked.

    Attributes
    ----------
    asked : Asked
    ran : Ran
        The forward pass over what was asked.
    """

    asked: Asked
    ran: Ran

    @cached_property
    def attributions(self) -> Array:
        """Gradient times input, (T, T): how much the input of step k (column k - 1) speaks for the answer at step t.

        A step at which nothing is asked has the row of the answer that is explained there.
        """
        found = attributions(self.ran.trace)
        return frozen(found[[self.explained(t) - 1 for t in range(1, len(found) + 1)]])

    @property
    def bars(self) -> Array:
        """The same, (T, T), as shares of the largest in its row: a row of small numbers can be read like any other."""
        largest = np.abs(self.attributions).max(axis=1, keepdims=True)
        return frozen(self.attributions / np.where(largest > 0, largest, 1))

    @cached_property
    def answering(self) -> tuple[int, ...]:
        """Steps at which the network answers."""
        steps = {t for loss in self.ran.graph.with_role("loss") for t in loss.presence.steps(self.ran.trace.steps)}
        return tuple(sorted(steps))

    @property
    def is_about_its_input(self) -> bool:
        """Whether what is said at a step is said of what is read there; a decoder reads its own words."""
        return len(self.ran.graph.with_role("input")) == 1

    def mattered(self, t: int, most: int = 3) -> tuple[tuple[int, str, float], ...]:
        """The inputs with the largest gradient times input for the answer at step t: step, what is read, how much."""
        row = self.attributions[t - 1]
        order = [int(i) for i in np.argsort(-np.abs(row), kind="stable")[:most] if row[i]]
        return tuple((i + 1, self.ran.reading.shown[i], float(row[i])) for i in order)

    def spots(self, t: int) -> Array | None:
        """Of a picture, which is read in a single step: gradient times input for the answer at t, (height, width)."""
        if not isinstance(self.asked.exhibit, Picture):
            return None
        trace, shape = self.ran.trace, self.asked.exhibit.pixels.shape
        name = next(layer.name for layer in self.ran.graph.with_role("input"))
        amounts = -backward(trace, steps=[t])[name][1, 0] * trace[name][1, 0]
        return frozen(amounts.reshape(shape).sum(axis=-1))

    def explained(self, t: int) -> int:
        """The step whose answer is explained when the cursor is at t: that, the next one that answers, or the last."""
        return next((step for step in self.answering if step >= t), self.answering[-1])


def answered(name: str, text: str) -> Answered:
    """What an application's network makes of a line of text, with everything that it computed on the way."""
    asked = shelf.ask(name, text)
    reading = asked.reading
    return Answered(asked, _ran(name, reading, Batch(reading.inputs, reading.targets, None, reading.source_steps)))


def shown(kind: str, text: str) -> Answered:
    """A type of task at work on a line of text."""
    chosen = KINDS[kind]
    found = answered(chosen.application, text)
    steps = found.ran.trace.steps
    return (
        found if chosen.most is None or steps <= chosen.most else _cut(chosen.application, found, steps - chosen.most)
    )


def _cut(name: str, found: Answered, left_out: int) -> Answered:
    """The same without its first steps: what was read there, the network has never seen."""
    reading = found.asked.reading
    inputs = {layer: array[left_out:] for layer, array in reading.inputs.items()}
    ran = _ran(name, reading, Batch(inputs, {}))
    (output,) = ran.graph.with_role("output")
    chances = ran.trace[output.name][1:, 0]
    own = chances.argmax(axis=-1)
    best = np.argsort(-chances[-1], kind="stable")[:_RANKED]
    what = f"“{reading.shown[left_out - 1]}”" if left_out == 1 else f"the first {left_out} steps"
    shorter = replace(
        reading,
        inputs=inputs,
        targets=dict.fromkeys(reading.targets, own[:, None]),
        shown=reading.shown[left_out:],
        aims=tuple(reading.answers[unit] for unit in own),
        notes=(
            f"Without {what}: the network begins with this step, as it never did in training. The error is measured "
            "against its own answer.",
        ),
    )
    unsure = f"From this step alone it is not sure: its best answer has a probability of {chances[-1].max():.0%}."
    answer = replace(
        found.asked.answer,
        said=f"**{reading.answers[own[-1]]}**",
        ranked=tuple(Guess(reading.answers[unit], float(chances[-1, unit])) for unit in best),
        doubts=(*found.asked.answer.doubts, *[unsure] * bool(chances[-1].max() < UNSURE)),
    )
    asked = replace(found.asked, reading=shorter, answer=answer)
    return Answered(asked, _ran(name, shorter, Batch(inputs, shorter.targets)))


def attributions(trace: Trace) -> Array:
    """`explorer.engine.attribution.attribution` for every step at once: (T, T), row t - 1 explains the answer at t."""
    gradients = backward(trace, apart=True)
    total = np.zeros((trace.steps, trace.steps), trace.dtype)
    for name in trace.inputs:
        total -= np.einsum("kti,ki->tk", gradients[name][1:], trace[name][1:, 0])
    return frozen(total + 0.0)  # no negative zeros


def _ran(name: str, reading: Reading, batch: Batch) -> Ran:
    trace = shelf.run(name, batch)
    return Ran(trace.graph, reading, trace)


# ---- how good it is ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Report:
    """How well the shipped weights do on sequences that they were not trained on.

    Attributes
    ----------
    metric : Metric
    score, baseline : float
        Of the network, and of the naive rule.
    rule : str
        The naive rule, in words.
    rows : int
        Sequences it was examined on.
    """

    metric: Metric
    score: float
    baseline: float
    rule: str
    rows: int

    @property
    def share(self) -> float:
        """What is left of the naive rule's error: above 1 the rule is better."""
        errors = [number if self.metric.is_error else 1 - number for number in (self.score, self.baseline)]
        return errors[0] / errors[1] if errors[1] else float("inf")

    @property
    def verdict(self) -> str:
        """One sentence, from the numbers."""
        if not self.metric.is_better(self.score, self.baseline):
            return "The network is no better than the naive rule."
        if self.share > HARDLY:
            return f"The network is hardly better than the naive rule: it makes {self.share:.1%} of its error."
        share = f"{self.share:.1%}" if self.share >= 0.0005 else "less than 0.1%"
        return f"The network makes {share} of the naive rule's error."

    @property
    def is_worth_it(self) -> bool:
        """Whether the network does clearly better than the naive rule."""
        return self.metric.is_better(self.score, self.baseline) and self.share <= HARDLY

    def written(self, number: float) -> str:
        """A score as it is written."""
        return format(number, self.metric.written)


def report(name: str) -> Report:
    """Examine the shipped weights of an application."""
    problem, examination = APPLICATIONS[name].problem, APPLICATIONS[name].course.examination
    score = problem.metric.measure(shelf.run(name, examination), examination)
    return Report(problem.metric, score, problem.baseline, problem.rule, examination.rows)


@dataclass(frozen=True, slots=True)
class Shipped:
    """What an application's network is and weighs.

    Attributes
    ----------
    network : str
    parameters, bytes : int
        Numbers that were learnt, and size of the file that holds them.
    command : str
        What trains it again.
    """

    network: str
    parameters: int
    bytes: int
    command: str


def shipped(name: str) -> Shipped:
    """Sizes of an application's network."""
    weights = shelf.weights(name)
    hidden, depth = (getattr(APPLICATIONS[name].blueprint, size) for size in ("hidden", "depth"))
    title = APPLICATIONS[name].course.graph().name
    return Shipped(
        network=f"{title}, {hidden} hidden units" + f", {depth} deep" * (depth > 1),
        parameters=sum(array.size for array in weights.values()),
        bytes=(shelf.NETWORKS / f"{name}.npz").stat().st_size,
        command=f"python -m explorer train {name}",
    )


# ---- padding ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Gaps:
    """How far a padded run is from the plain one.

    Attributes
    ----------
    values : float
        Largest difference of any state or answer at a step that is really there.
    loss : float
        Difference of L.
    gradient : float
        Largest difference of any entry of ∂L/∂θ.
    """

    values: float
    loss: float
    gradient: float


@dataclass(frozen=True, eq=False)
class Padded:
    """A sequence with steps that do not count.

    Attributes
    ----------
    ran : Ran
        With the mask; in its graph the padded steps are absent.
    before, after : int
        Padded steps at either end.
    masked, unmasked : Gaps
        Against the run without padding, with the mask and without it.
    """

    ran: Ran
    before: int
    after: int
    masked: Gaps
    unmasked: Gaps


def padded(name: str, plain: Answered, steps: int) -> Padded:
    """Pad a sequence as it is padded in a batch, where its neighbours are longer.

    What is answered only after the last input is padded at its beginning, and so is what an encoder reads; answers
    are padded at their end.
    """
    reading = plain.asked.reading
    graph = plain.ran.graph
    ends_early = any(layer.presence.last == reading.source_steps > 1 for layer in graph.with_role("input"))
    answers_late = all(layer.presence.first == -1 for layer in graph.with_role("loss"))
    before = steps if ends_early or answers_late else 0
    after = 0 if answers_late else steps
    longer = replace(
        reading,
        inputs=_lengthened(reading.inputs, before, after),
        targets=_lengthened(reading.targets, before, after),
        shown=(*[PAD] * before, *reading.shown, *[PAD] * after),
        aims=(*[""] * before, *reading.aims, *[""] * after),
        source_steps=reading.source_steps + before,
    )
    mask = np.ones((longer.steps, 1), bool)
    mask[:before] = False
    mask[longer.steps - after :] = False
    with_mask, without = (
        _ran(name, longer, Batch(longer.inputs, longer.targets, kept, longer.source_steps)) for kept in (mask, None)
    )
    return Padded(
        ran=replace(with_mask, graph=_without_padding(with_mask.graph, before, after)),
        before=before,
        after=after,
        masked=_gaps(plain.ran.trace, with_mask.trace, before),
        unmasked=_gaps(plain.ran.trace, without.trace, before),
    )


def _lengthened(sequences: Mapping[str, Array], before: int, after: int) -> dict[str, Array]:
    return {name: np.pad(array, [(before, after), *[(0, 0)] * (array.ndim - 1)]) for name, array in sequences.items()}


def _without_padding(graph: Graph, before: int, after: int) -> Graph:
    """The network with every layer absent at the padded steps."""
    layers = [replace(layer, presence=_inside(layer.presence, before, after)) for layer in graph.layers]
    return replace(graph, layers=tuple(layers))


def _inside(presence: Presence, before: int, after: int) -> Presence:
    first, last = presence.first, presence.last
    return replace(
        presence,
        first=first - after if first < 0 else max(first, before + 1),
        last=last - after if last < 0 else last,
    )


def _gaps(plain: Trace, other: Trace, before: int) -> Gaps:
    here = slice(before + 1, before + 1 + plain.steps)
    values = [np.abs(other[name][here] - plain[name][1:]).max() for name in plain.values]
    theirs, ours = backward(other).weights, backward(plain).weights
    return Gaps(
        values=float(max(values)),
        loss=abs(other.loss - plain.loss),
        gradient=float(max(np.abs(theirs[weight] - ours[weight]).max() for weight in ours)),
    )
