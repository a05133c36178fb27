"""Say the next character of a text that the learner gives; its end is held back for the examination."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from explorer.engine.activations import Array
from explorer.engine.timeline import frozen
from explorer.tasks.problem import ACCURACY, Batch, Problem
from explorer.tasks.recipe import Blueprint, Recipe
from explorer.tasks.task import Steps, Task
from explorer.tasks.text import UNKNOWN, tokenize

LEAST_CHARACTERS, MOST_CHARACTERS, MOST_SYMBOLS = 200, 20_000, 60
MOST_READ = 4 * MOST_CHARACTERS + 1
"""Of a text; white space and combined signs have room, and one too many shows that it is longer."""

HELD_BACK = 0.1
"""Share of the text, at its end, on which the network is examined."""

_SAMPLE = Path(__file__).resolve().parents[2] / "assets" / "text" / "sample-passage.txt"


@dataclass(frozen=True, eq=False)
class Passage:
    """A text as tokens.

    Attributes
    ----------
    symbols : tuple of str
        The characters that have a unit, the most frequent first.
    learnt, held : (n,) arrays of int
        What is trained on, and the end that is not.
    notes : tuple of str
        Sentences about what had to be changed.
    """

    symbols: tuple[str, ...]
    learnt: Array
    held: Array
    notes: tuple[str, ...]

    def tokens(self, text: str) -> list[int]:
        """Another text in the same symbols; characters that are none of them become the unknown one, or are left out.

        Examples
        --------
        >>> passage = read_passage("abba " * 50)
        >>> [passage.symbols[token] for token in passage.tokens("bay!")]
        ['b', 'a']
        """
        at = {symbol: i for i, symbol in enumerate(self.symbols)}
        found = (at.get(character, at.get(UNKNOWN)) for character in tokenize(text, "characters"))
        return [token for token in found if token is not None]


@lru_cache(maxsize=16)
def read_passage(text: str) -> Passage:
    """Any text at all; one that is empty or too short to hold something back is replaced by a sample.

    Examples
    --------
    >>> read_passage("To be or not to be").notes[0]
    'The text has 18 characters; at least 200 are needed, so that its end can be held back. The sample text is used.'
    >>> passage = read_passage("row, row, row your boat, " * 20)
    >>> len(passage.learnt), len(passage.held), passage.symbols[:2], passage.notes
    (449, 50, ('o', ' '), ())
    """
    # cut before a character is looked at, with room for white space and combined signs
    characters, notes = tokenize(text[:MOST_READ], "characters"), []
    if len(characters) < LEAST_CHARACTERS:
        found = f"The text has {len(characters)} characters" if characters else "There is no text"
        notes.append(
            f"{found}; at least {LEAST_CHARACTERS} are needed, so that its end can be held back. The sample text is "
            "used."
        )
        characters = tokenize(_SAMPLE.read_text(encoding="utf-8"), "characters")
    if len(characters) > MOST_CHARACTERS or len(text) >= MOST_READ:
        characters = characters[:MOST_CHARACTERS]
        notes.append(f"The text is long; its first {len(characters):,} characters are used.")
    counted = [symbol for symbol, _ in Counter(characters).most_common()]
    symbols = tuple(counted)
    if len(counted) > MOST_SYMBOLS:
        symbols = (*counted[: MOST_SYMBOLS - 1], UNKNOWN)
        notes.append(
            f"The text has {len(counted)} different characters; the {MOST_SYMBOLS - 1} most frequent have a unit of "
            f"their own, the others are read as {UNKNOWN}."
        )
    at = {symbol: i for i, symbol in enumerate(symbols)}
    tokens = np.array([at.get(character, len(symbols) - 1) for character in characters])
    cut = len(tokens) - max(2, round(HELD_BACK * len(tokens)))
    return Passage(symbols, frozen(tokens[:cut].copy()), frozen(tokens[cut:].copy()), tuple(notes))


def _window(steps: int, passage: Passage) -> int:
    return min(steps, len(passage.held) - 1)


def _remarks(steps: int, text: str) -> tuple[str, ...]:
    passage = read_passage(text)
    window = _window(steps, passage)
    if window == steps:
        return passage.notes
    return (
        *passage.notes,
        f"Windows of {steps} characters do not fit into the end that is held back; they have {window}.",
    )


def _windows(tokens: Array, starts: Array, steps: int) -> Batch:
    """Pieces of a text beside each other: at each step the next character is asked."""
    pieces = tokens[np.arange(steps + 1)[:, None] + starts]
    return Batch({"x": pieces[:-1]}, {"E": pieces[1:]})


def _next_character(steps: int, text: str) -> Problem:
    passage = read_passage(text)
    learnt, held, size = passage.learnt, passage.held, len(passage.symbols)
    window = _window(steps, passage)

    def draw(rng: np.random.Generator, rows: int) -> Batch:
        return _windows(learnt, rng.integers(0, len(learnt) - window, rows), window)

    starts = np.arange(0, len(held) - window, window)
    others = np.setdiff1d(np.arange(len(held) - window), starts)

    def examine() -> Batch:
        return _windows(held, starts, window)

    def fresh(rng: np.random.Generator, rows: int) -> Batch:
        return _windows(held, rng.choice(others if len(others) else starts, rows), window)

    asked = examine().targets["E"]
    counts = np.bincount(learnt, minlength=size) + 1.0  # one more each: what only the end has is not impossible
    return Problem(
        inputs=size,
        outputs=size,
        draw=draw,
        examine=examine,
        metric=ACCURACY,
        baseline=float(np.mean(asked == counts.argmax())),
        rule="always the most frequent character",
        goal=1.0,
        naive_loss=float(-np.log(counts / counts.sum())[asked].mean()),
        input_names=passage.symbols,
        output_names=passage.symbols,
        fresh=fresh,
    )


CHARACTERS = Task(
    title="Next character",
    about=(
        "Read a text of your own character by character, and say which comes next. The end of the text is held back, "
        "so that nothing learnt by heart counts."
    ),
    expectation=(
        "A plain RNN learns which letters follow each other and short words; there is no goal to reach, and a network "
        "that goes on for long learns a short text by heart."
    ),
    steps=Steps("Window T", "Characters that are read in one go.", 4, 40, 100),
    setup=_next_character,
    blueprint=Blueprint("elman", hidden=48),
    recipe=Recipe(rate=0.005, iterations=2000, every=25, patience=20),
    reads_text=True,
    remarks=_remarks,
)
