"""Spoken digits: each as the sounds it is made of, with formants after Peterson & Barney 1952."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from explorer.applications.signals.sound import HOP, Part, synthesise
from explorer.engine.activations import Array

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
SILENCE = len(WORDS)
"""Label of a frame in which no digit is said."""

Formants = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Phone:
    """One sound of speech: seconds, resonances at its beginning and end, and what makes it sound."""

    seconds: float
    begin: Formants
    end: Formants
    pulses: float = 1.0
    hiss: float = 0.02


def _vowel(seconds: float, begin: Formants, end: Formants | None = None) -> Phone:
    return Phone(seconds, begin, end or begin)


def _hiss(seconds: float, formants: Formants, hiss: float, pulses: float = 0.0) -> Phone:
    return Phone(seconds, formants, formants, pulses, hiss)


_S, _F, _TH = (
    _hiss(0.1, (3300, 3700, 3900), 1.0),
    _hiss(0.08, (1500, 2600, 3600), 0.25),
    _hiss(0.07, (1400, 3000, 3700), 0.2),
)
_N = Phone(0.08, (270, 1300, 2300), (270, 1300, 2300), 0.5)
_V = _hiss(0.06, (260, 1100, 2300), 0.12, 0.4)
_STOP = Phone(0.05, (300, 1700, 2600), (300, 1700, 2600), 0.0, 0.0)
_T, _K = _hiss(0.04, (3000, 3400, 3800), 0.7), _hiss(0.04, (1500, 2100, 2800), 0.6)

PHONES: Mapping[str, tuple[Phone, ...]] = MappingProxyType(
    {
        "zero": (
            _hiss(0.08, (260, 3000, 3600), 0.6, 0.4),
            _vowel(0.09, (400, 1950, 2550)),
            _vowel(0.07, (420, 1300, 1650)),
            _vowel(0.14, (520, 950, 2350), (380, 800, 2300)),
        ),
        "one": (_vowel(0.08, (310, 650, 2250)), _vowel(0.15, (640, 1150, 2400)), _N),
        "two": (_STOP, _T, _vowel(0.22, (330, 1300, 2300), (310, 880, 2250))),
        "three": (_TH, _vowel(0.08, (420, 1200, 1650)), _vowel(0.2, (290, 2200, 2900))),
        "four": (_F, _vowel(0.18, (560, 830, 2400)), _vowel(0.09, (450, 1250, 1700))),
        "five": (_F, _vowel(0.22, (730, 1200, 2450), (400, 1950, 2550)), _V),
        "six": (_S, _vowel(0.1, (400, 1950, 2550)), _STOP, _K, _S),
        "seven": (_S, _vowel(0.1, (560, 1800, 2500)), _V, _vowel(0.07, (560, 1300, 2400)), _N),
        "eight": (_vowel(0.2, (500, 1900, 2500), (310, 2250, 2750)), _STOP, _T),
        "nine": (_N, _vowel(0.22, (720, 1200, 2450), (400, 1950, 2550)), _N),
    }
)


@dataclass(frozen=True, slots=True)
class Manner:
    """How digits are spoken.

    Attributes
    ----------
    speed : float
        1 is usual, 2 twice as fast.
    pitch : float
        Hz.
    noise : float
        As a multiple of the speech's loudness.
    pause : float
        Seconds between two digits.
    size : float
        Factor on all formants: small for a long throat.
    """

    speed: float = 1.0
    pitch: float = 120.0
    noise: float = 0.0
    pause: float = 0.12
    size: float = 1.0


def speak(digits: Sequence[int], manner: Manner, rng: np.random.Generator) -> tuple[Array, Array]:
    """Samples of a spoken sequence of digits, and for each frame of the network what is said in its middle.

    Examples
    --------
    >>> samples, labels = speak([3, 1], Manner(), np.random.default_rng(0))
    >>> [int(label) for i, label in enumerate(labels) if i == 0 or label != labels[i - 1]]
    [10, 3, 10, 1, 10]
    """
    parts, said = [_pause(manner, rng)], [SILENCE]
    for digit in digits:
        word = _word(WORDS[digit], manner, rng)
        parts += [*word, _pause(manner, rng)]
        said += [digit] * len(word) + [SILENCE]
    samples = synthesise(parts, manner.noise, rng)
    ends = np.cumsum([part.samples for part in parts])
    middles = np.arange(max(1, len(samples) // HOP)) * HOP + HOP // 2
    return samples, np.array(said)[np.minimum(np.searchsorted(ends, middles, side="right"), len(said) - 1)]


def _pause(manner: Manner, rng: np.random.Generator) -> Part:
    return Part(manner.pause * rng.uniform(0.75, 1.25))


def _word(word: str, manner: Manner, rng: np.random.Generator) -> list[Part]:
    tempo = rng.uniform(0.9, 1.1) / manner.speed
    begin = manner.pitch * rng.uniform(0.95, 1.1)
    fall = rng.uniform(0.8, 0.98)
    parts: list[Part] = []
    for phone in PHONES[word]:
        formants = _said(phone.begin, manner, rng), _said(phone.end, manner, rng)
        seconds = phone.seconds * tempo * rng.uniform(0.85, 1.15)
        pitch = begin * fall ** (len(parts) / 3), begin * fall ** ((len(parts) + 1) / 3)
        parts.append(Part(seconds, pitch, formants, phone.pulses, phone.hiss))
    return parts


def _said(formants: Formants, manner: Manner, rng: np.random.Generator) -> Formants:
    first, second, third = (float(f) for f in np.multiply(formants, manner.size * rng.uniform(0.95, 1.05, 3)))
    return first, second, third
