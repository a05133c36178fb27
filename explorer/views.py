"""What a page shows, computed from its settings: the one way from controls to numbers, with or without a browser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import networkx as nx
import numpy as np

from explorer import architectures
from explorer.applications import APPLICATIONS, shelf
from explorer.cycles import cycles
from explorer.engine.activations import Array
from explorer.engine.forward import forward
from explorer.engine.trace import Trace
from explorer.gates import keep_biases
from explorer.graph import Connection, Graph, Node
from explorer.page_settings.shared import SENTENCE
from explorer.parameters import initialize
from explorer.settings import Network
from explorer.tasks.reading import Reading
from explorer.tasks.text import END, START, Vocabulary, encoder_steps, lay_out, read_words
from explorer.unrolling import Counts, count, generations, topological_order, unroll

MOST_CYCLES = 60


@dataclass(frozen=True, eq=False)
class Unrolled:
    """A network and its unrolling over some steps.

    Attributes
    ----------
    graph : Graph
    dag : networkx.DiGraph
    words : tuple of str
        What stands under the slices.
    counts : Counts
    cycles : tuple of tuple of Connection
        Of the folded graph, at most `MOST_CYCLES`.
    order : tuple of Node
    generations : mapping of Node to int
    notes : tuple of str
        What had to be changed to make the sentence fit.
    """

    graph: Graph
    dag: nx.DiGraph
    words: tuple[str, ...]
    counts: Counts
    cycles: tuple[tuple[Connection, ...], ...]
    order: tuple[Node, ...]
    generations: Mapping[Node, int]
    notes: tuple[str, ...]

    @property
    def steps(self) -> int:
        return int(self.dag.graph["steps"])


@dataclass(frozen=True, eq=False)
class Ran:
    """A network that has read a sentence, with its start and end tokens."""

    graph: Graph
    reading: Reading
    trace: Trace

    def shown(self, layer: str) -> Array:
        """Values of a layer, (T + 1, size), index t; not a number at steps at which it does not exist."""
        values = self.trace[layer][:, 0]
        absent = self.graph[layer].presence.absent(self.trace.steps)
        if absent:
            values = values.copy()
            values[[i + 1 for i in absent]] = np.nan
        return values


def unrolled(network: Network, steps: int | None = None) -> Unrolled:
    """A network, unrolled over some steps, or over one step for each word.

    Examples
    --------
    >>> view = unrolled(Network(text="how are you"))
    >>> view.steps, len(view.cycles), view.counts.nodes
    (3, 1, 12)
    """
    graph, shown, notes = _sliced(network)
    dag = unroll(graph, steps or len(shown))
    return Unrolled(
        graph=graph,
        dag=dag,
        words=shown,
        counts=count(graph, dag),
        cycles=tuple(cycles(graph, MOST_CYCLES)),
        order=tuple(topological_order(dag)),
        generations=generations(dag),
        notes=notes,
    )


def _sliced(network: Network) -> tuple[Graph, tuple[str, ...], tuple[str, ...]]:
    """A network, what stands under its slices, and what had to be changed for that."""
    if network.is_trained:
        reading = shelf.ask(network.trained, network.text).reading
        return trained_graph(network, reading), reading.shown, reading.notes
    words, notes = read_words(network.text, network.unit, SENTENCE)
    graph = _graph(network, words)
    shown = words if len(graph.with_role("input")) == 1 else [*words, END, START, *words]
    return graph, tuple(shown), tuple(notes)


def ran(network: Network) -> Ran:
    """A network, run over its sentence.

    Examples
    --------
    >>> view = ran(Network(text="how are you"))
    >>> view.trace["h"].shape, view.reading.aims[-1]
    ((5, 1, 8), '⟨/s⟩')
    """
    if network.is_trained:
        reading = shelf.ask(network.trained, network.text).reading
        graph = trained_graph(network, reading)
        return Ran(graph, reading, forward(graph, shelf.weights(network.trained), reading.inputs, reading.targets))
    words, notes = read_words(network.text, network.unit, SENTENCE)
    graph = _graph(network, words)
    reading = lay_out(graph, words, Vocabulary.of(words), tuple(notes))
    return Ran(graph, reading, forward(graph, weights_of(network, graph), reading.inputs, reading.targets))


def trained_graph(network: Network, reading: Reading) -> Graph:
    """The network of an application, for what it reads."""
    return APPLICATIONS[network.trained].course.graph(reading.source_steps)


def weights_of(network: Network, graph: Graph) -> Mapping[str, Array]:
    """The parameters that a network's settings ask for.

    The bias is that of the gates which keep the past; where there are none, of every unit inside a loop.
    """
    return initialize(
        graph,
        network.seed,
        recurrent=network.init,
        gain=network.gain,
        spectral_radius=network.radius,
        biases=dict.fromkeys(keep_biases(graph), network.bias),
    )


def _graph(network: Network, words: list[str]) -> Graph:
    units = len(Vocabulary.of(words))
    return architectures.build(
        network.arch,
        inputs=units,
        hidden=network.hidden,
        outputs=units,
        depth=network.depth,
        activation=network.act,
        source_steps=encoder_steps(len(words)),
    )
