"""Charts of the page Why recurrent: weights against the room for words, and right answers by position."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np
import plotly.graph_objects as go

from explorer.engine.activations import Array
from explorer.figures.charts import legend_above, look_for, template
from explorer.figures.reach import line_colour

_HEIGHT, _TOP, _FOOT = 340, 34, 46
_DASHES = ("solid", "8px 5px")
_PATTERNS = ("", "/")
_TICK = " ✓"


def growing(rooms: Array, found: Sequence[tuple[str, Array]], room: int, dark: bool = False) -> go.Figure:
    """Weights of networks against the number of words for which the first has room; that number is marked."""
    look = look_for(dark)
    at = int(np.searchsorted(rooms, room))
    traces = []
    for i, (title, weights) in enumerate(found):
        colour = line_colour(i, dark, look)
        traces += [
            go.Scatter(
                x=rooms,
                y=weights,
                name=title,
                mode="lines",
                line={"color": colour, "dash": _DASHES[i % 2], "width": 3},
                hovertemplate=f"{title}, %{{x}} words: %{{y:,}} weights<extra></extra>",
            ),
            go.Scatter(
                x=[room],
                y=[weights[at]],
                mode="markers",
                marker={"color": colour, "size": 11},
                showlegend=False,
                hoverinfo="skip",
            ),
        ]
    layout = go.Layout(
        template=template(dark),
        height=_HEIGHT,
        margin={"l": 8, "r": 12, "t": _TOP, "b": _FOOT},
        xaxis={"title": {"text": "words in a sentence, at most"}, "zeroline": False, "range": [0, float(rooms[-1])]},
        yaxis={
            "title": {"text": "weights"},
            "rangemode": "tozero",
            "automargin": True,
            "nticks": 6,
            "tickformat": "~s",
        },
        shapes=[_line(room, look.primary)],
        showlegend=True,
        legend=legend_above(),
    )
    return go.Figure(traces, layout)


def by_position(
    positions: Sequence[int],
    trained: Sequence[int],
    found: Sequence[tuple[str, Array]],
    chance: float,
    dark: bool = False,
) -> go.Figure:
    """Accuracy by position as bars, the mean over runs with the lowest and the highest; trained positions are marked.

    Parameters
    ----------
    positions, trained : sequence of int
    found : sequence of (title, (runs, positions) array)
    chance : float
        Accuracy of guessing, dotted.
    dark : bool
    """
    look = look_for(dark)
    traces: list[Any] = []
    for i, (title, accuracy) in enumerate(found):
        mean = accuracy.mean(axis=0)
        colour = line_colour(i, dark, look)
        traces.append(
            go.Bar(
                x=list(positions),
                y=mean,
                name=title,
                marker={
                    "color": colour,
                    "pattern": {
                        "shape": _PATTERNS[i % 2],
                        "bgcolor": colour,
                        "fgcolor": look.background,
                        "size": 8,
                        "solidity": 0.2,
                    },
                },
                error_y={
                    "array": accuracy.max(axis=0) - mean,
                    "arrayminus": mean - accuracy.min(axis=0),
                    "color": look.ink,
                    "thickness": 1.5,
                    "width": 4,
                },
                hovertemplate=f"{title}, position %{{x}}: %{{y:.1%}}<extra></extra>",
            )
        )
    ends = [min(positions) - 0.5, max(positions) + 0.5]
    traces.append(
        go.Scatter(
            x=ends,
            y=[chance, chance],
            name="guessing",
            mode="lines",
            line={"color": look.ink, "dash": "dot", "width": 2},
            hoverinfo="skip",
        )
    )
    traces.append(
        go.Scatter(
            x=[None],
            y=[None],
            name=f"trained{_TICK}",
            mode="markers",
            marker={"symbol": "square", "size": 12, "color": look.band, "line": {"color": look.line, "width": 1}},
            hoverinfo="skip",
        )
    )
    layout = go.Layout(
        template=template(dark),
        height=_HEIGHT + 20,
        margin={"l": 8, "r": 8, "t": _TOP, "b": _FOOT},
        bargap=0.25,
        xaxis={
            "title": {"text": "position at which the phrase begins"},
            "range": ends,
            "tickmode": "array",
            "tickvals": list(positions),
            "ticktext": [f"<b>{p}</b>{_TICK}" if p in trained else f"{p}" for p in positions],
            "tickangle": 0,
            "zeroline": False,
            "showgrid": False,
        },
        yaxis={
            "title": {"text": "right answers"},
            "range": [0, 1.04],
            "tickformat": ".0%",
            "nticks": 6,
            "automargin": True,
        },
        shapes=[_band(first, last, look.band) for first, last in _stretches(trained)],
        showlegend=True,
        legend=legend_above(),
    )
    return go.Figure(traces, layout)


def _stretches(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Neighbours taken together.

    Examples
    --------
    >>> _stretches([2, 3, 4, 7])
    [(2, 4), (7, 7)]
    """
    runs = [list(run) for _, run in groupby(enumerate(sorted(numbers)), lambda pair: pair[1] - pair[0])]
    return [(run[0][1], run[-1][1]) for run in runs]


def _band(first: int, last: int, colour: str) -> dict[str, Any]:
    return {
        "type": "rect",
        "x0": first - 0.5,
        "x1": last + 0.5,
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "layer": "below",
        "line": {"width": 0},
        "fillcolor": colour,
    }


def _line(x: float, colour: str) -> dict[str, Any]:
    line = {"color": colour, "width": 2}
    return {"type": "line", "x0": x, "x1": x, "y0": 0, "y1": 1, "yref": "paper", "line": line}
