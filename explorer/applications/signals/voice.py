"""Voice: one sound, one answer. A low voice, a high voice, a bird or a dog?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType

import numpy as np

from explorer.applications.application import OWN, Answer, Application, Asked, Run, Sound
from explorer.applications.signals.calls import CALLERS, MOST_NOISE, Call, describe, sound
from explorer.applications.signals.phrases import ranked, unsure
from explorer.applications.signals.sound import BANDS, RATE, bands, clock
from explorer.engine.activations import Array
from explorer.engine.timeline import frozen
from explorer.graph import Presence
from explorer.tasks.problem import ACCURACY, Batch, Problem
from explorer.tasks.reading import Reading
from explorer.tasks.recipe import Blueprint, Recipe

CLASSES = ("low voice", "high voice", "bird", "dog")
PITCHES: Mapping[str, tuple[float, float]] = MappingProxyType({"low voice": (115.0, 22.0), "high voice": (220.0, 32.0)})
"""Classes that differ in pitch alone: its mean and its spread in Hz; where two of them overlap nobody can tell."""

CERTAINLY_LOW, CERTAINLY_HIGH = 145.0, 175.0
STRANGE = 0.15  # share of sounds in training that are of no class, so that such sounds are answered with a shrug
_POOLS, _IN_POOL = 80, 32
_WHOLE = 16  # few different numbers of steps: each needs room of its own


def make_call(rng: np.random.Generator) -> tuple[Call, int]:
    """A sound to examine on, and its class."""
    unit = int(rng.integers(len(CLASSES)))
    kind = _caller_of(rng, CLASSES[unit])
    low, high = CALLERS[kind].heard
    pitch = float(rng.normal(*PITCHES[CLASSES[unit]]) if CLASSES[unit] in PITCHES else rng.uniform(low, high))
    count = int(rng.integers(1, 7)) if CALLERS[kind].repeats else 1
    seconds = float(np.clip(rng.uniform(0.15, 0.45) * count, 0.3, 1.5)) if count > 1 else float(rng.uniform(0.3, 1.4))
    noise = float(rng.uniform(0, MOST_NOISE)) if rng.random() < 0.6 else 0.0
    return Call(kind, float(np.clip(pitch, low, high)), seconds, count, noise), unit


def _caller_of(rng: np.random.Generator, name: str) -> str:
    """One of the callers that a class is made of."""
    kinds = [kind for kind, caller in CALLERS.items() if name in caller.classes]
    if len(kinds) == 1:
        return kinds[0]
    chance, most = rng.random(), np.cumsum([CALLERS[kind].share for kind in kinds])
    return kinds[int(np.searchsorted(most[:-1], chance, side="right"))]


def _lesson(rng: np.random.Generator) -> tuple[Call, Array]:
    """A sound to train on, and how probable each class is, given all that can be heard."""
    call, unit = make_call(rng)
    if rng.random() < STRANGE:
        return _strange(rng), np.full(len(CLASSES), 1 / len(CLASSES))
    if CLASSES[unit] in PITCHES:  # all pitches alike, so that those between two classes are well known
        call = replace(call, pitch=float(rng.uniform(*CALLERS[call.kind].heard)))
        return call, probable(call.pitch)
    return call, np.eye(len(CLASSES))[unit]


def probable(pitch: float) -> Array:
    """How probable each class is for a voice of a pitch in Hz, by Bayes' rule.

    Examples
    --------
    >>> probable(110.0).round(2), probable(160.0).round(1)
    (array([1., 0., 0., 0.]), array([0.5, 0.5, 0. , 0. ]))
    """
    found = np.zeros(len(CLASSES))
    for name, (mean, spread) in PITCHES.items():
        found[CLASSES.index(name)] = np.exp(-np.square((pitch - mean) / spread) / 2) / spread
    return found / found.sum()


def _strange(rng: np.random.Generator) -> Call:
    """A sound that is of no class: of a pitch at which nothing of its kind calls, or drowned in noise."""
    kind = str(rng.choice(list(CALLERS)))
    low, high = CALLERS[kind].heard
    pitch, noise = float(np.exp(rng.uniform(np.log(40), np.log(3800)))), 0.0
    if low * 0.7 <= pitch <= high * 1.4:
        noise = float(rng.uniform(2.5, 3))
    return Call(kind, pitch, float(rng.uniform(0.3, 1.4)), int(rng.integers(1, 5)), noise)


def _side_by_side(heard: Sequence[Array], wanted: Array, whole: int = 1) -> Batch:
    """Sounds that all end at the last step, the shorter ones padded at their beginning.

    What is wanted there is a class each, (rows,), or a probability of each class, (rows, classes). The number of
    steps is a multiple of `whole`.
    """
    steps, rows = -(-max(map(len, heard)) // whole) * whole, len(heard)
    read = np.zeros((steps, rows, BANDS))
    mask = np.zeros((steps, rows), bool)
    for row, frames in enumerate(heard):
        read[steps - len(frames) :, row] = frames
        mask[steps - len(frames) :, row] = True
    targets = np.zeros((steps, *wanted.shape), wanted.dtype)
    targets[-1] = wanted
    return Batch({"x": read}, {"E": targets}, None if mask.all() else mask)


@lru_cache(maxsize=_POOLS)
def _pool(number: int) -> tuple[tuple[Array, Array], ...]:
    """Sounds to train on: made once, since making them takes longer than learning from them."""
    rng = np.random.default_rng([1, number])
    lessons = [_lesson(rng) for _ in range(_IN_POOL)]
    return tuple((bands(sound(call, rng)), wanted) for call, wanted in lessons)


def draw(rng: np.random.Generator, rows: int) -> Batch:
    """Sounds from the pool."""
    pool = _pool(int(rng.integers(_POOLS)))
    chosen = [pool[i] for i in rng.choice(len(pool), rows, replace=rows > len(pool))]
    return _side_by_side([heard for heard, _ in chosen], np.array([wanted for _, wanted in chosen]), _WHOLE)


@lru_cache(maxsize=1)
def examine() -> Batch:
    """Sounds from a stream of their own."""
    rng = np.random.default_rng([2, 0])
    calls = [make_call(rng) for _ in range(160)]
    return _side_by_side([bands(sound(call, rng)) for call, _ in calls], np.array([unit for _, unit in calls]))


def make_problem() -> Problem:
    """Say at the end what it was."""
    counts = np.bincount(examine().targets["E"][-1])
    return Problem(
        inputs=BANDS,
        outputs=len(CLASSES),
        draw=draw,
        examine=examine,
        metric=ACCURACY,
        baseline=float(counts.max() / counts.sum()),
        rule=f"always “{CLASSES[counts.argmax()]}”",
        goal=1.0,
        answers=Presence(first=-1),
        output_names=CLASSES,
    )


def truth(call: Call) -> int | None:
    """The class of a call by its description; none where its pitch is between two classes."""
    classes = [CLASSES.index(name) for name in CALLERS[call.kind].classes]
    low, high = classes[0], classes[-1]
    if call.pitch <= CERTAINLY_LOW or low == high:
        return low
    return high if call.pitch >= CERTAINLY_HIGH else None


def ask(text: str, run: Run) -> Asked:
    """Classify a sound made from a description; the network gets to hear it, not to read it."""
    described = describe(text, EXAMPLES[0])
    call, doubts, notes = described.call, list(described.doubts), described.notes
    samples = call.samples
    heard = bands(samples)
    trace = run(_side_by_side([heard], np.array([0])))
    probabilities = trace[trace.output][-1, 0]
    said, right = int(probabilities.argmax()), truth(call)
    doubts += unsure(float(probabilities[said]))
    if right is None:
        doubts.append(
            f"At {call.pitch:g} Hz a voice is neither low nor high; voices of both classes can have this pitch."
        )
        notes = (*notes, OWN)
    elif said != right:
        doubts.append(f"It is wrong: by its description this is a {CLASSES[right]}.")
    wanted = said if right is None else right
    batch = _side_by_side([heard], np.array([wanted]))
    reading = Reading(
        inputs=batch.inputs,
        targets=batch.targets,
        shown=clock(len(heard)),
        aims=("",) * (len(heard) - 1) + (CLASSES[wanted],),
        answers=CLASSES,
        notes=notes,
    )
    answer = Answer(
        f"It hears a **{CLASSES[said]}** ({probabilities[said]:.0%}).",
        ranked=ranked(probabilities, CLASSES),
        doubts=tuple(doubts),
    )
    caption = f"A {CALLERS[call.kind].noun} at {call.pitch:g} Hz, {call.seconds:g} s"
    return Asked(reading, answer, Sound(RATE, frozen(samples), caption))


EXAMPLES = (
    "voice 120 Hz",
    "voice 220 Hz",
    "voice 160 Hz",
    "bird 3200 Hz 3 chirps",
    "dog 2 barks",
    "growl 60 Hz noise 0.5",
)

VOICE = Application(
    title="Voice",
    kind="many_to_one",
    about="Listens to a sound, and says at its end: a low voice, a high voice, a bird or a dog.",
    blueprint=Blueprint("gru_reset_after", hidden=16, seed=1),
    recipe=Recipe(rate=0.01, batch=32, iterations=3000, every=250),
    make_problem=make_problem,
    ask=ask,
    hint="What calls (voice, bird, dog, growl), pitch in Hz, duration in s, how many times, noise 0 to 3",
    examples=EXAMPLES,
)
