"""Numbers with units, found in a learner's line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

Rule = tuple[str, str, float]
"""What a number stands for; a pattern in which # is the number; what it is to be multiplied by."""

_NUMBER = r"(?<![\w.,])(\d+(?:[.,]\d+)?)"


def taken(text: str, rules: Sequence[Rule]) -> tuple[dict[str, float], str]:
    """The numbers that rules find, and the text without what they have read; the first rule that fits has a number.

    Examples
    --------
    >>> taken("bird 3200 hz, noise 20 %", [("noise", r"noise # ?%", 0.01), ("pitch", r"# ?hz", 1)])
    ({'noise': 0.2, 'pitch': 3200.0}, 'bird  ,  ')
    """
    found: dict[str, float] = {}
    for name, pattern, factor in rules:
        for match in re.finditer(pattern.replace("#", _NUMBER), text):
            found.setdefault(name, float(match[1].replace(",", ".")) * factor)
        text = re.sub(pattern.replace("#", _NUMBER), " ", text)
    return found, text


def within(
    numbers: Mapping[str, float], limits: Mapping[str, tuple[float, float]]
) -> tuple[dict[str, float], tuple[str, ...]]:
    """Numbers moved into what can be made, with a sentence for each that had to be.

    Examples
    --------
    >>> within({"pitch": 9000.0}, {"pitch": (40.0, 3800.0)})
    ({'pitch': 3800.0}, ('Pitch: 9,000 cannot be made; it is 3,800 here.',))
    """
    inside, sentences = {}, []
    for name, value in numbers.items():
        least, most = limits[name]
        inside[name] = min(max(value, least), most)
        if inside[name] != value:
            sentences.append(f"{name.capitalize()}: {value:,.6g} cannot be made; it is {inside[name]:,.6g} here.")
    return inside, tuple(sentences)
