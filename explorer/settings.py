"""Everything a link carries: one frozen value, with its legal range and the nearest legal value for any other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any

from explorer.architectures import ARCHITECTURES
from explorer.engine.activations import SQUASHING
from explorer.naming import NOTATIONS
from explorer.parameters import INITIALIZERS
from explorer.tasks.text import UNITS

MOST_STEPS = 200
SENTENCE = "the cat sat on the mat"


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number in a closed range.

    Examples
    --------
    >>> Number("Steps T", 1, 200, 6).repaired("-3")
    (1, "Steps T runs from 1 to 200; the link says '-3', so 1 is shown.")
    """

    title: str
    least: int
    most: int
    default: int | None

    def repaired(self, text: str) -> tuple[int | None, str | None]:
        """The nearest legal value, and a sentence if it is not the one given."""
        try:
            value = int(text) if len(text) < 20 else None
        except ValueError:
            value = None
        if value is None:
            value = self._from_float(text)
        nearest = self.default if value is None else min(max(value, self.least), self.most)
        if text.strip() == str(nearest):
            return nearest, None
        return nearest, (
            f"{self.title} runs from {self.least} to {self.most}; the link says '{shortened(text)}', so "
            + ("it was left open." if nearest is None else f"{nearest} is shown.")
        )

    def _from_float(self, text: str) -> int | None:
        try:
            number = float(text)
        except ValueError:
            return None
        return None if number != number else int(min(max(number, self.least), self.most))


@dataclass(frozen=True, slots=True)
class Choice:
    """One key of a registry; in a link it stands under the label that the menu shows.

    Examples
    --------
    >>> Choice("an activation", {"tanh": "tanh", "relu": "ReLU"}, "tanh").repaired("swish")
    ('tanh', "The link asks for an activation 'swish', which there is not; tanh is shown.")
    >>> Choice("an activation", {"tanh": "tanh", "relu": "ReLU"}, "tanh").repaired("relu")
    ('ReLU', None)
    """

    title: str
    labels: Mapping[str, str]
    default: str

    def repaired(self, text: str) -> tuple[str, str | None]:
        """The label of an option, given by key or label in any case; or that of the default, with a sentence."""
        wanted = text.strip().casefold()
        for key, label in self.labels.items():
            if wanted in (key.casefold(), label.casefold()):
                return label, None
        default = self.labels[self.default]
        return default, f"The link asks for {self.title} '{shortened(text)}', which there is not; {default} is shown."


@dataclass(frozen=True, slots=True)
class Text:
    """A learner's own words; anything is legal but too much of it."""

    title: str
    default: str
    most: int

    def repaired(self, text: str) -> tuple[str, str | None]:
        """The text, cut if it is longer than a link can carry."""
        if len(text) <= self.most:
            return text, None
        return text[: self.most], (
            f"{self.title} may have {self.most:,} characters; the link has {len(text):,}, so the first "
            f"{self.most:,} are used."
        )


Field = Number | Choice | Text

FIELDS: Mapping[str, Field] = MappingProxyType(
    {
        "text": Text("The sentence", SENTENCE, 1000),
        "unit": Choice("slices of the kind", {unit: unit for unit in UNITS}, UNITS[0]),
        "arch": Choice("a network", {name: entry.title for name, entry in ARCHITECTURES.items()}, "elman"),
        "T": Number("Steps T", 1, MOST_STEPS, None),
        "act": Choice("an activation", {name: name for name in SQUASHING}, "tanh"),
        "depth": Number("Depth", 1, 4, 1),
        "hidden": Number("Hidden units", 1, 64, 8),
        "init": Choice("an initialiser", {name: name for name in INITIALIZERS}, "orthogonal"),
        "seed": Number("Seed", 0, 9999, 1),
        "names": Choice("names of weights like", {n: kind.example for n, kind in NOTATIONS.items()}, "matrices"),
    }
)
"""Name in the link → what is legal there: the controls, the link and the tests are made from this table."""


@dataclass(frozen=True, slots=True)
class Network:
    """A network and what it reads; equal values give the same numbers, bit for bit.

    Attributes
    ----------
    text, unit : str
        The sentence, and whether words or characters are its tokens.
    arch, act : str
        Keys of `ARCHITECTURES` and of `SQUASHING`.
    depth, hidden : int
        Cells on top of each other, and units of each layer.
    init, seed : str, int
        How the recurrent weights are drawn, and from which seed.
    """

    text: str = SENTENCE
    unit: str = "words"
    arch: str = "elman"
    act: str = "tanh"
    depth: int = 1
    hidden: int = 8
    init: str = "orthogonal"
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Settings:
    """All a page shows: a network, the length it is unrolled to (None: one step a word), and how it is written."""

    network: Network = Network()
    T: int | None = None
    names: str = "matrices"

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Settings:
        """Pick the fields out of a larger mapping.

        Examples
        --------
        >>> defaults = {name: field.default for name, field in FIELDS.items()}
        >>> Settings.of({**defaults, "arch": "lstm", "T": 3}).network.arch
        'lstm'
        """
        network = Network(**{field.name: values[field.name] for field in fields(Network)})
        return cls(network, values["T"], values["names"])


def repaired(link: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """Values for what is illegal in a link, and a sentence for each.

    Examples
    --------
    >>> repaired({"T": "0", "arch": "lstm"})
    ({'arch': 'LSTM', 'T': 1}, ["Steps T runs from 1 to 200; the link says '0', so 1 is shown."])
    """
    values, sentences = {}, []
    for name, field in FIELDS.items():
        if name in link:
            value, sentence = field.repaired(link[name])
            if sentence is not None:
                sentences.append(sentence)
            if value is None or str(value) != link[name]:
                values[name] = value  # None: leave it out
    return values, sentences


def shortened(text: str, most: int = 24) -> str:
    """A user's text in a sentence: never long, never a line break."""
    flat = " ".join(text.split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"
