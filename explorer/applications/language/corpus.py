"""Sentences to learn from and sentences kept back, never the same; and how they lie side by side in a batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from explorer.graph import ReadOnly
from explorer.tasks.text import UNKNOWN

NUMBER = "⟨0⟩"
"""Stands for any number written in figures."""

_KEPT_BACK = 8  # one sentence in so many


@dataclass(frozen=True, slots=True)
class Pair:
    """What is read, and what is to be said about it: one word, one for each word read, or another sentence."""

    read: tuple[str, ...]
    said: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Lexicon:
    """Tokens in the order of their one-hot units.

    Any number is read as `NUMBER`, and what is not among the tokens as `UNKNOWN`, if they are among them.

    Examples
    --------
    >>> lexicon = Lexicon(("cat", "the", NUMBER, UNKNOWN))
    >>> lexicon.units(["the", "dog", "1998"]), "1998" in lexicon, "dog" in lexicon
    ([1, 3, 2], True, False)
    """

    tokens: tuple[str, ...]

    @cached_property
    def _unit(self) -> Mapping[str, int]:
        return ReadOnly({token: unit for unit, token in enumerate(self.tokens)})

    def __len__(self) -> int:
        return len(self.tokens)

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and self._find(word) is not None

    def units(self, words: Sequence[str]) -> list[int]:
        """Units of words.

        Raises
        ------
        ValueError
            If a word has none and there is no unknown token.
        """
        unknown = self._unit.get(UNKNOWN)
        found = []
        for word in words:
            unit = self._find(word)
            if unit is None and (unit := unknown) is None:
                raise ValueError(f"'{word}' is not among these {len(self)} tokens; add it or an unknown token.")
            found.append(unit)
        return found

    def _find(self, word: str) -> int | None:
        found = self._unit.get(word)
        return self._unit.get(NUMBER) if found is None and word[:1].isdigit() else found


@dataclass(frozen=True, eq=False)
class Corpus:
    """A source of pairs, split by what is read: a sentence belongs to one side for ever, whatever is drawn when.

    Attributes
    ----------
    make : callable
        ``make(chance) -> Pair``.
    blanks : float
        Share of the words read that are made unknown in training, so that unknown words are nothing new.
    """

    make: Callable[[Random], Pair]
    blanks: float = 0.0

    def draw(self, rng: np.random.Generator, rows: int) -> list[Pair]:
        """Fresh pairs to learn from."""
        chance = Random(int(rng.integers(2**63)))
        pairs: list[Pair] = []
        while len(pairs) < rows:
            pair = self.make(chance)
            if not is_kept_back(pair.read):
                pairs.append(Pair(self._blanked(pair.read, chance), pair.said))
        return pairs

    def kept_back(self, rows: int) -> list[Pair]:
        """Always the same pairs, all different, none of which `draw` ever gives."""
        chance = Random(0)
        found: dict[tuple[str, ...], Pair] = {}
        while len(found) < rows:
            pair = self.make(chance)
            if is_kept_back(pair.read):
                found[pair.read] = pair
        return list(found.values())

    def sample(self, rows: int) -> list[Pair]:
        """Always the same pairs of the learning side, to count in."""
        return self.draw(np.random.default_rng(0), rows)

    def _blanked(self, words: tuple[str, ...], chance: Random) -> tuple[str, ...]:
        return tuple(UNKNOWN if chance.random() < self.blanks else word for word in words)


def is_kept_back(words: Sequence[str]) -> bool:
    """Which side a sentence belongs to.

    Examples
    --------
    >>> is_kept_back(("the", "food", "was", "good")), is_kept_back(("the", "food", "was", "bad"))
    (False, False)
    """
    return crc32(" ".join(words).encode()) % _KEPT_BACK == 0


def aside(rows: Sequence[Sequence[int]], *, at_start: bool) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Sequences side by side, shorter ones padded at one end: tokens (T, B), and where they are.

    Examples
    --------
    >>> tokens, there = aside([[3, 4], [5]], at_start=True)
    >>> tokens.tolist(), there.tolist()
    ([[3, 0], [4, 5]], [[True, False], [True, True]])
    """
    longest = max(map(len, rows))
    tokens = np.zeros((longest, len(rows)), np.int64)
    there = np.zeros((longest, len(rows)), bool)
    for column, row in enumerate(rows):
        span = slice(longest - len(row), None) if at_start else slice(None, len(row))
        tokens[span, column] = row
        there[span, column] = True
    return tokens, there
