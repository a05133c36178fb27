"""Which block of which array of a file is which parameter of a network: one table, read in both directions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from explorer.engine.activations import Array
from explorer.engine.timeline import frozen
from explorer.graph import ReadOnly

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Part:
    """A block of an array, and the parameter that it is, or that it is a summand of.

    Attributes
    ----------
    array : str
    place : tuple of (start, stop)
        Along each axis of the array.
    parameter : str
    is_transposed : bool
        Whether the block has from where and to where the other way round.
    """

    array: str
    place: tuple[Span, ...]
    parameter: str
    is_transposed: bool = False

    @property
    def slices(self) -> tuple[slice, ...]:
        return tuple(slice(*span) for span in self.place)


def shapes(parts: Iterable[Part]) -> dict[str, tuple[int, ...]]:
    """The shape of every array that those parts are blocks of."""
    found: dict[str, tuple[int, ...]] = {}
    for part in parts:
        stops = tuple(stop for _, stop in part.place)
        found[part.array] = tuple(map(max, stops, found.get(part.array, stops)))
    return found


def gathered(
    parts: Sequence[Part], arrays: Mapping[str, Array], wanted: Mapping[str, tuple[int, ...]]
) -> Mapping[str, Array]:
    """The parameters, read-only float64, each the sum of its parts.

    Examples
    --------
    >>> halves = [Part("bias_ih", ((0, 2),), "b_h"), Part("bias_hh", ((0, 2),), "b_h")]
    >>> gathered(halves, {"bias_ih": np.array([1.0, 2]), "bias_hh": np.array([0.5, 0])}, {"b_h": (2,)})["b_h"].tolist()
    [1.5, 2.0]
    """
    return ReadOnly({name: frozen(_sum(name, parts, arrays).reshape(shape)) for name, shape in wanted.items()})


def scattered(
    parts: Sequence[Part], parameters: Mapping[str, Array], before: Mapping[str, Array] | None = None
) -> dict[str, Array]:
    """The arrays of a file that those parameters are read from again, to the last bit.

    A parameter that is a sum is written as it stood `before`, if it still is that sum; else all of it stands in its
    first part, and zeros in the others.
    """
    arrays = {name: np.zeros(shape) for name, shape in shapes(parts).items()}
    summands: dict[str, list[Part]] = {}
    for part in parts:
        summands.setdefault(part.parameter, []).append(part)
    for name, of_it in summands.items():
        first, *others = of_it
        value = np.asarray(parameters[name], np.float64)
        if others and before is not None and np.array_equal(_sum(name, of_it, before).reshape(value.shape), value):
            for part in of_it:
                arrays[part.array][part.slices] = before[part.array][part.slices]
            continue
        block = arrays[first.array][first.slices]
        block[...] = value.T if first.is_transposed else value.reshape(block.shape)
    return arrays


def _sum(name: str, parts: Sequence[Part], arrays: Mapping[str, Array]) -> Array:
    """The parts of one parameter added up, in an array of its own."""
    blocks = [
        arrays[part.array][part.slices].T if part.is_transposed else arrays[part.array][part.slices]
        for part in parts
        if part.parameter == name
    ]
    first, *others = [np.array(block, np.float64, order="C") for block in blocks]
    with np.errstate(over="ignore"):  # whoever reads a file looks for what is not finite
        for other in others:
            first = first + other
    return first
