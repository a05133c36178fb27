"""Names of layers and parameters, in both notations: one object, one name."""

from __future__ import annotations

from collections import Counter

import pytest

from explorer.architectures import ARCHITECTURES, build
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
