"""The pages on gradients in a real browser: a key press, the gradient running back, a long matrix."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from benchmarks.problem import NETWORKS
from benchmarks.report import Target
from benchmarks.timing import median, p95

Opener = Callable[..., AbstractContextManager[Any]]
Part = tuple[list[tuple[str, ...]], list[Target]]

WORDS = " ".join(["the cat sat on the mat and the dog"] * 6).rsplit(" ", 5)[0]
"""49 words: T = 50 steps."""
MOST = {"backward": 120.0, "vanishing": 200.0, "long": 1000.0}
LEAST_FRAMES = 55.0
PRESSES, LONG_PRESSES = 40, 8
CHARTS = (".js-plotly-plot .heatmaplayer",)


def parts(opened: Opener) -> list[Part]:
    """Everything measured on these pages."""
    return [
        _backward(opened),
        _vanishing(opened),
        _long(opened),
        *(_played(opened, name) for name in ("Elman", "LSTM")),
    ]


def _row(what: str, values: list[float], form: str) -> tuple[str, ...]:
    return what, format(median(values), form), format(p95(values), form), str(len(values))


def _part(what: str, delays: list[float], most: float) -> Part:
    worst = p95(delays)
    return [_row(what, delays, ".0f")], [Target(f"{what}, p95", f"≤ {most:.0f}", f"{worst:.0f}", worst <= most)]


def _pressed(page: Any, key: str) -> float:
    page.keyboard.press(key)
    return float(page.wait_for_function("window.benchDelay", polling=20, timeout=20_000).json_value())


def _backward(opened: Opener) -> Part:
    delays = []
    with opened(f"/backward?{urlencode({'text': WORDS, 't': 50})}", (".katex annotation",)) as page:
        page.locator(".unroll-diagram .scroller").focus()
        for t in range(49, 49 - PRESSES, -1):
            page.wait_for_timeout(250)
            page.evaluate("t => bench.recordNumbers(`\\\\partial h_{${t}}`)", t)
            delays.append(_pressed(page, "ArrowLeft"))
    return _part("key press to new numbers painted, Backward, T = 50, ms", delays[3:], MOST["backward"])


def _vanishing(opened: Opener) -> Part:
    delays = []
    with opened(f"/vanishing?{urlencode({'hidden': 32, 'length': 100, 'at': 100})}", CHARTS, has_diagram=False) as page:
        page.get_by_role("spinbutton", name="Error at step t").focus()
        for t in range(99, 99 - PRESSES, -1):
            page.wait_for_timeout(400)
            page.evaluate("t => bench.recordCharts(t)", t)
            delays.append(_pressed(page, "ArrowDown"))
    return _part("key press to both charts painted, Vanishing, T = 100, H = 32, ms", delays[3:], MOST["vanishing"])


def _long(opened: Opener) -> Part:
    delays = []
    with opened(
        f"/vanishing?{urlencode({'hidden': 64, 'length': 1000 - LONG_PRESSES, 'arch2': NETWORKS['GRU']})}",
        CHARTS,
        has_diagram=False,
    ) as page:
        page.get_by_role("spinbutton", name="Length T").focus()
        for length in range(1001 - LONG_PRESSES, 1001):
            page.wait_for_timeout(1500)
            page.evaluate("t => bench.recordCharts(t)", length)
            delays.append(_pressed(page, "ArrowUp"))
    return _part("key press to the matrices of T = 1000 painted, Elman beside GRU, H = 64, ms", delays, MOST["long"])


def _played(opened: Opener, network: str) -> Part:
    with opened(f"/backward?{urlencode({'text': WORDS, 't': 50, 'arch': NETWORKS[network]})}") as page:
        page.wait_for_timeout(500)
        page.evaluate("bench.recordPlay()")
        page.locator(".unroll-diagram .group.time button").first.click()
        frames = page.wait_for_function("window.benchFrames", timeout=120_000).json_value()
    began = next(i for i, (one, other) in enumerate(pairwise(frames)) if one[1] != other[1])
    moving = frames[began:]
    rate = 1e3 * (len(moving) - 1) / (moving[-1][0] - moving[0][0])
    gaps = [other[0] - one[0] for one, other in pairwise(moving)]
    what = f"gradient running back, {network}, T = 50"
    rows = [_row(f"{what}: frames a second", [rate], ".1f"), _row(f"{what}: ms from frame to frame", gaps, ".1f")]
    met = rate >= LEAST_FRAMES
    return rows, [Target(f"{what}: frames a second", f"≥ {LEAST_FRAMES:.0f}", f"{rate:.1f}", met)]
