"""A network that a file has brought: the graph, its weights, what was recognised, and what of the file is left over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from explorer.engine.activations import Array
from explorer.formats.complaints import Difference
from explorer.formats.labels import Labels
from explorer.formats.layouts import Layout
from explorer.formats.reference import Comparison
from explorer.formats.stacks import Sizes
from explorer.graph import Graph

ASKED, BY_REFERENCE, USUAL = "asked for", "the reference", "usual"
"""What settles a choice that the arrays of a file leave open."""


@dataclass(frozen=True, eq=False)
class Report:
    """What was recognised in a file.

    Attributes
    ----------
    framework, kind : str
        Whose layout it is, and of what.
    gates, variant : str
        The gates in the order of the file, and the form of a cell that has more than one; empty: there is none.
    levels : tuple of str
        What the file calls the levels of cells, from below; empty in the project's own layout.
    directions : int
    precision : str
        The type of its numbers.
    numbers : int
        In all parameters.
    choices, undecided : mapping
        How it was read, and what else the same numbers could be: the file cannot say.
    decided : mapping
        For each of the undecided, what it was settled by: "asked for"; "the reference", if any other choice answers
        less like it; or else "usual".
    differences : tuple of Difference
        From what was expected, such that the network could be read in spite of them.
    comparison : Comparison or None
        With the reference that stands in the file.
    """

    framework: str
    kind: str
    gates: str
    variant: str
    levels: tuple[str, ...]
    directions: int
    precision: str
    numbers: int
    choices: Mapping[str, str]
    undecided: Mapping[str, tuple[str, ...]]
    decided: Mapping[str, str]
    differences: tuple[Difference, ...]
    comparison: Comparison | None


@dataclass(frozen=True, eq=False)
class Origin:
    """The file that a network is from, as far as it is needed to write the same file again.

    Attributes
    ----------
    framework : str
        Key of `explorer.formats.labels.FRAMEWORKS`, or that of the project's own layout.
    arrays : mapping of str to array
        As they stood in the file: the network's, and the reference.
    layout, sizes, labels
        How they were read; None in the project's own layout.
    """

    framework: str
    arrays: Mapping[str, Array]
    layout: Layout | None = None
    sizes: Sizes | None = None
    labels: Labels | None = None


@dataclass(frozen=True, eq=False)
class Brought:
    """A network from a file.

    Attributes
    ----------
    graph : Graph
    parameters : mapping of str to array
        Read-only float64.
    report : Report
    origin : Origin
    """

    graph: Graph
    parameters: Mapping[str, Array]
    report: Report
    origin: Origin
