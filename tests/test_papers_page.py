"""The page of papers without a browser: every card, its controls, its table, and links of every kind."""

from __future__ import annotations

import re

import pytest
from streamlit.testing.v1 import AppTest

from explorer.fields import Choice, Number
from explorer.papers import FIELDS, PAPERS
from tests.test_pages import alternatives, charts, opened, sentences, tables, without_problems


def at_card(name: str, **link: str | float) -> AppTest:
    return opened("papers", card=PAPERS[name].title, **link)


def shown(app: AppTest) -> str:
    """Everything written on the page, without what a menu of sentences holds."""
    return "\n".join(block.value for block in app.markdown)


def rows(app: AppTest, columns: int) -> list[list[str]]:
    """The table with so many columns: 5 for the open card's, 4 for all cards'."""
    (found,) = [table for table in tables(app) if len(table[0]) == columns]
    return found


def own(app: AppTest) -> set[str]:
    """Names of the page's own controls that are on it."""
    drawn = [*app.selectbox, *app.number_input]
    return {control.key for control in drawn if control.key in FIELDS}


def test_the_page_opens_with_a_verdict_and_a_picture():
    app = opened("papers")
    assert without_problems(app), app.exception
    assert app.session_state["card"] == "wall"
    assert "ours **0.341571045**, **✓\u00a0agrees**" in shown(app)
    assert len(charts(app)) == 1
    assert "Left out." in shown(app)


@pytest.mark.parametrize("name", PAPERS)
def test_every_card_can_be_opened(name):
    app = at_card(name)
    paper = PAPERS[name]
    assert without_problems(app), app.exception
    assert not app.info
    assert app.session_state["card"] == name
    assert paper.claim in shown(app)
    assert own(app) == {"card", *paper.fields}, "only the open card's"
    assert len(charts(app)) == 1
    assert alternatives(app) == [paper.picture(**paper.defaults).alternative]
    verdicts = {cell for row in rows(app, 5) for cell in row[-1:]}
    assert "✓\u00a0agrees" in verdicts
    assert ("✗\u00a0refuted" in verdicts) == any(printed.refuted for printed in paper.published)
    (row,) = [row for row in rows(app, 4) if row[0].endswith(paper.title)]
    assert row[0].startswith("▸")


def test_all_cards_are_in_the_table():
    listed = rows(opened("papers"), 4)
    assert [row[0].removeprefix("▸ ") for row in listed] == [paper.title for paper in PAPERS.values()]
    assert all(row[1] and row[2] and "✓" in row[3] for row in listed)
    assert [row[0] for row in listed if "refuted" in row[3]] == ["Condition", "Adding task"]


EXTREMES = [
    (name, tuple(end(field) for field in paper.fields.values()))
    for name, paper in PAPERS.items()
    for end in (
        lambda field: field.least if isinstance(field, Number) else next(iter(field.labels.values())),
        lambda field: field.most if isinstance(field, Number) else list(field.labels.values())[-1],
    )
]


@pytest.mark.parametrize(("name", "place"), EXTREMES, ids=str)
def test_the_ends_of_every_control_can_be_linked(name, place):
    paper = PAPERS[name]
    link = dict(zip(paper.fields, place, strict=True))
    app = at_card(name, **link)
    assert without_problems(app), app.exception
    assert not app.info, sentences(app)
    for field, value in link.items():
        kept = app.session_state[field]
        assert (paper.fields[field].labels[kept] if isinstance(paper.fields[field], Choice) else kept) == value
    assert "≠" not in shown(app)


@pytest.mark.parametrize("name", FIELDS)
def test_what_cannot_be_is_repaired_and_said(name):
    (card,) = [key for key, paper in PAPERS.items() if name in paper.fields] or ["wall"]
    app = opened("papers", **{"card": PAPERS[card].title, name: "1e999" if name != "card" else "nonsense"})
    assert without_problems(app), app.exception
    assert ("runs from" in sentences(app)) == isinstance(FIELDS[name], Number)
    assert ("which there is not" in sentences(app)) == isinstance(FIELDS[name], Choice)
    assert app.session_state["card"] == card


def test_moving_a_control_drops_the_verdict_and_a_button_brings_it_back():
    app = at_card("latching")
    app.number_input(key="latch_w").set_value(1.5).run()
    assert without_problems(app), app.exception
    assert "Printed for w = 1.25; now w = 1.5. The printed numbers do not apply." in shown(app)
    assert "0.7104" not in [row[1] for row in rows(app, 5)]
    (button,) = [button for button in app.button if button.label == "w = 1.1"]
    assert sum("▸" in button.label for button in app.button) == 0
    button.click().run()
    assert app.session_state["latch_w"] == 1.1
    assert "ours **0.50294**, **✓\u00a0agrees**" in shown(app)


def test_a_card_with_one_setting_offers_the_way_back_only_after_leaving_it():
    app = at_card("slots")
    assert not app.button
    app.number_input(key="slots_m").set_value(10).run()
    assert [button.label for button in app.button] == ["T = 1000, m = 50"]
    app.button[0].click().run()
    assert app.session_state["slots_m"] == 50
    assert not app.button


def test_another_card_brings_its_own_controls_and_picture():
    app = at_card("wall")
    before = alternatives(app)
    app.selectbox(key="card").select("rtrl").run()
    assert without_problems(app), app.exception
    assert own(app) == {"card", *PAPERS["rtrl"].fields}
    assert alternatives(app) != before


def test_a_bias_is_shown_with_all_its_digits():
    app = at_card("wall", wall_b=-2.61234136)
    assert app.session_state["wall_b"] == -2.61234136
    assert not app.info
    assert app.number_input(key="wall_b").proto.format == "%.10g"
    assert "6773.1" in shown(app)


def test_the_shared_controls_do_not_change_the_numbers():
    plain, other = (rows(at_card("forget", **link), 5) for link in ({}, {"arch": "LSTM", "seed": 7, "bias": 2}))
    assert plain == other


def test_no_formula_is_left_open():
    for name in PAPERS:
        for line in shown(at_card(name)).splitlines():
            assert re.sub(r"\\.", "", line).count("$") % 2 == 0, line
