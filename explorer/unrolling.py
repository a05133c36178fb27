"""Unroll the delay graph over T steps into a networkx DAG, and fold it back.

A connection u → v with delay d becomes (u, t - d) → (v, t). What reaches back before step 1, or beyond step T,
comes from a node that stands for the initial state. A layer that is absent at some step is not read there.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import networkx as nx

from explorer.cycles import components
from explorer.graph import Connection, Graph, GraphError, Layer, Node


def unroll(graph: Graph, steps: int) -> nx.MultiDiGraph:
    """Copy every layer once for each step and join the copies.

    Parameters
    ----------
    graph : Graph
    steps : int
        T, at least 1.

    Returns
    -------
    networkx.MultiDiGraph
        Nodes ``(layer name, t)`` with the attributes ``layer`` (the `Layer`) and ``initial`` (True for a copy before
        step 1 or after step T that only holds the initial state); edges keyed by the connection's index in
        ``graph.connections``, with the attributes ``weight`` and ``diagonal``. The delay is not stored: it *is* the
        difference of the steps.

    Raises
    ------
    GraphError
        If `steps` is less than 1, or the graph has a closed walk of total delay zero.

    Examples
    --------
    >>> from explorer import architectures
    >>> dag = unroll(architectures.build("elman", inputs=4, hidden=3, outputs=4), steps=5)
    >>> nx.is_directed_acyclic_graph(dag), ("h", 0) in dag, dag.number_of_nodes()
    (True, True, 21)
    """
    if steps < 1:
        raise GraphError(f"A network is unrolled over at least 1 step; {steps} was asked for.")
    components(graph)  # refuses an algebraic loop, with its name
    present = {layer.name: layer.presence.steps(steps) for layer in graph.layers}
    dag = nx.MultiDiGraph(name=graph.name, steps=steps)
    for layer in graph.layers:
        dag.add_nodes_from(((layer.name, t) for t in present[layer.name]), layer=layer, initial=False)
    for index, c in enumerate(graph.connections):
        source, target, delay = c.source, c.target, c.delay
        reachable = present[source]
        held = [t - delay for t in present[target] if not 1 <= t - delay <= steps]
        dag.add_nodes_from(((source, t) for t in held), layer=graph[source], initial=True)
        shared = {"weight": c.weight, "diagonal": c.diagonal}
        dag.add_edges_from(
            ((source, t - delay), (target, t), index, shared)
            for t in present[target]
            if t - delay in reachable or not 1 <= t - delay <= steps
        )
    return dag


def fold(dag: nx.MultiDiGraph) -> Graph:
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
    for (source, t_source), (target, t_target), index, data in dag.edges(keys=True, data=True):
        connection = Connection(source, target, data["weight"], data["diagonal"], t_target - t_source)
        if connections.setdefault(index, connection) != connection:
            raise GraphError(
                f"Copies of connection {index} span different delays, so the graph is not an unrolled one: "
                f"{connections[index]} and {connection}."
            )
    return Graph(dag.graph["name"], tuple(layers.values()), tuple(connections[i] for i in sorted(connections)))


def topological_order(dag: nx.MultiDiGraph) -> list[Node]:
    """One order in which every node follows all it reads; early steps first where there is a choice.

    Examples
    --------
    >>> from explorer import architectures
    >>> topological_order(unroll(architectures.build("elman", inputs=2, hidden=3, outputs=2), steps=1))
    [('h', 0), ('x', 1), ('h', 1), ('y', 1), ('E', 1)]
    """
    rank = {node: (node[1], i) for i, node in enumerate(dag)}
    return list(nx.lexicographical_topological_sort(dag, key=rank.__getitem__))


def generations(dag: nx.MultiDiGraph) -> dict[Node, int]:
    """Length of the longest path that ends in each node: nodes of one generation can be computed together."""
    return {node: number for number, nodes in enumerate(nx.topological_generations(dag)) for node in nodes}


@dataclass(frozen=True, slots=True)
class Counts:
    """What an unrolled network consists of.

    Attributes
    ----------
    nodes, initial_nodes, edges : int
        Copies of layers, nodes that hold an initial state (not among `nodes`), and edges.
    parameters : int
        Trainable numbers: the same for every T.
    uses : dict of str to int
        How many edges (or, for a bias, nodes) share each parameter.
    """

    nodes: int
    initial_nodes: int
    edges: int
    parameters: int
    uses: dict[str, int]


def count(graph: Graph, dag: nx.MultiDiGraph) -> Counts:
    """Count what the unrolled graph really holds.

    Examples
    --------
    >>> from explorer import architectures
    >>> graph = architectures.build("elman", inputs=4, hidden=3, outputs=4)
    >>> short, long = (count(graph, unroll(graph, steps)) for steps in (2, 20))
    >>> short.parameters == long.parameters, short.uses["W_hh"], long.uses["W_hh"]
    (True, 2, 20)
    """
    uses = Counter(weight for *_, weight in dag.edges(data="weight") if weight is not None)
    initial = 0
    for _, data in dag.nodes(data=True):
        initial += data["initial"]
        if data["layer"].bias is not None and not data["initial"]:
            uses[data["layer"].bias] += 1
    return Counts(
        nodes=dag.number_of_nodes() - initial,
        initial_nodes=initial,
        edges=dag.number_of_edges(),
        parameters=sum(_product(shape) for shape in graph.parameter_shapes.values()),
        uses={name: uses[name] for name in graph.parameter_shapes},
    )


def _product(shape: tuple[int, ...]) -> int:
    total = 1
    for length in shape:
        total *= length
    return total
