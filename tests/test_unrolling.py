"""Unrolling and folding: law 1 (they undo each other) and law 2 (a DAG, in the engine's order, of known size)."""

from __future__ import annotations

import networkx as nx
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from explorer.architectures import ARCHITECTURES, build
from explorer.engine.schedule import schedule
from explorer.graph import ALWAYS, Connection, Graph, GraphError, Layer, Presence
from explorer.unrolling import count, fold, generations, topological_order, unroll
from tests.strategies import GRID, delay_graphs

LAW = settings(deadline=None)
STEPS = st.integers(1, 8)


def architecture(name: str, depth: int = 1, phi: str = "tanh") -> Graph:
    return build(name, inputs=4, hidden=3, outputs=5, depth=depth, activation=phi, source_steps=2)


class TestLaw1FoldUndoesUnroll:
    """fold(unroll(G, T)) is G when every connection has a copy."""

    @pytest.mark.parametrize(("name", "depth", "phi"), GRID)
    @pytest.mark.parametrize("steps", [4, 8])
    def test_for_every_architecture(self, name, depth, phi, steps):
        # 4 steps: two for the encoder and two for the decoder, which reads its own past at the second of them
        graph = architecture(name, depth, phi)
        assert fold(unroll(graph, steps)) == graph

    @given(delay_graphs(always=True), STEPS)
    @settings(LAW, max_examples=60)
    def test_for_random_delay_graphs_present_at_every_step_and_any_number_of_steps(self, graph, steps):
        # reads beyond the ends have copies too, from initial states, so T need not exceed the longest delay
        assert fold(unroll(graph, steps)) == graph

    @given(delay_graphs())
    @settings(LAW, max_examples=60)
    def test_for_random_delay_graphs_with_presence(self, graph):
        steps = 14  # longer than every delay and every rule
        assume(all(has_a_copy(graph, c, steps) for c in graph.connections))
        assume(all(layer.presence.steps(steps) for layer in graph.layers))
        assert fold(unroll(graph, steps)) == graph

    def test_a_graph_that_was_never_unrolled_is_refused(self):
        dag = unroll(architecture("elman"), 4)
        dag.add_edge(("h", 1), ("h", 3), links=dag.edges[("h", 2), ("h", 3)]["links"])
        with pytest.raises(GraphError, match=r"connection 1 span different delays.*\.$"):
            fold(dag)


def has_a_copy(graph: Graph, c: Connection, steps: int) -> bool:
    source = graph[c.source].presence.steps(steps)
    read = (t - c.delay for t in graph[c.target].presence.steps(steps))
    return any(t in source or not 1 <= t <= steps for t in read)


class TestLaw2TheDagAndItsOrder:
    """No cycle is left; orders are orders; the engine's own is one; sizes are what the formula says."""

    @pytest.mark.parametrize(("name", "depth", "phi"), GRID)
    def test_acyclic_and_in_order_for_every_architecture(self, name, depth, phi):
        assert_acyclic_and_in_order(architecture(name, depth, phi), 5)

    @given(delay_graphs(), STEPS)
    @settings(LAW, max_examples=100)
    def test_acyclic_and_in_order_for_random_delay_graphs(self, graph, steps):
        assert_acyclic_and_in_order(graph, steps)

    @pytest.mark.parametrize(("name", "depth", "phi"), GRID)
    def test_the_engines_order_is_a_topological_order_for_every_architecture(self, name, depth, phi):
        assert_engine_is_in_order(architecture(name, depth, phi), 5)

    @given(delay_graphs(), STEPS)
    @settings(LAW, max_examples=80)
    def test_the_engines_order_is_a_topological_order_for_random_delay_graphs(self, graph, steps):
        assert_engine_is_in_order(graph, steps)

    @given(delay_graphs(inner=7, retimed=True), STEPS)
    @settings(LAW, max_examples=40)
    def test_the_engines_order_is_a_topological_order_where_it_retimes(self, graph, steps):
        assert_engine_is_in_order(graph, steps)

    @pytest.mark.parametrize("name", ARCHITECTURES)
    @pytest.mark.parametrize("steps", [1, 2, 7])
    def test_counts_follow_the_formula_for_every_architecture(self, name, steps):
        assert_counts(architecture(name, depth=2), steps)

    @given(delay_graphs(), STEPS)
    @settings(LAW, max_examples=100)
    def test_counts_follow_the_formula_for_random_delay_graphs(self, graph, steps):
        assert_counts(graph, steps)

    @pytest.mark.parametrize("steps", [1, 2, 50])
    def test_counts_of_an_elman_network_written_out(self, steps):
        # x h y E at each step, and h_0; four connections at each step: x → h, h → h, h → y, y → E
        found = count(graph := architecture("elman"), unroll(graph, steps))
        assert (found.nodes, found.initial_nodes, found.edges) == (4 * steps, 1, 4 * steps)
        assert found.parameters == 4 * 3 + 3 * 3 + 3 + 3 * 5 + 5
        assert found.uses == dict.fromkeys(("W_xh", "W_hh", "W_hy", "b_h", "b_y"), steps)


def assert_acyclic_and_in_order(graph: Graph, steps: int) -> None:
    dag = unroll(graph, steps)
    assert nx.is_directed_acyclic_graph(dag)
    order, level = topological_order(dag), generations(dag)
    assert sorted(order) == sorted(dag.nodes)
    assert sorted(level) == sorted(dag.nodes)
    place = {node: i for i, node in enumerate(order)}
    for source, target in dag.edges():
        assert place[source] < place[target]
    for node in order:
        assert level[node] == 1 + max((level[source] for source in dag.predecessors(node)), default=-1)


def assert_engine_is_in_order(graph: Graph, steps: int) -> None:
    """Write down the nodes as the engine computes them and hold them against the DAG."""
    dag = unroll(graph, steps)
    done = {node for node in dag if dag.nodes[node]["initial"] or graph[node[0]].role == "input"}
    for part in schedule(graph):
        for batch in computed_together(graph, part, steps):
            for node in batch:
                assert set(dag.predecessors(node)) <= done, (node, part)
            done |= set(batch)
    losses = {node for node in dag if graph[node[0]].role == "loss"}
    assert done | losses == set(dag)
    assert not done & losses


def computed_together(graph: Graph, part, steps: int):
    """Sets of nodes in the order in which a part computes them: all steps at once, or by ticks and levels."""
    present = {name: graph[name].presence.steps(steps) for name in part.bank}
    if not part.looped:
        yield [(name, t) for name in part.bank for t in present[name]]
        return
    for tick in part.ticks(steps):
        for level in part.levels:
            at = ((name, part.step_at(tick, name)) for name in level)
            yield [(name, t) for name, t in at if t in present[name]]


def assert_counts(graph: Graph, steps: int) -> None:
    """The formula.

    nodes = Σ over layers v of |S_v|, where S_v are the steps at which v is present. A connection u → v with delay d
    has one edge for each t in S_v for which t - d lies in S_u or outside 1 … T; for an always present network that is
    T edges. Initial nodes are the different (u, t - d) outside 1 … T: for u always read, max(0, longest delay) before
    step 1, but no more than what T steps reach, and likewise after T. Each edge uses its weight once, each node its
    bias.
    """
    steps_of = {layer.name: set(layer.presence.steps(steps)) for layer in graph.layers}
    copies = {
        c: [t for t in steps_of[c.target] if t - c.delay in steps_of[c.source] or not 1 <= t - c.delay <= steps]
        for c in graph.connections
    }
    beyond = {(c.source, t - c.delay) for c, at in copies.items() for t in at if not 1 <= t - c.delay <= steps}
    uses = dict.fromkeys(graph.parameter_shapes, 0)
    for c, at in copies.items():
        if c.weight:
            uses[c.weight] += len(at)
    for layer in graph.layers:
        if layer.bias:
            uses[layer.bias] += len(steps_of[layer.name])
    dag = unroll(graph, steps)
    found = count(graph, dag)
    assert found.nodes == sum(map(len, steps_of.values()))
    assert found.initial_nodes == len(beyond)
    assert {node for node, initial in dag.nodes(data="initial") if initial} == beyond
    assert found.edges == sum(map(len, copies.values())) == sum(len(links) for *_, links in dag.edges(data="links"))
    assert found.uses == uses
    sizes = (shape[0] * shape[1] if len(shape) == 2 else shape[0] for shape in graph.parameter_shapes.values())
    assert found.parameters == sum(sizes)


class TestUnroll:
    """Which copies there are, and what they carry."""

    def test_one_step_of_an_elman_network(self):
        dag = unroll(architecture("elman"), 1)
        assert set(dag) == {("x", 1), ("h", 0), ("h", 1), ("y", 1), ("E", 1)}
        assert set(dag.edges()) == {
            (("x", 1), ("h", 1)),
            (("h", 0), ("h", 1)),
            (("h", 1), ("y", 1)),
            (("y", 1), ("E", 1)),
        }

    def test_negative_delays_read_the_future_and_then_an_initial_state(self):
        dag = unroll(architecture("bidirectional"), 3)
        assert list(dag.predecessors(("h_bwd", 2))) == [("x", 2), ("h_bwd", 3)]
        assert dag.nodes["h_bwd", 4]["initial"]
        assert ("h_bwd", 0) not in dag

    @pytest.mark.parametrize("steps", [1, 2, 5])
    def test_longer_delays_have_as_many_initial_nodes_as_are_read(self, steps):
        graph = Graph("long", (Layer("h", 2),), (Connection("h", "h", delay=3),))
        initial = {node for node, held in unroll(graph, steps).nodes(data="initial") if held}
        assert initial == {("h", t) for t in range(-2, 1)[: min(steps, 3)]}

    def test_a_decoder_reads_an_encoder_at_its_first_step_only(self):
        dag = unroll(architecture("encoder_decoder"), 5)
        across = [(s, t) for s, t in dag.edges() if s[0] == "h_enc" and t[0] == "h_dec"]
        assert across == [(("h_enc", 2), ("h_dec", 3))]
        assert ("h_dec", 2) not in dag
        assert ("x", 3) not in dag

    def test_an_absent_layer_is_not_read(self):
        layers = Layer("u", 1, presence=Presence(every=2)), Layer("v", 1)
        dag = unroll(Graph("sparse", layers, (Connection("u", "v", delay=1),)), 5)
        assert set(dag.edges()) == {(("u", t - 1), ("v", t)) for t in (1, 2, 4)}  # u_0 is initial, u_2 and u_4 absent

    def test_parallel_connections_stay_apart(self):
        links = Connection("u", "v"), Connection("u", "v", "W"), Connection("u", "v", "d", diagonal=True)
        dag = unroll(Graph("parallel", (Layer("u", 2), Layer("v", 2)), links), 2)
        assert dag.edges[("u", 2), ("v", 2)]["links"] == ((0, None, False), (1, "W", False), (2, "d", True))

    @given(delay_graphs(), STEPS)
    @settings(LAW, max_examples=60)
    def test_nodes_carry_their_layer_and_edges_their_connection(self, graph, steps):
        dag = unroll(graph, steps)
        assert dag.graph["steps"] == steps
        for (name, t), data in dag.nodes(data=True):
            assert data["layer"] is graph[name]
            assert data["initial"] == (not 1 <= t <= steps)
        for (source, before), (target, t), links in dag.edges(data="links"):
            for link in links:
                c = graph.connections[link.connection]
                assert (source, target, t - before) == (c.source, c.target, c.delay)
                assert (link.weight, link.diagonal) == (c.weight, c.diagonal)

    @pytest.mark.parametrize("steps", [0, -3])
    def test_less_than_one_step_is_refused(self, steps):
        with pytest.raises(GraphError, match=rf"at least 1 step; {steps} was asked for\.$"):
            unroll(architecture("elman"), steps)

    @pytest.mark.parametrize("steps", ["3", 2.5, None])
    def test_a_number_of_steps_that_is_no_whole_number_is_refused(self, steps):
        with pytest.raises(GraphError, match=rf"whole number of steps; {steps!r} was asked for\.$"):
            unroll(architecture("elman"), steps)

    def test_unrolling_leaves_the_graph_alone_and_starts_afresh(self):
        graph = architecture("lstm")
        first, second = unroll(graph, 3), unroll(graph, 3)
        first.remove_node(("h", 1))
        assert ("h", 1) in second
        assert graph == architecture("lstm")

    def test_order_prefers_early_steps(self):
        order = topological_order(unroll(architecture("elman"), 6))
        assert [t for _, t in order] == sorted(t for _, t in order)

    def test_generations_show_what_is_truly_sequential(self):
        level = generations(unroll(architecture("elman"), 6))
        assert [level["h", t] for t in range(7)] == list(range(7))
        assert {level["x", t] for t in range(1, 7)} == {0}

    def test_presence_is_always_by_default(self):
        assert Layer("h", 1).presence == ALWAYS
