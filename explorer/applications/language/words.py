"""A learner's own line as the words that a network may know, with sentences about all that was changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import punctuation
from types import MappingProxyType

from explorer import markdown
from explorer.applications.language.corpus import Lexicon
from explorer.tasks.text import UNKNOWN, tokenize

MOST_WORDS = 60
_LONGEST = 24  # characters of a word that are shown
_OWNING = "'s"
_MARKS = frozenset(punctuation + "’‘“”„…–—«»¿¡")
_NEGATED = ("is", "was", "are", "were", "do", "does", "did", "could", "would", "should", "has", "have", "had")
_ENDINGS = (
    ("'s", "is", ("he", "she", "it", "that", "there", "what", "who", "how", "where", "here", "this")),
    ("'re", "are", ("you", "we", "they")),
    ("'ll", "will", ("i", "you", "he", "she", "it", "we", "they", "that")),
    ("'ve", "have", ("i", "you", "we", "they")),
    ("'d", "would", ("i", "you", "he", "she", "we", "they")),
    ("n't", "not", _NEGATED),
    ("nt", "not", _NEGATED),  # as it is often typed
)
_CONTRACTED = {word + ending: f"{word} {full}" for ending, full, words in _ENDINGS for word in words} | {
    "won't": "will not",
    "wont": "will not",
    "can't": "can not",
    "cant": "can not",
    "cannot": "can not",
    "ain't": "is not",
    "i'm": "i am",
    "im": "i am",
    "let's": "let us",
    "&": "and",
}


@dataclass(frozen=True, slots=True)
class Line:
    """What of a line of text a network gets to read.

    Attributes
    ----------
    words : tuple of str
        At least one, unless there was nothing to fall back on.
    unknown : tuple of str
        Those of them that it does not know, each once.
    notes, doubts : tuple of str
        Sentences: what was changed, and why the answer is to be taken with care.
    """

    words: tuple[str, ...]
    unknown: tuple[str, ...]
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def read_line(
    text: str,
    known: Lexicon,
    fallback: str = "",
    *,
    also: Mapping[str, str] = MappingProxyType({}),
    at_end: bool = False,
) -> Line:
    """Words of a line, in small letters, without punctuation, contractions written out.

    Parameters
    ----------
    text : str
        Anything at all.
    known : Lexicon
        Words that have a unit of their own.
    fallback : str
        What is read if there is no word in the text.
    also : mapping of str to str
        Words that are read as another.
    at_end : bool
        Whether of too many words the last are read, and not the first.

    Examples
    --------
    >>> known = Lexicon(("good", "it", "not", "so", "was"))
    >>> read_line("It WASN'T sooo good!", known).words
    ('it', 'was', 'not', 'so', 'good')
    """
    notes, doubts = [], []
    words = list(_words(text, known))
    notes += [f"“{word}” is read as “{also[word]}”." for word in dict.fromkeys(words) if word in also]
    words = [also.get(word, word) for word in words]
    if not words and fallback:
        words = list(_words(fallback, known))
        what = "There is no word in this input" if text.strip() else "The input is empty"
        notes.append(f"{what}; until you type one, “{fallback}” is read.")
        doubts.append(notes[-1])
    if len(words) > MOST_WORDS:
        which, span = ("last", slice(-MOST_WORDS, None)) if at_end else ("first", slice(MOST_WORDS))
        notes.append(f"The input has {len(words):,} words; the {which} {MOST_WORDS} are read.")
        doubts.append(notes[-1])
        words = words[span]
    if signs := tuple(dict.fromkeys(token for token in tokenize(text) if _is_sign(token))):
        doubts.append(f"Left out, since it reads nothing but words: {listed(signs)}.")
    unknown = tuple(dict.fromkeys(word for word in words if word not in known))
    if unknown:
        doubts.append(_about(unknown, len(words)))
    return Line(tuple(words), unknown, tuple(notes), tuple(doubts))


def _words(text: str, known: Lexicon) -> Iterator[str]:
    for token in tokenize(text):
        for word in _CONTRACTED.get(token.replace("’", "'"), token.replace("’", "'")).split():
            yield from _parts(word, known)


def _parts(word: str, known: Lexicon) -> Iterator[str]:
    """A word as it is known, if that can be found: "sooo" as "so", "anna's" as "anna", "well-known" as two."""
    owner, apostrophe, _ = word.partition("'")
    if word in known:
        yield word
    elif not any(character.isalnum() for character in word):
        return
    elif apostrophe and owner:
        yield from _parts(owner, known)
        if _OWNING in known and word == owner + _OWNING:
            yield _OWNING
    elif "-" in word.strip("-"):
        for part in word.split("-"):
            yield from _parts(part, known)
    else:
        shorter = (re.sub(r"(.)\1{2,}", times, word) for times in (r"\1", r"\1\1"))
        yield next((form for form in shorter if form in known), word)


def _is_sign(token: str) -> bool:
    """Whether a token is neither a word nor a punctuation mark."""
    return not any(character.isalnum() for character in token) and bool(set(token) - _MARKS)


def shown(word: str) -> str:
    """A word short enough to stand under a step."""
    return word if len(word) <= _LONGEST else word[: _LONGEST - 1] + "…"


def plain(word: str) -> str:
    """A learner's word in Markdown, where nothing in it may mean anything else.

    Examples
    --------
    >>> print(plain("a_b"))
    a\\_b
    """
    return markdown.plain(shown(word))


def listed(words: tuple[str, ...], most: int = 8) -> str:
    """Words in quotation marks, not too many of them."""
    return some_of([f"“{shown(word)}”" for word in words], most)


def some_of(parts: Sequence[str], most: int = 8) -> str:
    """Parts of a sentence in a row, and how many more there are if they are too many.

    Examples
    --------
    >>> some_of(["one", "two", "three"], most=2)
    'one, two and 1 more'
    """
    more = len(parts) - most
    return ", ".join(parts[:most]) + (f" and {more} more" if more > 0 else "")


def _about(unknown: tuple[str, ...], words: int) -> str:
    if len(unknown) == words:
        return f"It knows none of these words: {listed(unknown)}. What it says is a guess."
    return f"Not in its vocabulary, and read as {UNKNOWN}: {listed(unknown)}."
