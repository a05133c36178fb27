"""The gradient of a weight, itemised: what the error at step t owes to the copy of the weight used at step k."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from explorer.engine.activations import Array
from explorer.engine.backward import backward
from explorer.engine.comparison import lengths, unit_vector
from explorer.engine.cotangents import error_steps
from explorer.engine.gradients import Gradients, Use, known_parameter, steps_along, uses
from explorer.engine.inputs import whole
from explorer.engine.timeline import frozen
from explorer.engine.trace import Trace
from explorer.graph import ReadOnly

_MOST_NUMBERS = 2_000_000  # in one bundle of cotangents


@dataclass(frozen=True, eq=False)
class Itemised:
    """∂L_t/∂W at step k, for every step t with an error, every step k and every parameter.

    Attributes
    ----------
    trace : Trace
        With a batch of one.
    gradients : Gradients
        Of L = Σ L_t as a whole.
    """

    trace: Trace
    gradients: Gradients
    _norms: Mapping[str, Array]
    _along: Mapping[str, Array]

    def norms(self, weight: str) -> Array:
        """Length of each contribution: (T, T), row t - 1 for the error, column k - 1 for the copy of the weight."""
        return self._norms[known_parameter(self.trace, weight)]

    def along(self, weight: str) -> Array:
        """Each contribution projected on the direction of the whole gradient: (T, T), with signs.

        The sum of all is ‖∂L/∂W‖; what is negative works against it.
        """
        return self._along[known_parameter(self.trace, weight)]

    def steps_along(self, weight: str) -> Array:
        """The same summed over errors: (T,), what each step k adds to ‖∂L/∂W‖."""
        return steps_along(self.trace, weight, self.gradients.delta)

    def contribution(self, weight: str, t: int, k: int) -> Array:
        """What the error at step t adds to ∂L/∂W through the copy used at step k, in the shape of the weight."""
        k = whole(k, 1, self.trace.steps, "A step at which a weight is used")
        t = whole(t, 1, self.trace.steps, "The step of an error")
        return backward(self.trace, steps=[t], apart=True).contributions(weight)[k - 1]


def itemised(trace: Trace) -> Itemised:
    """Itemise the gradients of all parameters by errors and steps, for a single sequence.

    Several backward passes are bundled, one for each step with an error. A contribution is the product of what the
    weight reads at step k and what arrives there, so that the tensors themselves are needed only for a weight that
    several connections share.

    Examples
    --------
    >>> from explorer import architectures, forward, initialize
    >>> graph = architectures.build("elman", inputs=3, hidden=2, outputs=3)
    >>> trace = forward(graph, initialize(graph, 0), [[0], [2], [1]], targets=[[2], [1], [0]])
    >>> items = itemised(trace)
    >>> gradient = items.gradients.weights["W_hh"]
    >>> np.allclose(items.along("W_hh").sum(), np.linalg.norm(gradient)), bool(np.triu(items.norms("W_hh"), 1).any())
    (True, False)
    """
    if trace.batch != 1:
        raise ValueError(
            f"A gradient is itemised for one sequence at a time; the trace has {trace.batch} rows. "
            "Run forward on one of them."
        )
    gradients = backward(trace)
    steps = trace.steps
    places = {name: uses(trace, name) for name in trace.parameters}
    directions = {name: unit_vector(gradient) for name, gradient in gradients.weights.items()}
    norms = {name: np.zeros((steps, steps), trace.dtype) for name in places}
    along = {name: np.zeros((steps, steps), trace.dtype) for name in places}
    for chosen in _bundles(trace, places):
        delta = backward(trace, steps=chosen, apart=True).delta
        rows = np.asarray(chosen) - 1
        for name, used in places.items():
            norms[name][rows] = _lengths(used, delta).T
            for use in used:
                along[name][rows] += _projections(use, delta, directions[name]).T
    for array in (*norms.values(), *along.values()):
        frozen(array)
    return Itemised(trace, gradients, ReadOnly(norms), ReadOnly(along))


def _bundles(trace: Trace, places: Mapping[str, list[Use]]) -> Iterator[list[int]]:
    """Steps with an error, as many at once as fit."""
    graph, found = trace.graph, error_steps(trace)
    shared = [int(np.prod(graph.parameter_shapes[name])) for name, used in places.items() if _needs_tensors(used)]
    widest = sum(layer.size for layer in graph.layers) + max(shared, default=0)
    together = max(1, _MOST_NUMBERS // (trace.steps * widest))
    for first in range(0, len(found), together):
        yield found[first : first + together]


def _needs_tensors(used: list[Use]) -> bool:
    return len(used) > 1 and not used[0].keeps_units


def _lengths(used: list[Use], delta: Mapping[str, Array]) -> Array:
    """Norms of the contributions of all uses together: (T, rows)."""
    arriving = [use.arriving(delta) for use in used]
    if used[0].keeps_units:
        return lengths(sum((use.read * message for use, message in zip(used, arriving, strict=True)), np.zeros(())))
    if len(used) == 1:
        return lengths(used[0].read) * lengths(arriving[0])
    read = np.concatenate([use.read for use in used], axis=1)  # (T, uses, in)
    tensors = np.einsum("tui,turj->trij", read, np.stack(arriving, axis=1))
    return lengths(tensors.reshape(*tensors.shape[:2], -1))


def _projections(use: Use, delta: Mapping[str, Array], whole: Array) -> Array:
    """Contributions of one use, each projected on the direction of the whole: (T, rows)."""
    onto = use.read * whole if use.keeps_units else use.read @ whole
    return np.einsum("tj,trj->tr", onto[:, 0], use.arriving(delta))
