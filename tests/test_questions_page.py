"""The page Questions without a browser: every answer with its number, and every link followed."""

from __future__ import annotations

import base64
import json
import re
from functools import lru_cache
from urllib.parse import parse_qs

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from explorer import scripts
from explorer.equations import number
from explorer.page_settings.questions import PARTS
from explorer.questions import NUMBERS, entries, written
from pages.address import _TABLE as KNOWN
from tests.test_pages import alternatives, charts, opened, scene, seen, without_problems
from tests.test_scripts import run


def at(part: str) -> AppTest:
    app = opened("questions", part=PARTS[part])
    assert without_problems(app), app.exception
    return app


@lru_cache(maxsize=3)
def followed(part: str) -> AppTest:
    """The same, for tests that only look."""
    return at(part)


@pytest.mark.parametrize("part", PARTS)
def test_every_entry_is_there_with_its_numbers(part):
    shown = [block.value for block in at(part).markdown if block.value.startswith("**")]
    assert shown == [f"**{entry.title}**  \n{entry.written()}" for entry in entries(part)]


def test_the_parts_stand_beside_each_other():
    app = at("limits")
    app.segmented_control(key="part").select("glossary").run()
    assert without_problems(app)
    assert any("Hidden state" in block.value for block in app.markdown)


@pytest.mark.parametrize("part", PARTS)
def test_every_link_says_which_network_is_meant(part):
    links = [link.proto for link in at(part).get("page_link")]
    wanted = [link for entry in entries(part) for link in entry.links]
    assert [link.label for link in links] == [f"→ {link.label}" for link in wanted]
    for proto, link in zip(links, wanted, strict=True):
        query = {name: found[-1] for name, found in parse_qs(proto.query_string).items()}
        assert query.items() >= dict(link.query).items()
        if link.page in ("unroll", "forward", "backward", "vanishing", "gates"):
            assert {"arch", "text", "hidden", "seed", "act", "init", "gain", "bias", "trained"} <= set(query)
        for name, text in query.items():
            assert name in ("t", "node") or KNOWN[name].repaired(text)[1] is None, (name, text)


CALCULATED = {
    "unshared": "the product stands in the answer",
    "naive_loss": "a logarithm, in the answer",
    "naive_total": "its product with the targets",
    "output_sum": "the sum of what is listed there",
    "rtrl_gap": "rounding: the card has that of its own network",
}
"""Numbers that no page shows, each with where it comes from."""


def told(app: AppTest) -> str:
    """Everything that can be read on a page: text, tables, controls, and what is said of a picture or drawn in it."""
    blocks = [block.value for kind in ("markdown", "caption", "info") for block in getattr(app, kind)]
    controls = [f"{control.value:,}" for control in app.number_input if control.value is not None]
    markup = [re.sub("<[^>]*>", " ", html.proto.body) for html in app.get("html") if "<style" not in html.proto.body]
    drawn = [number(value) for chart in charts(app) for trace in chart["data"] for value in ends(trace)]
    if app.get("bidi_component"):
        view = scene(app)
        drawn += [json.dumps(view, ensure_ascii=False)]
        drawn += [number(x) for track in view["tracks"] for x in floats(track["data"])]
    return "\n".join([*blocks, *controls, *markup, *alternatives(app), *drawn])


def floats(packed: str) -> list[float]:
    return [float(x) for x in np.frombuffer(base64.b64decode(packed), "<f4")]


def ends(trace: dict) -> list[float]:
    """Where the curves of a trace begin and end, on its logarithmic scale."""
    y = trace.get("y")
    if not isinstance(y, dict) or trace["type"] != "scatter":
        return []
    values = np.frombuffer(base64.b64decode(y["bdata"]), y["dtype"]).astype(float)
    return [float(10**x) for x in values if np.isfinite(x) and abs(x) < 300]


def is_told(text: str, page: str) -> bool:
    return re.search(rf"(?<![\d.,·]){re.escape(text)}(?!\d|[.,]\d|·)", page) is not None


@pytest.mark.parametrize("entry", [entry for part in PARTS for entry in entries(part)], ids=lambda entry: entry.title)
def test_followed_links_show_the_numbers_that_were_said(entry):
    """On one of the pages that an answer leads to."""
    links = [link.proto for part in PARTS for link in followed(part).get("page_link")]
    labels = {f"→ {link.label}" for link in entry.links}
    pages = {}
    for proto in links:
        if proto.label in labels:
            asked = {name: found[-1] for name, found in parse_qs(proto.query_string).items()}
            for link in entry.links:
                if asked.items() >= dict(link.query).items() and proto.label == f"→ {link.label}":
                    pages[link] = seen(link.page, **asked)
    assert set(pages) == set(entry.links)
    assert all(without_problems(page) and not page.info for page in pages.values())
    texts = [told(page) for page in pages.values()]
    for place in set(entry.places) & set(NUMBERS) - set(CALCULATED):
        said = NUMBERS[place]()
        assert any(is_told(said, text) for text in texts), f"{place}: {said}"


def test_what_is_calculated_is_calculated_from_what_is_there():
    def of(name: str) -> float:
        return float(NUMBERS[name]().replace(",", ""))

    assert of("unshared") == of("steps") * of("parameters")
    assert of("naive_loss") == pytest.approx(np.log(of("inputs")), abs=0.005)
    assert of("naive_total") == pytest.approx(of("read_steps") * np.log(of("inputs")), abs=0.05)
    assert {place for part in PARTS for entry in entries(part) for place in entry.places} >= set(CALCULATED)


@pytest.mark.parametrize("part", PARTS)
def test_the_lines_of_python_say_the_same(part):
    assert run(scripts.questions(part))["text"] == written(part)[-1][1]
