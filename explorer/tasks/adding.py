"""Add two marked numbers of a long sequence (Hochreiter & Schmidhuber 1997)."""

from __future__ import annotations

from math import isqrt

import numpy as np

from explorer.engine.activations import Array
from explorer.graph import Presence
from explorer.tasks.problem import MEAN_SQUARE, Batch, Problem
from explorer.tasks.recipe import Blueprint, Recipe
from explorer.tasks.task import EXAMINED, Steps, Task, examination_rng


def _adding(steps: int, text: str) -> Problem:
    half = steps // 2

    def sequences(rng: np.random.Generator, marked: Array) -> Batch:
        rows = len(marked)
        every = np.arange(rows)
        first, second = rng.integers(0, half, rows), rng.integers(half, steps, rows)
        read = np.zeros((steps, rows, 2), np.float32)
        read[..., 0] = rng.random((steps, rows), np.float32)
        read[first, every, 0], read[second, every, 0] = marked.T
        read[first, every, 1] = read[second, every, 1] = 1
        total = np.zeros((steps, rows, 1), np.float32)
        total[-1, :, 0] = marked.sum(axis=1)
        return Batch({"x": read}, {"E": total})

    def draw(rng: np.random.Generator, rows: int) -> Batch:
        return sequences(rng, rng.random((rows, 2), np.float32))

    def examine() -> Batch:
        """A pair from each square of a grid: by chance alone the naive rule would be a tenth better or worse."""
        rng, side = examination_rng(), isqrt(EXAMINED)
        corner = np.stack(np.divmod(np.arange(side * side), side), axis=1)
        return sequences(rng, ((corner + rng.random(corner.shape)) / side).astype(np.float32))

    return Problem(
        inputs=2,
        outputs=1,
        draw=draw,
        examine=examine,
        metric=MEAN_SQUARE,
        baseline=1 / 6,  # the variance of the sum of two numbers, each uniform in 0 … 1
        rule="always say 1",
        goal=0.01,
        naive_loss=1 / 12,
        output_activation="identity",
        loss="squared_error",
        answers=Presence(first=-1),
        input_names=("number", "mark"),
        output_names=("sum",),
    )


ADDING = Task(
    title="Adding",
    about=("Read numbers between 0 and 1, two of them marked, one in each half; after the last step say their sum."),
    expectation=(
        "A plain RNN learns to say about 1, which is the baseline, and stays there where the sequence is long; at a "
        "length of 20 it gets away from it after many iterations."
    ),
    steps=Steps("Length T", "Numbers in a sequence.", 2, 50, 200),
    setup=_adding,
    blueprint=Blueprint("lstm", hidden=16, bias=1.0),
    recipe=Recipe(rate=0.01, iterations=3000, every=25),
)
