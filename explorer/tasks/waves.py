"""Say the next value of a wave."""

from __future__ import annotations

from math import pi, sin, tau

import numpy as np

from explorer.graph import Presence
from explorer.tasks.problem import MEAN_SQUARE, Batch, Problem
from explorer.tasks.recipe import Blueprint, Recipe
from explorer.tasks.task import EXAMINED, Steps, Task, examination_rng

SLOWEST, FASTEST = tau / 20, tau / 8
"""Angle from one step to the next: a wave has 20 to 8 steps."""

_FIRST = 3  # from two values on, the next one is determined: x_{t+1} = 2 cos(angle) x_t − x_{t−1}


def _waves(steps: int, text: str) -> Problem:
    def draw(rng: np.random.Generator, rows: int) -> Batch:
        angle, phase = rng.uniform(SLOWEST, FASTEST, rows), rng.uniform(-pi, pi, rows)
        values = np.sin(np.arange(steps + 1)[:, None] * angle + phase).astype(np.float32)[..., None]
        return Batch({"x": values[:-1]}, {"E": values[1:]})

    # (x_{t+1} − x_t)² is 1 − cos(angle) in the mean over all phases
    naive = 1 - (sin(FASTEST) - sin(SLOWEST)) / (FASTEST - SLOWEST)
    return Problem(
        inputs=1,
        outputs=1,
        draw=draw,
        examine=lambda: draw(examination_rng(), EXAMINED),
        metric=MEAN_SQUARE,
        baseline=naive,
        rule="next = this",
        goal=0.002,
        naive_loss=naive / 2,
        output_activation="identity",
        loss="squared_error",
        answers=Presence(first=_FIRST),
        input_names=("value",),
        output_names=("next value",),
    )


WAVES = Task(
    title="Next value of a sine",
    about="Read a sine wave of unknown phase and frequency, and say at each step what its next value will be.",
    expectation="A plain RNN learns it well: the last two values are all that it has to remember.",
    steps=Steps("Length T", "Values in a sequence.", 4, 30, 200),
    setup=_waves,
    blueprint=Blueprint("elman", hidden=16),
    recipe=Recipe(rate=0.005, iterations=1500, every=25),
)
