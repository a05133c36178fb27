"""What a network says to many rows, without keeping how it came to say it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from explorer.engine.activations import Array
from explorer.engine.forward import forward
from explorer.engine.timeline import Timeline, frozen
from explorer.engine.trace import Trace
from explorer.graph import Graph, ReadOnly

MOST_BYTES = 64 << 20
"""What a forward pass over some of the rows may take."""


def answer(
    graph: Graph, parameters: Mapping[str, Array], inputs: Mapping[str, Array], *, mask: Any = None, dtype: Any
) -> Trace:
    """Run a network over so many rows at a time as memory allows: rows do not know of each other.

    Parameters
    ----------
    graph, parameters, inputs, mask, dtype
        As for `explorer.engine.forward.forward`.

    Returns
    -------
    Trace
        Of all rows, with the values of its `output` and nothing else.

    Raises
    ------
    GraphError, ValueError, NotFiniteError
        As from `forward`.

    Examples
    --------
    >>> from explorer import architectures, initialize
    >>> graph = architectures.build("elman", inputs=3, hidden=2, outputs=3)
    >>> said = answer(graph, initialize(graph, 0), {"x": np.array([[0, 1], [2, 1]])}, dtype=np.float32)
    >>> said["y"].shape, list(said.values)
    ((3, 2, 3), ['y'])
    """
    steps, rows = next(iter(inputs.values())).shape[:2]
    each_row = 2 * steps * sum(layer.size for layer in graph.layers) * np.dtype(dtype).itemsize  # a_t and y_t
    slices = -(-rows // max(1, MOST_BYTES // each_row))
    said = []
    for here in np.array_split(np.arange(rows), slices):
        some = slice(here[0], here[-1] + 1)
        read = {name: array[:, some] for name, array in inputs.items()}
        trace = forward(graph, parameters, read, mask=None if mask is None else mask[:, some], dtype=dtype)
        said.append(trace[trace.output].copy())  # a view would keep all of its part of the network alive
    return Trace(
        graph=graph,
        parameters=trace.parameters,
        steps=steps,
        batch=rows,
        dtype=trace.dtype,
        inputs=ReadOnly({}),
        targets=ReadOnly({}),
        mask=None if mask is None else frozen(np.array(mask, bool)[..., None]),
        values=ReadOnly({trace.output: Timeline(frozen(np.concatenate(said, axis=1)), lead=1)}),
        pre=ReadOnly({}),
        errors=ReadOnly({}),
    )
