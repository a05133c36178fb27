"""A learner's own sentence as tokens, a vocabulary, and the sequences of a language task."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from explorer.graph import Graph
from explorer.tasks.reading import Reading

UNITS = ("words", "characters")
START, END, UNKNOWN = "⟨s⟩", "⟨/s⟩", "⟨?⟩"
MOST_TOKENS, MOST_DISTINCT = 99, 60

READY_SENTENCES = (
    "the cat sat on the mat",
    "how are you",
    "you are how",
    "a bird in the hand is worth two in the bush",
    "the film was not bad , it was great",
)

_ZERO_WIDTH_JOINER = "\u200d"
_JOINERS = _ZERO_WIDTH_JOINER + "\u200c"
_IN_WORDS = "_'’-" + _JOINERS
_UNSEEN = ("Cc", "Cf", "Cs")  # categories: control, format (also what turns the rest of a line round), halves of pairs


def tokenize(text: str, unit: str = "words") -> list[str]:
    """Split a text into words and punctuation marks, or into characters as a reader counts them.

    Examples
    --------
    >>> tokenize("The cat, the mat."), tokenize("né👍🏽", "characters")
    (['the', 'cat', ',', 'the', 'mat', '.'], ['n', 'é', '👍🏽'])
    """
    if unit == "characters":
        return _characters(" ".join(text.split()))
    characters = _characters(unicodedata.normalize("NFC", text).lower())
    runs = ("".join(run) for kind, run in groupby(characters, _kind) if kind != "space")
    return [token for token in runs if token.strip(_JOINERS)]


def _kind(character: str) -> str:
    """What a character may stand in one token with."""
    if character.isspace():
        return "space"
    return "word" if character[0].isalnum() or character[0] in _IN_WORDS else "mark"


def _characters(text: str) -> list[str]:
    """Code points, with accents, vowel signs, skin tones, joined emoji and halves of flags kept together."""
    characters: list[str] = []
    for point in text:
        if unicodedata.category(point) in _UNSEEN and point not in _JOINERS and not point.isspace():
            continue
        if characters and _continues(characters[-1], point):
            characters[-1] += point
        else:
            characters.append(point)
    return characters


def _continues(character: str, point: str) -> bool:
    """Whether a code point belongs to the character before it."""
    if unicodedata.category(point).startswith("M") or point in _JOINERS:
        return not character.isspace()
    if "\U0001f3fb" <= point <= "\U0001f3ff" or character.endswith(_ZERO_WIDTH_JOINER):
        return True
    return _is_flag_half(point) and len(character) == 1 and _is_flag_half(character)


def _is_flag_half(point: str) -> bool:
    return "\U0001f1e6" <= point <= "\U0001f1ff"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Tokens in the order of their one-hot units: start, end, the words in alphabetical order, last unknown.

    In that order the same words have the same units whatever their order in the sentence.
    """

    tokens: tuple[str, ...]

    @classmethod
    def of(cls, tokens: list[str]) -> Vocabulary:
        """The vocabulary of a text; what is left over after `MOST_DISTINCT` different tokens is unknown."""
        distinct = tuple(dict.fromkeys(tokens))
        unknown = (UNKNOWN,) if len(distinct) > MOST_DISTINCT else ()
        return cls((START, END, *sorted(distinct[:MOST_DISTINCT]), *unknown))

    def __len__(self) -> int:
        return len(self.tokens)

    def index(self, token: str) -> int:
        """Unit of a token; that of the unknown token if it has none of its own."""
        if token in self.tokens:
            return self.tokens.index(token)
        if UNKNOWN not in self.tokens:
            raise ValueError(f"'{token}' is not in this vocabulary of {len(self)}, which has no unknown token.")
        return self.tokens.index(UNKNOWN)


def read_words(text: str, unit: str, fallback: str) -> tuple[list[str], list[str]]:
    """Tokens of a text, and sentences about what was left out.

    Examples
    --------
    >>> read_words("  ", "words", "how are you")
    (['how', 'are', 'you'], ['The sentence is empty; until you type one, “how are you” is shown.'])
    """
    words = tokenize(text, unit)
    notes = []
    if not words:
        words = tokenize(fallback, unit)
        notes.append(f"The sentence is empty; until you type one, “{fallback}” is shown.")
    if len(words) > MOST_TOKENS:
        notes.append(f"The text has {len(words):,} {unit}; the first {MOST_TOKENS} are used.")
        words = words[:MOST_TOKENS]
    if len(set(words)) > MOST_DISTINCT:
        notes.append(
            f"The text has {len(set(words))} different {unit}; the first {MOST_DISTINCT} have a unit of their own, the "
            f"others are read as {UNKNOWN}."
        )
    return words, notes


def encoder_steps(words: int) -> int:
    """Steps an encoder needs for a sentence: its words and the end token."""
    return words + 1


def lay_out(graph: Graph, words: list[str], vocabulary: Vocabulary, notes: tuple[str, ...] = ()) -> Reading:
    """Lay a sentence out as the steps of a graph: say the next token, or, after an encoder, the sentence again.

    The first input layer reads the sentence. If there is a second, the first ends with the sentence, and the second
    starts where the first has ended (teacher forcing: it is told the token it should have said before).

    Examples
    --------
    >>> from explorer import architectures
    >>> vocabulary = Vocabulary.of(["how", "are", "you"])
    >>> graph = architectures.build("elman", inputs=5, hidden=2, outputs=5)
    >>> reading = lay_out(graph, ["how", "are", "you"], vocabulary)
    >>> reading.shown, reading.aims
    (('⟨s⟩', 'how', 'are', 'you'), ('how', 'are', 'you', '⟨/s⟩'))
    """
    first, *second = (layer.name for layer in graph.with_role("input"))
    begun, ended = [START, *words], [*words, END]
    if second:
        read = {first: [*ended, *[END] * len(begun)], second[0]: [*[START] * len(ended), *begun]}
        shown, aims = [*ended, *begun], [*[""] * len(ended), *ended]
    else:
        read, shown, aims = {first: begun}, begun, ended

    def column(tokens: list[str]) -> NDArray[np.int64]:
        return np.array([[vocabulary.index(token)] for token in tokens])

    return Reading(
        answers=vocabulary.tokens,
        source_steps=encoder_steps(len(words)),
        inputs={name: column(tokens) for name, tokens in read.items()},
        targets={layer.name: column([aim or END for aim in aims]) for layer in graph.with_role("loss")},
        shown=tuple(shown),
        aims=tuple(aims),
        notes=notes,
    )
