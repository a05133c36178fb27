"""The diagram as a picture of gradients, alone on an empty page: what is known, how large it is, what is cut."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Error, Page, expect

from explorer import architectures, forward, initialize
from explorer.engine.backward import backward
from explorer.figures import diagram, theme
from explorer.figures.diagram import Flows, Track
from explorer.graph import Graph
from tests.support.tabs import diagram as drawing
from tests.support.tabs import node, shows, spoken

pytestmark = pytest.mark.browser

HOST = """<!doctype html><style>body { margin: 0; background: Canvas; color-scheme: light dark }</style><div></div>
<script type="module">STYLE_AND_SCRIPT
const shadow = document.querySelector('div').attachShadow({mode: 'open'});
shadow.append(Object.assign(document.createElement('style'), {textContent: style}));
window.reports = [];
window.draw = data => {
  mount({data, parentElement: shadow, setStateValue: (name, value) => window.reports.push([name, value])});
  return shadow.querySelector('.content').offsetHeight;
};
</script>"""
Draw = Callable[..., Page]


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[tuple[Page, str]]:
    """A tab, and a page with nothing on it but the diagram."""
    script = diagram.script().replace("export default function", "const mount = function")
    context = browser.new_context(viewport={"width": 1000, "height": 800}, reduced_motion="reduce")
    page = context.new_page()
    style = json.dumps(diagram.style())
    yield page, HOST.replace("STYLE_AND_SCRIPT", f"const style = {style};\n{script}")
    context.close()


@pytest.fixture
def drawn(tab) -> Iterator[Draw]:
    """Show a scene on a fresh page; no script may fail."""
    page, host = tab
    problems: list[str] = []

    def note(error: Error) -> None:
        problems.append(str(error))

    page.on("pageerror", note)

    def draw(scene: dict[str, Any], dark: bool = False, **begun: Any) -> Page:
        page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
        page.goto("about:blank")
        page.set_content(host)
        page.wait_for_function("() => window.draw")
        page.evaluate("scene => { window.height = window.draw(scene) }", {**scene, **begun})
        drawing(page).wait_for()
        return page

    yield draw
    page.remove_listener("pageerror", note)
    assert not problems


def graph_of(name: str = "elman", depth: int = 1) -> Graph:
    return architectures.build(name, inputs=3, hidden=4, outputs=3, depth=depth)


def ramp(graph: Graph, steps: int, per_step: float, top: float = 0.0) -> Flows:
    """A gradient that loses so many decades a step on its way to the left."""
    norms = top + per_step * (np.arange(steps + 1) - steps)
    return Flows(dict.fromkeys(("x", "h", "y"), norms), [norms[1:]] * len(graph.connections), "‖∂L/∂h_t‖")


def scene(graph: Graph, steps: int, **more: Any) -> dict[str, Any]:
    return diagram.scene(graph, steps, controls=("time",), wave=-1, **more)


def vanishing(steps: int = 7, per_step: float = 1.3, **more: Any) -> dict[str, Any]:
    graph = graph_of()
    return scene(graph, steps, flows=ramp(graph, steps, per_step), **more)


def luminance(colour: str) -> float:
    channels = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def edges(page: Page, weight: str) -> list[dict[str, Any]]:
    """The drawn copies of a weight outside the folded cell, from left to right."""
    return page.evaluate(
        """weight => {
          const root = document.querySelector('div').shadowRoot;
          return [...root.querySelectorAll(`.cell-edges:not(.template) .edge[data-weight="${weight}"]`)]
            .filter(edge => edge.getClientRects().length && edge.querySelector('.line').getBoundingClientRect().width)
            .map(edge => ({edge, line: edge.querySelector('.line')}))
            .sort((a, b) => a.line.getBoundingClientRect().x - b.line.getBoundingClientRect().x)
            .map(({edge, line}) => ({edge, style: getComputedStyle(line)}))
            .map(({edge, style}) => ({names: edge.getAttribute('class'), width: parseFloat(style.strokeWidth),
                                      colour: style.stroke, opacity: style.strokeOpacity}));
        }""",
        weight,
    )


def point_at(page: Page, layer: str, t: int) -> None:
    node(page, layer, t).locator(".shape").hover()


# ---- the wave ---------------------------------------------------------------------------------------------------


def test_gradient_is_known_from_the_cursor_to_the_right(drawn):
    page = drawn(vanishing(), cursor=4)
    for t in range(1, 8):
        for layer in ("x", "h", "y"):
            waits = "pending" in node(page, layer, t).get_attribute("class")
            assert waits == (t < 4), f"{layer} at {t}"
        assert "source" in node(page, "E", t).get_attribute("class"), "every error is lit from the start"
    waiting = ["waiting" in edge["names"] for edge in edges(page, "W_hh")]
    assert waiting == [True] * 4 + [False] * 3, "from h_4 on; what leads into h_4 is still to come"
    expect(spoken(page)).to_have_text("step 4 of 7: gradient has arrived at x, h, y")


def test_keys_and_play_go_the_way_of_the_gradient(drawn):
    page = drawn(vanishing(), cursor=7)
    stage = drawing(page).get_by_role("application")
    stage.press("ArrowLeft")
    shows(page, cursor=6)
    stage.press("Home")
    shows(page, cursor=1)
    drawing(page).get_by_role("button", name="Play").click()
    shows(page, cursor=7)
    expect(drawing(page)).to_have_attribute("data-cursor", "1", timeout=15_000)
    assert page.evaluate("() => window.reports.at(-1)") == ["cursor", 1]


def test_the_keyboard_hears_how_much(drawn):
    page = drawn(vanishing(), cursor=3)
    stage = drawing(page).get_by_role("application")
    stage.press("ArrowUp")
    stage.press("ArrowUp")
    expect(spoken(page)).to_have_text("h_3: ‖∂L/∂h_3‖ = 6.31·10⁻⁶")
    page = drawn(vanishing(), cursor=7)
    point_at(page, "h", 2)
    expect(drawing(page).get_by_role("tooltip")).to_contain_text("no gradient has arrived yet")


def test_what_reads_the_future_does_not_wait(drawn):
    graph = graph_of("bidirectional")
    norms = np.zeros(6)
    flows = Flows({layer.name: norms for layer in graph.layers}, [norms[1:]] * len(graph.connections), "norm")
    page = drawn(scene(graph, 5, flows=flows), cursor=4)
    waits = {
        layer: "pending" in page.locator(f'[data-layer="{layer}"][data-t="2"]').first.get_attribute("class")
        for layer in ("x", "h_fwd", "h_bwd", "y", "E")
    }
    assert waits == {"x": True, "h_fwd": True, "h_bwd": False, "y": False, "E": False}


# ---- how much ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dark", [False, True])
def test_thickness_and_colour_follow_the_magnitude_and_can_be_seen(drawn, dark):
    page = drawn(vanishing(), dark=dark, cursor=1)
    found = edges(page, "W_hh")
    assert len(found) == 7
    widths = [edge["width"] for edge in found]
    assert widths == sorted(widths)
    assert 2.5 * widths[0] < widths[-1] <= 7
    assert len({edge["colour"] for edge in found}) == 7
    ground = "rgb(15, 19, 26)" if dark else "rgb(255, 255, 255)"
    for edge in found:
        assert float(edge["opacity"]) == 1
        assert contrast(edge["colour"], ground) >= 3, edge
    for t in range(1, 8):
        shape, symbol = (node(page, "h", t).locator(part).first for part in (".shape", ".symbol"))
        fill, ink = (part.evaluate("part => getComputedStyle(part).fill") for part in (shape, symbol))
        assert contrast(fill, ink) >= 4.5, t


@pytest.mark.parametrize(
    ("top", "said", "whole"),
    [(0.0, "10⁻⁷", "1.00·10⁻⁷"), (-400.3, "5·10⁻⁴⁰⁸", "5.01·10⁻⁴⁰⁸"), (320.3, "2·10³¹³", "2.00·10³¹³")],
)
def test_every_magnitude_is_written_however_small_or_large(drawn, top, said, whole):
    graph = graph_of()
    page = drawn(scene(graph, 7, flows=ramp(graph, 7, 7 / 6, top)), cursor=1)
    expect(node(page, "h", 1).locator(".amount")).to_have_text(said)
    point_at(page, "h", 1)
    expect(drawing(page).get_by_role("tooltip")).to_contain_text(f"‖∂L/∂h_1‖ = {whole}")


def test_amounts_do_not_lie_on_nodes(drawn):
    page = drawn(vanishing(), cursor=1)
    box = (
        "part => { const {left, right, top, bottom} = part.getBoundingClientRect(); return [left, right, top, bottom] }"
    )
    amounts = [part.evaluate(box) for part in drawing(page).locator(".cell .amount:visible").all()]
    shapes = [part.evaluate(box) for part in drawing(page).locator(".cell .shape:visible").all()]
    assert len(amounts) == 3 * 7
    for a in amounts:
        for s in shapes:
            across, down = min(a[1], s[1]) - max(a[0], s[0]), min(a[3], s[3]) - max(a[2], s[2])
            assert across < 4 or down < 6, "a number hides a node"


def test_the_scale_is_on_the_picture_and_in_the_summary(drawn):
    page = drawn(vanishing(), cursor=7)
    key = drawing(page).locator(".flows-key")
    expect(key).to_contain_text("‖∂L/∂ht‖")
    expect(key).to_contain_text("10⁻¹⁰")
    expect(key).to_contain_text("10⁰")
    summary = drawing(page).locator(".hidden-text").text_content()
    assert "‖∂L/∂h_t‖ on a logarithmic scale from 10^-10 to 10^0" in summary
    assert "h: 1.58·10⁻⁸ at step 1, 1.00 at step 7" in summary


def test_on_a_phone_the_key_stays_inside(drawn, tab):
    page, _ = tab
    page.set_viewport_size({"width": 390, "height": 800})
    try:
        drawn(vanishing(50, 0.4), cursor=20)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
        expect(drawing(page).locator(".flows-key")).to_contain_text("≤ 10⁻¹²")
    finally:
        page.set_viewport_size({"width": 1000, "height": 800})


def test_closed_slices_show_colour_and_thickness_too(drawn):
    page = drawn(vanishing(50, 0.2), cursor=1)
    strands = page.evaluate(
        """() => [...document.querySelector('div').shadowRoot.querySelectorAll('.strand.flow[data-weight=W_hh]')]
             .filter(strand => strand.getClientRects().length)
             .map(strand => [strand.getBoundingClientRect().x, parseFloat(getComputedStyle(strand).strokeWidth)])
             .sort((a, b) => a[0] - b[0]).map(([_, width]) => width)"""
    )
    assert len(strands) > 40
    assert strands == sorted(strands)
    assert strands[-1] > 2 * strands[0]
    fills = {
        mark.evaluate("mark => getComputedStyle(mark).fill")
        for mark in drawing(page).locator(".mark.role-state:visible").all()
    }
    assert len(fills) > 30


# ---- nothing ----------------------------------------------------------------------------------------------------


def test_zero_absent_and_cut_off_look_different(drawn):
    graph = graph_of()
    flows = ramp(graph, 7, 1.0)
    nodes = {name: norms.copy() for name, norms in flows.nodes.items()}
    for norms in nodes.values():
        norms[:4] = -np.inf
    nodes["h"][5], nodes["h"][6] = np.nan, -np.inf
    nodes["E"] = np.where(np.arange(8) <= 3, -np.inf, 0.0)  # the first errors are not counted
    links = [np.where(np.arange(1, 8) <= 3, -np.inf, norms) for norms in flows.links]
    page = drawn(scene(graph, 7, flows=Flows(nodes, links, "norm"), cuts=[3]), cursor=1)
    dashes = {}
    for t, state in ((2, "truncated"), (5, "absent"), (6, "zero")):
        assert state in node(page, "h", t).get_attribute("class").split()
        dashes[state] = (
            node(page, "h", t).locator(".shape").evaluate("shape => getComputedStyle(shape).strokeDasharray")
        )
    assert len(set(dashes.values())) == 3
    assert "none" not in dashes.values()
    expect(node(page, "h", 6).locator(".amount")).to_have_text("0")
    cut = ["cut" in edge["names"].split() for edge in edges(page, "W_hh")]
    assert cut == [False, False, False, True, False, False, False]
    expect(drawing(page).locator(".cut-mark:visible")).to_have_count(1)
    expect(drawing(page).locator(".flows-key")).to_contain_text("cut off")
    point_at(page, "h", 2)
    expect(drawing(page).get_by_role("tooltip")).to_contain_text("truncated: nothing passes the cut")


def test_a_zero_that_no_cut_has_made_is_a_zero(drawn):
    graph = graph_of()
    flows = ramp(graph, 7, 1.0)
    nodes = {name: norms.copy() for name, norms in flows.nodes.items()}
    nodes["h"][2] = -np.inf  # behind the cut, but E_2 could have sent something
    page = drawn(scene(graph, 7, flows=Flows(nodes, flows.links, "norm"), cuts=[3]), cursor=1)
    assert node(page, "h", 2).get_attribute("class").split()[-1] == "zero"
    point_at(page, "h", 2)
    expect(drawing(page).get_by_role("tooltip")).not_to_contain_text("truncated")
    cut = [edge for edge in edges(page, "W_hh") if "cut" in edge["names"].split()]
    assert len(cut) == 1
    assert "flow" in cut[0]["names"].split(), "what one error sends across another one's cut is still to be seen"


def test_where_a_layer_is_absent_there_is_an_outline(drawn):
    graph = graph_of("encoder_decoder")
    steps = 6
    tokens = {layer.name: np.zeros((steps, 1), int) for layer in graph.with_role("input")}
    trace = forward(graph, initialize(graph, 0), tokens)
    values = {layer.name: trace[layer.name][:, 0].copy() for layer in graph.layers if layer.role != "loss"}
    state = next(layer for layer in graph.layers if layer.role == "state" and layer.presence.absent(steps))
    gone = np.array(state.presence.absent(steps)) + 1
    values[state.name][gone] = np.nan
    shown = diagram.scene(
        graph, steps, controls=("time",), values=values, tracks=[Track("heat", "h_t", "", values[state.name][1:])]
    )
    page = drawn(shown, cursor=steps)
    assert not drawing(page).locator(".shape[style*=NaN], .mark[style*=NaN]").count()
    canvas = drawing(page).locator("canvas")
    inked = canvas.evaluate(
        """canvas => {
             const {width, height} = canvas, {data} = canvas.getContext('2d').getImageData(0, 0, width, height);
             const rows = Array.from({length: height}, (_, y) => y);
             const inked = x => rows.filter(y => data[4 * (y * width + x) + 3]).length / height;
             return Array.from({length: width}, (_, x) => inked(x));
           }"""
    )
    assert inked, "there is a strip"
    share = np.array_split(np.array(inked), 12)[1 if 1 in gone else -1].mean()
    assert 0.01 < share < 0.5, "an outline, not a column of colour"


# ---- initial states ---------------------------------------------------------------------------------------------


def test_an_initial_state_answers(drawn):
    page = drawn(vanishing(values={"h": np.zeros((8, 4))}), cursor=3)
    initial = drawing(page).locator('.initial[data-layer="h"]')
    initial.hover()
    expect(drawing(page).get_by_role("tooltip")).to_have_text("h_0: initial state, all zeros")
    initial.click()
    shows(page, cursor=3)
    assert page.evaluate("() => window.reports") == [["selected", {"layer": "h", "t": 0}]]
    expect(drawing(page).locator(".ring.selected")).to_be_visible()
    drawing(page).get_by_role("application").press("Home")
    shows(page, cursor=1)
    page.wait_for_function("() => window.reports.length === 3")
    assert ["selected", {"layer": "h", "t": 1}] in page.evaluate("() => window.reports"), "back inside the sequence"
    initial.hover()
    expect(drawing(page).get_by_role("tooltip")).to_contain_text("‖∂L/∂h_0‖ = 7.94·10⁻¹⁰")


# ---- strips -----------------------------------------------------------------------------------------------------


def bars(page: Page, strip: int = 0) -> list[tuple[int, int]]:
    """For each of seven steps, how many pixels a strip is inked above and below the middle of its canvas."""
    return page.evaluate(
        """strip => {
          const canvas = document.querySelector('div').shadowRoot.querySelectorAll('canvas')[strip];
          const {width, height} = canvas, {data} = canvas.getContext('2d').getImageData(0, 0, width, height);
          const rows = Array.from({length: height}, (_, y) => y);
          return Array.from({length: 7}, (_, i) => Math.round((i + 0.5) * width / 7))
            .map(x => rows.filter(y => data[4 * (y * width + x) + 3]))
            .map(inked => inked.length > 3 ? [inked.at(0), inked.at(-1)] : null);
        }""",
        strip,
    )


def test_bars_come_from_the_right_and_add_up(drawn):
    parts = np.array([0.1, -0.2, 0.3, 0.25, -0.15, 0.5, 0.2])
    page = drawn(vanishing(tracks=[Track("bars", "share", "", parts, total=float(parts.sum()))]), cursor=7)
    stage = drawing(page).get_by_role("application")
    for t in range(7, 0, -1):
        number = f"{parts[t - 1]:#.3g}".replace("-", "−")
        expect(drawing(page).locator(".track-number")).to_have_text(number)
        so_far = parts[t - 1 :].sum()
        wanted = "Σ = 1.00" if t == 1 else f"Σ = {so_far:#.3g} of 1.00"
        expect(drawing(page).locator(".sum")).to_have_text(wanted)
        seen = bars(page)
        assert [span is not None for span in seen] == [step >= t for step in range(1, 8)]
        if t > 1:
            stage.press("ArrowLeft")
            shows(page, cursor=t - 1)
    tops = [span[0] for span in bars(page)]
    down = [span[1] for span in bars(page)]
    baseline = min(down[i] for i in range(7) if parts[i] > 0)
    assert all((down[i] > baseline + 2) == (parts[i] < 0) for i in range(7)), "negative bars hang"
    up = [i for i in np.argsort(parts) if parts[i] > 0]
    assert [tops[i] for i in up] == sorted((tops[i] for i in up), reverse=True)


def test_logarithmic_bars_say_their_powers_of_ten(drawn):
    logs = np.array([-9.3, -np.inf, -6.0, -5.0, -3.0, -1.0, -0.1])
    page = drawn(vanishing(tracks=[Track("bars", "norm", "", logs, log=True)]), cursor=1)
    number, stage = drawing(page).locator(".track-number"), drawing(page).get_by_role("application")
    expect(number).to_have_text("5.01·10⁻¹⁰")
    expect(drawing(page).locator(".track-label .key")).to_have_text("10⁻¹⁰ … 10⁰")
    heights = [span[1] - span[0] if span else 0 for span in bars(page)]
    finite = [heights[i] for i in (0, 2, 3, 4, 5, 6)]
    assert finite == sorted(finite)
    stage.press("ArrowRight")
    expect(number).to_have_text("0")


def test_bars_wear_the_colour_of_their_weight(drawn):
    page = drawn(vanishing(tracks=[Track("bars", "share", "", np.ones(7), weight="W_hh")]), cursor=1)
    colour = (
        drawing(page)
        .locator("canvas")
        .evaluate(
            """canvas => { const x = Math.round(canvas.width / 14), y = canvas.height - 8;
             return Array.from(canvas.getContext('2d').getImageData(x, y, 1, 1).data).slice(0, 3) }"""
        )
    )
    wanted = theme.weight_colours(1)["light"]
    assert colour == [int(wanted[i : i + 2], 16) for i in (1, 3, 5)]


# ---- words, weights, wires --------------------------------------------------------------------------------------


def words_shown(page: Page) -> list[str]:
    """The words under the slices; none runs into another, or into the step numbers."""
    words, numbers = page.evaluate(
        """() => ['.token', '.step'].map(name =>
             [...document.querySelector('div').shadowRoot.querySelectorAll(name)]
               .filter(text => text.getClientRects().length)
               .map(text => [text.textContent, text.getBoundingClientRect().toJSON()]))"""
    )
    top = min(box["top"] for _, box in numbers)
    for i, (_, a) in enumerate(words):
        assert a["bottom"] < top + 8, "a line's box is higher than its letters"
        for _, b in words[:i]:
            assert a["right"] <= b["left"] + 1 or b["right"] <= a["left"] + 1 or abs(a["y"] - b["y"]) >= 15
    return [word for word, _ in words]


@pytest.mark.parametrize("steps", [12, 20, 50, 120])
def test_words_stand_under_every_so_many_slices_and_at_the_cursor(drawn, steps):
    words = [f"word{t}" for t in range(1, steps + 1)]
    page = drawn(diagram.scene(graph_of(), steps, tokens=words, controls=("time",)), cursor=steps // 2)
    assert len(words_shown(page)) >= min(steps, 8)
    expect(drawing(page).locator(".token.current")).to_have_text(f"word{steps // 2}")


REVIEW = ["although", "our", "waiter", "was", "rather", "rude", "the", "dessert", "had", "been", "truly", "excellent"]


@pytest.mark.parametrize("name", architectures.ARCHITECTURES)
@pytest.mark.parametrize("count", [9, len(REVIEW)])
def test_every_word_of_a_sentence_can_be_read(drawn, name, count):
    page = drawn(diagram.scene(graph_of(name), count, tokens=REVIEW[:count], controls=("time",)), cursor=4)
    for key, cursor in {"Home": 1, "ArrowRight": 2, "End": count}.items():
        drawing(page).locator(".scroller").press(key)
        shows(page, cursor=cursor)
        assert sorted(words_shown(page)) == sorted(REVIEW[:count])


def test_a_blank_can_be_seen(drawn):
    page = drawn(diagram.scene(graph_of(), 3, tokens=["a", " ", "b"], controls=("time",)), cursor=2)
    expect(drawing(page).locator(".token.current")).to_have_text("␣")


def test_no_two_weights_look_alike(drawn):
    page = drawn(diagram.scene(graph_of("lstm", 3), 3, controls=("time",)), cursor=2)
    looks = page.evaluate(
        """() => [...document.querySelector('div').shadowRoot.querySelectorAll('.chip .swatch path')]
             .map(path => getComputedStyle(path).stroke + getComputedStyle(path).strokeDasharray)"""
    )
    assert len(looks) == len(set(looks)) > 2 * len(theme.WEIGHTS)


CROSSINGS = """() => {
  const root = document.querySelector('div').shadowRoot.querySelector('.picture');
  const nodes = [...root.querySelectorAll('.node')].filter(node => node.getClientRects().length).map(node => {
    const {left, right, top, bottom} = node.querySelector('.shape').getBoundingClientRect();
    return {name: node.dataset.layer, left, right, top, bottom};
  });
  const found = [];
  for (const group of root.querySelectorAll('.cell-edges > g:first-child .edge')) {
    if (!group.getClientRects().length) continue;
    const line = group.querySelector('.line'), matrix = line.getScreenCTM();
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    path.setAttribute('d', line.getAttribute('d').replace(/M[^M]*$/, ''));
    const length = path.getTotalLength();
    const points = Array.from({length: 101}, (_, i) => path.getPointAtLength(length * i / 100)).map(({x, y}) =>
      ({x: matrix.a * x + matrix.e, y: matrix.d * y + matrix.f}));
    const within = ({x, y}, node, by) =>
      x > node.left + by && x < node.right - by && y > node.top + by && y < node.bottom - by;
    for (const node of nodes) {
      if (within(points[0], node, -4) || within(points[100], node, -4)) continue;
      if (points.some(point => within(point, node, 2))) found.push([group.dataset.weight ?? 'identity', node.name]);
    }
  }
  return found;
}"""


@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize("name", architectures.ARCHITECTURES)
def test_no_wire_inside_a_slice_runs_through_a_node(drawn, name, depth):
    page = drawn(diagram.scene(graph_of(name, depth), 3, controls=("time",)), cursor=2)
    assert page.evaluate(CROSSINGS) == []


def test_the_first_picture_stands_at_once(drawn):
    page = drawn(vanishing(), cursor=1)
    now = drawing(page).locator(".content").evaluate("content => content.offsetHeight")
    assert page.evaluate("() => window.height") == now > 200, "what follows on the page is not pushed down later"


# ---- from the engine --------------------------------------------------------------------------------------------


def test_the_picture_agrees_with_the_gradients(drawn):
    """Vanishing by half a decade a step, as a linear recurrence of radius 0.3 does."""
    graph = architectures.build("elman", inputs=3, hidden=4, outputs=3, activation="identity")
    parameters = initialize(graph, 0, recurrent="orthogonal", spectral_radius=0.3)
    steps = 9
    trace = forward(graph, parameters, np.zeros((steps, 1), int))
    seed = np.zeros((steps + 1, 1, 4))
    seed[-1] = 1
    norms = np.linalg.norm(backward(trace, {"h": seed})["h"][:, 0], axis=-1)
    flows = Flows({"h": np.log10(norms)}, [np.full(steps, np.nan)] * len(graph.connections), "norm")
    page = drawn(scene(graph, steps, flows=flows), cursor=1)
    point_at(page, "h", 1)
    said = drawing(page).get_by_role("tooltip").text_content()
    found = re.search(r"= ([\d.]+)·10⁻(.)", said)
    value = float(found[1]) * 10.0 ** -"⁰¹²³⁴⁵⁶⁷⁸⁹".index(found[2])
    assert value == pytest.approx(2 * 0.3 ** (steps - 1), rel=0.01)
    assert math.isclose(norms[1], 2 * 0.3 ** (steps - 1), rel_tol=1e-9)


# ---- wide cells -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cursor", [1, 4, 7])
@pytest.mark.parametrize(("name", "depth"), [("encoder_decoder_gru", 1), ("bidirectional_lstm", 2), ("lstm", 1)])
def test_the_open_slice_is_seen_whole(drawn, name, depth, cursor):
    page = drawn(diagram.scene(graph_of(name, depth), 7, controls=("time",)), cursor=cursor)
    scroller = drawing(page).locator(".scroller")
    assert scroller.evaluate("stage => stage.scrollWidth - stage.clientWidth") <= 0, "all slices are in sight"
    box, around = drawing(page).locator(".band").bounding_box(), scroller.bounding_box()
    assert around["x"] <= box["x"] < box["x"] + box["width"] <= around["x"] + around["width"]


@pytest.mark.parametrize(("name", "depth", "beside"), [("bidirectional_lstm", 2, False), ("elman", 1, True)])
def test_a_folded_cell_without_room_comes_back_when_it_is_folded(drawn, name, depth, beside):
    graph = graph_of(name, depth)
    page = drawn(diagram.scene(graph, 7, controls=("fold", "time")), cursor=2)

    def in_sight() -> bool:
        box = drawing(page).locator(".cell.template").bounding_box()
        return box["x"] + box["width"] > 0

    assert in_sight() is beside
    drawing(page).get_by_role("button", name="Fold", exact=True).click()
    shows(page, state="folded")
    assert in_sight()


def test_a_long_legend_is_never_cut_and_can_be_opened(drawn):
    page = drawn(diagram.scene(graph_of("bidirectional_lstm", 2), 3, controls=("time",)), cursor=2)
    legend, more = drawing(page).locator(".legend"), drawing(page).get_by_role("button", name="All weights")
    expect(more).to_have_attribute("aria-expanded", "false")
    box = legend.bounding_box()
    for chip in legend.locator(".chip").all():
        place = chip.bounding_box()
        inside = place["y"] + place["height"] <= box["y"] + box["height"] + 0.5
        assert inside or place["y"] >= box["y"] + box["height"] - 0.5
    more.click()
    last = legend.locator(".chip").last
    legend_end = legend.bounding_box()["y"] + legend.bounding_box()["height"]
    assert last.bounding_box()["y"] + last.bounding_box()["height"] <= legend_end + 0.5
    drawing(page).get_by_role("button", name="Fewer weights").click()
    assert legend.bounding_box()["height"] == box["height"]
    page = drawn(diagram.scene(graph_of("lstm"), 3, controls=("time",)), cursor=2)
    expect(drawing(page).locator(".more")).to_be_hidden()


@pytest.mark.parametrize("name", ["bidirectional_lstm", "encoder_decoder_gru"])
def test_symbols_stay_in_their_own_place(drawn, name):
    page = drawn(diagram.scene(graph_of(name, 2), 20, controls=("time",)), cursor=18)
    boxes = page.evaluate(
        """() => [...document.querySelector('div').shadowRoot.querySelectorAll('.node[data-t="18"] .symbol')]
             .filter(symbol => symbol.getClientRects().length)
             .map(symbol => [symbol, symbol.parentNode.querySelector('.shape')])
             .map(parts => parts.map(part => part.getBoundingClientRect()))
             .map(([symbol, shape]) => [shape.left - symbol.left, symbol.right - shape.right])"""
    )
    assert len(boxes) > 10
    assert max(map(max, boxes)) <= 2


def test_a_screen_reader_hears_the_symbols(drawn):
    page = drawn(diagram.scene(graph_of("gru_reset_after"), 3, controls=("time",)), cursor=2)
    sentence = spoken(page).text_content()
    assert sentence.endswith(": x, z, r, q, r ⊙ q, n, 1−z, z ⊙ h, (1−z) ⊙ n, h, y, E")
    page = drawn(diagram.scene(graph_of("encoder_decoder_gru"), 3, controls=("time",)), cursor=3)
    assert "_" not in spoken(page).text_content()
    assert "rh_dec" not in drawing(page).locator(".hidden-text").text_content()
