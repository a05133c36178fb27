"""How far gradients reach: curves over distance, matrices of errors by steps, spectra, and how open units are.

Everything is handed over as log₁₀, so that no number is too small or too large to be drawn.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from explorer.engine.activations import Array
from explorer.equations import power
from explorer.figures.charts import legend_above, look_for, template
from explorer.figures.heat import Scale, heat_map
from explorer.figures.theme import SIZES, Theme, weight_colours

MOST_CELLS = 256
"""A matrix with more rows is thinned out: every n-th error and step, each number exact."""

_DASHES = (
    ("solid", "20px 4px", "20px 4px 4px 4px", "28px 4px 4px 4px 4px 4px"),
    ("8px 5px", "8px 4px 2px 4px", "4px 3px", "12px 4px 2px 3px 2px 4px"),
)
"""By network and by state: long strokes for the first network, short ones for the second."""

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_HEIGHT, _TOP, _FOOT = 330, 34, 46


@dataclass(frozen=True, eq=False)
class Curve:
    """log₁₀ of a norm over the distance d = 0, 1, … from the error; -inf is exactly zero.

    Attributes
    ----------
    title : str
    of : int
        Which of the networks that are compared; None of them (-1) for a bound.
    kind : int
        Which of the curves of this network: its dash.
    log10 : (n,) array
    """

    title: str
    of: int
    kind: int
    log10: Array


def fading(
    curves: Sequence[Curve], what: str, dark: bool = False, across: str = "steps back from the error, t − k"
) -> go.Figure:
    """Curves over the distance, usually from the error, one colour a network, one dash a state; bounds are dotted."""
    look = look_for(dark)
    traces = [
        go.Scatter(
            x=np.arange(len(curve.log10)),
            y=np.where(np.isfinite(curve.log10), curve.log10, np.nan),
            name=curve.title,
            mode="lines" if np.isfinite(curve.log10).sum() > 1 else "lines+markers",
            line={
                "color": line_colour(curve.of, dark, look),
                "dash": _dash(curve),
                "width": 1.75 if curve.of < 0 else 3,
            },
            marker={"size": 9},
            customdata=[power(float(x)) for x in curve.log10],
            hovertemplate=f"{curve.title}, %{{x}} steps back: %{{customdata}}<extra></extra>",
        )
        for curve in curves
    ]
    measured = [curve.log10 for curve in curves if curve.of >= 0]
    layout = go.Layout(
        template=template(dark),
        height=_HEIGHT,
        margin={"l": 8, "r": 8, "t": _TOP, "b": _FOOT},
        xaxis={
            "title": {"text": across},
            "zeroline": False,
            **({"dtick": 1} if all(len(curve.log10) < 12 for curve in curves) else {}),
        },
        yaxis={"title": {"text": what}, "zeroline": False, "automargin": True, **decades(measured)},
        showlegend=True,
        legend=legend_above(),
    )
    return go.Figure(traces, layout)


def matrices(titles: Sequence[str], found: Sequence[Array], t: int, what: str, dark: bool = False) -> go.Figure:
    """Matrices of log₁₀ norms, (T, T) with rows for errors and columns for steps, on one scale.

    The rows of `t` are marked. What is exactly zero is left blank.
    """
    look = look_for(dark)
    axis = decades(found, most=6)
    scale = Scale(axis["range"], look.sequential, what, {key: axis[key] for key in ("tickvals", "ticktext")})
    traces = []
    for i, array in enumerate(found):
        every = max(1, math.ceil(len(array) / MOST_CELLS))
        steps = np.arange(1, len(array) + 1)[::every]
        cells = np.where(np.isfinite(array), array, np.nan)[::every, ::every].astype("float32")
        traces.append(heat_map(cells, steps, steps, "error at %{y}, step %{x}: 10^%{z:.2f}", scale, (i, len(found))))
    return side_by_side(
        traces,
        titles,
        "step k",
        "error at step t",
        dark,
        [_cursor(i, t, look, "x", "y") for i in range(len(found))],
        flipped=True,
    )


def items(found: Array, what: str, dark: bool = False) -> go.Figure:
    """What every error adds through the copy of a weight in every slice, (T, T), with signs; zeros are blank."""
    look = look_for(dark)
    most = float(np.abs(found).max(initial=0)) or 1.0
    steps = np.arange(1, len(found) + 1)
    cells = np.where(found == 0, np.nan, found).astype("float32")
    scale = Scale((-most, most), look.diverging, what, {"nticks": 5})
    heat = heat_map(cells, steps, steps, "error at %{y}, slice %{x}: %{z:.3g}", scale)
    return side_by_side([heat], [""], "copy in slice k", "error at step t", dark, [], flipped=True)


def spectra(
    titles: Sequence[str],
    found: Sequence[tuple[Array, Array]],
    bounds: Sequence[float | None],
    dark: bool = False,
    across: str = "steps back, t − k",
) -> go.Figure:
    """log₁₀ of singular values, (n, S), over distances or steps, (n,); a bound on one step is dotted, once a step."""
    look = look_for(dark)
    traces = []
    for i, ((distance, values), bound) in enumerate(zip(found, bounds, strict=True)):
        gap = np.full((1, values.shape[1]), np.nan)
        lines = np.where(np.isfinite(values), values, np.nan)
        axes = {"xaxis": f"x{i + 1}", "yaxis": f"y{i + 1}", "mode": "lines", "hoverinfo": "skip"}
        traces.append(
            go.Scatter(
                x=np.tile([*distance, np.nan], values.shape[1]),
                y=np.concatenate([lines, gap]).T.ravel(),  # one trace, its lines parted by gaps
                line={"color": line_colour(i, dark, look), "width": 1},
                opacity=0.6,
                **axes,
            )
        )
        traces.append(
            go.Scatter(
                x=distance,
                y=lines[:, 0] if len(lines) else [],
                line={"color": line_colour(i, dark, look), "width": 3},
                **{**axes, "hoverinfo": "all"},
                customdata=[power(float(x)) for x in (values[:, 0] if len(values) else [])],
                hovertemplate=f"σ₁, {across} %{{x}}: %{{customdata}}<extra></extra>",
            )
        )
        if bound:
            traces.append(
                go.Scatter(
                    x=distance,
                    y=distance * math.log10(bound),
                    line={"color": look.ink, "dash": "dot", "width": 2},
                    **axes,
                )
            )
    figure = side_by_side(traces, titles, across, "singular values", dark, [])
    shared = decades([values for _, values in found])
    for i in range(len(found)):
        figure.layout[f"yaxis{i + 1 if i else ''}"].update(shared)
    return figure


def openness(titles: Sequence[str], found: Sequence[Mapping[str, Array]], t: int, dark: bool = False) -> go.Figure:
    """φ′(a) of every unit at every step as a share of its largest, layer on layer: dark is open, pale is saturated."""
    return _units(titles, found, t, look_for(dark).sequential, (0, 1), "share of γ", dark)


def activity(titles: Sequence[str], found: Sequence[Mapping[str, Array]], t: int, dark: bool = False) -> go.Figure:
    """The value of every unit at every step, layer on layer, on a scale that is symmetric about 0."""
    most = max((float(np.abs(array).max(initial=0)) for layers in found for array in layers.values()), default=0) or 1.0
    return _units(titles, found, t, look_for(dark).diverging, (-most, most), "value", dark)


def _units(
    titles: Sequence[str],
    found: Sequence[Mapping[str, Array]],
    t: int,
    colours: Sequence[str],
    ends: tuple[float, float],
    what: str,
    dark: bool,
) -> go.Figure:
    look, scale = look_for(dark), Scale(ends, colours, what, {"nticks": 3})
    width = (
        "float32" if ends[1] < float(np.finfo("float32").max) else "float64"
    )  # half as much to send, if it holds them
    traces, names = [], []
    for i, layers in enumerate(found):
        rows = np.concatenate([array.T for array in layers.values()]) if layers else np.zeros((1, 1))
        every = max(1, math.ceil(rows.shape[1] / (2 * MOST_CELLS)))
        middles, start = [], 0
        for array in layers.values():
            middles.append(start + (array.shape[1] - 1) / 2)
            start += array.shape[1]
        names.append((middles, list(layers)))
        traces.append(
            heat_map(
                rows[:, ::every].astype(width),
                np.arange(1, rows.shape[1] + 1)[::every],
                np.arange(len(rows)),
                "row %{y}, step %{x}: %{z:.3g}",
                scale,
                (i, len(found)),
            )
        )
    figure = side_by_side(traces, titles, "step", "", dark, [_cursor(i, t, look, "y", "x") for i in range(len(found))])
    for i, (middles, labels) in enumerate(names):
        figure.layout[f"yaxis{i + 1 if i else ''}"].update(
            tickmode="array", tickvals=middles, ticktext=labels, showgrid=False, autorange="reversed"
        )
    return figure


def decades(found: Sequence[Array], most: int = 7) -> dict[str, Any]:
    """Range and ticks of an axis that is log₁₀ itself: whole powers of ten, at most so many named.

    Examples
    --------
    >>> decades([np.array([-2.5, 0.2, -np.inf])])["ticktext"]
    ['10⁻³', '10⁻²', '10⁻¹', '1', '10']
    """
    finite = np.concatenate([array[np.isfinite(array)].ravel() for array in found] or [np.zeros(1)])
    low, high = (math.floor(finite.min()), math.ceil(finite.max())) if finite.size else (-1, 0)
    high = max(high, low + 1)
    every = next(n for n in _strides() if (high - low) / n <= most - 1)
    values = [n for n in range(low, high + 1) if n % every == 0]
    return {
        "range": [low, high],
        "tickmode": "array",
        "tickvals": values,
        "ticktext": [{0: "1", 1: "10"}.get(n, "10" + str(n).translate(_SUPERSCRIPTS)) for n in values],
    }


def _strides() -> Any:
    scale = 1
    while True:
        yield from (scale, 2 * scale, 5 * scale)
        scale *= 10


def side_by_side(
    traces: list[Any],
    titles: Sequence[str],
    x_title: str,
    y_title: str,
    dark: bool,
    shapes: list[dict[str, Any]],
    flipped: bool = False,
    gap: float = 0.09,
) -> go.Figure:
    """One plot a network, next to each other, the first with the words of the axis."""
    many = len(titles)
    width = (1 - gap * (many - 1)) / many
    axes: dict[str, Any] = {}
    for i in range(many):
        suffix = str(i + 1) if i else ""
        left = i * (width + gap)
        axes[f"xaxis{suffix}"] = {
            "domain": [left, left + width],
            "anchor": f"y{suffix}",
            "title": {"text": x_title},
            "zeroline": False,
            "nticks": 6,
        }
        axes[f"yaxis{suffix}"] = {
            "anchor": f"x{suffix}",
            "title": {"text": "" if i else y_title},
            "zeroline": False,
            "automargin": True,
            **({"autorange": "reversed"} if flipped else {}),
        }
    layout = go.Layout(
        template=template(dark),
        height=_HEIGHT,
        margin={"l": 8, "r": 8, "t": _TOP, "b": _FOOT},
        shapes=shapes,
        annotations=[
            {
                "text": title,
                "x": i * (width + gap),
                "y": 1,
                "xref": "paper",
                "yref": "paper",
                "xanchor": "left",
                "yanchor": "bottom",
                "showarrow": False,
                "font": {"size": SIZES["label"]},
            }
            for i, title in enumerate(titles)
        ],
        **axes,
    )
    return go.Figure(traces, layout)


def _cursor(i: int, t: int, look: Theme, along: str, across: str) -> dict[str, Any]:
    """A line at step t of one axis, over the whole of the other."""
    suffix = str(i + 1) if i else ""
    ends = {f"{along}ref": f"{along}{suffix} domain", f"{along}0": 0, f"{along}1": 1}
    place = {f"{across}ref": f"{across}{suffix}", f"{across}0": t, f"{across}1": t}
    return {"type": "line", "line": {"color": look.primary, "width": 2}, **ends, **place}


def line_colour(of: int, dark: bool, look: Theme) -> str:
    return look.ink if of < 0 else weight_colours(of)["dark" if dark else "light"]


def _dash(curve: Curve) -> str:
    return "dot" if curve.of < 0 else _DASHES[curve.of % 2][curve.kind % 4]
