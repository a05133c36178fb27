"""A tab on the app and what stands in it: fixtures and finders for the tests that look at pages.

One tab for each way of looking is kept for all tests, because a tab that knows the scripts already opens a page three
times as fast. Every link that is followed is a new session of the app all the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support import look
from tests.support.browser import DARK, PHONE, STILL, View
from tests.support.server import Server

SOON = 15_000  # milliseconds until a condition has to hold
STILL_DARK, STILL_PHONE = replace(DARK, still=True), replace(PHONE, still=True)
Open = Callable[..., Page]
Tabs = Callable[[View], tuple[Page, list[str]]]

expect.set_options(timeout=SOON)


@pytest.fixture(scope="session")
def tabs(browser: Browser, server: Server) -> Iterator[Tabs]:
    """One tab for each way of looking, and what has gone wrong in it."""
    kept: dict[View, tuple[Page, list[str]]] = {}
    with ExitStack() as closing:

        def tab(view: View) -> tuple[Page, list[str]]:
            if view not in kept:
                context = look.context(browser, view, server.url)
                closing.callback(context.close)
                page, problems = context.new_page(), []
                look.watch(page, server.url, problems)
                kept[view] = page, problems
            return kept[view]

        yield tab


@pytest.fixture
def opened(tabs: Tabs) -> Iterator[Open]:
    """Follow a link, by default without motion, and wait until the page is quiet; nothing may have gone wrong."""
    used: list[tuple[Page, list[str]]] = []

    def follow(address: str, view: View = STILL, *, settle: bool = True) -> Page:
        page, problems = tabs(view)
        problems.clear()
        used.append((page, problems))
        page.goto("about:blank")
        page.goto(address)
        page.locator(".unroll-diagram, .js-plotly-plot").first.wait_for()
        if settle:
            look.settle(page)
        return page

    yield follow
    for page, problems in used:
        assert not look.exceptions(page)
        assert not problems, "\n".join(problems)


def diagram(page: Page) -> Locator:
    return page.locator(".unroll-diagram")


def stage(page: Page) -> Locator:
    """The part of the diagram that takes the keyboard."""
    return diagram(page).get_by_role("application")


def button(page: Page, name: str) -> Locator:
    return diagram(page).get_by_role("button", name=name, exact=True)


def sentence(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Sentence")


def more(page: Page) -> Locator:
    """The switch that shows the other shared controls; a page may have more of its own further down."""
    return page.get_by_role("switch", name="More", exact=True).first


def open_more(page: Page) -> None:
    more(page).focus()
    page.keyboard.press("Space")
    expect(more(page)).to_be_checked()
    look.settle(page)


def overflow(page: Page) -> int:
    """Pixels by which the page is wider than its window."""
    return page.evaluate(
        """() => Math.max(...['html', 'body', '[data-testid="stMain"]', '[data-testid="stApp"]']
             .map(name => document.querySelector(name)).filter(Boolean)
             .map(element => Math.max(element.scrollWidth - element.clientWidth,
                                      element.getBoundingClientRect().right - window.innerWidth)))"""
    )


def plots(page: Page) -> Locator:
    return page.locator(".js-plotly-plot")


def spoken(page: Page) -> Locator:
    """The line that says what has just changed."""
    return diagram(page).locator("[aria-live=polite]")


def slider(page: Page, name: str | re.Pattern[str]) -> Locator:
    return diagram(page).get_by_role("slider", name=name)


def node(page: Page, layer: str, t: int) -> Locator:
    return diagram(page).locator(f'.node[data-layer="{layer}"][data-t="{t}"]:visible')


def shows(page: Page, **data: str | int) -> None:
    """Wait until the diagram's data-… attributes are these."""
    for name, value in data.items():
        expect(diagram(page)).to_have_attribute(f"data-{name}", str(value))


def data(page: Page, name: str) -> str:
    return diagram(page).get_attribute(f"data-{name}") or ""


def formulas(page: Page) -> list[str]:
    """The LaTeX of every equation on the page, in order."""
    look.settle(page)
    return page.locator(".stMain .katex-display annotation").all_text_contents()


def equation_is(page: Page, start: str) -> None:
    """Wait until the open equation begins like this."""
    first = page.locator(".stMain .katex-display annotation").first
    expect(first).to_have_text(re.compile(r"^\s*(\\begin{aligned}\s*)?" + re.escape(start)))


def facts(page: Page) -> Locator:
    return page.get_by_role("table").filter(has_text="cycles")


def parameters(page: Page) -> dict[str, str]:
    """What the address carries."""
    return {name: values[-1] for name, values in parse_qs(urlsplit(page.url).query).items()}


def address_has(page: Page, **wanted: str | None) -> None:
    """Wait until the address carries these; None: not there."""

    def agrees(url: str) -> bool:
        found = {name: values[-1] for name, values in parse_qs(urlsplit(url).query).items()}
        return all(found.get(name) == value for name, value in wanted.items())

    page.wait_for_url(agrees, wait_until="commit")
