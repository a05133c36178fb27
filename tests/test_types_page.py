"""The page of types without a browser: what is present at which step, padding, and a learner's own input."""

from __future__ import annotations

import re

import pytest
from streamlit.testing.v1 import AppTest

from explorer import application_views as views
from explorer import padding
from explorer.applications.kinds import KINDS
from tests.test_pages import number, opened, scene, sentences, tables, without_problems

OWN = {
    "one_to_one": "coffee",
    "one_to_many": "green circle 4 6 large",
    "many_to_one": "honestly the fish was not good",
    "aligned": "Maria left Siemens on Monday",
    "unaligned": "a small dog sleeps",
}


def at_type(kind: str, **link: str | int) -> AppTest:
    return opened("sequence_types", type=KINDS[kind].short, **link)


def present(drawn: dict, role: str) -> set[int]:
    """Steps at which some layer of a role is drawn; the rule as the script reads it."""
    steps, found = drawn["steps"], set()
    for layer in drawn["layers"]:
        if layer["role"] == role:
            first, last, every = layer["presence"]
            end = steps if last is None else last if last > 0 else steps + 1 + last
            found |= set(range(first if first > 0 else max(1, steps + 1 + first), min(end, steps) + 1, every))
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_inputs_and_errors_stand_only_where_the_type_has_them(kind):
    app = at_type(kind, **{kind: OWN[kind]})
    assert without_problems(app), app.exception
    assert not app.info
    drawn = scene(app)
    T = drawn["steps"]
    everywhere = set(range(1, T + 1))
    first_input = next(layer for layer in drawn["layers"] if layer["role"] == "input")
    read = present({**drawn, "layers": [first_input]}, "input")
    said = present(drawn, "loss")
    assert said == present(drawn, "output")
    wanted = {
        "one_to_one": ({1}, {1}),
        "one_to_many": ({1}, everywhere - {1}),
        "many_to_one": (everywhere, {T}),
        "aligned": (everywhere, everywhere),
        "unaligned": (read, everywhere - read),
    }[kind]
    assert (read, said) == wanted
    found = views.shown(kind, OWN[kind])
    assert tuple(drawn["tokens"]) == found.asked.reading.shown
    assert found.asked.answer.said in [block.value for block in app.markdown]
    counted = f"Here: {len(read)} step{'s' * (len(read) > 1)} with an input, {len(said)} step"
    assert any(block.value.startswith(counted) for block in app.markdown)
    assert not tables(app), "without padding there is nothing to compare"


@pytest.mark.parametrize("kind", KINDS)
def test_padding_is_drawn_as_absent_and_compared(kind):
    app = at_type(kind, pad=3, **{kind: OWN[kind]})
    assert without_problems(app), app.exception
    drawn, plain = scene(app), views.shown(kind, OWN[kind])
    padded = padding.padded(KINDS[kind].application, plain, 3)
    T = plain.ran.trace.steps
    assert drawn["steps"] == T + padded.before + padded.after > T
    shown = [t for t, token in enumerate(drawn["tokens"], 1) if token != padding.PAD]
    assert shown == list(range(1 + padded.before, T + padded.before + 1))
    for role in ("input", "state", "hidden", "output", "loss"):
        assert present(drawn, role) <= set(shown), role
    assert drawn["cursor"] == plain.telling + padded.before
    places = (
        f"{padded.before} before the input" * bool(padded.before),
        f"{padded.after} after the answer" * bool(padded.after),
    )
    said = " and ".join(filter(None, places))
    assert any(block.value.endswith(f"padded by {said}.") for block in app.markdown)
    (rows,) = tables(app)
    assert all(number(row[1]) < 1e-9 for row in rows), "with the mask"
    assert any(number(row[2]) > 1e-6 for row in rows), "without it"


def test_the_cursor_may_stand_on_a_padded_step():
    app = at_type("many_to_one", pad=4, t=2, node="h")
    assert without_problems(app), app.exception
    assert scene(app)["cursor"] == 2


def test_each_type_keeps_its_own_input():
    app = at_type("many_to_one", many_to_one="rather good")
    app.segmented_control(key="type").set_value("aligned").run()
    app.text_input(key="aligned").set_value("May met Tim").run()
    assert scene(app)["tokens"] == ["may", "met", "tim"]
    app.number_input(key="pad").set_value(2).run()
    assert scene(app)["tokens"] == ["may", "met", "tim", padding.PAD, padding.PAD]
    app.segmented_control(key="type").set_value("many_to_one").run()
    assert scene(app)["tokens"] == [padding.PAD, padding.PAD, "rather", "good"]
    assert without_problems(app), app.exception


@pytest.mark.parametrize("kind", KINDS)
def test_what_cannot_be_read_is_said(kind):
    app = at_type(kind, pad=1, **{kind: "<b>zzyzx</b> $x$ :red[x] 🐈"})
    assert without_problems(app), app.exception
    assert app.warning
    written = "\n".join(block.value for block in (*app.markdown, *app.caption, *app.warning))
    plain = re.sub(r"\\.", "", written).replace(r"$L$", "").replace(r"$\partial L/\partial\theta$", "")
    assert not re.search(r"<b>|\$x|:red\[", plain)
    assert "which there is not" not in sentences(app)


def test_padding_takes_the_cursor_along():
    app = at_type("many_to_one", t=1)
    app.number_input(key="pad").set_value(6).run()
    drawn = scene(app)
    assert drawn["tokens"][drawn["cursor"] - 1] != padding.PAD
    assert drawn["cursor"] in present(drawn, "loss")
