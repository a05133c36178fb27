"""The scene of the network diagram: what Python tells the browser, and the script that draws it.

Python sends meaning (layers, connections, presence, values); the script only lays out, interpolates and paints.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from explorer.engine.activations import Array
from explorer.engine.losses import LOSSES
from explorer.equations import is_unnamed
from explorer.figures import layout, theme
from explorer.graph import Graph, Layer, Node
from explorer.naming import NOTATIONS, Symbol

Scene = dict[str, Any]
_ASSETS = Path(__file__).resolve().parents[2] / "assets" / "diagram"
ROLE_WORDS = {
    "input": "input",
    "state": "state",
    "gate": "gate",
    "hidden": "hidden layer",
    "output": "output",
    "loss": "error",
}


@dataclass(frozen=True, eq=False)
class Track:
    """A strip under the slices that shares their time axis.

    Attributes
    ----------
    kind : {"heat", "bars"}
        A column of coloured cells for each step, or one bar for each.
    label, unit : str
        What is measured, and in what.
    data : (T, rows) array for heat, (T,) or (T, T) for bars
        Of a (T, T) array, the row of the current step is shown.
    """

    kind: str
    label: str
    unit: str
    data: Array

    def scene(self) -> Scene:
        """As the script reads it."""
        largest = _largest(self.data)
        return {
            "kind": self.kind,
            "label": self.label,
            "unit": self.unit,
            "data": encoded(self.data),
            "rows": int(self.data.shape[-1]),
            "matrix": self.kind == "bars" and self.data.ndim == 2,
            "max": largest,
            "scale": largest,
        }


def scene(
    graph: Graph,
    steps: int,
    *,
    names: str = "matrices",
    tokens: Sequence[str] = (),
    limits: tuple[int, int] = (1, 200),
    controls: Sequence[str] = (),
    intro: bool = False,
    values: Mapping[str, Array] | None = None,
    tracks: Sequence[Track] = (),
    order: Sequence[Node] | None = None,
    generations: Mapping[Node, int] | None = None,
) -> Scene:
    """Describe a network, unrolled over some steps, for the diagram.

    Parameters
    ----------
    graph : Graph
    steps : int
        T.
    names : str
        Key of `explorer.naming.NOTATIONS`.
    tokens : sequence of str
        What stands under the slices.
    limits : (int, int)
        Lengths that the length control offers.
    controls : sequence of {"fold", "length", "order", "time"}
    intro : bool
        Whether the unrolling plays once when the diagram first appears.
    values : mapping of layer to (T + 1, size) array, optional
        Index t is step t.
    tracks : sequence of Track
    order, generations
        A topological order of the DAG and the generation of each node.

    Returns
    -------
    dict
        JSON-serialisable; the same arguments give the same text. Where the diagram is pointed at (cursor, selected,
        front) is not part of it: a page adds that.

    Examples
    --------
    >>> from explorer import architectures
    >>> drawn = scene(architectures.build("elman", inputs=2, hidden=3, outputs=2), 4, tokens=["how", "are", "you"])
    >>> [layer["name"] for layer in drawn["layers"]], drawn["steps"]
    (['x', 'h', 'y', 'E'], 4)
    """
    symbols = NOTATIONS[names].symbols(graph)
    index = {layer.name: i for i, layer in enumerate(graph.layers)}
    width, height = layout.cell_size(graph)
    errors = {layer.name for layer in graph.with_role("loss")}  # measured on another scale
    shown = {name: np.asarray(array)[1:] for name, array in (values or {}).items()}
    return {
        "title": graph.name,
        "layers": [_layer(graph, layer, symbols) for layer in graph.layers],
        "connections": [
            {"source": c.source, "target": c.target, "weight": c.weight, "delay": c.delay} for c in graph.connections
        ],
        "weights": _weights(graph, symbols),
        "steps": steps,
        "limits": list(limits),
        "tokens": list(tokens),
        "cell": {"width": width, "height": height},
        "controls": list(controls),
        "intro": intro,
        "values": {name: encoded(array) for name, array in shown.items()} or None,
        "scale": max((_largest(shown[name]) for name in shown if name not in errors), default=1.0),
        "tracks": [track.scene() for track in tracks],
        "order": None if order is None else [[index[name], t] for name, t in order],
        "generations": None if order is None or generations is None else [generations[node] for node in order],
        "palette": theme.palette(),
    }


def _largest(array: Array) -> float:
    """Largest magnitude, for a scale; 1 if there is none. Not a number means absent."""
    return float(np.nanmax(np.abs(array), initial=0)) or 1.0


def encoded(array: Array) -> str:
    """Little-endian float32, row by row, as base64: what the script reads numbers from."""
    most = np.finfo("<f4").max  # the numbers beside the picture are float64; a colour has an end
    return base64.b64encode(np.clip(array, -most, most).astype("<f4").tobytes()).decode()


@lru_cache(maxsize=1)
def script() -> str:
    """The diagram as one ES module."""
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(_ASSETS.glob("*.js")))


@lru_cache(maxsize=1)
def style() -> str:
    """The diagram's style sheet."""
    return (_ASSETS / "diagram.css").read_text(encoding="utf-8")


def _layer(graph: Graph, layer: Layer, symbols: Mapping[str, Symbol]) -> Scene:
    x, y = layout.places(graph)[layer.name]
    symbol = _step_symbol(graph, layer, symbols) or symbols[layer.name].parts
    last = layer.presence.last
    return {
        "name": layer.name,
        "label": list(symbol),
        "role": layer.role,
        "size": layer.size,
        "activation": layer.activation,
        "combine": layer.combine,
        "x": round(x, 4),
        "y": round(y, 4),
        "presence": [layer.presence.first, None if last == -1 else last, layer.presence.every],
        "text": _described(layer, symbols[layer.name]),
    }


def _step_symbol(graph: Graph, layer: Layer, symbols: Mapping[str, Symbol]) -> tuple[str, str, str] | None:
    """What stands in the box of an unnamed step with one input: the function itself, tanh or 1 - z."""
    incoming = graph.incoming(layer.name)
    if not is_unnamed(graph, layer) or len(incoming) != 1:
        return None
    words = {"one_minus": f"1−{symbols[incoming[0].source].base}"}
    return words.get(layer.activation, layer.activation), "", ""


def _described(layer: Layer, symbol: Symbol) -> str:
    what = ROLE_WORDS[layer.role]
    if layer.role == "loss":
        return f"{symbol.text}: {what}, {layer.activation.replace('_', ' ')}, in {LOSSES[layer.activation].unit}"
    units = f"{layer.size} unit" + "s" * (layer.size != 1)
    how = "" if layer.role == "input" else f", {layer.combine} of what arrives"
    activation = "" if layer.activation == "identity" else f", {layer.activation.replace('_', ' ')}"
    return f"{symbol.text}: {what}, {units}{how}{activation}"


def _weights(graph: Graph, symbols: Mapping[str, Symbol]) -> list[Scene]:
    """The weights that connections carry, each with a colour of its own for all its copies."""
    carried = dict.fromkeys(c.weight for c in graph.connections if c.weight is not None)
    return [
        {
            "name": name,
            "label": list(symbols[name].parts),
            "shape": list(graph.parameter_shapes[name]),
            **theme.weight_colours(number),
        }
        for number, name in enumerate(carried)
    ]
