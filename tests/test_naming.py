"""Names of layers and parameters, in both notations: one object, one name."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.architectures import ARCHITECTURES, build
from explorer.graph import Connection, Graph, Layer
from explorer.naming import NOTATIONS, Symbol

GRID = [(name, depth) for name in ARCHITECTURES for depth in (1, 2)]
TABLE = [
    # architecture, depth, parameter or layer, step, in matrices, in letters
    ("elman", 1, "W_xh", "", "W_{xh}", "W"),
    ("elman", 1, "W_hh", "", "W_{hh}", "U"),
    ("elman", 1, "W_hy", "", "W_{hy}", "V"),
    ("elman", 1, "b_h", "", "b_{h}", "b"),
    ("elman", 1, "b_y", "", "b_{y}", "c"),
    ("elman", 1, "h", "3", "h_{3}", "h_{3}"),
    ("elman", 2, "W_xh_2", "", r"W_{xh}^{(\mathrm{2})}", r"W^{(\mathrm{2})}"),
    ("elman", 2, "W_hh_1", "", r"W_{hh}^{(\mathrm{1})}", r"U^{(\mathrm{1})}"),
    ("elman", 2, "h_2", "3", r"h_{3}^{(\mathrm{2})}", r"h_{3}^{(\mathrm{2})}"),
    ("jordan", 1, "W_yh", "", "W_{yh}", "U"),
    ("lstm", 1, "W_xf", "", "W_{xf}", "W_{f}"),
    ("lstm", 1, "W_hf", "", "W_{hf}", "U_{f}"),
    ("lstm", 1, "b_f", "", "b_{f}", "b_{f}"),
    ("tapped", 1, "W_hh2", "", "W_{hh2}", "U_{2}"),
    ("bidirectional", 1, "h_bwd", "1", r"h_{1}^{(\leftarrow)}", r"h_{1}^{(\leftarrow)}"),
    ("bidirectional", 1, "W_hh_fwd", "", r"W_{hh}^{(\rightarrow)}", r"U^{(\rightarrow)}"),
    ("encoder_decoder", 1, "W_xh_dec", "", r"W_{xh}^{(\mathrm{dec})}", r"W^{(\mathrm{dec})}"),
]


def graph_of(name, depth):
    return build(name, inputs=5, hidden=4, outputs=5, depth=depth)


@pytest.mark.parametrize(("name", "depth", "what", "step", "in_matrices", "in_letters"), TABLE)
def test_names_as_papers_and_textbooks_write_them(name, depth, what, step, in_matrices, in_letters):
    graph = graph_of(name, depth)
    assert NOTATIONS["matrices"].symbols(graph)[what].latex(step) == in_matrices
    assert NOTATIONS["letters"].symbols(graph)[what].latex(step) == in_letters


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize(("name", "depth"), GRID)
def test_every_layer_and_parameter_has_a_name_of_its_own(name, depth, notation):
    """Two matrices under one name would read as a shared weight."""
    graph = graph_of(name, depth)
    symbols = NOTATIONS[notation].symbols(graph)
    parameters, layers = list(graph.parameter_shapes), [layer.name for layer in graph.layers]
    assert set(symbols) == {*parameters, *layers}
    for write in (Symbol.latex, lambda symbol: symbol.text, lambda symbol: symbol.parts):
        for things in (parameters, layers):
            twice = [text for text, times in Counter(write(symbols[thing]) for thing in things).items() if times > 1]
            assert not twice, f"{notation} of {name}: {twice}"


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize(("name", "depth"), GRID)
def test_names_are_latex_that_closes_its_braces(name, depth, notation):
    for symbol in NOTATIONS[notation].symbols(graph_of(name, depth)).values():
        latex = symbol.latex("12")
        assert "12" in latex
        assert latex.count("{") == latex.count("}")
        assert latex.count("_") <= 1, "two subscripts stop LaTeX"
        assert latex.count("^") <= 1
        assert not set(symbol.text) & set("{}\\")


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_notation_changes_names_of_weights_only(name):
    graph = graph_of(name, 1)
    first, second = (NOTATIONS[notation].symbols(graph) for notation in NOTATIONS)
    for layer in graph.layers:
        assert first[layer.name] == second[layer.name]
    assert any(first[weight] != second[weight] for weight in graph.parameter_shapes)


def test_the_menu_shows_what_a_notation_looks_like():
    symbols = {key: notation.symbols(graph_of("elman", 1)) for key, notation in NOTATIONS.items()}
    for key, notation in NOTATIONS.items():
        assert notation.example == ", ".join(symbols[key][weight].text for weight in ("W_xh", "W_hh", "W_hy"))


def test_parts_for_drawing():
    symbol = NOTATIONS["matrices"].symbols(graph_of("bidirectional", 2))["W_hh_2_bwd"]
    assert symbol.parts == ("W", "hh", "2 ←")
    assert symbol.text == "W_hh (2) (←)"


# ---- names that nobody foresaw ------------------------------------------------------------------------------------

ODD = ["memory_cell", "W_hh", "h_fwd", "h_2", "b_", "W__", "h2", "b_h_2_fwd", "W_", "fwd_fwd", "h_bwd_x", "a_1", "W_2"]
names = st.one_of(st.sampled_from(ODD), st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,15}", fullmatch=True))


@st.composite
def drawn_graphs(draw):
    """Networks of layers and weights with any names that can be typed."""
    called = draw(st.lists(names, min_size=2, max_size=6, unique=True))
    roles = draw(st.lists(st.sampled_from(["state", "hidden", "output"]), min_size=len(called), max_size=len(called)))
    layers = [Layer(n, 2, "tanh", bias=f"b_{n}", role=role) for n, role in zip(called, roles, strict=True)]
    ends = st.tuples(st.sampled_from(called), st.sampled_from(called), st.integers(1, 4))
    links = draw(st.lists(ends, min_size=1, max_size=8, unique=True))
    weights = draw(st.lists(names, min_size=len(links), max_size=len(links)))
    own = draw(st.booleans())
    connections = [
        Connection(source, target, f"W_{source}{target}" if own else weight, delay=delay)
        for (source, target, delay), weight in zip(links, weights, strict=True)
    ]
    return Graph("drawn", tuple(layers), tuple(connections))


@pytest.mark.parametrize("notation", NOTATIONS)
@given(drawn_graphs())
def test_any_names_are_told_apart_and_are_valid_latex(notation, graph):
    symbols = NOTATIONS[notation].symbols(graph)
    layers, parameters = [layer.name for layer in graph.layers], list(graph.parameter_shapes)
    assert set(symbols) == {*layers, *parameters}
    for things in (set(layers) - set(parameters), parameters):  # a layer called as a weight is written like it
        for write in (Symbol.latex, lambda symbol: symbol.text, lambda symbol: symbol.parts):
            assert len({write(symbols[thing]) for thing in things}) == len(things)
    for symbol in symbols.values():
        latex = symbol.latex("12").replace(r"\_", "")
        assert re.fullmatch(r"([A-Za-z]{1,2}|\\mathit\{[A-Za-z0-9]+\})_\{[^_^]*12\}(\^\{\([^_^]*\)\})?", latex), latex
        assert latex.count("{") == latex.count("}")


@pytest.mark.parametrize(
    ("name", "text", "latex"),
    [
        ("memory_cell", "memory_cell", r"\mathit{memory\_cell}_{t}"),
        ("W_hh", "W_hh", r"\mathit{W\_hh}_{t}"),
        ("h_fwd", "h (→)", r"h_{t}^{(\rightarrow)}"),
        ("h_2", "h (2)", r"h_{t}^{(\mathrm{2})}"),
        ("h2", "h2", r"\mathit{h2}_{t}"),
        ("candidate", "candidate", r"\mathit{candidate}_{t}"),
    ],
)
def test_a_layer_is_called_what_it_was_called(name, text, latex):
    graph = Graph("one", (Layer(name, 2, bias=f"b_{name}"),), (Connection(name, name, f"W_{name}", delay=3),))
    symbols = NOTATIONS["matrices"].symbols(graph)
    assert (symbols[name].text, symbols[name].latex("t")) == (text, latex)
    for weight, kind in ((f"W_{name}", "W"), (f"b_{name}", "b")):
        assert symbols[weight].base == kind
        assert symbols[weight].text.replace(" (", "_").replace(")", "").replace("→", "fwd") == weight
