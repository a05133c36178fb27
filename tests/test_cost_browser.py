"""The player of the page Cost of unrolling, in a browser: by button, by keyboard, by hand, and what it says."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import PROJECTOR
from tests.support.tabs import button, diagram, stage

pytestmark = pytest.mark.browser

SMALL = "/cost?cost_T=12&cost_way=√T checkpoints"
LAST = "38"
START = "24"
"""Where there is most to see: states kept, and a stretch computed again."""


def at(page: Page, moment: str) -> None:
    expect(diagram(page)).to_have_attribute("data-moment", moment)


def marks(page: Page, look: str, layer: str = "h") -> int:
    return diagram(page).locator(f"[data-layer='{layer}'][data-t].{look}").count()


def test_a_pass_is_stepped_scrubbed_and_told(opened):
    page = opened(SMALL)
    at(page, START)
    assert marks(page, "again") == 4
    assert marks(page, "kept") == 1
    assert marks(page, "freed") == 4
    words = diagram(page).locator(".status")
    stage(page).focus()
    page.keyboard.press("Home")
    at(page, "0")
    assert marks(page, "pending") == 12
    page.keyboard.press("End")
    at(page, LAST)
    assert marks(page, "freed") == 12
    expect(words).to_contain_text("Back over step 1")
    page.keyboard.press("ArrowLeft")
    at(page, str(int(LAST) - 1))
    assert marks(page, "again") == 1
    page.keyboard.press("Home")
    button(page, "Pass: one step forward").click()
    at(page, "1")
    assert marks(page, "running") == 1
    slider = diagram(page).get_by_role("slider", name="Moment of the pass")
    slider.fill("12")
    at(page, "12")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("Step|Forward|state"))
    assert marks(page, "kept") == 2, "the states after every fourth step"
    assert marks(page, "kept", "y") == 0, "of a slice whose state is kept, the output is gone"
    assert marks(page, "dropped", "y") >= 8
    expect(diagram(page).locator(".film-label")).to_contain_text("2 states")

    chart = diagram(page).locator(".film-chart")
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    page.mouse.move(box["x"] + 2, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + 20, steps=5)
    page.mouse.up()
    at(page, LAST)

    node = diagram(page).locator("[data-layer='h'][data-t='3']")
    node.hover()
    expect(page.get_by_role("tooltip")).to_contain_text("freed")


def test_without_motion_playing_jumps_to_the_end(opened):
    page = opened(SMALL)
    button(page, "Pass: play").click()
    at(page, LAST)


def test_playing_moves_by_itself_and_stops(opened):
    page = opened(SMALL, PROJECTOR)
    at(page, START)
    button(page, "Pass: play").click()
    expect(diagram(page)).not_to_have_attribute("data-moment", START)
    assert int(diagram(page).get_attribute("data-moment")) > int(START), "on from where it stands"
    button(page, "Pass: from the start").click()
    expect(diagram(page)).to_have_attribute("data-moment", re.compile(r"^[3-9]$"))
    button(page, "Pass: pause").click()
    held = diagram(page).get_attribute("data-moment")
    assert 2 < int(held) < int(START)
    page.wait_for_timeout(400)
    at(page, held)
    button(page, "Pass: play").click()
    at(page, LAST)


def test_another_way_is_another_film(opened):
    page = opened(SMALL)
    stage(page).focus()
    page.keyboard.press("End")
    at(page, LAST)
    page.get_by_role("combobox", name="Way of training").click()
    page.get_by_role("option", name="Full BPTT").click()
    at(page, "19")  # halfway back
    stage(page).focus()
    page.keyboard.press("End")
    at(page, "24")
    page.wait_for_url(re.compile("Full"))


def test_measuring_fills_the_table(opened):
    page = opened("/cost?cost_T=40&cost_H=4&cost_B=1")
    page.get_by_role("button", name="Measure", exact=True).click()
    row = page.locator("table tr").filter(has_text="Full BPTT")
    expect(row).to_contain_text(re.compile(r"MB|kB.*kB"), timeout=60_000)
    expect(row).not_to_contain_text("–")
