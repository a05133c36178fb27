"""Order matters and Questions in a browser: typing, shuffling, the link, and the way to other pages."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.support import look
from tests.support.browser import STILL
from tests.support.tabs import STILL_DARK, STILL_PHONE, address_has, overflow, plots
from tests.test_every_page import HTML_TEXTS, SMALLEST_INDEX, SMALLEST_TEXT, TEXTS, contrast

pytestmark = pytest.mark.browser


def test_a_learner_types_shuffles_and_sends_the_link(opened):
    page = opened("/order")
    expect(plots(page)).to_have_count(2)
    first, second = (page.get_by_role("textbox", name=re.compile(f"^Sentence {mark}")) for mark in "AB")
    first.fill("the soup was not cold, it was good")
    first.press("Enter")
    expect(second).not_to_have_value(re.compile("friendly"))
    look.settle(page)
    before = second.input_value()
    assert sorted(before.split()) == sorted(["the", "soup", "was", "not", "cold", "it", "was", "good"])
    page.get_by_role("button", name="Shuffle").click()
    expect(second).not_to_have_value(before)
    shuffled = second.input_value()
    address_has(page, ordered="the soup was not cold, it was good", jumbled=shuffled)
    headings = page.get_by_test_id("stMarkdown").filter(has_text=re.compile("^(GRU.*|Bag of words):"))
    expect(headings).to_have_count(2)
    said = headings.all_inner_texts()
    page.reload()
    page.locator(".js-plotly-plot").first.wait_for()
    look.settle(page)
    expect(second).to_have_value(shuffled)
    assert headings.all_inner_texts() == said, "the link shows the same"


def test_the_picture_stands_on_the_first_screen(opened):
    page = opened("/order")
    for plot in plots(page).all():
        box = plot.bounding_box()
        assert box["y"] + box["height"] <= 720


def test_another_reader_and_back(opened):
    page = opened("/order")
    page.get_by_role("button", name="Next word").or_(page.get_by_role("radio", name="Next word")).first.click()
    expect(page.get_by_role("textbox", name="Sentence A")).to_have_value("how are you")
    address_has(page, reader="Next word")
    expect(page.get_by_role("cell", name="today")).to_be_visible()
    look.settle(page)  # the links are the last to change
    page.locator(".st-key-open_in").get_by_role("link", name="Forward: sentence B").click()
    page.wait_for_url(re.compile("/forward"))
    address_has(page, trained="Auto-completion", text="you are how")
    page.go_back()
    expect(page.get_by_role("textbox", name="Sentence A")).to_have_value("how are you")
    address_has(page, reader="Next word", ordered="how are you", jumbled="you are how")


@pytest.mark.parametrize("part", ["Advantages and limits", "Frequently asked", "Glossary"])
@pytest.mark.parametrize("view", [STILL, STILL_DARK, STILL_PHONE], ids=["light", "dark", "phone"])
def test_questions_can_be_read(tabs, part, view):
    page, problems = tabs(view)
    problems.clear()
    page.goto(f"/questions?part={part}")
    expect(page.get_by_text("→").first).to_be_visible()
    look.settle(page)
    assert overflow(page) <= 0
    texts = page.evaluate(TEXTS)
    assert len(texts) > 40
    assert not [(size, text) for size, index, text in texts if size < (SMALLEST_INDEX if index else SMALLEST_TEXT)]
    for text, ink, ground in page.evaluate(HTML_TEXTS):
        assert contrast(ink, ground) >= 4.5, (text, ink, ground)
    assert not look.exceptions(page)
    assert not problems, "\n".join(problems)


def test_an_answer_leads_to_the_network_it_speaks_of(opened):
    page = opened("/forward?arch=LSTM&hidden=3&seed=9&text=how are you")
    page.goto("/questions?part=Glossary")
    page.get_by_role("link", name="→ Unroll", exact=True).first.click()
    page.wait_for_url(lambda url: "/questions" not in url)
    page.locator(".unroll-diagram").wait_for()
    look.settle(page)
    expect(page.get_by_role("textbox", name="Sentence")).to_have_value("the cat sat on the mat")
    expect(page.get_by_role("table").first).to_contain_text("191")
