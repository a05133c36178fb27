"""The pages in a real browser: what moves, what the hand and the keyboard do, what a link carries."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from explorer.tasks.text import tokenize
from tests.support import look
from tests.support.browser import PROJECTOR, STILL
from tests.support.tabs import (
    STILL_PHONE,
    address_has,
    button,
    data,
    diagram,
    equation_is,
    facts,
    formulas,
    node,
    open_more,
    overflow,
    parameters,
    plots,
    sentence,
    shows,
    slider,
    spoken,
    stage,
)

pytestmark = pytest.mark.browser


# ---- motion -----------------------------------------------------------------------------------------------------

# Notes every state the diagram shows from now on, without asking in time.
RECORD = """() => {
  const diagram = document.querySelector('[data-testid="stBidiComponentIsolated"], .stBidiComponent');
  const find = root => {
    for (const element of root.querySelectorAll('*')) {
      if (element.classList.contains('unroll-diagram')) return element;
      const inner = element.shadowRoot && find(element.shadowRoot);
      if (inner) return inner;
    }
    return null;
  };
  const shown = find(document);
  window.unrollStates = [shown.dataset.state];
  new MutationObserver(() => {
    if (window.unrollStates.at(-1) !== shown.dataset.state) window.unrollStates.push(shown.dataset.state);
  }).observe(shown, {attributes: true, attributeFilter: ['data-state']});
}"""


def states(page: Page) -> list[str]:
    return page.evaluate("() => window.unrollStates")


def test_the_intro_plays_once(opened):
    page = opened("/", PROJECTOR, settle=False)
    page.evaluate(RECORD)
    shows(page, state="unrolled", progress="1.000")
    seen = states(page)
    assert "unfolding" in seen, "it was watched from a folded start"
    assert seen[-1] == "unrolled"
    sentence(page).fill("how are you")
    page.keyboard.press("Enter")
    shows(page, steps=3)
    look.settle(page)
    page.get_by_role("link", name="Forward").click()
    expect(button(page, "Play")).to_be_visible()
    shows(page, state="unrolled")
    assert states(page) == seen, "new data do not play it again"


def test_fold_pause_and_unroll(opened):
    page = opened("/?T=12&unrolled=12", PROJECTOR)  # a link that says how far needs no introduction
    shows(page, state="unrolled")
    button(page, "Fold").click()
    expect(diagram(page)).to_have_attribute("data-progress", re.compile(r"^0\.[1-8]"))
    button(page, "Pause").click()
    halted = float(data(page, "progress"))
    assert 0 < halted < 1
    shows(page, state="folding")
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert float(data(page, "progress")) == halted, "a pause stands still"
    onward = diagram(page).get_by_role("button", name=re.compile("^(Fold|Unroll)$"))
    said = onward.inner_text()
    onward.click()
    shows(page, state="folded" if said == "Fold" else "unrolled")  # what the button says is what it does
    onward.click()
    shows(page, state="unrolled" if said == "Fold" else "folded")


def test_no_motion_where_none_is_wanted(opened):
    page = opened("/", settle=False)
    page.evaluate(RECORD)
    look.settle(page)
    button(page, "Fold").click()
    shows(page, state="folded")
    assert node(page, "h", 1).count() == 0
    button(page, "Unroll").click()
    shows(page, state="unrolled")
    assert states(page)[-3:] == ["unrolled", "folded", "unrolled"], "it jumps"
    assert not {"folding", "unfolding"} & set(states(page)[1:])


def test_the_fold_is_scrubbed_and_stepped(opened):
    page = opened("/?T=8")
    scrubber = slider(page, re.compile("Folded"))
    scrubber.fill("4")
    shows(page, progress="0.500", state="folding")
    scrubber.fill("6")
    shows(page, progress="0.750", state="unfolding")
    assert node(page, "h", 6).count() == 1
    assert node(page, "h", 8).count() == 0
    button(page, "Unroll: one step forward").click()
    shows(page, progress="0.875")
    button(page, "Fold: one step back").click()
    shows(page, progress="0.750")
    scrubber.fill("0")
    shows(page, state="folded")
    expect(button(page, "Fold: one step back")).to_be_disabled()


def test_the_topological_order_is_stepped(opened):
    page = opened("/?T=3&text=how are you")
    total = int(slider(page, "Order").get_attribute("max"))
    assert total == 4 * 3 + 1, "four layers, three copies, one initial state"
    for step in (1, 2, 3):
        button(page, "Order: one step forward").click()
        shows(page, order=step)
    expect(diagram(page).get_by_text(re.compile(rf"^3 (/|of) {total}")).first).to_be_visible()
    button(page, "Order: one step back").click()
    shows(page, order=2)
    slider(page, "Order").fill(str(total))
    shows(page, order=total)
    expect(button(page, "Order: one step forward")).to_be_disabled()
    slider(page, "Order").fill("0")
    diagram(page).get_by_label("by generation").check()
    button(page, "Order: one step forward").click()
    expect(diagram(page).get_by_text(re.compile("^Generation 1: 4 at once"))).to_be_visible()  # x1 x2 x3 and h0


def test_time_plays_to_the_end_and_stops(opened):
    page = opened("/forward?t=1&text=how are you", PROJECTOR)
    shows(page, cursor=1)
    button(page, "Play").click()
    expect(button(page, "Pause")).to_be_visible()
    shows(page, cursor=4)
    expect(button(page, "Play")).to_be_visible()
    equation_is(page, "h_{4}")


def test_gradient_plays_from_right_to_left(opened):
    page = opened("/backward?t=4&text=how are you", PROJECTOR)
    shows(page, cursor=4, state="unrolled")
    page.evaluate(
        """() => {
          const shown = document.querySelector('.unroll-diagram') ?? [...document.querySelectorAll('*')]
            .map(element => element.shadowRoot?.querySelector('.unroll-diagram')).find(Boolean);
          window.unrollCursors = [];
          new MutationObserver(() => window.unrollCursors.push(Number(shown.dataset.cursor)))
            .observe(shown, {attributes: true, attributeFilter: ['data-cursor']});
        }"""
    )
    button(page, "Play").click()
    shows(page, cursor=1)
    expect(button(page, "Play")).to_be_visible()
    equation_is(page, r"\frac{\partial L}{\partial h_{1}}")
    seen = page.evaluate("() => window.unrollCursors")
    assert seen == sorted(seen, reverse=True), "backwards, step by step"
    assert set(seen) >= {3, 2, 1}
    address_has(page, t="1")


# ---- length -----------------------------------------------------------------------------------------------------


def test_the_length_follows_the_hand(opened):
    page = opened("/")
    expect(facts(page)).to_contain_text("T = 6")
    box = slider(page, "Length T").bounding_box()
    middle = box["y"] + box["height"] / 2
    start = float(slider(page, "Length T").input_value()) / 400
    page.mouse.move(box["x"] + 8 + start * (box["width"] - 16), middle)
    page.mouse.down()
    lengths = []
    for share in (0.3, 0.4, 0.5):
        page.mouse.move(box["x"] + share * box["width"], middle, steps=3)
        page.wait_for_function("() => new Promise(done => requestAnimationFrame(() => done(true)))")
        lengths.append(int(data(page, "steps")))
    assert lengths == sorted(set(lengths)), "longer with every move"
    assert lengths[0] > 6
    assert node(page, "h", 1).count() == 1
    assert "T = 6" in facts(page).inner_text(), "the server is told when the hand lets go"
    assert "T" not in parameters(page)
    page.mouse.up()
    expect(facts(page)).to_contain_text(f"T = {lengths[-1]}")
    expect(facts(page)).to_contain_text(f"{4 * lengths[-1]} and 1 initial state")
    shows(page, steps=lengths[-1], state="unrolled")
    address_has(page, T=str(lengths[-1]))


def test_the_length_is_typed_and_stepped(opened):
    page = opened("/")
    box = diagram(page).get_by_role("spinbutton", name="Length T")
    box.fill("9")
    box.press("Enter")
    shows(page, steps=9)
    expect(facts(page)).to_contain_text("T = 9")
    slider(page, "Length T").press("ArrowRight")
    shows(page, steps=10)
    expect(facts(page)).to_contain_text("T = 10")
    box.fill("100000")
    box.press("Enter")
    shows(page, steps=200)
    expect(facts(page)).to_contain_text("T = 200")
    address_has(page, T="200")


def test_two_hundred_slices_are_columns_that_open(opened):
    page = opened("/?T=200")
    shows(page, steps=200, state="unrolled")
    assert node(page, "h", 1).count() == 1, "the cursor's slice is open"
    assert node(page, "h", 90).count() == 0
    column = diagram(page).locator('.column .mark[data-layer="h"][data-t="90"]')
    column.click(force=True)
    expect(node(page, "h", 90)).to_have_count(1)


# ---- keyboard ---------------------------------------------------------------------------------------------------


def test_unroll_by_keyboard(opened):
    page = opened("/?T=5")
    stage(page).focus()
    for key, expected in (
        ("ArrowRight", {"cursor": 2}),
        ("End", {"cursor": 5}),
        ("ArrowRight", {"cursor": 5}),
        ("ArrowLeft", {"cursor": 4}),
        ("Home", {"cursor": 1}),
        (" ", {"state": "folded"}),
        ("ArrowRight", {"progress": "0.200"}),
        ("ArrowRight", {"progress": "0.400"}),
        ("ArrowLeft", {"progress": "0.200"}),
    ):
        page.keyboard.press(key)
        shows(page, **expected)
    slider(page, re.compile("Folded")).fill("0")
    stage(page).focus()
    page.keyboard.press(" ")
    shows(page, state="unrolled")


def test_forward_by_keyboard(opened):
    page = opened("/forward?t=2")
    equation_is(page, "h_{2}")
    stage(page).focus()
    page.keyboard.press("ArrowRight")
    shows(page, cursor=3)
    equation_is(page, "h_{3}")
    page.keyboard.press("Home")
    equation_is(page, "h_{1}")
    page.keyboard.press("ArrowUp")  # the lowest layer first
    page.keyboard.press("Enter")
    equation_is(page, "x_{1}")
    for _ in range(2):
        page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    equation_is(page, "y_{1}")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    equation_is(page, "h_{1}")
    page.keyboard.press("ArrowRight")
    shows(page, cursor=2)
    equation_is(page, "h_{2}")


def test_backward_by_keyboard(opened):
    page = opened("/backward?t=3")
    arrives = r"\frac{\partial L}{\partial %s_{%d}}"
    equation_is(page, arrives % ("h", 3))
    stage(page).focus()
    for key, t in (("ArrowLeft", 2), ("ArrowRight", 3), ("End", 7), ("ArrowRight", 7), ("Home", 1), ("ArrowLeft", 1)):
        page.keyboard.press(key)
        shows(page, cursor=t)
        equation_is(page, arrives % ("h", t))
        address_has(page, t=str(t))
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    equation_is(page, arrives % ("x", 1))
    assert not look.exceptions(page)


def test_escape_lets_everything_go(opened):
    page = opened("/?T=3")
    stage(page).focus()
    button(page, "Order: one step forward").click()
    shows(page, order=1)
    stage(page).focus()
    page.keyboard.press("Escape")
    shows(page, order=0)


FOCUS = """() => {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element?.getAttribute('role') === 'application' ? 'stage' : element?.tagName ?? '';
}"""


@pytest.mark.parametrize("address", ["/", "/forward", "/backward"])
def test_the_stage_never_steals_tab(opened, address):
    page = opened(address)
    stage(page).focus()
    for key in ("Tab", "Shift+Tab"):
        assert page.evaluate(FOCUS) == "stage"
        page.keyboard.press(key)
        assert page.evaluate(FOCUS) != "stage", f"{key} leaves it"
        stage(page).focus()
    page.keyboard.press("Control+ArrowRight")
    shows(page, state="unrolled")


# ---- pointing and clicking --------------------------------------------------------------------------------------


def test_a_click_on_a_node_opens_its_equation(opened):
    page = opened("/forward")
    for layer, t in (("h", 3), ("y", 5), ("x", 2), ("E", 1)):
        node(page, layer, t).click()
        equation_is(page, f"{layer}_{{{t}}}")
        shows(page, cursor=t)
        address_has(page, t=str(t), node=layer)


def test_the_open_equation_follows_the_cursor(opened):
    page = opened("/forward?t=3&node=y")
    equation_is(page, "y_{3}")
    button(page, "One step forward").click()
    equation_is(page, "y_{4}")
    slider(page, "Time step").fill("6")
    equation_is(page, "y_{6}")
    address_has(page, t="6", node="y")


PAINTED = """canvas => {
  const {width, height} = canvas;
  const row = canvas.getContext('2d').getImageData(0, Math.floor(height / 3), width, 1).data;
  let last = 0;
  for (let x = 0; x < width; x += 1) if (row[4 * x + 3] > 0) last = x;
  return last / width;
}"""


def test_the_heat_map_grows_with_time(opened):
    page = opened("/forward?t=1")
    heat = diagram(page).locator("canvas").first
    shares = []
    for t in (1, 3, 7):
        slider(page, "Time step").fill(str(t))
        shows(page, cursor=t)
        page.wait_for_function("() => new Promise(done => requestAnimationFrame(() => done(true)))")
        shares.append(heat.evaluate(PAINTED))
    assert shares == pytest.approx([1 / 7, 3 / 7, 1], abs=0.06)


@pytest.mark.parametrize(("address", "weight", "copies"), [("/", "W_hh", 6), ("/forward?arch=Jordan", "W_yh", 7)])
def test_pointing_at_a_weight_lights_all_its_copies(opened, address, weight, copies):
    page = opened(address)
    edges = diagram(page).locator(f'.edge[data-weight="{weight}"]:visible')
    lit = diagram(page).locator(".edge.lit:visible")
    expect(lit).to_have_count(0)
    diagram(page).locator(f'button[data-weight="{weight}"]').hover()
    expect(lit).to_have_count(copies + 1)  # and the folded one
    assert edges.count() == copies + 1
    assert set(lit.evaluate_all("edges => edges.map(edge => edge.dataset.weight)")) == {weight}
    expect(spoken(page)).to_contain_text(f"used {copies} times")
    page.mouse.move(2, 2)
    expect(lit).to_have_count(0)


def test_pointing_at_one_copy_lights_the_others(opened):
    page = opened("/")
    box = node(page, "h", 3).bounding_box()
    following = node(page, "h", 4).bounding_box()
    page.mouse.move((box["x"] + box["width"] + following["x"]) / 2, box["y"] + box["height"] / 2)
    expect(diagram(page).locator('.edge.lit[data-weight="W_hh"]:visible')).to_have_count(7)


def test_pointing_at_a_slice_lights_the_folded_cell(opened):
    page = opened("/")
    folded = diagram(page).locator(".template.lit")
    expect(folded).to_have_count(0)
    node(page, "h", 4).hover()
    expect(folded.first).to_be_visible()
    page.mouse.move(2, 2)
    expect(folded).to_have_count(0)


# ---- the link ---------------------------------------------------------------------------------------------------


def picture(page: Page) -> dict[str, object]:
    """Everything a link has to bring back."""
    look.settle(page)
    attributes = ("state", "progress", "steps", "cursor", "order", "theme")
    return {
        "numbers": page.get_by_role("table").filter(has_text="unit").all_inner_texts(),
        "formulas": formulas(page),
        "words": sentence(page).input_value(),
        "layers": diagram(page).locator(".node:visible").evaluate_all("all => all.map(node => node.dataset.layer)"),
        **{name: data(page, name) for name in attributes},
    }


def choose_network(page: Page, name: str) -> None:
    page.get_by_role("combobox", name="Network").click()
    page.get_by_role("option", name=name, exact=True).click()
    expect(stage(page)).to_have_accessible_name(name)


def test_a_link_brings_back_the_same_numbers(opened, browser, server):
    page = opened("/forward")
    sentence(page).fill("you are how?")
    page.keyboard.press("Enter")
    shows(page, steps=5)
    choose_network(page, "LSTM")
    open_more(page)
    page.get_by_role("spinbutton", name="Seed").fill("42")
    page.keyboard.press("Enter")
    look.settle(page)
    stage(page).focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    shows(page, cursor=2)
    node(page, "c", 2).click()
    equation_is(page, "c_{2}")
    address_has(page, text="you are how?", arch="LSTM", seed="42", t="2", node="c")
    expected = picture(page)
    assert expected["formulas"]
    assert len(expected["numbers"][0].split()) > 30, "eight units, three vectors"

    page.reload()
    shows(page, cursor=2)
    assert picture(page) == expected

    context = look.context(browser, STILL, server.url)
    try:
        elsewhere = context.new_page()
        elsewhere.goto(page.url)
        shows(elsewhere, cursor=2)
        assert picture(elsewhere) == expected
    finally:
        context.close()


def test_a_link_to_unroll_brings_back_the_same_picture(opened):
    page = opened("/")
    choose_network(page, "Bidirectional Elman")
    box = diagram(page).get_by_role("spinbutton", name="Length T")
    box.fill("4")
    box.press("Enter")
    address_has(page, arch="Bidirectional Elman", T="4")
    stage(page).focus()
    page.keyboard.press("End")
    shows(page, cursor=4)
    address_has(page, t="4")
    expected = picture(page), facts(page).inner_text()
    page.reload()
    shows(page, steps=4)
    assert (picture(page), facts(page).inner_text()) == expected


def test_a_link_to_backward_brings_back_the_same_picture(opened):
    page = opened("/backward?text=you are how")
    choose_network(page, "LSTM")
    for label, value in (("Truncate after", "2"), ("Clip at", "0.5")):
        page.get_by_role("spinbutton", name=label, exact=True).fill(value)
        page.keyboard.press("Enter")
        look.settle(page)
    stage(page).focus()
    page.keyboard.press("ArrowRight")
    shows(page, cursor=2)
    node(page, "c", 2).click()
    equation_is(page, r"\frac{\partial L}{\partial c_{2}}")
    address_has(page, arch="LSTM", window="2", clip="0.5", t="2", node="c", text="you are how")
    expect(diagram(page).locator(".cut-mark:visible")).to_have_count(2)
    expected = picture(page), limits(page), flows(page)
    assert "Truncated" in expected[1]
    assert len(expected[2]) > 20
    page.reload()
    shows(page, cursor=2, state="unrolled")
    assert (picture(page), limits(page), flows(page)) == expected


def limits(page: Page) -> str:
    return (
        page.get_by_role("table").filter(has_text="one weight").inner_text()
        + page.get_by_text(re.compile("Truncated:|Clipped:")).first.inner_text()
    )


def flows(page: Page) -> list[str]:
    """Widths and colours of the arrows."""
    return diagram(page).evaluate(
        """diagram => [...diagram.querySelectorAll('.cell-edges:not(.template) .edge .line')].map(
             line => getComputedStyle(line).strokeWidth + getComputedStyle(line).stroke)"""
    )


def curves(page: Page) -> list[object]:
    """What all charts have drawn."""
    look.settle(page)
    return plots(page).evaluate_all("all => all.map(plot => plot.data.map(trace => [trace.name, trace.y ?? trace.z]))")


def test_a_link_to_vanishing_brings_back_the_same_picture(opened):
    page = opened("/vanishing?length=30&arch2=Elman&bias2=0&radius2=1.5&match=same parameters")
    before = curves(page)
    page.get_by_role("spinbutton", name="Error at step t").fill("20")
    page.keyboard.press("Enter")
    address_has(page, at="20", radius2="1.5", length="30", arch2="Elman", bias2="0", match="same parameters")
    expected, table = curves(page), page.get_by_role("table").inner_text()
    assert expected != before
    page.reload()
    plots(page).nth(1).wait_for()
    assert curves(page) == expected
    assert page.get_by_role("table").inner_text() == table
    look_menu = page.get_by_role("radio", name="Singular values").or_(
        page.get_by_role("button", name="Singular values", exact=True)
    )
    look_menu.first.click()
    expect(plots(page).nth(1)).to_contain_text("singular values")
    assert curves(page)[0] == expected[0], "only the other chart changes"
    address_has(page, look="Singular values", radius2="1.5")


def test_a_link_keeps_how_far_the_network_is_unrolled(opened):
    page = opened("/")
    slider(page, re.compile("Folded")).fill("3")
    address_has(page, unrolled="3")
    page.reload()
    shows(page, progress="0.500")
    assert node(page, "h", 3).count() == 1
    assert node(page, "h", 4).count() == 0
    button(page, "Unroll").click()
    shows(page, state="unrolled")
    address_has(page, unrolled=None)


def test_a_key_in_a_link_is_corrected_to_its_label(opened):
    page = opened("/?arch=lstm&T=4")
    expect(stage(page)).to_have_accessible_name("LSTM")
    address_has(page, arch="LSTM", T="4")


def test_settings_travel_between_pages_and_back(opened):
    page = opened("/?text=how are you&arch=LSTM&seed=5&T=8")
    page.get_by_role("link", name="Forward").click()
    expect(button(page, "Play")).to_be_visible()
    shows(page, steps=4)
    expect(stage(page)).to_have_accessible_name("LSTM")
    expect(sentence(page)).to_have_value("how are you")
    address_has(page, text="how are you", arch="LSTM", seed="5", T="8")
    page.get_by_role("link", name="Unroll").click()
    expect(facts(page)).to_contain_text("T = 8")
    shows(page, steps=8)
    address_has(page, text="how are you", arch="LSTM", seed="5", T="8")


def test_every_page_keeps_sentence_network_and_seed(opened):
    page = opened("/?text=how are you&arch=LSTM&seed=5&radius=1.5")
    kept = {"text": "how are you", "arch": "LSTM", "seed": "5", "radius": "1.5"}
    for name in (*OTHERS, "Forward", "Unroll"):
        page.get_by_role("link", name=name, exact=True).click()
        page.locator(SIGN_OF[name]).first.wait_for()
        look.settle(page)
        address_has(page, **kept)
        if name not in ("Train", "Papers"):
            expect(sentence(page)).to_have_value("how are you")
        if diagram(page).count():
            expect(stage(page)).to_have_accessible_name("LSTM")
    page.go_back()
    shows(page, steps=4)
    address_has(page, **kept)


MORE = [
    ("/", "More", "Seed"),
    ("/backward", "More limits", "Passes every"),
    ("/vanishing?length=12", "More B", "B: gain"),
]


@pytest.mark.parametrize(("address", "switch", "field"), MORE)
def test_more_shows_and_hides_controls(opened, address, switch, field):
    page = opened(address)
    control = page.get_by_role("spinbutton", name=field)
    switch = page.get_by_role("switch", name=switch).last
    expect(control).to_have_count(0)
    for many in (1, 0, 1):
        switch.focus()
        page.keyboard.press("Space")
        expect(control).to_have_count(many, timeout=5_000)
    control.fill("2")
    page.keyboard.press("Enter")
    look.settle(page)
    assert "2" in parameters(page).values()


def test_what_was_typed_behind_more_travels_too(opened):
    page = opened("/")
    open_more(page)
    page.get_by_role("spinbutton", name="Seed").fill("7")
    page.keyboard.press("Enter")
    address_has(page, seed="7")
    look.settle(page)
    page.get_by_role("link", name="Forward").click()
    expect(button(page, "Play")).to_be_visible()
    look.settle(page)
    address_has(page, seed="7")


def test_the_back_button_goes_back(opened):
    page = opened("/?arch=LSTM&T=4&seed=5")
    page.get_by_role("link", name="Forward").click()
    expect(button(page, "Play")).to_be_visible()
    look.settle(page)
    choose_network(page, "Jordan")
    look.settle(page)
    page.go_back()
    expect(facts(page)).to_contain_text("T = 4")
    expect(stage(page)).to_have_accessible_name("LSTM")
    address_has(page, arch="LSTM", T="4", seed="5")


def test_stepping_leaves_no_trail_in_the_history(opened):
    page = opened("/forward?t=1")
    before = page.evaluate("() => history.length")
    stage(page).focus()
    for t in (2, 3, 4):
        page.keyboard.press("ArrowRight")
        address_has(page, t=str(t))
    assert page.evaluate("() => history.length") == before


BAD_LINKS = [
    # address, sentence, address afterwards, steps
    ("/?T=1e999&seed=5", "Steps T runs from 1 to 200; the link says '1e999', so 200 is shown.", "200", 200),
    ("/?T=0&seed=5", "Steps T runs from 1 to 200; the link says '0', so 1 is shown.", "1", 1),
    ("/?T=abc&seed=5", "the link says 'abc', so it was left open.", None, 6),
    ("/forward?arch=<script>&T=-3&seed=5", "The link asks for a network '<script>', which there is not", "1", 7),
]


@pytest.mark.parametrize(("address", "sentence", "T", "steps"), BAD_LINKS)
def test_a_bad_link_is_repaired_and_said(opened, address, sentence, T, steps):
    page = opened(address)
    expect(page.get_by_test_id("stAlert").first).to_contain_text(sentence)
    shows(page, steps=steps)
    address_has(page, T=T, seed="5", arch=None)


def test_going_back_to_a_bad_link_repairs_it_again(opened):
    page = opened("/?seed=5")
    # somebody edits the address by hand, in the page
    page.evaluate("() => { history.pushState({}, '', '/?seed=5&T=1e999'); history.pushState({}, '', '/?seed=5') }")
    page.go_back()
    expect(page.get_by_test_id("stAlert").first).to_contain_text("the link says '1e999', so 200 is shown")
    shows(page, steps=200)
    address_has(page, T="200", seed="5")


ODD_TEXTS = ["<img src=x onerror=alert(1)> $x$ `y` | **z**", "مرحبا בעולם 👩\u200d👩\u200d👧 猫", "x" * 900]


def test_odd_words_stay_words(opened):
    page = opened("/forward?t=2&node=E")
    for text in ODD_TEXTS:
        sentence(page).fill(text)
        page.keyboard.press("Enter")
        shows(page, steps=len(tokenize(text)) + 1)
        look.settle(page)
        assert page.locator(".stMain img[src=x]").count() == 0
        assert page.locator(".katex-error").count() == 0
        assert overflow(page) <= 0


# ---- looks ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/", "/forward", "/backward?t=7"])
def test_a_phone_can_do_what_a_projector_can(opened, address):
    page = opened(address, STILL_PHONE)
    shows(page, state="unrolled")
    for control in diagram(page).locator("button:visible, input:visible").all():
        box = control.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        assert box["height"] >= 17
    control = button(page, "Fold") if address == "/" else button(page, "One step back")
    control.tap()
    shows(page, **({"state": "folded"} if address == "/" else {"cursor": 6}))


def test_the_picture_repaints_when_the_system_turns_dark(opened):
    page = opened("/")
    shows(page, theme="light")
    try:
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        shows(page, theme="dark", state="unrolled")
    finally:
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
    shows(page, theme="light")


OTHERS = ("Backward", "Vanishing & exploding", "Gates", "Train", "Papers")
SIGN_OF = {
    "Unroll": ".unroll-diagram [aria-label*='Fold']",
    "Forward": ".unroll-diagram canvas",
    "Backward": ".unroll-diagram .flows-key",
    "Vanishing & exploding": ".st-key-fading",
    "Gates": ".st-key-gates",
    "Train": ".st-key-training_row",
    "Papers": ".st-key-paper_controls",
}


def test_nothing_is_asked_of_another_host(opened, tabs, server):
    asked: list[str] = []
    page, _ = tabs(STILL)
    page.on("request", lambda request: asked.append(request.url))
    opened("/forward?arch=LSTM")
    page.get_by_role("link", name="Unroll").click()
    expect(facts(page)).to_be_visible()
    open_more(page)
    for name in OTHERS:
        page.get_by_role("link", name=name, exact=True).click()
        page.locator(SIGN_OF[name]).first.wait_for()
        look.settle(page)
        assert not look.exceptions(page)
    hosts = {urlsplit(url).netloc for url in asked if urlsplit(url).scheme in ("http", "https", "ws", "wss")}
    assert hosts == {urlsplit(server.url).netloc}


def test_a_pages_own_name_leads_to_it_with_its_settings(opened):
    page = opened("/unroll?arch=LSTM&T=4")
    expect(stage(page)).to_have_accessible_name("LSTM")
    expect(facts(page)).to_contain_text("T = 4")
    shows(page, steps=4)
