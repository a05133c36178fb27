"""Fixtures for the browser tests, and how hypothesis is run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

# before NumPy is loaded: at these sizes a second thread of its linear algebra costs more than it brings
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, Page

from tests.support import browser as browsers
from tests.support import look
from tests.support.server import Server, ServerError, running
from tests.support.tabs import opened, tabs  # noqa: F401

# The same examples every time, without a clock; `pytest --hypothesis-profile explore` looks for new ones.
settings.register_profile("unroll", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=1000, print_blob=True)
settings.load_profile("unroll")

collect_ignore_glob = ["fixtures/*.py"]
"""Scripts that make files to read: they need frameworks that nothing else here does."""

NEEDS_BROWSER = {"browser", "page"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that look at pages, and let them come last: a wrong number is told before a wrong picture."""
    for item in items:
        if NEEDS_BROWSER & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The real app, started once by its own launcher; it must not have met an exception when it stops."""
    try:
        with running() as app:
            yield app
            log = app.log
    except ServerError as error:
        pytest.fail(str(error), pytrace=False)
    if "Traceback (most recent call last)" in log:
        pytest.fail(f"The app met an exception while it was tested. Its log:\n{log}", pytrace=False)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A browser of this machine; its absence is an error that says how to get one."""
    chromium = browsers.opened()
    try:
        handle = chromium.__enter__()
    except browsers.NoBrowserError as missing:
        pytest.fail(str(missing), pytrace=False)
    try:
        yield handle
    finally:
        chromium.__exit__(None, None, None)


@pytest.fixture
def view() -> browsers.View:
    """How the page is looked at; parametrise ``view`` with PHONE, DARK, STILL or a View of your own."""
    return browsers.PROJECTOR


@pytest.fixture
def problems() -> list[str]:
    """What has gone wrong on ``page`` so far; a test that provokes something clears it."""
    return []


@pytest.fixture
def page(browser: Browser, server: Server, view: browsers.View, problems: list[str]) -> Iterator[Page]:
    """An empty tab that knows the app's address: ``page.goto("/forward?T=5")``, then `settle`.

    Afterwards no script error, no exception, no failed request and none to another host may have happened.
    """
    context = look.context(browser, view, server.url)
    tab = context.new_page()
    look.watch(tab, server.url, problems)
    yield tab
    drawn = look.exceptions(tab)
    if drawn:  # the page names the kind only
        problems += [
            *(f"exception on the page: {text}" for text in drawn),
            f"The app's log ends:\n{server.log[-3000:]}",
        ]
    context.close()
    assert not problems, "\n".join(problems)


@pytest.fixture
def visit(page: Page) -> Callable[[str], Page]:
    """Go to an address of the app and wait until the page is quiet."""

    def go(address: str) -> Page:
        page.goto(address)
        look.settle(page)
        return page

    return go
