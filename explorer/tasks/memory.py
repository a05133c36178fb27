"""Say later what was read before: an echo after d steps, and ten symbols kept through a long silence."""

from __future__ import annotations

from math import log

import numpy as np

from explorer.engine.trace import Trace
from explorer.graph import Presence
from explorer.tasks.problem import ACCURACY, Batch, Metric, Problem, right_answers
from explorer.tasks.recipe import Blueprint, Recipe
from explorer.tasks.task import EXAMINED, Steps, Task, examination_rng

LETTERS = ("a", "b", "c", "d", "e", "f", "g", "h")
BLANK, GO = "·", "!"
KEPT = 10
"""Symbols to be kept in the copy task."""

_ECHOED = 4


def _echo(delay: int, text: str) -> Problem:
    steps = 3 * delay + 8

    def draw(rng: np.random.Generator, rows: int) -> Batch:
        read = rng.integers(0, _ECHOED, (steps, rows))
        said = np.zeros_like(read)
        said[delay:] = read[:-delay]
        return Batch({"x": read}, {"E": said})

    return Problem(
        inputs=_ECHOED,
        outputs=_ECHOED,
        draw=draw,
        examine=lambda: draw(examination_rng(), EXAMINED),
        metric=ACCURACY,
        baseline=1 / _ECHOED,
        rule="always the same symbol",
        goal=0.99,
        naive_loss=log(_ECHOED),
        answers=Presence(first=delay + 1),
        input_names=LETTERS[:_ECHOED],
        output_names=LETTERS[:_ECHOED],
    )


ECHO = Task(
    title="Echo",
    about=(
        "Read one of four symbols at each step and say the one that was read d steps ago. Whatever was read since has "
        "to be kept too, in order."
    ),
    expectation=(
        "A plain RNN learns it soon for a few steps, for a dozen it takes many iterations, and beyond that it keeps "
        "only part: d symbols in order have to fit into its state."
    ),
    steps=Steps("Delay d", "Steps between reading a symbol and saying it.", 1, 3, 40),
    setup=_echo,
    blueprint=Blueprint("elman", hidden=24),
    recipe=Recipe(rate=0.005, iterations=2000, every=25),
)


def _copy(blanks: int, text: str) -> Problem:
    names = (*LETTERS, BLANK, GO)
    blank, go = names.index(BLANK), names.index(GO)
    steps = blanks + 2 * KEPT

    def draw(rng: np.random.Generator, rows: int) -> Batch:
        kept = rng.integers(0, len(LETTERS), (KEPT, rows))
        read = np.full((steps, rows), blank)
        read[:KEPT] = kept
        read[-KEPT - 1] = go
        said = np.full((steps, rows), blank)
        said[-KEPT:] = kept
        return Batch({"x": read}, {"E": said})

    return Problem(
        inputs=len(names),
        outputs=len(names),
        draw=draw,
        examine=lambda: draw(examination_rng(), EXAMINED),
        metric=RECALLED,
        baseline=1 / len(LETTERS),
        rule="blanks until the signal, then any symbol",
        goal=0.99,
        naive_loss=KEPT * log(len(LETTERS)) / steps,
        input_names=names,
        output_names=names,
    )


def _recalled(trace: Trace, batch: Batch) -> float:
    right, _ = right_answers(trace, batch)
    return float(right[-KEPT:].mean())


RECALLED = Metric("symbols recalled", _recalled)
"""Share of right answers after the signal; the blanks before it are too easy to count."""

COPY = Task(
    title="Copy memory",
    about=(
        "Read ten symbols, then blanks, then a signal, and say the ten symbols again in order "
        "(Hochreiter & Schmidhuber 1997; Arjovsky et al. 2016)."
    ),
    expectation=(
        "A plain RNN soon says blanks and guesses the rest, which is the baseline. Through a few blanks it slowly "
        "learns to recall; through twenty or more it hardly leaves the baseline."
    ),
    steps=Steps("Blanks", "Steps between the last of the ten symbols and the first answer.", 1, 5, 150),
    setup=_copy,
    blueprint=Blueprint("elman", hidden=64),
    recipe=Recipe(rate=0.005, batch=64, iterations=4000, every=50),
)
