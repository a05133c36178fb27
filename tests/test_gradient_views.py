"""What the Backward and Vanishing pages show is what the engine measured, and adds up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from explorer import backward, forward, views
from explorer.architectures import ARCHITECTURES
from explorer.gradient_views import Limits, went_back
from explorer.settings import Network
from explorer.vanishing_views import matched, size_of, studied

PLAIN = Network(text="how are you", hidden=3)


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_what_arrives_at_a_node_is_the_sum_of_what_its_arrows_bring(arch):
    """Law 5, on the numbers the picture is painted with: no node is larger than all its arrows together."""
    view = went_back(replace(PLAIN, arch=arch))
    graph, steps = view.graph, view.ran.reading.steps
    for layer in graph.layers:
        if layer.role == "loss" or layer.role == "output":
            continue
        for t in layer.presence.steps(steps):
            arriving = [
                10 ** view.links[i][t + c.delay - 1]
                for i, c in enumerate(graph.connections)
                if c.source == layer.name and 1 <= t + c.delay <= steps and np.isfinite(view.links[i][t + c.delay - 1])
            ]
            size = 10 ** view.nodes[layer.name][t]
            assert size <= sum(arriving) * (1 + 1e-9) + 1e-300
            assert len(arriving) != 1 or size == pytest.approx(arriving[0], rel=1e-9)


@pytest.mark.parametrize("limits", [Limits(), Limits(window=2), Limits(window=3, stride=2), Limits(clip=0.01)])
def test_the_bars_of_a_weight_add_up_to_its_gradient(limits):
    view = went_back(replace(PLAIN, arch="lstm"), limits)
    for name in view.graph.parameter_shapes:
        steps, total = view.contributions(name)
        assert steps.sum() == pytest.approx(total, rel=1e-9, abs=1e-14)
        if limits.clip is None:
            assert total == pytest.approx(np.linalg.norm(view.weights[name]), rel=1e-9, abs=1e-14)


def test_nodes_and_arrows_beyond_the_window_are_empty():
    whole, cut = went_back(PLAIN), went_back(PLAIN, Limits(window=1))
    loop = next(i for i, c in enumerate(cut.graph.connections) if c.delay)
    assert np.isfinite(whole.links[loop]).all()
    assert (cut.links[loop][1:] == -np.inf).all(), "nothing crosses from step to step"
    np.testing.assert_allclose(cut.nodes["y"], whole.nodes["y"])
    assert (cut.nodes["h"][1:-1] != whole.nodes["h"][1:-1]).all()
    assert cut.truncated.comparison.overall.removed > 0


def test_no_error_is_lost_between_passes():
    cut = went_back(PLAIN, Limits(window=2, stride=3)).truncated
    assert (cut.window, cut.stride) == (2, 2)
    assert cut.kept.diagonal().all(), "every error reaches its own step"


def test_the_norms_are_those_of_the_gradients():
    view = went_back(PLAIN)
    gradients = backward(view.ran.trace)
    np.testing.assert_allclose(10 ** view.nodes["h"], np.linalg.norm(gradients["h"][:, 0], axis=1))
    np.testing.assert_allclose(10 ** view.nodes["y"][1:], np.linalg.norm(gradients.delta["y"][:, 0], axis=1))
    assert not view.nodes["E"].any(), "∂L/∂E is 1"


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_every_network_can_be_studied(arch):
    view = studied(replace(PLAIN, arch=arch), 12)
    assert view.steps in (11, 12, 13)
    assert view.state in view.flow.states
    line = view.fading(view.steps)[view.state]
    assert np.isfinite(line).any()
    assert all(((array >= 0) & (array <= 1 + 1e-12)).all() for array in view.openness.values())
    assert view.openness
    if view.bound is not None:
        distance = np.arange(len(line))
        assert (line <= line[0] + distance * np.log10(view.bound) + 1e-9).all()


def test_the_same_words_are_read_over_and_over():
    view = studied(PLAIN, 10)
    tokens = view.trace.inputs["x"].array[:, 0]
    np.testing.assert_array_equal(tokens[1:4], tokens[4:7])
    assert view.steps == 10


def test_a_single_step_can_be_compared_with_the_forward_pages_network():
    view = studied(PLAIN, 4)
    ran = views.ran(PLAIN)
    np.testing.assert_allclose(view.trace["h"], ran.trace["h"])
    assert forward(ran.graph, ran.trace.parameters, ran.reading.inputs)["h"].shape == ran.trace["h"].shape


@pytest.mark.parametrize("arch", ["lstm", "gru_reset_after", "jordan"])
@pytest.mark.parametrize("size", [60, 500])
def test_no_other_size_is_nearer(arch, size):
    found = matched(replace(PLAIN, arch=arch), size)
    gap = abs(size_of(found) - size)
    for other in (found.hidden - 1, found.hidden + 1):
        if 1 <= other <= 64:
            assert gap <= abs(size_of(replace(found, hidden=other)) - size)


@pytest.mark.parametrize(
    ("arch", "biased"),
    [
        ("elman", {"b_h"}),
        ("lstm", {"b_f"}),
        ("gru_reset_before", {"b_z"}),
        ("bidirectional_lstm", {"b_f_fwd", "b_f_bwd"}),
    ],
)
def test_the_bias_is_that_of_the_gates_which_keep_the_past(arch, biased):
    network = replace(PLAIN, arch=arch, bias=2.5)
    weights = views.ran(network).trace.parameters
    assert {name for name, array in weights.items() if array.ndim == 1 and (array == 2.5).all()} == biased
