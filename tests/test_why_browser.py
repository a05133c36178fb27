"""Why recurrent in a browser: sliders, the buttons for positions, the link, and how it looks in each way of looking."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support import look
from tests.support.browser import STILL
from tests.support.contrast import contrast
from tests.support.tabs import STILL_DARK, STILL_PHONE, address_has, overflow, plots
from tests.test_every_page import HTML_TEXTS, SMALLEST_INDEX, SMALLEST_TEXT, TEXTS

pytestmark = pytest.mark.browser

POSITION = "/why?why=Fixed position"


def picture(page: Page):
    return page.get_by_role("region", name=re.compile("The same sentences"))


def test_a_learner_takes_places_away_until_words_are_cut_off(opened):
    page = opened("/why")
    bottom = picture(page).bounding_box()
    assert bottom["y"] + bottom["height"] <= 720, "the main picture is on the first screen of a projector"
    expect(picture(page).locator("s")).to_have_count(0)
    slider = page.get_by_role("slider", name="Room for words")
    for _ in range(12):
        slider.press("ArrowLeft")
    address_has(page, why_room="8")
    expect(picture(page).locator("s")).to_have_text(["in", "the", "bush"])
    expect(page.get_by_text("3 words cut off")).to_be_visible()
    expect(page.get_by_role("table").filter(has_text="weights that read them")).to_contain_text("1,600,000")


def test_a_learner_chooses_the_positions_and_hands_them_on(opened):
    page = opened(POSITION)
    chart = plots(page).first
    expect(chart.locator(".xtick").filter(has_text="✓")).to_have_count(3)
    page.get_by_role("button", name="7", exact=True).click()
    address_has(page, why_at="2 3 4 7", why="Fixed position")
    expect(chart.locator(".xtick").filter(has_text="✓")).to_have_count(4)
    page.get_by_role("button", name="2", exact=True).click()
    address_has(page, why_at="3 4 7")
    look.settle(page)
    address = page.url
    page = opened(address)
    expect(plots(page).first.locator(".xtick").filter(has_text="✓")).to_have_count(3)
    page.locator(".stApp").get_by_text("Fixed size", exact=True).click()
    expect(picture(page)).to_be_visible()
    address_has(page, why=None, why_at="3 4 7")


@pytest.mark.parametrize("address", ["/why?why_room=1&text=a supercalifragilistic word and more", POSITION])
@pytest.mark.parametrize("view", [STILL, STILL_DARK, STILL_PHONE], ids=["light", "dark", "phone"])
def test_it_can_be_read_in_every_way_of_looking(opened, address, view):
    page = opened(address, view)
    assert overflow(page) <= 0
    small = [
        (size, text)
        for size, index, text in page.evaluate(TEXTS)
        if size < (SMALLEST_INDEX if index else SMALLEST_TEXT)
    ]
    assert not small
    for text, ink, ground in page.evaluate(HTML_TEXTS):
        assert contrast(ink, ground) >= 4.5, (text, ink, ground)


def test_the_picture_scrolls_inside_itself_on_a_phone(opened):
    page = opened("/why", STILL_PHONE)
    region = picture(page)
    assert region.evaluate("part => part.scrollWidth > part.clientWidth")
    region.focus()
    expect(region).to_be_focused()
    assert overflow(page) <= 0
