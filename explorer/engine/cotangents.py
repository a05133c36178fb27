"""What a backward pass starts from: the gradients of the errors, all together or apart, and a caller's own seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.engine.activations import Array
from explorer.engine.existence import silence
from explorer.engine.inputs import as_array, whole_steps
from explorer.engine.losses import LOSSES
from explorer.engine.timeline import frozen
from explorer.engine.trace import Trace


@dataclass(frozen=True, eq=False)
class Cotangents:
    """Where gradients enter a network.

    Attributes
    ----------
    errors : mapping of str to array
        What each loss layer hands back to its output, (T, rows, size), index t - 1.
    at_value : mapping of str to array
        What errors and seeds contribute to ∂L/∂value, (T + 1, rows, size), index t.
    at_pre : mapping of str to array
        What errors contribute to ∂L/∂a, (T, rows, size), index t - 1.
    """

    errors: Mapping[str, Array]
    at_value: Mapping[str, Array]
    at_pre: Mapping[str, Array]

    @property
    def rows(self) -> int:
        """B, or the number of cotangents that are propagated for a single sequence."""
        return next(iter((*self.at_value.values(), *self.at_pre.values()))).shape[1]


def cotangents(
    trace: Trace, seeds: Mapping[str, Any] | None, with_errors: bool, steps: Sequence[int] | None, apart: bool
) -> Cotangents:
    """Where gradients enter; the arguments are those of `explorer.engine.backward.backward`."""
    errors: Mapping[str, Array] = error_gradients(trace) if seeds is None or with_errors else {}
    if not errors and seeds is None:
        raise ValueError("There is no error to differentiate: give targets to forward, or seeds to backward.")
    if steps is not None:
        steps = whole_steps(steps, trace.steps, "There are errors at")
        errors = _at_steps(trace, errors, steps)
    if apart:
        if seeds is not None:
            raise ValueError("Errors are set apart without seeds: every row of a seed is a cotangent already.")
        errors = _apart(trace, errors, range(1, trace.steps + 1) if steps is None else steps)
    at_value, at_pre = _from_losses(trace, errors)
    if seeds is not None:
        for name, seed in _checked_seeds(trace, seeds, added=bool(errors)).items():
            at_value[name] = at_value[name] + seed if name in at_value else seed
    return Cotangents(errors, at_value, at_pre)


def error_gradients(trace: Trace) -> dict[str, Array]:
    """What each loss layer that was given targets hands back to its output, (T, B, size)."""
    gradients = {}
    for name in trace.errors:
        output, loss = trace.graph.incoming(name)[0].source, LOSSES[trace.graph[name].activation]
        gradient = loss.gradient(trace.pre[output], trace.values[output].read(), trace.targets[name])
        for layer in (name, output):
            silence(gradient, trace.exists(layer))
        gradients[name] = frozen(gradient)
    return gradients


def error_steps(trace: Trace) -> list[int]:
    """The steps t whose errors hand something back."""
    handed = [gradient.any(axis=(1, 2)) for gradient in error_gradients(trace).values()]
    return (1 + np.flatnonzero(np.any(handed, axis=0))).tolist() if handed else []


def _at_steps(trace: Trace, errors: Mapping[str, Array], steps: Sequence[int]) -> dict[str, Array]:
    """What is handed back at some steps, and nothing at all others."""
    places = np.asarray(steps) - 1
    chosen = {name: np.zeros_like(gradient) for name, gradient in errors.items()}
    for name, gradient in errors.items():
        chosen[name][places] = gradient[places]
        frozen(chosen[name])
    return chosen


def _apart(trace: Trace, errors: Mapping[str, Array], steps: Sequence[int]) -> dict[str, Array]:
    """One row for each of some steps t, holding what is handed back at step t and nothing else: (T, rows, size)."""
    if trace.batch != 1:
        raise ValueError(
            f"Errors are set apart by steps for one sequence at a time; the trace has {trace.batch} rows. "
            "Run forward on one of them."
        )
    places = np.asarray(steps) - 1
    spread = {}
    for name, gradient in errors.items():
        rows = np.zeros((trace.steps, len(places), gradient.shape[-1]), trace.dtype)
        rows[places, np.arange(len(places))] = gradient[places, 0]
        spread[name] = frozen(rows)
    return spread


def _from_losses(trace: Trace, errors: Mapping[str, Array]) -> tuple[dict[str, Array], dict[str, Array]]:
    """What the losses contribute at values and at pre-activations of their outputs."""
    at_value: dict[str, Array] = {}
    at_pre: dict[str, Array] = {}
    for name, gradient in errors.items():
        output = trace.graph.incoming(name)[0].source
        if LOSSES[trace.graph[name].activation].reads == "pre":
            at_pre[output] = at_pre[output] + gradient if output in at_pre else gradient
        else:
            seed = np.concatenate([np.zeros_like(gradient[:1]), gradient])
            at_value[output] = at_value[output] + seed if output in at_value else seed
    return at_value, at_pre


def _checked_seeds(trace: Trace, seeds: Mapping[str, Any], added: bool) -> dict[str, Array]:
    """Seeds as arrays of the trace's type; what is added to errors has a row for each of theirs."""
    checked: dict[str, Array] = {}
    arrays = {name: as_array(seed, f"The seed for '{name}'") for name, seed in seeds.items()}
    rows = {array.shape[1] if array.ndim == 3 else -1 for array in arrays.values()}
    fixed = added or trace.batch != 1
    for name, array in arrays.items():
        size = trace.graph[name].size
        fits = len(rows) == 1 and array.shape == (trace.steps + 1, *rows, size)
        if name not in trace.pre or not fits or (fixed and rows != {trace.batch}):
            raise ValueError(
                f"The seed for '{name}' has shape {array.shape}; a seed belongs to a computed layer and has the shape "
                f"({trace.steps + 1}, {trace.batch if fixed else 'C'}, {size}), the same C for all."
            )
        checked[name] = array.astype(trace.dtype, copy=False)
    if not checked:
        raise ValueError("No seed was given; name at least one layer.")
    return checked
