"""The Train page in a browser: a run started by keyboard goes on by itself and survives what is done beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.support import look
from tests.support.browser import STILL
from tests.support.tabs import STILL_PHONE, address_has, overflow, parameters, plots

pytestmark = pytest.mark.browser

LINK = "/train?task=Parity&span=6&units=4&batch=4&speed=slow&iterations=20000"


@pytest.fixture(scope="module")
def training(tabs) -> Iterator[Page]:
    """One run, started by keyboard; the tests below follow it."""
    page, problems = tabs(STILL)
    problems.clear()
    page.goto("about:blank")
    page.goto(LINK)
    plots(page).first.wait_for()
    look.settle(page)
    page.get_by_role("button", name="Start", exact=True).press("Enter")
    button(page, "Pause").wait_for()
    yield page
    button(page, "Pause").or_(button(page, "Continue")).press("Enter")
    assert not look.exceptions(page)
    assert not problems, "\n".join(problems)


def button(page: Page, name: str):
    return page.get_by_role("button", name=name, exact=True)


def iteration(page: Page) -> int:
    """How far the run has come, as the bar or the scrubber says."""
    words = page.get_by_text(re.compile(r"Iteration [\d,]+ of at most")).first.inner_text()
    return int(re.search(r"Iteration ([\d,]+) of", words)[1].replace(",", ""))


def goes_on(page: Page) -> None:
    """Wait until it has come further."""
    before = iteration(page)
    page.wait_for_function(
        "n => [...document.querySelectorAll('[data-testid=stProgress]')]"
        ".some(bar => Number(bar.innerText.match(/Iteration ([\\d,]+)/)?.[1].replaceAll(',', '')) > n)",
        arg=before,
    )


def test_a_run_goes_on_by_itself_and_is_painted_meanwhile(training):
    goes_on(training)
    canvas = training.locator("canvas[role=img]")
    expect(canvas.first).to_have_attribute("aria-label", re.compile("Loss and accuracy over the iterations"))
    painted = "canvas => { const data = canvas.toDataURL(); return data.length }"
    first = canvas.first.evaluate("canvas => canvas.toDataURL()")
    assert canvas.first.evaluate(painted) > 3000, "there is a picture"
    goes_on(training)
    training.wait_for_timeout(900)
    assert canvas.first.evaluate("canvas => canvas.toDataURL()") != first
    expect(canvas).to_have_count(1)
    expect(plots(training)).to_have_count(0)


def test_another_control_does_not_stop_it(training):
    name = parameters(training)["run"]
    field = training.get_by_role("spinbutton", name="Steps of the task")
    field.press("ArrowUp")
    expect(training.get_by_text("still the run with steps 6 instead of 7")).to_be_visible()
    goes_on(training)
    field.press("ArrowDown")
    expect(training.get_by_text("still the run")).to_have_count(0)
    assert parameters(training)["run"] == name
    training.get_by_role("radio", name="Reach").or_(button(training, "Reach")).first.click()
    expect(training.locator("canvas[role=img]")).to_have_count(2)
    goes_on(training)


def test_a_reload_and_a_pause_and_a_look_back(training):
    before = iteration(training)
    training.reload()
    button(training, "Pause").wait_for()
    goes_on(training)
    assert iteration(training) > before
    button(training, "Pause").press("Enter")
    slider = training.get_by_role("slider")
    expect(slider).to_be_visible()
    look.settle(training)
    expect(plots(training)).to_have_count(2)
    latest = int(slider.get_attribute("aria-valuetext") or slider.get_attribute("aria-valuenow") or 0)
    slider.press("ArrowLeft")
    shown = training.get_by_role("row").filter(has_text="Elman").first.get_by_role("cell").nth(2)
    expect(shown).not_to_have_text(f"{latest:,}")  # the iteration alone: the best score may be that of the latest
    assert int(shown.inner_text().replace(",", "")) < latest
    address_has(training, run=parameters(training)["run"])


def test_a_phone_can_train(opened):
    page = opened(LINK, STILL_PHONE)
    button(page, "Start").tap()
    button(page, "Pause").wait_for()
    goes_on(page)
    assert overflow(page) <= 0
    for canvas in page.locator("canvas[role=img]").all():
        box = canvas.bounding_box()
        assert 0 <= box["x"] < box["x"] + box["width"] <= 390
    button(page, "Reset").tap()
    button(page, "Start").wait_for()
