"""What the pages of applications and types compute: attributions, scores, padding, and how answers are drawn."""

from __future__ import annotations

import io
import re
import wave
from dataclasses import replace

import numpy as np
import pytest

from explorer import application_views as views
from explorer import forward, padding
from explorer.applications import APPLICATIONS, shelf
from explorer.applications.application import UNSURE, Curves, Guess, Picture, Sound, Spoken
from explorer.applications.kinds import KINDS
from explorer.engine.attribution import answer_gradients, gradient_times_input
from explorer.figures import answers, exhibits
from explorer.reports import Report, shipped
from explorer.tasks.problem import ACCURACY, MEAN_SQUARE

RNG = np.random.default_rng(7)
WRONG = {
    "speech": "9 5 1 noise 3",
    "voice": "growl 200 Hz",
    "prices": "100 101 99.5 102 103",
}
"""Inputs at which the network does not say what is known to be right, or where nothing is."""


def shown(kind: str) -> tuple[str, views.Answered]:
    """The application that shows a type, and the type at work on its example."""
    return KINDS[kind].application, views.shown(kind, KINDS[kind].example)


# ---- attributions -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_what_mattered_is_what_makes_the_answer_more_certain(kind):
    """By central differences of ln y: the input of one step made larger and smaller by a little."""
    _, found = shown(kind)
    trace = found.ran.trace
    T, t = trace.steps, found.answering[-1]
    (k, _, amount), *_ = found.mattered(t)
    assert amount == found.attributions[t - 1, k - 1]
    assert amount == pytest.approx(slope(found, t, k, np.log), rel=1e-5)
    largest = np.abs(found.bars).max(axis=1)
    np.testing.assert_allclose(largest, np.ones(T), err_msg="each answer's bars have a scale of their own")


@pytest.mark.parametrize(("name", "text"), WRONG.items())
def test_bars_explain_what_was_said_whatever_would_have_been_right(name, text):
    found = views.answered(name, text)
    t = next(t for t in found.answering if found.ran.reading.aims[t - 1] != found.word(t))
    row = found.attributions[t - 1]
    ks = np.argsort(-np.abs(row))[:3] + 1
    kind = np.log if found.ran.reading.answers else np.positive  # of a number, the number itself
    np.testing.assert_allclose(row[ks - 1], [slope(found, t, k, kind) for k in ks], rtol=1e-5)


def test_a_word_that_is_begun_is_explained_as_it_is_completed():
    found = views.answered("complete", "she does not like to wat")
    assert found.word(found.answering[-1]) == found.asked.answer.ranked[0].text == "watch"
    trace = found.ran.trace
    assert found.ran.reading.answers[trace["y"][-1, 0].argmax()] != "watch"


def slope(found: views.Answered, t: int, k: int, measured) -> float:
    """How fast what is said at t grows as the input of step k is made larger, by central differences."""
    trace, said = found.ran.trace, []
    for sign in (1, -1):
        moved = {name: trace[name][1:].copy() for name in trace.inputs}
        for array in moved.values():
            array[k - 1] *= 1 + sign * 1e-5
        said.append(measured(forward(trace.graph, trace.parameters, moved)["y"][t, 0, found.said[t - 1]]))
    return (said[0] - said[1]) / 2e-5


def test_a_step_without_an_answer_has_the_bars_of_the_next_one_that_answers():
    _, found = shown("many_to_one")
    T = found.ran.trace.steps
    assert found.answering == (T,)
    assert {found.explained(t) for t in range(1, T + 1)} == {T}
    row = gradient_times_input(answer_gradients(found.ran.trace))[T - 1]
    np.testing.assert_allclose(found.attributions, np.tile(row, (T, 1)), rtol=1e-10)


def test_the_spots_of_a_picture_add_up_to_its_bar():
    _, found = shown("one_to_many")
    assert found.spots(2).shape == found.asked.exhibit.pixels.shape[:2]
    for t in found.answering:
        assert found.spots(t).sum() == pytest.approx(found.attributions[t - 1, 0])
    assert shown("many_to_one")[1].spots(1) is None


# ---- scores -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("metric", "score", "baseline", "sentence"),
    [
        (ACCURACY, 0.9, 0.5, "The network makes 20.0% of the naive rule's error."),
        (ACCURACY, 1.0, 0.5, "The network makes less than 0.1% of the naive rule's error."),
        (ACCURACY, 0.5, 0.5, "The network is no better than the naive rule."),
        (ACCURACY, 0.4, 0.5, "The network is no better than the naive rule."),
        (ACCURACY, 1.0, 1.0, "The network is no better than the naive rule."),
        (MEAN_SQUARE, 0.99, 1.0, "The network is hardly better than the naive rule: it makes 99.0% of its error."),
        (MEAN_SQUARE, 1.2, 1.0, "The network is no better than the naive rule."),
        (MEAN_SQUARE, 0.2, 1.0, "The network makes 20.0% of the naive rule's error."),
    ],
)
def test_the_verdict_follows_from_the_numbers(metric, score, baseline, sentence):
    report = Report(metric, score, baseline, "always the same", 10)
    assert report.verdict == sentence
    assert report.is_worth_it == ("20.0%" in sentence or "less than" in sentence)


def test_almost_perfect_is_not_perfect():
    report = Report(ACCURACY, 0.9997, 0.5, "always the same", 10)
    assert [report.written(number) for number in (0.9997, 0.5, 1.0, 0.0001)] == [
        "almost 100.0%",
        "50.0%",
        "100.0%",
        "0.0%",
    ]


@pytest.mark.parametrize("name", APPLICATIONS)
def test_the_size_of_a_network_is_that_of_its_file(name):
    path = shelf.NETWORKS / f"{name}.npz"
    with np.load(path) as stored:
        numbers = sum(stored[key].size for key in stored.files)
    found = shipped(name)
    assert (found.parameters, found.bytes) == (numbers, len(path.read_bytes()))
    assert found.command.endswith(f"train {name}")


# ---- types and padding ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", KINDS)
def test_a_type_is_shown_by_an_application_of_it(name):
    kind = KINDS[name]
    assert kind.application in APPLICATIONS


def test_types_differ_in_the_steps_that_read_and_the_steps_that_answer():
    steps = {}
    for kind in KINDS:
        _, found = shown(kind)
        graph, T = found.ran.graph, found.ran.trace.steps
        steps[kind] = T, len(graph.with_role("input")[0].presence.steps(T)), len(found.answering)
    T, read, said = steps["many_to_one"]
    assert (read, said) == (T, 1)
    assert T > 1
    T, read, said = steps["aligned"]
    assert read == said == T > 1
    assert steps["one_to_one"] == (1, 1, 1)
    T, read, said = steps["one_to_many"]
    assert read == 1
    assert said == T - 1 > 1
    T, read, said = steps["unaligned"]
    assert read > 1
    assert said == T - read > 1
    assert read != said


def test_a_single_step_is_an_ordinary_network_without_a_past():
    name, found = shown("one_to_one")
    W = shelf.weights(name)
    (token,) = found.asked.reading.inputs["x"][:, 0]
    gates = {k: W[f"W_x{k}"][token] + W[f"b_{k}"] for k in "igo"}
    i, o = (1 / (1 + np.exp(-gates[k])) for k in "io")
    h = o * np.tanh(i * np.tanh(gates["g"]))
    a = h @ W["W_hy"] + W["b_y"]
    y = np.exp(a - a.max()) / np.exp(a - a.max()).sum()
    words = APPLICATIONS[name].ask("", lambda batch: shelf.run(name, batch)).reading.answers
    assert [guess.text for guess in found.asked.answer.ranked] == [words[u] for u in np.argsort(-y)[:5]]
    assert found.asked.answer.ranked[0].probability == pytest.approx(y.max())


@pytest.mark.parametrize("kind", KINDS)
def test_padding_with_a_mask_changes_nothing_and_without_one_it_does(kind):
    name, plain = shown(kind)
    for steps in (1, 4):
        found = padding.padded(name, plain, steps)
        for gap in (found.masked.values, found.masked.loss, found.masked.gradient):
            assert gap < 1e-9
        assert max(found.unmasked.values, found.unmasked.loss) > 1e-6
        total = plain.ran.trace.steps + found.before + found.after
        assert {found.before, found.after} <= {0, steps}
        assert found.before + found.after > 0
        assert found.ran.trace.steps == found.ran.reading.steps == total
        real = range(1 + found.before, total - found.after + 1)
        for layer in found.ran.graph.layers:
            values = found.ran.shown(layer.name)[1:]
            there = {int(t) + 1 for t in np.flatnonzero(~np.isnan(values).any(axis=1))}
            assert there == {
                t + found.before for t in plain.ran.graph[layer.name].presence.steps(plain.ran.trace.steps)
            }
            assert there <= set(real), "padded steps are absent"
        for place in (found.ran.reading.shown[: found.before], found.ran.reading.shown[total - found.after :]):
            assert set(place) <= {padding.PAD}


def test_no_padding_is_no_padding():
    name, plain = shown("many_to_one")
    found = padding.padded(name, plain, 0)
    assert found.masked == found.unmasked == padding.Gaps(0.0, 0.0, 0.0)
    assert found.ran.graph == plain.ran.graph


# ---- answers and exhibits ---------------------------------------------------------------------------------------


def test_every_word_has_its_label_under_it_and_nothing_is_markup():
    said = [Spoken(t, Guess("<b>", 0.3 + 0.2 * t)) for t in (1, 2)]
    html = answers.labelled(said, ["<script>", "a&b"])
    assert re.findall("<b>(.*?)</b>", html) == ["&lt;b&gt;"] * 2
    assert "&lt;script&gt;" in html
    assert "a&amp;b" in html
    assert html.count("<li") == 2
    assert html.count("unsure") == 2, "once as a mark, once in words"
    assert "<span" not in answers.labelled(said, ())
    assert "&lt;b&gt;" in answers.ranked([Guess("<b>", 0.7), Guess("c", 0.3)])


def test_many_steps_are_shown_as_runs():
    labels = [*["silence"] * 30, *["one"] * 20, "silence"]
    said = [Spoken(t, Guess(label, 0.9)) for t, label in enumerate(labels, 1)]
    html = answers.labelled(said, [f"w{t}" for t in range(1, 52)])
    assert re.findall("<b>(.*?)</b>", html) == ["silence", "one", "silence"]
    assert re.findall('<span dir="auto">(.*?)</span>', html) == ["w1 … w30", "w31 … w50", "w51"]
    letters = answers.labelled(said, list("ACGT" * 13)[:51])
    assert re.findall('<span dir="auto">(.*?)</span>', letters)[1:] == ["GTACGTACGTACGTACGTAC", "G"]


def test_a_recording_is_what_was_synthesised():
    sound = Sound(8000, RNG.uniform(-1, 1, 900), "noise")
    with wave.open(io.BytesIO(exhibits.recording(sound))) as file:
        assert (file.getframerate(), file.getnchannels(), file.getnframes()) == (8000, 1, 900)
        samples = np.frombuffer(file.readframes(900), "<i2") / 32767
    np.testing.assert_allclose(samples, sound.samples, atol=1 / 32767)


def test_the_wave_of_a_long_sound_keeps_its_peaks():
    samples = RNG.uniform(-0.5, 0.5, 20_000)
    samples[[777, 15_001]] = 0.9, -0.8
    seconds, drawn = exhibits.envelope(Sound(10_000, samples, "noise with two clicks"))
    assert len(drawn) == len(seconds) == 2 * exhibits.MOST_COLUMNS
    assert (drawn.max(), drawn.min()) == (0.9, -0.8)
    assert seconds[drawn.argmax()] == pytest.approx(0.0777, abs=0.01)
    empty = Sound(8000, np.zeros(0), "nothing")
    assert exhibits.waveform(empty).data[0].x.size == 0


def test_a_picture_keeps_its_pixels():
    pixels = RNG.uniform(0, 1, (9, 12, 3))
    large = exhibits.enlarged(Picture(pixels, "noise"))
    assert large.shape == (180, 240, 3)
    np.testing.assert_array_equal(large[10::20, 10::20], np.round(255 * pixels))


def test_curves_are_told_apart_without_colour():
    lines = tuple((name, RNG.normal(size=5)) for name in ("price", "network", "naive"))
    figure = exhibits.curves(Curves(lines, "dollars", "prices"))
    assert len({trace.line.dash for trace in figure.data}) == 3
    assert [trace.name for trace in figure.data] == ["price", "network", "naive"]
    assert figure == exhibits.curves(Curves(lines, "dollars", "prices"))


def test_padding_goes_where_a_batch_has_it():
    name, plain = shown("many_to_one")
    found = padding.padded(name, replace(plain), 2)
    assert (found.before, found.after) == (2, 0)
    name, plain = shown("aligned")
    assert (padding.padded(name, plain, 2).before, padding.padded(name, plain, 2).after) == (0, 2)
    name, plain = shown("unaligned")
    assert (padding.padded(name, plain, 2).before, padding.padded(name, plain, 2).after) == (2, 2)


def test_what_is_left_of_an_input_has_doubts_of_its_own():
    """The type of one input reads the last word alone: nothing that was said of the others is true of it."""
    for text in ("zzyzx coffee", "word " * 100 + "coffee", "good"):
        asked = views.shown("one_to_one", text).asked
        doubts = " ".join(asked.answer.doubts)
        assert not re.search("zzyzx|words|vocabulary", doubts), doubts
        assert ("not sure" in doubts) == (asked.answer.ranked[0].probability < UNSURE)
        assert doubts.count("not sure") <= 1
    assert "“zzyzx”" in " ".join(views.shown("one_to_one", "good zzyzx").asked.answer.doubts)
