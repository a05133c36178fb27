"""A step of training in a workspace says what the forward and the backward pass say, whatever the network."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from explorer.architectures import ARCHITECTURES, build
from explorer.engine import answering, learning
from explorer.engine.backward import backward
from explorer.engine.forward import forward
from explorer.engine.learning import Learnt, learn_from
from explorer.engine.memory import FEWEST_ROWS, Sheet, blank, multiply
from explorer.engine.trace import NotFiniteError
from explorer.graph import Connection, Graph, GraphError, Layer, Presence
from tests.reference import Case
from tests.strategies import cases, delay_graphs, make_case

CLOSE = {np.float64: 1e-12, np.float32: 1e-4}
LAST = Presence(first=-1)


def learnt(case: Case, dtype: Any = np.float64) -> Learnt:
    return learn_from(case.graph, case.parameters, case.inputs, case.targets, mask=case.mask, dtype=dtype)


def quickly_learnt(case: Case, dtype: Any = np.float64) -> Learnt:
    """The slow way, which is there for what the workspace gives up, must not be taken."""

    def refused(*arguments: Any, **options: Any) -> None:
        raise AssertionError("the workspace gave up")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learning, "forward", refused)
        return learnt(case, dtype)


def assert_same(case: Case, dtype: Any = np.float64) -> None:
    """The loss and every gradient as the two passes have them, relative to the largest number there is."""
    other = {name: -array / 2 for name, array in case.parameters.items()}
    learnt(case.but(parameters=other, mask=None if case.mask is None else ~case.mask), dtype)  # fills the workspace
    found = quickly_learnt(case, dtype)
    trace = forward(case.graph, case.parameters, case.inputs, case.targets, mask=case.mask, dtype=dtype)
    wanted = backward(trace).weights
    numbers = [*wanted.values(), *(timeline.array for timeline in trace.values.values())]
    within = CLOSE[dtype] * max(1, *(float(np.abs(array).max()) for array in numbers))
    np.testing.assert_allclose(found.loss, trace.loss, rtol=CLOSE[dtype], atol=within)
    assert list(found.weights) == list(wanted)
    for name, array in wanted.items():
        assert found.weights[name].dtype == dtype
        np.testing.assert_allclose(found.weights[name], array, rtol=CLOSE[dtype], atol=within, err_msg=name)


def assert_is_slope(case: Case) -> None:
    """Central differences of the loss along a random direction for each parameter."""
    rng, found, width = np.random.default_rng(1), quickly_learnt(case), 1e-6
    for name, gradient in found.weights.items():
        direction = rng.standard_normal(gradient.shape)
        up, down = (
            learnt(case.but(parameters={**case.parameters, name: case.parameters[name] + step * direction}))
            for step in (width, -width)
        )
        slope = (up.loss - down.loss) / (2 * width)
        np.testing.assert_allclose(np.sum(gradient * direction), slope, rtol=1e-6, atol=1e-7, err_msg=name)


def training_case(name: str, depth: int = 1, rows: int = 8, *, masked: bool = False, **changes: Any) -> Case:
    graph = build(name, inputs=4, hidden=3, outputs=5, depth=depth, source_steps=2, **changes)
    return make_case(graph, steps=6, batch=rows, tokens=["x", "s", "E"], masked=masked)


def answered(case: Case, presence: Presence) -> Case:
    """The network asked only at some steps."""
    layers = (replace(v, presence=presence) if v.role in ("output", "loss") else v for v in case.graph.layers)
    return case.but(graph=Graph(case.graph.name, tuple(layers), case.graph.connections))


def many_rows(case: Case) -> Case:
    """Every row eight times: enough for the other way of lying in memory."""

    def repeated(arrays: Mapping[str, Any]) -> dict[str, Any]:
        return {name: np.concatenate([array] * FEWEST_ROWS, axis=1) for name, array in arrays.items()}

    mask = None if case.mask is None else np.concatenate([case.mask] * FEWEST_ROWS, axis=1)
    inputs, targets = repeated(case.inputs), repeated(case.targets)
    return case.but(batch=case.batch * FEWEST_ROWS, inputs=inputs, targets=targets, mask=mask)


class TestTheTwoPassesSayTheSame:
    @pytest.mark.parametrize("rows", [2, 8])
    @pytest.mark.parametrize("depth", [1, 2])
    @pytest.mark.parametrize("name", ARCHITECTURES)
    def test_on_every_architecture(self, name, depth, rows):
        assert_same(training_case(name, depth, rows))

    @pytest.mark.parametrize("name", ARCHITECTURES)
    def test_in_single_precision(self, name):
        assert_same(training_case(name), np.float32)

    @pytest.mark.parametrize("rows", [1, 9])
    @pytest.mark.parametrize("name", ARCHITECTURES)
    def test_with_padded_rows(self, name, rows):
        assert_same(training_case(name, 2, rows, masked=True))

    @pytest.mark.parametrize("presence", [LAST, Presence(2, -1, 2), Presence(9)], ids=["last", "every other", "never"])
    @pytest.mark.parametrize("masked", [False, True])
    @pytest.mark.parametrize("name", ["elman", "jordan", "lstm", "gru_reset_after", "bidirectional_lstm"])
    def test_with_answers_at_some_steps(self, name, masked, presence):
        case = training_case(name, masked=masked, output_activation="sigmoid", loss="squared_error")
        assert_same(answered(case, presence))

    @pytest.mark.parametrize("phi", ["relu", "sigmoid"])
    def test_with_other_squashing_functions(self, phi):
        assert_same(training_case("lstm", activation=phi))

    @settings(max_examples=60)
    @given(cases(delay_graphs()))
    def test_on_random_delay_graphs(self, case):
        assert_same(case.but(initial={}))

    @settings(max_examples=60)
    @given(cases(delay_graphs()))
    def test_on_random_delay_graphs_with_many_rows(self, case):
        assert_same(many_rows(case.but(initial={})))

    @settings(max_examples=20)
    @given(cases(delay_graphs()))
    def test_on_random_delay_graphs_in_single_precision(self, case):
        assert_same(many_rows(case.but(initial={})), np.float32)

    def test_with_targets_for_one_loss_of_two(self):
        layers = Layer("x", 2, role="input"), Layer("h", 3, "tanh", bias="b"), Layer("y", 3, "sigmoid")
        losses = Layer("E", 1, "squared_error", role="loss"), Layer("F", 1, "squared_error", role="loss")
        links = Connection("x", "h", "W"), Connection("h", "h", "V", delay=1), Connection("h", "y", "U")
        graph = Graph("two", layers + losses, (*links, Connection("y", "E"), Connection("h", "F")))
        case = make_case(graph, steps=4, batch=8)
        for names in (["E"], ["F"], ["E", "F"]):
            assert_same(case.but(targets={name: case.targets[name] for name in names}))
        only = learnt(case.but(targets={"F": case.targets["F"]})).weights
        assert only["W"].any()
        assert not only["U"].any()  # no error reaches it

    @pytest.mark.parametrize("limit", ["MOST_TOKENS", "MOST_BYTES"])
    def test_where_a_workspace_does_not_pay(self, limit, monkeypatch):
        monkeypatch.setattr(learning, limit, 1)
        case = training_case("elman")
        trace = forward(case.graph, case.parameters, case.inputs, case.targets)
        with pytest.raises(AssertionError, match="gave up"):
            quickly_learnt(case)
        found = learnt(case)
        assert found.loss == trace.loss
        for name, gradient in backward(trace).weights.items():
            np.testing.assert_array_equal(found.weights[name], gradient)


class TestTheGradient:
    @pytest.mark.parametrize("name", ["tapped", "lstm_peephole"])
    def test_is_the_slope_of_the_loss(self, name):
        assert_is_slope(training_case(name, masked=True))

    @pytest.mark.parametrize("rows", [1, 8])
    def test_is_the_slope_where_a_layer_without_delay_comes_in_a_later_turn(self, rows):
        """v reads h of the next step, so that it lags behind: no layer may hang on it before its turn."""
        layers = (
            Layer("x", 2, role="input"),
            Layer("h", 2, "tanh"),
            Layer("g", 2, "tanh"),
            Layer("v", 2, "tanh", "product"),
        )
        links = Connection("x", "h", "W"), Connection("v", "h", "U", delay=2), Connection("h", "g", "V")
        ring = Connection("g", "v"), Connection("h", "v", delay=-1)
        loss = Layer("E", 1, "squared_error", role="loss")
        graph = Graph("retimed", (*layers[:2], layers[3], layers[2], loss), (*links, *ring, Connection("h", "E")))
        assert_is_slope(make_case(graph, steps=5, batch=rows))

    def test_adds_up_over_rows(self):
        """Rows are independent: a batch has the sum of what its rows have, whichever way it lies in memory."""
        case = training_case("lstm", rows=11)
        whole, rows = learnt(case), [learnt(case.row(index)) for index in range(11)]
        np.testing.assert_allclose(whole.loss, sum(row.loss for row in rows), rtol=1e-12)
        for name, gradient in whole.weights.items():
            np.testing.assert_allclose(gradient, sum(row.weights[name] for row in rows), rtol=1e-10, atol=1e-12)


class TestWorkspaces:
    def test_results_never_change(self):
        case = training_case("gru_reset_before")
        first = learnt(case)
        kept = {name: gradient.copy() for name, gradient in first.weights.items()}
        learnt(case.but(parameters={name: 2 * array for name, array in case.parameters.items()}))
        for name, gradient in kept.items():
            np.testing.assert_array_equal(first.weights[name], gradient)
            with pytest.raises(ValueError, match="read-only"):
                first.weights[name][...] = 0

    @pytest.mark.parametrize("masked", [False, True])
    def test_nothing_is_left_over_from_another_batch(self, masked):
        case = answered(training_case("encoder_decoder_gru", masked=masked), Presence(3))
        wanted = learnt(case)
        other = make_case(case.graph, 6, 8, seed=5, tokens=["x", "s", "E"], masked=masked)
        learnt(other)
        with pytest.raises(NotFiniteError):
            learnt(case.but(parameters={name: array * 1e308 for name, array in case.parameters.items()}))
        again = learnt(case)
        assert again.loss == wanted.loss
        for name, gradient in wanted.weights.items():
            np.testing.assert_array_equal(again.weights[name], gradient)

    def test_what_was_given_is_left_alone(self):
        case = training_case("elman")
        before = [array.copy() for array in (*case.parameters.values(), *case.inputs.values())]
        found = learnt(case)
        for array, copy in zip((*case.parameters.values(), *case.inputs.values()), before, strict=True):
            np.testing.assert_array_equal(array, copy)
            assert array.flags.writeable
            assert not any(np.shares_memory(array, gradient) for gradient in found.weights.values())

    def test_threads_do_not_meet(self):
        many = [training_case("lstm", rows=rows) for rows in (8, 8, 8, 3)]
        many = [case.but(parameters={n: a * k for n, a in case.parameters.items()}) for k, case in enumerate(many, 1)]
        alone = [learnt(case).loss for case in many]
        with ThreadPoolExecutor(4) as threads:
            together = list(threads.map(lambda case: learnt(case).loss, many * 5))
        assert together == alone * 5


class TestComplaints:
    @pytest.mark.parametrize("rows", [2, 8])
    @pytest.mark.parametrize("name", ["elman", "lstm", "jordan"])
    def test_overflow_is_told_with_layer_and_step(self, name, rows):
        case = training_case(name, rows=rows)
        case = case.but(parameters={n: np.full(a.shape, 1e38) for n, a in case.parameters.items()})
        with pytest.raises(NotFiniteError) as slow:
            forward(case.graph, case.parameters, case.inputs, case.targets, dtype=np.float32)
        with pytest.raises(NotFiniteError) as quick:
            learnt(case, np.float32)
        assert (str(quick.value), quick.value.step) == (str(slow.value), slow.value.step)

    def test_overflow_that_is_squashed_away_is_told_too(self):
        """A memory beyond all numbers leaves through tanh as 1: neither loss nor gradient would show it."""
        layers = Layer("x", 1, role="input"), Layer("c", 1), Layer("h", 1, "tanh")
        links = Connection("x", "c"), Connection("c", "c", "w", diagonal=True, delay=1), Connection("c", "h")
        graph = Graph("grows", (*layers, Layer("E", 1, "squared_error", role="loss")), (*links, Connection("h", "E")))
        numbers = np.ones((40, 8, 1))
        with pytest.raises(NotFiniteError, match="'c' grows beyond the largest float32 number at step 5"):
            learn_from(graph, {"w": np.array([1e10])}, numbers, numbers)

    def test_a_loss_beyond_single_precision_is_still_a_number(self):
        graph = build("elman", inputs=1, hidden=1, outputs=1, output_activation="identity", loss="squared_error")
        weights = {name: np.zeros(shape) for name, shape in graph.parameter_shapes.items()}
        trace = forward(graph, weights, np.ones((3, 1, 1)), np.full((3, 1, 1), 1.8e19), dtype=np.float32)
        assert trace.loss == pytest.approx(1.5 * 1.8e19**2)

    @pytest.mark.parametrize("value", [np.nan, np.inf, 1e300])
    def test_parameters_that_are_no_numbers(self, value):
        case = training_case("elman")
        with pytest.raises(ValueError, match="Parameter 'b_y' is not finite"):
            learnt(case.but(parameters={**case.parameters, "b_y": np.full(5, value)}), np.float32)

    def test_parameters_of_another_shape(self):
        case = training_case("elman")
        with pytest.raises(ValueError, match=r"Parameter 'b_h' has shape \(1,\); Elman needs \(3,\)"):
            learnt(case.but(parameters={**case.parameters, "b_h": np.zeros(1)}))
        with pytest.raises(ValueError, match="missing: b_h"):
            learnt(case.but(parameters={n: a for n, a in case.parameters.items() if n != "b_h"}))

    def test_no_targets(self):
        case = training_case("elman")
        with pytest.raises(ValueError, match="give targets"):
            learnt(case.but(targets=None))

    def test_a_graph_that_cannot_be_unrolled(self):
        layers = Layer("x", 1, role="input"), Layer("h", 1), Layer("E", 1, "squared_error", role="loss")
        graph = Graph("stuck", layers, (Connection("x", "h"), Connection("h", "h", "w"), Connection("h", "E")))
        with pytest.raises(GraphError):
            learn_from(graph, {"w": np.ones((1, 1))}, np.ones((2, 1, 1)), np.ones((2, 1, 1)))


class TestSeveralRowsAtATime:
    """What a network says does not depend on how many rows it is said to at once."""

    @pytest.mark.parametrize("masked", [False, True])
    @pytest.mark.parametrize("name", ["elman", "bidirectional_lstm", "encoder_decoder_gru"])
    def test_the_same_as_all_at_once(self, name, masked, monkeypatch):
        monkeypatch.setattr(answering, "MOST_BYTES", 1)
        case = training_case(name, masked=masked)
        whole = forward(case.graph, case.parameters, case.inputs, mask=case.mask)
        found = answering.answer(case.graph, case.parameters, case.inputs, mask=case.mask, dtype=float)
        assert (found.steps, found.batch, found.output) == (6, 8, whole.output)
        np.testing.assert_allclose(found["y"], whole["y"], rtol=1e-12)
        assert not found["y"].flags.writeable


class TestTheOutput:
    def test_is_what_the_error_is_measured_at(self):
        layers = Layer("x", 2, role="input"), Layer("h", 2, "tanh"), Layer("y", 2, role="output")
        links = Connection("x", "h", "W"), Connection("h", "y", "V")
        error = Layer("E", 1, "squared_error", role="loss")
        for more, read, wanted in (((), (), "y"), ((error,), (Connection("h", "E"),), "h")):
            graph = Graph("g", (*layers, *more), (*links, *read))
            assert forward(graph, {"W": np.eye(2), "V": np.eye(2)}, np.ones((1, 1, 2))).output == wanted

    def test_a_network_with_two_says_so(self):
        layers = Layer("x", 2, role="input"), Layer("y", 2, role="output"), Layer("z", 2, role="output")
        graph = Graph("both", layers, (Connection("x", "y", "W"), Connection("x", "z", "V")))
        with pytest.raises(ValueError, match="both has no single output, but y, z"):
            _ = forward(graph, {"W": np.eye(2), "V": np.eye(2)}, np.ones((1, 1, 2))).output


class TestMemory:
    @pytest.mark.parametrize("rows_inside", [False, True])
    @pytest.mark.parametrize("at", [slice(None), slice(1, 5, 2), slice(2, 3)])
    @pytest.mark.parametrize("rows", [1, 3])
    def test_products_do_not_depend_on_how_arrays_lie(self, rows, at, rows_inside):
        rng = np.random.default_rng(0)
        vectors, out = (blank(6, rows, 7, float, rows_inside)[..., 2:7][at] for _ in range(2))
        vectors[...] = rng.standard_normal(vectors.shape)
        matrix = rng.standard_normal((5, 5))
        multiply(vectors, matrix, out)
        np.testing.assert_allclose(out, np.einsum("tbi,ij->tbj", vectors, matrix), rtol=1e-13)

    @pytest.mark.parametrize("rows_inside", [False, True])
    def test_a_sheet_has_a_line_for_every_step_and_row(self, rows_inside):
        sheet, numbers = Sheet(4, 3, 2, float, rows_inside), np.arange(24.0).reshape(4, 3, 2)
        sheet.by_step[...] = numbers
        assert np.shares_memory(sheet.by_step, sheet.lines)
        np.testing.assert_array_equal(sheet.lines.T @ sheet.lines, np.einsum("tbi,tbj->ij", numbers, numbers))
