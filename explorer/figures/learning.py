"""How a network learns: its curves over the iterations, the gradient of each weight, and the numbers it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Any

import numpy as np
import plotly.graph_objects as go

from explorer.engine.activations import Array
from explorer.equations import number, power, ten_to
from explorer.figures.charts import legend_above, look_for, template
from explorer.figures.heat import Scale, heat_map
from explorer.figures.reach import decades, line_colour, side_by_side
from explorer.figures.theme import SIZES, Theme

_HEIGHT, _TOP, _FOOT, _TITLE = 320, 34, 46, 24
_DASHES, _MARKS = ("solid", "8px 5px"), ("circle", "diamond")

Numbers = Array | Sequence[float]


@dataclass(frozen=True, eq=False)
class Course:
    """One run.

    Attributes
    ----------
    title : str
    iterations, losses : (n,) arrays or sequences
    examined, scores : (m,) arrays or sequences
    """

    title: str
    iterations: Numbers
    losses: Numbers
    examined: Numbers
    scores: Numbers


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What runs are held against.

    Attributes
    ----------
    metric, unit : str
        What the score is, and what the loss is measured in.
    is_error : bool
        Whether a smaller score is better.
    baseline, goal : float
        Scores of the naive rule, and from which on the task counts as solved.
    naive_loss : float or None
        Loss of the naive rule.
    """

    metric: str
    unit: str
    is_error: bool
    baseline: float
    goal: float
    naive_loss: float | None


def curves(runs: Sequence[Course], held: Yardstick, at: int, last: int, dark: bool = False) -> go.Figure:
    """Loss above and score below over the iterations, on axes that all runs share; the baseline is dotted.

    Parameters
    ----------
    runs : sequence of Course
    held : Yardstick
    at : int
        The iteration that the rest of the page shows: a line through both.
    last : int
        End of the axis.
    dark : bool
    """
    look = look_for(dark)
    traces: list[Any] = []
    for i, run in enumerate(runs):
        line = {"color": line_colour(i, dark, look), "dash": _DASHES[i % 2], "width": 2.5}
        hover = f"{run.title}, iteration %{{x}}: %{{y:.3g}}<extra></extra>"
        traces += [
            go.Scatter(x=run.iterations, y=run.losses, name=run.title, mode="lines", line=line, hovertemplate=hover),
            go.Scatter(
                x=run.examined,
                y=run.scores,
                yaxis="y2",
                mode="lines" if len(run.examined) > 1 else "markers",
                marker={"symbol": _MARKS[i % 2], "size": 9},
                line=line,
                showlegend=False,
                hovertemplate=hover,
            ),
        ]
    dotted = {"color": look.ink, "dash": "dot", "width": 1.75}
    ends = [0, last]
    across = {"x": ends, "mode": "lines", "hoverinfo": "skip"}
    if held.naive_loss is not None:
        traces.append(go.Scatter(y=[held.naive_loss] * 2, line=dotted, showlegend=False, **across))
    traces += [
        go.Scatter(y=[held.baseline] * 2, yaxis="y2", line=dotted, name="baseline", **across),
        go.Scatter(y=[held.goal] * 2, yaxis="y2", line={**dotted, "dash": "dashdot"}, name="goal", **across),
    ]
    layout = go.Layout(
        template=template(dark),
        height=_HEIGHT,
        margin={"l": 8, "r": 12, "t": 2 * _TITLE + 6, "b": _FOOT},
        xaxis={"range": ends, "anchor": "y2", "title": {"text": "iteration"}, "zeroline": False, "nticks": 7},
        yaxis={
            **_decades([*(run.losses for run in runs), [held.naive_loss or np.nan]]),
            "domain": [0.56, 1],
            "automargin": True,
        },
        yaxis2={
            **(
                _decades([*(run.scores for run in runs), [held.baseline, held.goal]])
                if held.is_error
                else {"range": [0, 1.04], "tickformat": ".0%", "nticks": 4}
            ),
            "domain": [0, 0.44],
            "automargin": True,
            "zeroline": False,
        },
        shapes=[_cursor(at, look)],
        annotations=[_above(f"loss of an answer, {held.unit}", 1), _above(f"{held.metric}, examination", 0.44)],
        showlegend=True,
        legend={**legend_above(), "y": 1 + _TITLE / (_HEIGHT - 2 * _TITLE - 6 - _FOOT)},
    )
    return go.Figure(traces, layout)


def _above(text: str, y: float) -> dict[str, Any]:
    """The title of one of the plots that stand over each other."""
    return {
        "text": text,
        "x": 0,
        "y": y,
        "xref": "paper",
        "yref": "paper",
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": SIZES["text"]},
    }


def _decades(found: Sequence[Numbers]) -> dict[str, Any]:
    """A logarithmic axis with a few round numbers on it, however short or long it is."""
    values = np.concatenate([np.asarray(one, float) for one in found])
    values = np.log10(values[(values > 0) & np.isfinite(values)])
    low, high = (values.min() - 0.08, values.max() + 0.08) if len(values) else (-1.0, 0.0)
    for steps, every in (((1, 2, 5), 1), ((1, 3), 1), ((1,), 1), ((1,), 2), ((1,), 3), ((1,), 6)):
        exponents = range(every * floor(low / every), ceil(high) + 1, every)
        ticks = [step * 10.0**n for n in exponents for step in steps if low <= n + log10(step) <= high]
        if len(ticks) <= 4:
            break
    return {
        "type": "log",
        "range": [low, high],
        "tickmode": "array",
        "tickvals": ticks,
        "ticktext": _labels(ticks),
    }


def _labels(ticks: Sequence[float]) -> list[str]:
    """Round numbers, all of them with powers of ten if one needs it.

    Examples
    --------
    >>> _labels([0.01, 10000]), _labels([-1e6, 0, 5e5]), _labels([1, 1e3, 1e6])
    (['0.01', '10000'], ['−10⁶', '0', '5·10⁵'], ['1', '10³', '10⁶'])
    """
    if all(1e-4 <= abs(tick) < 1e5 or not tick for tick in ticks):
        return [f"{tick:g}" for tick in ticks]
    return ["−" * (tick < 0) + _with_power(abs(tick)) for tick in ticks]


def _with_power(tick: float) -> str:
    mantissa, exponent = f"{tick:.3e}".split("e")
    if int(exponent) in {0, 1}:
        return f"{tick:g}"
    return ("" if float(mantissa) == 1 else f"{float(mantissa):g}·") + ten_to(int(exponent))


def _axis(values: Array) -> dict[str, Any]:
    """Ticks of an axis with numbers that Plotly would write in its own way; nothing for others."""
    finite = values[np.isfinite(values)]
    most = float(np.abs(finite).max(initial=0))
    if most < 1e5:
        return {"nticks": 6}
    low, high = float(finite.min()), float(finite.max())
    power_of_ten = 10.0 ** floor(log10(high - low or most))
    step = next(n * power_of_ten for n in (0.2, 0.5, 1, 2) if (high - low) / (n * power_of_ten) <= 6)
    ticks = [n * step for n in range(ceil(low / step), floor(high / step) + 1)]
    return {"tickmode": "array", "tickvals": ticks, "ticktext": _labels(ticks)}


def gradients(
    titles: Sequence[str],
    found: Sequence[tuple[Array, Mapping[str, Array]]],
    at: int,
    dark: bool = False,
) -> go.Figure:
    """Heat maps of log₁₀ ‖∂L/∂W‖: a row for each weight, a column for each network that was kept.

    Parameters
    ----------
    titles : sequence of str
    found : sequence of (iterations, norms by name of the weight)
    at : int
        The iteration that is marked.
    dark : bool
    """
    look = look_for(dark)
    axis = decades([values for _, norms in found for values in norms.values()], most=6)
    scale = Scale(axis["range"], look.sequential, "‖∂L/∂W‖", {key: axis[key] for key in ("tickvals", "ticktext")})
    traces = []
    for i, (iterations, norms) in enumerate(found):
        columns = iterations if len(iterations) else np.zeros(1, int)
        cells = np.full((len(norms), len(columns)), np.nan, np.float32)  # blank before the first step
        for row, values in zip(cells, norms.values(), strict=True):
            row[: len(values)] = np.where(np.isfinite(values), values, np.nan)
        traces.append(
            heat_map(cells, columns, np.arange(len(cells)), "iteration %{x}: 10^%{z:.2f}", scale, (i, len(found)))
        )
    cursors = [_cursor(at, look, i) for i in range(len(found))]
    figure = side_by_side(traces, titles, "iteration", "", dark, cursors, gap=0.2)  # room for the names of weights
    for i, (_, norms) in enumerate(found):
        suffix = str(i + 1) if i else ""
        figure.layout[f"yaxis{suffix}"].update(
            tickmode="array",
            tickvals=list(range(len(norms))),
            ticktext=list(norms),
            showgrid=False,
            autorange="reversed",
        )
        figure.layout[f"xaxis{suffix}"].update(nticks=4)
    return figure


def answers(
    places: Array, right: Array, said: Sequence[tuple[str, Array]], across: str, what: str, dark: bool = False
) -> go.Figure:
    """Numbers that should be said, as open circles, and what networks say instead; neighbours in time are joined.

    Parameters
    ----------
    places, right : (n,) arrays
        Not a number between two sequences.
    said : sequence of (title, (n,) array)
    across, what : str
        What the places are, and the answers.
    dark : bool
    """
    look = look_for(dark)
    traces = [
        go.Scatter(
            x=places,
            y=right,
            name="right",
            mode="markers",
            marker={"symbol": "circle-open", "size": 9, "color": look.ink, "line": {"width": 1.5}},
            hovertemplate="right: %{y:.3g}<extra></extra>",
        )
    ]
    for i, (title, values) in enumerate(said):
        traces.append(
            go.Scatter(
                x=places,
                y=values,
                name=title,
                mode="lines+markers" if np.isnan(right).any() else "markers",
                line={"color": line_colour(i, dark, look), "dash": _DASHES[i % 2], "width": 2},
                marker={"symbol": _MARKS[i % 2], "size": 7, "color": line_colour(i, dark, look)},
                hovertemplate=f"{title}: %{{y:.3g}}<extra></extra>",
            )
        )
    layout = go.Layout(
        template=template(dark),
        height=_HEIGHT,
        margin={"l": 8, "r": 8, "t": _TOP, "b": _FOOT},
        xaxis={"title": {"text": across}, "zeroline": False, "nticks": 7},
        yaxis={
            "title": {"text": what},
            "zeroline": False,
            "automargin": True,
            **_axis(np.concatenate([right, *(values for _, values in said)])),
        },
        showlegend=True,
        legend=legend_above(),
    )
    return go.Figure(traces, layout)


def told(run: Course, held: Yardstick) -> str:
    """A run's curves in words."""
    if not len(run.iterations):
        return f"{run.title}: not trained yet"
    score = f", {held.metric} {number(float(run.scores[-1]))}" if len(run.scores) else ""
    return (
        f"{run.title}: loss {number(float(run.losses[0]))} at first, {number(float(run.losses[-1]))} at iteration "
        f"{int(run.iterations[-1])}{score}"
    )


def told_gradients(title: str, norms: Mapping[str, Array]) -> str:
    """The last column of a heat map in words."""
    ends = [f"{name} {power(float(values[-1]))}" for name, values in norms.items() if len(values)]
    return f"{title}: {', '.join(ends) or 'no step yet'}"


def _cursor(at: int, look: Theme, plot: int | None = None) -> dict[str, Any]:
    """A line at an iteration, through everything or through one of the plots beside each other."""
    suffix = str(plot + 1) if plot else ""
    return {
        "type": "line",
        "xref": f"x{suffix}",
        "yref": "paper" if plot is None else f"y{suffix} domain",
        "x0": at,
        "x1": at,
        "y0": 0,
        "y1": 1,
        "line": {"color": look.primary, "width": 2},
    }
