"""What a caller hands to the engine, checked once; every complaint says which array and what would be right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.engine.activations import Array
from explorer.engine.existence import exists, silence
from explorer.engine.timeline import frozen
from explorer.graph import Graph, Layer, is_whole


@dataclass(frozen=True, slots=True, eq=False)
class Sequence:
    """An input layer's values: real vectors (T, B, size), or tokens (T, B) standing for one-hot vectors.

    Of a piece of a longer sequence, also some values before step 1 and after step T, which are read across delays.
    """

    array: Array
    size: int
    dtype: np.dtype[Any]
    exists: Array | None
    """(T, B or 1, 1) of bool: where the layer exists and the row is not padded; None if everywhere."""
    lead: int = 0
    trail: int = 0
    """How many steps before step 1 and after step T the arrays have besides."""

    @property
    def is_tokens(self) -> bool:
        return self.array.ndim == 2

    def dense(self, delay: int = 0) -> Array:
        """What steps 1 … T read through a delay, as vectors (T, B, size); zero before step 1 and after T."""
        vectors = np.eye(self.size, dtype=self.dtype)[self.array] if self.is_tokens else self.array
        return self._read(self._silenced(vectors), delay)

    @property
    def steps(self) -> int:
        """T."""
        return len(self.array) - self.lead - self.trail

    def _silenced(self, array: Array) -> Array:
        """Zero where the layer is absent or the row padded."""
        return array if self.exists is None else array * self.exists

    def _overlap(self, delay: int) -> tuple[slice, slice]:
        """Places of the array that steps 1 … T read through a delay, and indices t - 1 of the steps that read them."""
        start = self.lead - delay
        first, last = max(0, start), min(len(self.array), start + self.steps)
        return slice(first, max(first, last)), slice(first - start, max(first, last) - start)

    def _read(self, array: Array, delay: int) -> Array:
        """What steps 1 … T read of an array that lies as `array` does; zero where it has ended."""
        places, readers = self._overlap(delay)
        if readers == slice(0, self.steps):
            return array[places]
        result = np.zeros((self.steps, *array.shape[1:]), array.dtype)
        result[readers] = array[places]
        return result

    def write(self, out: Array) -> None:
        """Put `dense()` into an array (T, B, size)."""
        if self.is_tokens:
            steps, batch = self.array.shape
            out.fill(0)
            out[np.arange(steps)[:, None], np.arange(batch), self.array] = 1
        else:
            out[...] = self.array
        silence(out, self.exists)

    def product(self, matrix: Array, delay: int = 0) -> Array:
        """`dense(delay)` times a matrix (size, n): (T, B, n). Tokens pick rows; no one-hot vector is built."""
        if self.is_tokens:
            return self._read(self._silenced(matrix[self.array]), delay)
        read = self.dense(delay)
        return (read.reshape(-1, self.size) @ matrix).reshape(*read.shape[:2], -1)

    def transposed_product(self, delta: Array, delay: int = 0) -> Array:
        """Σ over steps and rows of dense(delay)ᵀ delta: the gradient (size, n) of a matrix that reads this input."""
        width = delta.shape[-1]
        if not self.is_tokens:
            return self.dense(delay).reshape(-1, self.size).T @ delta.reshape(-1, width)
        gradient = np.zeros((self.size, width), delta.dtype)
        places, readers = self._overlap(delay)
        arriving = delta[readers] if self.exists is None else delta[readers] * self.exists[places]
        np.add.at(gradient, self.array[places].ravel(), arriving.reshape(-1, width))
        return gradient


def checked_inputs(
    graph: Graph, inputs: Any, mask: Any, dtype: np.dtype[Any]
) -> tuple[dict[str, Sequence], Array | None, int, int]:
    """Sequences of all input layers, the mask, T and B."""
    layers = graph.with_role("input")
    if not layers:
        raise ValueError(f"{graph.name} has no input layer, so the number of steps is unknown; add one.")
    given = inputs if isinstance(inputs, Mapping) else {layers[0].name: inputs}
    _same_names(given, {layer.name for layer in layers}, "inputs")
    arrays = {layer.name: as_array(given[layer.name], f"Input '{layer.name}'") for layer in layers}
    steps, batch = arrays[layers[0].name].shape[:2] if arrays[layers[0].name].ndim >= 2 else (0, 0)
    if steps < 1 or batch < 1:
        raise ValueError(
            f"Input '{layers[0].name}' has shape {arrays[layers[0].name].shape}; it must be (T, B) tokens or "
            f"(T, B, {layers[0].size}) vectors with at least one step and one row."
        )
    valid = checked_mask(mask, steps, batch)
    sequences = {}
    for layer in layers:
        array = _checked_input(layer, arrays[layer.name], steps, batch, dtype)
        sequences[layer.name] = Sequence(array, layer.size, dtype, exists(layer, steps, valid))
    return sequences, valid, steps, batch


def _checked_input(layer: Layer, array: Array, steps: int, batch: int, dtype: np.dtype[Any]) -> Array:
    if np.issubdtype(array.dtype, np.integer) and array.shape == (steps, batch):
        if array.min() < 0 or array.max() >= layer.size:
            raise ValueError(
                f"Input '{layer.name}' has tokens from {array.min()} to {array.max()}; its {layer.size} units stand "
                f"for the tokens 0 … {layer.size - 1}."
            )
        return frozen(array.copy())
    if array.shape != (steps, batch, layer.size):
        raise ValueError(
            f"Input '{layer.name}' has shape {array.shape}; expected ({steps}, {batch}) integer tokens or "
            f"({steps}, {batch}, {layer.size}) vectors."
        )
    return frozen(_finite(array, f"Input '{layer.name}'", dtype))


def checked_targets(graph: Graph, targets: Any, steps: int, batch: int, dtype: np.dtype[Any]) -> dict[str, Array]:
    """Targets by loss layer, tokens as integers, everything else as `dtype`."""
    if targets is None:
        return {}
    losses = graph.with_role("loss")
    if not losses:
        raise ValueError(f"Targets were given, but {graph.name} has no loss layer; add one or leave them out.")
    given = targets if isinstance(targets, Mapping) else {losses[0].name: targets}
    unknown = set(given) - {layer.name for layer in losses}
    if unknown:
        raise ValueError(f"Targets were given for {sorted(unknown)}, which are no loss layers of {graph.name}.")
    return {
        name: _target(
            name,
            graph[graph.incoming(name)[0].source].size,
            as_array(array, f"The array of targets for '{name}'"),
            steps,
            batch,
            dtype,
        )
        for name, array in given.items()
    }


def _target(name: str, size: int, array: Array, steps: int, batch: int, dtype: np.dtype[Any]) -> Array:
    if np.issubdtype(array.dtype, np.integer) and array.shape == (steps, batch):
        if array.min() < 0 or array.max() >= size:
            raise ValueError(
                f"Targets of '{name}' run from {array.min()} to {array.max()}; the output has {size} units, so a "
                f"token is one of 0 … {size - 1}."
            )
        return frozen(array.copy())
    if array.shape != (steps, batch, size):
        raise ValueError(
            f"Targets of '{name}' have shape {array.shape}; expected ({steps}, {batch}) integer tokens or "
            f"({steps}, {batch}, {size}) numbers."
        )
    return frozen(_finite(array, f"Targets of '{name}'", dtype))


def checked_parameters(graph: Graph, parameters: Mapping[str, Any], dtype: np.dtype[Any]) -> dict[str, Array]:
    """Every parameter in its shape, finite, read-only."""
    _same_names(parameters, set(graph.parameter_shapes), "parameters")
    checked = {}
    for name, shape in graph.parameter_shapes.items():
        array = as_array(parameters[name], f"Parameter '{name}'")
        if array.shape != shape:
            raise ValueError(f"Parameter '{name}' has shape {array.shape}; {graph.name} needs {shape}.")
        # a read-only *view* is copied: what it looks at may change
        untouchable = array.flags.owndata and not array.flags.writeable
        if untouchable and array.dtype == dtype and np.isfinite(array).all():
            checked[name] = array
        else:
            checked[name] = frozen(_finite(array, f"Parameter '{name}'", dtype))
    return checked


def checked_initial(
    graph: Graph, initial: Mapping[str, Any] | None, batch: int, dtype: np.dtype[Any]
) -> dict[str, Array]:
    """Initial states that were given, each broadcastable to (B, size)."""
    checked = {}
    for name, state in (initial or {}).items():
        array = as_array(state, f"The initial state of '{name}'")
        if graph[name].role in ("input", "loss"):
            computed = [layer.name for layer in graph.layers if layer.role not in ("input", "loss")]
            raise ValueError(
                f"'{name}' is an {graph[name].role} layer and has no initial state; computed layers have one: "
                f"{', '.join(computed)}."
            )
        if array.shape not in ((graph[name].size,), (batch, graph[name].size)):
            raise ValueError(
                f"The initial state of '{name}' has shape {array.shape}; expected ({graph[name].size},) or "
                f"({batch}, {graph[name].size})."
            )
        checked[name] = frozen(_finite(array, f"The initial state of '{name}'", dtype))
    return checked


def checked_mask(mask: Any, steps: int, batch: int) -> Array | None:
    """The mask as (T, B, 1) of bool, or None if every row has every step."""
    if mask is None:
        return None
    array = as_array(mask, "The mask")
    if array.shape != (steps, batch):
        raise ValueError(f"The mask has shape {array.shape}; expected ({steps}, {batch}), one entry a step and row.")
    array = array.astype(bool)
    return None if array.all() else frozen(array[..., None])


def whole(number: Any, least: int, most: int, what: str) -> int:
    """A whole number inside its limits, as Python's int.

    Examples
    --------
    >>> whole(np.int64(3), 1, 5, "A step")
    3
    """
    if not (is_whole(number) and least <= number <= most):
        raise ValueError(f"{what} is a whole number from {least} to {most}; {number!r} was given.")
    return int(number)


def whole_steps(steps: Any, most: int, what: str) -> list[int]:
    """Some of the steps 1 … most, at least one of them, in the order given."""
    listed = list(steps) if np.iterable(steps) and not isinstance(steps, str) else []
    if not listed or not all(is_whole(t) and 1 <= t <= most for t in listed):
        given = listed or steps
        raise ValueError(f"{what} the steps 1 to {most}; {given!r} was asked for. Give a list of whole numbers.")
    return [int(t) for t in listed]


def as_array(given: Any, what: str) -> Array:
    """Anything that NumPy can read as an array; rows of different lengths cannot be read."""
    try:
        return np.asarray(given)
    except ValueError:
        raise ValueError(f"{what} has rows of different lengths; pad them to one length and give a mask.") from None


def _finite(array: Array, what: str, dtype: np.dtype[Any]) -> Array:
    """A copy in the given type, after a look at every number."""
    if not (np.issubdtype(array.dtype, np.number) or array.dtype == bool):
        raise ValueError(f"{what} must hold numbers; its type is {array.dtype}.")
    with np.errstate(over="ignore"):
        cast = np.array(array, dtype=dtype)
    if not np.isfinite(cast).all():
        bad = np.argwhere(~np.isfinite(cast))
        place = tuple(int(i) for i in bad[0])
        in_type = f" in {dtype}" if np.isfinite(array[place]) else ""
        raise ValueError(
            f"{what} is not finite{in_type} at {len(bad)} of {array.size} places, first at {place}: {array[place]}; "
            "replace it by a finite number."
        )
    return cast


def checked_dtype(dtype: Any) -> np.dtype[Any]:
    """float64 or float32."""
    wanted = np.dtype(dtype)
    if wanted not in (np.float64, np.float32):
        raise ValueError(f"The dtype is float64 or float32; {wanted} was given.")
    return wanted


def _same_names(given: Mapping[str, Any], wanted: set[str], what: str) -> None:
    missing, unknown = sorted(wanted - set(given)), sorted(set(given) - wanted)
    if missing or unknown:
        problems = [f"missing: {', '.join(missing)}"] * bool(missing) + [f"unknown: {', '.join(unknown)}"] * bool(
            unknown
        )
        raise ValueError(f"The {what} do not fit the graph ({'; '.join(problems)}).")
