"""Every way to read a file of weights that its names allow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product

from explorer.engine.activations import SQUASHING, Array
from explorer.formats import own, reference
from explorer.formats.complaints import MISSING, UNEXPECTED, WRONG_SHAPE, Difference, WeightsError, shaped, unusable
from explorer.formats.labels import FRAMEWORKS, Framework, Labels
from explorer.formats.layouts import LAYOUTS, Layout, parts
from explorer.formats.parts import Part, gathered, shapes
from explorer.formats.stacks import OUTPUTS, Sizes, network
from explorer.graph import Graph

MOST_UNITS = 1024
MOST_READ = 65_536
"""Units of an input or output layer."""


@dataclass(frozen=True, eq=False)
class Reading:
    """One way to read a file: the network that it would be, and where its parameters stand.

    Attributes
    ----------
    graph : Graph
    table : tuple of Part
    choices : mapping of str to str
        What the names alone do not decide: ``layout``, ``activation``, ``output_activation``.
    layout, sizes, labels
        None in the project's own layout.
    """

    graph: Graph
    table: tuple[Part, ...]
    choices: Mapping[str, str]
    layout: Layout | None = None
    sizes: Sizes | None = None
    labels: Labels | None = None

    @property
    def framework(self) -> str:
        """Whose layout it is, as it is written."""
        return self.layout.names.title if self.layout else own.TITLE

    def parameters(self, arrays: Mapping[str, Array]) -> Mapping[str, Array]:
        """What the network's parameters would be."""
        return gathered(self.table, arrays, self.graph.parameter_shapes)

    def fit(self, arrays: Mapping[str, Array]) -> int:
        """How many arrays are as expected, less those that are not."""
        wanted = shapes(self.table)
        return sum(1 if name in arrays and arrays[name].shape == shape else -1 for name, shape in wanted.items())

    def differences(self, arrays: Mapping[str, Array]) -> tuple[Difference, ...]:
        """Everything in which a file is not as this reading expects it."""
        wanted = shapes(self.table)
        known = {*wanted, *reference.NAMES, own.NETWORK}
        expected = [one for name, shape in wanted.items() for one in _compared(name, shape, arrays.get(name))]
        others = {name: array for name, array in arrays.items() if name not in known}
        return (
            *expected,
            *(Difference(name, UNEXPECTED, "nothing", shaped(array.shape)) for name, array in others.items()),
        )


def readings(arrays: Mapping[str, Array]) -> list[Reading]:
    """Every way to read those arrays, the usual ones first; none, if no recurrent network is recognised.

    Raises
    ------
    WeightsError
        If there is one that is too large to be shown.
    """
    return list(_own(arrays)) or list(_of_frameworks(arrays))


def _compared(name: str, shape: tuple[int, ...], array: Array | None) -> Iterator[Difference]:
    """The difference between one array and what was expected, if there is one."""
    if array is None:
        yield Difference(name, MISSING, shaped(shape), "nothing")
    elif array.shape != shape:
        yield Difference(name, WRONG_SHAPE, shaped(shape), shaped(array.shape))
    elif wrong := unusable(name, array):
        yield wrong


def _own(arrays: Mapping[str, Array]) -> Iterator[Reading]:
    """In the project's own layout; only a file without its network leaves anything open."""
    ways = [("", "")] if own.NETWORK in arrays else list(product(SQUASHING, OUTPUTS))
    for phi, way in ways:
        graph = own.network_in(arrays, phi, way)
        if graph is None:
            return
        yield Reading(graph, own.identities(graph), {"activation": phi, "output_activation": way})


def _of_frameworks(arrays: Mapping[str, Array]) -> Iterator[Reading]:
    for key, framework in FRAMEWORKS.items():
        labels = framework.labels(arrays)
        if labels is not None:
            for name, layout in LAYOUTS.items():
                if layout.framework == key:
                    yield from _laid_out(name, layout, labels, arrays)


def _laid_out(name: str, layout: Layout, labels: Labels, arrays: Mapping[str, Array]) -> Iterator[Reading]:
    """A file read in one layout, in every way that its numbers do not tell apart."""
    sizes, labels = _with_head(layout, _cells(layout, labels, arrays), labels, arrays)
    for phi, way in product(layout.activations, OUTPUTS if sizes.outputs else ("identity",)):
        one = replace(sizes, activation=phi, output_activation=way)
        graph = network(layout.cell_of, one)
        choices = {"layout": name, "activation": phi, "output_activation": way if sizes.outputs else ""}
        yield Reading(graph, parts(layout, graph, one, labels), choices, layout, one, labels)


def _cells(layout: Layout, labels: Labels, arrays: Mapping[str, Array]) -> Sizes:
    """The sizes that the arrays of the cells speak of.

    A recurrent matrix reads as many numbers as the cell has units, an input matrix as many as it is given.
    """
    below, state = (layout.array_for(side).array for side in ("input", "recurrent"))
    directions = range(len(labels.directions))

    def read(level: int, array: str) -> int:
        names = [labels.cell(level, direction, array) for direction in directions]
        axis = 1 if layout.is_transposed else 0
        return next((arrays[name].shape[axis] for name in names if name in arrays and arrays[name].ndim == 2), 0) or 1

    levels = range(len(labels.levels))
    is_biased = any(
        labels.cell(level, direction, held.array) in arrays
        for level in levels
        for direction in directions
        for held in layout.arrays
        if held.is_bias
    )
    hidden = tuple(read(level, state) for level in levels)
    return _bounded(Sizes(read(0, below), hidden, len(directions), is_biased=is_biased))


def _with_head(layout: Layout, sizes: Sizes, labels: Labels, arrays: Mapping[str, Array]) -> tuple[Sizes, Labels]:
    """The output layer is among what belongs to no cell."""
    framework: Framework = layout.names
    of_cells = {
        labels.cell(level, direction, held.array)
        for level in range(sizes.depth)
        for direction in range(sizes.directions)
        for held in layout.arrays
    }
    others = {name: array.shape for name, array in arrays.items() if name not in of_cells}
    head = framework.head_of(others, sizes.top, layout.is_transposed)
    if head is None:
        return sizes, labels
    labels = replace(labels, head=head)
    matrix, bias = (labels.output(array) for array in framework.head)
    outputs = arrays[matrix].shape[0 if layout.is_transposed else 1]
    return _bounded(replace(sizes, outputs=outputs or 1, is_output_biased=bias in arrays)), labels


def _bounded(sizes: Sizes) -> Sizes:
    for what, units, most in (
        ("hidden units", max(sizes.hidden), MOST_UNITS),
        ("inputs", sizes.inputs, MOST_READ),
        ("outputs", sizes.outputs or 0, MOST_READ),
    ):
        if units > most:
            raise WeightsError(f"The file's network has {units:,} {what}; up to {most:,} can be shown.")
    return sizes
