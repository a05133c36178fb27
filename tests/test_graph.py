"""The delay graph as data: what it says about itself, and in which sentences it refuses what is no graph."""

from __future__ import annotations

import copy
import os
import pickle
import re
import subprocess
import sys
from dataclasses import FrozenInstanceError, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.graph import ALWAYS, Connection, Graph, GraphError, Layer, Presence
from tests.strategies import delay_graphs

X, H = Layer("x", 2, role="input"), Layer("h", 3, "tanh")
E = Layer("E", 1, "squared_error", role="loss")
UP, LOOP, READ = Connection("x", "h", "W"), Connection("h", "h", "R", delay=1), Connection("h", "E")

LAW = settings(deadline=None)


def graph_of(*parts) -> Graph:
    """A graph of any layers and connections, in the order given."""
    return Graph(
        "test",
        tuple(part for part in parts if isinstance(part, Layer)),
        tuple(part for part in parts if isinstance(part, Connection)),
    )


COMPLAINTS = {
    # what is wrong: (parts of the graph, words that the sentence must contain)
    "no layer": ([], ["at least one layer"]),
    "no name": ([replace(H, name="")], ["needs a name"]),
    "a name twice": ([H, replace(H, size=2)], ["'h'", "a name of its own"]),
    "no unit": ([replace(H, size=0)], ["'h'", "0", "at least one unit"]),
    "fewer than no units": ([replace(H, size=-4)], ["'h'", "-4", "at least one unit"]),
    "half a unit": ([replace(H, size=2.5)], ["'h'", "2.5", "whole number"]),
    "a size in letters": ([replace(H, size="3")], ["'h'", "'3'", "whole number"]),
    "half a step": ([H, replace(LOOP, delay=0.5)], ["'h' → 'h'", "0.5", "whole number of steps"]),
    "unknown role": ([replace(H, role="chief")], ["'h'", "'chief'", "input, state, gate, hidden, output, loss"]),
    "unknown join": ([replace(H, combine="mean")], ["'h'", "'mean'", "sum or product"]),
    "bias on a product": ([replace(H, combine="product", bias="b")], ["'h'", "'b'", "a sum layer"]),
    "unknown source": ([H, Connection("z", "h", "W")], ["'z' → 'h'", "'z' that does not exist"]),
    "unknown target": ([H, Connection("h", "z", "W")], ["'h' → 'z'", "'z' that does not exist"]),
    "the same twice": ([X, H, UP, UP], ["'x' → 'h'", "twice", "remove one"]),
    "diagonal of nothing": ([H, Connection("h", "h", diagonal=True, delay=1)], ["'h' → 'h'", "names no weight"]),
    "identity between sizes": ([X, H, Connection("x", "h")], ["'x' → 'h'", "2 units", "3", "a matrix"]),
    "diagonal between sizes": ([X, H, Connection("x", "h", "d", diagonal=True)], ["'x' → 'h'", "2 units", "3"]),
    "into an input": ([X, H, Connection("h", "x", "W")], ["'h' → 'x'", "input", "another role"]),
    "out of a loss": ([X, H, E, READ, Connection("E", "h", "W")], ["'E' → 'h'", "loss"]),
    "loss of nothing": ([H, E], ["'E'", "exactly one layer"]),
    "loss of two": ([H, X, E, READ, Connection("x", "E")], ["'E'", "exactly one layer"]),
    "weighted loss": ([H, E, replace(READ, weight="W")], ["'E'", "no weight"]),
    "late loss": ([H, E, replace(READ, delay=1)], ["'E'", "no delay"]),
    "shared matrix of two shapes": (
        [X, H, UP, replace(LOOP, weight="W")],
        ["'x' → 'h'", "'h' → 'h'", "'W'", "(2, 3)", "(3, 3)"],
    ),
    "shared by matrix and bias": (
        [X, replace(H, bias="W"), UP],
        ["'x' → 'h'", "the bias of 'h'", "'W'", "(2, 3)", "(3,)"],
    ),
}


class TestComplaints:
    """Every complaint is a sentence that names what was given."""

    @pytest.mark.parametrize("wrong", COMPLAINTS)
    def test_is_a_sentence_naming_what_was_given_and_what_is_allowed(self, wrong):
        parts, words = COMPLAINTS[wrong]
        with pytest.raises(GraphError) as refused:
            graph_of(*parts)
        assert_sentence(str(refused.value), *words)

    def test_an_unknown_layer_is_answered_with_those_that_exist(self):
        with pytest.raises(GraphError) as refused:
            graph_of(X, H)["z"]
        assert_sentence(str(refused.value), "'z'", "'x', 'h'")

    @pytest.mark.parametrize(
        ("rule", "words"),
        [
            ({"first": 0}, ["first=0", "counted from 1"]),
            ({"last": 0}, ["last=0", "counted from 1"]),
            ({"every": 0}, ["every=0", "1, 2, 3"]),
            ({"every": -2}, ["every=-2", "1, 2, 3"]),
            ({"first": 1.5}, ["1.5", "whole numbers"]),
        ],
    )
    def test_a_presence_that_names_no_step(self, rule, words):
        with pytest.raises(GraphError) as refused:
            Presence(**rule)
        assert_sentence(str(refused.value), *words)

    def test_a_graph_error_is_a_value_error(self):
        assert issubclass(GraphError, ValueError)


def assert_sentence(text: str, *words: str) -> None:
    """It starts and ends like a sentence, is one, and contains the words."""
    assert re.match(r"[A-Z']|\w+ is ", text), text  # the name of a layer or of an argument may come first
    assert text.endswith("."), text
    assert len(text.split()) >= 5, text
    assert [word for word in words if word not in text] == [], text


class TestPresence:
    """A rule for steps that holds for any number of steps."""

    @given(st.integers(-6, 9).filter(bool), st.integers(-6, 9).filter(bool), st.integers(1, 4), st.integers(1, 12))
    @settings(LAW, max_examples=200)
    def test_steps_are_those_that_the_rule_describes(self, first, last, every, total):
        start = first if first > 0 else max(1, total + 1 + first)  # reaching back beyond step 1 starts there
        stop = last if last > 0 else total + 1 + last
        described = [t for t in range(1, total + 1) if start <= t <= stop and (t - start) % every == 0]
        assert list(Presence(first, last, every).steps(total)) == described

    @pytest.mark.parametrize(
        ("presence", "total", "steps"),
        [
            (ALWAYS, 4, [1, 2, 3, 4]),
            (Presence(first=-1), 4, [4]),
            (Presence(last=3), 2, [1, 2]),
            (Presence(first=3), 2, []),
            (Presence(first=2, last=6, every=2), 9, [2, 4, 6]),
            (Presence(first=-3, last=-2), 5, [3, 4]),
            (Presence(first=-9), 2, [1, 2]),
            (Presence(last=-9), 2, []),
        ],
    )
    def test_by_example(self, presence, total, steps):
        assert list(presence.steps(total)) == steps

    @given(st.integers(-6, 9).filter(bool), st.integers(-6, 9).filter(bool), st.integers(1, 4), st.integers(1, 12))
    @settings(LAW, max_examples=100)
    def test_absent_indices_are_the_other_steps(self, first, last, every, total):
        presence = Presence(first, last, every)
        absent = [t - 1 for t in range(1, total + 1) if t not in presence.steps(total)]
        assert list(presence.absent(total)) == absent


class TestGraph:
    """What a graph knows without computing anything."""

    @given(delay_graphs())
    @settings(LAW, max_examples=100)
    def test_neighbours_are_the_connections_in_declared_order(self, graph):
        for layer in graph.layers:
            assert graph.incoming(layer.name) == tuple(c for c in graph.connections if c.target == layer.name)
            assert graph.outgoing(layer.name) == tuple(c for c in graph.connections if c.source == layer.name)
            assert graph[layer.name] is layer
            assert layer.name in graph
        assert "nobody" not in graph

    @given(delay_graphs())
    @settings(LAW, max_examples=100)
    def test_states_are_what_is_read_across_a_delay(self, graph):
        read = {c.source for c in graph.connections if c.delay != 0}
        assert graph.states == tuple(layer.name for layer in graph.layers if layer.name in read)

    @given(delay_graphs())
    @settings(LAW, max_examples=100)
    def test_parameters_are_all_weights_and_biases_once(self, graph):
        named = {c.weight for c in graph.connections} | {layer.bias for layer in graph.layers}
        assert set(graph.parameter_shapes) == named - {None}

    def test_shapes_are_in_by_out_for_a_matrix_and_units_for_the_rest(self):
        peephole = Connection("h", "h", "d", diagonal=True, delay=1)
        graph = graph_of(X, replace(H, bias="b"), UP, LOOP, peephole)
        assert dict(graph.parameter_shapes) == {"W": (2, 3), "R": (3, 3), "d": (3,), "b": (3,)}

    def test_equal_parts_make_equal_graphs_with_equal_hashes(self):
        one, two = graph_of(X, H, UP, LOOP), graph_of(X, H, UP, LOOP)
        assert one == two
        assert hash(one) == hash(two)
        assert one != graph_of(X, H, UP, replace(LOOP, delay=2))
        assert one != graph_of(H, X, UP, LOOP)

    def test_a_copy_is_the_same_graph_whatever_was_derived_before(self):
        graph = graph_of(X, H, UP, LOOP)
        assert graph.parameter_shapes
        assert hash(graph)
        for other in (pickle.loads(pickle.dumps(graph)), copy.deepcopy(graph)):
            assert other == graph
            assert other in {graph}
            assert other.parameter_shapes == graph.parameter_shapes

    def test_a_pickle_means_the_same_in_a_process_that_hashes_names_differently(self):
        code = (
            "import pickle, sys; from tests.test_graph import H, LOOP, UP, X, graph_of;"
            "graph = graph_of(X, H, UP, LOOP); hash(graph); given = sys.stdin.buffer.read();"
            "sys.stdout.buffer.write(pickle.dumps(graph)) if not given else print(pickle.loads(given) in {graph})"
        )

        def said(seed: str, given: bytes) -> bytes:
            environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": "."}
            return subprocess.run(
                [sys.executable, "-c", code], input=given, env=environment, capture_output=True, check=True
            ).stdout

        assert said("2", said("1", b"")).split() == [b"True"]

    def test_parts_cannot_be_changed(self):
        graph = graph_of(X, H, UP, LOOP)
        for part, field in ((graph, "name"), (X, "size"), (UP, "delay"), (ALWAYS, "first")):
            with pytest.raises(FrozenInstanceError):
                setattr(part, field, 7)
        with pytest.raises(TypeError):
            graph.parameter_shapes["W"] = (1, 1)

    def test_roles_are_listed_in_declared_order(self):
        second = replace(X, name="x2")
        assert graph_of(second, H, X).with_role("input") == (second, X)

    @pytest.mark.parametrize(
        ("connection", "keeps"),
        [(UP, False), (Connection("h", "h"), True), (Connection("h", "h", "d", diagonal=True), True)],
    )
    def test_a_connection_without_a_matrix_keeps_units_apart(self, connection, keeps):
        assert connection.keeps_units is keeps

    def test_a_loss_may_have_another_size_than_what_it_measures(self):
        assert graph_of(X, H, E, UP, READ)["E"].size == 1
