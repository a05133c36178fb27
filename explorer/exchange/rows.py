"""An unrolled network as rows, one for each node and each arrow; and rows of a stranger, checked, as a network."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import networkx as nx

from explorer.draft_fields import KINDS, LAYER_FIELDS, kind
from explorer.graph import GraphError, Layer, Node
from explorer.unrolling import Link

MOST_READ, MOST_NODES, MOST_EDGES = 60_000_000, 40_000, 120_000
"""Characters, nodes and arrows of a file."""

MOST_UNITS, MOST_STEPS, MOST_NUMBER, MOST_TITLE = 100_000, 10_000, 100_000, 200
_NAME = re.compile(r"\w[\w .-]{0,63}")

Row = Mapping[str, Any]


def head(dag: nx.DiGraph) -> Row:
    """What is said of the whole."""
    return {"name": dag.graph["name"], "steps": int(dag.graph["steps"])}


def nodes_of(dag: nx.DiGraph) -> Iterator[Row]:
    """A row for each copy of a layer, with all that the layer is."""
    for (name, t), data in dag.nodes(data=True):
        layer: Layer = data["layer"]
        yield {
            "id": f"{name}@{t}",
            "layer": name,
            "t": int(t),
            "initial": bool(data["initial"]),
            "size": int(layer.size),
            "activation": layer.activation,
            "combine": layer.combine,
            "role": layer.role,
            "first": int(layer.presence.first),
            "last": int(layer.presence.last),
            "every": int(layer.presence.every),
            **({} if layer.bias is None else {"bias": layer.bias}),
        }


def edges_of(dag: nx.DiGraph) -> Iterator[Row]:
    """A row for each arrow; parallel ones have one each."""
    for (source, k), (target, t), links in dag.edges(data="links"):
        for link in links:
            yield {
                "source": f"{source}@{k}",
                "target": f"{target}@{t}",
                "connection": link.connection,
                "kind": kind(link),
                "delay": int(t - k),
                **({} if link.weight is None else {"weight": link.weight}),
            }


def _text(value: object) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise GraphError(f"A name is a word of up to 64 letters, digits and underscores; {value!r:.40} was given.")
    return value


def _title(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= MOST_TITLE or not value.isprintable():
        raise GraphError(f"A network's name is a line of 1 to {MOST_TITLE} characters.")
    return value


def _whole(least: int, most: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise GraphError(f"A whole number from {least:,} to {most:,} is expected; {value!r:.40} was given.")
        return value

    return read


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise GraphError(f"'initial' is true or false; {value!r:.40} was given.")
    return value


def _kind(value: object) -> str:
    if value not in KINDS:
        raise GraphError(f"The kind of an arrow is one of {', '.join(KINDS)}; {value!r:.40} was given.")
    return str(value)


_STEP = _whole(-MOST_STEPS, 2 * MOST_STEPS)
_NODE: Mapping[str, Callable[[object], Any]] = MappingProxyType(
    {
        "layer": _text,
        "t": _STEP,
        "initial": _truth,
        # networks that nobody drew have longer names and larger layers than those that a learner can draw
        "size": _whole(1, MOST_UNITS),
        **{name: LAYER_FIELDS[name] for name in ("activation", "combine", "role")},
        **dict.fromkeys(("first", "last", "every"), _STEP),
        "bias": _text,
    }
)
_EDGE: Mapping[str, Callable[[object], Any]] = MappingProxyType(
    {
        "connection": _whole(0, MOST_NUMBER),
        "kind": _kind,
        "delay": _STEP,
        "weight": _text,
    }
)


def built(head: Row, nodes: list[Row], edges: list[Row]) -> nx.DiGraph:
    """The network that the rows of a file describe, each entry checked, and then what they say together."""
    steps = _whole(1, MOST_STEPS)(head.get("steps"))
    dag = nx.DiGraph(name=_title(head.get("name")), steps=steps)
    known: dict[str, Node] = {}
    layers: dict[str, Layer] = {}
    for row in nodes:
        node, layer, is_initial = _node(row)
        if layers.setdefault(layer.name, layer) != layer:
            raise GraphError(f"Copies of layer '{layer.name}' differ in more than their step.")
        if is_initial == (1 <= node[1] <= steps):
            raise GraphError(f"'{layer.name}' at step {node[1]} is initial if, and only if, it lies outside the steps.")
        if not is_initial and node[1] not in layer.presence.steps(steps):
            raise GraphError(f"'{layer.name}' does not exist at step {node[1]}, by its own presence.")
        if str(row.get("id")) in known or node in dag:
            raise GraphError(f"There are two nodes '{layer.name}' at step {node[1]}.")
        known[str(row.get("id"))] = node
        dag.add_node(node, layer=layers[layer.name], initial=is_initial)
    for row in edges:
        _join(dag, known, row)
    if not nx.is_directed_acyclic_graph(dag):
        raise GraphError("The file has a cycle; an unrolled network has none.")
    return dag


def _node(row: Row) -> tuple[Node, Layer, bool]:
    given = _checked(without(row, "id"), _NODE, "A node", {"bias"})
    presence = LAYER_FIELDS["presence"]([given["first"], given["last"], given["every"]])
    named = {name: given[name] for name in ("size", "activation", "combine", "role")}
    layer = Layer(name=given["layer"], bias=given.get("bias"), presence=presence, **named)
    return (layer.name, given["t"]), layer, given["initial"]


def _join(dag: nx.DiGraph, known: Mapping[str, Node], row: Row) -> None:
    ends = [str(row.get("source")), str(row.get("target"))]
    for end in ends:
        if end not in known:
            raise GraphError(f"An arrow joins a node {end!r:.40} that does not exist.")
    source, target = known[ends[0]], known[ends[1]]
    given = _checked(without(row, "source", "target"), _EDGE, "An arrow", {"weight"})
    if given["delay"] != target[1] - source[1]:
        raise GraphError(f"The arrow from {ends[0]} to {ends[1]} says a delay of {given['delay']}.")
    if ("weight" in given) == (given["kind"] == "identity"):
        raise GraphError(f"The arrow from {ends[0]} to {ends[1]} needs a weight, unless it is an identity.")
    link = Link(given["connection"], given.get("weight"), given["kind"] == "diagonal")
    links = dag.edges[source, target]["links"] if dag.has_edge(source, target) else ()
    dag.add_edge(source, target, links=(*links, link))


def _checked(row: Row, table: Mapping[str, Callable[[object], Any]], what: str, optional: set[str]) -> dict[str, Any]:
    if set(row) - set(table) or (set(table) - optional) - set(row):
        raise GraphError(f"{what} has the entries {', '.join(table)}; {', '.join(sorted(row)) or 'none'} were given.")
    return {name: table[name](value) for name, value in row.items()}


def rows_of(found: Row, name: str) -> list[Row]:
    """The list of that name, of rows, not too long."""
    rows = found.get(name)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise GraphError(f"An unrolled network has a list of {name}, each in braces.")
    check_count(rows, name)
    return rows


def check_count(rows: list[Any], name: str) -> None:
    """Refuse more nodes or arrows than a file has."""
    most = {"nodes": MOST_NODES, "edges": MOST_EDGES}[name]
    if len(rows) > most:
        raise GraphError(f"A file has at most {most:,} {name}; this one has {len(rows):,}.")


def check_length(text: str) -> None:
    """Refuse a file that is too long to be looked at."""
    if len(text) > MOST_READ:
        raise GraphError(f"A file has at most {MOST_READ:,} characters; this one has {len(text):,}.")


def without(row: Row, *names: str) -> dict[str, Any]:
    """A row but for some entries."""
    return {name: value for name, value in row.items() if name not in names}
