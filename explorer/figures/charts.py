"""Charts beside the diagram: pure functions from numbers to Plotly figures, in the project's one look."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import plotly.graph_objects as go

from explorer.engine.activations import Array
from explorer.figures.theme import DARK, FONTS, LIGHT, SIZES, Theme


@lru_cache(maxsize=2)
def template(dark: bool) -> go.layout.Template:
    """Plotly's defaults in the colours and type of the theme."""
    look = look_for(dark)
    axis = {
        "gridcolor": look.grid,
        "zerolinecolor": look.line,
        "linecolor": look.line,
        "tickfont": {"size": SIZES["text"], "color": look.ink},
        "title": {"font": {"size": SIZES["text"], "color": look.ink}},
        "fixedrange": True,
    }
    return go.layout.Template(
        layout={
            "font": {"family": FONTS["text"], "size": SIZES["text"], "color": look.ink},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "margin": {"l": 8, "r": 8, "t": 8, "b": 44},
            "xaxis": axis,
            "yaxis": axis,
            "hoverlabel": {"font": {"family": FONTS["text"], "size": SIZES["text"]}},
            "showlegend": False,
        }
    )


def look_for(dark: bool) -> Theme:
    """The theme of a dark or a light page."""
    return DARK if dark else LIGHT


def vectors(names: Sequence[str], rows: Sequence[Array], dark: bool = False) -> go.Figure:
    """Vectors under each other as coloured cells, symmetric about 0."""
    look = look_for(dark)
    widest = max(len(row) for row in rows)
    cells = np.full((len(rows), widest), np.nan)
    for i, row in enumerate(rows):
        cells[i, : len(row)] = row
    limit = float(np.nanmax(np.abs(cells))) or 1.0
    stops = len(look.diverging) - 1
    heat = [
        go.Heatmap(
            z=cells,
            zmin=-limit,
            zmax=limit,
            colorscale=[[i / stops, colour] for i, colour in enumerate(look.diverging)],
            xgap=1,
            ygap=4,
            hovertemplate="%{y}, unit %{x}: %{z:.6g}<extra></extra>",
            x=list(range(1, widest + 1)),
            y=list(names),
            colorbar={"thickness": 10, "len": 0.9, "nticks": 5},
        )
    ]
    layout = go.Layout(
        template=template(dark),
        height=70 + 34 * len(rows),
        xaxis={"title": {"text": "unit"}, "nticks": 9, "showgrid": False},
        yaxis={"autorange": "reversed", "automargin": True, "showgrid": False},
    )
    return go.Figure(heat, layout)


def legend_above() -> dict[str, Any]:
    """A legend in one row over the plot, which does not hide what is clicked."""
    return {
        "orientation": "h",
        "x": 0,
        "y": 1,
        "yanchor": "bottom",
        "font": {"size": SIZES["text"]},
        "itemclick": False,
    }
