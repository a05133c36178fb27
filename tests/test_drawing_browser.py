"""Drawing on the folded cell in a real browser: by mouse, by keyboard, by touch; and networks of any shape, drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from playwright.sync_api import Browser, Locator, expect

from explorer.drafts import NOTHING, STARTER, Draft, edited
from explorer.graph import Connection, Graph
from tests.strategies import delay_graphs
from tests.support.drawing import Desk, opened

pytestmark = pytest.mark.browser

Open = Callable[..., Desk]


@pytest.fixture
def desk(browser: Browser) -> Iterator[Open]:
    """A draft on a page; afterwards no script error may have happened."""
    desks: list[Desk] = []

    def go(draft: Draft = STARTER, **context: Any) -> Desk:
        desks.append(opened(browser, draft, **context))
        return desks[-1]

    yield go
    for one in desks:
        one.page.context.close()
    assert not [error for one in desks for error in one.errors]


def folded(desk: Desk, name: str) -> Locator:
    return desk.page.locator(f".template .node[data-layer='{name}']")


def button(desk: Desk, name: str) -> Locator:
    return desk.page.get_by_role("button", name=name, exact=True)


def hint(desk: Desk) -> Locator:
    return desk.page.locator(".hint")


def middle(thing: Locator) -> tuple[float, float]:
    box = thing.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


# ---- by mouse -----------------------------------------------------------------------------------------------------


def test_a_layer_is_chosen_and_connected_to_another(desk):
    page = desk()
    folded(page, "k").click()
    assert page.told == [("selected", {"layer": "k", "t": None})]
    expect(page.page.locator(".ring.selected")).to_be_visible()
    expect(hint(page)).to_contain_text("k: state, 8 units")
    button(page, "Connect from k").click()
    expect(hint(page)).to_contain_text("From k: now choose the layer that reads it")
    folded(page, "h").click()
    expect(hint(page)).to_contain_text("k → h (−1) is chosen")
    assert page.edits == [{"do": "connect", "source": "k", "target": "h"}]
    assert page.draft.connections[-1] == Connection("k", "h", "W_kh", delay=1)


def test_a_loop_is_drawn_by_choosing_the_same_layer_again(desk):
    page = desk(NOTHING)
    folded(page, "h").click()
    button(page, "Connect from h").click()
    folded(page, "h").click()
    expect(hint(page)).to_contain_text("h → h (−1)")
    assert page.draft.connections[-1] == Connection("h", "h", "W_hh", delay=1)


def test_escape_and_a_click_beside_cancel_a_connection(desk):
    page = desk()
    for cancel in (lambda: page.page.keyboard.press("Escape"), lambda: page.page.mouse.click(*beside(page))):
        folded(page, "x").click()
        button(page, "Connect from x").click()
        cancel()
        expect(hint(page)).not_to_contain_text("now choose")
        folded(page, "y").click()
        expect(hint(page)).to_contain_text("y: output")
    assert page.edits == []


def beside(desk: Desk) -> tuple[float, float]:
    """A free place between the folded cell and the slices."""
    x, y = middle(folded(desk, "x"))
    return x + 50, y + 30


def test_dragging_from_one_layer_to_another_connects_them(desk):
    page = desk()
    mouse = page.page.mouse
    start, goal = middle(folded(page, "x")), middle(folded(page, "k"))
    mouse.move(*start)
    mouse.down()
    mouse.move(start[0] + 60, start[1] - 20, steps=3)
    expect(page.page.locator(".drawn-arrow")).to_be_visible()
    mouse.move(*goal, steps=4)
    mouse.up()
    expect(hint(page)).to_contain_text("x → k is chosen")
    assert page.edits == [{"do": "connect", "source": "x", "target": "k"}]
    mouse.move(*middle(folded(page, "h")))
    mouse.down()
    mouse.move(*beside(page), steps=4)
    mouse.up()
    expect(page.page.locator(".drawn-arrow")).to_be_hidden()
    assert len(page.edits) == 1, "let go beside every layer"


def arrow_at(desk: Desk, index: int, share: float = 0.5) -> tuple[float, float]:
    """A point of the page on the arrow of a connection in the folded cell."""
    found = desk.page.evaluate(
        """([index, share]) => {
          const hit = document.querySelector(`.template [data-connection="${index}"] .hit`);
          const place = hit.getPointAtLength(hit.getTotalLength() * share).matrixTransform(hit.getScreenCTM());
          return [place.x, place.y];
        }""",
        [index, share],
    )
    return found[0], found[1]


def test_a_connection_is_chosen_delayed_made_of_another_kind_and_removed(desk):
    page = desk()
    page.page.mouse.click(*arrow_at(page, 4))
    expect(hint(page)).to_contain_text("h → k (−2) is chosen")
    expect(page.page.locator(".chosen-arrow")).to_be_visible()
    delay = page.page.get_by_role("spinbutton", name="Delay of h → k")
    expect(delay).to_have_value("2")
    button(page, "One step more").click()
    expect(hint(page)).to_contain_text("h → k (−3)")
    delay.fill("5")
    delay.press("Enter")
    expect(hint(page)).to_contain_text("h → k (−5)")
    page.page.get_by_role("combobox", name="Weight of h → k").select_option("diagonal")
    expect(page.page.locator("[data-weight='W_skip']").first).to_be_attached()
    assert page.draft.connections[4] == Connection("h", "k", "W_skip", diagonal=True, delay=5)
    button(page, "Remove h → k").click()
    expect(page.page.locator(".chosen-arrow")).to_be_hidden()
    assert [edit["do"] for edit in page.edits] == ["set_connection"] * 3 + ["remove_connection"]
    assert {edit["at"] for edit in page.edits} == {4}
    assert "W_skip" not in {c.weight for c in page.draft.connections}


def test_an_arrow_without_a_weight_can_be_chosen_too(desk):
    page = desk()
    page.page.mouse.click(*arrow_at(page, 6))
    expect(hint(page)).to_contain_text("y → E is chosen")


def test_a_layer_is_added_renamed_and_removed(desk):
    page = desk()
    button(page, "Add layer").click()
    expect(hint(page)).to_contain_text("h2: state")
    button(page, "Rename h2").click()
    name = page.page.get_by_role("textbox", name="New name")
    expect(name).to_be_focused()
    for wrong, why in (("2h", "begins with a letter"), ("k", "There is a layer 'k' already")):
        name.fill(wrong)
        name.press("Enter")
        expect(hint(page)).to_contain_text(why)
        expect(name).to_have_value(wrong)
    name.fill("memory_cell")
    name.press("Enter")
    expect(hint(page)).to_contain_text("memory_cell: state")
    assert page.draft.layers[5].name == "memory_cell"
    button(page, "Remove memory_cell").click()
    expect(folded(page, "memory_cell")).to_have_count(0)
    assert page.draft == STARTER


def test_what_is_chosen_stays_chosen_when_rows_move(desk):
    """The third connection becomes the second when the first is removed in a table beside the drawing."""
    page = desk()
    page.page.mouse.click(*arrow_at(page, 4))
    expect(hint(page)).to_contain_text("h → k (−2)")
    page.draft = edited(page.draft, {"do": "remove_connection", "at": 0})
    page.drawn = page.draft.graph()
    page.show(page.scene())
    expect(hint(page)).to_contain_text("h → k (−2)")
    button(page, "Remove h → k").click()
    expect(page.page.locator(".template [data-weight='W_skip']")).to_have_count(0)
    assert page.edits == [{"do": "remove_connection", "at": 3}]


def test_edits_made_faster_than_they_are_answered_all_arrive(desk):
    page = desk()
    page.page.evaluate("""() => {
      const add = [...document.querySelectorAll('.tools button')].find(button => button.textContent === 'Add layer');
      for (let i = 0; i < 5; i += 1) add.click();
    }""")
    expect(folded(page, "h6")).to_have_count(1)
    assert len(page.draft.layers) == len(STARTER.layers) + 5


# ---- by keyboard ------------------------------------------------------------------------------------------------


def test_a_network_is_drawn_by_keyboard_alone(desk):
    page = desk(NOTHING)
    keys = page.page.keyboard
    page.page.locator(".scroller").focus()
    keys.press("ArrowUp")  # x
    keys.press("c")
    expect(hint(page)).to_contain_text("From x")
    keys.press("ArrowUp")
    keys.press("Enter")
    expect(hint(page)).to_contain_text("x → h is chosen")
    keys.press("Enter")  # focus stayed on h
    expect(hint(page)).to_contain_text("h: state")
    keys.press("c")
    keys.press("Enter")
    expect(hint(page)).to_contain_text("h → h (−1) is chosen")
    assert [(c.source, c.target, c.delay) for c in page.draft.connections[-2:]] == [("x", "h", 0), ("h", "h", 1)]
    keys.press("Delete")
    expect(page.page.locator(".template [data-weight='W_hh']")).to_have_count(0)
    assert page.edits[-1] == {"do": "remove_connection", "at": 2}


def test_the_tools_are_reached_with_tab_and_keep_the_focus(desk):
    page = desk()
    folded(page, "h").click()
    arrows = page.page.get_by_role("combobox", name="Arrows of h")
    arrows.select_option(label="h → k (−2)")
    delay = page.page.get_by_role("spinbutton", name="Delay of h → k")
    delay.focus()
    delay.press("ArrowUp")
    expect(hint(page)).to_contain_text("h → k (−3)")
    expect(delay).to_be_focused()
    delay.press("ArrowUp")
    expect(hint(page)).to_contain_text("h → k (−4)")
    expect(delay).to_be_focused()
    button(page, "Add layer").focus()
    page.page.keyboard.press("Enter")
    expect(folded(page, "h2")).to_have_count(1)
    expect(button(page, "Add layer")).to_be_focused()
    page.page.keyboard.press("Tab")
    expect(button(page, "Connect from h2")).to_be_focused()


# ---- by touch ---------------------------------------------------------------------------------------------------

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def test_a_finger_chooses_and_connects(desk):
    page = desk(**PHONE)
    folded(page, "k").tap()
    button(page, "Connect from k").tap()
    folded(page, "h").tap()
    expect(hint(page)).to_contain_text("k → h (−1) is chosen")
    assert page.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_finger_drags_a_connection(desk):
    page = desk(**PHONE)
    (x, y), (u, v) = middle(folded(page, "x")), middle(folded(page, "k"))
    finger = page.page.context.new_cdp_session(page.page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": a, "y": b} for a, b in points]})

    touch("touchStart", (x, y))
    for i in range(1, 6):
        touch("touchMove", (x + (u - x) * i / 5 + 20 * (i < 5), y + (v - y) * i / 5))
    touch("touchEnd")
    expect(hint(page)).to_contain_text("x → k is chosen")
    assert page.edits == [{"do": "connect", "source": "x", "target": "k"}]


# ---- trouble ------------------------------------------------------------------------------------------------------


def test_what_stands_in_the_way_is_drawn_and_said(desk):
    page = desk(NOTHING)
    folded(page, "h").click()
    button(page, "Connect from h").click()
    folded(page, "h").click()
    delay = page.page.get_by_role("spinbutton", name="Delay of h → h")
    expect(delay).to_have_value("1")
    button(page, "One step less").click()
    expect(hint(page)).to_contain_text("'h' → 'h' has total delay 0: an algebraic loop")
    expect(hint(page)).to_have_class("hint trouble")
    page.show({**page.scene(), "trouble": {"connections": [1, 99], "text": "A loop."}})
    expect(hint(page)).to_have_text("A loop.")
    expect(page.page.locator(".trouble-arrow:visible")).to_have_count(1)
    button(page, "One step more").click()  # drawn with delay 1, as the last legal network has it
    page.page.wait_for_function("() => !document.querySelector('.hint.trouble')")
    assert page.draft.connections[-1].delay == 2


def test_the_tools_show_the_draft_where_an_earlier_network_is_drawn(desk):
    page = desk()
    rows = [{"delay": c.delay, "kind": "matrix"} for c in STARTER.connections]
    rows[4] = {"delay": 0, "kind": "diagonal"}
    page.show({**page.scene(), "drafted": rows})
    page.page.mouse.click(*arrow_at(page, 4))
    expect(page.page.get_by_label("Delay of h → k")).to_have_value("0")
    expect(page.page.get_by_label("Weight of h → k")).to_have_value("diagonal")
    button(page, "One step more").click()
    assert page.edits[-1] == {"do": "set_connection", "field": "delay", "value": 1, "at": 4}
    page.show({**page.scene(), "drafted": [*rows[:4], None, *rows[5:]]})
    button(page, "One step more").click()
    expect(hint(page)).to_contain_text("not in the network any more")
    assert len(page.edits) == 1


# ---- where things are -------------------------------------------------------------------------------------------


def test_layers_that_stay_glide_and_jump_where_no_motion_is_wanted(desk):
    for motion in ("no-preference", "reduce"):
        page = desk(reduced_motion=motion)
        page.page.evaluate("""() => {
          window.seen = [];
          const note = () => {
            window.seen.push(document.querySelector('.template .node[data-layer="E"]')?.getBoundingClientRect().x);
            requestAnimationFrame(note);
          };
          note();
        }""")
        button(page, "Add layer").click()
        expect(folded(page, "h2")).to_have_count(1)
        page.page.wait_for_timeout(500)
        places = {round(x) for x in page.page.evaluate("() => window.seen")}
        assert (len(places) > 3) == (motion == "no-preference"), places


SPOTS = """() => {
  const spot = (name, thing, inset) => {
    const { left, right, top, bottom } = thing.getBoundingClientRect();
    return [name, left + inset, right - inset, top + inset, bottom - inset];
  };
  const shapes = [...document.querySelectorAll('.template .node .shape')];
  const delays = [...document.querySelectorAll('text.delay')].filter(text => text.getClientRects().length);
  return {
    layers: shapes.map(shape => spot(shape.parentNode.dataset.layer, shape, 0)),
    delays: delays.map(text => spot(text.textContent, text, 3)),  // the line is higher than its letters
  };
}"""


def signed(delay: int) -> str:
    return f"−{delay}" if delay > 0 else f"+{-delay}"


def clear(here: list[float], there: list[float]) -> bool:
    (left, right, top, bottom), (left2, right2, top2, bottom2) = here, there
    return right <= left2 or right2 <= left or bottom <= top2 or bottom2 <= top


def test_any_network_is_drawn_with_no_layer_or_delay_on_top_of_another(browser):
    desk = opened(browser, STARTER, viewport={"width": 1400, "height": 900})

    @settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(delay_graphs(inner=12))
    def draws(graph: Graph) -> None:
        desk.drawn, desk.draft = graph, Draft.of(graph)
        desk.show(desk.scene())
        spots = desk.page.evaluate(SPOTS)
        assert len(spots["layers"]) == len(graph.layers)
        assert {name for name, *_ in spots["delays"]} == {signed(c.delay) for c in graph.connections if c.delay}
        for (one, *here), (other, *there) in combinations([*spots["layers"], *spots["delays"]], 2):
            assert clear(here, there), f"{one} on {other}"

    draws()
    desk.page.context.close()
    assert not desk.errors


def test_long_names_fit_and_are_said_in_full(desk):
    draft = STARTER
    names = ("word_vectors_in", "memory_cell", "MMMMMMMMMMMMMMMM", "output_of_all_16", "the_error_of_all")
    for at, name in enumerate(names):
        draft = edited(draft, {"do": "set_layer", "at": at, "field": "name", "value": name})
    page = desk(draft)
    sizes = page.page.evaluate("""() => [...document.querySelectorAll('.node')].map(node => {
      const [text, shape] = ['.symbol', '.shape'].map(part => node.querySelector(part).getBoundingClientRect());
      return text.width === 0 || (text.left >= shape.left && text.right <= shape.right);
    })""")
    assert len(sizes) > len(names)
    assert all(sizes)
    folded(page, "MMMMMMMMMMMMMMMM").hover()
    expect(page.page.get_by_role("tooltip")).to_contain_text("MMMMMMMMMMMMMMMM: state")
