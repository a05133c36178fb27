"""The page Questions without a browser: every answer with its number, and every link followed."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from explorer.page_settings.questions import PARTS
from explorer.questions import entries
from pages.address import _TABLE as KNOWN
from tests.test_pages import opened, without_problems


def at(part: str) -> AppTest:
    app = opened("questions", part=PARTS[part])
    assert without_problems(app), app.exception
    return app


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


def test_a_followed_link_shows_the_number_that_was_said():
    (entry,) = [entry for entry in entries("limits") if "size that does not grow" in entry.title]
    there = opened("unroll", **dict(entry.links[0].query))
    assert without_problems(there)
    table = next(block.value for block in there.markdown if block.value.startswith("| | cycles"))
    assert "T = 200" in table
    assert table.count("191") == 2
    assert "**191**" in entry.written()
