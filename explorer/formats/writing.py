"""From a network to the bytes of a file, in any layout that has a place for each of its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from explorer.engine.activations import Array
from explorer.formats import own, reference
from explorer.formats.brought import Brought
from explorer.formats.complaints import WeightsError
from explorer.formats.containers import CONTAINERS
from explorer.formats.labels import FRAMEWORKS
from explorer.formats.layouts import LAYOUTS, Layout, parts
from explorer.formats.parts import Part, scattered
from explorer.formats.stacks import Sizes, sizes_of
from explorer.graph import Graph, ReadOnly

OWN = "unroll"
TARGETS = (OWN, *FRAMEWORKS)
"""Whose layouts there are to write in."""


def write_weights(
    network: Graph | Brought,
    parameters: Mapping[str, Array] | None = None,
    *,
    layout: str = OWN,
    container: str = "npz",
) -> bytes:
    """A file of weights, from which `read_weights` reads the same numbers to the last bit.

    Numbers are written in float32 if it holds all of them exactly, else in float64. A network that a file has brought
    is written to that file's layout as it stood there, array for array, and its reference goes along with it.

    Parameters
    ----------
    network : Graph or Brought
    parameters : mapping of str to array, optional
        Default: those that were brought along.
    layout : {"unroll", "pytorch", "keras"}
        The project's own, or a framework's.
    container : {"npz", "safetensors"}

    Raises
    ------
    WeightsError
        If the layout has no place for such a network; the sentence says what it has.
    ValueError
        For an unknown layout or container, or parameters that do not fit.

    Examples
    --------
    >>> import explorer
    >>> graph = explorer.build("gru_reset_after", inputs=2, hidden=3, outputs=2)
    >>> weights = explorer.initialize(graph)
    >>> same = explorer.read_weights(write_weights(graph, weights, layout="keras", container="safetensors"))
    >>> all(np.array_equal(same.parameters[name], weights[name]) for name in weights)
    True
    """
    if container not in CONTAINERS:
        raise ValueError(f"Weights are written as {' or '.join(CONTAINERS)}; '{container}' was given.")
    if layout not in TARGETS:
        raise ValueError(f"There is no layout '{layout}'; choose one of {', '.join(TARGETS)}.")
    brought = network if isinstance(network, Brought) else None
    graph = brought.graph if brought else network
    assert isinstance(graph, Graph)
    if parameters is None:
        if brought is None:
            raise ValueError("A graph has no weights of its own; give its parameters too.")
        parameters = brought.parameters
    _check(graph, parameters)
    is_back = brought is not None and brought.origin.framework == layout
    before = brought.origin.arrays if brought and is_back else {}
    found = scattered(_table(graph, layout, brought if is_back else None), parameters, before or None)
    arrays = {name: _narrowed(array, before.get(name)) for name, array in found.items()}
    if layout == OWN:
        arrays[own.NETWORK] = own.document(graph)
    if brought:
        arrays |= {name: brought.origin.arrays[name] for name in reference.NAMES if name in brought.origin.arrays}
    return CONTAINERS[container].write(arrays)


def fits(graph: Graph) -> Mapping[str, str]:
    """For each layout, why that network cannot be written in it; empty: it can."""
    found = {}
    for target in TARGETS:
        try:
            _table(graph, target, None)
            found[target] = ""
        except WeightsError as error:
            found[target] = str(error)
    return found


def how_to_read(graph: Graph, layout: str) -> Mapping[str, str]:
    """What `read_weights` has to be told of a file in that layout to read the same network from it.

    Raises
    ------
    WeightsError
        If the layout has no place for such a network.

    Examples
    --------
    >>> import explorer
    >>> graph = explorer.build("elman", inputs=2, hidden=3, outputs=2, activation="relu", output_activation="softmax")
    >>> dict(how_to_read(graph, "keras"))
    {'layout': 'keras_rnn', 'activation': 'relu', 'output_activation': 'softmax'}
    >>> dict(how_to_read(graph, "unroll"))
    {}
    """
    if layout == OWN:
        return ReadOnly({})
    name, _, sizes = _laid_out(graph, layout)
    squashed = {"output_activation": sizes.output_activation} if sizes.outputs else {}
    return ReadOnly({"layout": name, "activation": sizes.activation, **squashed})


def _table(graph: Graph, target: str, brought: Brought | None) -> tuple[Part, ...]:
    """Where every parameter goes."""
    if target == OWN:
        return own.identities(graph)
    if brought and brought.origin.layout and brought.origin.sizes and brought.origin.labels:
        return parts(brought.origin.layout, graph, brought.origin.sizes, brought.origin.labels)
    _, layout, sizes = _laid_out(graph, target)
    return parts(layout, graph, sizes, layout.names.usual(layout.kind, sizes.hidden, sizes.directions))


def _laid_out(graph: Graph, target: str) -> tuple[str, Layout, Sizes]:
    """The layout of a framework that has a place for a network, its name, and the network's sizes."""
    title = FRAMEWORKS[target].title
    known = {name: one for name, one in LAYOUTS.items() if one.framework == target}
    for name, one in known.items():
        sizes = sizes_of(graph, one.cell_of)
        if sizes is not None:
            if sizes.activation not in one.activations:
                raise WeightsError(
                    f"{title}'s {one.title} squashes by {' or '.join(one.activations)}; {graph.name} has "
                    f"{sizes.activation}."
                )
            return name, one, sizes
    raise WeightsError(
        f"{title} has no layout for {graph.name}: only for stacks of {', '.join(one.title for one in known.values())} "
        "in one or both directions, with an output layer or none."
    )


def _narrowed(array: Array, before: Array | None) -> Array:
    """In the type it had, or else the smallest, that holds it exactly."""
    types: list[Any] = [before.dtype] if before is not None and before.dtype.kind == "f" else []
    for dtype in (*types, np.float32):
        with np.errstate(over="ignore"):
            narrow = array.astype(dtype)
        if np.array_equal(narrow.astype(np.float64), array):
            return narrow
    return array


def _check(graph: Graph, parameters: Mapping[str, Array]) -> None:
    for name, shape in graph.parameter_shapes.items():
        if name not in parameters:
            raise ValueError(f"The parameter '{name}' of {graph.name} is missing.")
        if np.shape(parameters[name]) != shape:
            raise ValueError(f"'{name}' has the shape {np.shape(parameters[name])}; {graph.name} needs {shape}.")
        if not np.isfinite(parameters[name]).all():
            raise ValueError(f"'{name}' holds numbers that are not finite.")
