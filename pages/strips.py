"""Strips under the slices: one quantity for each step, sharing the diagram's time axis and cursor."""

from __future__ import annotations

from explorer.engine.influence import read_out_layers
from explorer.engine.losses import LOSSES
from explorer.figures.diagram import Track
from explorer.naming import NOTATIONS
from explorer.settings import Network
from explorer.views import Ran
from pages import cached


def heat(view: Ran, layer: str, names: str) -> Track:
    """The values of a layer's units, a column for each step; a single number is shown by its state instead."""
    if view.graph[layer].size == 1:
        layer = next(iter(read_out_layers(view.graph)))
    symbol = NOTATIONS[names].symbols(view.graph)[layer]
    return Track("heat", f"{symbol.base}_t", "value of each unit", view.shown(layer)[1:])


def errors(view: Ran, names: str) -> list[Track]:
    """The error of every step, for each loss layer."""
    symbols = NOTATIONS[names].symbols(view.graph)
    return [
        Track("bars", f"{symbols[name].base}_t", LOSSES[view.graph[name].activation].unit, view.shown(name)[1:, 0])
        for name in view.trace.errors
    ]


def influence(network: Network, t: int) -> Track:
    """How strongly each input acts on the state at the cursor; for very large networks, one cursor at a time."""
    norms = cached.all_influences(network)
    return Track("bars", "‖∂h_t/∂x_k‖", "influence", cached.influences_on(network, t) if norms is None else norms)
