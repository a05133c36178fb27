"""Speech: digits that are spoken, heard frame by frame, written down as figures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from zlib import crc32

import numpy as np

from explorer.applications.application import UNSURE, Answer, Application, Asked, Run, Sound
from explorer.applications.signals.digits import SILENCE, WORDS, Manner, speak
from explorer.applications.signals.measures import Rule, taken, within
from explorer.applications.signals.phrases import clipped, quoted, spoken
from explorer.applications.signals.sound import BANDS, RATE, bands, clock
from explorer.engine.activations import Array
from explorer.engine.timeline import frozen
from explorer.tasks.problem import ACCURACY, Batch, Problem
from explorer.tasks.reading import Reading
from explorer.tasks.recipe import Blueprint, Recipe

LABELS = (*WORDS, "silence")
MOST_DIGITS, MOST_FRAMES = 12, 120
SHORTEST_RUN = 2  # frames; what is shorter is not taken for a digit

HEARD = {"speed": (0.7, 1.5), "pitch": (85.0, 240.0), "noise": (0.0, 0.25), "pause": (0.06, 0.3)}
"""Least and most in training."""

_LIMITS = {"speed": (0.4, 3.0), "pitch": (60.0, 500.0), "noise": (0.0, 3.0), "pause": (0.0, 0.6)}
_RULES: tuple[Rule, ...] = (
    ("noise", r"\bnoise(?: of)? # ?%", 0.01),
    ("noise", r"# ?% (?:of )?noise\b", 0.01),
    *((name, rf"\b{name}(?: of)? #(?: ?(?:hz|hertz|s|x)\b)?", 1.0) for name in ("noise", "speed", "pitch", "pause")),
    ("pitch", r"# ?(?:hz|hertz)\b", 1),
)
_MANNERS = {
    "fast": {"speed": 1.4},
    "quick": {"speed": 1.4},
    "slow": {"speed": 0.75},
    "slowly": {"speed": 0.75},
    "noisy": {"noise": 0.2},
    "high": {"pitch": 220.0},
    "low": {"pitch": 95.0},
    "deep": {"pitch": 95.0},
}
_FIGURES = {**{word: digit for digit, word in enumerate(WORDS)}, "oh": 0, "null": 0, "nil": 0}
_IDLE = frozenset(("and", "then", "voice", "digits", "the", "a", "number"))
_POOLS, _IN_POOL = 48, 24
_WHOLE = 16  # few different numbers of steps: each needs room of its own


def make_manner(rng: np.random.Generator) -> Manner:
    """A way of speaking, out of those in training."""
    speed, pitch, noise, pause = (float(rng.uniform(*HEARD[name])) for name in ("speed", "pitch", "noise", "pause"))
    quiet = rng.random() < 0.4
    return Manner(speed, pitch, 0.0 if quiet else noise, pause, float(rng.uniform(0.9, 1.12)))


def _utterance(rng: np.random.Generator, count: int) -> tuple[Array, Array]:
    samples, said = speak([int(digit) for digit in rng.integers(0, 10, count)], make_manner(rng), rng)
    return bands(samples), said


def _side_by_side(heard: Sequence[tuple[Array, Array]], whole: int = 1) -> Batch:
    """Utterances that start at the first step, padded at their end; the number of steps is a multiple of `whole`."""
    steps, rows = -(-max(len(frames) for frames, _ in heard) // whole) * whole, len(heard)
    read = np.zeros((steps, rows, BANDS))
    said, mask = np.full((steps, rows), SILENCE), np.zeros((steps, rows), bool)
    for row, (frames, labels) in enumerate(heard):
        read[: len(frames), row], said[: len(frames), row], mask[: len(frames), row] = frames, labels, True
    return Batch({"x": read}, {"E": said}, None if mask.all() else mask)


@lru_cache(maxsize=_POOLS)
def _pool(number: int) -> tuple[tuple[Array, Array], ...]:
    """Utterances to train on, of about one length: made once, since that takes longer than learning from them."""
    rng = np.random.default_rng([1, number])
    return tuple(_utterance(rng, 1 + number % 3) for _ in range(_IN_POOL))


def draw(rng: np.random.Generator, rows: int) -> Batch:
    """Utterances from the pool."""
    pool = _pool(int(rng.integers(_POOLS)))
    return _side_by_side([pool[i] for i in rng.choice(len(pool), rows, replace=rows > len(pool))], _WHOLE)


@lru_cache(maxsize=1)
def examine() -> Batch:
    """Utterances from a stream of their own."""
    rng = np.random.default_rng([2, 0])
    return _side_by_side([_utterance(rng, 1 + number % 4) for number in range(48)])


def make_problem() -> Problem:
    """Label every frame."""
    examination = examine()
    counts = np.bincount(examination.targets["E"][examination.mask])
    return Problem(
        inputs=BANDS,
        outputs=len(LABELS),
        draw=draw,
        examine=examine,
        metric=replace(ACCURACY, name="frames labelled right"),
        baseline=float(counts.max() / counts.sum()),
        rule=f"always “{LABELS[counts.argmax()]}”",
        goal=1.0,
        output_names=LABELS,
    )


def collapsed(labels: Sequence[int]) -> list[int]:
    """Digits in labelled frames: each run of one label is said once; silence and runs too short for a digit are not.

    Examples
    --------
    >>> collapsed([10, 3, 3, 3, 10, 1, 1, 7, 1, 10])
    [3, 1]
    """
    runs = [(label, len(list(run))) for label, run in groupby(labels)]
    heard = [label for label, length in runs if length >= SHORTEST_RUN]
    return [label for label, _ in groupby(heard) if label != SILENCE]


@dataclass(frozen=True, slots=True)
class _Typed:
    digits: tuple[int, ...]
    manner: Manner
    notes: tuple[str, ...]
    doubts: tuple[str, ...]


def _read(text: str) -> _Typed:
    text, notes = clipped(text)
    numbers, rest = taken(text.lower(), _RULES)
    digits: list[int] = []
    unknown = []
    for word in re.findall(r"\d|[^\W\d_]+|[^\s\w.,;:!?()'’\-–/]", rest):
        if word.isdecimal():
            digits.append(int(word))
        elif word in _FIGURES:
            digits.append(_FIGURES[word])
        elif word in _MANNERS:
            numbers = {**_MANNERS[word], **numbers}
        elif word not in _IDLE:
            unknown.append(word)
    doubts = list(notes)
    if unknown:
        doubts.append(f"Not digits, and not spoken: {quoted(unknown)}. It can say and hear zero to nine.")
    if not digits:
        doubts.append(f"There is no digit in this input; “{EXAMPLES[0]}” is spoken instead.")
        digits = [_FIGURES[word] for word in EXAMPLES[0].split()]
    if len(digits) > MOST_DIGITS:
        doubts.append(f"These are {len(digits):,} digits; the first {MOST_DIGITS} are spoken.")
        digits = digits[:MOST_DIGITS]
    inside, moved = within(numbers, _LIMITS)
    doubts += moved
    for name, value in inside.items():
        low, high = HEARD[name]
        if not low <= value <= high:
            doubts.append(f"All speech in training had a {name} of {low:g} to {high:g}; here it is {value:g}.")
    return _Typed(tuple(digits), Manner(**inside), notes, tuple(doubts))


def _fitting(typed: _Typed) -> tuple[Array, Array, tuple[int, ...]]:
    """Samples, labels and the digits said: as many of them as the diagram has room for."""
    digits = typed.digits
    while True:
        rng = np.random.default_rng(crc32(repr((digits[:1], typed.manner)).encode()))
        samples, labels = speak(digits, typed.manner, rng)
        if len(labels) <= MOST_FRAMES or len(digits) == 1:
            return samples, labels, digits
        digits = digits[:-1]


def ask(text: str, run: Run) -> Asked:
    """Write down digits that are spoken as described; the network gets to hear them, not to read them."""
    typed = _read(text)
    samples, labels, digits = _fitting(typed)
    doubts = list(typed.doubts)
    if len(digits) < len(typed.digits):
        doubts.append(f"More than {MOST_FRAMES} frames of sound do not fit; the first {len(digits)} digits are spoken.")
    batch = _side_by_side([(bands(samples), labels)])
    trace = run(batch)
    probabilities = trace[trace.output][1:, 0]
    said = probabilities.argmax(axis=-1)
    heard = collapsed(said.tolist())
    if heard != list(digits):
        doubts.append(f"It is wrong: what was spoken is {_written(digits)}.")
    talking = said != SILENCE
    guessed = (probabilities.max(axis=-1) < UNSURE) & (talking | (labels != SILENCE))
    if guessed.sum() > 0.15 * max(1, talking.sum()):
        places = sorted({WORDS[unit] for unit in said[guessed & talking].tolist()}, key=WORDS.index)
        about = f", above all where it hears {' or '.join(places)}" if 0 < len(places) <= 3 else ""
        doubts.append(f"It is unsure in {guessed.sum() / max(1, talking.sum()):.0%} of the frames of speech{about}.")
    reading = Reading(
        inputs=batch.inputs,
        targets=batch.targets,
        shown=clock(len(labels)),
        aims=tuple(LABELS[label] for label in labels.tolist()),
        answers=LABELS,
        notes=typed.notes,
    )
    answer = Answer(
        f"It hears **{_written(heard)}**." if heard else "It hears no digit.",
        steps=spoken(probabilities, LABELS),
        doubts=tuple(doubts),
    )
    return Asked(reading, answer, Sound(RATE, frozen(samples), f"Spoken: {_written(digits)}"))


def _written(digits: Sequence[int]) -> str:
    return " ".join(str(digit) for digit in digits)


EXAMPLES = (
    "three one four",
    "two zero two six fast",
    "7 7 7 pitch 200",
    "nine five one noise 0.2",
    "six seven speed 2",
)

SPEECH = Application(
    title="Speech",
    kind="aligned",
    about="Listens to spoken digits, labels each frame of sound, and writes the digits down.",
    blueprint=Blueprint("bidirectional_lstm", hidden=24, bias=1.0, seed=1),
    recipe=Recipe(rate=0.01, batch=24, iterations=1500, every=250),
    make_problem=make_problem,
    ask=ask,
    hint="Digits as words or figures; then fast, slow, speed 1.2, pitch 180, noise 0.1, pause 0.2",
    examples=EXAMPLES,
)
