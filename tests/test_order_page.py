"""The page Order matters without a browser: typing, shuffling, choosing who reads, and what is shown of it."""

from __future__ import annotations

import json
from collections import Counter
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from explorer import scripts
from explorer.applications.shelf import ShelfError
from explorer.order_views import in_two_orders, scored
from explorer.page_settings.order import FIELDS, PAIRS, READERS
from pages import cached
from tests.test_pages import alternatives, numbers_of, opened, tables, without_problems
from tests.test_scripts import assert_same, run


def at(**link: str) -> AppTest:
    app = opened("order", **link)
    assert without_problems(app), (app.exception, app.error)
    return app


def said(app: AppTest) -> str:
    return "\n".join(block.value for block in (*app.markdown, *app.info, *app.caption))


def chart(app: AppTest, which: int) -> dict:
    return json.loads(app.get("plotly_chart")[which].proto.spec)


def test_the_first_look_shows_two_answers_and_one():
    app = at()
    found = in_two_orders(*PAIRS[0])
    both, one = (block.value for block in app.markdown if block.value.startswith(("GRU", "Bag of words:")))
    for walk in found.recurrent.walks:
        assert f"**{walk.ranked[0].text}** {walk.ranked[0].probability:.1%}".replace("%", "\u202f%") in both
    assert found.bag.walks[0].ranked[0].text in one
    assert "both" in one
    assert all(len(text) > 100 for text in alternatives(app))
    assert "They part at step 4" in alternatives(app)[0]
    assert "They end in the same point" in alternatives(app)[1]


@pytest.mark.parametrize("reader", READERS)
def test_both_pictures_are_painted_from_the_states(reader):
    _, first, second = next(pair for pair in PAIRS if pair[0] == reader)
    app = at(reader=READERS[reader], ordered=first, jumbled=second)
    found = in_two_orders(reader, first, second)
    for which, ways in enumerate((found.recurrent, found.bag)):
        (bars,) = [trace for trace in chart(app, which)["data"] if trace["type"] == "bar"]
        assert numbers_of(bars["y"]) == pytest.approx(ways.distances[1:])
        assert f"{ways.plane.shares[0]:.0%} of the variance" in json.dumps(chart(app, which)["layout"])
    score = scored(reader)
    assert ("kept back" in said(app)) == (score is not None)
    if score:
        assert f"**{score.recurrent:{score.metric.written}}**" in said(app)


def test_the_table_has_the_same_numbers_for_the_bag_twice():
    rows = tables(at(reader="Next word", ordered="how are you", jumbled="you are how"))[0]
    assert len(rows) > 4
    for _, a, b, bag_a, bag_b in rows[:-1]:
        assert bag_a == bag_b
        assert a.endswith("%")
        assert b.endswith("%")
    assert any(row[1] != row[2] for row in rows[:-1])
    assert rows[-1][3] == "0"


def test_a_shuffle_puts_the_same_words_into_another_order_each_time():
    app, seen = at(ordered="never bad, always good", jumbled="never good, always bad"), set()
    for _ in range(6):
        before = app.session_state["jumbled"]
        app.button[0].click().run()
        assert without_problems(app)
        assert Counter(app.session_state["jumbled"].split()) == Counter(["never", "bad", "always", "good"])
        assert app.session_state["jumbled"] not in ("never bad always good", before)
        assert app.session_state["ordered"] == "never bad, always good"
        seen.add(app.session_state["jumbled"])
    assert len(seen) > 2


def test_a_new_sentence_brings_an_order_of_its_own_words():
    app = at()
    app.text_input(key="ordered").set_value("the soup was not cold").run()
    first = app.session_state["jumbled"]
    assert Counter(first.split()) == Counter(["the", "soup", "was", "not", "cold"])
    assert first != "the soup was not cold"
    again = at()
    again.text_input(key="ordered").set_value("the soup was not cold").run()
    assert again.session_state["jumbled"] == first, "the same for everybody"
    app.text_input(key="jumbled").set_value("cold was the soup, not").run()
    assert app.session_state["jumbled"] == "cold was the soup, not"
    assert without_problems(app)


def test_a_single_word_cannot_be_shuffled():
    app = at()
    app.text_input(key="ordered").set_value("good").run()
    app.button[0].click().run()
    assert without_problems(app)
    assert app.session_state["jumbled"] == "good"
    assert "They never part" in alternatives(app)[0]


def test_another_reader_brings_sentences_that_it_knows_unless_some_were_typed():
    app = at()
    app.segmented_control(key="reader").select("complete").run()
    assert (app.session_state["ordered"], app.session_state["jumbled"]) == ("how are you", "you are how")
    app.button[0].click().run()
    app.segmented_control(key="reader").select("untrained").run()
    assert app.session_state["ordered"] == "all that glitters is not gold", "an order drawn by lot is not typed"
    app.text_input(key="ordered").set_value("we should go, she says").run()
    app.segmented_control(key="reader").select("sentiment").run()
    assert app.session_state["ordered"] == "we should go, she says"
    assert "," not in app.session_state["jumbled"]
    assert "Not in its vocabulary" in " ".join(note.value for note in app.info), "what was typed stays, and it is said"
    app.segmented_control(key="reader").select("untrained").run()
    assert "," in app.session_state["jumbled"], "this one reads marks"
    assert not app.info
    app.text_input(key="jumbled").set_value("says she: we should go").run()
    app.segmented_control(key="reader").select("complete").run()
    assert app.session_state["jumbled"] == "says she: we should go"
    assert without_problems(app)


@pytest.mark.parametrize("reader", READERS)
def test_the_text_says_which_network_reads_and_how(reader):
    app = at(reader=READERS[reader], ordered="you are", jumbled="are you")
    found = in_two_orders(reader, "you are", "are you")
    (text,) = [block.value for block in app.markdown if "Why the bag cannot tell" in block.value]
    assert found.recurrent.title in text
    for symbols in (*found.recurrent.carried, *found.bag.carried):
        assert f"${symbols}$" in text


def test_ready_sentences_take_the_place_of_both():
    app = at()
    box = app.selectbox(key="ready_order_sentiment")
    box.select(box.options[1]).run()
    assert (app.session_state["ordered"], app.session_state["jumbled"]) == PAIRS[1][1:]
    assert without_problems(app)


def test_what_is_not_the_same_is_said_and_never_read_as_markup():
    app = at(ordered="good <b>*food*</b> $x$", jumbled="bad food")
    notes = " ".join(note.value for note in app.info)
    assert "not the same words" in notes
    assert "<b>" not in said(app)
    assert "*food*" not in said(app).replace("\\*", "")
    empty = at(ordered="", jumbled="")
    assert "empty" in " ".join(note.value for note in empty.info).lower() or empty.info
    assert FIELDS["ordered"].default not in said(empty)


def test_missing_weights_are_said_with_the_way_to_make_them(monkeypatch):
    def missing(*_: str) -> None:
        raise ShelfError("The weights of 'sentiment_bag' are missing; train it: python -m explorer train sentiment_bag")

    monkeypatch.setattr(cached, "in_two_orders", missing)
    app = opened("order")
    assert not app.exception
    (error,) = app.error
    assert "python \\-m explorer train sentiment\\_bag" in error.value


def test_the_same_networks_can_be_opened_elsewhere():
    app = at()
    links = {link.proto.label: link.proto for link in app.get("page_link")}
    for mark, text in zip("AB", PAIRS[0][1:], strict=True):
        asked = {n: v[-1] for n, v in parse_qs(links[f"Forward: sentence {mark}"].query_string).items()}
        assert asked == {"trained": "Sentiment", "text": text}
    asked = {n: v[-1] for n, v in parse_qs(links["Unroll: a bag of words"].query_string).items()}
    there = opened("unroll", **asked)
    assert without_problems(there), there.exception
    assert not there.info
    assert "Bag of words" in json.dumps(
        [json.loads(c.proto.json or c.proto.mixed.json) for c in there.get("bidi_component")]
    )


def test_another_error_is_not_taken_for_missing_weights(monkeypatch):
    def broken(*_: str) -> None:
        raise ValueError("not enough values to unpack")

    monkeypatch.setattr(cached, "in_two_orders", broken)
    assert opened("order").exception


@pytest.mark.parametrize("reader", READERS)
def test_the_lines_of_python_compute_what_is_shown(reader):
    texts = "not 'good' \\ \"but bad", "bad but good"
    found, shown = run(scripts.orders(reader, *texts))["found"], in_two_orders(reader, *texts)
    for one, other in ((found.recurrent, shown.recurrent), (found.bag, shown.bag)):
        assert_same(one.distances, other.distances)
