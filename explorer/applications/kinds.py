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
    title, about : str
        The second is a sentence.
    application : str
        Key of the application that shows it.
    example : str
        What that application reads at the start.
    """

    title: str
    about: str
    application: str
    example: str


KINDS: Mapping[str, Kind] = MappingProxyType({})
"""Name → type; `many_to_one` for instance."""
