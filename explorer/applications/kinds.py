"""Types of sequence tasks: which steps have an input, and which an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of sequence task.

    Attributes
    ----------
    title : str
    short : str
        The title where it stands beside the others.
    about : str
        One sentence.
    application : str
        Key of the application that shows it.
    example : str
        What that application reads at the start.
    most : int or None
        Steps that are shown, the last ones of what it reads; None: all.
    """

    title: str
    short: str
    about: str
    application: str
    example: str
    most: int | None = None


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "one_to_one": Kind(
            "One to one",
            "One to one",
            "One input, one answer: unrolled over a single step, a recurrent network is an ordinary feed-forward one.",
            "complete",
            "good",
            1,
        ),
        "one_to_many": Kind(
            "One to many",
            "One to many",
            "One input at the first step; then the network goes on by itself, and what it says is what it reads next.",
            "caption",
            "red circle 3 3 large",
        ),
        "many_to_one": Kind(
            "Many to one",
            "Many to one",
            "An input at every step, but only the last one has an answer and an error.",
            "sentiment",
            "the food was not bad",
        ),
        "aligned": Kind(
            "Many to many, aligned",
            "Aligned",
            "An input and an answer at every step: as many labels come out as words go in.",
            "entities",
            "Anna met Jordan in May",
        ),
        "unaligned": Kind(
            "Many to many, unaligned",
            "Unaligned",
            "An encoder reads all of the input before a decoder says the first word: the lengths have nothing to do "
            "with each other.",
            "translate",
            "I do not see the small dog",
        ),
    }
)
"""Name → type, in the order in which they are taught."""
