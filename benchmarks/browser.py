"""The pages in a real browser: frames of the animation, dragging, a key press, the first page."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np

from benchmarks import gradient_pages, training_page
from benchmarks.problem import NETWORKS
from benchmarks.report import Section, Table, Target
from benchmarks.timing import median, p95

SCRIPT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
LEAST_FRAMES = {50: 55.0, 200: 50.0}
"""Frames a second of the unrolling over T steps."""
MOST_DELAY, MOST_LOAD = 100.0, 3.0
MORPHS, LOADS, DRAGS = 3, 10, 3
DRAG = 6, 150
"""From this T to that one."""
SENTENCE = " ".join(["the cat sat on the mat and the dog"] * 6).rsplit(" ", 5)[0]
"""49 words, which with the end of the sentence are T = 50 steps."""
TEXT = """
Chromium without a graphics card and without a window, 1280 × 720, against a server started by the project's launcher
on the same machine. These are times on the wall, so whatever else the machine does counts against them.

* *Unrolling*: `requestAnimationFrame` callbacks from the first to the last frame of the morph; {morphs} runs each, the
  middle one. A display of 60 frames a second is simulated, so 60 is the most there can be.
* *Dragging*: the mouse takes hold of the length control at T = {first}, moves to about T = {last} in a second and lets
  go; counted are the different lengths painted in between, before the server has heard of any.
* *Key*: ArrowLeft on the Forward page at T = 50, until all formulas with the new numbers are in the page and a frame
  with them has been painted.
* *Key, Backward*: likewise, the derivative of the state at T = 50. *Key, Vanishing*: ArrowDown in the field of the
  error's step at T = 100, H = 32, an Elman network beside an LSTM, until both charts are drawn anew and the script
  rests.
* *Key, Train*: ArrowUp in the field of the task's steps while an Elman and an LSTM network are being trained as fast as
  they go, T = 50, H = 32, until the page says what the controls now ask for and a frame with it has been painted. The
  run must have gone on meanwhile.
* *Gradient*: frames while Play carries the gradient back over T = 50 steps.
* *Long matrix*: ArrowUp in the field of the length, from 999 to 1000 steps with H = 64, until both charts are painted.
* *First page*: from the start of navigation in a fresh profile until the diagram is there, the script has run, and the
  fonts are loaded; the server has answered before.
"""


def section() -> Section:
    """Everything, in one browser and on one server."""
    if not importlib.util.find_spec("playwright"):
        return Section("Browser", "Not measured: Playwright is not installed (`pip install playwright`).")
    with _pages() as (browser, server):
        opener = partial(_page, browser, server)
        parts = [
            _loads(browser, server),
            _keys(browser, server),
            *gradient_pages.parts(opener),
            *training_page.parts(opener),
            _drags(browser, server),
        ]
        parts.append(_morphs(browser, server))
        version = browser.version
    text = TEXT.format(morphs=MORPHS, first=DRAG[0], last=DRAG[1])
    rows = [row for table, _ in parts for row in table]
    table = Table(("what", "p50", "p95", "samples"), rows)
    targets = [target for _, targets in parts for target in targets]
    return Section(f"Browser (Chromium {version})", text, [table], targets)


@contextmanager
def _pages() -> Iterator[tuple[Any, str]]:
    from tests.support.browser import opened
    from tests.support.server import running

    with running() as server, opened() as browser:
        yield browser, server.url


@contextmanager
def _page(
    browser: Any, server: str, path: str, needed: tuple[str, ...] = (), has_diagram: bool = True
) -> Iterator[Any]:
    """A page in a fresh profile, complete."""
    from tests.support.browser import PROJECTOR
    from tests.support.look import context

    profile = context(browser, PROJECTOR, server)
    try:
        page = profile.new_page()
        page.add_init_script(SCRIPT)
        page.goto(path, wait_until="commit")
        page.milliseconds = page.wait_for_function(
            "bench.complete", arg={"needed": needed, "hasDiagram": has_diagram}, polling="raf"
        ).json_value()
        yield page
    finally:
        profile.close()


Part = tuple[list[tuple[str, ...]], list[Target]]


def _row(what: str, values: list[float], form: str) -> tuple[str, ...]:
    return what, format(median(values), form), format(p95(values), form), str(len(values))


def _loads(browser: Any, server: str) -> Part:
    rows, targets = [], []
    for path, title, needed in (("/", "Unroll", ()), ("/forward", "Forward", (".katex annotation",))):
        seconds = []
        for _ in range(1 + LOADS):
            with _page(browser, server, path, needed) as page:
                seconds.append(page.milliseconds / 1e3)
        seconds = seconds[1:]  # the first one warmed the server
        rows.append(_row(f"first page complete, {title}, s", seconds, ".2f"))
        worst = p95(seconds)
        what = f"first page complete, {title}, s, p95"
        targets.append(Target(what, f"≤ {MOST_LOAD:.0f}", f"{worst:.2f}", worst <= MOST_LOAD))
    return rows, targets


def _keys(browser: Any, server: str) -> Part:
    delays: list[float] = []
    with _page(browser, server, f"/forward?{urlencode({'text': SENTENCE})}", (".katex annotation",)) as page:
        steps = int(page.evaluate("bench.diagram().dataset.steps"))
        page.locator(".unroll-diagram .scroller").focus()
        for t in range(steps - 1, 0, -1):
            page.wait_for_timeout(250)
            page.evaluate("t => bench.recordNumbers(`x_{${t}}`)", t)
            page.keyboard.press("ArrowLeft")
            delays.append(page.wait_for_function("window.benchDelay", polling=20).json_value())
    delays = delays[3:]  # the first presses warm the page
    worst = p95(delays)
    what = f"key press to new numbers painted, T = {steps}, ms"
    target = Target(f"{what}, p95", f"≤ {MOST_DELAY:.0f}", f"{worst:.0f}", worst <= MOST_DELAY)
    return [_row(what, delays, ".0f")], [target]


def _drags(browser: Any, server: str) -> Part:
    rows, targets = [], []
    for network in ("Elman", "LSTM"):
        pictures, frames = [], []
        for _ in range(DRAGS):
            with _unrolled(browser, server, network, DRAG[0]) as page:
                seen = _drag(page)
            pictures.append(float(len({steps for _, steps in seen})))
            frames.append(_new_a_second(seen))
        rows += [
            _row(f"dragging the length, {network}: lengths painted while the mouse is down", pictures, ".0f"),
            _row(f"dragging the length, {network}: new pictures a second", frames, ".0f"),
        ]
        painted = median(pictures)
        what = f"dragging the length, {network}: different pictures painted before letting go"
        targets.append(Target(what, "> 1", f"{painted:.0f}", painted > 1))
    return rows, targets


def _drag(page: Any) -> list[tuple[float, str]]:
    slider = page.locator(".unroll-diagram .group.length input[type=range]")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    least, most = 1, 200
    thumb = 16
    places = [box["x"] + thumb / 2 + (box["width"] - thumb) * np.sqrt((T - least) / (most - least)) for T in DRAG]
    height = box["y"] + box["height"] / 2
    page.evaluate("bench.recordDrag()")
    page.mouse.move(places[0], height)
    page.mouse.down()
    for x in np.linspace(*places, 60):
        page.mouse.move(float(x), height)
        time.sleep(0.012)
    page.mouse.up()
    return page.wait_for_function("window.benchFrames").json_value()


def _morphs(browser: Any, server: str) -> Part:
    rows, targets = [], []
    for network in ("Elman", "LSTM"):
        for steps, least in LEAST_FRAMES.items():
            rates, gaps = [], []
            with _unrolled(browser, server, network, steps) as page:
                for _ in range(MORPHS):
                    frames = _morph(page)
                    rates.append(1e3 * (len(frames) - 1) / (frames[-1][0] - frames[0][0]))
                    gaps += list(np.diff([time for time, _ in frames]))
            what = f"unrolling, {network}, T = {steps}"
            rows += [
                _row(f"{what}: frames a second", rates, ".1f"),
                _row(f"{what}: ms from frame to frame", gaps, ".1f"),
            ]
            rate = median(rates)
            targets.append(Target(f"{what}: frames a second", f"≥ {least:.0f}", f"{rate:.1f}", rate >= least))
    return rows, targets


@contextmanager
def _unrolled(browser: Any, server: str, network: str, steps: int) -> Iterator[Any]:
    """The Unroll page after its opening animation."""
    with _page(browser, server, f"/?{urlencode({'T': steps, 'arch': NETWORKS[network]})}") as page:
        _reached(page, "unrolled")
        yield page


def _reached(page: Any, state: str) -> None:
    page.wait_for_function("state => bench.diagram().dataset.state === state", arg=state, polling=50)
    page.wait_for_timeout(300)


def _morph(page: Any) -> list[tuple[float, str]]:
    play = page.locator(".unroll-diagram .group.fold button.primary")
    play.click()
    _reached(page, "folded")
    page.evaluate("bench.recordMorph()")
    play.click()
    _reached(page, "unrolled")
    return page.wait_for_function("window.benchFrames").json_value()


def _new_a_second(frames: list[tuple[float, str]]) -> float:
    """Frames in which the picture changed, per second."""
    changed = sum(before != after for (_, before), (_, after) in pairwise(frames))
    return 1e3 * changed / (frames[-1][0] - frames[0][0])
