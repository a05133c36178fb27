"""Kinds of controls: what is legal in each, and the nearest legal value for what a link asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a closed range, whole unless it is said to be real.

    Examples
    --------
    >>> Number("Steps T", 1, 200, 6).repaired("-3")
    (1, "Steps T runs from 1 to 200; the link says '-3', so 1 is shown.")
    >>> Number("Gain", 0.0, 5.0, 1.0, step=0.1).repaired("2.5")
    (2.5, None)
    """

    label: str
    least: float
    most: float
    default: float | None
    step: float = 1
    help: str = ""

    @property
    def is_whole(self) -> bool:
        return isinstance(self.step, int)

    def repaired(self, text: str) -> tuple[float | None, str | None]:
        """The nearest legal value, and a sentence if it is not the one given."""
        value = self._read(text)
        nearest = self.default if value is None else min(max(value, self.least), self.most)
        if is_written(nearest, text.strip()):
            return nearest, None
        return nearest, (
            f"{self.label} runs from {self.least} to {self.most}; the link says '{shortened(text)}', so "
            + ("it was left open." if nearest is None else f"{nearest} is shown.")
        )

    def _read(self, text: str) -> float | None:
        try:
            if self.is_whole and len(text) < 20:
                return int(text)
        except ValueError:
            pass
        try:
            number = float(text)
        except ValueError:
            return None
        if number != number:
            return None
        inside = min(max(number, self.least), self.most)
        return int(inside) if self.is_whole else inside


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
    label: str = ""
    help: str = ""
    in_view: bool = False
    """Whether all options stand beside each other."""

    def repaired(self, text: str) -> tuple[str, str | None]:
        """The label of an option, given by key or label in any case; or that of the default, with a sentence."""
        wanted = text.strip().casefold()
        for key, label in self.labels.items():
            if wanted in (key.casefold(), label.casefold()):
                return label, None
        for label in self.labels.values():
            if wanted and label.casefold().startswith(wanted):
                return label, f"The link asks for {self.title} '{shortened(text)}'; {label} is shown."
        default = self.labels[self.default]
        return default, f"The link asks for {self.title} '{shortened(text)}', which there is not; {default} is shown."


@dataclass(frozen=True, slots=True)
class Text:
    """A learner's own words; anything is legal but too much of it, and what `complaint` has a sentence about."""

    title: str
    default: str
    most: int
    label: str = ""
    help: str = ""
    complaint: Callable[[str], str | None] = lambda text: None

    def repaired(self, text: str) -> tuple[str, str | None]:
        """The text, cut if it is longer than a link can carry; the default, if it cannot be read."""
        complaint = self.complaint(text)
        if complaint is not None:
            return self.default, complaint
        if len(text) <= self.most:
            return text, None
        return text[: self.most], (
            f"{self.title} may have {self.most:,} characters; the link has {len(text):,}, so the first "
            f"{self.most:,} are used."
        )


Field = Number | Choice | Text


def is_written(value: Any, text: str) -> bool:
    """Whether a link's text stands for a value as it is; browsers write 1.0 as 1."""
    plain = text.removeprefix("-").replace(".", "", 1)
    is_real = isinstance(value, float) and plain.isascii() and plain.isdigit() and len(plain) < 16
    return str(value) == text or (is_real and text[-1] != "." and float(text) == value)


def shortened(text: str, most: int = 24) -> str:
    """A user's text in a sentence: never long, never a line break."""
    flat = " ".join(text.split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"
