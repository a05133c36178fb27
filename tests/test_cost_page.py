"""The page Cost of unrolling: what its table, chart and film say is what the engine counts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from explorer import cost_views, scripts
from explorer.amounts import in_bytes, in_words
from explorer.architectures import ARCHITECTURES
from explorer.cost import measuring
from explorer.cost.measuring import Outcome, Request, network
from explorer.cost.path import critical_path
from explorer.cost.rows import LENGTHS, together
from explorer.cost.runs import Measured
from explorer.cost.ways import WAYS, Work, cost
from explorer.documents import to_link
from explorer.drafts import STARTER
from explorer.figures import cost as figures
from explorer.graph import ReadOnly
from tests.test_pages import alternatives, opened, scene, seen, sentences, tables, without_problems
from tests.test_scripts import run

REQUEST = Request("elman", 1, "tanh", 32, 1000, 8, 20, 6, tuple(WAYS))
DEFAULT = Work(network("elman", 32, 1, "tanh", 1000), 1000, 8, 20, 6)


def test_the_table_says_what_the_formulas_say():
    app = seen("cost")
    assert without_problems(app), app.exception
    table = tables(app)[0]
    assert [row[0].strip("*") for row in table] == [way.title for way in WAYS.values()]
    for row, name in zip(table, WAYS, strict=True):
        found = cost(name, DEFAULT)
        assert row[2] == in_bytes(found.bytes)
        assert row[3:5] == ["–", "–"]
        assert row[7:] == ["yes" if WAYS[name].is_exact else "no", "yes" if WAYS[name].learns_online else "no"]
    path = critical_path(DEFAULT.graph, 1000)
    assert tables(app)[1][1][1:] == [f"{path.span:,}", f"{path.least:.1%}"]
    assert all(len(text) > 20 for text in alternatives(app))
    padding = tables(app)[2]
    rows = together(LENGTHS["reviews"][1])
    assert padding[0][3].strip("*") == f"{rows.share:.1%}"
    each = 2 * (16 * 32) + 3 * (32 * 32) + 3 * (32 * 16)  # forward and back: W_xh, W_hh, W_hy
    assert each == cost_views.wasted(REQUEST, rows.lengths).each
    assert padding[0][4:6] == [in_words(sum(rows.computed) * each), in_words(rows.padded * each)]


@pytest.mark.parametrize("way", WAYS)
def test_the_film_is_the_way_chosen(way):
    drawn = scene(seen("cost", cost_way=WAYS[way].title, cost_T=12, cost_window=4, cost_slots=3))
    assert drawn["steps"] == 12
    assert drawn["film"]["moments"][-1][4] == cost(way, Work(DEFAULT.graph, 12, 1, 4, 3)).holds.forward
    assert set(drawn["film"]["words"]) == set(drawn["film"]["looks"])
    assert drawn["controls"] == ["film"]


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_architecture_can_be_counted(name):
    app = opened("cost", arch=ARCHITECTURES[name].title, cost_way="RTRL", depth=2)
    assert without_problems(app), app.exception
    reads_on = name.startswith("bidirectional")
    assert (len(tables(app)[0]) == 1) == reads_on
    assert ("not possible here" in sentences(app)) == reads_on


def test_a_network_of_ones_own():
    app = opened("cost", arch="Your own", own=to_link(STARTER), cost_T=30)
    assert without_problems(app), app.exception
    assert scene(app)["steps"] == 30
    assert len(tables(app)[0]) == len(WAYS)
    assert app.number_input(key="cost_H").disabled


def test_extreme_settings_are_counted_and_said():
    app = opened("cost", cost_T=1, cost_B=256, cost_H=512, cost_slots=1, cost_window=1000)
    assert without_problems(app), app.exception
    app = opened("cost", cost_rows="typed", cost_typed="nothing at all", cost_T=10_000)
    assert without_problems(app), app.exception
    assert tables(app)[2][0][1:3] == ["1", "1"]


def test_measuring_happens_in_another_process_and_is_remembered(monkeypatch):
    asked = []

    def ask(request: Request, told: Any) -> Outcome:
        asked.append(request)
        rows = dict.fromkeys(request.ways, 0)
        return Outcome(
            ReadOnly({n: Measured(n, 200, 123_000, 4_560_000, 0.25, 99) for n in rows if n != "rtrl"}),
            ReadOnly({"rtrl": "the reason"} if "rtrl" in rows else {}),
        )

    monkeypatch.setattr(measuring, "ask", ask)
    app = opened("cost", cost_B=3)
    for key in ("cost_measure", "cost_long", "cost_measure_rows"):
        app.button(key=key).click().run()
    assert without_problems(app), app.exception
    said = "\n".join(block.value for block in app.markdown)
    assert len(asked) == 3
    assert tables(app)[0][0][3:5] == ["123 kB", "4.56 MB (200 steps)"]
    assert "RTRL was not measured: the reason" in said
    assert "**99** states and slices" in said
    assert tables(app)[2][0][6] == "250 ms"
    opened("cost", cost_B=3).button(key="cost_measure").click().run()
    assert len(asked) == 3, "kept for whoever asks next"


def test_what_was_in_vain_is_tried_again_and_what_was_found_is_kept(monkeypatch):
    answers = [
        (("full",), ("sqrt", "truncated", "optimal", "online"), ("rtrl",)),
        (("sqrt", "truncated", "optimal", "online"), (), ()),
    ]
    asked = []

    def ask(request: Request, told: Any) -> Outcome:
        asked.append(request.ways)
        found, late, refused = answers[len(asked) - 1]
        sentences = {**dict.fromkeys(late, "somebody else is measuring"), **dict.fromkeys(refused, "too large")}
        return Outcome(
            ReadOnly({n: Measured(n, 30, 1000, 2000, 0.1, 9) for n in found}), ReadOnly(sentences), frozenset(late)
        )

    monkeypatch.setattr(measuring, "ask", ask)
    app = opened("cost", cost_T=30, cost_B=7)
    app.button(key="cost_measure").click().run()
    assert "somebody else is measuring" in sentences_below(app)
    elsewhere = opened("cost", cost_T=30, cost_B=7)
    assert "somebody else" not in sentences_below(elsewhere)
    assert "too large" in sentences_below(elsewhere)
    assert tables(elsewhere)[0][0][3] == "1 kB"
    elsewhere.button(key="cost_measure").click().run()
    assert asked == [tuple(WAYS), ("truncated", "sqrt", "optimal", "online")], "only what is still open"
    assert [row[3] for row in tables(elsewhere)[0]] == ["1 kB"] * 4 + ["not measured", "1 kB"]
    elsewhere.button(key="cost_measure").click().run()
    assert len(asked) == 2


def sentences_below(app) -> str:
    return "\n".join(block.value for block in app.markdown)


@pytest.mark.parametrize(
    "request_",
    [
        Request("elman", 1, "tanh", 4, 30, 2, 5, 3, tuple(WAYS)),
        Request("lstm", 2, "relu", 5, 90, 3, 7, 4, tuple(WAYS)),
        Request("encoder_decoder", 1, "tanh", 4, 41, 2, 5, 3, tuple(WAYS)),
        Request(to_link(STARTER), 1, "tanh", 4, 50, 2, 5, 3, tuple(WAYS)),
        Request("bidirectional", 1, "tanh", 4, 50, 2, 5, 3, tuple(WAYS)),
    ],
    ids=lambda request: request.arch[:20],
)
def test_the_lines_of_python_compute_what_is_shown(request_):
    way = cost_views.possible(request_, "sqrt")
    scope = run(scripts.cost(request_, way))
    found, shown = cost_views.costs(request_), cost_views.curves(request_)
    assert scope["work"] == found.work
    assert scope["costs"] == found.costs
    assert scope["path"] == found.path
    assert scope["frames"] == cost_views.pictured(request_, way)[1]
    assert scope["lengths"] == shown.steps.tolist()
    assert [one[way].bytes for one in scope["curves"]] == shown.bytes[way].tolist()
    assert scope["measured"].way == way
    rows = replace(request_, rows=(5, 9, 30, 2))
    printed = run(scripts.rows(rows))
    assert printed["each"] == cost_views.wasted(rows, rows.rows).each


def test_numbers_in_words():
    assert [in_words(n) for n in (999, 999_499, 1e6, 123_456_789, 2.68e13)] == [
        "999",
        "999,499",
        "1 million",
        "123 million",
        "26,800 billion",
    ]
    assert [in_bytes(n) for n in (999, 999.9, 123_456, 2e9)] == ["999 bytes", "1 kB", "123 kB", "2 GB"]


def test_figures_are_the_same_for_the_same_numbers_and_carry_them():
    request = Request("lstm", 1, "tanh", 8, 500, 2, 5, 3, tuple(WAYS))
    found = cost_views.curves(request)
    first, second = (figures.growth(found, 500, "sqrt", dark).to_json() for dark in (False, False))
    assert first == second != figures.growth(found, 500, "sqrt", True).to_json()
    drawn = figures.growth(found, 500, "sqrt")
    assert [trace.name for trace in drawn.data] == [way.title for way in WAYS.values()]
    assert np.array_equal(drawn.data[0].y, found.bytes["full"])
    frames = cost_views.pictured(request, "full")[1]
    assert figures.held(frames)["insides"].max() == 40
    bars = figures.rows(together([3, 5]))
    assert [list(trace.x) for trace in bars.data] == [[3, 5], [2, 0]]
