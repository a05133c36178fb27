"""What an application is: data, a network, how a learner's line of text becomes its input, and its output an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from explorer.engine.activations import Array
from explorer.engine.trace import Trace
from explorer.tasks.problem import Batch, Problem
from explorer.tasks.reading import Reading
from explorer.tasks.recipe import Blueprint, Recipe
from explorer.training.course import Course

Run = Callable[[Batch], Trace]
"""The trained network's forward pass over sequences, float64."""

UNSURE = 0.6
"""An answer whose probability is less is said to be unsure."""

HARDLY = 0.95
"""Share of the naive rule's error from which on a network is said to be hardly better."""

OWN = "What is right is not known; the error is measured against the network's own answer."
"""The note of a reading whose targets are what the network says itself."""

FOLLOWING = "The target is the word that follows; after the last one, and for an unknown one, it is the network's own."
"""The note of a reading whose targets are the words of the sentence itself."""

ABOUT_TARGETS = frozenset({OWN, FOLLOWING})
"""Notes that say nothing of what was read."""


@dataclass(frozen=True, slots=True)
class Guess:
    """One thing the network could have said, and how probable it holds it."""

    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class Spoken:
    """What the network says at one step t, counted from 1."""

    t: int
    guess: Guess


@dataclass(frozen=True, eq=False)
class Sound:
    """Something to listen to: samples (n,) in -1 … 1."""

    rate: int
    samples: Array
    caption: str


@dataclass(frozen=True, eq=False)
class Picture:
    """Something to look at: (height, width, 3) in 0 … 1."""

    pixels: Array
    caption: str


@dataclass(frozen=True, eq=False)
class Curves:
    """Numbers over time: named lines (n,), not a number where one has nothing to say."""

    lines: tuple[tuple[str, Array], ...]
    unit: str
    caption: str


Exhibit = Sound | Picture | Curves


@dataclass(frozen=True, eq=False)
class Answer:
    """What the network makes of an input.

    Attributes
    ----------
    said : str
        The whole answer in a few words, Markdown: a learner's own words in it are escaped. All the rest is plain text.
    steps : tuple of Spoken
        Step by step, where the answer has several parts: a label under each word.
    ranked : tuple of Guess
        The most probable answers, best first, where one thing is asked.
    doubts : tuple of str
        Sentences: unknown words, an answer that is nearly a guess, an input unlike all that was trained on.
    """

    said: str
    steps: tuple[Spoken, ...] = ()
    ranked: tuple[Guess, ...] = ()
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Asked:
    """An input as the network read it, and its answer.

    Attributes
    ----------
    reading : Reading
        With targets, so that every answer has an error and a gradient: what is known to be right, and where nothing is
        known, what the network itself answered. Its own number would have no error: there it is the naive rule's. The
        reading's notes say so. Which inputs spoke for an answer does not depend on them.
    answer : Answer
    exhibit : Exhibit or None
        The input as one hears or sees it.
    """

    reading: Reading
    answer: Answer
    exhibit: Exhibit | None = None


@dataclass(frozen=True, eq=False)
class Application:
    """A card: a small network that does something, trained by this engine.

    Attributes
    ----------
    title : str
        Short; it stands in menus and links.
    kind : str
        Key of `explorer.applications.kinds.KINDS`.
    about : str
        One sentence: what goes in, what comes out.
    blueprint : Blueprint
    recipe : Recipe
        Which the shipped weights were trained by.
    make_problem : callable
        Builds the problem; called once.
    ask : callable
        ``ask(text, run) -> Asked``. Any text at all gets an answer: what cannot be read is left out or read as unknown,
        and a doubt says so.
    hint : str
        How an input is written, in a few words.
    examples : tuple of str
        The first is shown at the start.
    """

    title: str
    kind: str
    about: str
    blueprint: Blueprint
    recipe: Recipe
    make_problem: Callable[[], Problem]
    ask: Callable[[str, Run], Asked]
    hint: str
    examples: tuple[str, ...]

    @cached_property
    def problem(self) -> Problem:
        return self.make_problem()

    @cached_property
    def course(self) -> Course:
        """How its network is trained."""
        return Course(self.blueprint, self.problem, self.recipe)
