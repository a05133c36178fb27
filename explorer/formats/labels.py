"""What frameworks call the arrays of a network, and how a network is found in a list of such names.

A level of cells is a name with two gaps: ``lstm.{array}_l0{direction}`` or ``bidirectional/{direction}lstm/{array}``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from explorer.formats.complaints import WeightsError
from explorer.formats.stacks import MOST_LEVELS

ARRAY, DIRECTION = "{array}", "{direction}"


@dataclass(frozen=True, slots=True)
class Labels:
    """The names of one network's arrays.

    Attributes
    ----------
    levels : tuple of str
        From below, with the gaps.
    directions : tuple of str
        What fills the gap for the direction: one for each direction there is.
    head : str or None
        Of the output layer, with the gap for the array.
    """

    levels: tuple[str, ...]
    directions: tuple[str, ...]
    head: str | None = None

    def cell(self, level: int, direction: int, array: str) -> str:
        """What an array of a cell is called.

        Examples
        --------
        >>> Labels(("rnn.{array}_l0{direction}",), ("", "_reverse")).cell(0, 1, "weight_hh")
        'rnn.weight_hh_l0_reverse'
        """
        return self.levels[level].replace(DIRECTION, self.directions[direction]).replace(ARRAY, array)

    def output(self, array: str) -> str:
        """What an array of the output layer is called."""
        return (self.head or "").replace(ARRAY, array)

    def shown(self) -> tuple[str, ...]:
        """The levels, without the gaps and what only leads to them.

        Examples
        --------
        >>> Labels(("rnn.{array}_l0{direction}", "lstm_1/lstm_cell/{array}:0"), ("",)).shown()
        ('rnn.l0', 'lstm_1/lstm_cell')
        """
        plain = (level.replace(DIRECTION, "").removesuffix(":0").replace(f"{ARRAY}_", "") for level in self.levels)
        return tuple(name.replace(ARRAY, "").strip("/.") for name in plain)


@dataclass(frozen=True, eq=False)
class Framework:
    """How a framework calls things.

    Attributes
    ----------
    title : str
    pattern : compiled pattern
        A cell's array: the groups ``before``, ``array``, ``between`` and ``direction``.
    recurrent : str
        The array that only a recurrent cell has.
    directions : tuple of str
        Forwards and backwards, where a network has both.
    level : callable
        A match → the level's name, with gaps.
    gaps : callable
        Names of levels → those and the ones that a gap in their numbers says are missing.
    usual : callable
        The kind of a cell, its units on each level and the number of directions → names as a new network has them.
    head : tuple of (str, str)
        The arrays of an output layer, matrix and bias.
    separator : str
        Between a part of a network and its array.
    """

    title: str
    pattern: re.Pattern[str]
    recurrent: str
    directions: tuple[str, str]
    level: Callable[[re.Match[str]], str]
    gaps: Callable[[Iterable[str]], set[str]]
    usual: Callable[[str, tuple[int, ...], int], Labels]
    head: tuple[str, str]
    separator: str

    def labels(self, names: Iterable[str]) -> Labels | None:
        """The cells that a list of names is about; None: no recurrent ones of this framework."""
        matches = [match for name in names if "{" not in name and (match := self.pattern.fullmatch(name))]
        levels = {self.level(match) for match in matches if match["array"] == self.recurrent}
        if not levels:
            return None
        if len(levels) > MOST_LEVELS:
            raise WeightsError(f"The file has {len(levels)} recurrent layers; up to {MOST_LEVELS} can be shown.")
        of_cells = [match["direction"] or "" for match in matches if self.level(match) in levels]
        both = self.directions[1] in of_cells
        directions = self.directions if both else (of_cells[0],)
        return Labels(tuple(sorted(self.gaps(levels), key=_natural)), directions)

    def head_of(self, shapes: Mapping[str, tuple[int, ...]], top: int, is_transposed: bool) -> str | None:
        """The output layer among what no cell has: a matrix that reads the states on top, the only one."""
        matrix, bias = self.head
        ends = tuple(f"{self.separator}{matrix}{end}" for end in ("", ":0"))
        stems = {}
        for name, shape in shapes.items():
            end = next((end for end in ends if f"{self.separator}{name}".endswith(end)), None)
            if end is not None and len(shape) == 2 and "{" not in name:
                stem = name[: len(name) - len(end)]
                stems[f"{stem}{self.separator if stem else ''}{ARRAY}{end.removeprefix(self.separator + matrix)}"] = (
                    shape
                )
        fitting = [stem for stem, shape in stems.items() if shape[1 if is_transposed else 0] == top]
        with_bias = [stem for stem in stems if stem.replace(ARRAY, bias) in shapes]
        candidates = fitting or with_bias
        return candidates[0] if len(candidates) == 1 else None


def _natural(name: str) -> list[tuple[int, str]]:
    """lstm_2 before lstm_10, and lstm before both."""
    parts = re.split(r"([0-9]+|/)", name)
    return [
        (int(part), "") if part.isascii() and part.isdigit() else (-1, part if part != "/" else "") for part in parts
    ]


def _pytorch_level(match: re.Match[str]) -> str:
    return f"{match['before']}{ARRAY}{match['between']}{DIRECTION}"


def _keras_level(match: re.Match[str]) -> str:
    gap = DIRECTION if match["direction"] else ""
    return f"{match['before'] or ''}{gap}{match['between']}{ARRAY}{match['after'] or ''}"


_NUMBERED = re.compile(r"(?P<before>.*)\{array\}_l(?P<number>\d+)\{direction\}")


def _numbered_from_0(levels: Iterable[str]) -> set[str]:
    found: dict[str, int] = {}
    for level in levels:
        match = _NUMBERED.fullmatch(level)
        assert match is not None
        found[match["before"]] = max(found.get(match["before"], 0), int(match["number"]))
    if sum(most + 1 for most in found.values()) > MOST_LEVELS:
        raise WeightsError(
            f"The file numbers its recurrent layers up to {max(found.values())}; up to {MOST_LEVELS} can be shown."
        )
    return {f"{before}{ARRAY}_l{k}{DIRECTION}" for before, most in found.items() for k in range(most + 1)}


def _pytorch_usual(kind: str, hidden: tuple[int, ...], directions: int) -> Labels:
    """One module for all levels, unless they differ in size: then one for each."""
    levels = [f"rnn.{ARRAY}_l{k}{DIRECTION}" for k in range(len(hidden))]
    if len(set(hidden)) > 1:
        levels = [f"rnn{k}.{ARRAY}_l0{DIRECTION}" for k in range(1, len(hidden) + 1)]
    return Labels(tuple(levels), ("", "_reverse")[:directions], f"fc.{ARRAY}")


def _keras_usual(kind: str, hidden: tuple[int, ...], directions: int) -> Labels:
    numbers = [f"_{k}" if k else "" for k in range(len(hidden))]
    around = [f"bidirectional{n}/{DIRECTION}{kind}{n}" if directions == 2 else f"{kind}{n}" for n in numbers]
    levels = tuple(f"{name}/{kind}_cell/{ARRAY}" for name in around)
    return Labels(levels, ("forward_", "backward_") if directions == 2 else ("",), f"dense/{ARRAY}")


FRAMEWORKS: Mapping[str, Framework] = MappingProxyType(
    {
        "pytorch": Framework(
            title="PyTorch",
            pattern=re.compile(
                r"(?P<before>(?:.*\.)?)(?P<array>(?:weight|bias)_(?:ih|hh))(?P<between>_l[0-9]{1,4})"
                r"(?P<direction>_reverse)?"
            ),
            recurrent="weight_hh",
            directions=("", "_reverse"),
            level=_pytorch_level,
            gaps=_numbered_from_0,
            usual=_pytorch_usual,
            head=("weight", "bias"),
            separator=".",
        ),
        "keras": Framework(
            title="Keras",
            pattern=re.compile(
                # the end first, and nothing given back: a stranger's name is read once, not once for each of its parts
                r"(?=(?:[^/]+/)++(?:kernel|recurrent_kernel|bias)(?::0)?\Z)"
                r"(?:(?P<before>(?:[^/]+/)*?)(?P<direction>forward_|backward_))?(?P<between>(?:[^/]+/)++)"
                r"(?P<array>kernel|recurrent_kernel|bias)(?P<after>:0)?"
            ),
            recurrent="recurrent_kernel",
            directions=("forward_", "backward_"),
            level=_keras_level,
            gaps=set,
            usual=_keras_usual,
            head=("kernel", "bias"),
            separator="/",
        ),
    }
)
"""Name → framework."""
