"""Equations are read back: what is written, computed with NumPy, must give the number that was in the node."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import explorer
from explorer.architectures import ARCHITECTURES
from explorer.equations import FEW, equation, is_unnamed, number
from explorer.figures import markup
from explorer.naming import NOTATIONS

STEPS, SOURCE_STEPS = 5, 3
GRID = [(name, depth, notation) for name in ARCHITECTURES for depth in (1, 2) for notation in NOTATIONS]
COMMANDS = {
    r"\,": " @ ",
    r" \odot ": " * ",
    r"\tanh\left(": "np.tanh(",
    r"\sigma\left(": "sigmoid(",
    r"\max\left(0, ": "np.maximum(0, ",
    r"\operatorname{softmax}\left(": "softmax(",
    r"\left(": "(",
    r"\right)": ")",
    "[": "np.hstack([",
    r",\ ": ", ",
    r"] \begin{bmatrix} ": "]) @ np.vstack([",
    r" \\ ": ", ",
    r" \end{bmatrix}": "])",
}


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def softmax(a):
    return np.exp(a) / np.exp(a).sum()


def trace_of(name, depth=1, activation="tanh", hidden=3, seed=3):
    graph = explorer.build(
        name, inputs=4, hidden=hidden, outputs=4, depth=depth, activation=activation, source_steps=SOURCE_STEPS
    )
    rng = np.random.default_rng(0)
    weights = {
        # random biases too: a forgotten bias of 0 would not be missed
        key: rng.normal(size=array.shape)
        for key, array in explorer.initialize(graph, seed).items()
    }
    tokens = rng.integers(0, 4, (STEPS, 1))
    inputs = {layer.name: tokens for layer in graph.with_role("input")}
    return explorer.forward(graph, weights, inputs, targets=(tokens + 1) % 4)


def computed_nodes(trace):
    for layer in trace.graph.layers:
        if layer.role not in ("input", "loss"):
            yield from ((layer.name, t) for t in layer.presence.steps(STEPS))


class Reader:
    """Computes what a LaTeX formula says, with the values of one trace and the names of one notation."""

    def __init__(self, trace, notation):
        graph, symbols = trace.graph, NOTATIONS[notation].symbols(trace.graph)
        self.known = {symbols[name].latex(): array for name, array in trace.parameters.items()}
        for layer in graph.layers:
            values = trace[layer.name][:, 0]
            for t in range(-1, STEPS + 3):
                outside = np.zeros(layer.size)
                self.known[symbols[layer.name].latex(str(t))] = values[t] if 1 <= t <= STEPS else outside
        self.names = sorted(self.known, key=len, reverse=True)
        self.pattern = re.compile("|".join(map(re.escape, (*COMMANDS, *self.names))))

    def compute(self, formula):
        def translated(match):
            found = match[0]
            return COMMANDS.get(found) or f"known[{found!r}]"

        code = self.pattern.sub(translated, formula)
        return eval(code, {"np": np, "sigmoid": sigmoid, "softmax": softmax, "known": self.known})


@pytest.mark.parametrize(("name", "depth", "notation"), GRID)
def test_what_is_written_is_what_was_computed(name, depth, notation):
    trace = trace_of(name, depth)
    reader = Reader(trace, notation)
    for node in computed_nodes(trace):
        found = equation(trace, node, notation)
        own, _, formula = found.symbols.rpartition(" = ")
        value = trace[node[0]][node[1], 0]
        if not is_unnamed(trace.graph, trace.graph[node[0]]):  # else there is no letter on the left
            np.testing.assert_array_equal(reader.known[own], value)
        np.testing.assert_allclose(reader.compute(formula), value, rtol=1e-10, atol=1e-14, err_msg=found.symbols)
        np.testing.assert_array_equal(found.value, value)
        if found.concatenated is not None:
            own_again, _, side_by_side = found.concatenated.partition(" = ")
            assert own_again == own
            np.testing.assert_allclose(
                reader.compute(side_by_side), value, rtol=1e-10, atol=1e-14, err_msg=found.concatenated
            )


@pytest.mark.parametrize(("name", "depth", "notation"), GRID)
def test_every_line_shows_its_own_numbers(name, depth, notation):
    trace = trace_of(name, depth)
    reader = Reader(trace, notation)
    for node in computed_nodes(trace):
        found = equation(trace, node, notation)
        for line in found.terms:
            np.testing.assert_allclose(reader.compute(line.latex), line.vector, rtol=1e-12, err_msg=line.latex)
            assert not set(line.text) & set("\\{}"), line.text
        product = trace.graph[node[0]].combine == "product"
        joined = (np.prod if product else np.sum)([line.vector for line in found.terms], axis=0)
        if found.terms:
            np.testing.assert_allclose(joined, found.results[0].vector, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
def test_every_squashing_function_is_written_as_itself(activation):
    trace = trace_of("elman", activation=activation)
    found = equation(trace, ("h", 2))
    np.testing.assert_allclose(Reader(trace, "matrices").compute(found.symbols.partition(" = ")[2]), found.value)
    assert {"tanh": r"\tanh", "sigmoid": r"\sigma", "relu": r"\max"}[activation] in found.symbols


CONCATENATED = {
    ("elman", "h"): r"h_{2} = \tanh\left([h_{1},\ x_{2}] \begin{bmatrix} W_{hh} \\ W_{xh} \end{bmatrix} + b_{h}\right)",
    ("lstm", "f"): r"f_{2} = \sigma\left([h_{1},\ x_{2}] \begin{bmatrix} W_{hf} \\ W_{xf} \end{bmatrix} + b_{f}\right)",
    ("gru_reset_before", "n"): (
        r"n_{2} = \tanh\left([x_{2},\ r_{2} \odot h_{1}] \begin{bmatrix} W_{xn} \\ W_{hn} \end{bmatrix} + b_{n}\right)"
    ),
    ("elman", "y"): None,  # one product only
    ("lstm", "c"): None,  # no product
    ("lstm_peephole", "f"): None,  # a diagonal weight does not fit into one matrix
}


@pytest.mark.parametrize(("name", "layer"), CONCATENATED)
def test_the_reading_with_vectors_side_by_side(name, layer):
    assert equation(trace_of(name), (layer, 2)).concatenated == CONCATENATED[name, layer]


def test_the_decoder_takes_over_where_the_encoder_ends():
    trace = trace_of("encoder_decoder")
    first = equation(trace, ("h_dec", SOURCE_STEPS + 1))
    assert r"h_{3}^{(\mathrm{enc})}" in first.symbols
    assert r"h_{3}^{(\mathrm{dec})}" not in first.symbols
    assert r"h_{4}^{(\mathrm{dec})}" in equation(trace, ("h_dec", SOURCE_STEPS + 2)).symbols


@pytest.mark.parametrize("notation", NOTATIONS)
def test_weights_that_took_part_are_named_by_parameter(notation):
    trace = trace_of("elman")
    assert set(equation(trace, ("h", 2), notation).weights) == {"W_xh", "W_hh"}
    assert equation(trace, ("x", 2), notation).weights == ()


def test_a_token_is_its_one_hot_vector():
    trace = trace_of("elman")
    token = int(trace.inputs["x"].array[1, 0])
    found = equation(trace, ("x", 2))
    assert f"unit {token + 1} of 4 is 1" in found.symbols
    np.testing.assert_array_equal(found.value, np.eye(4)[token])


def test_given_vectors_say_so():
    graph = explorer.build("elman", inputs=2, hidden=2, outputs=2)
    trace = explorer.forward(graph, explorer.initialize(graph), np.full((3, 1, 2), 0.25))
    found = equation(trace, ("x", 3))
    assert found.symbols == r"x_{3} = \text{given}"
    np.testing.assert_array_equal(found.value, [0.25, 0.25])


@pytest.mark.parametrize(("name", "t"), [("elman", 0), ("tapped", 0), ("tapped", -1)])
def test_an_initial_state_says_so(name, t):
    found = equation(trace_of(name), ("h", t))
    assert found.symbols == rf"h_{{{t}}} = \text{{initial state}}"
    np.testing.assert_array_equal(found.value, np.zeros(3))


def test_an_error_is_minus_the_logarithm_of_the_targets_probability():
    trace = trace_of("elman")
    target = int(trace.targets["E"][1, 0])
    found = equation(trace, ("E", 2), aims={"E": ["how", "are", "you", "?", "!"]})
    assert found.symbols == r"E_{2} = -\ln y_{2}[\text{are}]"
    assert found.value.item() == pytest.approx(-np.log(trace["y"][2, 0, target]), rel=1e-12)
    np.testing.assert_array_equal(found.terms[0].vector, trace["y"][2, 0])
    assert equation(trace, ("E", 2)).symbols == r"E_{2} = -\ln y_{2}[\text{target}]"


def test_an_error_without_targets_is_no_number():
    graph = explorer.build("elman", inputs=4, hidden=3, outputs=4)
    trace = explorer.forward(graph, explorer.initialize(graph), [[0], [1]])
    assert np.isnan(equation(trace, ("E", 2)).value).all()


INJECTIONS = [r"\frac{1}{0}", "}", "{", "$x$", "a_b^c", "&", "#", "%", "~", "\\", "`x`", "<script>", "\x00", "|"]


@pytest.mark.parametrize("word", INJECTIONS)
def test_a_users_words_are_never_read_as_latex(word):
    aims = {"E": [word] * STEPS}
    symbols = equation(trace_of("elman"), ("E", 1), aims=aims).symbols
    written = re.fullmatch(r"E_\{1\} = -\\ln y_\{1\}\[\\text\{(.*)\}\]", symbols)
    assert written, symbols
    assert not set(written[1]) & set("\\{}$_^&#%~`\x00|")


@pytest.mark.parametrize("word", ["猫", "ça", "don't", "⟨/s⟩", "शब्द", "مرحبا", "3.14"])
def test_words_of_any_script_stay_readable(word):
    written = equation(trace_of("elman"), ("E", 1), aims={"E": [word] * STEPS}).symbols
    assert sum(character in written for character in word) >= len(word) - 2, written  # marks may be dotted out


@pytest.mark.parametrize(("hidden", "short"), [(FEW, True), (FEW + 1, False)])
def test_only_short_vectors_are_written_out(hidden, short):
    assert equation(trace_of("elman", hidden=hidden), ("h", 2)).is_short is short


def test_numbers_stand_under_their_names():
    found = equation(trace_of("elman"), ("h", 2))
    lines = (*found.terms, *found.results)
    shown = markup.numbers(lines)
    assert re.findall('data-latex="(.*?)"', shown) == [line.latex for line in lines]
    rows = [re.findall("<t[hd].*?>(.*?)</t[hd]>", row) for row in re.findall("<tr>(.*?)</tr>", shown)[1:]]
    assert rows == [[str(j + 1), *(number(line.vector[j]) for line in lines)] for j in range(3)]


@pytest.mark.parametrize(
    ("name", "layer", "symbols"),
    [
        ("lstm", "c", r"c_{3} = f_{3} \odot c_{2} + i_{3} \odot g_{3}"),
        ("lstm", "h", r"h_{3} = o_{3} \odot \tanh\left(c_{3}\right)"),
        ("lstm", "fc", r"f_{3} \odot c_{2}"),
        ("gru_reset_after", "h", r"h_{3} = z_{3} \odot h_{2} + \left(1 - z_{3}\right) \odot n_{3}"),
    ],
)
def test_steps_that_no_textbook_names_are_written_out(name, layer, symbols):
    """c₃ = fc₃ + ig₃ would read as if c₃ stood on both sides."""
    assert equation(trace_of(name), (layer, 3)).symbols == symbols


NUMBERS = [
    (0.0, "0"),
    (-0.0, "0"),
    (1.0, "1.00"),
    (-2.0, "−2.00"),
    (0.17, "0.170"),
    (0.12345, "0.123"),
    (123456.0, "1.23·10⁵"),
    (3.2e-9, "3.20·10⁻⁹"),
    (-1e-300, "−1.00·10⁻³⁰⁰"),
    (999.9, "1.00·10³"),
    (123.4, "123"),
]


@pytest.mark.parametrize(("value", "latex"), NUMBERS)
def test_three_significant_digits(value, latex):
    assert number(value) == latex


@given(st.floats(-1e300, 1e300, allow_subnormal=False))
@example(9.995e-5)
def test_a_number_can_be_read_back(value):
    digits = str.maketrans("−⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "--0123456789")
    text = number(value).replace("·10", "e").translate(digits)
    assert float(text) == pytest.approx(value, rel=0.006)
    assert "e+" not in number(value)
