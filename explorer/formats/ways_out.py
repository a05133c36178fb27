"""The files that a brought network can leave as: each is read again and compared before anyone gets it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from explorer.formats.brought import Brought
from explorer.formats.complaints import WeightsError
from explorer.formats.reading import read_weights
from explorer.formats.writing import OWN, how_to_read, write_weights
from explorer.graph import Connection, Graph, Layer, ReadOnly

WAYS_OUT: Mapping[str, tuple[str, str, str]] = ReadOnly(
    {
        "own": ("Unroll, .npz", "unroll", "npz"),
        "pytorch": ("PyTorch, .npz", "pytorch", "npz"),
        "pytorch_safe": ("PyTorch, .safetensors", "pytorch", "safetensors"),
        "keras": ("Keras, .npz", "keras", "npz"),
    }
)
"""Name → what is on the button, the layout and the container."""


@dataclass(frozen=True, eq=False)
class Written:
    """A network as a file.

    Attributes
    ----------
    content : bytes
    unsaid : mapping of str to str
        What is not in the file and has to be said where it is read: ``layout``, ``activation``, ``output_activation``.
    """

    content: bytes
    unsaid: Mapping[str, str]


def written(found: Brought, way: str) -> Written:
    """The file of one of `WAYS_OUT`, read again and compared before anyone gets it.

    Raises
    ------
    WeightsError
        If the layout has no place for the network, or if what is read again is another network, or not the same
        numbers to the last bit.
    """
    title, layout, container = WAYS_OUT[way]
    content = write_weights(found, layout=layout, container=container)
    how = how_to_read(found.graph, layout)
    try:
        again = read_weights(content, **how)
    except WeightsError as error:
        raise WeightsError(f"{title} is not offered: nobody could read it again. {error}") from None
    is_same = again.graph == found.graph if layout == OWN else _learnt(again.graph) == _learnt(found.graph)
    if not is_same or set(again.parameters) != set(found.parameters):
        raise WeightsError(f"{title} is not offered: read again, it is another network.")
    if not all(np.array_equal(again.parameters[name], array) for name, array in found.parameters.items()):
        raise WeightsError(f"{title} is not offered: read again, it gives other numbers.")
    return Written(content, ReadOnly({name: how[name] for name in again.report.undecided}))


def _learnt(graph: Graph) -> tuple[frozenset[Layer], frozenset[Connection]]:
    """All of a graph but its errors, which no framework keeps with its weights."""
    kept = frozenset(layer for layer in graph.layers if layer.role != "loss")
    return kept, frozenset(c for c in graph.connections if graph[c.target].role != "loss")
