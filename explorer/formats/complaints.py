"""What can be wrong with a file of weights: one difference for each array, and a refusal that has all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from explorer.engine.activations import Array

MISSING, UNEXPECTED, WRONG_SHAPE, NOT_FINITE = "missing", "unexpected", "wrong shape", "not finite"
HARMLESS = (UNEXPECTED,)
"""What a network can be read in spite of."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What a file has for one array, and what was expected.

    Attributes
    ----------
    array : str
    what : {"missing", "unexpected", "wrong shape", "not finite"}
    expected, found : str
        Shapes as they are written, or a word.
    """

    array: str
    what: str
    expected: str
    found: str

    def sentence(self) -> str:
        """In words.

        Examples
        --------
        >>> Difference("rnn.weight_hh_l0", "wrong shape", "6 × 6", "6 × 5").sentence()
        "'rnn.weight_hh_l0' is 6 × 5, and 6 × 6 was expected"
        """
        name = f"'{shortened(self.array)}'"
        return {
            MISSING: f"{name}, {self.expected}, is missing",
            UNEXPECTED: f"{name}, {self.found}, has no place in the network",
            WRONG_SHAPE: f"{name} is {self.found}, and {self.expected} was expected",
            NOT_FINITE: f"{name} has {self.found}",
        }[self.what]


class WeightsError(ValueError):
    """A file that no network can be read from; `differences` lists everything that is not as expected."""

    def __init__(self, sentence: str, differences: Sequence[Difference] = ()) -> None:
        super().__init__(sentence)
        self.differences = tuple(differences)


def unusable(name: str, array: Array) -> Difference | None:
    """What is wrong with the entries of an array; None: all are numbers, and finite ones as float64.

    Examples
    --------
    >>> unusable("b_h", np.array([1.0, np.nan])).sentence()
    "'b_h' has 1 entry that is NaN or infinite"
    >>> unusable("b_h", np.array(["1"])).found
    'the type str32'
    """
    if array.dtype.kind not in "fiu":
        return Difference(name, NOT_FINITE, "numbers", f"the type {array.dtype.name}")
    with np.errstate(over="ignore"):  # a type may hold more than float64 does
        wrong = int((~np.isfinite(array.astype(np.float64))).sum())
    if not wrong:
        return None
    said = f"{wrong} {'entry' if wrong == 1 else 'entries'} that {'is' if wrong == 1 else 'are'} NaN or infinite"
    return Difference(name, NOT_FINITE, "finite numbers", said)


def shaped(shape: Sequence[int]) -> str:
    """A shape as it is written.

    Examples
    --------
    >>> shaped((12, 4)), shaped((3,)), shaped(())
    ('12 × 4', '3', 'one number')
    """
    return " × ".join(map(str, shape)) or "one number"


def shortened(name: str, most: int = 60) -> str:
    """A stranger's name in a sentence: never long, nothing that cannot be printed."""
    plain = "".join(c if c.isprintable() else "�" for c in name)
    return plain if len(plain) <= most else plain[: most - 1] + "…"


def listed(names: Sequence[str], most: int = 6) -> str:
    """Names in a sentence.

    Examples
    --------
    >>> listed(["a", "b", "c"], most=2)
    "'a', 'b' and 1 more"
    """
    said = ", ".join(f"'{shortened(name)}'" for name in names[:most])
    return f"{said} and {len(names) - most} more" if len(names) > most else said
