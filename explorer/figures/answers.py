"""What a trained network says, as HTML: a learner's own words stand in it, so every word is escaped here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import groupby

import numpy as np

from explorer.applications.application import UNSURE, Guess, Spoken
from explorer.figures import markup

_LOOKS = ("hidden", "output", "state", "gate", "input", "loss")
"""Roles of layers whose colours labels borrow."""

MOST_WORDS = 24
"""With more steps, neighbours of which the same is said are shown as one."""


@dataclass(frozen=True, slots=True)
class _Cell:
    read: str
    said: str
    probability: float
    look: str


def ranked(guesses: Sequence[Guess]) -> str:
    """The most probable answers as bars."""
    shares = np.array([guess.probability for guess in guesses])
    return markup.distribution("How probable the network holds it", [guess.text for guess in guesses], shares, "")


def labelled(steps: Sequence[Spoken], read: Sequence[str], answers: Sequence[str] = ()) -> str:
    """What is said at each step, under what is read there (nothing, if the network reads its own words).

    Parameters
    ----------
    steps : sequence of Spoken
    read : sequence of str
        By step, index t - 1; empty to leave it out.
    answers : sequence of str
        All labels that there are. If they are few, each has a colour of its own, the first a quiet one.

    Examples
    --------
    >>> labelled([Spoken(1, Guess("time", 0.97))], ["noon"])
    '<ol class="labelled"><li class="output"><span dir="auto">noon</span><b>time</b><small>97 %</small></li></ol>'
    """
    looks = dict(zip(answers, _LOOKS, strict=False)) if len(answers) <= len(_LOOKS) else {}
    cells = [
        _Cell(
            read[step.t - 1] if read else "",
            step.guess.text,
            step.guess.probability,
            looks.get(step.guess.text, "output"),
        )
        for step in steps
    ]
    if len(cells) > MOST_WORDS:
        cells = [_joined(list(run)) for _, run in groupby(cells, key=lambda cell: cell.said)]
    return f'<ol class="labelled">{"".join(map(_item, cells))}</ol>'


def _joined(run: Sequence[_Cell]) -> _Cell:
    read = [cell.read for cell in run if cell.read]
    letters = all(len(token) == 1 for token in read)
    whole = "".join(read) if letters else " … ".join(dict.fromkeys([*read[:1], *read[-1:]]))
    return replace(run[0], read=whole, probability=min(cell.probability for cell in run))


def _item(cell: _Cell) -> str:
    over = f'<span dir="auto">{escape(cell.read)}</span>' * bool(cell.read)
    unsure = cell.probability < UNSURE
    look = f"{cell.look} unsure" if unsure else cell.look
    share = f"{cell.probability:.0%}".replace("%", " %") + ", unsure" * unsure
    return f'<li class="{look}">{over}<b>{escape(cell.said)}</b><small>{share}</small></li>'
