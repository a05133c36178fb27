"""The Train page in a real browser: a key press in another control while two networks are being trained."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import urlencode

from benchmarks.report import Target
from benchmarks.timing import median, p95

Opener = Callable[..., AbstractContextManager[Any]]
Part = tuple[list[tuple[str, ...]], list[Target]]

MOST, SPAN = 250.0, 30
PRESSES = 40
LINK = {"task": "Copy memory", "span": SPAN, "units": 32, "speed": "fast", "iterations": 20_000}
CHARTS = (".js-plotly-plot",)


def parts(opener: Opener) -> list[Part]:
    """Everything measured on this page."""
    return [_pressed_while_training(opener)]


def _pressed_while_training(opener: Opener) -> Part:
    delays, iterations = [], []
    with opener(f"/train?{urlencode(LINK)}", CHARTS, has_diagram=False) as page:
        page.get_by_role("button", name="Start", exact=True).click()
        page.get_by_role("button", name="Pause", exact=True).wait_for()
        page.get_by_role("spinbutton", name="Steps of the task").focus()
        page.wait_for_timeout(1500)
        for span in range(SPAN + 1, SPAN + 1 + PRESSES):
            iterations.append(_iteration(page))
            page.evaluate("text => bench.recordText(text)", f"steps {SPAN} instead of {span}.")
            page.keyboard.press("ArrowUp")
            delays.append(float(page.wait_for_function("window.benchDelay", polling=20, timeout=20_000).json_value()))
            page.wait_for_timeout(330)
        went_on = page.get_by_role("button", name="Pause", exact=True).count() == 1 and _iteration(page) > iterations[0]
    delays = delays[3:]
    worst = p95(delays)
    what = "key press to the new value painted, Train, while Elman and LSTM train (T = 50, H = 32), ms"
    row = what, format(median(delays), ".0f"), format(worst, ".0f"), str(len(delays))
    target = Target(f"{what}, p95", f"≤ {MOST:.0f}", f"{worst:.0f}", worst <= MOST and went_on)
    return [row], [target]


def _iteration(page: Any) -> int:
    words = page.get_by_test_id("stProgress").inner_text()
    return int(words.split(" of ")[0].removeprefix("Iteration ").replace(",", ""))
