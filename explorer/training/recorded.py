"""Runs too heavy to be trained for everyone who looks: recorded once, shipped, replayed.

``python -m explorer record`` makes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

import numpy as np

from explorer.tasks.recipe import Blueprint, Recipe
from explorer.training.archive import load, save
from explorer.training.history import History
from explorer.training.plan import Plan

RUNS = Path(__file__).resolve().parents[2] / "assets" / "runs"

MOST_BYTES = 180_000
"""Of one file, about."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A run that is shipped.

    Attributes
    ----------
    title : str
        Short; the command line names it so.
    beside : str
        Key of `BESIDE`: what is shown beside each other.
    plan : Plan
        Of which the file is the run: whoever carries it out gets the same numbers.
    """

    title: str
    beside: str
    plan: Plan


_PLAIN = Blueprint("elman", hidden=16)
_GATED = Blueprint("lstm", hidden=16, bias=1.0)
_ADDING = Recipe(rate=0.01, iterations=4000, every=25)
_ORDER = Recipe(rate=0.01, iterations=2000, every=10)

BESIDE: Mapping[str, str] = MappingProxyType(
    {"adding-50": "Adding, T = 50", "adding-150": "Adding, T = 150", "order-50": "Temporal order, T = 50"}
)
"""Name → title of recorded runs of one task: menu and link value."""

RECORDED: Mapping[str, Recording] = MappingProxyType(
    {
        f"{beside}-{network.arch}": Recording(
            f"{BESIDE[beside]}, {title}", beside, Plan(task, steps, "", network, recipe)
        )
        for beside, task, steps, recipe in (
            ("adding-50", "adding", 50, _ADDING),
            ("adding-150", "adding", 150, _ADDING),
            ("order-50", "order", 50, _ORDER),
        )
        for title, network in (("Elman", _PLAIN), ("LSTM", _GATED))
    }
)
"""Name → recording; the name is that of the file."""


def file_of(name: str, folder: Path = RUNS) -> Path:
    """Where a recording lies."""
    return folder / f"{name}.npz"


@lru_cache(maxsize=8)
def recorded(name: str) -> History:
    """A recorded run, not to be gone on with: it is shared.

    Raises
    ------
    ValueError
        If the file is missing, damaged, or the run of another plan; the sentence says how to make it anew.

    Examples
    --------
    >>> history = recorded("adding-50-lstm")
    >>> history.plan.steps, history.losses[-1] < history.losses[0]
    (50, True)
    """
    again = f"Record it again with: python -m explorer record {name}"
    try:
        history = load(file_of(name))
    except ValueError as error:
        raise ValueError(f"{error} {again}") from None
    if history.plan != RECORDED[name].plan:
        raise ValueError(f"{file_of(name).name} is the run of another plan. {again}")
    return history


def write(name: str, history: History, folder: Path = RUNS) -> Path:
    """Write a run as it is shipped: curves and kept networks in half precision, as many networks as fit."""
    (weights,) = history.kept[0].vector.shape
    room = MOST_BYTES - 4 * len(history.losses) - 16 * weights  # both curves; latest, gradient and moments in full
    path = file_of(name, folder)
    save(history, path, most_kept=max(2, min(128, room // (2 * weights))), dtype=np.float16)
    return path
