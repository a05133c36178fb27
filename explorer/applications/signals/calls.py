"""Calls of people, birds and dogs: described in words and numbers, and made into sound."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from zlib import crc32

import numpy as np

from explorer.applications.signals.measures import Rule, taken, within
from explorer.applications.signals.phrases import clipped, quoted
from explorer.applications.signals.sound import Part, synthesise
from explorer.engine.activations import Array

MOST_NOISE = 0.6
"""Loudest noise through which a sound is taught as what it is, as a multiple of the sound's loudness."""

_UNNAMED = "voice"  # what calls at a pitch if nothing else is said
_LIMITS = {"pitch": (40.0, 3800.0), "seconds": (0.2, 3.0), "count": (1.0, 12.0), "noise": (0.0, 3.0)}
_COUNTED = {
    **dict.fromkeys(("syllable", "call", "time"), "voice"),
    **dict.fromkeys(("chirp", "tweet", "note"), "bird"),
    **dict.fromkeys(("bark", "woof"), "bark"),
    "growl": "growl",
}
_RULES: tuple[Rule, ...] = (
    ("noise", r"\bnoise(?: of)? # ?%", 0.01),
    ("noise", r"# ?% (?:of )?noise\b", 0.01),
    ("noise", r"\bnoise(?: of)? #", 1),
    ("pitch", r"# ?(?:hz|hertz)\b", 1),
    ("seconds", r"# ?ms\b", 0.001),
    ("seconds", r"# ?s(?:ec(?:ond)?s?)?\b", 1),
    ("count", rf"# ?(?=(?:{'|'.join(_COUNTED)})s?\b)", 1),
    ("count", r"# ?x\b", 1),
    ("count", r"(?<![\w.,])(\d)(?![\w.,]\d|\d)", 1),  # a single figure: how often
    ("pitch", r"#", 1),
)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|[^\s\w.,;:!?()'’\-–/]|\d+")
_LITTLE_WORDS = (
    "a",
    "an",
    "the",
    "and",
    "of",
    "with",
    "at",
    "in",
    "is",
    "it",
    "for",
    "one",
    "pitch",
    "lasting",
    "about",
)
_IDLE = frozenset((*_LITTLE_WORDS, "calls", "call", "times", "time", "small", "big", "little", "singing"))


@dataclass(frozen=True, slots=True)
class Call:
    """A sound, described: what calls, at which pitch in Hz, how long, in how many syllables, through how much noise."""

    kind: str
    pitch: float
    seconds: float
    count: int
    noise: float = 0.0

    @property
    def samples(self) -> Array:
        """The sound itself; the same description always gives the same."""
        return sound(self, np.random.default_rng(crc32(repr(self).encode())))


@dataclass(frozen=True, slots=True)
class Caller:
    """What can call.

    Attributes
    ----------
    noun : str
    words : mapping of str to (mapping of str to float)
        By which it is asked for, each with the numbers that it implies.
    heard : (float, float)
        Lowest and highest pitch at which it is taught as what it is.
    usual : Call
    classes : tuple of str
        What it is to be heard as; of several, the lower pitch first.
    share : float
        How much of the sounds of its class it makes.
    repeats : bool
        Whether it calls more than once in a row.
    """

    noun: str
    words: Mapping[str, Mapping[str, float]]
    heard: tuple[float, float]
    usual: Call
    classes: tuple[str, ...]
    share: float = 1.0
    repeats: bool = True


def _words(line: str, **implied: float) -> dict[str, Mapping[str, float]]:
    return dict.fromkeys(line.split(), implied)


CALLERS: Mapping[str, Caller] = MappingProxyType(
    {
        "growl": Caller(
            "growling dog",
            _words("growl growls growling snarl snarling", count=1),
            (45.0, 90.0),
            Call("growl", 65.0, 0.9, 1),
            ("dog",),
            share=0.4,
            repeats=False,
        ),
        "bark": Caller(
            "barking dog",
            _words("dog dogs dog's bark barks barking woof woofs puppy hound animal"),
            (250.0, 600.0),
            Call("bark", 400.0, 0.8, 2),
            ("dog",),
            share=0.6,
        ),
        "bird": Caller(
            "bird",
            _words("bird birds bird's birdsong chirp chirps chirping whistle tweet tweets notes note canary sparrow"),
            (1700.0, 3600.0),
            Call("bird", 2800.0, 0.9, 3),
            ("bird",),
        ),
        "voice": Caller(
            "voice",
            {
                **_words("voice voices speech speaking person human someone syllable syllables"),
                **_words("low deep man man's male", pitch=110.0),
                **_words("high woman woman's female", pitch=220.0),
                **_words("child child's baby", pitch=320.0),
            },
            (70.0, 320.0),
            Call("voice", 120.0, 0.9, 3),
            ("low voice", "high voice"),
        ),
    }
)
"""In the order in which they are looked for: "a dog growls" is a growl, "a high bird" a bird."""

_MANNER: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {**_words("short", seconds=0.4), **_words("long", seconds=1.8), **_words("noisy", noise=0.5)}
)


@dataclass(frozen=True, slots=True)
class Described:
    """A call as it was understood, with sentences about what was not."""

    call: Call
    notes: tuple[str, ...]
    doubts: tuple[str, ...]


def describe(text: str, fallback: str) -> Described:
    """Read a description; what cannot be understood is left out, and a doubt says so.

    Examples
    --------
    >>> describe("bird 3200 Hz 3 chirps", "voice").call
    Call(kind='bird', pitch=3200.0, seconds=0.9, count=3, noise=0.0)
    """
    text, notes = clipped(text)
    doubts = list(notes)
    kind, numbers, unknown = _understood(text)
    if unknown:
        doubts.append(
            f"Not understood, and left out: {quoted(unknown)}. There is a voice, a bird, a dog that barks and a growl."
        )
    if not kind and "pitch" in numbers:
        kind = _UNNAMED
        notes = (*notes, f"Nothing here says what is to call; a {CALLERS[kind].noun} is heard.")
    elif not kind:
        doubts.append(f"Nothing here says what is to call; “{fallback}” is heard instead.")
        kind, numbers, _ = _understood(fallback)
    others = [word for word in _WORD.findall(text.lower()) if _elsewhere(word, kind)]
    if others:
        doubts.append(f"One caller at a time: a {CALLERS[kind].noun} is heard, not {quoted(others)}.")
    inside, moved = within(numbers, _LIMITS)
    usual = CALLERS[kind].usual
    call = Call(
        kind,
        inside.get("pitch", usual.pitch),
        inside.get("seconds", usual.seconds),
        round(inside.get("count", usual.count)),
        inside.get("noise", usual.noise),
    )
    return Described(call, notes, (*doubts, *moved, *_unheard(call)))


def _understood(text: str) -> tuple[str, dict[str, float], list[str]]:
    """The kind of call, the numbers given or implied, and the words that mean nothing here."""
    numbers, rest = taken(text.lower().replace("’", "'"), _RULES)
    words = _WORD.findall(rest)
    kind = next((key for key, caller in CALLERS.items() if any(word in caller.words for word in words)), "")
    known = {**CALLERS[kind].words, **_MANNER} if kind else _MANNER
    for word in words:
        numbers = {**known.get(word, {}), **numbers}
    everything = set(_MANNER) | _IDLE | {word for caller in CALLERS.values() for word in caller.words}
    return kind, numbers, [word for word in words if word not in everything]


def _elsewhere(word: str, kind: str) -> bool:
    """Whether a word names another caller, one that is neither the same animal nor said of any (a high bird)."""
    named = [caller for caller in CALLERS.values() if word in caller.words and not caller.words[word]]
    return bool(named) and not any(set(caller.classes) & set(CALLERS[kind].classes) for caller in named)


def _unheard(call: Call) -> tuple[str, ...]:
    """Sentences about what was never taught as what it is."""
    caller = CALLERS[call.kind]
    low, high = caller.heard
    found = []
    if not low <= call.pitch <= high:
        found.append(
            f"No {caller.noun} was taught at {call.pitch:,g} Hz, only at {low:,g} to {high:,g} Hz; sounds far from "
            "that were taught as “it may be anything”."
        )
    if call.noise > MOST_NOISE:
        found.append(
            f"No {caller.noun} was taught through so much noise, but at most {MOST_NOISE:.0%} of its loudness; sounds "
            "drowned in noise were taught as “it may be anything”."
        )
    return tuple(found)


def sound(call: Call, rng: np.random.Generator) -> Array:
    """Samples of a call; what a description leaves open is drawn."""
    each = call.seconds / call.count
    parts: list[Part] = []
    for _ in range(call.count):
        parts += _SYLLABLES[call.kind](call, each, rng)
    return synthesise(parts, call.noise, rng)


def _spread(rng: np.random.Generator, *centres: float) -> tuple[float, float, float]:
    first, second, third = (float(centre * rng.uniform(0.85, 1.15)) for centre in centres)
    return first, second, third


_VOWELS = ((700, 1200, 2500), (300, 2200, 2900), (400, 850, 2400), (550, 1800, 2500), (320, 900, 2300))


def _voiced(call: Call, seconds: float, rng: np.random.Generator) -> list[Part]:
    first, last = (_spread(rng, *_VOWELS[rng.integers(len(_VOWELS))]) for _ in range(2))
    pitch = call.pitch * rng.uniform(0.96, 1.04, 2)
    rest = min(0.25, rng.uniform(0.0, 0.3)) * seconds
    main = Part(seconds - rest, (pitch[0], pitch[1]), (first, last), pulses=1.0, hiss=float(rng.uniform(0, 0.06)))
    return [main, Part(rest, (pitch[1], pitch[1]), (last, last))]


def _chirped(call: Call, seconds: float, rng: np.random.Generator) -> list[Part]:
    sweep = rng.uniform(-0.2, 0.2)
    begin, end = call.pitch * (1 - sweep), call.pitch * (1 + sweep)
    rest = rng.uniform(0.1, 0.5) * seconds
    if rng.random() < 0.3:  # up and down again
        half = (seconds - rest) / 2
        return [Part(half, (begin, end), tone=0.5), Part(half, (end, begin), tone=0.5), Part(rest)]
    return [Part(seconds - rest, (begin, end), tone=0.5), Part(rest)]


def _barked(call: Call, seconds: float, rng: np.random.Generator) -> list[Part]:
    loud = min(seconds * 0.7, rng.uniform(0.1, 0.22))
    formants = _spread(rng, 850, 1700, 2700), _spread(rng, 550, 1300, 2500)
    pitch = (call.pitch * 1.1, call.pitch * rng.uniform(0.5, 0.8))
    return [Part(loud, pitch, formants, pulses=0.8, hiss=float(rng.uniform(0.5, 1.0))), Part(seconds - loud)]


def _growled(call: Call, seconds: float, rng: np.random.Generator) -> list[Part]:
    formants = _spread(rng, 420, 1050, 2300), _spread(rng, 420, 1050, 2300)
    pitch = (call.pitch * rng.uniform(0.9, 1.0), call.pitch * rng.uniform(0.9, 1.1))
    hiss, growl = float(rng.uniform(0.3, 0.7)), float(rng.uniform(18, 30))
    return [Part(seconds, pitch, formants, pulses=0.8, hiss=hiss, growl=growl)]


_SYLLABLES: Mapping[str, Callable[[Call, float, np.random.Generator], list[Part]]] = MappingProxyType(
    {"voice": _voiced, "bird": _chirped, "bark": _barked, "growl": _growled}
)
