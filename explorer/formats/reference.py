"""A reference that a file may bring along: inputs, and what the network made of them where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from explorer.engine.activations import Array
from explorer.engine.forward import forward
from explorer.engine.influence import read_out_layers
from explorer.engine.trace import Trace
from explorer.formats.complaints import UNEXPECTED, WRONG_SHAPE, Difference, shaped, unusable
from explorer.graph import Graph

INPUT, OUTPUT, STATES = "reference_input", "reference_output", "reference_h"
NAMES = (INPUT, OUTPUT, STATES)
MOST_NUMBERS = 10**6
"""In the values of all layers over a reference: more take too long."""

TOLERANCES: Mapping[str, float] = MappingProxyType({"float16": 1e-2, "float32": 1e-5, "float64": 1e-10})
"""Precision of a reference → the largest difference, beside its largest number or 1, that rounding explains."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """A network's answer beside the one that stands in its file.

    Attributes
    ----------
    array : str
        What was compared: ``reference_output`` or ``reference_h``.
    layers : tuple of str
    difference : float
        The largest, absolute.
    tolerance : float
        The largest that rounding explains.
    precision : str
        Of the numbers in the file.
    at : (int, int, int)
        Step, row and unit of the largest difference; the step counts from 1.
    wanted : (T, B, n) array
    """

    array: str
    layers: tuple[str, ...]
    difference: float
    tolerance: float
    precision: str
    at: tuple[int, int, int]
    wanted: Array

    @property
    def share(self) -> float:
        """Of the tolerance."""
        return self.difference / self.tolerance

    @property
    def agrees(self) -> bool:
        return self.share <= 1


def checked(graph: Graph, arrays: Mapping[str, Array]) -> tuple[Difference, ...]:
    """What is wrong with the reference in a file."""
    if not any(name in arrays for name in NAMES):
        return ()
    found, given = [], arrays.get(INPUT)
    read = graph.with_role("input")
    if len(read) != 1:
        return (Difference(INPUT, UNEXPECTED, f"a network with one input layer, not {len(read)}", "a reference"),)
    inputs = read[0].size
    if given is None or not any(name in arrays for name in (OUTPUT, STATES)):
        alone = next(name for name in NAMES if name in arrays)
        other = OUTPUT if given is not None else INPUT
        return (Difference(alone, WRONG_SHAPE, f"'{other}' beside it", "alone"),)
    steps = f"steps × rows × {inputs}"
    if given.ndim != 3 or given.shape[2] != inputs or not given.size:
        found.append(Difference(INPUT, WRONG_SHAPE, steps, shaped(given.shape)))
    for name in (OUTPUT, STATES):
        if name in arrays:
            width = sum(graph[layer].size for layer in _compared(graph, name))
            wanted = (*given.shape[:2], width)
            if arrays[name].shape != wanted:
                found.append(Difference(name, WRONG_SHAPE, shaped(wanted), shaped(arrays[name].shape)))
    found += [wrong for name in NAMES if name in arrays and (wrong := unusable(name, arrays[name]))]
    if not found and given.shape[0] * given.shape[1] * sum(layer.size for layer in graph.layers) > MOST_NUMBERS:
        found.append(Difference(INPUT, WRONG_SHAPE, "a shorter one", f"{shaped(given.shape)}: too long to be run"))
    return tuple(found)


def compared(graph: Graph, parameters: Mapping[str, Array], arrays: Mapping[str, Array]) -> Comparison | None:
    """Run a network on the reference in its file; None if there is none, or `checked` has found a fault in it."""
    if INPUT not in arrays or checked(graph, arrays):
        return None
    trace = forward(graph, parameters, np.asarray(arrays[INPUT], np.float64))
    found = [_difference(trace, name, arrays[name]) for name in (OUTPUT, STATES) if name in arrays]
    return max(found, key=lambda one: one.share)


def read_at(graph: Graph) -> tuple[str, ...]:
    """What a network is read at below its output layer: what the output reads, or else what nothing reads at once."""
    computed = [layer.name for layer in graph.layers if layer.role != "input"]
    on_top = [name for name in computed if all(c.delay for c in graph.outgoing(name))]
    return read_out_layers(graph) or tuple(on_top)


def _compared(graph: Graph, name: str) -> tuple[str, ...]:
    """The layers that stand beside each other in a reference."""
    heads = tuple(layer.name for layer in graph.with_role("output"))
    if heads and name == OUTPUT:
        return heads
    return read_at(graph)


def _difference(trace: Trace, name: str, wanted: Array) -> Comparison:
    layers = _compared(trace.graph, name)
    ours = np.concatenate([trace[layer][1:] for layer in layers], axis=-1)
    apart = np.abs(ours - wanted)
    t, row, unit = np.unravel_index(apart.argmax(), apart.shape)
    kind = wanted.dtype.name if wanted.dtype.name in TOLERANCES else "float32"
    return Comparison(
        array=name,
        layers=layers,
        difference=float(apart.max()),
        tolerance=TOLERANCES[kind] * max(1.0, float(np.abs(wanted).max())),
        precision=kind,
        at=(int(t) + 1, int(row), int(unit)),
        wanted=wanted,
    )
