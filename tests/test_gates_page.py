"""The Gates page without a browser, as a link would open it."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pytest

from explorer.architectures import ARCHITECTURES
from explorer.equations import power
from explorer.figures.gates import Curve, Strip, over_time
from explorer.gate_reach import consequence
from explorer.gate_views import gated
from explorer.gates import CHANGES, gated_architectures, letters
from explorer.settings import FIELDS, Network
from tests.test_gates import FOUND
from tests.test_pages import alternatives, charts, numbers_of, opened, scene, seen, sentences, tables, without_problems

GATED = gated_architectures()
TITLES = {name: change.title for name, change in CHANGES.items()}


def words(app) -> str:
    return "\n".join(block.value for block in app.markdown)


def figure(app) -> dict:
    """The chart of strips and curves; where vectors are long there is one more."""
    return charts(app)[0]


def heats(app) -> dict[str, np.ndarray]:
    """Values (T, units) by gate, as they are drawn."""
    found = {}
    for trace in figure(app)["data"]:
        if trace["type"] == "heatmap":
            axis = figure(app)["layout"]["yaxis" + trace["yaxis"].removeprefix("y")]
            found[axis["ticktext"][0]] = numbers_of(trace["z"]).T
    return found


def lines(app) -> dict[str, dict]:
    return {trace["name"]: trace for trace in figure(app)["data"] if trace["type"] == "scatter"}


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_network_can_be_opened(name):
    app = seen("gates", arch=ARCHITECTURES[name].title, hidden=3)
    assert without_problems(app), app.exception
    assert not app.info
    shown = ARCHITECTURES[name if name in GATED else GATED[0]].title
    assert scene(app)["title"] == shown
    assert shown in words(app)
    assert ("has no gates (choose another above)" in words(app)) == (name not in GATED)
    cell = FOUND[name if name in GATED else GATED[0]][0]
    assert {title[0] for title in heats(app)} == set(cell)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("gate", letters())
@pytest.mark.parametrize("name", ["lstm_peephole", "encoder_decoder_gru"])
def test_every_gate_can_be_changed(name, gate, change):
    link = {"arch": ARCHITECTURES[name].title, "gate": letters()[gate], "change": TITLES[change]}
    app = seen("gates", keep=1, hidden=3, **link)
    assert without_problems(app), app.exception
    has, keep = gate in FOUND[name][0], next(iter(FOUND[name][1]))
    assert bool(app.info) == (not has and change != "none")
    touched = gate if has else keep
    drawn = {title[0]: values for title, values in heats(app).items()}
    assert set(drawn) == set(FOUND[name][0]) - ({touched} if change == "removed" else set())
    if change in ("open", "shut"):
        held = drawn[touched]
        assert (held[np.isfinite(held)] == (change == "open")).all()
    assert ("as it is" in lines(app), any(change in title for title in lines(app))) == (True, change in words(app))
    boxes = {layer["label"][0] for layer in scene(app)["layers"]}
    assert (touched in boxes) == (change != "removed")


def test_the_curves_are_the_measured_ones():
    app = seen("gates", arch="LSTM", gate=letters()["o"], change=TITLES["open"], keep=2)
    view = gated(Network(arch="lstm"), "o", "open", 2.0)
    found = consequence(view, view.cell_of(None))
    drawn = lines(app)
    assert list(drawn) == ["as it is", "o open", "Π f", "Elman", "σ(b)ᵏ"]
    T = view.whole.trace.steps
    for title, log10 in (
        ("as it is", found.whole.kept),
        ("o open", found.changed.kept),
        ("Π f", found.changed_direct),
        ("Elman", found.bare.kept),
        ("σ(b)ᵏ", found.idle),
    ):
        np.testing.assert_array_equal(numbers_of(drawn[title]["x"]), np.arange(T, 0, -1))
        np.testing.assert_array_equal(numbers_of(drawn[title]["y"]), log10)
    assert len({trace["line"]["dash"] for trace in drawn.values()}) == len(drawn)  # never by colour alone
    np.testing.assert_allclose(heats(app)["i"], view.changed.trace["i"][1:, 0])


def test_the_strips_are_gradients_of_the_total_error_side_by_side():
    for arch, labels in (("LSTM", ["‖∂L/∂c_t‖", "‖∂L/∂h_t‖"]), ("GRU, reset after product", ["‖∂L/∂h_t‖"])):
        tracks = scene(seen("gates", arch=arch))["tracks"]
        assert [track["label"] for track in tracks] == labels
        assert all(track["log"] for track in tracks)


def test_the_facts_are_the_engines():
    app = seen("gates", arch="LSTM", change=TITLES["removed"])
    view = gated(Network(arch="lstm"), "f", "removed", 0.0)
    (rows,) = tables(app)
    assert [row[0] for row in rows] == ["as it is", "f removed", "Elman"]
    for row, run in zip(rows, (view.whole, view.changed, view.bare), strict=True):
        assert float(row[1]) == pytest.approx(run.trace.loss, rel=5e-3)
        assert int(row[2].replace(",", "")) == sum(array.size for array in run.trace.parameters.values())


def test_what_is_left_is_said_above_the_picture_too():
    app = seen("gates", arch="LSTM", change=TITLES["shut"])
    view = gated(Network(arch="lstm"), "f", "shut", 0.0)
    found = consequence(view, view.cell_of(None))
    left = [power(float(of.kept[-1])) for of in (found.whole, found.changed, found.bare)]
    assert "as it is **{}**, f shut **{}**, Elman **{}**.".format(*left) in words(app)
    assert "f shut" not in words(seen("gates", arch="LSTM"))


def test_the_sentence_says_what_was_measured():
    free = words(seen("gates", arch="LSTM", keep=3))
    assert f"$\\sigma(b)^{{6}}$ = {1 / (1 + np.exp(-3)) ** 6:.3g} would pass" in free
    shut = words(seen("gates", arch="LSTM", change=TITLES["shut"]))
    assert "lets 0 through" in shut
    assert "While $f$ is held, its bias has no effect" in shut
    assert "No gate stands on the direct way" in words(seen("gates", arch="LSTM", change=TITLES["removed"]))
    nothing = words(seen("gates", arch="LSTM", gate=letters()["o"], change=TITLES["shut"]))
    assert "does not reach $c_{7}$ at all" in nothing
    (said,) = figure(seen("gates", arch="LSTM", gate=letters()["o"], change=TITLES["shut"]))["layout"]["annotations"]
    assert said["text"] == "o shut: exactly 0"


@pytest.mark.parametrize("bias", [2.0, 2.5, 3.0, 4.0])
def test_the_question_has_an_answer(bias):
    """From some bias on more is left at the first step than without gates, and at 0 less."""
    left = {}
    for keep in (0.0, bias):
        view = gated(Network(arch="lstm"), "f", "none", keep)
        found = consequence(view, view.cell_of(None))
        left[keep] = found.whole.kept[-1] > found.bare.kept[-1]
    assert not left[0.0]
    assert left[bias] == (bias > 2.0)


def test_a_gate_lights_up_when_it_is_chosen():
    app = opened("gates", arch="LSTM")
    assert scene(app)["selected"]["layer"] == "f"
    app.selectbox(key="gate").set_value("i").run()
    assert scene(app)["selected"]["layer"] == "i"
    app.selectbox(key="change").set_value("removed").run()
    assert without_problems(app)
    assert scene(app)["selected"]["layer"] == "c"


def test_the_level_that_is_selected_is_shown():
    for node, mark in (("i_1", "1"), ("c_2", "2"), ("y", "2")):
        app = seen("gates", arch="LSTM", depth=2, node=node)
        assert {re.search(r"\d", title)[0] for title in heats(app)} == {mark}


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ({"gate": "q"}, "The link asks for a gate 'q', which there is not; forget gate f is shown."),
        ({"change": "wobble"}, "The link asks for a change 'wobble', which there is not; free is shown."),
        ({"keep": "99"}, "Keep bias b runs from -6.0 to 6.0; the link says '99', so 6.0 is shown."),
    ],
)
def test_a_link_that_asks_in_vain_is_repaired(link, said):
    app = opened("gates", arch="LSTM", **link)
    assert without_problems(app)
    assert said in sentences(app)


def test_a_letter_in_a_link_is_understood():
    app = opened("gates", arch="LSTM", gate="O", change="SHUT")
    assert not app.info
    assert (app.session_state["gate"], app.session_state["change"]) == ("o", "shut")


def test_every_field_is_in_the_table():
    assert {"gate", "change", "keep"} <= set(FIELDS)


@pytest.mark.parametrize("text", ["a", "", "la " * 99, "x" * 1000])
def test_odd_sentences(text):
    assert without_problems(opened("gates", text=text, change=TITLES["open"]))


def test_the_chart_has_words_for_those_who_do_not_see_it():
    alternative = alternatives(seen("gates", arch="LSTM", change=TITLES["shut"]))[0]
    assert "f shut" in alternative
    assert "σ(b)ᵏ" in alternative
    assert "f 0" in alternative


# ---- the figure by itself ----------------------------------------------------------------------------------------


def drawn(steps: int = 5, strips: int = 2, dark: bool = False, log10=None):
    values = np.linspace(0, 1, steps * 3).reshape(steps, 3)
    log10 = np.linspace(0, -4, steps) if log10 is None else np.array(log10)
    curve = Curve("whole", "as it is", np.arange(steps, 0, -1), log10)
    shown = [Strip(f"gate {i}", values) for i in range(strips)]
    return over_time(shown, [curve], [f"w{t}" for t in range(steps)], 2, "share left", dark)


@pytest.mark.parametrize("strips", [0, 1, 3])
def test_strips_and_curves_share_the_steps(strips):
    made = drawn(strips=strips)
    assert sum(trace.type == "heatmap" for trace in made.data) == strips
    assert tuple(made.layout.xaxis.range) == (0.5, 5.5)
    assert all((shape.x0, shape.x1) == (1.5, 2.5) for shape in made.layout.shapes)
    domains = [made.layout[f"yaxis{i if i > 1 else ''}"].domain for i in range(1, strips + 2)]
    for above, below in pairwise(domains):
        assert below[1] < above[0]
    assert all(0 <= low < high <= 1 for low, high in domains)


def test_a_gate_is_painted_from_shut_to_open_in_the_colours_of_values():
    for dark in (False, True):
        heat = drawn(dark=dark).data[-1]
        assert (heat.zmin, heat.zmax) == (0, 1)
    assert drawn(dark=True).to_json() != drawn().to_json()
    assert drawn().to_json() == drawn().to_json()


def test_a_curve_that_is_zero_is_said_and_not_drawn():
    made = drawn(steps=3, log10=[-np.inf] * 3)
    assert np.isnan(made.data[0].y).all()
    assert made.layout.annotations[0].text == "as it is: exactly 0"
    assert np.isfinite(made.layout.yaxis.range).all()


def test_what_a_float_cannot_hold_is_drawn_and_told():
    made = drawn(steps=4, log10=[0, -400, -np.inf, np.nan])
    assert made.data[0].y.tolist()[:2] == [0, -400]
    assert list(made.data[0].customdata) == ["1.00", "1.00·10⁻⁴⁰⁰", "0", "–"]
    assert made.layout.yaxis.range[0] < -400


def test_the_smallest_share_has_a_place_on_the_axis():
    made = drawn(steps=3, log10=[0, -150, -290])
    low, high = made.layout.yaxis.range
    assert low < -290
    assert high > 0
    assert len(made.layout.yaxis.tickvals) <= 8


def test_long_sentences_are_numbered():
    assert drawn(steps=6).layout.xaxis.ticktext == tuple(f"w{t}" for t in range(6))
    assert drawn(steps=60).layout.xaxis.ticktext is None
