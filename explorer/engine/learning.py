"""What one step of training needs of the engine: the error of a batch and the gradient of every weight."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.engine.activations import Array
from explorer.engine.backward import backward
from explorer.engine.forward import forward
from explorer.engine.inputs import checked_dtype, checked_inputs, checked_targets
from explorer.engine.lesson import Lesson
from explorer.engine.workspace import Pool
from explorer.graph import Graph, ReadOnly

MOST_TOKENS = 256
"""With more of them one-hot vectors, which are never built elsewhere, cost more than they save."""
MOST_BYTES = 192 << 20
"""What workspaces may hold between steps of training; a larger one would have to be set up anew at every step."""
_KEPT = 5
"""About how many arrays of (T, B, size) a workspace keeps for a layer (measured: 3 to 5)."""


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
    found = _in_a_workspace(graph, parameters, inputs, targets, mask, checked_dtype(dtype))
    if found is not None:
        return found
    trace = forward(graph, parameters, inputs, targets, mask=mask, dtype=dtype)  # says what is wrong, if anything is
    return Learnt(trace.loss, backward(trace).weights)


def _in_a_workspace(
    graph: Graph, parameters: Mapping[str, Array], inputs: Any, targets: Any, mask: Any, dtype: np.dtype[Any]
) -> Learnt | None:
    """The same quickly; None where it does not pay, where parameters do not fit or where a number is not finite."""
    given, row_mask, steps, batch = checked_inputs(graph, inputs, mask, dtype)
    aims = checked_targets(graph, targets, steps, batch, dtype)
    fits = {name: np.shape(array) for name, array in parameters.items()} == dict(graph.parameter_shapes)
    bytes_needed = _KEPT * steps * batch * sum(layer.size for layer in graph.layers) * dtype.itemsize
    many_tokens = any(sequence.is_tokens and sequence.size > MOST_TOKENS for sequence in given.values())
    if not aims or not fits or many_tokens or bytes_needed > MOST_BYTES:
        return None
    with (
        _LESSONS.borrow(graph, steps, batch, dtype, row_mask is not None, frozenset(aims)) as lesson,
        np.errstate(over="ignore", invalid="ignore"),
    ):
        found = lesson.run(parameters, given, aims, row_mask)
    return None if found is None else Learnt(found[0], ReadOnly(found[1]))


_LESSONS = Pool(Lesson, most_bytes=MOST_BYTES)
