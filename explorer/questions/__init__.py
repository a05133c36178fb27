"""Answers in a few words, each with a number that is computed when it is read: entries of small Markdown files.

A file holds entries under headings. In an entry ``{=name}`` stands for a number of `NUMBERS`, or for one of the
`SETTINGS` that they were computed for; its last lines are links to the pages that show it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qsl

from explorer.page_settings.questions import PARTS
from explorer.questions.numbers import NUMBERS, SETTINGS

__all__ = ["NUMBERS", "PARTS", "SETTINGS", "Entry", "Link", "entries", "read", "written"]

_TEXTS = Path(__file__).resolve().parents[2] / "assets" / "text" / "questions"
_PLACE = re.compile(r"\{=(\w*)\}")
_LINK = re.compile(r"^\[([^]]+)\]\((\w+)(?:\?([^)]*))?\)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Link:
    """A page of the explorer, with settings.

    Attributes
    ----------
    label : str
    page : str
        Name of the page's file.
    query : tuple of (name, value)
    """

    label: str
    page: str
    query: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One short text.

    Attributes
    ----------
    title, text : str
        Markdown; in the text `places` stand for numbers.
    links : tuple of Link
    """

    title: str
    text: str
    links: tuple[Link, ...]

    @property
    def places(self) -> tuple[str, ...]:
        """Names of the numbers that stand in it."""
        return tuple(_PLACE.findall(self.text))

    def written(self) -> str:
        """The text with its numbers, each computed now and in bold."""
        return _PLACE.sub(lambda found: SETTINGS.get(found[1]) or f"**{NUMBERS[found[1]]()}**", self.text)


@lru_cache(maxsize=8)
def entries(part: str) -> tuple[Entry, ...]:
    """The entries of one part, in the order of its file.

    Raises
    ------
    ValueError
        If the file asks for a number that there is not.

    Examples
    --------
    >>> entries("asked")[0].title
    'Has the network weights of its own for every time step?'
    """
    found = read((_TEXTS / f"{part}.md").read_text(encoding="utf-8"))
    missing = sorted({place for entry in found for place in entry.places} - set(NUMBERS) - set(SETTINGS))
    if missing:
        raise ValueError(f"{part}.md asks for {', '.join(missing)}, for which there is no number in NUMBERS.")
    return found


def written(part: str) -> tuple[tuple[Entry, str], ...]:
    """The entries of one part, each with its text and the numbers in it."""
    return tuple((entry, entry.written()) for entry in entries(part))


def read(text: str) -> tuple[Entry, ...]:
    """Entries from Markdown.

    Examples
    --------
    >>> (entry,) = read("## Size\\n\\nIt has {=parameters} numbers.\\n\\n[Unroll](unroll?T=9)")
    >>> entry.title, entry.places, entry.links
    ('Size', ('parameters',), (Link(label='Unroll', page='unroll', query=(('T', '9'),)),))
    """
    found = []
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        title, _, rest = part.partition("\n")
        links = tuple(Link(label, page, tuple(parse_qsl(query))) for label, page, query in _LINK.findall(rest))
        found.append(Entry(title.strip(), " ".join(_LINK.sub("", rest).split()), links))
    return tuple(found)
