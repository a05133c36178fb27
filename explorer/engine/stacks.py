"""Weights and biases of a part, side by side and scaled as its layers compute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from explorer.engine.activations import ACTIVATIONS, Activation, Array
from explorer.engine.schedule import Part
from explorer.graph import Graph, Layer


def form(layer: Layer, looped: bool) -> Activation:
    """The activation as a part runs it: in its fast form inside a loop, unless a product would be scaled twice."""
    activation = ACTIVATIONS[layer.activation]
    if looped and (layer.combine == "sum" or activation.scale == 1):
        return activation
    return replace(activation, base=None, scale=1.0, gain=1.0, offset=0.0)


class Stacks:
    """Stacked weights and biases of one part, refilled at every run.

    Attributes
    ----------
    forms : mapping of str to Activation
        How each layer is activated, and by how much that wants its pre-activation scaled.
    weights : mapping of Fused to array
        (source size, columns).
    offset : array
        (width of the bank,): bias, or 1 where a product begins.
    nbytes : int
    """

    def __init__(self, part: Part, graph: Graph, dtype: np.dtype[Any]) -> None:
        self.graph, self.part = graph, part
        self.forms = {name: form(graph[name], part.looped) for name in part.bank}
        self.weights = {
            fused: np.empty((graph[fused.source].size, sum(graph[name].size for name in fused.targets)), dtype)
            for fused in (*part.outer, *part.inner)
        }
        self.offset = np.empty(part.width, dtype)
        for name in part.bank:
            self.offset[part.spans[name]] = graph[name].combine == "product"
        self.nbytes = self.offset.nbytes + sum(stack.nbytes for stack in self.weights.values())

    def fill(self, parameters: Mapping[str, Array]) -> None:
        """Take over the numbers of one run."""
        for fused, stack in self.weights.items():
            start = 0
            for target, name in zip(fused.targets, fused.weights, strict=True):
                weight = parameters[name]
                stop = start + weight.shape[1]
                np.multiply(weight, self.forms[target].scale, out=stack[:, start:stop])
                start = stop
        for name in self.part.bank:
            bias = self.graph[name].bias
            if bias is not None:
                self.offset[self.part.spans[name]] = parameters[bias] * self.forms[name].scale
