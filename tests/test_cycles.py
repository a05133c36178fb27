"""Which delay graphs can be unrolled: exactly those without a closed walk of total delay zero."""

from __future__ import annotations

import re
from itertools import pairwise, product

import networkx as nx
import pytest
from hypothesis import given, settings

from explorer import architectures
from explorer.cycles import components, cycles, total_delay, walk
from explorer.graph import Connection, Graph, GraphError, Layer
from explorer.unrolling import unroll
from tests.strategies import any_delay_graphs, delay_graphs, illegal_graphs

LAW = settings(deadline=None)


def simple_cycles(graph: Graph) -> list[tuple[Connection, ...]]:
    """Every simple cycle with every choice among parallel connections, by depth-first search from its least layer."""
    rank = {layer.name: i for i, layer in enumerate(graph.layers)}
    found = []

    def go(start: str, path: tuple[Connection, ...]) -> None:
        at = path[-1].target if path else start
        for c in graph.outgoing(at):
            if c.target == start:
                found.append((*path, c))
            elif rank[c.target] > rank[start] and c.target not in {p.target for p in path}:
                go(start, (*path, c))

    for layer in graph.layers:
        go(layer.name, ())
    return found


def is_legal(graph: Graph) -> bool:
    """In each strongly connected component, all simple cycles point forward in time or all backward."""
    folded = nx.DiGraph((c.source, c.target) for c in graph.connections)
    for members in nx.strongly_connected_components(folded):
        signs = {(d > 0) - (d < 0) for d in (total_delay(c) for c in simple_cycles(graph) if c[0].source in members)}
        if len(signs) > 1 or 0 in signs:
            return False
    return True


def line(*links: tuple[str, str, int]) -> Graph:
    """A graph of tanh layers from (source, target, delay)."""
    names = dict.fromkeys(name for source, target, _ in links for name in (source, target))
    connections = (Connection(s, t, f"W{i}", delay=d) for i, (s, t, d) in enumerate(links))
    return Graph("line", tuple(Layer(name, 2, "tanh") for name in names), tuple(connections))


# Many cycles through one layer, some of them negative: a search that is cut short misses those.
TANGLED = [
    [(link[0], link[1], int(link[2:])) for link in links.split()]
    for links in (
        "20-2 520 310 133 343 112 150 030 033 411 511 100 421 35-2 553",
        "24-1 55-1 553 210 203 431 410 113 320 02-1 30-1 30-1 441 121",
    )
]


class TestLegality:
    """`components` refuses a graph exactly when it has an algebraic loop."""

    @given(any_delay_graphs())
    @settings(LAW, max_examples=400)
    def test_refused_if_and_only_if_a_closed_walk_stands_still(self, graph):
        if is_legal(graph):
            components(graph)
        else:
            with pytest.raises(GraphError):
                components(graph)

    @given(delay_graphs())
    @settings(LAW, max_examples=100)
    def test_graphs_legal_by_construction_are_accepted(self, graph):
        assert is_legal(graph)
        components(graph)

    @given(illegal_graphs())
    @settings(LAW, max_examples=200)
    def test_graphs_illegal_by_construction_are_refused_naming_the_walk(self, graph):
        assert not is_legal(graph)
        with pytest.raises(GraphError) as refused:
            components(graph)
        assert_names_an_offending_walk(graph, str(refused.value))
        with pytest.raises(GraphError, match=re.escape(str(refused.value))):
            unroll(graph, 3)

    @given(any_delay_graphs())
    @settings(LAW, max_examples=300)
    def test_every_refusal_names_the_walk(self, graph):
        if not is_legal(graph):
            with pytest.raises(GraphError) as refused:
                components(graph)
            assert_names_an_offending_walk(graph, str(refused.value))

    @pytest.mark.parametrize(
        ("links", "words"),
        [
            ([("h", "h", 0)], ["'h' → 'h' has total delay 0: an algebraic loop; give one connection a delay."]),
            ([("h", "c", 0), ("c", "h", 0)], ["has total delay 0", "'h' → 'c'", "'c' → 'h'"]),
            ([("h", "c", 2), ("c", "h", -2)], ["has total delay 0", "'h' → 'c'", "'c' → 'h'"]),
            ([("h", "h", 1), ("h", "h", -1)], ["'h' → 'h'", "1", "-1", "algebraic loop"]),
            (
                [("a", "b", 1), ("b", "a", 1), ("b", "c", -2), ("c", "b", 1)],
                ["has total delay 2", "has total delay -1", "point the same way in time"],
            ),
        ],
    )
    def test_by_example(self, links, words):
        with pytest.raises(GraphError) as refused:
            components(line(*links))
        assert [word for word in words if word not in str(refused.value)] == [], str(refused.value)

    @pytest.mark.parametrize("links", TANGLED)
    def test_a_tangle_is_refused_in_a_sentence(self, links):
        graph = line(*links)
        assert not is_legal(graph)
        with pytest.raises(GraphError) as refused:
            components(graph)
        assert_names_an_offending_walk(graph, str(refused.value))

    def test_a_legal_part_does_not_excuse_an_illegal_one(self):
        with pytest.raises(GraphError, match=r"'c' → 'c' has total delay 0"):
            components(line(("a", "a", 1), ("a", "b", 0), ("b", "c", 0), ("c", "c", 0)))


def assert_names_an_offending_walk(graph: Graph, sentence: str) -> None:
    """Each walk named is closed, exists, and can have the total delay given; their signs make the offence."""
    assert sentence.endswith(".")
    claims = re.findall(r"((?:'\w+' → )+'\w+') has total delay (-?\d+)", sentence)
    for text, claimed in claims:
        names = re.findall(r"'(\w+)'", text)
        assert names[0] == names[-1]
        choices = [[c.delay for c in graph.outgoing(u) if c.target == v] for u, v in pairwise(names)]
        assert int(claimed) in {sum(delays) for delays in product(*choices)}, sentence
    signs = {(int(claimed) > 0) - (int(claimed) < 0) for _, claimed in claims}
    assert signs in ({0}, {1, -1}), sentence


class TestOrder:
    """Components come in an order in which they can be computed, and so do the copies of their layers."""

    @given(delay_graphs())
    @settings(LAW, max_examples=150)
    def test_every_layer_is_in_one_component_and_components_follow_what_they_read(self, graph):
        parts = components(graph)
        place = {name: i for i, part in enumerate(parts) for name in part.layers}
        assert sorted(name for part in parts for name in part.layers) == sorted(layer.name for layer in graph.layers)
        assert all(place[c.source] <= place[c.target] for c in graph.connections)
        folded = nx.DiGraph((c.source, c.target) for c in graph.connections)
        folded.add_nodes_from(layer.name for layer in graph.layers)
        strong = {frozenset(members) for members in nx.strongly_connected_components(folded)}
        assert {frozenset(part.layers) for part in parts} == strong

    @given(delay_graphs())
    @settings(LAW, max_examples=150)
    def test_ticks_put_every_copy_after_what_it_reads(self, graph):
        for part in components(graph):
            lags = part.lags
            for c in graph.connections:
                if c.source in lags and c.target in lags:
                    # ticks of (v, t) and of (u, t - d): direction * t cancels
                    later = lags[c.target] - lags[c.source] + part.direction * c.delay
                    earlier_in_tick = part.layers.index(c.source) < part.layers.index(c.target)
                    assert later > 0 or (later == 0 and earlier_in_tick), (part, c)

    @given(delay_graphs())
    @settings(LAW, max_examples=150)
    def test_direction_is_that_of_the_cycles(self, graph):
        around = {
            part.layers: [c for c in simple_cycles(graph) if c[0].source in part.layers] for part in components(graph)
        }
        for part in components(graph):
            totals = [total_delay(cycle) for cycle in around[part.layers]]
            assert part.direction == (0 if not totals else 1 if totals[0] > 0 else -1)

    @given(delay_graphs(retimed=False))
    @settings(LAW, max_examples=80)
    def test_without_delays_of_both_signs_nothing_is_shifted_in_time(self, graph):
        for part in components(graph):
            inside = {c.delay for c in graph.connections if c.source in part.layers and c.target in part.layers}
            if min(inside, default=0) >= 0 or max(inside, default=0) <= 0:
                assert set(part.lags.values()) == {0}

    def test_mixed_signs_are_retimed(self):
        # b is read one step ahead: b's copy of step t + 1 has to be computed before a's copy of step t
        (part,) = components(line(("b", "a", -1), ("a", "b", 2)))
        lags = part.lags
        assert part.direction == 1
        assert lags["a"] - lags["b"] >= 1

    @pytest.mark.parametrize("name", architectures.ARCHITECTURES)
    def test_the_same_order_every_time(self, name):
        graphs = [architectures.build(name, inputs=4, hidden=3, outputs=5, depth=2) for _ in range(2)]
        components.cache_clear()
        first = components(graphs[0])
        components.cache_clear()
        assert components(graphs[1]) == first


class TestCycles:
    """Cycles of the folded graph are listed, each as connections."""

    @given(any_delay_graphs())
    @settings(LAW, max_examples=200)
    def test_all_simple_cycles_are_found_once(self, graph):
        found = [frozenset(cycle) for cycle in cycles(graph, limit=10_000)]
        assert len(found) == len(set(found))
        assert set(found) == {frozenset(cycle) for cycle in simple_cycles(graph)}

    @given(any_delay_graphs())
    @settings(LAW, max_examples=50)
    def test_each_runs_along_its_connections_and_closes(self, graph):
        for cycle in cycles(graph):
            assert all(one.target == other.source for one, other in pairwise([*cycle, cycle[0]]))

    def test_at_most_as_many_as_asked_for(self):
        names = "abcdefgh"
        graph = line(*((u, v, 1) for u in names for v in names))  # complete: more than 16 000 cycles
        assert len(cycles(graph, limit=7)) == 7
        assert len(cycles(graph)) == 60

    @pytest.mark.parametrize(
        ("name", "number"),
        [
            ("elman", 1),  # h → h
            ("jordan", 1),  # h → y → h
            ("tapped", 2),  # h → h, by either delay
            ("bidirectional", 2),  # one in each direction of time
            ("encoder_decoder", 2),  # the hand-over is no cycle
            # c → fc → c; from h through o; through f; through i and g: h → i → ig → c → m → h, and so on
            ("lstm", 5),
        ],
    )
    def test_known_numbers(self, name, number):
        assert len(cycles(architectures.build(name, inputs=4, hidden=3, outputs=5))) == number

    def test_walks_are_written_with_arrows(self):
        (cycle,) = cycles(line(("h", "c", 0), ("c", "h", 1)))
        assert walk(cycle) in ("'h' → 'c' → 'h'", "'c' → 'h' → 'c'")
        assert total_delay(cycle) == 1
