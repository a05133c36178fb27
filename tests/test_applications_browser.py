"""Applications and types in a browser: typing, listening, stepping, padding, and the way to the other pages."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from explorer.applications import APPLICATIONS
from tests.support import look
from tests.support.tabs import address_has, data, diagram, sentence, shows, stage

pytestmark = pytest.mark.browser


def typed(page: Page, name: str, text: str) -> None:
    box = page.get_by_role("textbox", name=APPLICATIONS[name].hint)
    box.fill(text)
    box.press("Enter")


def choose(page: Page, title: str) -> None:
    page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 0)")  # a menu that scrolls into view closes
    look.settle(page)
    page.get_by_role("combobox", name="Application").click()
    page.get_by_role("option", name=title, exact=True).click()


def test_a_learner_types_listens_and_takes_the_network_along(opened):
    page = opened("/applications?app=Sentiment&sentiment=rather good")
    answer = page.locator(".st-key-said")
    expect(answer).to_contain_text("★")
    typed(page, "sentiment", "the flurb was <b>not good")
    address_has(page, sentiment="the flurb was <b>not good", app="Sentiment")
    expect(page.get_by_test_id("stAlert").filter(has_text="flurb")).to_be_visible()
    expect(answer.locator("b")).to_have_count(0)
    stage(page).focus()
    page.keyboard.press("ArrowLeft")
    shows(page, cursor=int(data(page, "steps")) - 1)
    address_has(page, t=str(int(data(page, "steps")) - 1))

    choose(page, "Voice")
    sound = page.locator("audio")
    expect(sound).to_have_attribute("aria-label", re.compile("voice"))
    page.wait_for_function("() => document.querySelector('audio').readyState >= 1")
    assert sound.evaluate("audio => audio.duration") > 0.2
    address_has(page, app="Voice", t=None, sentiment="the flurb was <b>not good")
    assert data(page, "cursor") == data(page, "steps"), "another network begins with its own answer"

    choose(page, "Sentiment")
    expect(page.get_by_role("textbox", name=APPLICATIONS["sentiment"].hint)).to_have_value("the flurb was <b>not good")
    shows(page, steps=6)
    page.locator(".st-key-open_in").get_by_role("link", name="Forward").click()
    page.wait_for_url(re.compile("/forward"))
    expect(sentence(page)).to_have_value("the flurb was <b>not good")
    shows(page, steps=6)
    address_has(page, trained="Sentiment")
    page.go_back()
    expect(page.get_by_role("textbox", name=APPLICATIONS["sentiment"].hint)).to_have_value("the flurb was <b>not good")
    address_has(page, app="Sentiment", sentiment="the flurb was <b>not good")
    page.locator(".st-key-open_in").get_by_role("link", name="Forward").click()
    page.wait_for_url(re.compile("/forward"))
    page.get_by_role("button", name="Weights from the seed").click()
    address_has(page, trained=None)


def test_padded_steps_are_empty_and_their_effect_is_told(opened):
    page = opened("/sequence_types?type=Aligned")
    steps = int(data(page, "steps"))
    expect(page.get_by_role("table")).to_have_count(0)
    page.get_by_role("button", name="Increment Padded steps").or_(page.get_by_test_id("stNumberInputStepUp")).click()
    shows(page, steps=steps + 1)
    table = page.get_by_role("table").filter(has_text="with the mask")
    expect(table).to_be_visible()
    look.settle(page)
    drawn = diagram(page).locator(".node:visible").evaluate_all("all => all.map(node => Number(node.dataset.t))")
    assert steps in drawn
    assert steps + 1 not in drawn, "nothing is drawn where nothing is"
    page.get_by_role("button", name="One to one", exact=True).or_(
        page.get_by_role("radio", name="One to one", exact=True)
    ).click()
    address_has(page, type="One to one")
    shows(page, steps=2)
