"""What can be set on the page Why recurrent."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from explorer.fields import Choice, Field, Number, Text

MOST_ROOM = 60
"""Words for which there can be places."""

FIRST, LAST, MOST_FOLLOWING = 2, 9, 4
"""Positions at which a phrase can begin (a word stands before it), and most words behind it."""

USUAL_POSITIONS = "2 3 4"


def positions(text: str) -> tuple[int, ...]:
    """The positions that a text names, in their order.

    Raises
    ------
    ValueError
        If it names none, or something else.

    Examples
    --------
    >>> positions("4 2 3"), positions("2, 9")
    ((2, 3, 4), (2, 9))
    """
    legal = {str(position): position for position in range(FIRST, LAST + 1)}
    words = text.replace(",", " ").split()
    if not words or not legal.keys() >= set(words):
        raise ValueError(f"Positions of the phrase are one or more of the numbers {FIRST} to {LAST}.")
    return tuple(sorted({legal[word] for word in words}))


def _unreadable(text: str) -> str | None:
    """Why the positions in a link cannot be trained, if so."""
    try:
        positions(text)
    except ValueError as error:
        return f"{error} {USUAL_POSITIONS} are shown."
    return None


FIELDS: Mapping[str, Field] = MappingProxyType(
    {
        "why": Choice("a part", {"size": "Fixed size", "position": "Fixed position"}, "size", "Show", in_view=True),
        "why_room": Number(
            "Room for words",
            1,
            MOST_ROOM,
            20,
            help="Words for which the feed-forward network has places. The recurrent network has no such number.",
        ),
        "why_words": Number(
            "Words in the vocabulary", 1000, 50_000, 20_000, 1000, "A one-hot word has so many entries, one of them 1."
        ),
        "why_units": Number("Hidden units", 1, 100, 10, help="Of both networks; one that you drew keeps its own."),
        "why_at": Text(
            "The positions", USUAL_POSITIONS, 40, "Positions of the phrase in training", complaint=_unreadable
        ),
        "why_after": Number(
            "Words after the phrase, at most",
            0,
            MOST_FOLLOWING,
            0,
            help="With 0 a sentence ends with its phrase; otherwise the phrase has to be remembered past what follows.",
        ),
    }
)
"""Name in the link → what is legal there."""
