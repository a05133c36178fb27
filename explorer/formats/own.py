"""The project's own layout: every parameter under its own name, and the network beside them if the file has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

import numpy as np

from explorer import documents
from explorer.architectures import ARCHITECTURES, Shape
from explorer.engine.activations import Array
from explorer.formats.complaints import WeightsError
from explorer.formats.parts import Part
from explorer.formats.stacks import OUTPUTS
from explorer.graph import Graph, GraphError

TITLE = "Unroll"
NETWORK = "network"
"""The array that holds the network as JSON, in bytes."""

_SIZES = (2, 3, 5)
"""Of input, hidden and output layers while names are compared: what a shape is made of can be told from them."""

_MOST_DEPTH = 4


def identities(graph: Graph) -> tuple[Part, ...]:
    """Every parameter is an array of its own."""
    return tuple(
        Part(name, tuple((0, length) for length in shape), name) for name, shape in graph.parameter_shapes.items()
    )


def document(graph: Graph) -> Array:
    """A network as an array of bytes."""
    return np.frombuffer(documents.written(graph).encode(), np.uint8)


def network_in(arrays: Mapping[str, Array], activation: str, output_activation: str) -> Graph | None:
    """The network that a file's arrays belong to; None: they are not in the project's own layout.

    Activations are those of the file's own network, if it has one.

    Raises
    ------
    WeightsError
        If the file has a network that cannot be read.
    """
    if NETWORK in arrays:
        return _described(arrays[NETWORK])
    shapes = {name: array.shape for name, array in arrays.items()}
    for skeleton in _skeletons(activation):
        wanted = skeleton.parameter_shapes
        if set(wanted) <= set(shapes):
            sizes = _sizes(wanted, shapes)
            if sizes is not None:
                return _sized(skeleton, sizes, output_activation)
    return None


def _described(array: Array) -> Graph:
    if array.dtype != np.uint8 or array.ndim != 1:
        raise WeightsError(f"The array '{NETWORK}' of the file is no network: bytes of JSON are expected.")
    try:
        return documents.read(array.tobytes().decode())[0].graph()
    except UnicodeDecodeError:
        raise WeightsError(f"The array '{NETWORK}' of the file is no network: bytes of JSON are expected.") from None
    except GraphError as error:
        raise WeightsError(f"The network in the file cannot be read: {error}") from None


@lru_cache(maxsize=8)
def _skeletons(activation: str) -> tuple[Graph, ...]:
    """Every registered architecture in every depth, the most parameters first: names of some are in others too."""
    return tuple(sorted(_built(activation), key=lambda graph: -len(graph.parameter_shapes)))


def _built(activation: str) -> Iterator[Graph]:
    inputs, hidden, outputs = _SIZES
    for architecture in ARCHITECTURES.values():
        for depth in range(1, _MOST_DEPTH + 1):
            graph = architecture.build(Shape(inputs, hidden, outputs, depth, activation))
            if len(graph.with_role("input")) == 1:  # how long an encoder reads stands in no array
                yield graph


def _sizes(wanted: Mapping[str, tuple[int, ...]], shapes: Mapping[str, tuple[int, ...]]) -> dict[int, int] | None:
    """What stands for each of the sizes of a skeleton; None: the shapes contradict each other."""
    found: dict[int, int] = {}
    for name, shape in wanted.items():
        if len(shape) != len(shapes[name]):
            return None
        for size, length in zip(shape, shapes[name], strict=True):
            if found.setdefault(size, length) != length or not length:
                return None
    return found


def _sized(skeleton: Graph, sizes: Mapping[int, int], output_activation: str) -> Graph:
    layers = [replace(layer, size=sizes.get(layer.size, layer.size)) for layer in skeleton.layers]
    said = {layer.name: replace(layer, activation=output_activation) for layer in layers if layer.role == "output"} | {
        layer.name: replace(layer, activation=OUTPUTS[output_activation]) for layer in layers if layer.role == "loss"
    }
    return Graph(skeleton.name, tuple(said.get(layer.name, layer) for layer in layers), skeleton.connections)
