"""Ready-made comparisons: what a second run does differently, and recorded runs that belong beside each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from explorer.tasks.recipe import Blueprint, Recipe
from explorer.training.optimizers import OPTIMIZERS
from explorer.training.recorded import BESIDE, RECORDED

Pair = tuple[Blueprint, Recipe]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One way in which a second run differs.

    Attributes
    ----------
    title : str
        Short; it stands in a menu and in links.
    change : callable or None
        ``change(blueprint, recipe) -> (blueprint, recipe)``; None: there is no second run.
    """

    title: str
    change: Callable[[Blueprint, Recipe], Pair] | None


def _network(arch: str, bias: float) -> Callable[[Blueprint, Recipe], Pair]:
    return lambda blueprint, recipe: (replace(blueprint, arch=arch, bias=bias), recipe)


def _more_bias(blueprint: Blueprint, recipe: Recipe) -> Pair:
    return replace(blueprint, bias=blueprint.bias + 1), recipe


def _other_seed(blueprint: Blueprint, recipe: Recipe) -> Pair:
    return replace(blueprint, seed=blueprint.seed + 1), replace(recipe, seed=recipe.seed + 1)


def _unclipped(blueprint: Blueprint, recipe: Recipe) -> Pair:
    return blueprint, replace(recipe, clip=None)


def _plain_descent(blueprint: Blueprint, recipe: Recipe) -> Pair:
    return blueprint, replace(recipe, optimizer="sgd", rate=OPTIMIZERS["sgd"].rate)


def _truncated(blueprint: Blueprint, recipe: Recipe) -> Pair:
    return blueprint, replace(recipe, window=5, stride=5)


COMPARISONS: Mapping[str, Comparison] = MappingProxyType(
    {
        "alone": Comparison("nothing", None),
        "lstm": Comparison("LSTM, bias 1", _network("lstm", 1.0)),
        "gru": Comparison("GRU, bias 1", _network("gru_reset_after", 1.0)),
        "elman": Comparison("Elman", _network("elman", 0.0)),
        "bias": Comparison("same, bias + 1", _more_bias),
        "seed": Comparison("same, next seed", _other_seed),
        "sgd": Comparison("same, by SGD", _plain_descent),
        "unclipped": Comparison("same, unclipped", _unclipped),
        "truncated": Comparison("same, truncated after 5", _truncated),
    }
)
"""Name → comparison: menu and link value at once."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """Recorded runs of one task that are shown beside each other.

    Attributes
    ----------
    title : str
    names : tuple of str
        Keys of `RECORDED`.
    """

    title: str
    names: tuple[str, ...]


RECORDED_SETS: Mapping[str, Recorded] = MappingProxyType(
    {
        key: Recorded(title, tuple(name for name, recording in RECORDED.items() if recording.beside == key))
        for key, title in BESIDE.items()
    }
)
"""Name → recorded runs of one task, for the menu and the link."""
