"""What somebody needs who does not see the picture, or does not use a mouse, or sees colours differently."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import STILL
from tests.support.contrast import contrast
from tests.support.tabs import (
    STILL_DARK,
    button,
    diagram,
    equation_is,
    more,
    node,
    shows,
    slider,
    spoken,
    stage,
)

pytestmark = pytest.mark.browser

LOOKS = {"light": STILL, "dark": STILL_DARK}


def described(page: Page) -> str:
    """What a screen reader adds to the name of the picture."""
    return stage(page).evaluate(
        """stage => stage.getAttribute('aria-describedby').split(' ')
             .map(id => stage.getRootNode().getElementById(id).textContent).join(' ')"""
    )


def test_gradients_are_spoken(opened):
    page = opened("/backward?t=4")
    assert "norm of the gradient" in described(page)
    stage(page).focus()
    page.keyboard.press("ArrowLeft")
    expect(spoken(page)).to_contain_text("step 3 of 7")
    expect(spoken(page)).to_contain_text("gradient")


def test_the_picture_is_told_in_words(opened):
    page = opened("/?arch=LSTM&T=4")
    expect(stage(page)).to_have_accessible_name("LSTM")
    words = described(page)
    for part in ("12 layers", "forget" if "forget" in words else "f: gate", "one step back", "cycles", "over 4 steps"):
        assert part in words
    assert diagram(page).locator("svg.picture").get_attribute("aria-hidden") == "true", "no heap of letters"
    slider(page, "Length T").press("ArrowRight")
    shows(page, steps=5)
    assert "over 5 steps" in described(page)


def test_steps_are_spoken(opened):
    page = opened("/forward?t=1")
    expect(spoken(page)).to_have_count(1)
    stage(page).focus()
    heard = []
    for t, word in ((2, "the"), (3, "cat"), (4, "sat")):
        page.keyboard.press("ArrowRight")
        expect(spoken(page)).to_contain_text(f"step {t} of 7")
        expect(spoken(page)).to_contain_text(word)
        heard.append(spoken(page).inner_text())
    assert len(set(heard)) == 3
    expect(slider(page, "Time step")).to_have_attribute("aria-valuetext", re.compile("step 4 of 7.*sat"))


def test_folding_order_and_weights_are_spoken(opened):
    page = opened("/?T=3&text=how are you")
    button(page, "Fold").click()
    expect(spoken(page)).to_contain_text("Folded")
    button(page, "Unroll").click()
    expect(spoken(page)).to_contain_text("Unrolled: 3 copies")
    button(page, "Order: one step forward").click()
    expect(spoken(page)).to_contain_text("1 of 13")
    diagram(page).locator('button[data-weight="W_hh"]').focus()
    expect(spoken(page)).to_contain_text("W_hh: one matrix (8 × 8), used 3 times")


def test_nodes_are_spoken_with_their_kind(opened):
    page = opened("/forward?t=2")
    stage(page).focus()
    for kind in ("input", "state", "output", "error"):
        page.keyboard.press("ArrowUp")
        expect(spoken(page)).to_contain_text(kind)
        expect(spoken(page)).to_contain_text("step 2")


def test_charts_have_words_for_those_who_do_not_see_them(opened):
    page = opened("/forward?hidden=12&t=3")
    plots = page.locator(".js-plotly-plot")
    expect(plots).to_have_count(1)
    expect(
        page.get_by_role("figure", name=re.compile("The vectors")).or_(page.get_by_label("The vectors"))
    ).to_be_visible()
    expect(page.get_by_role("table", name="Probability of the next token at step 3")).to_be_visible()
    page.get_by_role("button", name="Numbers").click()
    expect(page.get_by_role("rowheader", name="12", exact=True).first).to_be_visible()


def test_equations_are_mathematics_and_facts_are_tables(opened):
    page = opened("/forward?t=3")
    expect(page.locator(".stMain math").first).to_be_attached()
    page = opened("/")
    table = page.get_by_role("table").first
    assert table.get_by_role("columnheader").all_inner_texts()[1:] == ["cycles", "nodes", "edges", "parameters"]
    assert page.get_by_role("table").count() == 2


# ---- keyboard ---------------------------------------------------------------------------------------------------

# What has the focus inside the diagram, the colours and the width of its ring; nothing if the focus is elsewhere.
FOCUSED = """() => {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  const diagram = element?.closest('.unroll-diagram');
  if (!diagram) return null;
  const style = getComputedStyle(element);
  let ground = diagram.getRootNode().host;
  while (ground && getComputedStyle(ground).backgroundColor === 'rgba(0, 0, 0, 0)') ground = ground.parentElement;
  return {
    name: element.getAttribute('aria-label') || element.textContent || element.closest('label')?.textContent,
    kind: element.type ?? element.getAttribute('role'),
    ring: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth),
    colour: style.outlineColor,
    ground: ground ? getComputedStyle(ground).backgroundColor : 'rgb(255, 255, 255)',
  };
}"""


def tab_through(page: Page) -> list[dict]:
    """Press Tab from the control before the diagram until the focus has left it again."""
    more(page).focus()
    stops = []
    for _ in range(40):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop is None:
            if stops:
                return stops
            continue
        stops.append(stop)
    pytest.fail("The focus never leaves the diagram.")


@pytest.mark.parametrize("look_name", LOOKS)
@pytest.mark.parametrize("address", ["/forward?t=3", "/?T=3", "/backward?t=3"])
def test_every_control_is_reached_and_the_focus_is_seen(opened, address, look_name):
    page = opened(address, LOOKS[look_name])
    shows(page, state="unrolled")
    slider(page, "Folded" if address.startswith("/?") else "Time step").fill("2")
    stops = tab_through(page)
    for stop in stops:
        assert stop["ring"] >= 2, stop
        assert contrast(stop["colour"], stop["ground"]) >= 3, stop
    names = [(stop["name"], stop["kind"]) for stop in stops]
    assert len(set(names)) == len(names), "no control twice"
    enabled = diagram(page).locator("button:enabled:not(.chip), input:enabled").count()
    assert len(stops) == enabled + 2, "each control, the shared weights as one stop, and the stage"


def test_the_shared_weights_are_one_stop(opened):
    page = opened("/?arch=LSTM")
    weights = diagram(page).get_by_role("toolbar")
    weights.get_by_role("button").first.focus()
    seen = [page.evaluate(FOCUSED)["name"]]
    for _ in range(3):
        page.keyboard.press("ArrowRight")
        seen.append(page.evaluate(FOCUSED)["name"])
    assert len(set(seen)) == 4
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(FOCUSED)["name"] == seen[2]
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED)["name"] not in seen


def test_everything_can_be_done_by_keyboard(opened):
    page = opened("/forward?t=4")
    stage(page).focus()
    for key, equation in (("ArrowUp", None), ("ArrowUp", None), ("Enter", "h_{4}"), ("ArrowLeft", "h_{3}")):
        page.keyboard.press(key)
        if equation:
            equation_is(page, equation)
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("End")
    equation_is(page, "h_{7}")


# ---- colour is never alone --------------------------------------------------------------------------------------


def test_a_lit_weight_is_written_beside_its_copies(opened):
    page = opened("/")
    diagram(page).locator('button[data-weight="W_hh"]').hover()
    names = diagram(page).locator(".weight-name:visible")
    expect(names).to_have_count(7)
    assert set(names.all_text_contents()) == {"Whh"}


def test_every_role_has_a_shape_of_its_own(opened):
    page = opened("/forward?arch=LSTM&t=3")
    shapes = {}
    for layer, role in (("x", "input"), ("h", "state"), ("f", "gate"), ("m", "hidden"), ("y", "output"), ("E", "loss")):
        drawn = node(page, layer, 3)
        assert drawn.get_attribute("data-role") == role
        shapes[role] = re.sub(r"[\d.\s-]+", "", drawn.locator(".shape").get_attribute("d")) + str(
            drawn.locator(".shape").evaluate("shape => Math.round(10 * shape.getBBox().width / shape.getBBox().height)")
        )
    assert len(set(shapes.values())) >= 5, shapes  # input, hidden and output are boxes of different corners


SYMBOLS = """diagram => [...diagram.querySelectorAll('.node')]
  .filter(node => node.getClientRects().length && node.querySelector('.symbol') && node.querySelector('.shape'))
  .map(node => [
    node.dataset.layer + ' at ' + node.dataset.t,
    getComputedStyle(node.querySelector('.symbol')).fill,
    getComputedStyle(node.querySelector('.shape')).fill,
  ])"""


@pytest.mark.parametrize("look_name", LOOKS)
@pytest.mark.parametrize("address", ["/forward?arch=LSTM&t=4&hidden=24", "/forward", "/backward?arch=LSTM"])
def test_symbols_can_be_read_on_the_colour_of_their_value(opened, address, look_name):
    page = opened(address, LOOKS[look_name])
    symbols = diagram(page).evaluate(SYMBOLS)
    assert len(symbols) > 8
    for what, ink, ground in symbols:
        assert contrast(ink, ground) >= 4.5, (what, ink, ground)
