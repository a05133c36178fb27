"""Gradients apart: by errors (one row for each), and by errors and steps (law 4, second half)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from explorer.architectures import ARCHITECTURES
from explorer.engine import itemised as module
from explorer.engine.backward import backward
from explorer.engine.forward import forward
from explorer.engine.gradients import steps_along
from explorer.engine.itemised import itemised
from explorer.graph import Connection, Graph, Layer
from tests import reference
from tests.reference import Case
from tests.strategies import architecture_case, cases, computed, delay_graphs, make_case, run

LAW = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])


def single(name: str, steps: int = 5, **options) -> Case:
    """A registered architecture on one sequence."""
    return architecture_case(name, steps=steps, started=True, **options).row(0)


def only(case: Case, t: int) -> dict:
    """Autograd of the errors of step t alone: the nudged copies of everything, by key."""
    presence = {"first": t, "last": t, "every": 1}
    layers = tuple(
        layer
        if layer.role != "loss"
        else Layer(
            layer.name,
            layer.size,
            layer.activation,
            role="loss",
            presence=type(layer.presence)(**presence)
            if t in layer.presence.steps(case.steps)
            else type(layer.presence)(first=case.steps + 1),
        )
        for layer in case.graph.layers
    )
    return reference.differentiate(case.but(graph=Graph(case.graph.name, layers, case.graph.connections)))


def assert_close(found, expected, what: str, scale: float = 1.0) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-11 * scale, err_msg=what)


def assert_rows_add_up(case: Case) -> None:
    """The rows of a backward pass with errors apart are the errors' own, and add up to the plain one."""
    trace = run(case)
    whole, apart = backward(trace), backward(trace, apart=True)
    assert apart.rows == case.steps
    names = [layer.name for layer in case.graph.layers if layer.role != "loss"]
    scale = max(1.0, *(float(np.abs(whole[name]).max()) for name in names))
    for name in names:
        assert apart[name].shape == (case.steps + 1, case.steps, case.graph[name].size)
        assert_close(apart[name].sum(axis=1, keepdims=True), whole[name], name, scale)
    for layer in computed(case.graph):
        assert_close(apart.delta[layer.name].sum(axis=1, keepdims=True), whole.delta[layer.name], layer.name, scale)
        assert_close(apart.initial[layer.name].sum(axis=0), whole.initial[layer.name][0], layer.name, scale)
    for c in case.graph.connections:
        if c.target in apart.delta or c.target in apart.errors:
            assert_close(apart.along(c).sum(axis=1, keepdims=True), whole.along(c), f"along {c}", scale)


class TestErrorsApart:
    """backward(trace, apart=True): row t - 1 is ∂L_t/∂·."""

    @pytest.mark.parametrize("name", ARCHITECTURES)
    def test_rows_add_up_in_every_architecture(self, name):
        assert_rows_add_up(single(name))
        assert_rows_add_up(single(name, masked=True))

    @LAW
    @given(cases(delay_graphs()))
    def test_rows_add_up_in_random_delay_graphs(self, case):
        assert_rows_add_up(case.row(0))

    @pytest.mark.parametrize("name", ARCHITECTURES)
    def test_a_row_is_the_gradient_of_one_error(self, name):
        case = single(name, steps=4)
        apart = backward(run(case), apart=True)
        for t in range(1, 5):
            exact = only(case, t)
            for layer in computed(case.graph):
                shape = (1, layer.size)
                value = reference.dense(exact, "value", layer.name, range(5), shape)
                assert_close(apart[layer.name][:, t - 1], value[:, 0], f"∂L_{t}/∂{layer.name}")
                delta = reference.dense(exact, "pre", layer.name, range(1, 5), shape)
                assert_close(apart.delta[layer.name][:, t - 1], delta[:, 0], f"∂L_{t}/∂a of {layer.name}")

    def test_chosen_steps_come_in_their_order(self):
        trace = run(single("lstm"))
        every, chosen = backward(trace, apart=True), backward(trace, steps=[4, 2], apart=True)
        np.testing.assert_allclose(chosen["c"], every["c"][:, [3, 1]], rtol=1e-12)

    def test_the_errors_of_some_steps_alone(self):
        case = architecture_case("gru_reset_after", masked=True, started=True)
        trace = run(case)
        parts = [backward(trace, steps=steps) for steps in ([1, 4], [2, 3, 5])]
        whole = backward(trace)
        for weight, gradient in whole.weights.items():
            np.testing.assert_allclose(sum(part.weights[weight] for part in parts), gradient, rtol=1e-12, atol=1e-14)

    def test_errors_and_seeds_together(self):
        case = architecture_case("lstm_peephole", started=True)
        trace, rng = run(case), np.random.default_rng(0)
        seeds = {"h": rng.standard_normal((6, 2, 3)), "c": rng.standard_normal((6, 2, 3))}
        both = backward(trace, seeds, with_errors=True)
        parts = backward(trace), backward(trace, seeds)
        for weight, gradient in both.weights.items():
            expected = parts[0].weights[weight] + parts[1].weights[weight]
            np.testing.assert_allclose(gradient, expected, rtol=1e-12, atol=1e-14)

    def test_what_cannot_be_set_apart_is_refused(self):
        trace = run(architecture_case("elman"))
        with pytest.raises(ValueError, match=r"one sequence at a time; the trace has 2 rows.*\.$"):
            backward(trace, apart=True)
        one = run(single("elman"))
        for steps in ([], [0], [6], 2, [1.0], "12"):
            with pytest.raises(ValueError, match=r"steps 1 to 5; .* was asked for\. Give a list of whole numbers\.$"):
                backward(one, steps=steps)
        with pytest.raises(ValueError, match="without seeds"):
            backward(one, {"h": np.ones((6, 1, 3))}, with_errors=True, apart=True)
        with pytest.raises(ValueError, match=r"shape \(6, 1, 3\)"):
            backward(one, {"h": np.ones((6, 2, 3))}, with_errors=True)
        with pytest.raises(ValueError, match="no error to differentiate"):
            backward(run(single("elman").but(targets={})), apart=True)


def assert_law_4(case: Case) -> None:
    """The itemised matrix adds up: over all pairs to the gradient, over errors to the steps."""
    items = itemised(run(case))
    for weight, gradient in items.gradients.weights.items():
        along, scale = items.along(weight), max(1.0, float(items.norms(weight).max()))
        assert along.shape == (case.steps, case.steps)
        assert_close(along.sum(), np.linalg.norm(gradient), weight, scale)
        assert_close(along.sum(axis=0), items.steps_along(weight), weight, scale)
        assert (np.abs(along) <= items.norms(weight) + 1e-12 * scale).all()


def shared(kind: str) -> Graph:
    """One parameter on two connections, matrix or diagonal, and a bias on two layers."""
    return Graph(
        "shared",
        (
            Layer("x", 3, role="input"),
            Layer("h", 3, "tanh", bias="b"),
            Layer("p", 3, combine="product"),
            Layer("g", 3, "sigmoid", bias="b"),
            Layer("E", 1, "squared_error", role="loss"),
        ),
        (
            Connection("x", "h", "W"),
            Connection("p", "h", "W" if kind == "matrix" else "d", diagonal=kind == "diagonal", delay=1),
            Connection("h", "g", "W", delay=2),
            Connection("h", "p", "d", diagonal=True),
            Connection("g", "p"),
            Connection("p", "E"),
        ),
    )


class TestLaw4Itemised:
    """Σ over (loss t, step k) of the itemised matrix = the gradient."""

    @pytest.mark.parametrize("name", ARCHITECTURES)
    def test_for_every_architecture(self, name):
        assert_law_4(single(name))
        assert_law_4(single(name, masked=True))

    @LAW
    @given(cases(delay_graphs()))
    def test_for_random_delay_graphs(self, case):
        assert_law_4(case.row(0))

    @pytest.mark.parametrize("make", ["lstm_peephole", "encoder_decoder", "tapped", "matrix", "diagonal"])
    def test_each_pair_is_the_derivative_of_one_error_by_one_copy(self, make):
        if make in ARCHITECTURES:
            case = single(make, steps=4)
        else:
            case = make_case(shared(make), steps=4, batch=1, started=True)
        items = itemised(run(case))
        exact = {t: only(case, t) for t in range(1, 5)}
        for weight, array in case.parameters.items():
            pairs = np.array(
                [reference.dense(exact[t], "weight", weight, range(1, 5), array.shape) for t in range(1, 5)]
            ).reshape(4, 4, -1)
            direction = pairs.sum(axis=(0, 1)) / np.linalg.norm(pairs.sum(axis=(0, 1)))
            assert_close(items.norms(weight), np.linalg.norm(pairs, axis=-1), weight)
            assert_close(items.along(weight), pairs @ direction, weight)
            assert_close(items.contribution(weight, 4, 3), pairs[3, 2].reshape(array.shape), weight)

    def test_small_bundles_give_the_same(self, monkeypatch):
        trace = run(single("gru_reset_before"))
        whole = itemised(trace)
        monkeypatch.setattr(module, "_MOST_NUMBERS", 1)
        for weight in whole.gradients.weights:
            np.testing.assert_allclose(itemised(trace).norms(weight), whole.norms(weight), rtol=1e-12, atol=1e-15)

    def test_steps_add_up_over_a_batch_too(self):
        for name in ("lstm_peephole", "tapped"):
            gradients = backward(trace := run(architecture_case(name, masked=True)))
            for weight, gradient in gradients.weights.items():
                found, tensors = steps_along(trace, weight, gradients.delta), gradients.contributions(weight)
                length = np.linalg.norm(gradient)
                np.testing.assert_allclose(found.sum(), length, rtol=1e-12)
                projected = (tensors * gradient).reshape(trace.steps, -1).sum(axis=1) / length
                np.testing.assert_allclose(found, projected, rtol=1e-10, atol=1e-13 * length)
        with pytest.raises(ValueError, match=r"no parameter 'W' in "):
            steps_along(trace, "W", gradients.delta)

    def test_a_linear_recurrence_by_hand(self):
        graph = Graph(
            "linear",
            (Layer("x", 1, role="input"), Layer("h", 1), Layer("E", 1, "squared_error", role="loss")),
            (Connection("x", "h"), Connection("h", "h", "w", delay=1), Connection("h", "E")),
        )
        trace = forward(graph, {"w": [[0.5]]}, [[[1.0]], [[2.0]], [[-1.0]]], targets=np.zeros((3, 1, 1)))
        h = trace["h"][:, 0, 0]  # ∂E_t/∂w at step k = h_t · w^(t-k) · h_(k-1)
        pairs = np.array([[h[t] * 0.5 ** (t - k) * h[k - 1] * (k <= t) for k in (1, 2, 3)] for t in (1, 2, 3)])
        items = itemised(trace)
        np.testing.assert_allclose(items.norms("w"), np.abs(pairs), rtol=1e-12)
        np.testing.assert_allclose(items.along("w"), pairs * np.sign(pairs.sum()), rtol=1e-12)

    def test_a_gradient_of_zero_has_no_direction_and_no_share(self):
        trace = run(single("elman").but(initial={}))
        still = forward(trace.graph, {n: 0 * w for n, w in trace.parameters.items()}, [[0], [1]], [[0], [1]])
        items = itemised(still)
        assert not items.along("W_hh").any()
        assert not items.steps_along("W_hh").any()

    def test_what_is_not_there_is_refused(self):
        with pytest.raises(ValueError, match=r"one sequence at a time; the trace has 2 rows.*\.$"):
            itemised(run(architecture_case("elman")))
        items = itemised(run(single("elman")))
        with pytest.raises(ValueError, match=r"no parameter 'W' in Elman; it has W_xh, .*\.$"):
            items.norms("W")
        for t, k, sentence in (
            (3, 6, "which a weight is used is a whole number from 1 to 5; 6 was given"),
            (3, 1.5, "from 1 to 5; 1.5 was given"),
            (0, 3, "step of an error is a whole number from 1 to 5; 0 was given"),
        ):
            with pytest.raises(ValueError, match=sentence):
                items.contribution("W_hh", t, k)
