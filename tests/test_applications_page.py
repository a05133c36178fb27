"""The page of applications without a browser: every application on inputs that nobody prepared, and its links."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from explorer.application_views import answered
from explorer.applications import APPLICATIONS, shelf
from explorer.applications.application import Curves, Picture, Sound
from explorer.applications.kinds import KINDS
from explorer.applications.signals.picture import COLOURS, SHAPES, SIZES
from explorer.reports import report, shipped
from pages import cached
from tests.test_pages import alternatives, opened, scene, sentences, tables, without_problems

MADE_UP = {
    "complete": "my sister has a small",
    "sentiment": "honestly the fish wasn't bad at all",
    "entities": "Maria left Siemens on Monday",
    "translate": "a small cat sees the black dog",
    "genome": "ggtataatccatgttctagga",
    "voice": "voice 140 Hz 2 times",
    "speech": "four two",
    "caption": "green circle 4 6 large",
    "prices": "10 11 12 11.5 13 12 12.5 14",
}
"""Inputs that are none of the examples."""

STRANGE = "zzyzx <script>alert(1)</script> ~~s~~ :red[x] $\\frac{1}{0}$ [a](b) ![p](q) 🐈 | % \x00 مرحبا"


def at_card(name: str, text: str | None = None, **link: str) -> AppTest:
    return opened("applications", app=APPLICATIONS[name].title, **({} if text is None else {name: text}), **link)


def written(app: AppTest) -> str:
    return "\n".join(block.value for block in (*app.markdown, *app.caption, *app.warning, *app.info))


def blocks(app: AppTest, name: str) -> str:
    """Tables and lists of that class, as HTML."""
    return "\n".join(block.proto.body for block in app.get("html") if f'class="{name}"' in block.proto.body)


def doubts(app: AppTest) -> str:
    return " ".join(re.sub(r"\\(.)", r"\1", note.value) for note in app.warning)


@pytest.mark.parametrize("name", APPLICATIONS)
def test_every_application_answers_an_input_that_nobody_prepared(name):
    app = at_card(name, MADE_UP[name])
    assert without_problems(app), app.exception
    assert not app.info
    asked = shelf.ask(name, MADE_UP[name])
    answer, drawn = asked.answer, scene(app)
    assert MADE_UP[name] not in APPLICATIONS[name].examples
    assert answer.said in [block.value for block in app.markdown]
    assert tuple(drawn["tokens"]) == asked.reading.shown
    assert drawn["steps"] == asked.reading.steps
    assert drawn["cursor"] == answered(name, MADE_UP[name]).telling
    assert [track["kind"] for track in drawn["tracks"]] == ["heat", "bars"]
    for doubt in answer.doubts:
        assert doubt in doubts(app)
    guesses = re.findall('<th scope="row" dir="auto">(.*?)</th>', blocks(app, "shares"))
    assert [unescape(text) for text in guesses] == [guess.text for guess in answer.ranked][:8]
    labels = [unescape(text) for text in re.findall("<b>(.*?)</b>", blocks(app, "labelled"))]
    assert set(labels) == {step.guess.text for step in answer.steps}
    assert len(app.get("audio")) == isinstance(asked.exhibit, Sound)
    assert len(app.get("image")) == 2 * isinstance(asked.exhibit, Picture), "the picture, and what of it mattered"
    assert len(alternatives(app)) == isinstance(asked.exhibit, Sound | Curves)
    assert all(len(text) > 20 for text in alternatives(app))
    found, facts = report(name), tables(app)[0]
    assert facts[0] == ["this network", found.written(found.score)]
    assert facts[1] == [f"naive rule: {found.rule}", found.written(found.baseline)]
    assert shipped(name).command in written(app)
    assert (found.verdict in doubts(app)) == (not found.is_worth_it), "no better than the naive rule: a warning"


@pytest.mark.parametrize("name", APPLICATIONS)
@pytest.mark.parametrize("text", ["", STRANGE], ids=["empty", "strange"])
def test_what_cannot_be_read_is_said_and_never_read_as_markup(name, text):
    app = at_card(name, text)
    assert without_problems(app), app.exception
    asked = shelf.ask(name, text)
    said = doubts(app) + sentences(app) + " ".join(block.value for block in app.caption)
    assert said.strip(), "an empty or strange input is mentioned"
    if text:
        assert asked.answer.doubts
        assert app.session_state[name] == text
    plain = re.sub(r"\\.", "", written(app))
    for markup in ("<script", "~~", ":red[", "[a](", "![p", "$"):
        assert markup not in plain
    assert "<script" not in "".join(block.proto.body for block in app.get("html"))


def test_each_application_keeps_its_own_input():
    app = at_card("sentiment", "rather good")
    app.selectbox(key="app").select("entities").run()
    assert scene(app)["tokens"] == list(shelf.ask("entities", APPLICATIONS["entities"].examples[0]).reading.shown)
    app.text_input(key="entities").set_value("May met Tim").run()
    assert scene(app)["tokens"] == ["may", "met", "tim"]
    app.selectbox(key="app").select("sentiment").run()
    assert scene(app)["tokens"] == ["rather", "good"]
    app.selectbox(key="app").select("entities").run()
    assert app.session_state["entities"] == "May met Tim"
    assert without_problems(app), app.exception


def test_a_ready_input_takes_the_place_of_the_learners():
    app = at_card("sentiment", "rather good")
    app.selectbox(key="ready_sentiment").select(APPLICATIONS["sentiment"].examples[2]).run()
    assert app.session_state["sentiment"] == APPLICATIONS["sentiment"].examples[2]
    assert without_problems(app), app.exception


def test_a_link_says_which_input_matters_for_which_answer():
    text = MADE_UP["entities"]
    app = at_card("entities", text, t="1")
    reading = shelf.ask("entities", text).reading
    assert scene(app)["cursor"] == 1
    (sentence,) = [block.value for block in app.markdown if block.value.startswith("Bars:")]
    assert f"“{reading.aims[0]}” at step 1" in sentence  # its own answer
    assert len(re.findall(r"step \d+ \([+−]", sentence)) == 3
    last = at_card("sentiment", "the food was not good", t="2")
    assert "at step 5" in written(last), "a step that says nothing shows what speaks for the next answer"


def test_all_scores_are_shown_when_they_are_asked_for():
    app = at_card("sentiment")
    plain, scored = tables(app)[-1], tables(app.toggle(key="score_all").set_value(True).run())[-1]
    assert [row[0].removeprefix("▸ ") for row in plain] == [card.title for card in APPLICATIONS.values()]
    assert [row[1] for row in plain] == [KINDS[card.kind].title for card in APPLICATIONS.values()]
    for name, row in zip(APPLICATIONS, scored, strict=True):
        found = report(name)
        assert row[3:] == [found.written(found.score) + " ✗" * (not found.is_worth_it), found.written(found.baseline)]


def test_missing_weights_are_said_with_the_way_to_make_them(monkeypatch):
    def missing(name: str) -> None:
        raise ValueError(f"The weights of '{name}' are missing; train it again with: python -m explorer train {name}")

    monkeypatch.setattr(cached, "shipped", missing)
    app = at_card("sentiment")
    assert not app.exception
    (error,) = app.error
    assert "python \\-m explorer train sentiment" in error.value


def test_the_same_network_and_input_can_be_opened_on_other_pages():
    app = at_card("sentiment", MADE_UP["sentiment"])
    links = {link.proto.label: link.proto for link in app.get("page_link")}
    assert set(links) == {"Unroll", "Forward", "Backward"}
    read = shelf.ask("sentiment", MADE_UP["sentiment"]).reading
    for title, link in links.items():
        asked = {name: values[-1] for name, values in parse_qs(link.query_string).items()}
        assert asked == {"trained": "Sentiment", "text": MADE_UP["sentiment"]}
        there = opened(title.lower(), **asked)
        assert without_problems(there), there.exception
        assert tuple(scene(there)["tokens"]) == read.shown
        assert scene(there)["title"] == scene(app)["title"]


def test_a_new_input_moves_the_cursor_to_its_answer():
    app = at_card("sentiment", "rather bad", t="1")
    assert scene(app)["cursor"] == 1
    app.text_input(key="sentiment").set_value("the waiter was rather good").run()
    assert scene(app)["cursor"] == scene(app)["steps"] == 5
    app.selectbox(key="ready_sentiment").select(APPLICATIONS["sentiment"].examples[2]).run()
    assert scene(app)["cursor"] == scene(app)["steps"]


def test_the_way_back_leads_to_the_same_card():
    app = opened("applications", trained="Prices", text="AMZN 40")
    assert without_problems(app), app.exception
    assert (app.session_state["app"], app.session_state["prices"]) == ("prices", "AMZN 40")
    assert tuple(scene(app)["tokens"]) == shelf.ask("prices", "AMZN 40").reading.shown
    other = opened("applications", app="Voice", trained="Prices", text="AMZN 40")
    assert other.session_state["app"] == "voice", "what the link says of this page comes first"


def test_a_sentence_begins_with_the_word_for_which_the_picture_spoke_most():
    found = answered("caption", MADE_UP["caption"])
    assert found.word(found.answering[-1]) == "⟨/s⟩"
    assert found.word(found.telling) in (*COLOURS, *SHAPES, *SIZES)
    assert answered("sentiment", "rather good").word(2).startswith("★")
