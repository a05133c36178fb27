"""Two ways through the same words: the states in a plane, each with its word, and their distance at each step."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

import numpy as np
import plotly.graph_objects as go

from explorer.engine.activations import Array
from explorer.equations import number
from explorer.figures.charts import look_for, template
from explorer.figures.reach import line_colour
from explorer.figures.theme import SIZES, Theme
from explorer.order_views.ways import TwoWays

MOST_LABELS = 14
"""With more words in a sentence, or where they would cover each other, only the first, the one at which the ways part
and the last are written."""

MOST_CROWDED = 0.2
"""Share of the words that may stand on a line, a point or another word."""

_HEIGHT, _TOP, _FOOT, _LEFT = 430, 30, 44, 58
_STRIP, _GAP = 0.24, 0.15  # of the height between the margins
_ROOM = (0.1, 0.14)  # of the spread, beyond the outermost points
_WIDE, _HIGH = 480, 210  # about what the plane gets on a projector, in pixels, to find room for words
_LETTER, _LINE, _POINT, _ON_A_LINE = 7.4, 17.0, 12.0, 15
_ASIDE = 50  # so many covered square pixels are as bad as one pixel outside
_FREE = 0.4  # a word on one line only
_DASHES, _MARKS = ("solid", "dash"), ("circle", "diamond")
_TITLES = ("A", "B")
_LONGEST = 11
_PLACES = {
    "top center": (0, 1),
    "bottom center": (0, -1),
    "middle right": (1, 0),
    "middle left": (-1, 0),
    "top right": (1, 1),
    "top left": (-1, 1),
    "bottom right": (1, -1),
    "bottom left": (-1, -1),
}


def two_ways(ways: TwoWays, dark: bool = False) -> go.Figure:
    """Both ways in the plane of their first two principal components, and below it their distance step by step.

    Parameters
    ----------
    ways : TwoWays
    dark : bool
    """
    look = look_for(dark)
    shares = ways.plane.shares.tolist()
    x, y = (
        _axis(i, share, np.concatenate([walk[:, i] for walk in ways.plane.walks])) for i, share in enumerate(shares)
    )
    traces = [*_walks(ways, dark, look), _strip(ways, look)]
    layout = go.Layout(
        template=template(dark),
        height=_HEIGHT,
        margin={"l": _LEFT, "r": 10, "t": _TOP, "b": _FOOT},
        xaxis={**x, "anchor": "y", "nticks": 7},
        yaxis={**y, "domain": [_STRIP + _GAP, 1], "nticks": 5},
        xaxis2={"anchor": "y2", "showgrid": False, "zeroline": False, "automargin": True, **_words(ways)},
        yaxis2={
            "domain": [0, _STRIP],
            "title": {"text": f"‖{ways.state}ₜ − {ways.state}′ₜ‖", "standoff": 4},
            "rangemode": "tozero",
            "nticks": 3,
            **({} if ways.distances.any() else {"range": [0, 1]}),
        },
        showlegend=True,
        legend={
            "orientation": "h",
            "x": 0,
            "y": 1,
            "yanchor": "bottom",
            "font": {"size": SIZES["text"]},
            "itemclick": False,
            "itemdoubleclick": False,
        },
        shapes=[] if ways.parting is None else [_band(ways.parting, look)],
    )
    return go.Figure(traces, layout)


def _axis(i: int, share: float, along: Array) -> dict[str, Any]:
    """A principal component, with the part of the variance that it keeps, and room for words at its ends."""
    low, high = float(along.min()), float(along.max())
    room = _ROOM[i] * (high - low) or 1.0
    title = {"text": f"component {i + 1}: {share:.0%} of the variance" if not i else f"component {i + 1}: {share:.0%}"}
    return {"title": {**title, "standoff": 4}, "range": [low - room, high + room], "zeroline": False}


def _walks(ways: TwoWays, dark: bool, look: Theme) -> list[Any]:
    """The way they have in common, then each its own, and rings where they part."""
    parting = ways.parting
    end = min(walk.steps for walk in ways.walks) if parting is None else parting - 1
    together = ways.plane.walks[0][: end + 1]
    pieces = [(together, [_START, *ways.walks[0].shown[:end]], "both", look.muted, "solid", "circle")]
    for i, (walk, points) in enumerate(zip(ways.walks, ways.plane.walks, strict=True)):
        if walk.steps > end:
            colour, names = line_colour(i, dark, look), ["", *walk.shown[end:]]
            pieces.append((points[end:], names, _TITLES[i], colour, _DASHES[i], _MARKS[i]))
    labels, found = _labelled([points for points, *_ in pieces], [names for _, names, *_ in pieces])
    places = iter(found)
    traces: list[Any] = []
    for (points, names, title, colour, dash, mark), label in zip(pieces, labels, strict=True):
        own = title != "both"
        first = end if own else 0
        traces.append(
            go.Scatter(
                x=points[:, 0],
                y=points[:, 1],
                name=title,
                mode="lines+markers+text",
                text=label,
                textposition=[next(places) for _ in label],
                textfont={"size": SIZES["text"], "color": look.ink},
                line={"color": colour, "dash": dash, "width": 2.5},
                marker={"color": colour, "symbol": mark, "size": [*([0, 14] if own else [8, 8]), *[8] * len(label)]},
                customdata=[[name or "…", first + i] for i, name in enumerate(names)],
                hovertemplate="%{customdata[0]}, t = %{customdata[1]}: (%{x:.4g}, %{y:.4g})<extra></extra>",
                cliponaxis=False,
            )
        )
    if parting is not None:
        rings = np.array([walk[parting] for walk in ways.plane.walks if len(walk) > parting])
        traces.append(
            go.Scatter(
                x=rings[:, 0],
                y=rings[:, 1],
                name="first differing word",
                mode="markers",
                marker={"symbol": "circle-open", "size": 20, "color": look.ink, "line": {"width": 2}},
                hoverinfo="skip",
            )
        )
    return traces


_START = "start"


def _labelled(pieces: Sequence[Array], names: Sequence[Sequence[str]]) -> tuple[list[list[str]], list[str]]:
    """The words beside the points of each piece, the common one first, and on which side each of them stands.

    All, unless they are too many or cover each other: then the few by which one finds the way.
    """
    short = [[name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…" for name in own] for own in names]
    if max(map(len, short)) <= MOST_LABELS:
        places, crowded = _placed(pieces, [name for own in short for name in own])
        if crowded <= MOST_CROWDED:
            return short, places
    kept = [{0}, *({1, len(own) - 1} for own in short[1:])]
    few = [[name if i in some else "" for i, name in enumerate(own)] for own, some in zip(short, kept, strict=True)]
    return few, _placed(pieces, [name for own in few for name in own])[0]


def _placed(pieces: Sequence[Array], labels: Sequence[str]) -> tuple[list[str], float]:
    """Where each word stands beside its point: where it covers least of points, lines and the words before it.

    Also the share of the words for which there is no free place.
    """
    points = np.concatenate(pieces)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = np.array([_WIDE, _HIGH]) / (np.where(high > low, high - low, 1.0) * (1 + 2 * np.array(_ROOM)))
    inner = np.array([_WIDE, _HIGH]) * np.array(_ROOM) / (1 + 2 * np.array(_ROOM))
    drawn = [(piece - low) * scale + inner for piece in pieces]
    taken = [_around(spot, _POINT) for piece in drawn for spot in piece.tolist()]
    for piece in drawn:
        for share in np.linspace(0, 1, _ON_A_LINE + 2)[1:-1]:
            taken += [_around(spot, _POINT / 3) for spot in (piece[:-1] + share * np.diff(piece, axis=0)).tolist()]
    found, crossed = [], 0
    for (x, y), label in zip(np.concatenate(drawn).tolist(), labels, strict=True):
        boxes = {place: _box(x, y, label, *side) for place, side in _PLACES.items()}
        place = min(boxes, key=lambda place: _covered(boxes[place], taken)) if label else "top center"
        found.append(place)
        if label:
            crossed += _covered(boxes[place], taken) > _FREE
            taken.append(boxes[place])
    return found, crossed / max(sum(map(bool, labels)), 1)


_Box = tuple[float, float, float, float]


def _around(spot: Sequence[float], wide: float) -> _Box:
    x, y = spot
    return x - wide / 2, y - wide / 2, x + wide / 2, y + wide / 2


def _box(x: float, y: float, label: str, right: int, up: int) -> _Box:
    wide = _LETTER * len(label)
    away = _POINT / 2
    left = x + right * away + (right - 1) * wide / 2
    bottom = y + up * away + (up - 1) * _LINE / 2
    return left, bottom, left + wide, bottom + _LINE


def _covered(box: _Box, taken: Sequence[_Box]) -> float:
    """Area shared with what is there already, and much more for what is outside the plane."""
    outside = max(-box[0], 0.0) + max(box[2] - _WIDE, 0.0)
    return outside + sum(_shared(box, other) for other in taken) / _ASIDE


def _shared(one: _Box, other: _Box) -> float:
    """Square pixels that two boxes have in common."""
    wide, high = min(one[2], other[2]) - max(one[0], other[0]), min(one[3], other[3]) - max(one[1], other[1])
    return max(wide, 0.0) * max(high, 0.0)


def _strip(ways: TwoWays, look: Theme) -> go.Bar:
    distances = ways.distances[1:]
    return go.Bar(
        x=list(range(1, len(distances) + 1)),
        y=distances,
        xaxis="x2",
        yaxis="y2",
        marker={"color": look.roles["state"].fill, "line": {"color": look.roles["state"].stroke, "width": 1.5}},
        customdata=[number(x) for x in distances.tolist()],
        hovertemplate="t = %{x}: %{customdata}<extra></extra>",
        showlegend=False,
    )


def _words(ways: TwoWays) -> dict[str, Any]:
    """What both read at each step, under each other where it differs."""
    steps = len(ways.distances) - 1
    axis: dict[str, Any] = {"range": [0.4, steps + 0.6]}
    if steps > MOST_LABELS:
        return {**axis, "nticks": 10, "tickprefix": "t = ", "showtickprefix": "first"}
    pairs = list(zip_longest(*(walk.shown for walk in ways.walks), fillvalue=""))[:steps]
    short = [[word if len(word) < 9 else word[:8] + "…" for word in pair] for pair in pairs]
    return {
        **axis,
        "tickmode": "array",
        "tickvals": list(range(1, steps + 1)),
        "ticktext": [a if a == b else f"{a}<br>{b}" for a, b in short],
        "tickangle": 0,
    }


def _band(t: int, look: Theme) -> dict[str, Any]:
    return {
        "type": "rect",
        "xref": "x2",
        "yref": "y2 domain",
        "x0": t - 0.5,
        "x1": t + 0.5,
        "y0": 0,
        "y1": 1,
        "layer": "below",
        "line": {"width": 0},
        "fillcolor": look.band,
    }
