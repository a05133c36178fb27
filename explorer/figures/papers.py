"""Cards of papers: panels of curves above each other, one look for whatever a curve stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from explorer.engine.activations import Array
from explorer.equations import ten_to
from explorer.figures.charts import look_for, template
from explorer.figures.theme import SIZES, Theme, weight_colours
from explorer.papers.picture import Curve, Heat, Panel, Picture

HEIGHTS = {1: (330,), 2: (210, 210), 3: (170, 110, 110)}
"""Pixels of the panels of a picture, top to bottom."""

_GAP, _TOP, _BOTTOM = 56, 34, 50


@dataclass(frozen=True, slots=True)
class _Line:
    """How a kind of curve is drawn: never by colour alone."""

    dash: str
    width: float
    symbol: str = "circle"


_LINES = {
    "ours": _Line("solid", 3),
    "other": _Line("solid", 1.75),
    "bound": _Line("dash", 2),
    "reference": _Line("dot", 1.5),
    "published": _Line("dashdot", 2),
    "now": _Line("solid", 2, "diamond"),
}


def draw(picture: Picture, dark: bool = False) -> go.Figure:
    """A card's picture: panels share nothing but the page, and each has its own axes.

    Examples
    --------
    >>> from explorer.papers import PAPERS
    >>> figure = draw(PAPERS["tanh"].picture(tanh_strength=16.0, tanh_steps=20))
    >>> figure.layout.yaxis.type, len(figure.data)
    ('log', 3)
    """
    heights = HEIGHTS[len(picture.panels)]
    total = sum(heights) + _GAP * (len(heights) - 1)
    figure = go.Figure(
        layout=go.Layout(
            template=template(dark),
            height=total + _TOP + _BOTTOM,
            margin={"l": 8, "r": 12, "t": _TOP, "b": _BOTTOM},
            showlegend=True,
            legend={"orientation": "h", "x": 0, "xanchor": "left", "y": 1, "yanchor": "bottom", "itemclick": False},
        )
    )
    bottom, named = float(total), set[str]()
    for place, (panel, height) in enumerate(zip(picture.panels, heights, strict=True), 1):
        bottom -= height
        _add(figure, panel, place, (bottom / total, (bottom + height) / total), height, dark, named)
        bottom -= _GAP
    return figure


def _add(
    figure: go.Figure,
    panel: Panel,
    place: int,
    domain: tuple[float, float],
    height: int,
    dark: bool,
    named: set[str],
) -> None:
    """One panel: its axes in a strip of the figure, its field, its curves."""
    look = look_for(dark)
    suffix = "" if place == 1 else str(place)
    drawn = [(curve.x[fine], curve.y[fine]) for curve in panel.curves for fine in [_drawable(curve, panel)]]
    across, up = (np.concatenate([pair[way] for pair in drawn]) for way in (0, 1))
    axes = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}"}
    top = max(0.0, domain[0]), min(1.0, domain[1])
    figure.layout[f"xaxis{suffix}"] = {**_axis(panel.x_label, across if panel.log_x else None), "anchor": f"y{suffix}"}
    figure.layout[f"yaxis{suffix}"] = {
        **_axis(panel.y_label, up if panel.log_y else None, most=max(3, round(height / 45))),
        "anchor": f"x{suffix}",
        "domain": top,
        "automargin": True,
    }
    if panel.heat is not None:
        figure.add_trace(_heat(panel.heat, look, top, axes))
    others = 0
    for curve in panel.curves:
        colour = _colour(curve, look, dark, others)
        others += curve.kind == "other"
        figure.add_trace(_trace(curve, panel, colour, curve.name not in named, axes))
        named.add(curve.name)


def _axis(label: str, logged: Array | None, most: int = 7) -> dict[str, Any]:
    """A linear axis, or a logarithmic one over some numbers with at most so many ticks."""
    axis: dict[str, Any] = {"title": {"text": label, "standoff": 6}, "nticks": most}
    if logged is None:
        return axis
    low, high = (float(np.log10(bound)) for bound in ((logged.min(), logged.max()) if len(logged) else (1, 1)))
    margin = 0.03 * (high - low) or 1.0
    ends = low - margin, high + margin
    values, names = decades(*ends, most)
    return {**axis, "type": "log", "range": ends, "tickmode": "array", "tickvals": values, "ticktext": names}


def decades(low: float, high: float, most: int) -> tuple[list[float], list[str]]:
    """Ticks of a logarithmic axis from 10^low to 10^high, and their names: powers of ten, with 2 and 5 if few.

    Plotly's own set the 2 and the 5 too small to read.

    Examples
    --------
    >>> decades(-0.1, 6.2, 4), decades(0.2, 1.1, 5)
    (([1.0, 100.0, 10000.0, 1000000.0], ['1', '10²', '10⁴', '10⁶']),
     ([2.0, 5.0, 10.0], ['2', '5', '10']))
    """
    first, last = int(np.ceil(low)), int(np.floor(high))
    if last - first >= 2:
        stride = -(-(last - first + 1) // most)
        # counted from 1, so that the line at 1 always has its name
        powers = [power for power in range(first, last + 1) if power % stride == 0]
        return [10.0**power for power in powers], [_power(power) for power in powers]
    values = [digit * 10.0**power for power in range(first - 1, last + 1) for digit in (1, 2, 5)]
    inside = [value for value in values if low <= np.log10(value) <= high]
    return inside, [f"{value:.4g}" for value in inside]


def _power(power: int) -> str:
    return {0: "1", 1: "10"}.get(power, ten_to(power))


def _trace(curve: Curve, panel: Panel, colour: str, is_new: bool, axes: dict[str, str]) -> go.Scatter:
    line, y = _LINES[curve.kind], np.where(_drawable(curve, panel), curve.y, np.nan)
    return go.Scatter(
        x=curve.x,
        y=y,
        name=curve.name,
        mode="markers" if curve.marks else "lines",
        line={"color": colour, "dash": line.dash, "width": line.width},
        marker={"color": colour, "size": 11, "symbol": line.symbol},
        showlegend=is_new and bool(curve.name),
        hovertemplate=f"%{{x:.6g}}: %{{y:.6g}}<extra>{curve.name}</extra>",
        cliponaxis=False,
        **axes,
    )


def _drawable(curve: Curve, panel: Panel) -> Array:
    """Where a point has a place on its axes; a logarithm has none for 0."""
    fine = np.isfinite(curve.y)
    if panel.log_y:
        fine &= curve.y > 0
    if panel.log_x:
        fine &= curve.x > 0
    return fine


def _heat(heat: Heat, look: Theme, domain: tuple[float, float], axes: dict[str, str]) -> go.Heatmap:
    stops = len(look.sequential) - 1
    return go.Heatmap(
        x=heat.x,
        y=heat.y,
        z=heat.z,
        colorscale=[[i / stops, colour] for i, colour in enumerate(look.sequential)],
        colorbar={
            "thickness": 10,
            "len": domain[1] - domain[0],
            "y": domain[0],
            "yanchor": "bottom",
            "nticks": 4,
            "title": {"text": heat.unit, "font": {"size": SIZES["text"]}},
        },
        hovertemplate=f"%{{x:.4g}}, %{{y:.4g}}: %{{z:.4g}}<extra>{heat.unit}</extra>",
        **axes,
    )


def _colour(curve: Curve, look: Theme, dark: bool, others: int) -> str:
    if curve.kind == "other":
        return weight_colours(others)["dark" if dark else "light"]
    return {
        "ours": look.roles["state"].stroke,
        "bound": look.roles["gate"].stroke,
        "reference": look.line,
        "published": look.roles["loss"].stroke,
        "now": look.primary,
    }[curve.kind]
