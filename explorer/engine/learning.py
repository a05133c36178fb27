"""What one step of training needs of the engine: the error of a batch and the gradient of every weight."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.engine.activations import Array
from explorer.engine.backward import backward
from explorer.engine.forward import forward
from explorer.graph import Graph


@dataclass(frozen=True, slots=True, eq=False)
class Learnt:
    """What a batch has to say about the weights.

    Attributes
    ----------
    loss : float
        L = Σ E_t over steps, rows and loss layers.
    weights : mapping of str to array
        ∂L/∂W by parameter.
    """

    loss: float
    weights: Mapping[str, Array]


def learn_from(
    graph: Graph,
    parameters: Mapping[str, Array],
    inputs: Mapping[str, Any],
    targets: Mapping[str, Any],
    *,
    mask: Any = None,
    dtype: Any = np.float32,
) -> Learnt:
    """Run a batch forward and back, and keep only what training needs.

    Parameters
    ----------
    graph, parameters, inputs, targets, mask, dtype
        As for `explorer.engine.forward.forward`.

    Raises
    ------
    GraphError, ValueError, NotFiniteError
        As from `forward`.

    Examples
    --------
    >>> from explorer import architectures, initialize
    >>> graph = architectures.build("elman", inputs=3, hidden=2, outputs=3)
    >>> found = learn_from(graph, initialize(graph, 0), [[0], [2], [1]], [[2], [1], [0]])
    >>> found.weights["W_hh"].shape, found.loss > 0
    ((2, 2), True)
    """
    trace = forward(graph, parameters, inputs, targets, mask=mask, dtype=dtype)
    return Learnt(trace.loss, backward(trace).weights)
