"""Backpropagation through time: gradients are derivatives (law 3), and add up over steps (law 4) and edges (law 5)."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explorer.architectures import build
from explorer.engine.backward import backward
from explorer.engine.forward import forward
from explorer.engine.gradients import Gradients
from explorer.engine.trace import NotFiniteError
from explorer.graph import Connection, Graph, Layer, Presence
from tests import reference
from tests.reference import Case
from tests.strategies import (
    GRID,
    SMOOTH_ACTIVATIONS,
    architecture_case,
    cases,
    computed,
    delay_graphs,
    make_case,
    run,
)

LAW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
SHALLOW = [entry for entry in GRID if entry[1] == 1]
TANH = [entry for entry in SHALLOW if entry[2] == "tanh"]


def differentiated(case: Case) -> Gradients:
    """The engine's gradients of L."""
    return backward(run(case))


def assert_close(found, expected, what: str, scale: float) -> None:
    """Within 1e-10 of the largest gradient around, shapes included; exact zeros included."""
    assert found.shape == expected.shape, f"{what}: {found.shape} instead of {expected.shape}"
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-11 * scale, err_msg=what)


def assert_gradients_are_derivatives(case: Case, gradients: Gradients, exact: dict) -> None:
    """Law 3 at every node, pre-activation, edge, initial state and copy of a weight."""
    graph, after = case.graph, range(1, case.steps + 1)
    # not below .001: a gradient that is nothing but what rounding left of a difference has no digits to compare
    scale = max((0.001, *(float(np.abs(array).max()) for array in exact.values())))
    for layer in graph.layers:
        if layer.role == "loss":
            continue
        shape = (case.batch, layer.size)
        value = reference.dense(exact, "value", layer.name, range(case.steps + 1), shape)
        if case.mask is not None:
            value[1:] *= case.mask[..., None]  # what a padded step would receive belongs to the initial state
        assert_close(gradients[layer.name], value, f"∂L/∂{layer.name}", scale)
        if layer.role != "input":
            delta = reference.dense(exact, "pre", layer.name, after, shape)
            assert_close(gradients.delta[layer.name], delta, f"∂L/∂a of {layer.name}", scale)
            start = exact.get(("initial", layer.name), np.zeros(shape))
            assert_close(gradients.initial[layer.name], start, f"∂L/∂{layer.name}_0", scale)
    for name, array in case.parameters.items():
        steps = reference.dense(exact, "weight", name, after, array.shape)
        assert_close(gradients.contributions(name), steps, f"∂L/∂{name} by steps", scale)
        assert_close(gradients.weights[name], steps.sum(axis=0), f"∂L/∂{name}", scale)
    for index, c in enumerate(graph.connections):
        if graph[c.target].role == "loss" and not gradients.errors:
            continue  # seeds were propagated instead
        message = reference.dense(exact, "edge", index, after, (case.batch, graph[c.source].size))
        assert_close(gradients.along(c), message, f"along {c}", scale)


@cache
def architecture_gradients(name: str, depth: int, phi: str) -> tuple[Case, Gradients, dict]:
    """A registered architecture, what the engine and what autograd say about it."""
    case = architecture_case(name, depth, phi, steps=4, started=True)
    return case, differentiated(case), reference.differentiate(case)


class TestLaw3GradientsAreDerivatives:
    """They equal automatic differentiation, central differences and the complex-step derivative."""

    @pytest.mark.parametrize(("name", "depth", "phi"), GRID)
    def test_by_autograd_for_every_architecture(self, name, depth, phi):
        assert_gradients_are_derivatives(*architecture_gradients(name, depth, phi))

    @pytest.mark.parametrize(("name", "depth", "phi"), TANH)
    def test_by_autograd_for_every_architecture_with_a_mask(self, name, depth, phi):
        case = architecture_case(name, depth, phi, masked=True, started=True)
        assert_gradients_are_derivatives(case, differentiated(case), reference.differentiate(case))

    @settings(LAW, max_examples=150)
    @given(cases(delay_graphs()))
    def test_by_autograd_for_random_delay_graphs(self, case):
        assert_gradients_are_derivatives(case, differentiated(case), reference.differentiate(case))

    @settings(LAW, max_examples=60)
    @given(cases(delay_graphs(), masked=True))
    def test_by_autograd_for_random_delay_graphs_with_masks(self, case):
        assert_gradients_are_derivatives(case, differentiated(case), reference.differentiate(case))

    @pytest.mark.parametrize("kind", ["sum", "product"])
    def test_by_autograd_for_padding_that_a_filter_reads_around(self, kind):
        # no cycle: every layer is computed at once, and padded steps lie between those that are read
        layers = (
            Layer("x", 2, role="input"),
            Layer("v", 2, "sigmoid", bias="b"),
            Layer("w", 2, "tanh", combine=kind),
            Layer("E", 1, "squared_error", role="loss"),
        )
        taps = [Connection("v", "w", f"d{delay}", diagonal=True, delay=delay) for delay in (-1, 0, 1)]
        graph = Graph("filter", layers, (Connection("x", "v", "W"), *taps, Connection("w", "E")))
        case = make_case(graph, steps=6, batch=2, started=True)
        case = case.but(mask=np.array([[1, 0], [0, 1], [1, 1], [1, 0], [0, 0], [1, 1]], bool))
        assert_gradients_are_derivatives(case, differentiated(case), reference.differentiate(case))

    @settings(LAW, max_examples=60)
    @given(cases(delay_graphs(inner=7, retimed=True, activations=("tanh", "sigmoid", "identity"))))
    def test_by_autograd_for_components_that_need_retiming(self, case):
        assert_gradients_are_derivatives(case, differentiated(case), reference.differentiate(case))

    @pytest.mark.parametrize(("name", "depth", "phi"), [entry for entry in GRID if entry[2] != "relu"])
    def test_by_complex_step_for_every_architecture(self, name, depth, phi):
        assert_complex_step(architecture_case(name, depth, phi, steps=7))

    @settings(LAW, max_examples=60)
    @given(cases(delay_graphs(activations=SMOOTH_ACTIVATIONS)))
    def test_by_complex_step_for_random_delay_graphs(self, case):
        assert_complex_step(case)

    @pytest.mark.parametrize(("name", "depth", "phi"), [entry for entry in GRID if entry[2] == "tanh"])
    def test_by_central_differences_for_every_architecture(self, name, depth, phi):
        assert_central_differences(architecture_case(name, depth, phi, steps=6, started=True))

    @settings(LAW, max_examples=60)
    @given(cases(delay_graphs(activations=SMOOTH_ACTIVATIONS)))
    def test_by_central_differences_for_random_delay_graphs(self, case):
        assert_central_differences(case)

    def test_every_single_entry_by_central_differences(self):
        case = architecture_case("lstm_peephole", steps=4)
        gradients, h = differentiated(case), 1e-5
        for name, array in case.parameters.items():
            for entry in np.ndindex(array.shape):
                shift = np.zeros_like(array)
                shift[entry] = h
                ends = [run(case.but(parameters={**case.parameters, name: array + s})).loss for s in (shift, -shift)]
                slope = (ends[0] - ends[1]) / (2 * h)
                np.testing.assert_allclose(gradients.weights[name][entry], slope, rtol=1e-6, atol=1e-8)


def assert_complex_step(case: Case) -> None:
    """The slope of L along a random direction of all parameters together."""
    if not case.parameters:
        return
    rng, gradients = np.random.default_rng(1), differentiated(case)
    directions = {name: rng.standard_normal(array.shape) for name, array in case.parameters.items()}
    terms = [gradients.weights[name] * directions[name] for name in directions]
    scale = sum(float(np.abs(term).sum()) for term in terms)
    slope = reference.complex_step(case, directions)
    np.testing.assert_allclose(sum(float(term.sum()) for term in terms), slope, rtol=1e-11, atol=1e-12 * scale)


def assert_central_differences(case: Case, h: float = 1e-5) -> None:
    """The slope of L, by the engine alone, along a random direction of parameters and initial states."""
    rng, gradients = np.random.default_rng(2), differentiated(case)
    moved = {name: rng.standard_normal(array.shape) for name, array in case.parameters.items()}
    started = {name: rng.standard_normal(state.shape) for name, state in case.initial.items()}

    def loss(step: float) -> float:
        parameters = {name: array + step * moved[name] for name, array in case.parameters.items()}
        initial = {name: state + step * started[name] for name, state in case.initial.items()}
        return run(case.but(parameters=parameters, initial=initial)).loss

    terms = [gradients.weights[name] * moved[name] for name in moved]
    terms += [gradients.initial[name] * started[name] for name in started]
    scale = sum(float(np.abs(term).sum()) for term in terms) + abs(loss(0))
    slope = (loss(h) - loss(-h)) / (2 * h)
    np.testing.assert_allclose(sum(float(term.sum()) for term in terms), slope, rtol=1e-5, atol=1e-6 * scale)


class TestLaw4ContributionsAddUp:
    """A shared weight's gradient is the sum over its copies."""

    @pytest.mark.parametrize(("name", "depth", "phi"), GRID)
    def test_for_every_architecture(self, name, depth, phi):
        case, gradients, _ = architecture_gradients(name, depth, phi)
        for weight, array in case.parameters.items():
            contributions = gradients.contributions(weight)
            assert contributions.shape == (case.steps, *array.shape)
            assert_close(contributions.sum(axis=0), gradients.weights[weight], weight, np.abs(contributions).max())

    @settings(LAW, max_examples=60)
    @given(cases(delay_graphs()))
    def test_for_random_delay_graphs(self, case):
        gradients = differentiated(case)
        for weight in case.parameters:
            contributions = gradients.contributions(weight)
            assert_close(contributions.sum(axis=0), gradients.weights[weight], weight, np.abs(contributions).max())

    def test_a_weight_used_by_two_connections_collects_from_both(self):
        apart, together = (
            Graph(
                "taps",
                (Layer("x", 2, role="input"), Layer("h", 2, "tanh"), Layer("E", 1, "squared_error", role="loss")),
                (
                    Connection("x", "h", "A"),
                    Connection("h", "h", second, delay=1),
                    Connection("h", "h", third, delay=2),
                    Connection("h", "E"),
                ),
            )
            for second, third in (("B", "C"), ("A", "A"))
        )
        case = make_case(together, steps=5, batch=2)
        own = dict.fromkeys("ABC", case.parameters["A"])
        one, three = differentiated(case), differentiated(case.but(graph=apart, parameters=own))
        expected = sum(three.weights[name] for name in "ABC")
        np.testing.assert_allclose(one.weights["A"], expected, rtol=1e-13)
        assert (np.abs(three.weights["B"]) > 1e-3).all()


class TestLaw5EdgesAddUp:
    """A node's gradient is what comes back along its outgoing edges, its errors' among them."""

    @pytest.mark.parametrize(("name", "depth", "phi"), GRID)
    def test_for_every_architecture(self, name, depth, phi):
        case, gradients, _ = architecture_gradients(name, depth, phi)
        assert_edges_add_up(case, gradients)

    @settings(LAW, max_examples=80)
    @given(cases(delay_graphs()))
    def test_for_random_delay_graphs(self, case):
        assert_edges_add_up(case, differentiated(case))


def assert_edges_add_up(case: Case, gradients: Gradients) -> None:
    """Law 5 at steps 1 … T and in the slot that step 1 reads through a delay of 1."""
    for layer in case.graph.layers:
        if layer.role == "loss":
            continue
        total = np.zeros((case.steps + 1, case.batch, layer.size))
        for c in case.graph.outgoing(layer.name):
            if case.graph[c.target].activation == "cross_entropy":
                continue  # enters at the pre-activation, not at the value
            for t, message in enumerate(gradients.along(c), start=1):
                if 0 <= t - c.delay <= case.steps:
                    total[t - c.delay] += message
        if case.mask is not None:
            total[1:] *= case.mask[..., None]
        assert_close(gradients[layer.name], total, layer.name, max(1.0, float(np.abs(total).max())))


class TestSeeds:
    """Cotangents of a caller's own, instead of the losses."""

    @settings(LAW, max_examples=80)
    @given(cases(delay_graphs()), st.data())
    def test_gradients_are_those_of_the_weighted_sum_of_values(self, case, data):
        names = [layer.name for layer in computed(case.graph)]
        assert_seeds_are_propagated(case, data.draw(st.sets(st.sampled_from(names), min_size=1)))

    @pytest.mark.parametrize(("name", "depth", "phi"), TANH)
    def test_gradients_are_those_of_the_weighted_sum_of_values_in_every_architecture(self, name, depth, phi):
        case = architecture_case(name, depth, phi, steps=4, masked=True, started=True)
        names = [layer.name for layer in computed(case.graph)]
        for chosen in (names, names[::2], names[1::2], names[-1:]):
            assert_seeds_are_propagated(case, chosen)

    @pytest.mark.parametrize(("name", "depth", "phi"), TANH)
    def test_gradients_are_linear_in_the_seeds(self, name, depth, phi):
        case = architecture_case(name, depth, phi, masked=True)
        trace, names = run(case), [layer.name for layer in computed(case.graph)]
        one, two = some_seeds(case, names[:1], 1), some_seeds(case, names, 2)
        both = {n: 2 * two[n] + one.get(n, 0) for n in names}
        parts = [backward(trace, seeds).weights for seeds in (one, two, both)]
        for weight in case.parameters:
            np.testing.assert_allclose(parts[2][weight], parts[0][weight] + 2 * parts[1][weight], atol=1e-11)

    @pytest.mark.parametrize(("name", "depth", "phi"), TANH)
    def test_many_cotangents_at_once_are_each_of_them_alone(self, name, depth, phi):
        case = architecture_case(name, depth, phi, started=True).row(0)
        trace, names = run(case), [layer.name for layer in computed(case.graph)]
        rng = np.random.default_rng(3)
        seeds = {n: rng.standard_normal((case.steps + 1, 7, case.graph[n].size)) for n in names}
        together = backward(trace, seeds)
        for i in range(7):
            alone = backward(trace, {n: seed[:, i : i + 1] for n, seed in seeds.items()})
            for n in (*names, *case.inputs):
                np.testing.assert_allclose(together[n][:, i : i + 1], alone[n], rtol=1e-12, atol=1e-13)
            for n in names:
                np.testing.assert_allclose(together.delta[n][:, i : i + 1], alone.delta[n], rtol=1e-12, atol=1e-13)

    @pytest.mark.parametrize("name", ["lstm", "gru_reset_after", "bidirectional"])
    def test_unit_seeds_give_the_jacobian(self, name):
        graph = build(name, inputs=4, hidden=3, outputs=5)
        case = make_case(graph, steps=4, batch=1)
        top = "h_bwd" if name == "bidirectional" else "h"
        seed = np.zeros((5, 3, 3))
        seed[3] = np.eye(3)
        jacobian = backward(run(case), {top: seed})["x"]  # [k, i, j] = ∂h_3[i] / ∂x_k[j]
        h = 1e-6
        for k in range(4):
            for j in range(4):
                shift = np.zeros((4, 1, 4))
                shift[k, 0, j] = h
                ends = [run(case.but(inputs={"x": case.inputs["x"] + s}))[top][3, 0] for s in (shift, -shift)]
                np.testing.assert_allclose(jacobian[k + 1, :, j], (ends[0] - ends[1]) / (2 * h), atol=1e-8)

    def test_seeds_replace_the_losses(self):
        case = architecture_case("elman")
        seeds = some_seeds(case, ["h"])
        with_targets = backward(run(case), seeds).weights
        without = backward(run(case.but(targets={})), seeds).weights
        for name, gradient in with_targets.items():
            np.testing.assert_array_equal(gradient, without[name])
        assert not with_targets["W_hy"].any()


def some_seeds(case: Case, names, seed: int = 4) -> dict:
    """Random cotangents at every step of some layers."""
    rng = np.random.default_rng(seed)
    return {n: rng.standard_normal((case.steps + 1, case.batch, case.graph[n].size)) for n in names}


def assert_seeds_are_propagated(case: Case, names) -> None:
    """Law 3 for Σ seed · value instead of L."""
    seeds = some_seeds(case, names)
    read = reference.interpret(case).values
    for name in names:
        if (name, 0) not in read:
            seeds[name][0] = 0  # the DAG has no such node
    assert_gradients_are_derivatives(case, backward(run(case), seeds), reference.differentiate(case, seeds))


class TestByHand:
    """Gradients that can be written down."""

    def linear(self, steps, delay=1):
        graph = Graph(
            "linear",
            (Layer("x", 1, role="input"), Layer("h", 1), Layer("E", 1, "squared_error", "sum", None, "loss", LAST)),
            (Connection("x", "h"), Connection("h", "h", "w", delay=delay), Connection("h", "E")),
        )
        x = np.linspace(0.5, 1.5, steps).reshape(steps, 1, 1)
        trace = forward(graph, {"w": [[0.7]]}, x, targets=np.zeros((steps, 1, 1)), initial={"h": [2.0]})
        return trace, backward(trace)

    @pytest.mark.parametrize("steps", [1, 2, 30])
    def test_a_linear_recurrence_multiplies_by_its_weight_at_each_step_back(self, steps):
        trace, gradients = self.linear(steps)
        h = trace["h"][:, 0, 0]
        for k in range(steps + 1):  # L = h_T² / 2, ∂h_T/∂h_k = w^(T-k)
            np.testing.assert_allclose(gradients["h"][k, 0, 0], h[-1] * 0.7 ** (steps - k), rtol=1e-12)
        expected = [h[-1] * 0.7 ** (steps - t) * h[t - 1] for t in range(1, steps + 1)]
        np.testing.assert_allclose(gradients.contributions("w")[:, 0, 0], expected, rtol=1e-12)
        np.testing.assert_allclose(gradients.initial["h"], [[h[-1] * 0.7**steps]], rtol=1e-12)

    @pytest.mark.parametrize("steps", [1, 2, 3, 4, 7])
    def test_a_delay_of_three_touches_every_third_step(self, steps):
        trace, gradients = self.linear(steps, delay=3)
        h = trace["h"][:, 0, 0]
        expected = [h[-1] * 0.7 ** ((steps - k) // 3) if (steps - k) % 3 == 0 else 0 for k in range(1, steps + 1)]
        np.testing.assert_allclose(gradients["h"][1:, 0, 0], expected, rtol=1e-12)
        # through one of the three slots before step 1: ⌈T / 3⌉ factors, wherever T falls
        np.testing.assert_allclose(gradients.initial["h"], [[h[-1] * 0.7 ** -(-steps // 3)]], rtol=1e-12)

    def test_softmax_with_cross_entropy_is_output_minus_target(self):
        case = architecture_case("elman")
        trace = run(case)
        expected = trace["y"][1:] - np.eye(5)[case.targets["E"]]
        np.testing.assert_allclose(differentiated(case).delta["y"], expected, rtol=1e-12)

    def test_the_digits_of_a_saturated_unit_are_kept(self):
        graph = Graph(
            "saturated",
            (Layer("x", 2, role="input"), Layer("s", 2, "sigmoid"), Layer("h", 2, "tanh")),
            (Connection("x", "s"), Connection("x", "h")),
        )
        trace = forward(graph, {}, [[[40.0, -40.0]]])
        gradients = backward(trace, {name: np.ones((2, 1, 2)) for name in "sh"})
        np.testing.assert_allclose(gradients.delta["s"][0, 0], np.exp([-40.0, -40.0]), rtol=1e-12)
        np.testing.assert_allclose(gradients.delta["h"][0, 0], 4 * np.exp([-80.0, -80.0]), rtol=1e-12)

    def test_a_product_with_a_zero_factor_still_has_a_gradient(self):
        graph = Graph(
            "product",
            (Layer("x", 1, role="input"), Layer("v", 1, "relu"), Layer("p", 1, combine="product")),
            (Connection("x", "v", "a"), Connection("v", "p"), Connection("x", "p", "d", diagonal=True)),
        )
        trace = forward(graph, {"a": [[-1.0]], "d": [3.0]}, [[[2.0]]])
        gradients = backward(trace, {"p": np.ones((2, 1, 1))})
        assert trace["p"][1, 0, 0] == 0
        assert gradients["v"][1, 0, 0] == 6
        assert gradients.weights["d"] == 0


LAST = Presence(first=-1)


class TestWiring:
    """Gradients of wirings are those of their pieces."""

    @pytest.mark.parametrize(("name", "cell"), [("bidirectional", "elman"), ("bidirectional_lstm", "lstm")])
    def test_the_backward_half_is_a_cell_run_on_the_reversed_input(self, name, cell):
        case = make_case(build(name, inputs=4, hidden=3, outputs=5), steps=6, batch=2, started=True)
        alone = build(cell, inputs=4, hidden=3, outputs=5)
        own = {n: case.parameters.get(n + "_bwd", np.zeros(shape)) for n, shape in alone.parameter_shapes.items()}
        initial = {state: case.initial[state + "_bwd"] for state in alone.states}
        reversed_trace = forward(alone, own, case.inputs["x"][::-1], initial=initial)
        seed = np.random.default_rng(0).standard_normal((6, 2, 3))
        half = backward(run(case), {"h_bwd": np.concatenate([np.zeros((1, 2, 3)), seed])})
        mirror = backward(reversed_trace, {"h": np.concatenate([np.zeros((1, 2, 3)), seed[::-1]])})
        np.testing.assert_allclose(half["h_bwd"][1:], mirror["h"][1:][::-1], rtol=1e-11, atol=1e-14)
        for weight, gradient in mirror.weights.items():
            if weight + "_bwd" in half.weights:
                np.testing.assert_allclose(half.weights[weight + "_bwd"], gradient, rtol=1e-11, atol=1e-14)

    def test_an_encoder_learns_through_the_state_it_hands_over(self):
        case = architecture_case("encoder_decoder_gru", steps=6)
        gradients, p = differentiated(case), case.parameters
        alone = build("gru_reset_before", inputs=5, hidden=3, outputs=5)
        own = {n: p[n if n in p else f"{n}_dec"] for n in alone.parameter_shapes}
        last = run(case)["h_enc"][2]
        decoder = backward(forward(alone, own, case.inputs["s"][2:], case.targets["E"][2:], initial={"h": last}))
        np.testing.assert_allclose(gradients["h_enc"][2], decoder.initial["h"], rtol=1e-11)
        for weight, gradient in decoder.weights.items():
            name = weight if weight in p else f"{weight}_dec"
            np.testing.assert_allclose(gradients.weights[name], gradient, rtol=1e-11, atol=1e-14)
        assert np.abs(gradients.weights["W_xn_enc"]).max() > 1e-4


class TestRows:
    """Rows of a batch know nothing of each other; weights add them up."""

    @settings(LAW, max_examples=50)
    @given(cases(delay_graphs(activations=("tanh", "sigmoid", "softmax"))))
    def test_each_row_alone_gives_its_share(self, case):
        together = differentiated(case)
        alone = [differentiated(case.row(row)) for row in range(case.batch)]
        assert_rows_add_up(case, together, alone, [case.steps] * case.batch)

    @settings(LAW, max_examples=50)
    @given(cases(delay_graphs(always=True, activations=("tanh", "sigmoid", "softmax")), masked=False))
    def test_padded_rows_give_the_shares_of_the_shorter_rows_alone(self, case):
        assert_padding_adds_nothing(case)

    @pytest.mark.parametrize(("name", "depth", "phi"), [entry for entry in GRID if entry[1:] == (2, "tanh")])
    def test_padded_rows_give_their_shares_in_every_architecture(self, name, depth, phi):
        assert_padding_adds_nothing(architecture_case(name, depth, phi, started=True))

    def test_a_padded_step_passes_nothing(self):
        case = architecture_case("lstm", started=True)
        case = case.but(mask=np.array([[1, 1], [1, 0], [0, 1], [1, 1], [1, 0]], bool))
        gradients = differentiated(case)
        for name, delta in gradients.delta.items():
            assert not delta[~case.mask].any()
            assert not gradients[name][1:][~case.mask].any()
        assert np.abs(gradients.delta["o"][case.mask]).max() > 0


def assert_rows_add_up(case: Case, together: Gradients, alone: list[Gradients], lengths: list[int]) -> None:
    """Gradients at nodes are the rows' own; gradients of weights are sums over rows."""
    for row, (gradients, length) in enumerate(zip(alone, lengths, strict=True)):
        for layer in computed(case.graph):
            one = slice(row, row + 1)
            found = together[layer.name][: length + 1, one]
            np.testing.assert_allclose(found, gradients[layer.name], rtol=1e-10, atol=1e-11)
            found = together.initial[layer.name][one]
            np.testing.assert_allclose(found, gradients.initial[layer.name], rtol=1e-10, atol=1e-11)
    for name, gradient in together.weights.items():
        total = sum(gradients.weights[name] for gradients in alone)
        np.testing.assert_allclose(gradient, total, rtol=1e-10, atol=1e-11, err_msg=name)


def assert_padding_adds_nothing(case: Case) -> None:
    """Rows of unequal length in one masked batch are these rows alone."""
    lengths = [1 + (3 * row + case.steps) % case.steps for row in range(case.batch)]
    together = differentiated(case.but(mask=np.arange(case.steps)[:, None] < lengths))
    alone = [differentiated(case.row(row, length)) for row, length in enumerate(lengths)]
    assert_rows_add_up(case, together, alone, lengths)


class TestNumbers:
    """Tokens, types, and what is kept."""

    @pytest.mark.parametrize(("name", "depth", "phi"), TANH)
    def test_tokens_are_one_hot_vectors(self, name, depth, phi):
        assert_tokens_are_one_hot(architecture_case(name, depth, phi, masked=True))

    @settings(LAW, max_examples=50)
    @given(cases(delay_graphs()))
    def test_tokens_are_one_hot_vectors_in_random_graphs(self, case):
        assert_tokens_are_one_hot(case)

    @pytest.mark.parametrize(("name", "depth", "phi"), SHALLOW)
    def test_float32_is_close_to_float64(self, name, depth, phi):
        case = architecture_case(name, depth, phi, masked=True, started=True)
        single, double = backward(run(case, dtype=np.float32)), differentiated(case)
        for weight, gradient in double.weights.items():
            scale = max(1.0, float(np.abs(gradient).max()))
            np.testing.assert_allclose(single.weights[weight], gradient, rtol=1e-3, atol=2e-5 * scale)
        for layer in computed(case.graph):
            np.testing.assert_allclose(single[layer.name], double[layer.name], rtol=1e-3, atol=2e-5)

    @settings(LAW, max_examples=40)
    @given(cases(delay_graphs()))
    def test_float32_stays_float32(self, case):
        gradients = backward(run(case, dtype=np.float32))
        found = {f"∂L/∂{layer.name}": gradients[layer.name] for layer in case.graph.layers if layer.role != "loss"}
        found |= {f"δ {name}": delta for name, delta in gradients.delta.items()}
        found |= gradients.weights
        found |= {f"{name} by steps": gradients.contributions(name) for name in case.parameters}
        found |= {f"initial {name}": gradient for name, gradient in gradients.initial.items()}
        found |= {f"{c}": gradients.along(c) for c in case.graph.connections}
        assert {what: array.dtype.name for what, array in found.items()} == dict.fromkeys(found, "float32")

    @pytest.mark.parametrize(("name", "depth", "phi"), SHALLOW)
    def test_the_same_call_twice_is_byte_identical(self, name, depth, phi):
        case = architecture_case(name, depth, phi, masked=True, started=True)
        first = fingerprint(case)
        differentiated(architecture_case(name, depth, phi, seed=9, masked=True, started=True))
        assert fingerprint(case) == first

    @settings(LAW, max_examples=60)
    @given(cases(delay_graphs()))
    def test_what_ran_before_leaves_no_trace(self, case):
        first = fingerprint(case)
        other = {name: 0.5 - array for name, array in case.parameters.items()}
        mask = None if case.mask is None else ~case.mask
        with np.errstate(all="ignore"), suppress(NotFiniteError):  # the other numbers may explode: that is the point
            differentiated(case.but(parameters=other, mask=mask, initial={n: -1 - a for n, a in case.initial.items()}))
        assert fingerprint(case) == first

    def test_threads_do_not_disturb_each_other(self):
        many = [architecture_case("lstm", steps=40, seed=seed) for seed in range(6)]
        alone = [fingerprint(case) for case in many]
        assert len(set(alone)) == len(many)
        with ThreadPoolExecutor(8) as threads:
            assert list(threads.map(fingerprint, many * 15)) == alone * 15

    @pytest.mark.parametrize("name", ["elman", "lstm", "bidirectional", "encoder_decoder_gru"])
    def test_results_are_read_only(self, name):
        case = architecture_case(name, masked=True)
        gradients = differentiated(case)
        arrays = {layer.name: gradients[layer.name] for layer in case.graph.layers if layer.role != "loss"}
        arrays |= {f"δ {n}": array for n, array in gradients.delta.items()}
        arrays |= {f"initial {n}": array for n, array in gradients.initial.items()}
        arrays |= {f"weight {n}": array for n, array in gradients.weights.items()}
        arrays |= {f"steps {n}": gradients.contributions(n) for n in gradients.weights}
        assert [what for what, array in arrays.items() if array.flags.writeable] == []

    def test_gradients_are_themselves_and_cannot_be_emptied(self):
        case = architecture_case("elman")
        gradients, other = differentiated(case), differentiated(case)
        assert gradients == gradients
        assert len({gradients, other}) == 2
        carried = (gradients.values, gradients.delta, gradients.initial, gradients.weights, gradients.errors)
        for mapping in carried:
            with pytest.raises(TypeError):
                del mapping[next(iter(mapping))]

    @pytest.mark.parametrize("copied", [copy.deepcopy, lambda gradients: pickle.loads(pickle.dumps(gradients))])
    def test_gradients_can_be_copied_and_stored(self, copied):
        gradients = differentiated(architecture_case("lstm", masked=True))
        other = copied(gradients)
        for layer in computed(gradients.trace.graph):
            np.testing.assert_array_equal(other[layer.name], gradients[layer.name])
        for c in gradients.trace.graph.connections:
            np.testing.assert_array_equal(other.along(c), gradients.along(c))

    def test_a_caller_may_write_into_its_seeds_afterwards(self):
        case = architecture_case("elman")
        seeds = some_seeds(case, ["h"])
        gradients = backward(run(case), seeds)
        kept = gradients["h"].copy()
        seeds["h"] += 1
        np.testing.assert_array_equal(gradients["h"], kept)


def assert_tokens_are_one_hot(case: Case) -> None:
    """Values aside, every gradient is the same, that of a matrix read by tokens above all."""

    def dense(array, size):
        return np.eye(size)[array] if array.ndim == 2 else array

    graph = case.graph
    written_out = case.but(
        inputs={n: dense(array, graph[n].size) for n, array in case.inputs.items()},
        targets={n: dense(array, graph[graph.incoming(n)[0].source].size) for n, array in case.targets.items()},
    )
    tokens, vectors = differentiated(case), differentiated(written_out)
    for name in case.parameters:
        scale = max(1.0, float(np.abs(vectors.weights[name]).max()))
        assert_close(tokens.weights[name], vectors.weights[name], name, scale)
        assert_close(tokens.contributions(name), vectors.contributions(name), name, scale)
    for name in case.inputs:
        assert_close(tokens[name], vectors[name], name, max(1.0, float(np.abs(vectors[name]).max())))


def fingerprint(case: Case) -> bytes:
    """Every number of a backward pass."""
    gradients = differentiated(case)
    arrays = [gradients[layer.name] for layer in case.graph.layers if layer.role != "loss"]
    arrays += [gradients.delta[name] for name in sorted(gradients.delta)]
    arrays += [gradients.initial[name] for name in sorted(gradients.initial)]
    arrays += [gradients.weights[name] for name in sorted(gradients.weights)]
    return b"".join(array.tobytes() for array in arrays)


class TestComplaints:
    """What cannot be differentiated is refused in a sentence."""

    def test_nothing_to_differentiate(self):
        trace = run(architecture_case("elman").but(targets={}))
        with pytest.raises(ValueError, match=r"no error to differentiate: give targets to forward, or seeds.*\.$"):
            backward(trace)
        with pytest.raises(ValueError, match=r"No seed was given.*\.$"):
            backward(trace, {})

    @pytest.mark.parametrize(
        ("name", "shape"),
        [("h", (5, 2, 3)), ("h", (6, 1, 3)), ("h", (6, 2, 4)), ("h", (6, 3)), ("h", (6, 7, 3)), ("x", (6, 2, 4))],
    )
    def test_a_seed_that_does_not_fit(self, name, shape):
        trace = run(architecture_case("elman"))
        with pytest.raises(ValueError, match=rf"seed for '{name}' has shape .*\(6, 2, \d\).*\.$"):
            backward(trace, {name: np.zeros(shape)})

    def test_a_seed_for_no_layer(self):
        trace = run(architecture_case("elman"))
        with pytest.raises(ValueError, match=r"There is no layer 'nobody' .*\.$"):
            backward(trace, {"nobody": np.zeros((6, 2, 3))})

    def test_a_ragged_seed(self):
        with pytest.raises(ValueError, match=r"^The seed for 'h' has rows of different lengths.*\.$"):
            backward(run(architecture_case("elman")), {"h": [[1, 2], [3]]})

    def test_contributions_of_an_unknown_parameter(self):
        gradients = differentiated(architecture_case("elman"))
        with pytest.raises(ValueError, match=r"^There is no parameter 'W_zz' in .*; it has W_xh, W_hh, .*\.$"):
            gradients.contributions("W_zz")

    def test_an_edge_into_an_error_that_was_not_measured(self):
        case = architecture_case("elman")
        gradients = backward(run(case), some_seeds(case, ["h"]))
        with pytest.raises(ValueError, match=r"'E'.*\.$"):
            gradients.along(Connection("y", "E"))
