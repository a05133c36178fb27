"""What a caller hands to `forward`: checked once, refused in a sentence naming the array and what would be right."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.architectures import build
from explorer.engine.forward import forward
from explorer.engine.schedule import schedule
from explorer.graph import Connection, Graph, GraphError, Layer
from tests.strategies import make_case
from tests.test_graph import assert_sentence

GRAPH = build("elman", inputs=4, hidden=3, outputs=5)
PAIR = build("encoder_decoder", inputs=4, hidden=3, outputs=5, source_steps=2)
CASE = make_case(GRAPH, steps=6, batch=2)
VECTORS = CASE.inputs["x"]
TOKENS = np.array([[0, 1], [2, 3], [3, 2], [1, 0], [0, 0], [3, 3]])
ANSWERS = TOKENS + 1


def broken(array, place=(2, 1, 0), value=np.nan):
    """A copy with one number that is none."""
    array = np.array(array, float)
    array[place] = value
    return array


def without(name):
    return {n: array for n, array in CASE.parameters.items() if n != name}


def with_parameter(name, array):
    return {**CASE.parameters, name: array}


COMPLAINTS = {
    # what is wrong: (what is given instead of the right thing, words that the sentence must contain)
    "vectors of another size": ({"inputs": np.zeros((6, 2, 7))}, ["'x'", "(6, 2, 7)", "(6, 2, 4)"]),
    "one axis": ({"inputs": np.zeros(6)}, ["'x'", "(6,)", "(T, B)"]),
    "four axes": ({"inputs": np.zeros((6, 2, 4, 1))}, ["'x'", "(6, 2, 4, 1)"]),
    "a single number": ({"inputs": 3}, ["'x'", "()"]),
    "no step": ({"inputs": np.zeros((0, 2, 4))}, ["'x'", "(0, 2, 4)", "at least one step"]),
    "no row": ({"inputs": np.zeros((6, 0, 4))}, ["'x'", "(6, 0, 4)", "one row"]),
    "no token": ({"inputs": np.zeros((0, 2), int)}, ["'x'", "(0, 2)", "at least one step"]),
    "a token too large": ({"inputs": TOKENS + 1}, ["'x'", "4", "0 … 3"]),
    "a negative token": ({"inputs": TOKENS - 1}, ["'x'", "-1", "0 … 3"]),
    "tokens that are no integers": ({"inputs": TOKENS * 0.5}, ["'x'", "(6, 2)", "integer tokens"]),
    "a number that is none": ({"inputs": broken(VECTORS)}, ["'x'", "not finite", "(2, 1, 0)", "nan"]),
    "an infinite number": ({"inputs": broken(VECTORS, value=-np.inf)}, ["'x'", "not finite", "-inf"]),
    "words": ({"inputs": np.full((6, 2, 4), "word")}, ["'x'", "must hold numbers"]),
    "rows of different lengths": ({"inputs": [[0, 1], [2]]}, ["'x'", "different lengths", "mask"]),
    "ragged targets": ({"targets": [[0, 1], [2]]}, ["'E'", "different lengths"]),
    "a ragged mask": ({"mask": [[1, 1], [1]]}, ["mask", "different lengths"]),
    "a ragged parameter": ({"parameters": with_parameter("W_hh", [[1, 2], [3]])}, ["'W_hh'", "different lengths"]),
    "a ragged initial state": ({"initial": {"h": [[1, 2, 3], [4]]}}, ["'h'", "different lengths"]),
    "an unknown input": ({"inputs": {"x": VECTORS, "z": VECTORS}}, ["inputs", "unknown", "z"]),
    "a missing input": ({"inputs": {}}, ["inputs", "missing", "x"]),
    "targets of another length": ({"targets": ANSWERS[:5]}, ["'E'", "(5, 2)", "(6, 2)"]),
    "targets of another size": ({"targets": np.zeros((6, 2, 4))}, ["'E'", "(6, 2, 4)", "(6, 2, 5)"]),
    "a target too large": ({"targets": ANSWERS + 1}, ["'E'", "5", "0 … 4"]),
    "a negative target": ({"targets": ANSWERS - 2}, ["'E'", "-1", "0 … 4"]),
    "a target that is none": ({"targets": broken(np.zeros((6, 2, 5)))}, ["'E'", "not finite", "(2, 1, 0)"]),
    "targets of no loss": ({"targets": {"y": ANSWERS}}, ["'y'", "no loss layers"]),
    "a mask of another shape": ({"mask": np.ones((2, 6))}, ["mask", "(2, 6)", "(6, 2)"]),
    "a missing parameter": ({"parameters": without("W_hh")}, ["parameters", "missing", "W_hh"]),
    "an unknown parameter": ({"parameters": with_parameter("W_q", np.ones(3))}, ["parameters", "unknown", "W_q"]),
    "a parameter transposed": (
        {"parameters": with_parameter("W_xh", np.zeros((3, 4)))},
        ["'W_xh'", "(3, 4)", "(4, 3)"],
    ),
    "a parameter that is none": (
        {"parameters": with_parameter("W_hh", broken(np.eye(3), (1, 2)))},
        ["'W_hh'", "not finite", "(1, 2)", "nan"],
    ),
    "a parameter that overflows float32": (
        {"parameters": with_parameter("W_hh", np.full((3, 3), 1e300)), "dtype": np.float32},
        ["'W_hh'", "float32"],
    ),
    "an initial state of another size": ({"initial": {"h": np.zeros(4)}}, ["'h'", "(4,)", "(3,)", "(2, 3)"]),
    "an initial state of other rows": ({"initial": {"h": np.zeros((5, 3))}}, ["'h'", "(5, 3)", "(2, 3)"]),
    "an initial state that is none": ({"initial": {"h": broken(np.zeros((2, 3)), (0, 1))}}, ["'h'", "(0, 1)"]),
    "an initial state of no layer": ({"initial": {"q": np.zeros(3)}}, ["'q'", "'h'"]),
    "an initial state of an input": ({"initial": {"x": np.zeros(4)}}, ["'x'"]),
    "an initial state of a loss": ({"initial": {"E": np.zeros(1)}}, ["'E'"]),
    "a type that is no float": ({"dtype": np.int64}, ["int64", "float64", "float32"]),
}


class TestComplaints:
    """Every complaint is a sentence that names what was given and what is allowed."""

    @pytest.mark.parametrize("wrong", COMPLAINTS)
    def test_is_a_sentence_naming_what_was_given_and_what_is_allowed(self, wrong):
        given, words = COMPLAINTS[wrong]
        right = {"parameters": CASE.parameters, "inputs": VECTORS, "targets": ANSWERS}
        forward(GRAPH, **right)  # without the mistake it runs
        with pytest.raises(ValueError, match=r".") as refused:
            forward(GRAPH, **{**right, **given})
        assert_sentence(str(refused.value), *words)

    def test_every_input_has_the_length_of_the_first(self):
        case = make_case(PAIR, steps=6, batch=2)
        with pytest.raises(ValueError, match="'s'") as refused:
            forward(PAIR, case.parameters, {**case.inputs, "s": case.inputs["s"][:4]})
        assert_sentence(str(refused.value), "(4, 2, 5)", "(6, 2, 5)")

    def test_a_network_of_two_inputs_needs_both(self):
        case = make_case(PAIR, steps=6, batch=2)
        with pytest.raises(ValueError, match="missing") as refused:
            forward(PAIR, case.parameters, case.inputs["x"])
        assert_sentence(str(refused.value), "inputs", "missing: s")

    def test_a_network_without_inputs_has_no_length(self):
        alone = Graph("Alone", (Layer("h", 2, "tanh"),), (Connection("h", "h", "W", delay=1),))
        with pytest.raises(ValueError, match="no input layer") as refused:
            forward(alone, {"W": np.eye(2)}, {})
        assert_sentence(str(refused.value), "Alone")

    def test_targets_without_a_loss(self):
        bare = Graph("bare", (Layer("x", 4, role="input"), Layer("h", 3)), (Connection("x", "h", "W"),))
        with pytest.raises(ValueError, match="no loss layer") as refused:
            forward(bare, {"W": np.ones((4, 3))}, VECTORS, targets=ANSWERS)
        assert_sentence(str(refused.value), "bare")

    def test_a_matrix_into_a_product(self):
        layers = Layer("x", 2, role="input"), Layer("p", 2, combine="product")
        with pytest.raises(GraphError, match="product") as refused:
            schedule(Graph("product", layers, (Connection("x", "p", "W"),)))
        assert_sentence(str(refused.value), "'x' → 'p'", "a sum layer")

    def test_a_loss_that_reads_an_input(self):
        layers = Layer("x", 2, role="input"), Layer("E", 1, "squared_error", role="loss")
        with pytest.raises(GraphError, match="'E'") as refused:
            schedule(Graph("lossy", layers, (Connection("x", "E"),)))
        assert_sentence(str(refused.value), "'x'")


class TestForms:
    """The same thing may be handed over in several forms."""

    def same(self, one, other):
        for layer in GRAPH.layers:
            np.testing.assert_array_equal(one[layer.name], other[layer.name])

    def test_a_bare_array_is_the_first_inputs(self):
        self.same(
            forward(GRAPH, CASE.parameters, VECTORS, ANSWERS),
            forward(GRAPH, CASE.parameters, {"x": VECTORS}, {"E": ANSWERS}),
        )

    def test_lists_are_arrays(self):
        self.same(
            forward(GRAPH, {n: a.tolist() for n, a in CASE.parameters.items()}, TOKENS.tolist(), ANSWERS.tolist()),
            forward(GRAPH, CASE.parameters, TOKENS, ANSWERS),
        )

    @pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int32, np.uint64])
    def test_tokens_are_integers_of_any_kind(self, kind):
        self.same(
            forward(GRAPH, CASE.parameters, TOKENS.astype(kind), ANSWERS.astype(kind)),
            forward(GRAPH, CASE.parameters, TOKENS, ANSWERS),
        )

    def test_integer_vectors_are_vectors(self):
        vectors = np.arange(48).reshape(6, 2, 4) % 3
        self.same(
            forward(GRAPH, CASE.parameters, vectors, ANSWERS), forward(GRAPH, CASE.parameters, vectors * 1.0, ANSWERS)
        )

    def test_one_initial_state_serves_all_rows(self):
        state = np.array([0.1, -0.2, 0.3])
        self.same(
            forward(GRAPH, CASE.parameters, TOKENS, ANSWERS, initial={"h": state}),
            forward(GRAPH, CASE.parameters, TOKENS, ANSWERS, initial={"h": np.stack([state, state])}),
        )

    @pytest.mark.parametrize("kind", [bool, int, float])
    def test_a_mask_is_true_or_false_in_any_form(self, kind):
        mask = np.array([[1, 1], [1, 1], [1, 0], [1, 0], [0, 0], [0, 0]])
        self.same(
            forward(GRAPH, CASE.parameters, TOKENS, ANSWERS, mask=mask.astype(kind)),
            forward(GRAPH, CASE.parameters, TOKENS, ANSWERS, mask=mask.astype(bool).tolist()),
        )

    def test_views_and_foreign_orders_are_as_good_as_arrays(self):
        self.same(
            forward(GRAPH, CASE.parameters, np.asfortranarray(VECTORS), ANSWERS),
            forward(GRAPH, CASE.parameters, VECTORS[::-1][::-1], ANSWERS),
        )

    def test_targets_may_cover_some_losses_only(self):
        layers = (*GRAPH.layers, Layer("E2", 1, "squared_error", role="loss"))
        both = Graph("both", layers, (*GRAPH.connections, Connection("y", "E2")))
        trace = forward(both, CASE.parameters, VECTORS, {"E2": np.zeros((6, 2, 5))})
        assert set(trace.errors) == {"E2"}
        np.testing.assert_allclose(trace.errors["E2"], (trace["y"] ** 2).sum(axis=2) / 2, rtol=1e-13)
