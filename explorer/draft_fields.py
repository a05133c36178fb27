"""What may stand in the fields of a layer or connection that a learner draws: checked, wherever it comes from."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any, Protocol, get_args

from explorer.graph import ALWAYS, Combine, Connection, GraphError, Layer, Presence, Role, is_whole

MOST_LAYERS, MOST_CONNECTIONS, MOST_UNITS, MOST_DELAY = 64, 256, 128, 50
MOST_LETTERS, MOST_LETTERS_OF_WEIGHTS = 16, 40  # W_ and the names of two layers, and a number
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_WORD = re.compile(r"[a-z_]{1,24}")

KINDS = ("matrix", "diagonal", "identity")
"""How a connection joins units: all to all, each to its own with a weight, each to its own as it is."""

LIMITS: Mapping[str, Any] = MappingProxyType(
    {
        "name": _NAME.pattern,
        "letters": MOST_LETTERS,
        "weight_letters": MOST_LETTERS_OF_WEIGHTS,
        "units": MOST_UNITS,
        "delay": MOST_DELAY,
        "kinds": KINDS,
    }
)
"""What a browser is told, so that it offers what is taken."""


class Joined(Protocol):
    """What joins units: a connection, or a copy of it."""

    @property
    def weight(self) -> str | None: ...
    @property
    def diagonal(self) -> bool: ...


def kind(joined: Joined) -> str:
    """Which of `KINDS` something is that joins units."""
    return "identity" if joined.weight is None else "diagonal" if joined.diagonal else "matrix"


def title(value: object) -> str:
    """A network's name: a short line of text."""
    if not isinstance(value, str) or not value.strip() or len(value) > 60 or not value.isprintable():
        raise GraphError("A network's name is a line of 1 to 60 characters.")
    return value.strip()


def presence(value: object) -> Presence:
    """A presence from its three numbers: first, last, every."""
    if isinstance(value, Presence):
        return value
    if isinstance(value, str):
        value = _numbers_in(value)
    if not isinstance(value, list | tuple) or len(value) != 3 or not all(map(is_whole, value)):
        raise GraphError("A presence is three whole numbers: first step, last step, and the distance between two.")
    if any(abs(number) > 1000 for number in value):
        raise GraphError(f"The steps of a presence run up to 1,000; {list(value)} was given.")
    return Presence(*map(int, value))


_STEP = r"(first|last|[-−]?\d{1,4})"
_WORDS = re.compile(rf"(?:{_STEP}(?:\s*(?:–|-|to|\.\.)\s*{_STEP})?|always)?(?:\s*\bevery\s+(\d{{1,4}}))?")
_STEPS = {"first": 1, "last": -1}


def _numbers_in(text: str) -> tuple[int, int, int]:
    """First, last and every of a presence in words."""
    said = _WORDS.fullmatch(text.strip().casefold())
    if said is None or not text.strip():
        raise GraphError(
            "Write the steps at which a layer is there as always, first, last, 3, 2–5, 3–last or 1–last every 2 (-2 is "
            f"the last but one); {text[:40]!r} was given."
        )
    first, last, every = said.groups()
    ends = [_STEPS.get(end) or int(end.replace("−", "-")) for end in (first or "first", last or first or "last")]
    return ends[0], ends[1], int(every or 1)


def presence_words(presence: Presence) -> str:
    """A presence as one writes it into a table; `presence` reads it back.

    Examples
    --------
    >>> [presence_words(p) for p in (Presence(), Presence(last=1), Presence(-2), Presence(3), Presence(2, 5, 2))]
    ['always', 'first', '-2–last', '3–last', '2–5 every 2']
    """
    if presence == ALWAYS:
        return "always"
    names = {-1: "last"}
    ends = [names.get(step, str(step)) for step in (presence.first, presence.last)]
    if presence.first == presence.last and presence.every == 1:
        return "first" if presence.first == 1 else ends[0]
    return "–".join(ends) + f" every {presence.every}" * (presence.every > 1)


def _units(value: object) -> int:
    return _number(value, 1, MOST_UNITS, "The size of a layer")


def checked_delay(value: object) -> int:
    return _number(value, -MOST_DELAY, MOST_DELAY, "A delay")


def _number(value: object, least: int, most: int, what: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        given = "nothing" if value is None else f"{value!r:.40}"
        raise GraphError(f"{what} is a whole number from {least} to {most}; {given} was given.")
    return value


def _one_of(known: Collection[str], what: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if value not in known:
            raise GraphError(f"{what} is one of {', '.join(known)}; {value!r} was given.")
        return str(value)

    return read


def _word(value: object) -> str:
    """Of which there is an open list, kept elsewhere: activations and errors."""
    if not isinstance(value, str) or not _WORD.fullmatch(value):
        raise GraphError(f"An activation is called by its name in small letters; {value!r} was given.")
    return value


def _bias(value: object) -> str | None:
    """The name of a bias; none, or an empty field of a table: no bias."""
    return checked_weight(value) if value not in (None, "") else None


LAYER_FIELDS: Mapping[str, Callable[[object], Any]] = MappingProxyType(
    {
        "name": lambda value: checked_name(value, frozenset()),
        "size": _units,
        "activation": _word,
        "combine": _one_of(get_args(Combine), "How a layer combines what arrives"),
        "bias": _bias,
        "role": _one_of(get_args(Role), "A role"),
        "presence": presence,
    }
)
"""Field of a layer → its value, checked, from whatever a file or a browser says."""
assert set(LAYER_FIELDS) == {field.name for field in fields(Layer)}


def checked_connection(given: Mapping[str, Any]) -> Connection:
    """A connection from the entries source, target, weight, diagonal and delay, each checked on its own."""
    weight = given.get("weight")
    diagonal = given.get("diagonal", False)
    if not isinstance(diagonal, bool):
        raise GraphError(f"Whether a connection is diagonal is true or false; {diagonal!r} was given.")
    return Connection(
        checked_name(given.get("source"), frozenset()),
        checked_name(given.get("target"), frozenset()),
        None if weight is None else checked_weight(weight),
        diagonal,
        checked_delay(given.get("delay", 0)),
    )


def checked_weight(value: object) -> str:
    """The name of a weight or bias; the same name twice is the same numbers."""
    return _named(value, MOST_LETTERS_OF_WEIGHTS)


def checked_name(value: object, taken: Collection[str]) -> str:
    """The name of a layer, if no other has it."""
    name = _named(value, MOST_LETTERS)
    if name in taken:
        raise GraphError(f"Two layers are called '{name}'; give each a name of its own.")
    return name


def _named(value: object, most: int) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value) or len(value) > most:
        raise GraphError(
            f"A name begins with a letter and has up to {most} letters, digits and underscores; "
            f"{value[:40] if isinstance(value, str) else value!r} was given."
        )
    return value
