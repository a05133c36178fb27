"""The unrolled network as GraphML and JSON: what is written is read back equal, and nothing else is read."""

from __future__ import annotations

import json
import re
from itertools import product
from xml.etree import ElementTree

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.architectures import ARCHITECTURES, build
from explorer.drafts import STARTER
from explorer.exchange import read_graphml, read_json, write_graphml, write_json
from explorer.graph import Connection, Graph, GraphError, Layer
from explorer.unrolling import fold, unroll
from tests.strategies import delay_graphs

WAYS = {"json": (write_json, read_json), "graphml": (write_graphml, read_graphml)}
GRAPH = build("lstm_peephole", inputs=3, hidden=2, outputs=3)
DAG = unroll(GRAPH, 3)


def assert_equal(one: nx.DiGraph, other: nx.DiGraph) -> None:
    assert one.graph == other.graph
    assert list(one.nodes(data=True)) == list(other.nodes(data=True))
    assert list(one.edges(data=True)) == list(other.edges(data=True))


def assert_folds_alike(one: nx.DiGraph, other: nx.DiGraph) -> None:
    """Over too few steps for every connection to have a copy, neither is a network."""
    try:
        folded = fold(other)
    except GraphError as error:
        with pytest.raises(GraphError, match=re.escape(str(error))):
            fold(one)
    else:
        assert fold(one) == folded


@pytest.mark.parametrize("way", WAYS)
@settings(deadline=None, max_examples=20)
@given(graph=delay_graphs(), steps=st.integers(1, 9))
def test_any_network_comes_back_equal(way, graph, steps):
    write, read = WAYS[way]
    dag = unroll(graph, steps)
    again = read(write(dag))
    assert_equal(again, dag)
    assert_folds_alike(again, dag)


@pytest.mark.parametrize(("way", "name", "depth"), [*product(WAYS, ARCHITECTURES, (1, 2))])
def test_every_architecture_comes_back_and_folds(way, name, depth):
    write, read = WAYS[way]
    graph = build(name, inputs=3, hidden=2, outputs=3, depth=depth)
    dag = unroll(graph, 7)
    again = read(write(dag))
    assert_equal(again, dag)
    assert fold(again) == graph


@pytest.mark.parametrize("way", WAYS)
def test_what_is_drawn_parallel_shared_and_strangely_named_comes_back(way):
    layers = (Layer("x", 2, role="input"), Layer("h", 2, "tanh", bias="b", role="state"))
    two = (Connection("h", "h", "A", delay=1), Connection("h", "h", "w", diagonal=True, delay=1))
    graph = Graph('<&> "ﬂ" 名', layers, (Connection("x", "h", "A"), *two, Connection("h", "h", delay=-1 + 3)))
    write, read = WAYS[way]
    for each in (graph, STARTER.graph()):
        assert fold(read(write(unroll(each, 5)))) == each


def test_other_programs_read_the_graphml():
    """networkx's own reader finds the same nodes and arrows, and what it saves anew is still read."""
    theirs = nx.parse_graphml(write_graphml(DAG), force_multigraph=True)
    assert theirs.number_of_nodes() == DAG.number_of_nodes()
    assert theirs.number_of_edges() == sum(len(links) for *_, links in DAG.edges(data="links"))
    node = theirs.nodes["h@2"]
    assert (node["layer"], node["t"], node["size"], node["initial"], node["role"]) == ("h", 2, 2, False, "state")
    assert {d["weight"] for *_, d in theirs.in_edges("i@2", data=True)} == {"W_xi", "W_hi", "W_ci"}
    assert {d["delay"] for *_, d in theirs.in_edges("i@2", data=True)} == {0, 1}
    theirs.graph.update(name=DAG.graph["name"], steps=3)
    assert_equal(read_graphml("\n".join(nx.generate_graphml(theirs))), DAG)


def test_json_is_what_anybody_would_expect():
    found = json.loads(write_json(DAG))
    assert (found["format"], found["version"], found["steps"]) == ("unroll dag", 1, 3)
    node = next(row for row in found["nodes"] if row["id"] == "c@0")
    assert (node["layer"], node["t"], node["initial"], node["activation"]) == ("c", 0, True, "identity")
    kinds = {(row["source"], row["target"]): row["kind"] for row in found["edges"]}
    assert (kinds["x@1", "i@1"], kinds["c@0", "i@1"], kinds["c@1", "m@1"]) == ("matrix", "diagonal", "identity")


WRONG = {
    "step": lambda d: d["nodes"][0].update(t=2.5),
    "truth": lambda d: d["nodes"][0].update(t=True),
    "size": lambda d: d["nodes"][0].update(size=0),
    "huge": lambda d: d["nodes"][0].update(size=10**9),
    "role": lambda d: d["nodes"][0].update(role="boss"),
    "combine": lambda d: d["nodes"][0].update(combine="max"),
    "activation": lambda d: d["nodes"][0].update(activation="__import__"),
    "bias": lambda d: d["nodes"][3].update(bias="<b>"),
    "name": lambda d: d["nodes"][0].update(layer="a" * 100),
    "copies": lambda d: d["nodes"][0].update(size=9),
    "initial": lambda d: d["nodes"][0].update(initial=True),
    "twice": lambda d: d["nodes"].append(d["nodes"][0]),
    "more": lambda d: d["nodes"][0].update(colour="red"),
    "less": lambda d: d["nodes"][0].pop("size"),
    "absent": lambda d: d["nodes"][0].update(first=-1),
    "nowhere": lambda d: d["edges"][0].update(source="q@1"),
    "named": lambda d: d["nodes"][0].update(id={}),
    "listed": lambda d: d["edges"][0].update(source=["x@1"]),
    "delay": lambda d: d["edges"][0].update(delay=7),
    "kind": lambda d: d["edges"][0].update(kind="spline"),
    "weightless": lambda d: d["edges"][0].pop("weight"),
    "connection": lambda d: d["edges"][0].update(connection=-1),
    "cycle": lambda d: d["edges"].append({**d["edges"][0], "source": d["edges"][0]["target"], "target": "x@1"}),
    "steps": lambda d: d.update(steps=10**9),
    "title": lambda d: d.update(name="two\nlines"),
    "nodes": lambda d: d.update(nodes={"x@1": {}}),
    "format": lambda d: d.update(format="unroll network"),
    "version": lambda d: d.update(version=2),
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
def test_json_that_is_wrong_is_refused_in_a_sentence(change):
    found = json.loads(write_json(DAG))
    change(found)
    with pytest.raises(GraphError, match=r"\.$"):
        read_json(json.dumps(found))


@pytest.mark.parametrize("text", ["", "[]", "nothing", "[" * 100_000, '{"format": NaN}', "null"])
def test_what_is_no_file_of_ours_is_refused(text):
    for read in (read_json, read_graphml):
        with pytest.raises(GraphError, match=r"\.$"):
            read(text)


BOMB = '<?xml version="1.0"?><!DOCTYPE g [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><graphml>&b;</graphml>'
OUTSIDE = '<!DOCTYPE g SYSTEM "file:///etc/passwd"><graphml/>'


@pytest.mark.parametrize("text", [BOMB, OUTSIDE, BOMB.replace("<?xml version", "\ufeff<?xml version")])
def test_no_declaration_and_no_entity_is_ever_read(text):
    with pytest.raises(GraphError, match="document type"):
        read_graphml(text)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("directed", "undirected"),
        ('<data key="node_t">1', '<data key="node_t">1e3'),
        ('<data key="node_t">1', '<data key="node_q">1'),
        ("graphml.graphdrawing.org", "example.com"),
        ("<node", "<x:node"),
        ('source="x@1"', 'source="x@9"'),
    ],
)
def test_graphml_that_is_wrong_is_refused_in_a_sentence(old, new):
    text = write_graphml(DAG)
    assert old in text
    with pytest.raises(GraphError, match=r"\.$"):
        read_graphml(text.replace(old, new))


def test_files_have_a_limit(monkeypatch):
    for name, most in (("MOST_READ", 100), ("MOST_NODES", 3), ("MOST_EDGES", 3)):
        monkeypatch.setattr(f"explorer.exchange.rows.{name}", most)
        for write, read in WAYS.values():
            with pytest.raises(GraphError, match="at most"):
                read(write(DAG))
        monkeypatch.undo()


def test_comments_do_no_harm():
    text = write_graphml(DAG).replace("<graph ", "<!-- a note --><graph ", 1)
    assert_equal(read_graphml(text), DAG)
    assert ElementTree.fromstring(text).tag.endswith("graphml")
