"""Take it with you in a browser: pictures as they are on the screen, files that load back, an animation on its own."""

from __future__ import annotations

import io
import re
import struct
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from explorer.exchange import read_graphml, read_json
from explorer.figures import diagram as drawing
from explorer.figures.numbers import from_csv
from explorer.figures.standalone import page as as_file
from explorer.settings import Network
from explorer.unrolling import fold
from explorer.views import ran, unrolled
from tests.support import look
from tests.support.browser import STILL
from tests.support.tabs import STILL_DARK, STILL_PHONE, overflow

pytestmark = pytest.mark.browser

SVG = "{http://www.w3.org/2000/svg}"
PANEL = '[class*="st-key-exports_panel"]'


def panel(page: Page) -> None:
    """Open the row under the page, from the keyboard."""
    head = page.locator(f"{PANEL} summary")
    head.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Numbers behind them")).to_be_visible()
    look.settle(page)


def taken(page: Page, name: str) -> tuple[str, bytes]:
    """Press a button, from the keyboard, and read the file that comes."""
    button = page.get_by_role("button", name=name, exact=True)
    button.focus()
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", png[16:24])


def parsed(svg: bytes) -> ElementTree.Element:
    root = ElementTree.fromstring(svg)
    assert root.tag == f"{SVG}svg"
    text = svg.decode()
    assert not re.findall(r"(?:href|src)=\"(?!data:|#)", text), "nothing is loaded from anywhere"
    assert "light-dark(" not in text
    assert "var(--" not in text
    assert "<script" not in text
    return root


def written(root: ElementTree.Element) -> str:
    return " ".join("".join(part.itertext()) for part in root.iter(f"{SVG}text"))


@pytest.mark.parametrize(("view", "ground"), [(STILL, "rgb(255, 255, 255)"), (STILL_DARK, "rgb(15, 19, 26)")])
def test_a_diagram_can_be_taken_as_it_is_on_the_screen(opened, view, ground):
    page = opened("/forward?text=how are you", view)
    panel(page)
    name, png = taken(page, "PNG: Network diagram")
    assert name == "unroll-forward-network.png"
    name, svg = taken(page, "SVG: Network diagram")
    assert name == "unroll-forward-network.svg"
    root = parsed(svg)
    width, height = (round(float(root.get(side))) for side in ("width", "height"))
    assert size_of(png) == (2 * width, 2 * height)
    assert root.find(f"{SVG}rect").get("fill") == ground
    assert re.search(r"how.*are.*you", written(root))
    assert "value of each unit" in written(root), "the labels of the strips are not part of the drawing"
    assert len(list(root.iter(f"{SVG}image"))) == 3, "each strip is an image"
    assert len(list(root.iter(f"{SVG}g"))) > 20
    expect(page.get_by_text("Saved as unroll-forward-network.svg.")).to_be_visible()


def test_charts_can_be_taken_with_their_heat_maps(opened):
    page = opened("/vanishing?length=20")
    panel(page)
    buttons = page.locator(".pictures button")
    assert buttons.count() == 4
    names = buttons.evaluate_all("all => all.map(button => button.ariaLabel)")
    assert len(set(names)) == 4
    for name in names:
        file, content = taken(page, name)
        assert file.startswith("unroll-vanishing-exploding-")
        if name.startswith("PNG"):
            assert min(size_of(content)) > 400
        else:
            root = parsed(content)
            assert re.search(r"\d", written(root))
            if "Heat maps" in name:
                assert len(list(root.iter(f"{SVG}image"))) >= 2
            else:
                assert len([part for part in root.iter(f"{SVG}path") if "stroke" in (part.get("style") or "")]) > 2


# Every text that is seen, with its place.
PLACES = """(parts) => parts
  .map((part) => ({ text: part.textContent, rect: part.getBoundingClientRect() }))
  .filter(({ text, rect }) => text.trim() && rect.width)
  .map(({ text, rect }) => ({ text, left: rect.left, right: rect.right, top: rect.top }))"""


@pytest.mark.parametrize("address", ["/vanishing?length=20", "/order", "/gates"])
def test_a_picture_stands_in_place_in_any_font(opened, browser, tmp_path, address):
    page = opened(address)
    panel(page)
    name = page.locator(".pictures button[aria-label^=SVG]").last.get_attribute("aria-label") or ""
    key = page.locator(".js-plotly-plot").last
    on_page = {one["text"]: one["right"] - one["left"] for one in key.locator("text").evaluate_all(PLACES)}
    legend = key.locator(".legendtext").all_text_contents()
    _, svg = taken(page, name)
    path = tmp_path / "picture.svg"
    other = re.sub(r"font-family: (?:&quot;|[^;\"])*", "font-family: monospace", svg.decode())
    assert other.count("font-family: monospace")
    path.write_text(other, encoding="utf-8")
    alone = browser.new_page(viewport={"width": 1280, "height": 720})
    try:
        alone.goto(path.as_uri())
        found = alone.locator("text").evaluate_all(PLACES)
        width = alone.evaluate("document.documentElement.width.baseVal.value")
    finally:
        alone.close()
    assert {one["text"] for one in found} == set(on_page)
    for one in found:
        assert one["right"] - one["left"] == pytest.approx(on_page[one["text"]], abs=4), one["text"]
        assert -2 < one["left"] < one["right"] < width + 2
    entries = sorted((one for one in found if one["text"] in legend), key=lambda one: (round(one["top"]), one["left"]))
    assert all(a["right"] <= b["left"] for a, b in pairwise(entries) if abs(a["top"] - b["top"]) < 4)


def seen_apart(screen: bytes, taken: bytes) -> float:
    """Mean difference of a colour between what is on the screen and a picture of twice its size, of 255."""
    on_screen = Image.open(io.BytesIO(screen)).convert("RGB")
    from_file = Image.open(io.BytesIO(taken)).convert("RGB").resize(on_screen.size, Image.Resampling.BOX)
    return float(np.abs(np.asarray(on_screen, float) - np.asarray(from_file, float)).mean())


@pytest.mark.parametrize("view", [STILL, STILL_DARK])
@pytest.mark.parametrize("address", ["/backward?text=how are you&t=2&window=2", "/papers"])
def test_a_picture_is_what_is_on_the_screen(opened, address, view):
    page = opened(address, view)
    panel(page)
    name = page.locator(".pictures button").first.get_attribute("aria-label") or ""
    _, png = taken(page, name)
    width, height = (side // 2 for side in size_of(png))
    part = page.locator(".unroll-diagram .picture-box, .js-plotly-plot").first
    part.scroll_into_view_if_needed()
    page.mouse.move(0, 0)
    look.settle(page)
    box = part.bounding_box()
    foot = box["y"] + box["height"]  # the picture ends there, and has a margin of 8 pixels around it
    clip = {"x": box["x"] - 8, "y": foot + 8 - height, "width": width, "height": height}
    screen = page.screenshot(clip=clip)
    assert seen_apart(screen, png) < 4
    other = Image.new("RGB", (2 * width, 2 * height), Image.open(io.BytesIO(screen)).getpixel((1, 1)))
    empty = io.BytesIO()
    other.save(empty, "PNG")
    assert seen_apart(screen, empty.getvalue()) > 2 * seen_apart(screen, png), "an empty picture is farther off"


def test_what_is_painted_while_a_run_goes_on_is_a_bitmap(opened):
    page = opened("/train?task=Adding&span=60")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.locator("canvas").first.wait_for()
    page.locator(f"{PANEL} summary").click()
    png, svg = page.locator(".pictures button").nth(0), page.locator(".pictures button").nth(1)
    expect(svg).to_be_disabled()
    expect(page.locator(".pictures")).to_contain_text("SVG once the run rests")
    _, content = taken(page, png.get_attribute("aria-label") or "")
    assert min(size_of(content)) > 400
    page.get_by_role("button", name="Pause").click()
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    look.settle(page)
    png.hover()
    expect(svg).to_be_enabled()


def test_files_load_back(opened):
    page = opened("/forward?text=how are you&arch=LSTM")
    panel(page)
    view = ran(Network(text="how are you", arch="lstm"))
    name, table = taken(page, "CSV")
    assert name == "unroll-forward-numbers.csv"
    found = from_csv(table.decode())
    name, archive = taken(page, "NPZ")
    assert name == "unroll-forward-numbers.npz"
    with np.load(io.BytesIO(archive), allow_pickle=False) as kept:
        for layer in view.graph.layers:
            np.testing.assert_array_equal(found[f"forward.{layer.name}"], view.shown(layer.name))
            np.testing.assert_array_equal(kept[f"forward.{layer.name}"], view.shown(layer.name))
        np.testing.assert_array_equal(kept["weights.W_hf"], view.trace.parameters["W_hf"])
    for kind, read in (("GraphML", read_graphml), ("JSON", read_json)):
        name, text = taken(page, kind)
        assert name == f"unroll-forward-network.{kind.lower()}"
        assert fold(read(text.decode())) == view.graph


def test_whoever_comes_back_finds_what_is_on_the_page_now(opened):
    page = opened("/backward")
    panel(page)
    code = page.locator(f"{PANEL} code")
    expect(code).not_to_contain_text("truncated")
    field = page.get_by_role("spinbutton", name="Truncate after")
    field.click()
    field.fill("2")
    field.press("Enter")
    look.settle(page)
    page.get_by_role("button", name="PNG: Network diagram").hover()
    expect(code).to_contain_text("explorer.truncated(trace, 2, 1)")


def test_open_it_fits_a_phone(opened):
    page = opened("/gates", STILL_PHONE)
    panel(page)
    assert overflow(page) <= 0
    sizes = page.locator(f"{PANEL} :is(p, button, span, li)").evaluate_all(
        "all => all.filter(e => e.innerText?.trim()).map(e => parseFloat(getComputedStyle(e).fontSize))"
    )
    assert min(sizes) >= 14


@pytest.fixture
def alone(browser: Browser, tmp_path: Path):
    """Open a document from the disk, with the network cut off; nothing may go wrong."""
    problems: list[str] = []
    contexts = []

    def follow(document: str, **options: object) -> Page:
        path = tmp_path / "animation.html"
        path.write_text(document, encoding="utf-8")
        context = browser.new_context(viewport={"width": 1280, "height": 720}, **options)
        contexts.append(context)
        context.set_offline(True)
        page = context.new_page()
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda sent: None if sent.url.startswith(("file:", "data:")) else problems.append(sent.url))
        page.goto(path.as_uri())
        page.locator(".unroll-diagram[data-state]").wait_for()
        return page

    yield follow
    for context in contexts:
        context.close()
    assert not problems, "\n".join(problems)


def data(page: Page, name: str) -> str:
    return page.locator(".unroll-diagram").get_attribute(f"data-{name}") or ""


def reaches(page: Page, **wanted: object) -> None:
    for name, value in wanted.items():
        expect(page.locator(".unroll-diagram")).to_have_attribute(f"data-{name}", str(value))


def forward_file(text: str = "how are you", arch: str = "lstm", **more: object) -> str:
    view = ran(Network(text=text, arch=arch))
    scene = drawing.scene(
        view.graph,
        view.reading.steps,
        tokens=view.reading.shown,
        controls=("time",),
        values={layer.name: view.shown(layer.name) for layer in view.graph.layers},
        **more,
    )
    return as_file({**scene, "cursor": view.reading.steps}, "Forward")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_animation_plays_folds_and_steps_without_network(alone, scheme):
    page = alone(forward_file(), color_scheme=scheme)
    reaches(page, state="unrolled", steps=4, cursor=4, theme=scheme)
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(15, 19, 26)"
    assert dark == (scheme == "dark")
    picture = page.locator(".scroller")
    picture.focus()
    page.keyboard.press("ArrowLeft")
    reaches(page, cursor=3)
    expect(page.locator(".status")).to_contain_text("step 3 of 4")
    page.get_by_role("button", name="Fold", exact=True).press("Enter")
    reaches(page, state="folded")
    page.get_by_role("button", name="Unroll", exact=True).press("Enter")
    reaches(page, state="unrolled")
    page.get_by_role("button", name="Play").press("Enter")
    reaches(page, cursor=4)
    for control in page.locator("button, input").all():
        expect(control).to_have_accessible_name(re.compile(r"\w"))


def test_an_animation_can_be_read_and_fits_a_phone(alone):
    page = alone(forward_file("a bird in the hand is worth two in the bush"), reduced_motion="reduce")
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        reaches(page, state="unrolled")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        sizes = page.evaluate(
            """() => [...document.querySelectorAll("h1, p, button, label, text, output, .chip, .track-label")]
            .filter(e => e.textContent.trim() && e.checkVisibility())
            .map(e => parseFloat(getComputedStyle(e).fontSize))"""
        )
        assert min(sizes) >= 14


def test_a_long_animation_is_packed_and_unpacked(alone):
    view = unrolled(Network(arch="lstm"), 200)
    rng = np.random.default_rng(0)
    scene = drawing.scene(
        view.graph,
        200,
        tokens=view.words,
        controls=("fold", "length", "order"),
        values={layer.name: rng.normal(size=(201, layer.size)) for layer in view.graph.layers},
        order=view.order,
        generations=view.generations,
    )
    document = as_file(scene, "Unroll")
    assert "application/gzip" in document
    assert len(document.encode()) < 300_000
    page = alone(document, reduced_motion="reduce")
    reaches(page, state="unrolled", steps=200)
    page.get_by_role("button", name="Fold", exact=True).click()
    reaches(page, state="folded")
    expect(page.get_by_text("Made by Unroll")).to_be_visible()


def test_the_file_of_a_page_is_that_animation(opened, alone):
    page = opened("/backward?text=how are you&t=2")
    panel(page)
    name, document = taken(page, "HTML")
    assert name == "unroll-backward-network.html"
    assert len(document) < 300_000
    file = alone(document.decode(), reduced_motion="reduce")
    reaches(file, state="unrolled", steps=4, cursor=2)
    expect(file.locator(".flows-key")).to_contain_text("norm of the gradient")
    expect(file.get_by_role("heading")).to_have_text("Elman: Backward")


def test_a_network_that_was_built_plays_in_its_file(opened, alone):
    page = opened("/build")
    panel(page)
    _, document = taken(page, "HTML")
    file = alone(document.decode(), reduced_motion="reduce")
    reaches(file, state="unrolled", order=0, cursor=1)
    file.get_by_role("button", name="Order: one step forward").press("Enter")
    reaches(file, order=1)
    file.get_by_role("button", name="One step forward", exact=True).press("Enter")
    reaches(file, cursor=2)
    file.get_by_role("button", name="Fold", exact=True).press("Enter")
    reaches(file, state="folded")
