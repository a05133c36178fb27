"""What a card shows, as data: panels of curves that share a horizontal axis or not. How they look is not known here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from explorer.engine.activations import Array
from explorer.engine.timeline import frozen

Kind = Literal["ours", "other", "bound", "reference", "now", "published"]
"""What a curve stands for: the measured one, a second measured one, a theorem's bound, a line to compare with, the
present setting, a printed value."""


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Points to be joined by a line, or marked if there are few.

    Attributes
    ----------
    name : str
    x, y : (n,) arrays
    kind : str
    marks : bool
        Points instead of a line.
    """

    name: str
    x: Array
    y: Array
    kind: Kind = "ours"
    marks: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Heat:
    """A field over two settings: z (rows, columns) over y and x, and what it measures."""

    x: Array
    y: Array
    z: Array
    unit: str


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """One pair of axes.

    Attributes
    ----------
    x_label, y_label : str
    curves : tuple of Curve
    log_x, log_y : bool
    heat : Heat or None
        Under the curves.
    """

    x_label: str
    y_label: str
    curves: tuple[Curve, ...]
    log_x: bool = False
    log_y: bool = False
    heat: Heat | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """Panels above each other, and what they show in a sentence.

    Attributes
    ----------
    panels : tuple of Panel
    alternative : str
        For those who do not see it: with the numbers that matter.
    """

    panels: tuple[Panel, ...]
    alternative: str


def curve(name: str, x: Sequence[float] | Array, y: Sequence[float] | Array, kind: Kind = "ours", **more: Any) -> Curve:
    """A curve from anything that is an array.

    Examples
    --------
    >>> curve("1", [0, 5], [1, 1], "reference").y
    array([1., 1.])
    """
    return Curve(name, frozen(np.array(x, dtype=float)), frozen(np.array(y, dtype=float)), kind, **more)
