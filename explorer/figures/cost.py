"""What unrolling costs, drawn: the film of a way of training, bytes over steps, rows and their padding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import plotly.graph_objects as go

from explorer.amounts import in_bytes
from explorer.cost.frames import AGAIN, CODES, DONE, DROPPED, INSIDE, RUNNING, STATE, WAITING, Frame, opening
from explorer.cost.rows import Padding
from explorer.cost.ways import WAYS
from explorer.cost_views import Curves, Wasted
from explorer.engine.activations import Array
from explorer.figures.charts import look_for, template
from explorer.figures.theme import WEIGHTS

LOOKS: Mapping[str, str] = MappingProxyType(
    {
        WAITING: "pending",
        RUNNING: "running",
        INSIDE: "held",
        AGAIN: "again",
        STATE: "kept",
        DROPPED: "dropped",
        DONE: "freed",
    }
)
"""What has become of a slice → its look in the diagram's style sheet."""

_DASHES = ("solid", "10px 4px", "solid", "10px 4px 3px 4px", "2px 4px", "5px 4px")
_HEIGHT = 380
_DECADES = (1, 10, 100, 1000, 10_000)


def film(frames: Sequence[Frame]) -> dict[str, Any]:
    """The moments of a way of training, for `explorer.figures.diagram.scene`."""
    return {
        "words": dict(CODES),
        "looks": dict(LOOKS),
        "start": opening(frames),
        "moments": [[f.slices, f.t, f.insides, f.states, f.forward, f.says] for f in frames],
    }


def growth(curves: Curves, steps: int, chosen: str, dark: bool = False) -> go.Figure:
    """Bytes over the number of steps, both on logarithmic scales; the number of steps chosen is marked."""
    look = look_for(dark)
    index = int(np.abs(np.log(curves.steps / steps)).argmin())
    traces = []
    for number, name in enumerate(WAYS):
        if name not in curves.bytes:
            continue
        found = curves.bytes[name]
        colour = WEIGHTS[number].dark if dark else WEIGHTS[number].light
        traces.append(
            go.Scatter(
                x=curves.steps,
                y=found,
                name=WAYS[name].title,
                mode="lines+markers",
                line={"color": colour, "width": 4 if name == chosen else 2, "dash": _DASHES[number]},
                marker={"size": [9 if i == index else 0 for i in range(len(found))], "color": colour},
                customdata=[in_bytes(value) for value in found],
                hovertemplate="%{x:,} steps: %{customdata}",
            )
        )
    least = min(float(found.min()) for found in curves.bytes.values())
    most = max(float(found.max()) for found in curves.bytes.values())
    layout = go.Layout(
        template=template(dark),
        height=_HEIGHT,
        margin={"l": 8, "r": 16, "t": 60, "b": 46},
        xaxis={
            "type": "log",
            "title": {"text": "steps T"},
            "tickvals": list(_DECADES),
            "ticktext": [f"{steps:,}" for steps in _DECADES],
            "tickangle": 0,
        },
        yaxis={"type": "log", "title": {"text": "bytes kept"}, "automargin": True, **_ticks(least, most)},
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 14}},
        shapes=[
            {
                "type": "line",
                "x0": steps,
                "x1": steps,
                "y0": 0,
                "y1": 1,
                "yref": "paper",
                "line": {"color": look.muted, "width": 1.5, "dash": "3px 3px"},
            }
        ],
    )
    return go.Figure(traces, layout)


def rows(found: Padding, dark: bool = False) -> go.Figure:
    """Every row as a bar: its own steps, and the steps that are computed for nothing."""
    look = look_for(dark)
    own = np.array(found.lengths)
    extra = np.array(found.computed) - own
    numbers = list(range(1, len(own) + 1))
    state = look.roles["state"]
    bars = [
        go.Bar(
            x=own,
            y=numbers,
            orientation="h",
            name="steps of the row",
            marker={"color": state.stroke},
            hovertemplate="row %{y}: %{x} steps<extra></extra>",
        ),
        go.Bar(
            x=extra,
            y=numbers,
            orientation="h",
            name="padding",
            marker={
                "color": "rgba(0,0,0,0)",
                "line": {"color": look.line, "width": 1},
                "pattern": {"shape": "/", "fgcolor": look.line, "size": 6},
            },
            hovertemplate="row %{y}: %{x} padded steps<extra></extra>",
        ),
    ]
    layout = go.Layout(
        template=template(dark),
        barmode="stack",
        bargap=0.15,
        height=300,
        margin={"l": 8, "r": 8, "t": 30, "b": 46},
        xaxis={"title": {"text": "step t"}, "rangemode": "tozero"},
        yaxis={"title": {"text": "row"}, "autorange": "reversed", "showgrid": False, "automargin": True, "nticks": 6},
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 14}},
    )
    return go.Figure(bars, layout)


def held(frames: Sequence[Frame]) -> dict[str, Array]:
    """What is held at every moment of a pass."""
    return {
        name: np.array([getattr(frame, name) for frame in frames]) for name in ("t", "insides", "states", "forward")
    }


def arrays(found: Wasted) -> dict[str, Array]:
    """Lengths of rows, the steps to which they are computed, and multiply–adds of padded ones."""
    both = (("together", found.together), ("sorted", found.sorted))
    return {
        **{f"{name}_{what}": np.array(getattr(own, what)) for name, own in both for what in ("lengths", "computed")},
        "padding_multiply_adds": np.array([own.padded * found.each for _, own in both]),
    }


def _ticks(least: float, most: float) -> dict[str, Any]:
    """One for every factor of a thousand or, of a short axis, of ten; written as bytes are."""
    low, high = int(np.floor(np.log10(max(least, 1)))), int(np.ceil(np.log10(max(most, 10))))
    every = 1 if high - low <= 5 else 2
    values = [10.0**exponent for exponent in range(low, high + 1, every)]
    return {"tickvals": values, "ticktext": [in_bytes(value) for value in values]}
