"""State Jacobians against the naive engine differentiated by autograd, and their products against exact laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import explorer
from explorer import Connection, Graph, Layer
from explorer.architectures import ARCHITECTURES
from explorer.engine import one_step as matrices
from explorer.engine.activations import ACTIVATIONS
from explorer.engine.jacobians import lyapunov_exponents, norm_bound, state_jacobians
from explorer.engine.products import Product
from tests import reference
from tests.strategies import GRID, architecture_case, cases, delay_graphs, run

LAW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


def linear(matrix, steps=5, activation="identity", bias=0.0, x=0.0):
    """One recurrent layer that reads itself through the given matrix (row vectors: h W)."""
    size = len(matrix)
    graph = explorer.build("elman", inputs=1, hidden=size, outputs=1, activation=activation)
    weights = {name: np.zeros(shape) for name, shape in graph.parameter_shapes.items()}
    weights |= {"W_hh": np.asarray(matrix, float), "b_h": np.full(size, bias)}
    return explorer.forward(graph, weights, np.full((steps, 1, 1), x))


def assert_is_the_derivative(case, found, t):
    """u J_t for a random u against what autograd says of everything that step t reads across a delay."""
    graph, rng = case.graph, np.random.default_rng(t)
    columns, start, seeds = {}, 0, {}
    u, expected = np.zeros(found.size), np.zeros(found.size)
    for name, j in found.copies:
        columns[name, j] = slice(start, start := start + graph[name].size)
    for name, j in found.copies:
        u[columns[name, j]] = rng.standard_normal(graph[name].size)
        if j:
            expected[columns[name, j - 1]] += u[columns[name, j]]
        else:
            seeds[name] = np.zeros((case.steps + 1, case.batch, graph[name].size))
            seeds[name][t, found.row] = u[columns[name, j]]
    exact = reference.differentiate(case, seeds)
    for number, c in enumerate(graph.connections):
        message = exact.get(("edge", number, t))
        if c.source not in found.states or not c.delay or message is None:
            continue
        message = message[found.row] * exists(case, graph, c.source, t - c.delay, found.row)
        copy = c.source, found.direction * c.delay - 1
        if copy in columns:
            expected[columns[copy]] += message
        else:
            assert not message.any()
    scale = max(1e-3, np.abs(expected).max())
    np.testing.assert_allclose(u @ found.one_step[t - 1], expected, rtol=1e-10, atol=1e-11 * scale)


def exists(case, graph, name, step, row):
    """A copy that is absent or padded holds a constant; the initial states beyond the ends do not."""
    if not 1 <= step <= case.steps:
        return True
    padded = case.mask is not None and not case.mask[step - 1, row]
    return not padded and step in graph[name].presence.steps(case.steps)


@pytest.mark.parametrize(("name", "depth"), [entry[:2] for entry in GRID if entry[2] == "tanh"])
def test_every_architectures_jacobians_are_derivatives(name, depth):
    case = architecture_case(name, depth, steps=3, masked=depth == 2, started=True)
    for direction in (1, -1) if name.startswith("bidirectional") else (1,):
        found = state_jacobians(run(case), row=1, direction=direction)
        for t in (1, 3):
            assert_is_the_derivative(case, found, t)


@settings(LAW, max_examples=40)
@given(cases(delay_graphs(inner=4), max_steps=3), st.data())
def test_random_delay_graphs_jacobians_are_derivatives(case, data):
    try:
        found = state_jacobians(run(case), row=data.draw(st.integers(0, case.batch - 1)))
    except ValueError:
        return  # no state, or none that stands alone
    assert_is_the_derivative(case, found, data.draw(st.integers(1, case.steps)))


@pytest.mark.parametrize("name", ["lstm", "gru_reset_after", "tapped"])
def test_products_multiply(name):
    found = state_jacobians(run(architecture_case(name)))
    step = {t: found.between(t, t - 1).array() for t in range(1, 6)}
    np.testing.assert_allclose(found.between(5, 2).array(), step[5] @ step[4] @ step[3], rtol=1e-12)
    np.testing.assert_allclose(found.between(4, 1).array() @ found.between(1, 0).array(), found.between(4, 0).array())
    np.testing.assert_array_equal(found.between(3, 3).array(), np.eye(found.size))
    block = found.between(5, 2, "h").array()
    np.testing.assert_array_equal(block, found.between(5, 2).array()[found.spans["h"], found.spans["h"]])


def test_a_backward_layers_products_reach_into_the_future():
    found = state_jacobians(run(architecture_case("bidirectional")), direction=-1)
    assert (found.states, found.direction) == (("h_bwd",), -1)
    np.testing.assert_allclose(
        found.between(2, 4).array(), found.between(2, 3).array() @ found.between(3, 4).array(), rtol=1e-12
    )
    with pytest.raises(ValueError, match="run backward in time"):
        found.between(4, 2)


@pytest.mark.parametrize("name", ["elman", "lstm", "tapped"])
def test_small_products_have_the_values_numpy_finds(name):
    found = state_jacobians(run(architecture_case(name)))
    matrix = found.between(4, 2).array()
    singular = np.linalg.svd(matrix, compute_uv=False)
    np.testing.assert_allclose(10 ** found.singular_values(4, 2), singular, rtol=1e-9, atol=1e-13)
    np.testing.assert_allclose(found.condition(4, 2), np.log10(singular[0] / singular[-1]), rtol=1e-6)
    sizes, phases = found.eigenvalues(4, 2)
    values = 10**sizes * np.exp(1j * phases)
    np.testing.assert_allclose(np.poly(values), np.poly(matrix), rtol=1e-8, atol=1e-12)
    values, norms = list(found.products_from(4)), list(found.products_from(4, digits="largest"))
    assert len(values) == len(norms) == 3
    for d in (1, 2, 3):
        np.testing.assert_allclose(values[d - 1], found.singular_values(4, 4 - d), rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(values[d - 1][:1], norms[d - 1], rtol=1e-12, atol=1e-12)
    first, third = found.products_from(4, [1, 3])
    np.testing.assert_allclose([first, third], [values[0], values[2]], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(
        found.one_step_singular_values()[2], np.linalg.svd(found.one_step[2], compute_uv=False), rtol=1e-12
    )


def test_sound_values_are_those_with_all_digits_or_are_none():
    """Down to rounding beside the largest, 10⁻¹³; what is exactly 0 as a whole stays 0."""
    matrix = np.linalg.qr(np.random.default_rng(2).standard_normal((4, 4)))[0] * [2.0, 1.0, 0.5, 1e-3]
    found = state_jacobians(linear(matrix, steps=30))
    wanted = [1, 2, 5, 29]
    every, sound = (np.array(list(found.products_from(30, wanted, digits))) for digits in ("all", "sound"))
    far = every < every[:, :1] - 13
    assert far.any()
    assert not far.all()
    near = every > every[:, :1] - 12.9  # in between either is right
    np.testing.assert_allclose(sound[near], every[near], atol=1e-2)
    np.testing.assert_allclose(sound[:, 0], every[:, 0], atol=1e-12)
    assert np.isnan(sound[every < every[:, :1] - 13.1]).all()
    gone = state_jacobians(linear(np.zeros((2, 2))))
    assert all(np.all(values == -np.inf) for values in gone.products_from(4, digits="sound"))


def test_singular_values_far_apart_keep_their_digits():
    """U₀ S₁ U₁ᵀ · U₁ S₂ U₂ᵀ · …, all U orthogonal: the singular values are the products of the diagonals of S."""
    rng = np.random.default_rng(0)
    steps, size = 200, 5
    frames = np.linalg.qr(rng.standard_normal((steps + 1, size, size)))[0]
    logs = np.log(10) * (rng.standard_normal((steps, size)) + np.array([1.5, 1.4, 0.0, -0.5, -2.0]))
    product, seen = Product(size), Product(size)
    for left, values, right in zip(frames, np.exp(logs), frames[1:], strict=False):
        product.append(left * values @ right.T)
        seen.append(left * values @ right.T)
        found = seen.log10_singular_values()  # looking at it on the way changes nothing
    expected = np.sort(logs.sum(axis=0) / np.log(10))[::-1]
    assert expected[0] - expected[-1] > 600
    np.testing.assert_allclose(product.log10_singular_values(), expected, atol=1e-9)
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_with_active_relu_units_and_the_identity_nothing_is_lost():
    """An IRNN (Le, Jaitly and Hinton 2015): the product is the identity as long as every unit is active."""
    trace = linear(np.eye(4), steps=50, activation="relu", bias=0.1)
    found = state_jacobians(trace)
    np.testing.assert_array_equal(found.between(50, 0).array(), np.eye(4))
    np.testing.assert_array_equal(lyapunov_exponents(found), np.zeros(4))
    assert found.condition(50, 0) == 0


def test_a_dead_unit_makes_a_product_singular():
    graph_trace = linear(np.diag([1.0, 1.0]), steps=3, activation="relu", bias=-0.1)
    found = state_jacobians(graph_trace)
    assert np.all(found.singular_values(3, 0) == -np.inf)
    assert found.condition(3, 0) == np.inf


@pytest.mark.parametrize("rho", [0.3, 3.0])
def test_products_of_a_thousand_steps_stay_finite(rho):
    rotation, _ = np.linalg.qr(np.random.default_rng(1).standard_normal((5, 5)))
    found = state_jacobians(linear(rho * rotation, steps=1000))
    expected = 1000 * np.log10(rho)
    np.testing.assert_allclose(found.singular_values(1000, 0), expected, rtol=1e-12)
    np.testing.assert_allclose(found.eigenvalues(1000, 0)[0], expected, rtol=1e-12)
    np.testing.assert_allclose(lyapunov_exponents(found), np.log(rho), rtol=1e-12)


def test_lyapunov_exponents_of_a_triangular_map_are_its_diagonal():
    """Linear, W_hh lower triangular with separate diagonal: the exponents are ln |w_ii| up to what fades as 1/T."""
    matrix = np.diag([2.0, 0.5, 0.1])
    matrix[1, 0] = matrix[2, 1] = 0.7
    exponents = lyapunov_exponents(state_jacobians(linear(matrix, steps=400)))
    np.testing.assert_allclose(exponents, np.log([2.0, 0.5, 0.1]), atol=0.01)
    np.testing.assert_allclose(exponents.sum(), np.log(2.0 * 0.5 * 0.1), rtol=1e-10)


@pytest.mark.parametrize("activation", [name for name in ACTIVATIONS if ACTIVATIONS[name].slope is not None])
def test_no_slope_is_steeper_than_an_activation_says(activation):
    entry = ACTIVATIONS[activation]
    a = np.linspace(-30, 30, 100_001)
    steepest = np.abs(entry.derivative(a, entry.function(a))).max()
    assert entry.slope * (1 - 1e-6) <= steepest <= entry.slope


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu", "identity"])
def test_the_bound_holds_at_every_step_and_for_products(activation):
    graph = explorer.build("elman", inputs=3, hidden=4, outputs=2, activation=activation)
    weights = explorer.initialize(graph, 3)
    trace = explorer.forward(graph, weights, np.random.default_rng(0).normal(size=(30, 2, 3)))
    bound = norm_bound(trace)
    found = state_jacobians(trace, row=1)
    assert bound is not None
    assert found.one_step_singular_values().max() <= bound * (1 + 1e-12)
    for d, (norm,) in enumerate(found.products_from(30, digits="largest"), start=1):
        assert norm <= d * np.log10(bound) + 1e-9


@pytest.mark.parametrize("name", sorted(set(ARCHITECTURES) - {"elman"}))
def test_other_architectures_have_no_such_bound(name):
    assert norm_bound(run(architecture_case(name))) is None
    assert norm_bound(run(architecture_case("elman", 2))) is None


def test_the_bound_goes_by_the_structure():
    def trace(*connections, activation="tanh"):
        layers = Layer("u", 2, role="input"), Layer("q", 2, activation), Layer("p", 2, "tanh")
        graph = Graph("any", layers, (Connection("u", "q", "V"), Connection("q", "p", "R"), *connections))
        weights = {name: np.full(shape, 0.5) for name, shape in graph.parameter_shapes.items()}
        return explorer.forward(graph, weights, np.zeros((3, 1, 2)))

    loop = Connection("q", "q", "M", delay=1)
    assert norm_bound(trace(loop)) == pytest.approx(1.0)
    assert norm_bound(trace(Connection("q", "q", "M", delay=-1), activation="sigmoid")) == pytest.approx(0.25)
    assert norm_bound(trace()) is None
    assert norm_bound(trace(Connection("q", "q", "M", delay=2))) is None
    assert norm_bound(trace(Connection("q", "q", "m", diagonal=True, delay=1))) is None
    assert norm_bound(trace(loop, Connection("q", "q", "M2", delay=1))) is None
    assert norm_bound(trace(loop, Connection("p", "q", "F", delay=1))) is None
    assert norm_bound(trace(loop, activation="softmax")) is None


def test_single_precision_is_differentiated_in_double():
    case = architecture_case("lstm")
    found = state_jacobians(run(case, dtype=np.float32)).one_step
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, state_jacobians(run(case)).one_step, rtol=1e-4, atol=1e-5)


def test_what_cannot_be_asked_gets_a_sentence():
    found = state_jacobians(run(architecture_case("lstm")))
    with pytest.raises(ValueError, match="0 ≤ k ≤ t ≤ 5"):
        found.between(2, 3)
    with pytest.raises(ValueError, match="'x' is no part of the state; choose from c, h"):
        found.between(3, 2, "x")
    with pytest.raises(ValueError, match="1 to 3 steps away; \\[4\\]"):
        found.products_from(4, [4])
    for row in (2, 0.0, "1"):
        with pytest.raises(ValueError, match=f"row of the batch is a whole number from 0 to 1; {row!r} was given"):
            state_jacobians(run(architecture_case("lstm")), row=row)
    with pytest.raises(ValueError, match=r"∂s_2.5/∂s_1 was asked for; steps are whole numbers"):
        found.between(2.5, 1)
    for t in (0, 6, 2.0):
        with pytest.raises(ValueError, match=f"A step is a whole number from 1 to 5; {t!r} was given"):
            found.products_from(t)
    with pytest.raises(ValueError, match="digits all, sound, largest; 'most' was asked for"):
        found.products_from(4, digits="most")
    for count in (-1, 0, 99, 1.0):
        with pytest.raises(ValueError, match=f"count of exponents is a whole number from 1 to 6; {count!r} was given"):
            lyapunov_exponents(found, count)
    with pytest.raises(ValueError, match="direction -1"):
        state_jacobians(run(architecture_case("lstm")), direction=-1)
    with pytest.raises(ValueError, match="ask for its gradient flow"):
        state_jacobians(run(architecture_case("bidirectional", 3)))
    graph = Graph("plain", (Layer("x", 1, role="input"), Layer("h", 1)), (Connection("x", "h", "W"),))
    with pytest.raises(ValueError, match="it has no state"):
        state_jacobians(explorer.forward(graph, {"W": np.ones((1, 1))}, np.zeros((2, 1, 1))))


def test_too_many_numbers_are_refused_before_there_is_room_for_them(monkeypatch):
    trace = run(architecture_case("lstm"))  # 5 steps, 3 + 3 units
    monkeypatch.setattr(matrices, "MOST_NUMBERS", 180)
    assert state_jacobians(trace).one_step.size == 180
    monkeypatch.setattr(matrices, "MOST_NUMBERS", 179)
    with pytest.raises(
        ValueError, match=r"LSTM over 5 steps would be 180 numbers; at most 179 are computed\. Take .*\.$"
    ):
        state_jacobians(trace)
