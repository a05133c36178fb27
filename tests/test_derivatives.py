"""Derivatives are read back: what is written, computed with NumPy, must give the number that was in the node."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

import explorer
from explorer.architectures import ARCHITECTURES
from explorer.derivatives import derivative
from explorer.engine.activations import ACTIVATIONS
from explorer.engine.losses import LOSSES
from explorer.figures import markup
from explorer.graph import Connection, Graph, Layer
from explorer.messages import ERROR_SLOPES, SLOPES
from explorer.naming import NOTATIONS
from tests.strategies import architecture_case, cases, computed, delay_graphs, make_case, run
from tests.test_equations import COMMANDS, sigmoid, softmax

STEPS = 5
GRID = [(name, depth, notation) for name in ARCHITECTURES for depth in (1, 2) for notation in NOTATIONS]
LAW = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
MORE = {r"^{\top}": ".T", r"\left[": "(", r"\right]": ")", r" \cdot \sum ": " * sum_of "}


def gradients_of(name, depth=1, phi="tanh", **options):
    case = architecture_case(name, depth, phi, steps=STEPS, started=True, **options)
    return explorer.backward(run(case))


def nodes(trace):
    """Every node that holds something: initial states too."""
    for layer in trace.graph.layers:
        yield from ((layer.name, t) for t in layer.presence.steps(trace.steps))
        if layer.role not in ("input", "loss"):
            held = trace.values[layer.name]
            yield from ((layer.name, t) for t in range(1 - held.lead, 1))
            yield from ((layer.name, t) for t in range(trace.steps + 1, trace.steps + held.trail + 1))


def gradient_at(gradients, name, t):
    """By the engine's own account; what it has no copy of receives nothing."""
    if 0 <= t <= gradients.trace.steps:
        return gradients[name][t, 0]
    held = gradients.values.get(name)
    return held.at(t)[0] if held else np.zeros(gradients.trace.graph[name].size)


class Reader:
    """Computes what a LaTeX formula says, with the values, the deltas and the names of one notation."""

    def __init__(self, gradients, notation):
        trace = gradients.trace
        symbols = NOTATIONS[notation].symbols(trace.graph)
        self.known = {}
        for name, array in trace.parameters.items():
            latex = symbols[name].latex()
            self.known[latex] = array
            if "^" in latex:
                self.known[latex.removesuffix("}") + r"\top}"] = array.T
        for layer in trace.graph.layers:
            symbol = symbols[layer.name]
            for t in range(-2, STEPS + 4):
                inside = 1 <= t <= STEPS
                if layer.role not in ("input", "loss"):
                    held = trace.values[layer.name]
                    if 1 - held.lead <= t <= STEPS + held.trail:
                        self.known[symbol.latex(str(t))] = held.at(t)[0]
                    if inside:
                        delta = gradients.delta[layer.name][t - 1, 0]
                        self.known[rf"\delta^{{{symbol.latex()}}}_{{{t}}}"] = delta
                elif layer.role == "input":
                    self.known[symbol.latex(str(t))] = trace[layer.name][t, 0] if inside else np.zeros(layer.size)
        self.pattern = re.compile(
            "|".join(map(re.escape, (*MORE, *COMMANDS, *sorted(self.known, key=len, reverse=True))))
        )

    def compute(self, formula, **more):
        def translated(match):
            found = match[0]
            return MORE.get(found) or COMMANDS.get(found) or f"known[{found!r}]"

        code = self.pattern.sub(translated, formula)
        return eval(code, {"np": np, "sigmoid": sigmoid, "softmax": softmax, "known": self.known, **more})


def assert_balanced(latex):
    assert latex
    assert latex.count(r"\left(") == latex.count(r"\right)")
    assert latex.count(r"\left[") == latex.count(r"\right]")
    depth = 0
    for character in latex:
        depth += (character == "{") - (character == "}")
        assert depth >= 0, latex
    assert depth == 0, latex
    assert "+ -" not in latex
    assert not re.search(r"\}\^\{[^{}]*\}\^", latex), f"two superscripts on one letter: {latex}"


def assert_adds_up(gradients, scale=1.0):
    """Terms are the gradient, at every node."""
    for name, t in nodes(gradients.trace):
        found = derivative(gradients, (name, t))
        assert_balanced(found.symbols)
        assert found.local is None or assert_balanced(found.local) is None
        if gradients.trace.graph[name].role == "loss":
            mask = gradients.trace.mask
            assert found.results[-1].vector.tolist() == [1.0 if mask is None else mask[t - 1, 0, 0]]
            continue
        expected = gradient_at(gradients, name, t)
        total = sum((line.vector for line in found.terms), np.zeros_like(expected))
        np.testing.assert_allclose(total, expected, rtol=1e-12, atol=1e-12 * scale, err_msg=f"{name} at {t}")
        assert found.gap <= 1e-12 * scale
        if found.terms:
            np.testing.assert_array_equal(found.results[0].vector, expected)


class TestTermsAddUp:
    """What comes back along the edges of a node is its gradient (law 5)."""

    @pytest.mark.parametrize("depth", [1, 2])
    @pytest.mark.parametrize("name", ARCHITECTURES)
    def test_in_every_architecture(self, name, depth):
        assert_adds_up(gradients_of(name, depth))

    @pytest.mark.parametrize("name", ["lstm", "bidirectional", "encoder_decoder_gru"])
    def test_with_padding(self, name):
        for seed in range(3):
            assert_adds_up(gradients_of(name, masked=True, seed=seed))

    @LAW
    @given(cases(delay_graphs()))
    def test_in_random_delay_graphs(self, case):
        gradients = explorer.backward(run(case))
        messages = [np.abs(gradients.along(c)).max() for c in case.graph.connections if c.target in gradients.delta]
        assert_adds_up(gradients, max(1.0, *messages, 1.0))


@pytest.mark.parametrize(("name", "depth", "notation"), GRID)
def test_every_term_says_what_it_is(name, depth, notation):
    gradients = gradients_of(name, depth)
    reader, trace = Reader(gradients, notation), gradients.trace
    for node in nodes(trace):
        found = derivative(gradients, node, notation)
        for line in found.terms:
            np.testing.assert_allclose(
                reader.compute(line.latex), line.vector, rtol=1e-9, atol=1e-13, err_msg=line.latex
            )
            assert not set(line.text) & set("\\{}"), line.text
        if found.terms:
            right = found.symbols.partition(" = ")[2]
            np.testing.assert_allclose(
                reader.compute(right), gradient_at(gradients, *node), rtol=1e-9, atol=1e-13, err_msg=found.symbols
            )
        else:
            assert found.symbols.endswith(" = 0") or node[0] in ("y", "E")


@pytest.mark.parametrize("phi", ["tanh", "sigmoid", "relu"])
@pytest.mark.parametrize("name", ["elman", "lstm", "gru_reset_after", "encoder_decoder"])
def test_the_local_derivative_says_what_it_is(name, phi):
    gradients = gradients_of(name, phi=phi)
    reader, trace = Reader(gradients, "matrices"), gradients.trace
    for layer in computed(trace.graph):
        for t in layer.presence.steps(STEPS):
            found = derivative(gradients, (layer.name, t))
            if found.local is None or layer.activation == "softmax":
                continue
            own, _, formula = found.local.partition(" = ")
            whole = found.symbols.partition(" = ")[0]
            assert formula.startswith(whole), found.local
            computed_delta = reader.compute(formula.replace(whole, "whole"), whole=found.results[0].vector)
            np.testing.assert_allclose(computed_delta, reader.known[own], rtol=1e-9, atol=1e-13, err_msg=found.local)
            if layer.activation != "identity":
                slope, delta = found.results[1:]
                np.testing.assert_allclose(reader.compute(slope.latex), slope.vector, rtol=1e-9, atol=1e-13)
                np.testing.assert_allclose(found.results[0].vector * slope.vector, delta.vector, rtol=1e-12)


BY_HAND = {
    (
        "elman",
        "h",
        3,
    ): r"\frac{\partial L}{\partial h_{3}} = \delta^{y}_{3}\,W_{hy}^{\top} + \delta^{h}_{4}\,W_{hh}^{\top}",
    ("elman", "h", 5): r"\frac{\partial L}{\partial h_{5}} = \delta^{y}_{5}\,W_{hy}^{\top}",
    ("elman", "h", 0): r"\frac{\partial L}{\partial h_{0}} = \delta^{h}_{1}\,W_{hh}^{\top}",
    ("elman", "x", 2): r"\frac{\partial L}{\partial x_{2}} = \delta^{h}_{2}\,W_{xh}^{\top}",
    ("elman", "y", 2): r"\delta^{y}_{2} = y_{2} - \text{target}",
    ("elman", "E", 2): r"\frac{\partial L}{\partial E_{2}} = 1",
    ("jordan", "y", 2): r"\frac{\partial (L - E_{2})}{\partial y_{2}} = \delta^{h}_{3}\,W_{yh}^{\top}",
    ("lstm", "c", 3): (
        r"\frac{\partial L}{\partial c_{3}} = \delta^{h}_{3} \odot o_{3} \odot "
        r"\left(1 - \tanh\left(c_{3}\right) \odot \tanh\left(c_{3}\right)\right) + \delta^{c}_{4} \odot f_{4}"
    ),
    ("lstm", "f", 3): r"\frac{\partial L}{\partial f_{3}} = \delta^{c}_{3} \odot c_{2}",
    ("lstm", "fc", 3): r"\frac{\partial L}{\partial \left(f_{3} \odot c_{2}\right)} = \delta^{c}_{3}",
    ("lstm_peephole", "c", 5): (
        r"\frac{\partial L}{\partial c_{5}} = \delta^{h}_{5} \odot o_{5} \odot "
        r"\left(1 - \tanh\left(c_{5}\right) \odot \tanh\left(c_{5}\right)\right) + \delta^{o}_{5} \odot W_{co}"
    ),
    ("gru_reset_after", "z", 3): (
        r"\frac{\partial L}{\partial z_{3}} = \delta^{h}_{3} \odot h_{2} - \delta^{h}_{3} \odot n_{3}"
    ),
    ("tapped", "h", 4): (
        r"\frac{\partial L}{\partial h_{4}} = \delta^{y}_{4}\,W_{hy}^{\top} + \delta^{h}_{5}\,W_{hh}^{\top}"
    ),
    ("encoder_decoder", "h_enc", 2): (
        r"\frac{\partial L}{\partial h_{2}^{(\mathrm{enc})}} = "
        r"\delta^{h^{(\mathrm{dec})}}_{3}\,W_{hh}^{(\mathrm{dec})\top}"
    ),
    ("bidirectional", "h_bwd", 1): (
        r"\frac{\partial L}{\partial h_{1}^{(\leftarrow)}} = \delta^{y}_{1}\,W_{hy}^{(\leftarrow)\top}"
    ),
}


@pytest.mark.parametrize(("name", "layer", "t"), BY_HAND)
def test_it_is_what_one_writes_by_hand(name, layer, t):
    assert derivative(gradients_of(name), (layer, t)).symbols == BY_HAND[name, layer, t]


class TestByHand:
    """Numbers and letters that can be written down."""

    def test_an_elman_network(self):
        gradients = gradients_of("elman")
        trace, w = gradients.trace, gradients.trace.parameters
        found = derivative(gradients, ("h", 3))
        y, h = trace["y"][:, 0], trace["h"][:, 0]
        aims = np.eye(5)[trace.targets["E"][:, 0]]
        at_h = np.zeros(3)
        for t in (5, 4):
            at_h = ((y[t] - aims[t - 1]) @ w["W_hy"].T + at_h @ w["W_hh"].T) * (1 - h[t] ** 2)
        own, future = found.terms
        np.testing.assert_allclose(own.vector, (y[3] - aims[2]) @ w["W_hy"].T, rtol=1e-12)
        np.testing.assert_allclose(future.vector, at_h @ w["W_hh"].T, rtol=1e-12)
        whole, slope, delta = found.results
        np.testing.assert_allclose(whole.vector, own.vector + future.vector, rtol=1e-12)
        np.testing.assert_allclose(slope.vector, 1 - h[3] ** 2, rtol=1e-12)
        np.testing.assert_allclose(delta.vector, whole.vector * slope.vector, rtol=1e-12)
        assert (own.text, future.text) == ("from y at 3, through W_hy", "from h at 4, through W_hh")
        assert found.weights == ("W_hy", "W_hh")
        assert found.local == (
            r"\delta^{h}_{3} = \frac{\partial L}{\partial h_{3}} \odot \left(1 - h_{3} \odot h_{3}\right)"
        )

    def test_softmax_with_cross_entropy_is_output_minus_target(self):
        gradients = gradients_of("elman")
        trace = gradients.trace
        found = derivative(gradients, ("y", 2), aims={"E": ["how", "are$", "you", "?", "!"]})
        assert found.symbols == r"\delta^{y}_{2} = y_{2} - \text{one-hot(are·)}"
        assert (found.local, found.terms) == (None, ())
        expected = trace["y"][2, 0] - np.eye(5)[trace.targets["E"][1, 0]]
        for line in found.results:
            np.testing.assert_allclose(line.vector, expected, rtol=1e-12)

    def test_an_output_that_is_read_again_receives_twice(self):
        gradients = gradients_of("jordan")
        found = derivative(gradients, ("y", 2))
        assert found.local == (
            r"\delta^{y}_{2} = \frac{\partial (L - E_{2})}{\partial y_{2}}\,\frac{\partial y_{2}}{\partial a^{y}_{2}}"
            r" + y_{2} - \text{target}"
        )
        whole, entering, delta = (line.vector for line in found.results)
        y = gradients.trace["y"][2, 0]
        np.testing.assert_allclose(whole @ (np.diag(y) - np.outer(y, y)) + entering, delta, rtol=1e-10, atol=1e-14)

    def test_an_error_that_reads_the_value_is_a_term(self):
        graph = explorer.build("elman", 3, 2, 2, output_activation="identity", loss="squared_error")
        gradients = explorer.backward(run(make_case(graph, steps=3, batch=1)))
        found = derivative(gradients, ("y", 2))
        assert found.symbols == r"\frac{\partial L}{\partial y_{2}} = \frac{\partial E_{2}}{\partial y_{2}}"
        assert found.terms[0].latex == r"y_{2} - \text{target}"
        assert found.local == r"\delta^{y}_{2} = \frac{\partial L}{\partial y_{2}}"
        np.testing.assert_allclose(
            found.terms[0].vector, gradients.trace["y"][2, 0] - gradients.trace.targets["E"][1, 0], rtol=1e-12
        )

    def test_targets_that_are_weights_need_not_add_up_to_one(self):
        graph = explorer.build("elman", 3, 2, 2)
        gradients = explorer.backward(run(make_case(graph, steps=3, batch=1)))
        found = derivative(gradients, ("y", 2))
        assert found.symbols == r"\delta^{y}_{2} = y_{2} \cdot \sum \text{target} - \text{target}"
        target = gradients.trace.targets["E"][1, 0]
        np.testing.assert_allclose(found.results[-1].vector, gradients.trace["y"][2, 0] * target.sum() - target)


def test_layers_without_a_name_in_a_ring_are_not_written_out_for_ever():
    layers = (Layer("x", 2, role="input"), Layer("h", 2), Layer("g", 2), Layer("E", 1, "squared_error", role="loss"))
    ring = (Connection("x", "h"), Connection("h", "g", delay=1), Connection("g", "h", delay=1), Connection("h", "E"))
    gradients = explorer.backward(run(make_case(Graph("ring", layers, ring), steps=12, batch=1)))
    assert len(derivative(gradients, ("h", 1)).symbols) < 400
    assert_adds_up(gradients)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_names_of_vectors_can_be_set_without_katex(name):
    gradients = gradients_of(name, depth=2)
    for node in nodes(gradients.trace):
        found = derivative(gradients, node)
        for line in (*found.terms, *found.results):
            assert not set(markup.symbols(line.latex)) & set("\\{}_^$"), line.latex
        texts = [line.text for line in found.terms]
        assert len(texts) == len(set(texts)), texts


def test_numbers_stand_under_their_names():
    found = derivative(gradients_of("elman"), ("h", 2))
    assert found.is_short
    assert markup.numbers((*found.terms, *found.results)).count("data-latex") == len(found.terms) + len(found.results)


def test_every_activation_and_every_loss_can_be_written():
    assert set(SLOPES) == {name for name, activation in ACTIVATIONS.items() if activation.derivative is not None}
    assert set(ERROR_SLOPES) == set(LOSSES)


def test_what_cannot_be_written_is_refused():
    gradients = gradients_of("encoder_decoder")
    for node in (("h_dec", 2), ("h_enc", -4), ("h_enc", 9)):
        with pytest.raises(ValueError, match=rf"holds '{node[0]}' from step .* not at step {node[1]}\.$"):
            derivative(gradients, node)
    trace = run(architecture_case("elman").row(0))
    for other in (explorer.backward(trace, apart=True), explorer.backward(trace, {"h": np.ones((6, 1, 3))})):
        with pytest.raises(ValueError, match=r"errors all together; use backward\(trace\)"):
            derivative(other, ("h", 2))


def test_an_error_without_targets_is_no_part_of_the_whole():
    graph = Graph(
        "two errors",
        (Layer("x", 2, role="input"), Layer("h", 2), *(Layer(e, 1, "squared_error", role="loss") for e in "EF")),
        (Connection("x", "h"), Connection("h", "E"), Connection("h", "F")),
    )
    case = make_case(graph, steps=2, batch=1)
    gradients = explorer.backward(run(case.but(targets={"E": case.targets["E"]})))
    assert derivative(gradients, ("F", 1)).symbols == r"\frac{\partial L}{\partial F_{1}} = 0"
    assert len(derivative(gradients, ("h", 1)).terms) == 1
