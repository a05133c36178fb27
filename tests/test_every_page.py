"""What every page has to be, looked at once in each way: light, dark, and on a phone.

A page is opened once for all tests of one look; they only read, or put back what they have moved.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.support import look
from tests.support.browser import STILL
from tests.support.contrast import contrast
from tests.support.tabs import STILL_DARK, STILL_PHONE, diagram, node, overflow, plots, shows, stage

pytestmark = pytest.mark.browser

PAGES = ["/", "/forward", "/backward?window=2&clip=0.5", "/vanishing?length=30", "/gates?t=1", "/papers"]
PAGES += ["/train?record=Temporal order, T = 50", "/order?reader=Next word"]
PAGES += ["/why?why_room=8"]
PAGES += ["/cost?cost_T=8", "/build?T=9"]
CROWDED = ["/?arch=LSTM&T=20", "/forward?arch=GRU, reset after product", "/backward?arch=LSTM&t=3&node=c"]
TRAINED = ["/applications?app=Named entities", "/sequence_types?type=Aligned&pad=1"]  # of which few slices are open
TRAINED += ["/weights?weights_example=Keras GRU, reset before"]
WIDE = ["/?arch=Bidirectional LSTM&depth=2"]
LOOKS = {"light": STILL, "dark": STILL_DARK, "phone": STILL_PHONE}


@dataclass(frozen=True)
class Seen:
    """A page that has been opened, and how it is looked at."""

    page: Page
    address: str
    look: str


def looked_at(*chosen: str) -> pytest.MarkDecorator:
    """Every page in some of the looks; the crowded ones in light, the wide ones on a phone."""
    cases = [(address, name) for name in chosen for address in (*PAGES, *TRAINED)]
    cases += [(address, "light") for address in CROWDED if "light" in chosen]
    cases += [(address, "phone") for address in WIDE if "phone" in chosen]
    return pytest.mark.parametrize("seen", cases, indirect=True, ids=" ".join)


@pytest.fixture(scope="module")
def seen(request: pytest.FixtureRequest, tabs) -> Iterator[Seen]:
    """Opened once for all tests that ask for the same address and look: pytest groups them."""
    address, name = request.param
    page, problems = tabs(LOOKS[name])
    problems.clear()
    page.goto("about:blank")
    page.goto(address)
    page.locator(".unroll-diagram, .js-plotly-plot").first.wait_for()
    look.settle(page)
    if diagram(page).count():
        shows(page, state="unrolled")
    yield Seen(page, address, name)
    assert not look.exceptions(page)
    assert not problems, "\n".join(problems)


@looked_at("light")
def test_every_control_has_a_name(seen):
    page = seen.page
    if diagram(page).count():
        controls = diagram(page).locator(":is(button, input, select, [tabindex], [role=application]):visible").all()
        assert len(controls) > 6
        for control in controls:
            expect(control).to_have_accessible_name(re.compile(r"\w"))
        buttons = diagram(page).get_by_role("button")
        names = buttons.evaluate_all("all => all.map(button => button.ariaLabel ?? button.textContent)")
        assert len(set(names)) == len(names), "no two buttons of one name"
    fields = page.locator(".stApp input:visible").evaluate_all(
        "all => all.map(input => `${input.type} ${input.ariaLabel || input.labels?.[0]?.innerText}`)"
    )
    assert len(set(fields)) == len(fields), "no two fields of one name"
    outside = page.locator(".stApp button:visible, .stApp input:visible").all()
    for control in outside:
        expect(control).to_have_accessible_name(re.compile(r"\w"))


@looked_at("light")
def test_every_chart_has_words(seen):
    for chart in seen.page.get_by_test_id("stPlotlyChart").all():
        named = chart.locator("[aria-label], [alt]").or_(chart.locator("xpath=ancestor-or-self::*[@aria-label]"))
        words = named.evaluate_all("all => all.map(part => part.getAttribute('aria-label') ?? '')")
        assert max(map(len, words), default=0) > 20, words


@looked_at("light")
def test_the_main_animation_needs_no_scrolling_on_a_projector(seen):
    page = seen.page
    if not diagram(page).count() or seen.address in (*CROWDED, *TRAINED):
        return
    bottom = max(
        diagram(page).locator("button:visible").evaluate_all("all => all.map(e => e.getBoundingClientRect().bottom)")
    )
    assert bottom <= 720, "every control is on the first screen"
    for layer in ("x", "E"):
        box = node(page, layer, 1).bounding_box()
        assert 0 <= box["y"] < box["y"] + box["height"] <= 720


# Every visible piece of text with the size it has on the screen, in shadow trees and pictures too.
TEXTS = """() => {
  const found = [];
  const walk = root => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node.nodeType === Node.ELEMENT_NODE) {
        if (node.shadowRoot) walk(node.shadowRoot);
        continue;
      }
      const element = node.parentElement;
      const text = node.textContent.trim();
      if (!text || !element || element.closest('.katex-mathml, script, style')) continue;
      const style = getComputedStyle(element);
      const range = document.createRange();
      range.selectNodeContents(node);
      const box = range.getBoundingClientRect();
      // texts for those who do not see are one pixel wide
      const around = element.closest('p, div')?.getBoundingClientRect() ?? box;
      if (style.visibility === 'hidden' || Number(style.opacity) === 0) continue;
      if (box.width < 1 || box.height < 1 || around.width < 2 || text === '\u200b') continue;
      let size = parseFloat(style.fontSize);
      const drawn = element.closest('text');
      const matrix = drawn && drawn.getScreenCTM();
      if (matrix) size *= Math.hypot(matrix.a, matrix.b);
      const index = Boolean(element.closest('sub, sup, .sub, .sup, .msupsub'));
      found.push([Math.round(size * 10) / 10, index, text.slice(0, 40)]);
    }
  };
  walk(document.body);
  return found;
}"""
SMALLEST_TEXT, SMALLEST_INDEX = 14, 12


@looked_at("light")
def test_nothing_is_too_small_for_a_projector(seen):
    texts = seen.page.evaluate(TEXTS)
    assert len(texts) > 60, "the whole page was read"
    small = sorted({(size, text) for size, index, text in texts if size < SMALLEST_TEXT and not index})
    assert not small
    indices = sorted({(size, text) for size, index, text in texts if size < SMALLEST_INDEX and index})
    assert not indices


# Each visible text outside pictures, its colour and that of the nearest painted ground under it.
HTML_TEXTS = """() => {
  const found = [];
  const parent = element => element.parentElement ?? element.getRootNode().host ?? null;
  const walk = root => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node.nodeType === Node.ELEMENT_NODE) {
        if (node.shadowRoot) walk(node.shadowRoot);
        continue;
      }
      const element = node.parentElement;
      const text = node.textContent.trim();
      if (!text || !element || element.closest('svg, script, style, .katex-mathml, :disabled')) continue;
      const box = element.getBoundingClientRect();
      const style = getComputedStyle(element);
      if (box.width < 2 || box.height < 2 || style.visibility === 'hidden' || Number(style.opacity) === 0) continue;
      let ground = element.closest('[data-testid=stSliderThumbValue]')?.closest('[data-testid=stSlider]') ?? element;
      while (ground && /, 0\\)$|^transparent$/.test(getComputedStyle(ground).backgroundColor)) ground = parent(ground);
      const under = ground ? getComputedStyle(ground).backgroundColor : 'rgb(255, 255, 255)';
      if ([under, style.color].every(colour => colour.startsWith('rgb('))) found.push([text, style.color, under]);
    }
  };
  walk(document.body);
  return found;
}"""


@looked_at("light", "dark")
def test_text_can_be_read_on_its_ground(seen):
    texts = seen.page.evaluate(HTML_TEXTS)
    assert len(texts) > 15
    for text, ink, ground in texts:
        assert contrast(ink, ground) >= 4.5, (text, ink, ground)


@looked_at("dark")
def test_a_dark_page_is_dark_all_over(seen):
    page = seen.page
    channels = "color => color.match(/[\\d.]+/g).slice(0, 3).map(Number).reduce((a, b) => a + b) / 3"
    ink = page.evaluate(f"() => ({channels})(getComputedStyle(document.querySelector('.stApp')).color)")
    ground = page.evaluate(f"() => ({channels})(getComputedStyle(document.querySelector('.stApp')).backgroundColor)")
    assert ground < 50 < 200 < ink
    for plot in plots(page).all():
        expect(plot.locator(".xtick text").first).to_be_attached()
        fills = plot.locator(".xtick text, .ytick text, .legendtext, .gtitle, .annotation-text").evaluate_all(
            f"all => all.map(text => ({channels})(getComputedStyle(text).fill))"
        )
        assert fills
        assert min(fills) > 140, "the server paints charts for a dark page"
    if not diagram(page).count():
        return
    shows(page, theme="dark")
    assert diagram(page).evaluate(f"diagram => ({channels})(getComputedStyle(diagram).color)") > 200
    if seen.address.startswith("/backward") or seen.address in TRAINED:
        return  # there the colour under a symbol is the gradient's, and its ink follows
    symbol = node(page, "E", 1).locator("text").first
    assert symbol.evaluate(f"text => ({channels})(getComputedStyle(text).fill)") > 200
    if seen.address.startswith("/forward"):
        share = page.locator("table.shares td").last
        assert share.evaluate(f"text => ({channels})(getComputedStyle(text).color)") > 200


@looked_at("phone")
def test_on_a_phone_nothing_runs_past_the_edge(seen):
    page = seen.page
    assert overflow(page) <= 0
    for plot in plots(page).all():
        box = plot.bounding_box()
        assert 0 <= box["x"] < box["x"] + box["width"] <= 390
        assert box["width"] > 250


@looked_at("phone")
def test_on_a_phone_a_wide_picture_scrolls_inside_itself(seen):
    page = seen.page
    if not diagram(page).count():
        return
    assert stage(page).evaluate("stage => stage.scrollWidth > stage.clientWidth + 50"), "inside itself"
    stage(page).evaluate("stage => stage.scrollTo(200, 0)")
    assert stage(page).evaluate("stage => stage.scrollLeft") > 100
    assert stage(page).bounding_box()["width"] <= 390
