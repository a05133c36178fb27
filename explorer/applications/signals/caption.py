"""Captions: one picture in, a sentence out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from explorer.applications.application import OWN, UNSURE, Answer, Application, Asked, Picture, Run
from explorer.applications.decoding import greedy
from explorer.applications.signals.phrases import quoted, spoken
from explorer.applications.signals.picture import (
    COLOURS,
    SHAPES,
    SIDE,
    SIZES,
    Thing,
    describe,
    is_held_out,
    make_scene,
    paint,
    sentence,
)
from explorer.engine.activations import Array
from explorer.engine.timeline import frozen
from explorer.tasks.problem import ACCURACY, Batch, Problem
from explorer.tasks.reading import Reading
from explorer.tasks.recipe import Blueprint, Recipe
from explorer.tasks.text import END, START

WORDS = (START, END, "a", *SIZES, *COLOURS, *SHAPES, "above", "and", "left", "right", "of")
LONGEST = 13  # words with the end token: a large red circle above and left of a small blue square ⟨/s⟩
_NOISE = 0.01  # spread of the pixels' noise in training
_PIXELS = SIDE * SIDE * 3


def _seen(pixels: Array) -> Array:
    """Pixels as the network reads them."""
    return np.asarray((pixels - 0.2) * 2.0).reshape(-1)


def _batch(pictures: Sequence[Array], scenes: Sequence[Sequence[Thing]]) -> Batch:
    """One step of picture, then the sentences, the shorter ones padded at their end."""
    sentences = [[*(WORDS.index(word) for word in sentence(scene)), 1] for scene in scenes]
    longest, rows = max(map(len, sentences)), len(scenes)
    read = np.zeros((1 + longest, rows, _PIXELS))
    told = np.zeros((1 + longest, rows), np.int64)
    wanted, mask = told.copy(), np.zeros(told.shape, bool)
    mask[0] = True
    for row, (picture, words) in enumerate(zip(pictures, sentences, strict=True)):
        read[0, row] = _seen(picture)
        told[2 : 1 + len(words), row] = words[:-1]
        wanted[1 : 1 + len(words), row] = words
        mask[1 : 1 + len(words), row] = True
    return Batch({"x": read, "s": told}, {"E": wanted}, None if mask.all() else mask, source_steps=1)


def _scenes(rng: np.random.Generator, rows: int, held_out: bool) -> list[tuple[Thing, ...]]:
    found: list[tuple[Thing, ...]] = []
    while len(found) < rows:
        scene = make_scene(rng)
        if is_held_out(scene) == held_out:
            found.append(scene)
    return found


def _noisy(rng: np.random.Generator, scene: Sequence[Thing]) -> Array:
    pixels = paint(scene)
    return np.clip(pixels + rng.normal(0, _NOISE, pixels.shape), 0, 1)


def draw(rng: np.random.Generator, rows: int) -> Batch:
    """Pictures none of whose scenes is held out."""
    scenes = _scenes(rng, rows, held_out=False)
    return _batch([_noisy(rng, scene) for scene in scenes], scenes)


@lru_cache(maxsize=1)
def examine() -> Batch:
    """Pictures of kinds that were never seen together."""
    rng = np.random.default_rng(7)
    scenes = _scenes(rng, 200, held_out=True)
    return _batch([_noisy(rng, scene) for scene in scenes], scenes)


def make_problem() -> Problem:
    """Say the next word of the sentence, given the picture and the words before."""
    batch = examine()
    assert batch.mask is not None
    right = total = 0
    for wanted, asked in zip(batch.targets["E"][1:], batch.mask[1:], strict=True):
        right += int(np.bincount(wanted[asked]).max())
        total += int(asked.sum())
    return Problem(
        inputs=_PIXELS,
        outputs=len(WORDS),
        draw=draw,
        examine=examine,
        metric=replace(ACCURACY, name="words right, given those before"),
        baseline=right / total,
        rule="the most frequent word at its place in the sentence",
        goal=1.0,
        output_names=WORDS,
    )


def ask(text: str, run: Run) -> Asked:
    """Describe a picture drawn from a line; the network gets to see it, not to read the line."""
    scene = describe(text)
    pixels = paint(scene.things)
    doubts, notes = list(scene.doubts), list(scene.notes)
    tokens, trace = greedy(run, {"x": _seen(pixels)[None, None]}, "s", 0, 1, LONGEST)
    said = [WORDS[token] for token in tokens]
    right = sentence(scene.things) if scene.is_familiar else ()
    probabilities = trace[trace.output][2:, 0]
    words = spoken(probabilities, WORDS)
    guesses = [word.guess for word in words if word.guess.probability < UNSURE]
    if guesses:
        doubts.append(
            f"It is unsure of {quoted(guess.text for guess in guesses)}: no word was more probable than {UNSURE:.0%}."
        )
    if right and tuple(said) != right:
        doubts.append(f"It is wrong: right would be “{' '.join(right)}”.")
    if not right:
        notes.append(OWN)
    told = [*said, END][: len(words)]
    wanted = np.array([[1], *([WORDS.index(word)] for word in told)])
    reading = Reading(
        inputs={name: sequence.array for name, sequence in trace.inputs.items()},
        targets={"E": wanted},
        shown=("picture", START, *said)[: 1 + len(words)],
        aims=("", *told),
        answers=WORDS,
        source_steps=1,
        notes=tuple(notes),
    )
    steps = tuple(replace(word, t=word.t + 1) for word in words)
    answer = Answer(f"“{' '.join(said)}”" if said else "It says nothing.", steps=steps, doubts=tuple(doubts))
    caption = ", ".join(f"{thing.kind} at {thing.column} {thing.row}" for thing in scene.things) or "An empty picture"
    return Asked(reading, answer, Picture(frozen(pixels), caption))


EXAMPLES = (
    "red circle 3 3 large, blue square 8 7 small",
    "green triangle 5 5 large",
    "green square 2 8 small, green circle 8 8 large",
    "yellow circle 5 5 large",
    "blue triangle 8 2 small, red square 7 7 large",
)

CAPTION = Application(
    title="Caption",
    kind="one_to_many",
    about="Looks at a small picture, and says in a sentence which shapes are in it, and where.",
    blueprint=Blueprint("encoder_decoder_gru", hidden=48, bias=0.0, seed=1),
    recipe=Recipe(rate=0.004, batch=64, iterations=8000, every=500),
    make_problem=make_problem,
    ask=ask,
    hint="Two shapes: red, green or blue; circle, square or triangle; column and row, 1 to 10; small or large",
    examples=EXAMPLES,
)
