"""Which of two symbols came first, much later (Hochreiter & Schmidhuber 1997, experiment 6a)."""

from __future__ import annotations

from math import log

import numpy as np

from explorer.graph import Presence
from explorer.tasks.problem import ACCURACY, Batch, Problem
from explorer.tasks.recipe import Blueprint, Recipe
from explorer.tasks.task import EXAMINED, Steps, Task, examination_rng

SYMBOLS = ("a", "b", "c", "d", "X", "Y", "E", "B")
CLASSES = ("XX", "XY", "YX", "YY")
_DISTRACTORS = 4
_X, _START, _END = (SYMBOLS.index(symbol) for symbol in ("X", "E", "B"))


def _order(steps: int, text: str) -> Problem:
    # the original's places at T = 100: the first among steps 10 … 20, the second among 50 … 60
    early, late = (steps // 10, steps // 5), (steps // 2, 3 * steps // 5)

    def draw(rng: np.random.Generator, rows: int) -> Batch:
        every = np.arange(rows)
        read = rng.integers(0, _DISTRACTORS, (steps, rows))
        first, second = rng.integers(0, 2, (2, rows))
        read[rng.integers(*early, rows, endpoint=True) - 1, every] = _X + first
        read[rng.integers(*late, rows, endpoint=True) - 1, every] = _X + second
        read[0], read[-1] = _START, _END
        asked = np.zeros((steps, rows), np.int64)
        asked[-1] = 2 * first + second
        return Batch({"x": read}, {"E": asked})

    return Problem(
        inputs=len(SYMBOLS),
        outputs=len(CLASSES),
        draw=draw,
        examine=lambda: draw(examination_rng(), EXAMINED),
        metric=ACCURACY,
        baseline=1 / len(CLASSES),
        rule="always the same class",
        goal=0.99,
        naive_loss=log(len(CLASSES)),
        answers=Presence(first=-1),
        input_names=SYMBOLS,
        output_names=CLASSES,
    )


ORDER = Task(
    title="Temporal order",
    about=(
        "Among many symbols that mean nothing stand two that are X or Y, far apart; after the last step say which two "
        "there were, in order: XX, XY, YX or YY."
    ),
    expectation=(
        "A plain RNN learns it for sequences of 20 or 30 and stays near chance for 50: by the time it is asked, what "
        "it read is forgotten."
    ),
    steps=Steps("Length T", "Symbols in a sequence.", 20, 50, 200),
    setup=_order,
    blueprint=Blueprint("lstm", hidden=16, bias=1.0),
    recipe=Recipe(rate=0.01, iterations=3000, every=25),
)
