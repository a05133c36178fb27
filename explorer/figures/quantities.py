"""What is shown at slices, nodes and arrows: numbers with the scale on which they are painted."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.engine.activations import Array
from explorer.graph import Graph

MOST_DECADES = 12
"""So many decades get colours and widths of their own; what is smaller is labelled, and painted like the smallest."""


@dataclass(frozen=True, eq=False)
class Flows:
    """How much gradient reaches every node and runs back along every arrow, as log₁₀ of its norm.

    Attributes
    ----------
    nodes : mapping of layer to (T + 1,) array
        log₁₀ ‖∂L/∂node‖, index t (0: the initial state); -inf is exactly zero, not a number is absent.
    links : sequence of (T,) arrays
        In the order of the graph's connections: log₁₀ of what the copy arriving at step t hands back, index t - 1.
    label : str
        What is measured.

    Examples
    --------
    >>> from explorer import architectures
    >>> graph = architectures.build("elman", inputs=2, hidden=3, outputs=2)
    >>> ramp = np.array([-4.2, -3.0, -1.5])
    >>> flows = Flows({"h": ramp}, [ramp[1:]] * len(graph.connections), "‖∂L/∂h_t‖")
    >>> drawn = flows.scene(graph, 2)
    >>> drawn["low"], drawn["high"]
    (-5, -1)
    """

    nodes: Mapping[str, Array]
    links: Sequence[Array]
    label: str

    def scene(self, graph: Graph, steps: int) -> dict[str, Any]:
        """As the script reads it."""
        if len(self.links) != len(graph.connections):
            raise ValueError(
                f"{len(self.links)} links were given for the {len(graph.connections)} connections of {graph.name}; "
                "give one for each, in the graph's order."
            )
        for name, array, wanted in (
            *((f"node '{name}'", array, steps + 1) for name, array in self.nodes.items()),
            *((f"link {i}", array, steps) for i, array in enumerate(self.links)),
        ):
            if np.shape(array) != (wanted,):
                raise ValueError(f"The {name} has the shape {np.shape(array)}; over {steps} steps it is ({wanted},).")
        least, high = decades((*self.nodes.values(), *self.links))
        low = max(least, high - MOST_DECADES)
        return {
            "label": self.label,
            "nodes": {name: packed(array) for name, array in self.nodes.items()},
            "links": [packed(array) for array in self.links],
            "low": low,
            "high": high,
            "clamped": least < low,
        }


@dataclass(frozen=True, eq=False)
class Track:
    """A strip under the slices that shares their time axis.

    Attributes
    ----------
    kind : {"heat", "bars"}
        A column of coloured cells for each step, or one bar for each.
    label, unit : str
        What is measured, and in what.
    data : (T, rows) array for heat, (T,) or (T, T) for bars
        Of a (T, T) array, the row of the current step is shown. Bars of negative numbers hang from the baseline.
    log : bool
        Of bars: the data are log₁₀ of what is measured (-inf: exactly zero).
    total : float, optional
        Of bars: what they add up to. The sum so far is shown beside the strip.
    weight : str, optional
        Of bars: the parameter whose colour they have.
    before : (T,) array, optional
        Of bars: what they were before something was taken away, drawn as outlines.
    """

    kind: str
    label: str
    unit: str
    data: Array
    log: bool = False
    total: float | None = None
    weight: str | None = None
    before: Array | None = None

    def scene(self) -> dict[str, Any]:
        """As the script reads it."""
        most = largest(self.data)
        all_bars = self.data if self.before is None else np.concatenate([self.data, self.before])
        low, high = decades((self.data,)) if self.log else _ends(all_bars)
        return {
            "kind": self.kind,
            "label": self.label,
            "unit": self.unit,
            "data": packed(self.data) if self.log else encoded(self.data),
            "rows": int(self.data.shape[-1]),
            "matrix": self.kind == "bars" and self.data.ndim == 2,
            "max": most,
            "scale": most,
            "log": self.log,
            "low": low,
            "high": high,
            "total": None if self.total is None else float(self.total),
            "weight": self.weight,
            "before": None if self.before is None else encoded(self.before),
        }


def decades(logarithms: Iterable[Array]) -> tuple[int, int]:
    """The whole powers of ten that enclose all finite numbers, at least one decade apart.

    Examples
    --------
    >>> decades([np.array([-3.2, -np.inf]), np.array([0.4, np.nan])])
    (-4, 1)
    """
    finite = [array[np.isfinite(array)] for array in logarithms]
    low = min((float(array.min()) for array in finite if array.size), default=-1.0)
    high = max((float(array.max()) for array in finite if array.size), default=0.0)
    bottom, top = math.floor(low), math.ceil(high)
    return min(bottom, top - 1), top


def largest(array: Array) -> float:
    """Largest finite magnitude, for a scale; 1 if there is none. Not a number means absent."""
    return float(np.max(np.abs(array), initial=0, where=np.isfinite(array))) or 1.0


def encoded(array: Array) -> str:
    """Little-endian float32, row by row, as base64: what the script reads numbers from."""
    most = np.finfo("<f4").max  # the numbers beside the picture are float64; a colour has an end
    return packed(np.clip(array, -most, most))


def packed(array: Array) -> str:
    """The same for numbers that float32 can hold, and infinities that mean something."""
    return base64.b64encode(np.asarray(array).astype("<f4").tobytes()).decode()


def _ends(array: Array) -> tuple[float, float]:
    """Where an axis of bars begins and ends: 0 is on it, and it is not empty."""
    low = float(np.min(array, initial=0.0, where=np.isfinite(array)))
    high = float(np.max(array, initial=0.0, where=np.isfinite(array)))
    return (low, high) if low < high else (0.0, 1.0)
