"""What ``assets/sketch`` knows of Plotly's language: figures that use more would be painted wrongly without a word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SOURCE = (Path(__file__).resolve().parents[2] / "assets" / "sketch" / "sketch.js").read_text(encoding="utf-8")

TICKS = {"tickvals", "ticktext"}
DRAWN = {
    "figure": {"data", "layout"},
    "scatter": {"type", "x", "y", "xaxis", "yaxis", "mode", "line", "marker", "name", "showlegend"},
    "heatmap": {"type", "x", "y", "z", "xaxis", "yaxis", "zmin", "zmax", "colorscale", "showscale", "colorbar"},
    "line": {"color", "width", "dash"},
    "marker": {"symbol", "size", "color", "line"},
    "layout": {"template", "height", "margin", "shapes", "annotations", "showlegend", "legend"},
    "axis": {
        "domain", "anchor", "type", "range", "autorange", "tickmode", "nticks", "dtick", "tickformat", "title",
        "showgrid", *TICKS,
    },
    "title": {"text"},
    "font": {"size"},
    "margin": {"l", "r", "t", "b"},
    "legend": {"y", "font"},
    "colorbar": {"thickness", "title", *TICKS},
    "shape": {"xref", "yref", "x0", "x1", "y0", "y1", "line"},
    "annotation": {"text", "x", "y", "xref", "yref", "xanchor", "yanchor", "font"},
}  # fmt: skip
ALIKE = {
    "scatter": {"hovertemplate", "hoverinfo", "customdata"},  # it is deaf to the mouse
    "heatmap": {"hovertemplate"},
    "axis": {"zeroline", "automargin"},  # never a line at zero, always room for the words
    "title": {"side"},
    "colorbar": {"len", "nticks"},
    "legend": {"orientation", "x", "yanchor", "itemclick"},  # always in a row from the left, standing on its y
    "shape": {"type"},
    "annotation": {"showarrow"},
}
"""What makes no difference, because it is always the same or not drawn."""

VALUES = {
    "mode": {"lines", "markers", "lines+markers"},
    "symbol": {"circle", "circle-open", "diamond"},
    "tickformat": {".0%"},
    "tickmode": {"array"},
    "autorange": {"reversed"},
    "orientation": {"h"},
    "yanchor": {"bottom"},
    "xanchor": {"left"},
    "showarrow": {False},
    "zeroline": {False},
    "dtype": set(re.findall(r"(\w+): \w+Array", SOURCE)),
}
AXIS_TYPES, SHAPE_TYPES, DASH = {"log"}, {"line"}, re.compile(r"(\d+px ?)+")
DASHES = set(re.findall(r"(\w+): \[", re.search(r"const DASHES = {(.*)};", SOURCE)[1]))
REFERENCE = re.compile(r"paper|[xy]\d*( domain)?")


def unknown(figure: dict[str, Any]) -> list[str]:
    """What of a figure the sketch does not know, in words."""
    return list(_parts("figure", figure))


def _parts(kind: str, part: dict[str, Any]) -> Iterator[str]:
    for key, value in part.items():
        if key not in DRAWN[kind] | ALIKE.get(kind, set()) and not (kind == "layout" and _is_axis(key)):
            yield f"{kind}.{key}"
        elif key in VALUES and value not in VALUES[key]:
            yield f"{kind}.{key} = {value}"
        elif key == "dash" and value not in DASHES and not DASH.fullmatch(value):
            yield f"{kind}.dash = {value}"
        elif key in {"xref", "yref"} and not REFERENCE.fullmatch(value):
            yield f"{kind}.{key} = {value}"
        elif isinstance(value, dict) and "bdata" in value:
            yield from (f"{kind}.{key}.dtype = {value['dtype']}" for _ in [0] if value["dtype"] not in VALUES["dtype"])
        elif key == "data":
            for trace in value:
                sort = trace.get("type", "scatter")
                yield from _parts(sort, trace) if sort in {"scatter", "heatmap"} else [f"a trace of type {sort}"]
        elif kind == "layout" and _is_axis(key):
            yield from _parts("axis", value)
            yield from (f"axis.type = {sort}" for sort in {value.get("type", "log")} - AXIS_TYPES)
        elif key == "shapes":
            for shape in value:
                yield from _parts("shape", shape)
                yield from (f"shape.type = {sort}" for sort in {shape["type"]} - SHAPE_TYPES)
        elif key == "annotations":
            for words in value:
                yield from _parts("annotation", words)
        elif isinstance(value, dict) and key in DRAWN and key != "template":
            yield from _parts(key, value)


def _is_axis(key: str) -> bool:
    return re.fullmatch(r"[xy]axis\d*", key) is not None
