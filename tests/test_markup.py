"""Numbers as HTML: no LaTeX is left over, no word of a user is read as a mark, the figures are the array's."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer import views
from explorer.architectures import ARCHITECTURES
from explorer.equations import Line, equation, number
from explorer.figures import markup
from explorer.settings import Network


class Read(HTMLParser):
    """Rows of cells, and every tag that was used."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data):
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data


@pytest.mark.parametrize("names", ["matrices", "letters"])
@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_every_name_in_every_node_is_plain_marks(arch, names):
    view = views.ran(Network(arch=arch, text="how are you", hidden=2, depth=2))
    steps = view.reading.steps
    nodes = [(layer.name, t) for layer in view.graph.layers for t in (2, steps) if t in layer.presence.steps(steps)]
    for node in nodes:
        found = equation(view.trace, node, names)
        for line in (*found.terms, *found.results):
            text = markup.symbols(line.latex)
            assert not set(text) & set("\\{}_^$"), (line.latex, text)
            assert set(re.findall("<(/?[a-z]+)>", text)) <= {"sub", "/sub", "sup", "/sup"}
            assert text.count("<sub>") == text.count("</sub>")


def test_numbers_are_the_vectors():
    lines = [Line("h_{1}", "h", np.array([0.5, -2.0, 1e-9])), Line("E_{1}", "E", np.array([3.0]))]
    rows = Read(markup.numbers(lines)).rows
    assert rows[0] == ["unit", "h1", "E1"]
    assert rows[1:] == [["1", "0.500", "3.00"], ["2", "−2.00", ""], ["3", "1.00·10⁻⁹", ""]]


def test_a_distribution_is_its_probabilities_in_order():
    shares = np.array([0.125, 0.5, 0.125, 0.25])
    rows = Read(markup.distribution("what", ["a", "b", "c", "d"], shares, "a")).rows
    assert [row[0] for row in rows] == ["b", "d", "a ← target", "c"]
    assert [row[-1] for row in rows] == [number(share) for share in (0.5, 0.25, 0.125, 0.125)]


def test_the_bars_are_as_long_as_the_probabilities():
    text = markup.distribution("what", ["a", "b"], np.array([0.2, 0.8]), "")
    assert re.findall("width:([0-9.]+)%", text) == ["100", "25"]


def test_a_large_vocabulary_is_cut_but_keeps_the_target():
    shares = np.linspace(1, 2, 60)
    shares /= shares.sum()
    rows = Read(markup.distribution("what", [f"w{i}" for i in range(60)], shares, "w3")).rows
    assert len(rows) == markup.MOST_BARS
    assert [rows[0][0], rows[1][0], rows[-1][0]] == ["w59", "w58", "w3 ← target"]


@pytest.mark.parametrize("target", ["", "elsewhere"])
def test_no_target_no_mark(target):
    assert "target" not in markup.distribution("what", ["a", "b"], np.array([0.3, 0.7]), target)


@given(st.lists(st.text(min_size=1), min_size=1, max_size=5, unique=True))
def test_words_are_words(tokens):
    found = Read(markup.distribution("what", tokens, np.full(len(tokens), 1 / len(tokens)), ""))
    assert found.tags == {"table", "caption", "tbody", "tr", "th", "td", "i"}
