"""‖∂h_t/∂x_k‖ against products of Jacobians written down by hand, and against differences of the network itself."""

from __future__ import annotations

import numpy as np
import pytest

import explorer
from explorer.architectures import ARCHITECTURES
from explorer.engine import influence as room
from explorer.engine.influence import influence, read_out_layers

T, D, H = 6, 4, 3


def run(graph, vectors, seed=0):
    weights = explorer.initialize(graph, seed, recurrent="orthogonal")
    inputs = {layer.name: vectors for layer in graph.with_role("input")}
    return explorer.forward(graph, weights, inputs)


def built(name, **options):
    return explorer.build(name, inputs=D, hidden=H, outputs=D, source_steps=3, **options)


def test_an_elman_networks_is_a_product_of_jacobians():
    graph = built("elman")
    trace = run(graph, np.random.default_rng(1).normal(size=(T, 1, D)))
    W_xh, W_hh, h = trace.parameters["W_xh"], trace.parameters["W_hh"], trace["h"][:, 0]
    expected = np.zeros((T, T))
    for k in range(1, T + 1):
        derivative = W_xh * (1 - h[k] ** 2)  # row vectors: ∂h_k[j]/∂x_k[i] stands at [i, j]
        expected[k - 1, k - 1] = np.linalg.norm(derivative)
        for t in range(k + 1, T + 1):
            derivative = derivative @ (W_hh * (1 - h[t] ** 2))
            expected[t - 1, k - 1] = np.linalg.norm(derivative)
    np.testing.assert_allclose(influence(trace), expected, rtol=1e-10)


@pytest.mark.parametrize("rho", [0.5, 1.0, 2.0])
def test_a_scaled_rotation_scales_it_at_every_step(rho):
    """Linear, W_hh = ρ·orthogonal: ‖∂h_t/∂x_k‖ = ρ^(t−k) ‖W_xh‖."""
    graph = built("elman", activation="identity")
    weights = explorer.initialize(graph, 0, recurrent="orthogonal", spectral_radius=rho)
    trace = explorer.forward(graph, weights, np.zeros((T, 1, D)))
    t, k = np.mgrid[1 : T + 1, 1 : T + 1]
    expected = np.where(t >= k, rho ** (t - k), 0.0) * np.linalg.norm(weights["W_xh"])
    np.testing.assert_allclose(influence(trace), expected, rtol=1e-10, atol=1e-15)


@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_architecture_agrees_with_central_differences(name, depth):
    graph = built(name, depth=depth)
    layers = read_out_layers(graph)
    vectors = np.random.default_rng(2).normal(size=(T, 1, D))
    found, step = influence(run(graph, vectors)), 1e-5

    def states(shifted):
        trace = run(graph, shifted)
        return np.concatenate([trace[layer][1:, 0] for layer in layers], axis=-1)

    # one input layer is read at any step, so shifting all of them by the same number adds nothing from the others
    squares = np.zeros((T, T))
    for k in range(T):
        for unit in range(D):
            shift = np.zeros_like(vectors)
            shift[k, 0, unit] = step
            slope = (states(vectors + shift) - states(vectors - shift)) / (2 * step)
            squares[:, k] += np.square(slope).sum(axis=-1)
    np.testing.assert_allclose(found, np.sqrt(squares), rtol=1e-6, atol=1e-8)
    assert found.any()


def test_the_future_acts_only_where_time_runs_backward():
    ahead = np.triu_indices(T, 1)
    vectors = np.random.default_rng(3).normal(size=(T, 1, D))
    assert not influence(run(built("lstm"), vectors))[ahead].any()
    assert influence(run(built("bidirectional"), vectors))[ahead].all()


def test_tokens_count_like_their_one_hot_vectors():
    graph = built("gru_reset_before")
    tokens = np.array([[0], [2], [1], [3]])
    np.testing.assert_allclose(
        influence(run(graph, tokens)), influence(run(graph, np.eye(D)[tokens])), rtol=1e-12, atol=1e-15
    )


@pytest.mark.parametrize("numbers", [1, 500, 2000])
def test_bundles_of_any_size_give_the_same(monkeypatch, numbers):
    trace = run(built("lstm"), np.random.default_rng(4).normal(size=(T, 1, D)))
    whole = influence(trace)
    monkeypatch.setattr(room, "_MOST_NUMBERS", numbers)
    np.testing.assert_allclose(influence(trace), whole, rtol=1e-12)


def test_a_single_step():
    trace = run(built("elman"), np.ones((1, 1, D)))
    expected = np.linalg.norm(trace.parameters["W_xh"] * (1 - trace["h"][1, 0] ** 2))
    np.testing.assert_allclose(influence(trace), [[expected]], rtol=1e-12)


def test_a_long_sequence_stays_finite_and_frozen():
    found = influence(run(built("elman"), np.random.default_rng(5).normal(size=(200, 1, D))))
    assert found.shape == (200, 200)
    assert np.isfinite(found).all()
    assert not found.flags.writeable


def test_one_sequence_at_a_time():
    with pytest.raises(ValueError, match="one sequence at a time; the trace has 2"):
        influence(run(built("elman"), np.ones((T, 2, D))))


READ_OUT = {
    "elman": ("h",),
    "jordan": ("h",),
    "lstm": ("h",),
    "bidirectional": ("h_fwd", "h_bwd"),
    "encoder_decoder": ("h_dec",),
}


@pytest.mark.parametrize(("name", "layers"), READ_OUT.items())
def test_what_the_output_reads(name, layers):
    assert read_out_layers(built(name)) == layers


def test_of_a_stack_the_output_reads_the_top():
    assert read_out_layers(built("gru_reset_after", depth=3)) == ("h_3",)
