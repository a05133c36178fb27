"""Which gradients a loop backward through time really has to carry.

Inside one step everything is linear on the way back, with coefficients that the forward pass has fixed. A layer
whose gradient comes, at the same step, from one other layer alone (a gate, the tanh of a cell state) is a known
multiple of it. Such layers are *collapsed*: the loop carries only the rest, and theirs follow afterwards for all
steps at once. An LSTM of nine layers so carries two gradients, ∂L/∂h and ∂L/∂c.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from explorer.engine.activations import ACTIVATIONS
from explorer.engine.schedule import Part
from explorer.graph import Connection, Graph


@dataclass(frozen=True)
class Carriers:
    """How the gradients of one part come about.

    Attributes
    ----------
    parent : mapping of str to str
        The layer whose gradient each layer's is a multiple of; itself if it is carried by the loop.
    own_delta : frozenset of str
        Layers whose ∂L/∂a is no multiple of their ∂L/∂value: units interact, or a loss reads a directly.
    """

    parent: Mapping[str, str]
    own_delta: frozenset[str]

    def is_carried(self, name: str) -> bool:
        """Whether the loop computes this layer's gradient."""
        return self.parent[name] == name


def carriers(graph: Graph, part: Part, fed: frozenset[str], fed_at_pre: frozenset[str]) -> Carriers:
    """Find the carriers of a part.

    Parameters
    ----------
    graph : Graph
    part : Part
    fed, fed_at_pre : frozenset of str
        Layers that receive a gradient from outside the graph, at their value or at their pre-activation.

    Examples
    --------
    >>> from explorer import architectures
    >>> from explorer.engine.schedule import schedule
    >>> graph = architectures.build("lstm", inputs=4, hidden=3, outputs=4)
    >>> found = carriers(graph, schedule(graph)[0], frozenset(), frozenset())
    >>> [name for name in found.parent if found.is_carried(name)], found.parent["f"], found.parent["o"]
    (['h', 'c'], 'c', 'h')
    """
    own_delta = frozenset(
        name for name in part.bank if name in fed_at_pre or ACTIVATIONS[graph[name].activation].derivative is None
    )
    parent: dict[str, str] = {}
    for name in reversed(part.component.layers):
        outgoing = graph.outgoing(name)
        # inside the part, and further back: where delays have both signs, a target may have its turn only afterwards
        inside = all(c.target in parent for c in outgoing)
        along_units = all(c.keeps_units and c.delay == 0 and c.target not in own_delta for c in outgoing)
        parents = {parent[c.target] for c in outgoing} if inside and along_units else set()
        collapsed = len(parents) == 1 and name not in fed and name not in own_delta
        parent[name] = parents.pop() if collapsed else name
    return Carriers(parent, own_delta)


def elementwise(graph: Graph, part: Part, name: str) -> list[Connection]:
    """Inner connections that hand a gradient back to a layer unit by unit."""
    return [c for c in graph.outgoing(name) if c.keeps_units and c.target in part.spans]
