"""A task: sequences with something to learn about them, what doing without learning gives, and what to expect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from explorer.engine.inputs import whole
from explorer.tasks.problem import Problem
from explorer.tasks.recipe import Blueprint, Recipe

EXAMINED = 256
"""Sequences of an examination."""

_EXAMINATION = 0x5EED


def examination_rng() -> np.random.Generator:
    """Always the same stream; training never uses it, because those of its steps are named by two numbers."""
    return np.random.default_rng([0, 0, _EXAMINATION])


@dataclass(frozen=True, slots=True)
class Steps:
    """How long the sequences of a task are, or how far apart what belongs together.

    Attributes
    ----------
    label, help : str
        What the number means; the second is a sentence.
    least, default, most : int
    """

    label: str
    help: str
    least: int
    default: int
    most: int


@dataclass(frozen=True, eq=False)
class Task:
    """An entry of the registry.

    Attributes
    ----------
    title : str
        Short; it stands in menus and links.
    about : str
        Sentences: what is read, and what is asked.
    expectation : str
        A sentence: what a plain RNN is expected to do.
    steps : Steps
    setup : callable
        ``setup(steps, text) -> Problem``; takes milliseconds.
    blueprint, recipe : Blueprint, Recipe
        A network that usually learns it at the default steps, and how.
    reads_text : bool
        Whether the sequences come from a text that the learner gives.
    remarks : callable
        ``remarks(steps, text) -> sentences`` about what had to be changed to make the text fit.
    """

    title: str
    about: str
    expectation: str
    steps: Steps
    setup: Callable[[int, str], Problem]
    blueprint: Blueprint
    recipe: Recipe
    reads_text: bool = False
    remarks: Callable[[int, str], tuple[str, ...]] = lambda steps, text: ()

    def problem(self, steps: int | None = None, text: str = "") -> Problem:
        """The task at so many steps, by default the usual number; the same arguments give the same object.

        Raises
        ------
        ValueError
            If the steps are out of range.
        """
        span = self.steps
        wanted = span.default if steps is None else steps
        whole(wanted, span.least, span.most, f"{span.label} of the task '{self.title}'")
        return _problem(self, int(wanted), text if self.reads_text else "")


@lru_cache(maxsize=32)
def _problem(task: Task, steps: int, text: str) -> Problem:
    return task.setup(steps, text)
