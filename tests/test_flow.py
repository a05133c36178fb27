"""Gradient flow: every number is the norm of a derivative of one step's error, and none is lost to its size (law 8)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import explorer
from explorer import Connection, Graph, Layer
from explorer.engine import flow as room
from explorer.engine.backward import backward
from explorer.engine.flow import cost, gradient_flow
from explorer.engine.jacobians import state_jacobians
from tests import reference
from tests.strategies import GRID, architecture_case, cases, computed, delay_graphs, make_case, run

LAW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
CARES = [None, True, False]
"""Care where it is needed, everywhere, nowhere: the same numbers, as long as they are of ordinary size."""


def alone(case, t):
    """The same network on the same sequence, with an error at step t only."""
    graph = case.graph
    layers = [
        explorer.graph.Layer(v.name, v.size, v.activation, v.combine, v.bias, v.role, present_at(v, t, case.steps))
        if v.role == "loss"
        else v
        for v in graph.layers
    ]
    return case.but(graph=Graph(graph.name, tuple(layers), graph.connections))


def present_at(layer, t, steps):
    """Step t alone, or no step at all if the layer is absent there."""
    return explorer.Presence(t, t) if t in layer.presence.steps(steps) else explorer.Presence(steps + 1, steps + 1)


def expected_norms(case, layers):
    """‖∂L_t/∂s_k‖ for each layer, (B, T, T): autograd on the naive engine, one error at a time."""
    T = case.steps
    norms = {name: np.zeros((case.batch, T, T)) for name in layers}
    for t in range(1, T + 1):
        exact = reference.differentiate(alone(case, t))
        for name in layers:
            size = case.graph[name].size
            found = reference.dense(exact, "value", name, range(1, T + 1), (case.batch, size))
            if case.mask is not None:  # a padded copy holds a constant
                found = found * case.mask[..., None]
            norms[name][:, t - 1] = np.linalg.norm(found, axis=-1).T
    return norms


def assert_is(flow, norms):
    """Equal up to rounding, and exactly 0 where nothing flows."""
    assert set(flow.states) == set(norms)
    for name, expected in norms.items():
        scale = max(1e-3, expected.max())
        np.testing.assert_allclose(np.exp2(flow.log2[name]), expected, rtol=1e-9, atol=1e-11 * scale, err_msg=name)
        assert np.all((flow.log2[name] == -np.inf) >= (expected == 0)), name


@pytest.mark.parametrize(("name", "depth"), [entry[:2] for entry in GRID if entry[2] == "tanh"])
def test_every_architectures_flow_is_what_one_error_at_a_time_gives(name, depth):
    case = architecture_case(name, depth, steps=4, masked=depth == 2, started=True)
    trace = run(case)
    states = {c.source for c in case.graph.connections if c.delay} & {layer.name for layer in computed(case.graph)}
    norms = expected_norms(case, states)
    for careful in CARES:
        assert_is(room._gradient_flow(trace, careful), norms)


@settings(LAW, max_examples=60)
@given(cases(delay_graphs(inner=4), max_steps=5), st.sampled_from(CARES))
def test_random_delay_graphs_flow_is_what_one_error_at_a_time_gives(case, careful):
    states = {c.source for c in case.graph.connections if c.delay} & {layer.name for layer in computed(case.graph)}
    if not states:
        with pytest.raises(ValueError, match="across a delay"):
            gradient_flow(run(case))
        return
    assert_is(room._gradient_flow(run(case), careful), expected_norms(case, states))


@settings(LAW, max_examples=60)
@given(cases(delay_graphs(), max_steps=40), st.sampled_from(CARES))
def test_longer_sequences_agree_with_separate_backward_passes(case, careful):
    case = case.row(0)
    trace = run(case)
    if any(c.delay and c.source in trace.pre for c in case.graph.connections):
        apart = backward(trace, apart=True)
        flow = room._gradient_flow(trace, careful)
        assert_is(flow, {name: np.linalg.norm(apart[name][1:], axis=-1).T[None] for name in flow.states})


def scaled_rotation(rho, steps, size=8, **options):
    """Linear, W_hh = ρ · orthogonal, an error of norm 1 on the state at every step."""
    layers = Layer("x", 1, role="input"), Layer("h", size), Layer("E", 1, "squared_error", role="loss")
    graph = Graph("rotation", layers, (Connection("h", "h", "W", delay=1), Connection("h", "E")))
    rng = np.random.default_rng(0)
    rotation, _ = np.linalg.qr(rng.standard_normal((size, size)))
    aims = rng.standard_normal((steps, 1, size))
    aims /= np.linalg.norm(aims, axis=-1, keepdims=True)
    return explorer.forward(graph, {"W": rho * rotation}, {"x": np.zeros((steps, 1, 1))}, aims, **options)


@pytest.mark.parametrize("rho", [0.3, 3.0])
def test_a_scaled_rotation_scales_by_rho_at_every_step(rho):
    """Law 8: log₂ ‖∂L_t/∂h_k‖ = (t − k) log₂ ρ at T = 1000, far outside the range of a float."""
    steps = 1000
    t, k = np.mgrid[1 : steps + 1, 1 : steps + 1]
    log2 = gradient_flow(scaled_rotation(rho, steps)).log2["h"][0]
    assert np.abs(log2 - (t - k) * np.log2(rho))[t >= k].max() < 1e-10
    assert np.all(log2[t < k] == -np.inf)
    assert abs(log2[-1, 0]) > 1500


@settings(LAW, max_examples=30)
@given(st.floats(-40, 40), st.sampled_from([1, 17, 60]))
def test_any_rho_at_any_length(power, steps):
    """Up to 10⁴⁰ a step, where a stretch of ticks without care would leave the range."""
    t, k = np.mgrid[1 : steps + 1, 1 : steps + 1]
    log2 = gradient_flow(scaled_rotation(10.0**power, steps)).log2["h"][0]
    np.testing.assert_allclose(log2[t >= k], ((t - k) * power * np.log2(10))[t >= k], rtol=1e-12, atol=1e-9)


def test_states_that_fade_at_different_rates_are_all_seen():
    """Two layers on top of each other, and a third apart: each has a size of its own."""
    size, steps = 3, 700
    layers = (
        Layer("x", 1, role="input"),
        Layer("a", size),
        Layer("b", size),
        Layer("c", size),
        Layer("E", 1, "squared_error", role="loss"),
        Layer("F", 1, "squared_error", role="loss"),
    )
    connections = (
        Connection("a", "a", "A", delay=1),
        Connection("b", "b", "B", delay=1),
        Connection("c", "c", "C", delay=1),
        Connection("a", "b"),
        Connection("b", "E"),
        Connection("c", "F"),
    )
    graph, eye = Graph("rates", layers, connections), np.eye(size)
    aims = {"E": np.ones((steps, 1, size)), "F": np.ones((steps, 1, size))}
    weights = {"A": 0.9 * eye, "B": 0.01 * eye, "C": 8.0 * eye}
    flow = gradient_flow(explorer.forward(graph, weights, {"x": np.zeros((steps, 1, 1))}, aims))
    t, k = np.mgrid[1 : steps + 1, 1 : steps + 1]
    distance, seen = (t - k)[t >= k], t >= k
    length = 0.5 * np.log2(size)
    np.testing.assert_allclose(flow.log2["b"][0][seen], length + distance * np.log2(0.01), atol=1e-9)
    np.testing.assert_allclose(flow.log2["c"][0][seen], length + distance * 3, atol=1e-9)
    # Σ 0.9^i 0.01^(d - i) over i = 0 … d, as the geometric series it is
    series = np.log2((1 - (0.01 / 0.9) ** (distance + 1)) / (1 - 0.01 / 0.9))
    np.testing.assert_allclose(flow.log2["a"][0][seen], length + distance * np.log2(0.9) + series, atol=1e-9)


def test_an_upper_level_read_by_a_lower_one_that_fades_faster():
    """The other way round: what arrives from above is all there is, hundreds of powers of two above the rest."""
    size, steps = 2, 600
    layers = (
        Layer("x", 1, role="input"),
        Layer("a", size),
        Layer("b", size),
        Layer("E", 1, "squared_error", role="loss"),
    )
    connections = (
        Connection("a", "a", "A", delay=1),
        Connection("b", "b", "B", delay=1),
        Connection("a", "b", delay=3),
        Connection("b", "E"),
    )
    graph, eye = Graph("rates", layers, connections), np.eye(size)
    trace = explorer.forward(
        graph, {"A": 1e-6 * eye, "B": 5.0 * eye}, {"x": np.zeros((steps, 1, 1))}, np.ones((steps, 1, size))
    )
    flow = gradient_flow(trace)
    t, k = np.mgrid[1 : steps + 1, 1 : steps + 1]
    d = (t - k)[t >= k + 3] - 3
    series = np.log2((1 - (1e-6 / 5) ** (d + 1)) / (1 - 1e-6 / 5))
    np.testing.assert_allclose(flow.log2["a"][0][t >= k + 3], 0.5 + d * np.log2(5) + series, atol=1e-9)
    assert np.all(flow.log2["a"][0][t < k + 3] == -np.inf)


def test_weights_of_any_size_give_finite_logarithms():
    """1e30 in one step and 1e-300 in the next: powers alternate, nothing is lost between."""
    layers = Layer("x", 1, role="input"), Layer("p", 1), Layer("q", 1), Layer("E", 1, "squared_error", role="loss")
    connections = (Connection("q", "p", "U", delay=1), Connection("p", "q", "D", delay=1), Connection("q", "E"))
    graph = Graph("seesaw", layers, connections)
    weights = {"U": np.array([[1e-300]]), "D": np.array([[1e30]])}
    flow = gradient_flow(explorer.forward(graph, weights, {"x": np.zeros((100, 1, 1))}, np.ones((100, 1, 1))))
    found = flow.log10("q")[99]
    np.testing.assert_allclose(found[99::-2], -270.0 * np.arange(50), rtol=1e-12)
    np.testing.assert_allclose(flow.log10("p")[99][98::-2], 30 - 270.0 * np.arange(50), rtol=1e-12)
    assert np.all(found[98::-2] == -np.inf)


@pytest.mark.parametrize("size", [1e-200, 1e-160, 1e150])
def test_errors_of_any_size_are_seen(size):
    """Squares of these are 0 or inf."""
    layers = Layer("x", 1, role="input"), Layer("a", 2), Layer("b", 2), Layer("E", 1, "squared_error", role="loss")
    loops = Connection("a", "a", "A", delay=1), Connection("b", "b", "B", delay=1)
    graph = Graph("chain", layers, (*loops, Connection("a", "b", "V", delay=1), Connection("b", "E")))
    eye, zeros = np.eye(2), {"x": np.zeros((50, 1, 1))}
    found = gradient_flow(
        explorer.forward(graph, {"A": 1e-3 * eye, "B": 0.5 * eye, "V": eye}, zeros, np.full((50, 1, 2), size))
    )
    expected = np.log10(size) + np.log10(2) / 2 + np.arange(50) * np.log10(0.5)
    np.testing.assert_allclose(found.by_distance("b", 50), expected, rtol=1e-12)
    found = gradient_flow(
        explorer.forward(graph, {"A": 1e-3 * eye, "B": 0 * eye, "V": size * eye}, zeros, np.ones((50, 1, 2)))
    )
    expected = np.log10(size) + np.log10(2) / 2 - 3 * np.arange(49)
    np.testing.assert_allclose(found.by_distance("a", 50)[1:], expected, rtol=1e-12)


def test_what_arrives_late_and_small_in_a_row_that_was_empty():
    """A gate, open until step 50 only, lets through what has faded to 10⁻¹⁰⁰⁰ on the way from step 150."""
    layers = (
        Layer("u", 1, role="input"),
        Layer("a", 1),
        Layer("p", 1, combine="product"),
        Layer("b", 1),
        Layer("E", 1, "squared_error", role="loss"),
        Layer("F", 1, "squared_error", role="loss"),
    )
    loops = Connection("a", "a", "A", delay=1), Connection("b", "b", "B", delay=1)
    gate = Connection("a", "p"), Connection("u", "p"), Connection("p", "b")
    graph = Graph("gate", layers, (*loops, *gate, Connection("b", "E"), Connection("a", "F")))
    opened = (np.arange(150) < 50).astype(float)[:, None, None]
    aims = {"E": np.ones((150, 1, 1)), "F": np.zeros((150, 1, 1))}  # the error of a is 0, and so is its gradient
    weights = {"A": np.array([[0.5]]), "B": np.array([[1e-10]])}
    found = gradient_flow(explorer.forward(graph, weights, {"u": opened}, aims)).log10("a")[149]
    assert np.all(found[50:] == -np.inf)
    np.testing.assert_allclose(found[49::-1], -1000 + np.arange(50) * np.log10(0.5), rtol=1e-9)


def test_saturation_fades_beyond_the_smallest_float():
    graph = explorer.build("elman", inputs=1, hidden=1, outputs=1, output_activation="identity", loss="squared_error")
    weights = {name: np.ones(shape) for name, shape in graph.parameter_shapes.items()}
    trace = explorer.forward(graph, weights, np.full((40, 1, 1), 150.0), np.zeros((40, 1, 1)))
    log2 = gradient_flow(trace).log2["h"][0]
    assert np.isfinite(log2[np.tril_indices(40)]).all()
    # 1 - tanh²(a) ≈ 4 exp(-2a), with a = 152 from the second step on
    np.testing.assert_allclose(np.diff(log2[39])[1:], (304 - np.log(4)) / np.log(2), rtol=1e-6)


def test_flow_is_the_error_times_the_products_of_jacobians():
    trace = run(architecture_case("lstm", steps=6))
    found, flow, apart = state_jacobians(trace, row=0), gradient_flow(trace), None
    case = architecture_case("lstm", steps=6).row(0)
    apart = backward(run(case), apart=True)
    start = np.concatenate([apart[name][6, 5] for name in ("c", "h")])
    start[found.spans["c"]] = 0  # ∂L_t/∂h_t alone: that of c_t holds it already
    for k in range(1, 6):
        direct = start @ found.between(6, k).array()
        h, c = direct[found.spans["h"]], direct[found.spans["c"]]
        np.testing.assert_allclose(np.exp2(flow.log2["h"][0, 5, k - 1]), np.linalg.norm(h), rtol=1e-10)
        # the total derivative by c_k also runs through h_k
        o, m = trace["o"][k, 0], trace["m"][k, 0]
        np.testing.assert_allclose(
            np.exp2(flow.log2["c"][0, 5, k - 1]), np.linalg.norm(c + h * o * (1 - m**2)), rtol=1e-10
        )


def test_an_encoders_states_are_reached_by_the_decoders_errors_alone():
    trace = run(architecture_case("encoder_decoder", steps=5))
    log2 = gradient_flow(trace).log2["h_enc"][0]
    finite = np.isfinite(log2)
    np.testing.assert_array_equal(finite, np.array([[False] * 5] * 2 + [[True] * 2 + [False] * 3] * 3))


def test_a_backward_layers_flow_runs_into_the_future():
    flow = gradient_flow(run(architecture_case("bidirectional", steps=5)))
    assert dict(flow.directions) == {"h_fwd": 1, "h_bwd": -1}
    finite = {name: np.isfinite(flow.log2[name][0]) for name in flow.states}
    np.testing.assert_array_equal(finite["h_fwd"], np.tri(5, dtype=bool))
    np.testing.assert_array_equal(finite["h_bwd"], np.tri(5, dtype=bool).T)
    assert len(flow.by_distance("h_bwd", 2)) == 4
    np.testing.assert_array_equal(flow.by_distance("h_bwd", 2), flow.log10("h_bwd")[1, 1:])


def test_rows_of_a_batch_and_their_mean():
    case = architecture_case("gru_reset_after")
    flow = gradient_flow(run(case))
    for row in range(2):
        single = gradient_flow(run(case.row(row)))
        np.testing.assert_allclose(flow.log10("h", row), single.log10("h"), rtol=1e-12)
    norms = 10 ** np.array([flow.log10("h", 0), flow.log10("h", 1)])
    np.testing.assert_allclose(10 ** flow.log10("h", None), norms.mean(axis=0), rtol=1e-12)
    np.testing.assert_array_equal(flow.by_distance("h", 4, row=1), flow.log10("h", 1)[3, 3::-1])


def test_a_mean_over_rows_is_taken_beyond_the_range_of_a_float():
    log2 = np.array([[[4000.0, -4000.0]], [[4002.0, -np.inf]]])
    np.testing.assert_allclose(room._mean(log2), [[4000 + np.log2(2.5), -4001.0]])


def test_a_chunk_at_a_time_is_the_same(monkeypatch):
    case = architecture_case("bidirectional_lstm", 2, steps=9)
    whole = gradient_flow(run(case))
    monkeypatch.setattr(room, "_MOST_KEPT", 200)
    monkeypatch.setattr(room, "_MOST_IN_A_BLOCK", 1)
    parts = gradient_flow(run(case))
    for name in whole.states:
        np.testing.assert_allclose(parts.log2[name], whole.log2[name], rtol=1e-12, atol=1e-12)


def test_blocks_of_ticks_are_the_same(monkeypatch):
    trace = run(make_case(architecture_case("tapped").graph, steps=70, batch=1, seed=3, tokens=["x", "E"]))
    whole = gradient_flow(trace).log2["h"]
    monkeypatch.setattr(room, "_MOST_IN_A_BLOCK", 1)
    np.testing.assert_allclose(gradient_flow(trace).log2["h"], whole, rtol=1e-12, atol=1e-12)


def test_single_precision_is_differentiated_in_double():
    case = architecture_case("lstm")
    flow, single = gradient_flow(run(case)), gradient_flow(run(case, dtype=np.float32))
    assert single.log2["c"].dtype == np.float64
    np.testing.assert_allclose(single.log2["c"], flow.log2["c"], rtol=1e-3, atol=1e-3)


def test_results_cannot_be_changed_and_bad_questions_get_a_sentence():
    trace = run(architecture_case("lstm"))
    flow = gradient_flow(trace)
    with pytest.raises(ValueError, match="read-only"):
        flow.log2["h"][0, 0, 0] = 1
    with pytest.raises(ValueError, match="'y' is no state of LSTM: choose one of 'c', 'h'"):
        flow.log10("y")
    for row in (2, -1, 0.5):
        with pytest.raises(ValueError, match=f"row of the batch is a whole number from 0 to 1; {row} was given"):
            flow.log10("h", row)
    for t in (6, 0, 2.0):
        with pytest.raises(ValueError, match=f"A step is a whole number from 1 to 5; {t} was given"):
            flow.by_distance("h", t)
    with pytest.raises(ValueError, match="give targets to forward"):
        gradient_flow(run(architecture_case("lstm").but(targets={})))


def test_too_many_norms_are_refused_before_there_is_room_for_them(monkeypatch):
    trace = run(architecture_case("lstm"))  # 2 states, 2 rows, 5 · 5 pairs
    monkeypatch.setattr(room, "MOST_NUMBERS", 100)
    gradient_flow(trace)
    monkeypatch.setattr(room, "MOST_NUMBERS", 99)
    with pytest.raises(ValueError, match=r"LSTM over 5 steps would be 100 norms; at most 99 are computed\. Take .*\.$"):
        gradient_flow(trace)


def test_the_cost_grows_with_length_width_and_rows():
    """T²/2 rows of a product with a matrix of H units, and T matrices that are small beside that at 1000 steps."""

    def of(steps, hidden, rows=1):
        graph = explorer.build("elman", inputs=1, hidden=hidden, outputs=1, activation="identity")
        return cost(run(make_case(graph, steps=steps, batch=rows, scale=0.0)))

    assert of(1000, 8) == pytest.approx(1000**2 / 2 * 8**2, rel=0.02)
    assert of(2000, 8) / of(1000, 8) == pytest.approx(4, rel=0.02)
    assert of(1000, 16) / of(1000, 8) == pytest.approx(4, rel=1e-6)
    assert of(1000, 8, rows=3) == 3 * of(1000, 8)


def two_units(small, steps=120, dead=10):
    """Two relu units that do not meet: one keeps its size but is dead at one step, the other shrinks at every step."""
    layers = (
        Layer("u", 2, role="input"),
        Layer("h", 2, "relu"),
        Layer("E", 1, "squared_error", role="loss"),
    )
    connections = (
        Connection("u", "h", "D", diagonal=True),
        Connection("h", "h", "W", delay=1),
        Connection("h", "E"),
    )
    given = np.ones((steps, 1, 2))
    given[dead - 1, 0, 0] = -1e6
    weights = {"W": np.diag([1.0, small]), "D": np.ones(2)}
    return explorer.forward(Graph("two", layers, connections), weights, {"u": given}, np.full((steps, 1, 2), -1.0))


@pytest.mark.parametrize("careful", [None, True])
def test_a_unit_beside_one_that_ends_is_seen_down_to_300_powers_of_ten(careful):
    """The limit that is stated: both units share an exponent, for they belong to one layer."""
    steps, dead = 120, 10
    for small in (0.1, 0.01):
        trace = two_units(small)
        found = room._gradient_flow(trace, careful).by_distance("h", steps)
        error = np.log10(trace["h"][steps, 0, 1] + 1)
        d = np.arange(steps - dead + 1, steps)
        np.testing.assert_allclose(found[d], error + d * np.log10(small), rtol=1e-9)
    # 10⁻⁴⁴⁰ beside 1, which is beyond the limit: lost, and not a wrong number
    found = room._gradient_flow(two_units(1e-4), careful).by_distance("h", steps)
    assert np.isfinite(found[: steps - dead + 1]).all()
    assert np.all(found[steps - dead + 1 :] == -np.inf)
