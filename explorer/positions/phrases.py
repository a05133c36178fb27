"""Sentences that end in a phrase or nearly so, at positions that are chosen: to be learnt here and tested there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from explorer.engine.activations import Array
from explorer.graph import Presence
from explorer.page_settings.why import FIRST, LAST, MOST_FOLLOWING
from explorer.tasks.problem import ACCURACY, Batch, Problem
from explorer.tasks.task import EXAMINED, examination_rng

FILLERS = ("the", "film", "was", "very", "bad", "long", "we", "found", "it", "so")
PHRASE = ("not", "good")
WORDS = (*FILLERS, *PHRASE)

ROOM = LAST + 1 + MOST_FOLLOWING
"""Words of the longest sentence, and places of the feed-forward network."""

POSITIONS = tuple(range(FIRST, LAST + 1))
"""Where the phrase can begin; a word stands before it, so that there are sentences to hold back."""

_NOT, _GOOD = (WORDS.index(word) for word in PHRASE)
_HELD_BACK = 4
"""About one sentence in so many is never trained on: those whose word numbers have a sum divisible by this."""

_BEGINNINGS = {
    (is_held_back, rest): tuple(
        unit for unit in range(len(FILLERS)) if ((unit + rest) % _HELD_BACK == 0) == is_held_back
    )
    for is_held_back in (False, True)
    for rest in range(_HELD_BACK)
}
"""First words that make a sentence one that is held back, or not, by what is left of the sum of all others."""


@dataclass(frozen=True, eq=False)
class Sentences:
    """Sentences beside each other.

    Attributes
    ----------
    words : (ROOM, B) array of int
        Units of the words; behind the end of a sentence they mean nothing.
    lengths : (B,) array of int
    answers : (B,) array of int
        1 where the sentence has the phrase.
    """

    words: Array
    lengths: Array
    answers: Array

    @property
    def is_word(self) -> Array:
        """(ROOM, B) of bool: where a sentence has a word."""
        return np.arange(ROOM)[:, None] < self.lengths

    @property
    def sums(self) -> Array:
        """(B,) of int: the sum of the numbers of a sentence's words."""
        return np.where(self.is_word, self.words, 0).sum(axis=0)

    @property
    def is_held_back(self) -> Array:
        """(B,) of bool: whether a sentence is one of those that are never trained on."""
        return self.sums % _HELD_BACK == 0

    def written(self, row: int) -> str:
        """One of them in words."""
        return " ".join(WORDS[unit] for unit in self.words[: self.lengths[row], row])


def sentences(
    rng: np.random.Generator, rows: int, positions: Sequence[int], following: int = 0, held_back: bool = False
) -> Sentences:
    """Draw sentences; every other one has the phrase.

    At the position of the phrase the others have one of its two words beside another word. Before and behind it any
    word can stand, those of the phrase too, but never the two in a row, and neither of them as the first word.

    Parameters
    ----------
    rng : Generator
    rows : int
    positions : sequence of int
        Where the phrase can begin, counted from 1.
    following : int
        Most words behind it; each number of them from 0 on is as likely.
    held_back : bool
        Whether to draw from the sentences that are never trained on, or from all others.

    Examples
    --------
    >>> drawn = sentences(np.random.default_rng(1), 4, positions=[3])
    >>> [drawn.written(row) for row in range(4)], drawn.answers.tolist()
    (['so the not very', 'bad film not good', 'was so bad good', 'film good not good'], [0, 1, 0, 1])
    """
    every, at = np.arange(rows), rng.choice(np.asarray(positions), rows) - 1
    words, others = rng.integers(0, len(WORDS), (ROOM, rows)), rng.integers(0, len(FILLERS), (ROOM, rows))
    answers, keeps_first = every % 2, rng.integers(0, 2, rows) == 0
    words[at, every] = np.where((answers == 1) | keeps_first, _NOT, others[at, every])
    words[at + 1, every] = np.where((answers == 1) | ~keeps_first, _GOOD, others[at + 1, every])
    by_chance = (words[:-1] == _NOT) & (words[1:] == _GOOD)
    by_chance[at, every] = False
    words[1:] = np.where(by_chance, others[1:], words[1:])
    lengths = at + 2 + rng.integers(0, following + 1, rows)
    # the first word decides whether a sentence is held back; it is never one of the phrase
    rests = Sentences(words, lengths, answers).sums - words[0]
    fitting = [_BEGINNINGS[held_back, rest] for rest in (rests % _HELD_BACK).tolist()]
    words[0] = [units[int(u * len(units))] for units, u in zip(fitting, rng.random(rows).tolist(), strict=True)]
    return Sentences(words, lengths, answers)


def examples(seed: int, positions: Sequence[int], following: int) -> tuple[str, str]:
    """A sentence without the phrase and one with it, from those that can be trained on.

    Examples
    --------
    >>> examples(1, [3], 0)
    ('so so so good', 'long good not good')
    """
    drawn = sentences(np.random.default_rng(seed), 2, positions, following)
    return drawn.written(0), drawn.written(1)


def one_after_the_other(drawn: Sentences) -> Batch:
    """For a recurrent network: (ROOM, B) words, ending together; steps before a sentence are masked."""
    steps = np.arange(ROOM)[:, None] - (ROOM - drawn.lengths)
    targets = np.zeros((ROOM, len(drawn.answers)), np.int64)
    targets[-1] = drawn.answers
    return Batch({"x": np.take_along_axis(drawn.words, np.maximum(steps, 0), axis=0)}, {"E": targets}, steps >= 0)


def all_at_once(drawn: Sentences) -> Batch:
    """For a feed-forward network: (1, B, ROOM · words) one-hot vectors, zeros in the places that stay empty."""
    rows = len(drawn.answers)
    one_hot = np.zeros((ROOM, rows, len(WORDS)), np.float32)
    np.put_along_axis(one_hot, drawn.words[..., None], drawn.is_word[..., None].astype(np.float32), axis=2)
    return Batch({"x": one_hot.swapaxes(0, 1).reshape(1, rows, -1)}, {"E": drawn.answers[None]})


@dataclass(frozen=True, slots=True)
class Layout:
    """How sentences are handed to a network.

    Attributes
    ----------
    places : int
        Words that it reads in one step.
    batch : callable
    """

    places: int
    batch: Callable[[Sentences], Batch]


LAYOUTS = Layout(ROOM, all_at_once), Layout(1, one_after_the_other)
"""For the feed-forward network and for the recurrent one."""


def problem(positions: Sequence[int], following: int, layout: Layout) -> Problem:
    """Does the sentence have the phrase? Trained and examined at the same positions, on different sentences."""

    def draw(rng: np.random.Generator, rows: int, held_back: bool = False) -> Batch:
        return layout.batch(sentences(rng, rows, positions, following, held_back))

    return Problem(
        inputs=len(WORDS) * layout.places,
        outputs=2,
        draw=draw,
        examine=lambda: draw(examination_rng(), EXAMINED, held_back=True),
        metric=ACCURACY,
        baseline=0.5,
        rule="always yes",
        goal=2.0,  # of a share, so that all runs are equally long
        answers=Presence(first=-1),
        output_names=("no", "yes"),
    )
