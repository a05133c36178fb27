"""Rows of an unrolled network as the text of a file, and back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

import networkx as nx

from explorer.exchange.rows import Row, built, check_count, check_length, edges_of, head, nodes_of, rows_of, without
from explorer.graph import GraphError

FORMAT, VERSION = "unroll dag", 1
_NAMESPACE = "{http://graphml.graphdrawing.org/xmlns}"
_DECLARATION = re.compile(r"<!(?!--)")


def write_json(dag: nx.DiGraph) -> str:
    """An unrolled network as JSON, a line for each node and each arrow.

    Parameters
    ----------
    dag : networkx.DiGraph
        As `explorer.unroll` makes it.

    Examples
    --------
    >>> from explorer import architectures
    >>> from explorer.unrolling import fold, unroll
    >>> graph = architectures.build("elman", inputs=2, hidden=3, outputs=2)
    >>> text = write_json(unroll(graph, 2))
    >>> print(next(line for line in text.splitlines() if "W_hh" in line))
    {"source": "h@1", "target": "h@2", "connection": 1, "kind": "matrix", "delay": 1, "weight": "W_hh"},
    >>> fold(read_json(text)) == graph
    True
    """
    parts = [f'"format": {json.dumps(FORMAT)}', f'"version": {VERSION}']
    parts += [f'"{name}": {json.dumps(value)}' for name, value in head(dag).items()]
    for name, rows in (("nodes", nodes_of(dag)), ("edges", edges_of(dag))):
        parts.append(f'"{name}": [\n' + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]")
    return "{" + ",\n".join(parts) + "}\n"


def read_json(text: str) -> nx.DiGraph:
    """The unrolled network in a text that `write_json` has made.

    Raises
    ------
    GraphError
        If it is no such text; the sentence says what is wrong.
    """
    check_length(text)
    try:
        found = json.loads(text, parse_constant=_refused)
    except (ValueError, RecursionError):
        raise GraphError("This is no unrolled network: a file in JSON is expected, as the explorer saves it.") from None
    if not isinstance(found, dict) or (found.get("format"), found.get("version")) != (FORMAT, VERSION):
        raise GraphError(f"This is no unrolled network: its entry 'format' has to be '{FORMAT}', version {VERSION}.")
    return built(found, rows_of(found, "nodes"), rows_of(found, "edges"))


def write_graphml(dag: nx.DiGraph) -> str:
    """An unrolled network as GraphML, which Gephi, yEd, Cytoscape and networkx read.

    Examples
    --------
    >>> from explorer import architectures
    >>> from explorer.unrolling import fold, unroll
    >>> dag = unroll(architectures.build("lstm", inputs=2, hidden=3, outputs=2), 2)
    >>> again = read_graphml(write_graphml(dag))
    >>> list(again.nodes(data=True)) == list(dag.nodes(data=True)), fold(again) == fold(dag)
    (True, True)
    """
    ElementTree.register_namespace("", _NAMESPACE.strip("{}"))
    root = ElementTree.Element(f"{_NAMESPACE}graphml")
    graph = ElementTree.Element(f"{_NAMESPACE}graph", id="G", edgedefault="directed")
    keys: dict[tuple[str, str], str] = {}

    def attach(element: ElementTree.Element, of: str, row: Row) -> None:
        for name, value in row.items():
            if (of, name) not in keys:
                keys[of, name] = f"{of}_{name}"
                kind = {bool: "boolean", int: "int"}.get(type(value), "string")
                given = {"id": f"{of}_{name}", "for": of, "attr.name": name, "attr.type": kind}
                ElementTree.SubElement(root, f"{_NAMESPACE}key", given)
            data = ElementTree.SubElement(element, f"{_NAMESPACE}data", key=keys[of, name])
            data.text = str(value).lower() if isinstance(value, bool) else str(value)

    attach(graph, "graph", head(dag))
    for row in nodes_of(dag):
        attach(ElementTree.SubElement(graph, f"{_NAMESPACE}node", id=row["id"]), "node", without(row, "id"))
    for row in edges_of(dag):
        ends = {"source": row["source"], "target": row["target"]}
        attach(ElementTree.SubElement(graph, f"{_NAMESPACE}edge", ends), "edge", without(row, "source", "target"))
    root.append(graph)
    ElementTree.indent(root, " ")
    return "<?xml version='1.0' encoding='utf-8'?>\n" + ElementTree.tostring(root, encoding="unicode") + "\n"


def read_graphml(text: str) -> nx.DiGraph:
    """The unrolled network in a text that `write_graphml` has made, also after another program has saved it anew.

    Raises
    ------
    GraphError
        If it is no such text; the sentence says what is wrong. Declarations, and with them entities, are refused.
    """
    check_length(text)
    if _DECLARATION.search(text):
        raise GraphError("The file declares a document type; remove everything that begins with '<!'.")
    try:
        root = ElementTree.fromstring(text.encode())
    except (ElementTree.ParseError, ValueError, LookupError):
        raise GraphError(
            "This is no unrolled network: a file in GraphML is expected, as the explorer saves it."
        ) from None
    graph = root.find(f"{_NAMESPACE}graph")
    if root.tag != f"{_NAMESPACE}graphml" or graph is None or graph.get("edgedefault") != "directed":
        raise GraphError("This is no unrolled network: the root of GraphML with one directed graph is expected.")
    keys = {key.get("id"): (key.get("attr.name"), key.get("attr.type")) for key in root.iter(f"{_NAMESPACE}key")}

    def rows(kind: str) -> list[Row]:
        found = graph.findall(f"{_NAMESPACE}{kind}")
        check_count(found, f"{kind}s")
        return [{**without(element.attrib, "id" * (kind == "edge")), **_attached(element, keys)} for element in found]

    return built(_attached(graph, keys), rows("node"), rows("edge"))


def _attached(element: ElementTree.Element, keys: Mapping[Any, tuple[Any, Any]]) -> Row:
    """What hangs on an element, by name, in the type that the file gives it."""
    found: dict[str, Any] = {}
    for data in element.findall(f"{_NAMESPACE}data"):
        name, kind = keys.get(data.get("key"), (None, None))
        text = data.text or ""
        if not name:
            raise GraphError(f"The file uses a key {data.get('key')!r:.40} that it does not explain.")
        if kind in ("int", "long"):
            if not re.fullmatch(r"-?\d{1,9}", text):
                raise GraphError(f"'{name:.40}' is a whole number; {text!r:.40} was given.")
            found[name] = int(text)
        else:
            found[name] = text.lower() == "true" if kind == "boolean" else text
    return found


def _refused(constant: str) -> Any:
    raise ValueError(constant)
