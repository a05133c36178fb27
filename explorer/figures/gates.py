"""What every gate lets through at every step, and above the same steps what is left of the last error's gradient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import plotly.graph_objects as go

from explorer.engine.activations import Array
from explorer.equations import power
from explorer.figures.charts import look_for, template
from explorer.figures.reach import decades
from explorer.figures.theme import DARK, SIZES, WEIGHTS, Theme

MOST_TOKENS = 14  # so many have room under the picture; longer sentences are numbered

_ROW, _CURVES, _GAP, _FOOT, _LEGEND, _LEFT, _SCALE = 48, 148, 8, 26, 28, 64, 34
_STYLES = MappingProxyType(
    {
        "whole": ("solid", "circle", 3.0),
        "changed": ("dash", "square", 3.0),
        "bare": ("dot", "diamond", 2.0),
        "direct": ("longdash", "triangle-up", 1.5),
        "idle": ("dashdot", None, 1.5),
    }
)


@dataclass(frozen=True, eq=False)
class Strip:
    """A gate: what it is called, and its values (T, units)."""

    title: str
    values: Array

    @property
    def last(self) -> float:
        """Mean over units at the last step."""
        return float(self.values[-1].mean())


@dataclass(frozen=True, eq=False)
class Curve:
    """log₁₀ of a share over some steps.

    Attributes
    ----------
    kind : {"whole", "changed", "direct", "bare", "idle"}
        Decides dash, mark and colour, so that no curve is told by colour alone.
    title : str
    steps, log10 : (n,) arrays
        -inf is exactly 0, not a number is not known.
    """

    kind: str
    title: str
    steps: Array
    log10: Array


def over_time(
    strips: Sequence[Strip], curves: Sequence[Curve], tokens: Sequence[str], t: int, what: str, dark: bool = False
) -> go.Figure:
    """Curves above, a strip for each gate below, all over the same steps.

    Parameters
    ----------
    strips : sequence of Strip
    curves : sequence of Curve
    tokens : sequence of str
        What is read at each step.
    t : int
        The step that the cursor band marks.
    what : str
        What the curves measure.
    dark : bool
    """
    look = look_for(dark)
    body = _CURVES + len(strips) * (_ROW + _GAP)
    height = body + _FOOT + _LEGEND
    ticks = decades([np.zeros(1), *(curve.log10 for curve in curves)])
    low, high = ticks["range"]
    room = 0.06 * (high - low)
    traces: list[Any] = [_line(curve, look) for curve in curves]
    axes: dict[str, Any] = {
        "yaxis": {
            "domain": [1 - _CURVES / body, 1],
            **ticks,
            "range": [low - room, high + room],
            "title": {"text": what, "standoff": 6},
            "zeroline": False,
        }
    }
    for i, strip in enumerate(strips, start=2):
        top = 1 - (_CURVES + _GAP + (i - 2) * (_ROW + _GAP)) / body
        traces.append(_heat(strip, i, body, look))
        axes[f"yaxis{i}"] = {
            "domain": [max(0.0, top - _ROW / body), top],
            "tickmode": "array",
            "tickvals": [(strip.values.shape[-1] + 1) / 2],
            "ticktext": [strip.title],
            "showgrid": False,
            "zeroline": False,
            "autorange": "reversed",
        }
    layout = go.Layout(
        template=template(dark),
        height=height,
        margin={"l": _LEFT, "r": _SCALE, "t": _LEGEND, "b": _FOOT},
        xaxis={
            "range": [0.5, len(tokens) + 0.5],
            "showgrid": False,
            "zeroline": False,
            "anchor": f"y{len(strips) + 1}" if strips else "y",
            "automargin": True,
            **_words(tokens),
        },
        shapes=[_band(t, look, "below"), _band(t, look, "above")],
        annotations=[_nothing_left(curves, look)] if any(_is_zero(c) for c in curves) else [],
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "font": {"size": SIZES["text"]}},
        **axes,
    )
    return go.Figure(traces, layout)


def _line(curve: Curve, look: Theme) -> go.Scatter:
    dash, symbol, width = _STYLES[curve.kind]
    colour = {
        "whole": look.roles["state"].stroke,
        "changed": WEIGHTS[1].dark if look is DARK else WEIGHTS[1].light,
        "bare": look.ink,
        "direct": look.roles["gate"].stroke,
        "idle": look.muted,
    }[curve.kind]
    finite = np.isfinite(curve.log10)
    return go.Scatter(
        x=curve.steps,
        y=np.where(finite, curve.log10, np.nan),
        name=curve.title,
        mode="lines+markers" if symbol and len(curve.steps) <= 2 * MOST_TOKENS else "lines",
        line={"color": colour, "dash": dash, "width": width},
        marker={"symbol": symbol or "circle", "size": 7, "color": colour},
        customdata=[power(x) for x in curve.log10.tolist()],
        hovertemplate=f"{curve.title}, step %{{x}}: %{{customdata}}<extra></extra>",
    )


def _heat(strip: Strip, axis: int, body: int, look: Theme) -> go.Heatmap:
    values = strip.values.T
    scale = look.diverging[len(look.diverging) // 2 :]  # a gate is never negative: the upper half of every page's scale
    return go.Heatmap(
        z=values,
        x=list(range(1, values.shape[1] + 1)),
        y=list(range(1, values.shape[0] + 1)),
        yaxis=f"y{axis}",
        zmin=0,
        zmax=1,
        colorscale=[[i / (len(scale) - 1), colour] for i, colour in enumerate(scale)],
        xgap=2 if values.shape[1] < 40 else 0,
        showscale=axis == 2,  # one for all
        colorbar={
            "thickness": 8,
            "x": 1.01,
            "xpad": 0,
            "y": 0,
            "yanchor": "bottom",
            "len": 1 - _CURVES / body,
            "tickvals": [0, 1],
            "ticktext": ["0", "1"],
            "ticks": "",
        },
        hovertemplate=f"{strip.title}, unit %{{y}}, step %{{x}}: %{{z:.6g}}<extra></extra>",
    )


def _words(tokens: Sequence[str]) -> dict[str, Any]:
    if len(tokens) > MOST_TOKENS:
        return {"nticks": 10, "tickprefix": "t = ", "showtickprefix": "first"}
    short = [token if len(token) < 9 else token[:8] + "…" for token in tokens]
    return {"tickmode": "array", "tickvals": list(range(1, len(tokens) + 1)), "ticktext": short}


def _band(t: int, look: Theme, layer: str) -> dict[str, Any]:
    """The cursor: a band under the curves, and its outline over the strips."""
    line = {"width": 0} if layer == "below" else {"width": 1.5, "color": look.primary}
    fill = look.band if layer == "below" else "rgba(0,0,0,0)"
    return {
        "type": "rect",
        "xref": "x",
        "yref": "paper",
        "x0": t - 0.5,
        "x1": t + 0.5,
        "y0": 0,
        "y1": 1,
        "layer": layer,
        "line": line,
        "fillcolor": fill,
    }


def _is_zero(curve: Curve) -> bool:
    return bool(np.isneginf(curve.log10).any())


def _nothing_left(curves: Sequence[Curve], look: Theme) -> dict[str, Any]:
    """A curve that is zero has no place on a logarithmic axis, and is said instead: where the others start, high up."""
    side = "right" if len(curves[0].steps) < 2 or curves[0].steps[0] > curves[0].steps[-1] else "left"
    titles = ", ".join(curve.title for curve in curves if _is_zero(curve))
    return {
        "text": f"{titles}: exactly 0",
        "xref": "paper",
        "yref": "y domain",
        "x": 0.99 if side == "right" else 0.01,
        "y": 0.03,
        "xanchor": side,
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": SIZES["text"], "color": look.ink},
    }
