"""Heat maps beside each other, on one scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from explorer.engine.activations import Array


@dataclass(frozen=True, slots=True)
class Scale:
    """How numbers become colours.

    Attributes
    ----------
    ends : two floats
        Numbers of the first and the last of the colours.
    colours : sequence of str
    what : str
        What the numbers are.
    ticks : mapping
        Which of them are written, as Plotly's colour bar takes it.
    """

    ends: Sequence[float]
    colours: Sequence[str]
    what: str
    ticks: Mapping[str, Any]


def heat_map(cells: Array, x: Array, y: Array, hover: str, scale: Scale, place: tuple[int, int] = (0, 1)) -> go.Heatmap:
    """One of the maps beside each other; the last of them brings the scale that all share.

    Parameters
    ----------
    cells : (rows, columns) array
        What is not a number is left blank.
    x, y : (columns,), (rows,) arrays
    hover : str
        What a cell says.
    scale : Scale
    place : (int, int)
        Which of how many.
    """
    i, many = place
    stops = len(scale.colours) - 1
    return go.Heatmap(
        z=cells,
        x=x,
        y=y,
        xaxis=f"x{i + 1}",
        yaxis=f"y{i + 1}",
        zmin=scale.ends[0],
        zmax=scale.ends[1],
        colorscale=[[j / stops, colour] for j, colour in enumerate(scale.colours)],
        hovertemplate=f"{hover}<extra></extra>",
        showscale=i == many - 1,
        colorbar={"thickness": 10, "len": 0.95, "title": {"text": scale.what, "side": "right"}, **scale.ticks},
    )
