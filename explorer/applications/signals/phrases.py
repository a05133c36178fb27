"""Turns of phrase that the applications to signals share."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

import numpy as np

from explorer.applications.application import UNSURE, Guess, Spoken
from explorer.engine.activations import Array

MOST_CHARACTERS = 2000


def clipped(text: str) -> tuple[str, tuple[str, ...]]:
    """A line of text, not endlessly long, and a sentence if something of it was left out.

    Examples
    --------
    >>> clipped("AB" * 2000)[1]
    ('The input has 4,000 characters; the first 2,000 are read.',)
    """
    if len(text) <= MOST_CHARACTERS:
        return text, ()
    return text[:MOST_CHARACTERS], (f"The input has {len(text):,} characters; the first {MOST_CHARACTERS:,} are read.",)


def quoted(words: Iterable[str], most: int = 6, longest: int = 16) -> str:
    """Words of a learner in quotation marks: each once, none endless, nothing in them that a reader would not see.

    Examples
    --------
    >>> quoted(["a", "b", "a"])
    '“a”, “b”'
    """
    found = list(dict.fromkeys(filter(None, map(_visible, words))))
    short = [word if len(word) <= longest else word[: longest - 1] + "…" for word in found[:most]]
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(f"“{word}”" for word in short) + more


def _visible(word: str) -> str:
    return "".join(c for c in word if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn"))


def spans(places: Sequence[int], most: int = 6) -> str:
    """Whole numbers in rising order, neighbours joined.

    Examples
    --------
    >>> spans([3, 4, 5, 9])
    '3–5, 9'
    """
    joined: list[list[int]] = []
    for place in places:
        if joined and place == joined[-1][-1] + 1:
            joined[-1].append(place)
        else:
            joined.append([place])
    parts = [f"{run[0]}" if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in joined]
    return ", ".join(parts[:most]) + (f" and {len(parts) - most} more" if len(parts) > most else "")


def counted(number: int, noun: str) -> str:
    """A number with its noun.

    Examples
    --------
    >>> counted(1, "base"), counted(2, "base")
    ('1 base', '2 bases')
    """
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def spoken(probabilities: Array, answers: Sequence[str]) -> tuple[Spoken, ...]:
    """The most probable label of every step; probabilities are (T, size)."""
    said = probabilities.argmax(axis=-1)
    return tuple(
        Spoken(t, Guess(answers[unit], float(probabilities[t - 1, unit]))) for t, unit in enumerate(said.tolist(), 1)
    )


def ranked(probabilities: Array, answers: Sequence[str]) -> tuple[Guess, ...]:
    """All answers, the most probable first."""
    order = np.argsort(-probabilities, kind="stable")
    return tuple(Guess(answers[unit], float(probabilities[unit])) for unit in order.tolist())


def unsure(probability: float) -> tuple[str, ...]:
    """A sentence if an answer is little better than a guess."""
    if probability >= UNSURE:
        return ()
    return (f"The network is unsure: it holds its own answer for no more than {probability:.0%} probable.",)
