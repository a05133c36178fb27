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
from explorer.engine.attribution import answer_gradients, gradient_times_input
from explorer.engine.gradients import Gradients
from explorer.engine.timeline import frozen
from explorer.tasks.problem import Batch
from explorer.tasks.reading import Reading
from explorer.tasks.text import END, UNKNOWN
from explorer.views import Ran

_RANKED = 5


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
    def said(self) -> Array:
        """The unit of the output that speaks at each step, (T,), index t - 1.

        The most probable, unless the answer was chosen among some only, as where a word is only begun.
        """
        trace, reading, ranked = self.ran.trace, self.ran.reading, self.asked.answer.ranked
        units = trace[trace.output][1:, 0].argmax(axis=-1)
        if ranked and ranked[0].text in reading.answers:
            units[self.answering[-1] - 1] = reading.answers.index(ranked[0].text)
        return frozen(units)

    def word(self, t: int) -> str:
        """What is said at step t, as the answer writes it; nothing, if it is a number."""
        answers, ranked = self.ran.reading.answers, self.asked.answer.ranked
        if ranked and t == self.answering[-1]:
            return ranked[0].text
        return answers[self.said[t - 1]] if answers else ""

    @property
    def telling(self) -> int:
        """The step to look at first: the last answer or, if that only says that there is no more, the one for which
        the inputs spoke most."""
        *before, last = self.answering
        if not before or self.word(last) != END:
            return last
        most = np.abs(self.attributions).max(axis=1)
        return max(before, key=lambda t: float(most[t - 1]))

    @cached_property
    def _gradients(self) -> Gradients:
        return answer_gradients(self.ran.trace, self.said)

    @cached_property
    def attributions(self) -> Array:
        """Gradient times input, (T, T): how much the input of step k (column k - 1) speaks for what is said at step t.

        A step at which nothing is said has the row of the answer that is explained there.
        """
        found = gradient_times_input(self._gradients)
        return frozen(found[[self.explained(t) - 1 for t in range(1, len(found) + 1)]])

    @property
    def bars(self) -> Array:
        """The same, (T, T), as shares of the largest in its row: a row of small numbers can be read like any other."""
        largest = np.abs(self.attributions).max(axis=1, keepdims=True)
        return frozen(self.attributions / np.where(largest > 0, largest, 1))

    @cached_property
    def answering(self) -> tuple[int, ...]:
        """Steps at which the network answers."""
        trace = self.ran.trace
        return tuple(self.ran.graph[trace.output].presence.steps(trace.steps))

    @property
    def is_about_its_input(self) -> bool:
        """Whether what is said at a step is said of what is read there; a decoder reads its own words."""
        return len(self.ran.graph.with_role("input")) == 1

    def mattered(self, t: int, most: int = 3) -> tuple[tuple[int, str, float], ...]:
        """The inputs with the largest gradient times input for what is said at step t: step, what is read, how much."""
        row = self.attributions[t - 1]
        order = [int(i) for i in np.argsort(-np.abs(row), kind="stable")[:most] if row[i]]
        return tuple((i + 1, self.ran.reading.shown[i], float(row[i])) for i in order)

    def spots(self, t: int) -> Array | None:
        """Of a picture, read in a single step: gradient times input for what is said at t, (height, width)."""
        if not isinstance(self.asked.exhibit, Picture):
            return None
        shape = self.asked.exhibit.pixels.shape
        name = next(layer.name for layer in self.ran.graph.with_role("input"))
        amounts = self._gradients[name][1, t - 1] * self.ran.trace[name][1, 0]
        return frozen(amounts.reshape(shape).sum(axis=-1))

    def explained(self, t: int) -> int:
        """The step whose answer is explained when the cursor is at t: that, the next one that answers, or the last."""
        return next((step for step in self.answering if step >= t), self.answering[-1])


def answered(name: str, text: str) -> Answered:
    """What an application's network makes of a line of text, with everything that it computed on the way."""
    asked = shelf.ask(name, text)
    reading = asked.reading
    return Answered(asked, ran(name, reading, Batch(reading.inputs, reading.targets, None, reading.source_steps)))


def shown(kind: str, text: str) -> Answered:
    """A type of task at work on a line of text."""
    chosen = KINDS[kind]
    found = answered(chosen.application, text)
    steps = found.ran.trace.steps
    return (
        found if chosen.most is None or steps <= chosen.most else _cut(chosen.application, found, steps - chosen.most)
    )


def ran(name: str, reading: Reading, batch: Batch) -> Ran:
    """An application's network, run over a batch of one."""
    trace = shelf.run(name, batch)
    return Ran(trace.graph, reading, trace)


def _cut(name: str, found: Answered, left_out: int) -> Answered:
    """The same without its first steps: what was read there, the network has never seen."""
    reading = found.asked.reading
    inputs = {layer: array[left_out:] for layer, array in reading.inputs.items()}
    trace = shelf.run(name, Batch(inputs, {}))
    chances = trace[trace.output][1:, 0]
    own = chances.argmax(axis=-1)
    best = np.argsort(-chances[-1], kind="stable")
    read = reading.shown[left_out:]
    shorter = replace(
        reading,
        inputs=inputs,
        targets=dict.fromkeys(reading.targets, own[:, None]),
        shown=read,
        aims=tuple(reading.answers[unit] for unit in own),
        notes=(
            f"Only “{' '.join(read)}” is read: the network begins with this step, as it never did in training. The "
            "error is measured against its own answer.",
        ),
    )
    answer = replace(
        found.asked.answer,
        said=f"**{reading.answers[own[-1]]}**",
        ranked=tuple(Guess(reading.answers[unit], float(chances[-1, unit])) for unit in best[:_RANKED]),
        doubts=(*_unknown(name, inputs, read), *_unsure(float(chances[-1].max()))),
    )
    asked = replace(found.asked, reading=shorter, answer=answer)
    return Answered(asked, ran(name, shorter, Batch(inputs, shorter.targets)))


def _unknown(name: str, inputs: Mapping[str, Array], read: tuple[str, ...]) -> tuple[str, ...]:
    """A sentence about words that the network does not know."""
    (tokens,) = inputs.values()
    units = tokens[:, 0].tolist()
    names = APPLICATIONS[name].problem.input_names
    words = [f"“{word}”" for word, unit in zip(read, units, strict=True) if names[unit] == UNKNOWN]
    return (f"Not in its vocabulary, and read as {UNKNOWN}: {', '.join(words)}.",) if words else ()


def _unsure(best: float) -> tuple[str, ...]:
    if best >= UNSURE:
        return ()
    return (f"From this step alone it is not sure: its best answer has a probability of {best:.0%}.",)
