"""Cycles of the delay graph: which it has, whether they can be unrolled, and what must be looped over time.

A delay graph can be unrolled exactly when no closed walk has total delay zero, which means: inside each
strongly connected component all cycles point forward in time, or all backward.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice, pairwise, product

import networkx as nx

from explorer.graph import Connection, Graph, GraphError, ReadOnly


class LoopError(GraphError):
    """A closed walk has total delay zero.

    Attributes
    ----------
    connections : frozenset of Connection
        Those of the walks that the sentence names.
    """

    def __init__(self, sentence: str, connections: Iterable[Connection]) -> None:
        super().__init__(sentence)
        self.connections = frozenset(connections)


@dataclass(frozen=True, slots=True)
class Component:
    """A strongly connected component of the folded graph, ready to be put in order.

    Copy (v, t) of a layer belongs to tick ``direction * t + lags[v]``. Ticks are computed in ascending order and,
    inside one, layers in the order of `layers`; then everything a copy reads has been computed before it.

    Attributes
    ----------
    layers : tuple of str
        In the order in which one tick computes them.
    direction : {0, 1, -1}
        0 without a cycle (all steps can be computed at once), 1 if its cycles point forward in time, -1 if backward.
    lags : mapping of str to int
        By layer. All zero unless the component mixes delays of both signs (retiming, Leiserson and
        Saxe 1991: shift each layer in time until no delay is negative).
    """

    layers: tuple[str, ...]
    direction: int
    lags: Mapping[str, int] = field(hash=False)


@lru_cache(maxsize=256)
def components(graph: Graph) -> tuple[Component, ...]:
    """Strongly connected components in an order in which they can be computed.

    Raises
    ------
    GraphError
        If some closed walk has total delay zero. The sentence names the walk.

    Examples
    --------
    >>> from explorer.graph import Layer
    >>> layers = Layer("x", 2, role="input"), Layer("h", 3, "tanh")
    >>> graph = Graph("Elman", layers, (Connection("x", "h", "W_xh"), Connection("h", "h", "W_hh", delay=1)))
    >>> [(part.layers, part.direction) for part in components(graph)]
    [(('x',), 0), (('h',), 1)]
    """
    rank = {layer.name: i for i, layer in enumerate(graph.layers)}
    folded = nx.DiGraph((c.source, c.target) for c in graph.connections)
    folded.add_nodes_from(rank)
    condensed = nx.condensation(folded)

    def first_declared(number: int) -> int:
        return min(rank[name] for name in condensed.nodes[number]["members"])

    order = nx.lexicographical_topological_sort(condensed, key=first_declared)
    return tuple(_component(graph, condensed.nodes[number]["members"], rank) for number in order)


def cycles(graph: Graph, limit: int = 60) -> list[tuple[Connection, ...]]:
    """Simple cycles of the folded graph, each as the connections it runs along; at most `limit` of them.

    Examples
    --------
    >>> from explorer.graph import Layer
    >>> taps = Connection("h", "h", "W_1", delay=1), Connection("h", "h", "W_2", delay=2)
    >>> [walk(cycle) for cycle in cycles(Graph("tapped", (Layer("h", 3, "tanh"),), taps))]
    ["'h' → 'h'", "'h' → 'h'"]
    """
    between: dict[tuple[str, str], list[Connection]] = {}
    for c in graph.connections:
        between.setdefault((c.source, c.target), []).append(c)

    def found() -> Iterator[tuple[Connection, ...]]:
        for names in nx.simple_cycles(nx.DiGraph(between.keys())):
            yield from product(*(between[pair] for pair in pairwise([*names, names[0]])))

    return list(islice(found(), limit))


def rows(graph: Graph) -> list[list[str]]:
    """Layers by the length of the longest path without delay that leads to them.

    Examples
    --------
    >>> from explorer import architectures
    >>> rows(architectures.build("elman", inputs=2, hidden=3, outputs=2))
    [['x'], ['h'], ['y'], ['E']]
    """
    direct = nx.DiGraph()
    direct.add_nodes_from(layer.name for layer in graph.layers)
    direct.add_edges_from((c.source, c.target) for c in graph.connections if c.delay == 0)
    return [list(row) for row in nx.topological_generations(direct)]


def walk(connections: Iterable[Connection]) -> str:
    """Write a walk along connections as text: ``'h' → 'c' → 'h'``."""
    steps = list(connections)
    return " → ".join(f"'{name}'" for name in [steps[0].source, *(c.target for c in steps)])


def total_delay(connections: Iterable[Connection]) -> int:
    """Sum of the delays along a walk."""
    return sum(c.delay for c in connections)


def _component(graph: Graph, members: set[str], rank: dict[str, int]) -> Component:
    inside = [c for c in graph.connections if c.source in members and c.target in members]
    if not inside:
        return Component(tuple(members), 0, ReadOnly(dict.fromkeys(members, 0)))
    against = {}
    for direction in (1, -1):
        offending = _cycle_without_progress(inside, direction)
        if offending is None:
            return _in_order(members, inside, direction, rank)
        against[direction] = offending
    raise _refusal(against[1], against[-1])


def _cycle_without_progress(inside: list[Connection], direction: int) -> tuple[Connection, ...] | None:
    """A cycle whose total delay, seen in one direction of time, is zero or less; None if there is none.

    Bellman and Ford's search for a negative cycle, with many · delay - 1 as the length of a connection: a cycle of n of
    them is many · its delay - n long, which is negative exactly when its delay is not positive.
    """
    many = len(inside) + 1
    nearest = dict.fromkeys((c.source for c in inside), 0)  # every layer of a component is the source of something
    via: dict[str, Connection] = {}
    reached = ""  # no layer has an empty name
    for _ in nearest:
        reached = ""
        for c in inside:
            length = nearest[c.source] + many * direction * c.delay - 1
            if length < nearest[c.target]:
                nearest[c.target], via[c.target], reached = length, c, c.target
        if not reached:
            return None
    for _ in nearest:  # after so many steps back one is on the cycle itself
        reached = via[reached].source
    cycle = [via[reached]]
    while cycle[-1].source != reached:
        cycle.append(via[cycle[-1].source])
    return tuple(reversed(cycle))


def _in_order(members: set[str], inside: list[Connection], direction: int, rank: dict[str, int]) -> Component:
    delays = nx.DiGraph()
    start = ""  # no layer has an empty name
    delays.add_weighted_edges_from((start, name, 0) for name in members)
    for c in inside:
        known = delays.get_edge_data(c.source, c.target, {"weight": direction * c.delay})["weight"]
        delays.add_edge(c.source, c.target, weight=min(known, direction * c.delay))
    earliest = nx.single_source_bellman_ford_path_length(delays, start)
    lag = {name: -earliest[name] for name in members}
    same_tick = nx.DiGraph()
    same_tick.add_nodes_from(members)
    same_tick.add_edges_from(
        (c.source, c.target) for c in inside if direction * c.delay + lag[c.target] - lag[c.source] == 0
    )
    layers = tuple(nx.lexicographical_topological_sort(same_tick, key=rank.__getitem__))
    return Component(layers, direction, ReadOnly({name: lag[name] for name in layers}))


def _refusal(forward: tuple[Connection, ...], backward: tuple[Connection, ...]) -> LoopError:
    for cycle in (forward, backward):
        if total_delay(cycle) == 0:
            sentence = f"{walk(cycle)} has total delay 0: an algebraic loop; give one connection a delay."
            return LoopError(sentence, cycle)
    sentence = (
        f"{walk(backward)} has total delay {total_delay(backward)} and {walk(forward)} has total delay "
        f"{total_delay(forward)}: each needs the other's result, and a closed walk along both has total delay 0 "
        "(an algebraic loop); let all cycles that meet point the same way in time."
    )
    return LoopError(sentence, (*forward, *backward))
