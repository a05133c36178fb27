"""What the page Build a network shows of a network that can be unrolled: its unrolling, its gradient, its file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer import documents
from explorer.cycles import cycles
from explorer.drafts import Draft
from explorer.engine.activations import Array
from explorer.engine.backward import backward
from explorer.engine.forward import forward
from explorer.fields import Choice
from explorer.graph import Graph
from explorer.page_settings.shared import SENTENCE, SHARED
from explorer.settings import FIELDS, PAGES, Network
from explorer.tasks.text import read_words
from explorer.unrolling import count, generations, topological_order, unroll
from explorer.views import MOST_CYCLES, Unrolled, ran

OF_THE_NETWORK = ("own", "arch", "trained", "act", "depth", "hidden")
"""Settings that a network of its own has decided."""


def built(graph: Graph, text: str, unit: str, steps: int | None) -> Unrolled:
    """A drawn network in its own sizes, unrolled over some steps, or over one for each word.

    Examples
    --------
    >>> from explorer.drafts import STARTER
    >>> view = built(STARTER.graph(), "how are you", "words", None)
    >>> view.steps, view.words, view.counts.parameters
    (3, ('how', 'are', 'you'), 340)
    """
    words, _ = read_words(text, unit, SENTENCE)
    dag = unroll(graph, steps or len(words))
    return Unrolled(
        graph=graph,
        dag=dag,
        words=tuple(words) if len(graph.with_role("input")) == 1 else (),
        counts=count(graph, dag),
        cycles=tuple(cycles(graph, MOST_CYCLES)),
        order=tuple(topological_order(dag)),
        generations=generations(dag),
        notes=(),
    )


@dataclass(frozen=True, eq=False)
class Differentiated:
    """A network that has read a sentence, and its gradient, held against central differences.

    Attributes
    ----------
    words : tuple of str
    loss : float
        L, all errors together.
    gradients : mapping of str to array
        ∂L/∂W by parameter.
    entries : int
        How many entries of the gradient were also found from two runs each.
    difference : float
        The largest difference between both, relative to 1 or, if that is more, to the largest entry.
    units : int
        Different words, which is what it reads and says.
    """

    words: tuple[str, ...]
    loss: float
    gradients: Mapping[str, Array]
    entries: int
    difference: float
    units: int

    @property
    def norms(self) -> Mapping[str, float]:
        """‖∂L/∂W‖ by parameter."""
        return {name: float(np.linalg.norm(array)) for name, array in self.gradients.items()}


MOST_CHECKED, _STEP = 6, 1e-5


def differentiated(network: Network) -> Differentiated:
    """Run a network over its sentence, differentiate it, and check some entries.

    Raises
    ------
    UnfitError
        If it reads nothing or is compared with nothing.
    NotFiniteError
        If its values grow without bound.
    """
    view = ran(network)
    weights = dict(view.trace.parameters)
    gradients = backward(view.trace).weights
    rng = np.random.default_rng(0)
    differences = []
    for name in sorted(weights, key=lambda name: -float(np.abs(gradients[name]).max()))[:MOST_CHECKED]:
        at = tuple(int(rng.integers(n)) for n in weights[name].shape)
        ends = []
        for step in (_STEP, -_STEP):
            moved = np.array(weights[name])
            moved[at] += step
            ends.append(forward(view.graph, {**weights, name: moved}, view.reading.inputs, view.reading.targets).loss)
        differences.append(abs(float(gradients[name][at]) - (ends[0] - ends[1]) / (2 * _STEP)))
    largest = max((float(np.abs(g).max()) for g in gradients.values()), default=0.0)
    return Differentiated(
        words=view.reading.shown,
        loss=view.trace.loss,
        gradients=gradients,
        entries=len(differences),
        difference=max(differences, default=0.0) / max(1.0, largest),
        units=len(view.reading.answers),
    )


def view_of(values: Mapping[str, Any]) -> dict[str, str]:
    """What a link would say beside the network, for a file: all that pages share, and what training has been set to.

    Examples
    --------
    >>> defaults = {name: field.default for name, field in SHARED.items()}
    >>> view_of({**defaults, "T": 7})["T"], view_of({**defaults, "T": 7})["init"], "arch" in view_of(defaults)
    ('7', 'orthogonal', False)
    """
    said = {}
    for name, value in values.items():
        is_set = name in SHARED or (name in PAGES["train"] and value != FIELDS[name].default)
        if is_set and name not in OF_THE_NETWORK and value is not None:
            field = FIELDS[name]
            said[name] = field.labels[value] if isinstance(field, Choice) else str(value)
    return said


def name_of(graph: Graph) -> str:
    """Under which a network stands where an architecture could."""
    return documents.to_link(graph)


def script(draft: Draft | Graph, steps: int) -> str:
    """Lines of Python that make the network and its unrolling again."""
    return (
        "import networkx as nx\n\nimport explorer\n\n"
        f"graph = explorer.read_network('''{documents.written(draft)}''')\n"
        f"dag = explorer.unroll(graph, {steps})\n"
        'print(graph.name, "can be unrolled:", nx.is_directed_acyclic_graph(dag))\n'
        "print(explorer.count(graph, dag))\n"
        'print("cycles of the folded graph:", len(explorer.cycles(graph)))\n'
    )
