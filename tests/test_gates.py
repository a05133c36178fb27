"""Gates: found by structure, held or removed as the textbook would, and what that does to the gradient."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest

from explorer import backward, build, forward, gate_reach, initialize
from explorer.architectures import ARCHITECTURES
from explorer.engine.flow import gradient_flow
from explorer.gate_reach import consequence, direct, idle, reach
from explorer.gate_views import gated
from explorer.gates import CHANGES, clamped, gates, keep_gates, letters, without
from explorer.graph import Connection, Graph, GraphError, Layer
from explorer.settings import Network
from explorer.views import ran
from tests.reference import differentiate, interpret
from tests.strategies import architecture_case, run

D, H, Y, T = 4, 3, 5, 6
FOUND = {
    # the gates of one cell, and which of them keeps which state
    "elman": ("", {}),
    "jordan": ("", {}),
    "lstm": ("oif", {"f": "c"}),
    "lstm_peephole": ("oif", {"f": "c"}),
    "gru_reset_before": ("zr", {"z": "h"}),
    "gru_reset_after": ("zr", {"z": "h"}),
    "tapped": ("", {}),
    "bidirectional": ("", {}),
    "bidirectional_lstm": ("oif", {"f": "c"}),
    "encoder_decoder": ("", {}),
    "encoder_decoder_gru": ("zr", {"z": "h"}),
}
COPIES = {"bidirectional": ("_fwd", "_bwd"), "encoder": ("_enc", "_dec")}
SINGLE = [name for name in FOUND if FOUND[name][0] and name.split("_")[0] not in COPIES]
CUTS = [(name, gate, change) for name in SINGLE for gate in FOUND[name][0] for change in ("open", "shut", "removed")]


def tags(name: str, depth: int) -> list[str]:
    """What the copies of a cell end in."""
    copies = COPIES.get(name.split("_")[0], ("",))
    return [f"_{level}" * (depth > 1) + copy for level in range(1, depth + 1) for copy in copies]


def graph_of(name: str, depth: int = 1, phi: str = "tanh") -> Graph:
    return build(name, inputs=D, hidden=H, outputs=Y, depth=depth, activation=phi)


def test_every_architecture_is_known_here():
    assert set(FOUND) == set(ARCHITECTURES)


@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize("name", FOUND)
@pytest.mark.parametrize("phi", ["tanh", "relu"])
def test_gates_are_found_by_what_they_do(name, depth, phi):
    graph = graph_of(name, depth, phi)
    of_one, keeps = FOUND[name]
    assert gates(graph) == tuple(gate + tag for tag in tags(name, depth) for gate in of_one)
    assert keep_gates(graph) == {gate + tag: state + tag for tag in tags(name, depth) for gate, state in keeps.items()}


def renamed(graph: Graph) -> tuple[Graph, dict[str, str]]:
    """The same network under names that say nothing."""
    new = {layer.name: f"v{i}" for i, layer in enumerate(graph.layers)}
    layers = tuple(replace(layer, name=new[layer.name]) for layer in graph.layers)
    links = tuple(replace(c, source=new[c.source], target=new[c.target]) for c in graph.connections)
    return Graph("nameless", layers, links), new


@pytest.mark.parametrize("name", FOUND)
def test_names_do_not_matter(name):
    graph = graph_of(name)
    nameless, new = renamed(graph)
    assert gates(nameless) == tuple(new[gate] for gate in gates(graph))
    assert keep_gates(nameless) == {new[gate]: new[state] for gate, state in keep_gates(graph).items()}


def test_a_gate_that_meets_a_matrix_on_the_way_keeps_nothing():
    layers = Layer("x", 2, role="input"), Layer("g", 2, "sigmoid", role="gate"), Layer("p", 2, combine="product")
    ways = Connection("x", "g", "W_xg"), Connection("g", "p"), Connection("h", "p", delay=1)
    kept = Graph("kept", (*layers, Layer("h", 2)), (*ways, Connection("p", "h")))
    mixed = Graph("mixed", (*layers, Layer("h", 2)), (*ways, Connection("p", "h", "W_ph")))
    squashed = Graph("squashed", (*layers, Layer("h", 2, "tanh")), (*ways, Connection("p", "h")))
    alone = Graph("alone", (*layers, Layer("h", 2)), (*ways[:2], Connection("p", "h"), Connection("h", "h", delay=1)))
    assert [dict(keep_gates(graph)) for graph in (kept, mixed, squashed)] == [{"g": "h"}, {}, {}]
    assert gates(mixed) == gates(squashed) == ("g",)
    assert gates(alone) == (), "the only factor of a product lets nothing through or not"


# ---- the textbook ------------------------------------------------------------------------------------------------


def sigma(a):
    return 1 / (1 + np.exp(-a))


def textbook(name: str, w, tokens, fixed: dict[str, float]):
    """States of a cell over the steps, (T, H) by letter, with some gates at a fixed value."""
    h, c, kept = np.zeros(H), np.zeros(H), {"h": [], "c": []}

    def gate(letter):
        if letter in fixed:
            return np.full(H, fixed[letter])
        peephole = c * w[f"W_c{letter}"] if f"W_c{letter}" in w else 0
        return sigma(w[f"W_x{letter}"][token] + h @ w[f"W_h{letter}"] + peephole + w[f"b_{letter}"])

    for token in tokens:
        if name.startswith("lstm"):
            i, f = gate("i"), gate("f")
            c = f * c + i * np.tanh(w["W_xg"][token] + h @ w["W_hg"] + w["b_g"])
            h = gate("o") * np.tanh(c)
        else:
            z = gate("z")
            h = z * h + (1 - z) * candidate(name, w, token, h, gate("r"))
        kept["h"].append(h)
        kept["c"].append(c)
    return {letter: np.array(values) for letter, values in kept.items()}


def candidate(name: str, w, token, h, r):
    """n of a GRU, in its two published forms."""
    inside = (r * h) @ w["W_hn"] if name == "gru_reset_before" else r * (h @ w["W_hn"] + w["b_hn"])
    return np.tanh(w["W_xn"][token] + w["b_n"] + inside)


def without_update_gate(name: str, w, tokens):
    """A GRU in which 1 - z has lost its z: all of the past is kept, and all of the new is added."""
    h, kept = np.zeros(H), []
    for token in tokens:
        h = h + candidate(name, w, token, h, sigma(w["W_xr"][token] + h @ w["W_hr"] + w["b_r"]))
        kept.append(h)
    return {"h": np.array(kept)}


@pytest.mark.parametrize(("name", "gate", "change"), [*CUTS, *((name, FOUND[name][0][0], "none") for name in SINGLE)])
def test_a_gate_held_or_removed_gives_the_textbooks_numbers(name, gate, change):
    whole = graph_of(name)
    graph = CHANGES[change].apply(whole, gate)
    weights = {n: a + 0.3 for n, a in initialize(whole, 3).items()}  # biases too
    tokens = np.random.default_rng(5).integers(0, D, T)
    trace = forward(graph, {n: weights[n] for n in graph.parameter_shapes}, tokens[:, None])
    fixed = {} if change == "none" else {gate: 0.0 if change == "shut" else 1.0}
    expected = textbook(name, weights, tokens, fixed)
    if (gate, change) == ("z", "removed"):
        expected = without_update_gate(name, weights, tokens)
    for state in graph.states:
        np.testing.assert_allclose(trace[state][1:, 0], expected[state], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("name", "gate", "change"), CUTS)
def test_gradients_of_a_changed_network_are_autograds(name, gate, change):
    case = architecture_case(name, steps=4)
    graph = CHANGES[change].apply(case.graph, gate)
    case = case.but(graph=graph, parameters={n: case.parameters[n] for n in graph.parameter_shapes})
    trace = run(case)
    found, gradients = differentiate(case), backward(trace)
    assert trace.loss == pytest.approx(float(interpret(case).loss), rel=1e-12)
    for weight, gradient in gradients.weights.items():
        expected = sum(found[key] for key in found if key[:2] == ("weight", weight))
        np.testing.assert_allclose(gradient, expected, rtol=1e-10, atol=1e-12, err_msg=weight)
    for state in graph.states:
        for t in range(1, 5):
            np.testing.assert_allclose(gradients[state][t], found["value", state, t], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("name", "gate", "change"), CUTS)
def test_only_the_gates_own_weights_are_touched(name, gate, change):
    whole = graph_of(name, depth=2)
    gate += "_2"
    own = {c.weight for c in whole.incoming(gate)} | {whole[gate].bias}
    graph = CHANGES[change].apply(whole, gate)
    lost = set(whole.parameter_shapes) - set(graph.parameter_shapes)
    assert lost == (own if change == "removed" else set())
    assert set(graph.parameter_shapes) <= set(whole.parameter_shapes)
    assert [c for c in whole.connections if gate not in (c.source, c.target)] == [
        c for c in graph.connections if gate not in (c.source, c.target)
    ]
    assert pickle.loads(pickle.dumps(graph)) == graph
    if change == "removed":
        assert gate not in graph
        return
    tokens = np.array([[0], [2], [1], [3]])
    gradients = backward(forward(graph, initialize(graph, 1), tokens, tokens)).weights
    assert not any(gradients[weight].any() for weight in own)


@pytest.mark.parametrize("change", [clamped, without])
@pytest.mark.parametrize("gate", ["h", "nobody", "fc", "g"])
def test_what_is_no_gate_is_refused_in_a_sentence(change, gate):
    more = {"is_open": True} if change is clamped else {}
    with pytest.raises(GraphError, match=rf"^There is no gate '{gate}' in LSTM; its gates are 'o', 'i', 'f'\.$"):
        change(graph_of("lstm"), gate, **more)


# ---- what it does to the gradient ----------------------------------------------------------------------------------


@pytest.mark.parametrize("bias", [-2.0, 0.0, 1.0, 3.0])
@pytest.mark.parametrize(("arch", "gate", "state"), [("lstm", "f", "c"), ("gru_reset_after", "z", "h")])
def test_through_an_idle_cell_exactly_the_power_of_the_sigmoid_is_left(arch, gate, state, bias):
    """All matrices zero: the gate sees its bias alone, and nothing goes another way (Gers et al. 2000)."""
    view = gated(Network(arch=arch, gain=0.0), gate, "none", bias)
    trace, steps = view.whole.trace, view.whole.trace.steps
    seed = np.zeros((steps + 1, 1, 8))
    seed[steps] = 1.0
    gradient = backward(trace, {state: seed})[state][:, 0]
    for t in range(steps + 1):
        np.testing.assert_allclose(gradient[t], sigma(bias) ** (steps - t), rtol=1e-12)
    distance = np.arange(steps)
    np.testing.assert_allclose(10 ** idle(bias, distance), sigma(bias) ** distance, rtol=1e-12)
    reached = reach(gradient_flow(trace), view.cell_of(None), state)
    np.testing.assert_allclose(10 ** direct(view.whole, gate, reached), sigma(bias) ** distance, rtol=1e-12)


def test_the_published_powers():
    """Gradient through an idle cell after 50 steps, by forget-gate bias (Gers 2000; Jozefowicz 2015)."""
    expected = {0: 8.9e-16, 1: 1.6e-7, 2: 1.75e-3, 3: 0.088, 5: 0.715}
    for bias, left in expected.items():
        assert 10 ** float(idle(bias, np.array([50]))[0]) == pytest.approx(left, rel=2e-2)


def test_the_bias_is_added_to_the_keep_gates_and_to_nothing_else():
    for arch in ("lstm", "bidirectional_lstm", "encoder_decoder_gru"):
        plain, raised = (gated(Network(arch=arch, bias=0.5, depth=2), "f", "none", keep) for keep in (0.0, 2.0))
        keeps = {plain.whole.graph[name].bias for name in plain.keeps}
        assert len(keeps) == len(plain.cells) > 1
        assert raised.bias == 2.5
        for name, before in plain.whole.trace.parameters.items():
            after = raised.whole.trace.parameters[name]
            np.testing.assert_array_equal(after, before + 2.0 * (name in keeps))


@pytest.mark.parametrize("arch", [name for name in FOUND if FOUND[name][0]])
def test_as_it_is_the_network_is_the_forward_pages(arch):
    view = gated(Network(arch=arch, depth=2, seed=4), "f", "none", 0.0)
    assert view.changed is view.whole
    assert not view.notes
    assert view.whole.trace.loss == ran(Network(arch=arch, depth=2, seed=4)).trace.loss


def test_the_reach_is_the_gradient_of_the_last_error_alone():
    view = gated(Network(hidden=4), "f", "shut", 1.0)
    found = consequence(view, view.cell_of(None))
    trace = view.changed.trace
    last = view.changed.reading.targets["E"][-1, 0]
    y = trace["y"][-1, 0] - np.eye(trace["y"].shape[-1])[last]  # softmax and cross-entropy
    seed = np.zeros((trace.steps + 1, 1, 4))
    seed[-1, 0] = y @ trace.parameters["W_hy"].T
    expected = np.linalg.norm(backward(trace, {"h": seed})["c"][:0:-1, 0], axis=-1)
    np.testing.assert_allclose(10**found.changed.log10, expected, rtol=1e-12)
    np.testing.assert_allclose(10**found.changed.kept, expected / expected[0], rtol=1e-12)
    assert found.changed.steps.tolist() == list(range(trace.steps, 0, -1))
    full = backward(trace)
    for state, sizes in found.sizes.items():
        np.testing.assert_allclose(10**sizes, np.linalg.norm(full[state][1:, 0], axis=-1), rtol=1e-12)


def test_the_backward_cell_is_followed_the_other_way():
    view = gated(Network(arch="bidirectional_lstm"), "f", "none", 0.0)
    forward_cell, backward_cell = view.cell_of("c_fwd"), view.cell_of("c_bwd")
    there, back = (consequence(view, cell).whole for cell in (forward_cell, backward_cell))
    T = view.whole.trace.steps
    assert (there.at, there.steps.tolist()) == (T, list(range(T, 0, -1)))
    assert (back.at, back.steps.tolist()) == (1, list(range(1, T + 1)))
    assert np.isfinite(there.log10).all()
    assert np.isfinite(back.log10).all()


def test_one_pass_for_each_network_and_one_for_the_strips(monkeypatch):
    calls = []

    def watched(name):
        real = getattr(gate_reach, name)
        monkeypatch.setattr(gate_reach, name, lambda trace: calls.append((name, id(trace))) or real(trace))

    watched("backward")
    watched("gradient_flow")
    view = gated(Network(arch="bidirectional_lstm", depth=2), "f", "open", 1.0)
    consequence(view, view.cell_of(None))
    assert len(calls) == len(set(calls)) == 4


def test_shut_the_direct_way_passes_nothing_and_open_everything():
    for arch, gate in (("lstm", "f"), ("gru_reset_before", "z")):
        ways = {}
        for change in CHANGES:
            view = gated(Network(arch=arch), gate, change, 0.0)
            ways[change] = consequence(view, view.cell_of(None)).changed_direct
        assert np.isneginf(ways["shut"][1:]).all()
        assert not ways["open"].any()
        assert not ways["removed"].any()
        assert (np.diff(ways["none"]) < 0).all()


def test_an_update_gate_held_open_keeps_the_gradient_whole():
    """h_t = h_{t-1}: the state never moves, and its gradient neither."""
    view = gated(Network(arch="gru_reset_after"), "z", "open", 0.0)
    np.testing.assert_allclose(consequence(view, view.cell_of(None)).changed.kept, 0, atol=1e-12)
    assert not view.changed.trace["h"].any()


def test_an_output_gate_held_shut_lets_nothing_back():
    view = gated(Network(arch="lstm"), "o", "shut", 0.0)
    found = consequence(view, view.cell_of(None))
    assert np.isneginf(found.changed.log10).all()
    assert np.isneginf(found.changed.kept).all()


def test_tiny_gradients_are_not_lost():
    words = " ".join(["on"] * 99)
    view = gated(Network(text=words, arch="lstm", gain=0.05), "f", "none", -6.0)
    found = consequence(view, view.cell_of(None))
    assert found.whole.log10[-1] < -170  # the square of it is no float64
    assert np.isfinite(found.whole.log10).all()
    assert np.isfinite(found.whole_direct).all()


def test_what_no_float_can_hold_is_not_called_nothing():
    """One unit, slope σ' at each step: the logarithm of the product is a sum."""
    text = " ".join(["on"] * 98)
    view = gated(Network(text=text, arch="lstm", act="sigmoid", hidden=1, gain=0.001), "f", "none", 0.0)
    trace, found = view.bare.trace, consequence(view, view.cell_of(None))
    slopes = np.abs(trace["h"][2:, 0, 0] * (1 - trace["h"][2:, 0, 0]) * trace.parameters["W_hh"][0, 0])
    left = np.cumsum(np.log10(slopes)[::-1])
    np.testing.assert_allclose(found.bare.kept[1:], left, rtol=1e-9)
    assert left[-1] < -330
    assert 10.0 ** left[-1] == 0
    assert not found.bare.is_none


def test_the_sum_over_errors_is_not_lost_below_the_range_either():
    """An encoder hears of the errors through its last state only, and that is already next to nothing."""
    text = " ".join(["on"] * 98)
    view = gated(Network(text=text, arch="encoder_decoder_gru", gain=1e-5, hidden=2), "z", "shut", 0.0)
    sizes = consequence(view, view.cell_of("h_enc")).sizes["h_enc"]
    absent = view.changed.graph["h_enc"].presence.absent(view.changed.trace.steps)
    assert np.flatnonzero(np.isnan(sizes)).tolist() == list(absent)
    read = sizes[~np.isnan(sizes)]
    assert not backward(view.changed.trace)["h_enc"][1, 0].any()
    assert read[0] < -500
    np.testing.assert_allclose(np.diff(read)[:-5], np.diff(read)[0], rtol=1e-4)  # the same word at every step


def test_a_network_without_gates_gives_its_place():
    view = gated(Network(arch="jordan", seed=2), "f", "none", 0.0)
    assert (view.asked, view.whole.graph.name, view.bare.graph.name) == ("Jordan", "LSTM", "Elman")
    assert view.bare.trace.loss == ran(Network(arch="elman", seed=2)).trace.loss


@pytest.mark.parametrize("change", [name for name in CHANGES if name != "none"])
def test_a_gate_that_is_not_there_is_replaced_in_a_sentence(change):
    view = gated(Network(arch="gru_reset_after"), "i", change, 0.0)
    assert view.touched == ("z",)
    assert view.notes == (
        "GRU, reset after product has no gate i; its gates are z and r. What you chose is done to z.",
    )


@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize("gate", letters())
def test_every_copy_of_the_cell_is_changed(gate, depth):
    for arch in (name for name in FOUND if gate in FOUND[name][0]):
        view = gated(Network(arch=arch, depth=depth, hidden=3), gate, "removed", 0.0)
        assert view.touched == tuple(gate + tag for tag in tags(arch, depth))
        assert not set(view.touched) & {layer.name for layer in view.changed.graph.layers}
        assert view.changed.graph.parameter_count < view.whole.graph.parameter_count


@pytest.mark.parametrize("name", FOUND)
def test_a_sigmoid_candidate_is_no_gate(name):
    assert gates(graph_of(name, phi="sigmoid")) == gates(graph_of(name))


def test_a_gate_that_is_held_is_still_one():
    held = clamped(graph_of("lstm"), "f", is_open=True)
    assert gates(held) == ("o", "i", "f")
    assert clamped(held, "f", is_open=False) == clamped(graph_of("lstm"), "f", is_open=False)
