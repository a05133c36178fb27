"""Say at each step whether the number of ones so far is odd."""

from __future__ import annotations

from math import log

import numpy as np

from explorer.tasks.problem import ACCURACY, Batch, Problem
from explorer.tasks.recipe import Blueprint, Recipe
from explorer.tasks.task import EXAMINED, Steps, Task, examination_rng


def _parity(steps: int, text: str) -> Problem:
    def draw(rng: np.random.Generator, rows: int) -> Batch:
        bits = rng.integers(0, 2, (steps, rows))
        return Batch({"x": bits}, {"E": bits.cumsum(axis=0) % 2})

    return Problem(
        inputs=2,
        outputs=2,
        draw=draw,
        examine=lambda: draw(examination_rng(), EXAMINED),
        metric=ACCURACY,
        baseline=0.5,
        rule="always the same answer",
        goal=0.99,
        naive_loss=log(2),
        input_names=("0", "1"),
        output_names=("even", "odd"),
    )


PARITY = Task(
    title="Parity",
    about="Read zeros and ones, and say at each step whether the number of ones so far is even or odd.",
    expectation=(
        "A plain RNN learns it, often suddenly: one bit is all the memory it takes, and since every step is asked for "
        "an answer, the early ones lead the way for the later."
    ),
    steps=Steps("Length T", "Bits in a sequence.", 2, 10, 100),
    setup=_parity,
    blueprint=Blueprint("elman", hidden=16),
    recipe=Recipe(rate=0.01, iterations=2000, every=25),
)
