"""Runs that take too long to wait for: recorded once by ``python -m explorer record``, shipped, replayed."""

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
        Short; it stands in menus and links.
    plan : Plan
        Of which the file is the run: whoever carries it out gets the same numbers.
    """

    title: str
    plan: Plan


_PLAIN = Blueprint("elman", hidden=16)
_GATED = Blueprint("lstm", hidden=16, bias=1.0)
_ADDING = Recipe(rate=0.01, iterations=4000, every=25)
_ORDER = Recipe(rate=0.01, iterations=2000, every=10)

RECORDED: Mapping[str, Recording] = MappingProxyType(
    {
        "adding-50-lstm": Recording("Adding, T = 50, LSTM", Plan("adding", 50, "", _GATED, _ADDING)),
        "adding-50-elman": Recording("Adding, T = 50, Elman", Plan("adding", 50, "", _PLAIN, _ADDING)),
        "adding-150-lstm": Recording("Adding, T = 150, LSTM", Plan("adding", 150, "", _GATED, _ADDING)),
        "adding-150-elman": Recording("Adding, T = 150, Elman", Plan("adding", 150, "", _PLAIN, _ADDING)),
        "order-50-lstm": Recording("Temporal order, T = 50, LSTM", Plan("order", 50, "", _GATED, _ORDER)),
        "order-50-elman": Recording("Temporal order, T = 50, Elman", Plan("order", 50, "", _PLAIN, _ORDER)),
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
