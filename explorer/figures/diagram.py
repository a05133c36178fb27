"""The scene of the network diagram: what Python tells the browser, and the script that draws it.

Python sends meaning (layers, connections, presence, values); the script only lays out, interpolates and paints.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from explorer.draft_fields import LIMITS
from explorer.engine.activations import ACTIVATIONS, Array
from explorer.engine.losses import LOSSES
from explorer.equations import is_unnamed
from explorer.figures import layout, theme
from explorer.figures.quantities import Flows, Track, encoded, largest
from explorer.graph import Graph, Layer, Node
from explorer.naming import NOTATIONS, Symbol

__all__ = ["Flows", "Track", "encoded", "scene", "script", "style"]

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
    wave: int = 1,
    flows: Flows | None = None,
    cuts: Sequence[int] = (),
    film: Scene | None = None,
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
    controls : sequence of {"fold", "length", "order", "time", "film", "edit"}
        With "edit" the folded cell can be drawn on; a page then adds what stands in the way as `trouble`, with
        the rows of connections and a sentence, and as `drafted` what each of its connections is meanwhile.
    intro : bool
        Whether the unrolling plays once when the diagram first appears.
    values : mapping of layer to (T + 1, size) array, optional
        Index t is step t, index 0 the initial state.
    tracks : sequence of Track
    order, generations
        A topological order of the DAG and the generation of each node.
    wave : {1, -1}
        Which way the steps are computed: from left to right, or from right to left.
    flows : Flows, optional
        Gradients at nodes and along arrows, shown in place of the values.
    cuts : sequence of int
        Some errors are not carried from step b + 1 back to step b: the arrows between them are drawn cut, those along
        which other errors still pass with a gap in their colour.
    film : dict, optional
        What becomes of every slice while the network is trained, as from `explorer.figures.cost.film`.

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
    shown = {name: np.asarray(array) for name, array in (values or {}).items()}
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
        "drawable": dict(LIMITS) if "edit" in controls else None,
        "intro": intro,
        "values": {name: encoded(array[1:]) for name, array in shown.items()} or None,
        "initial": {name: encoded(array[0]) for name, array in shown.items()} or None,
        "scale": max((largest(shown[name][1:]) for name in shown if name not in errors), default=1.0),
        "wave": wave,
        "flows": flows and flows.scene(graph, steps),
        "cuts": [int(b) for b in cuts],
        "film": film,
        "tracks": [track.scene() for track in tracks],
        "order": None if order is None else [[index[name], t] for name, t in order],
        "generations": None if order is None or generations is None else [generations[node] for node in order],
        "palette": theme.palette(),
    }


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
        "said": _said(graph, layer, symbols),
        "text": _described(layer, _said(graph, layer, symbols)),
    }


def _said(graph: Graph, layer: Layer, symbols: Mapping[str, Symbol], above: frozenset[str] = frozenset()) -> str:
    """What a layer is called in a sentence: its symbol, or, if it is an unnamed step, what it calculates."""
    if layer.name in above or not is_unnamed(graph, layer):
        return symbols[layer.name].text
    step = _step_symbol(graph, layer, symbols)
    sources = dict.fromkeys(c.source for c in graph.incoming(layer.name))
    within = above | {layer.name}
    parts = [_said(graph, graph[source], symbols, within) for source in sources]
    if step is not None:
        is_named = step[0] == layer.activation.replace("_", " ")
        return f"{step[0]} of {parts[0]}" if is_named else _written_out(layer, parts[0])
    bracketed = [f"({p})" if is_unnamed(graph, graph[s]) else p for s, p in zip(sources, parts, strict=True)]
    return (" ⊙ " if layer.combine == "product" else " + ").join(bracketed)


def _step_symbol(graph: Graph, layer: Layer, symbols: Mapping[str, Symbol]) -> tuple[str, str, str] | None:
    """What stands in the box of an unnamed step with one input: the function itself, tanh or 1 - z."""
    incoming = graph.incoming(layer.name)
    if not is_unnamed(graph, layer) or len(incoming) != 1:
        return None
    formula = ACTIVATIONS[layer.activation].formula
    if "\\" in formula or formula == "%s":  # a function has a name, arithmetic can be written out
        return layer.activation.replace("_", " "), "", ""
    return _written_out(layer, symbols[incoming[0].source].base), "", ""


def _written_out(layer: Layer, argument: str) -> str:
    return (ACTIVATIONS[layer.activation].formula % argument).replace(" - ", "−")


def _described(layer: Layer, said: str) -> str:
    what = ROLE_WORDS[layer.role]
    if layer.role == "loss":
        return f"{said}: {what}, {layer.activation.replace('_', ' ')}, in {LOSSES[layer.activation].unit}"
    units = f"{layer.size} unit" + "s" * (layer.size != 1)
    how = "" if layer.role == "input" else f", {layer.combine} of what arrives"
    activation = "" if layer.activation == "identity" else f", {layer.activation.replace('_', ' ')}"
    return f"{said}: {what}, {units}{how}{activation}"


def _weights(graph: Graph, symbols: Mapping[str, Symbol]) -> list[Scene]:
    """The weights that connections carry, each with a look of its own for all its copies.

    A colour that comes round again comes with another dash.
    """
    carried = dict.fromkeys(c.weight for c in graph.connections if c.weight is not None)
    return [
        {
            "name": name,
            "label": list(symbols[name].parts),
            "shape": list(graph.parameter_shapes[name]),
            **theme.weight_colours(number),
            "round": number // len(theme.WEIGHTS),
        }
        for number, name in enumerate(carried)
    ]
