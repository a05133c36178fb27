"""Unroll the delay graph over T steps into a networkx DAG, and fold it back.

A connection u → v with delay d becomes (u, t - d) → (v, t). What reaches back before step 1, or beyond step T,
comes from a node that stands for the initial state. A layer that is absent at some step is not read there.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

import networkx as nx

from explorer.cycles import components
from explorer.graph import Connection, Graph, GraphError, Layer, Node, ReadOnly, is_whole


class Link(NamedTuple):
    """What an edge stands for: a connection of the folded graph, by its place in the list, without its delay."""

    connection: int
    weight: str | None
    diagonal: bool


def unroll(graph: Graph, steps: int) -> nx.DiGraph:
    """Copy every layer once for each step and join the copies.

    Parameters
    ----------
    graph : Graph
    steps : int
        T, at least 1.

    Returns
    -------
    networkx.DiGraph
        Nodes ``(layer name, t)`` with the attributes ``layer`` (the `Layer`) and ``initial`` (True for a copy before
        step 1 or after step T that only holds the initial state); edges with the attribute ``links``, a tuple of
        `Link`, one for each connection that runs there (several only if the graph has parallel ones). The delay is
        not stored: it *is* the difference of the steps.

    Raises
    ------
    GraphError
        If `steps` is no whole number from 1 on, or the graph has a closed walk of total delay zero.

    Examples
    --------
    >>> from explorer import architectures
    >>> dag = unroll(architectures.build("elman", inputs=4, hidden=3, outputs=4), steps=5)
    >>> nx.is_directed_acyclic_graph(dag), ("h", 0) in dag, dag.number_of_nodes()
    (True, True, 21)
    """
    if not is_whole(steps):
        raise GraphError(f"A network is unrolled over a whole number of steps; {steps!r} was asked for.")
    if steps < 1:
        raise GraphError(f"A network is unrolled over at least 1 step; {steps} was asked for.")
    components(graph)  # refuses an algebraic loop, with its name
    with _collector_paused():
        return _unrolled(graph, steps)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """No garbage collection in between: every dictionary of a large graph is new, and all of them stay.

    The switch belongs to the whole process; two threads at worst end each other's pause early.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _unrolled(graph: Graph, steps: int) -> nx.DiGraph:
    dag = nx.DiGraph(name=graph.name, steps=steps)
    # one tuple for each copy, shared by its node and all its edges: half the time of a long unrolling is memory
    copies = {layer.name: {t: (layer.name, t) for t in layer.presence.steps(steps)} for layer in graph.layers}
    for layer in graph.layers:
        dag.add_nodes_from(copies[layer.name].values(), layer=layer, initial=False)
    for (source, target, delay), links in _parallel(graph).items():
        outside = [t - delay for t in copies[target] if not 1 <= t - delay <= steps]
        held = {t: (source, t) for t in outside}
        dag.add_nodes_from(held.values(), layer=graph[source], initial=True)
        sources = {**copies[source], **held}
        dag.add_edges_from(
            ((sources[t - delay], copy) for t, copy in copies[target].items() if t - delay in sources), links=links
        )
    return dag


def _parallel(graph: Graph) -> dict[tuple[str, str, int], tuple[Link, ...]]:
    """Connections by where they run: those alike in source, target and delay share an edge."""
    found: dict[tuple[str, str, int], tuple[Link, ...]] = {}
    for index, c in enumerate(graph.connections):
        place = (c.source, c.target, c.delay)
        found[place] = (*found.get(place, ()), Link(index, c.weight, c.diagonal))
    return found


def fold(dag: nx.DiGraph) -> Graph:
    """Merge the copies of each layer again: drop t, keep the difference of the steps as the delay.

    The inverse of `unroll` whenever T is large enough for every connection to have a copy.

    Examples
    --------
    >>> from explorer import architectures
    >>> graph = architectures.build("lstm", inputs=4, hidden=3, outputs=4)
    >>> fold(unroll(graph, steps=3)) == graph
    True
    """
    layers: dict[str, Layer] = {}
    for (name, _), layer in dag.nodes(data="layer"):
        layers.setdefault(name, layer)
    connections: dict[int, Connection] = {}
    for (source, t_source), (target, t_target), links in dag.edges(data="links"):
        for link in links:
            connection = Connection(source, target, link.weight, link.diagonal, t_target - t_source)
            if connections.setdefault(link.connection, connection) != connection:
                raise GraphError(
                    f"Copies of connection {link.connection} span different delays, so this is no unrolled graph: "
                    f"{connections[link.connection]} and {connection}."
                )
    return Graph(dag.graph["name"], tuple(layers.values()), tuple(connections[i] for i in sorted(connections)))


def topological_order(dag: nx.DiGraph) -> list[Node]:
    """One order in which every node follows all it reads; early steps first where there is a choice.

    Examples
    --------
    >>> from explorer import architectures
    >>> topological_order(unroll(architectures.build("elman", inputs=2, hidden=3, outputs=2), steps=1))
    [('h', 0), ('x', 1), ('h', 1), ('y', 1), ('E', 1)]
    """
    rank = {node: (node[1], i) for i, node in enumerate(dag)}
    return list(nx.lexicographical_topological_sort(dag, key=rank.__getitem__))


def generations(dag: nx.DiGraph) -> dict[Node, int]:
    """Length of the longest path that ends in each node: nodes of one generation can be computed together."""
    return {node: number for number, nodes in enumerate(nx.topological_generations(dag)) for node in nodes}


@dataclass(frozen=True, slots=True)
class Counts:
    """What an unrolled network consists of.

    Attributes
    ----------
    nodes, initial_nodes, edges : int
        Copies of layers, nodes that hold an initial state (not among `nodes`), and links: parallel connections share
        an edge of the DAG and are counted one by one here.
    parameters : int
        Trainable numbers: the same for every T.
    uses : mapping of str to int
        How many edges (or, for a bias, nodes) share each parameter.
    """

    nodes: int
    initial_nodes: int
    edges: int
    parameters: int
    uses: Mapping[str, int]


def count(graph: Graph, dag: nx.DiGraph) -> Counts:
    """Count what the unrolled graph really holds.

    Examples
    --------
    >>> from explorer import architectures
    >>> graph = architectures.build("elman", inputs=4, hidden=3, outputs=4)
    >>> short, long = (count(graph, unroll(graph, steps)) for steps in (2, 20))
    >>> short.parameters == long.parameters, short.uses["W_hh"], long.uses["W_hh"]
    (True, 2, 20)
    """
    links = [link for *_, run in dag.edges(data="links") for link in run]
    uses = Counter(link.weight for link in links if link.weight is not None)
    initial = 0
    for _, data in dag.nodes(data=True):
        initial += data["initial"]
        if data["layer"].bias is not None and not data["initial"]:
            uses[data["layer"].bias] += 1
    return Counts(
        nodes=dag.number_of_nodes() - initial,
        initial_nodes=initial,
        edges=len(links),
        parameters=graph.parameter_count,
        uses=ReadOnly({name: uses[name] for name in graph.parameter_shapes}),
    )
