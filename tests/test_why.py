"""Why recurrent: what has room and what not, what it costs, and what is learnt at one position and known at another."""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.architectures import ARCHITECTURES, build
from explorer.cost.counts import passes, stored
from explorer.cost.path import critical_path
from explorer.cost.ways import Work, cost
from explorer.documents import to_link
from explorer.drafts import STARTER
from explorer.engine.forward import forward
from explorer.figures import why
from explorer.figures.slots import slots
from explorer.graph import Connection, Graph, Layer
from explorer.page_settings.why import FIELDS, LAST, MOST_FOLLOWING, USUAL_POSITIONS, positions
from explorer.parameters import initialize
from explorer.positions.learning import RUNS, TESTED, Experiment, Learning, Outcome, learn
from explorer.positions.phrases import PHRASE, POSITIONS, ROOM, WORDS, all_at_once, one_after_the_other, sentences
from explorer.positions.room import Fitted, bill, feed_forward, recurrent, weighed
from explorer.training.course import train

# ---- a fixed size ------------------------------------------------------------------------------------------------


@given(words=st.integers(0, 60), room=st.integers(1, 60))
def test_every_word_is_kept_or_cut_and_every_place_filled_or_padded(words, room):
    fitted = Fitted(("w",) * words, room)
    assert fitted.kept + fitted.cut == words
    assert fitted.kept + fitted.padded == room
    assert not (fitted.cut and fitted.padded)


@pytest.mark.parametrize(
    ("vocabulary", "inputs", "weights"), [(20_000, 400_000, 4_000_000), (25_000, 500_000, 5_000_000)]
)
def test_the_numbers_of_the_source_articles(vocabulary, inputs, weights):
    found = weighed("elman", vocabulary, hidden=10, room=20, words=6, most=60)
    fed, turned = found.full
    assert (fed.inputs, fed.reading) == (inputs, weights)
    assert (turned.inputs, turned.reading) == (vocabulary, vocabulary * 10)
    assert fed.stored == 4 * fed.weights
    assert fed.one_hot == turned.one_hot == 4 * 20 * vocabulary, "the same words, at once or one after the other"


@settings(max_examples=40, deadline=None)
@given(room=st.integers(1, 20), vocabulary=st.integers(2, 500), hidden=st.integers(1, 30))
def test_counts_by_the_textbook(room, vocabulary, hidden):
    v, h = vocabulary, hidden
    fed = bill(feed_forward(room * v, h), 1, v)
    assert fed.weights == (room * v * h + h) + (h * 2 + 2)
    assert fed.dense == room * v * h + 2 * h
    assert fed.looked_up == room * h + 2 * h
    graph, steps = recurrent("elman", v, h, room)
    turned = bill(graph, steps, v)
    assert turned.weights == (v * h + h * h + h) + (h * 2 + 2)
    assert turned.dense == room * (v * h + h * h) + 2 * h
    assert turned.looked_up == room * (h + h * h) + 2 * h
    graph, steps = recurrent("lstm", v, h, room)
    gated = bill(graph, steps, v)
    # unit by unit: two factors of each of three products, the sum of two of them, the cell for its tanh
    unit_by_unit = (3 * 2 + 2 + 1) * room * h
    assert gated.dense == 4 * room * (v * h + h * h) + 2 * h + unit_by_unit
    assert gated.looked_up == 4 * room * (h + h * h) + 2 * h + unit_by_unit


def test_a_matrix_that_reads_words_and_states_alike_is_spared_for_words_alone():
    layers = (
        Layer("x", 9, role="input"),
        Layer("h", 9, "tanh"),
        Layer("y", 2, "softmax", role="output"),
        Layer("E", 1, "cross_entropy", role="loss"),
    )
    joined = (
        Connection("x", "h", "W"),
        Connection("h", "h", "W", delay=1),
        Connection("h", "y", "V"),
        Connection("y", "E"),
    )
    found = bill(Graph("tied", layers, joined), 5, 9)
    assert found.dense == 5 * (81 + 81 + 18)
    assert found.looked_up == 5 * (9 + 81 + 18)
    assert found.reading == 81


@pytest.mark.parametrize("name", [*ARCHITECTURES, to_link(STARTER)], ids=[*ARCHITECTURES, "own"])
def test_all_pages_count_alike(name):
    """One network on Why recurrent, Cost of unrolling and Questions."""
    graph, steps = recurrent(name, 16, 7, 12)
    assert bill(graph, steps, 16).dense == passes(graph, steps)[0] == critical_path(graph, steps).work
    network = build(name, 16, 7, 16, source_steps=steps // 2)
    trace = forward(
        network, initialize(network, 0), {n.name: np.zeros((steps, 1), int) for n in network.with_role("input")}
    )
    initial = sum(
        8 * (value.lead + value.trail) * value.array.shape[-1] for n, value in trace.values.items() if n in trace.pre
    )
    assert stored(network, steps) == cost("full", Work(network, steps, 1, 5, 5)).bytes + initial


@pytest.mark.parametrize("arch", [*ARCHITECTURES, to_link(STARTER)], ids=[*ARCHITECTURES, "own"])
def test_only_the_feed_forward_network_grows_with_the_room(arch):
    found = weighed(arch, vocabulary=1000, hidden=7, room=12, words=5, most=30, depth=2)
    fed, turned = found.weights
    assert set(np.diff(fed)) == {7 * 1000}
    assert len(set(turned.tolist())) == 1
    assert found.full[1].reading == sum(
        int(np.prod(found.graphs[1].parameter_shapes[c.weight]))
        for c in found.graphs[1].connections
        if c.source == found.graphs[1].with_role("input")[0].name
    )
    assert found.own.weights == turned[0]
    assert found.own.dense < found.full[1].dense


def test_looking_a_row_up_is_the_product_with_a_one_hot_word():
    graph = feed_forward(3 * 5, 4)
    weights = initialize(graph, 1)
    picked = [2, 0, 4]
    x = np.zeros((1, 1, 15))
    x[0, 0, [5 * place + word for place, word in enumerate(picked)]] = 1
    trace = forward(graph, weights, {"x": x}, {"E": [[1]]})
    rows = weights["W_xh"].reshape(3, 5, 4)[range(3), picked]
    a = np.tanh(rows.sum(axis=0) + weights["b_h"]) @ weights["W_hy"] + weights["b_y"]
    np.testing.assert_allclose(trace["y"][1, 0], np.exp(a) / np.exp(a).sum(), rtol=1e-12)


# ---- sentences ---------------------------------------------------------------------------------------------------


def texts(drawn) -> list[str]:
    return [drawn.written(row) for row in range(len(drawn.answers))]


drawings = st.fixed_dictionaries(
    {
        "positions": st.lists(st.sampled_from(POSITIONS), min_size=1, unique=True),
        "following": st.integers(0, MOST_FOLLOWING),
        "held_back": st.booleans(),
    }
)


@given(seed=st.integers(0, 999), how=drawings)
def test_a_sentence_has_the_phrase_where_it_was_asked_for_or_nowhere(seed, how):
    drawn = sentences(np.random.default_rng(seed), 40, **how)
    assert drawn.answers.sum() == 20
    for text, answer in zip(texts(drawn), drawn.answers, strict=True):
        words = text.split()
        places = [i + 1 for i in range(len(words) - 1) if words[i : i + 2] == ["not", "good"]]
        assert len(places) == answer
        assert set(places) <= set(how["positions"])
        assert "not" in words or "good" in words, "the words alone give nothing away"
        assert len(words) <= ROOM
        if answer:
            assert places[0] + 1 <= len(words) <= places[0] + 1 + how["following"]


@given(first=drawings, second=drawings)
@settings(max_examples=30)
def test_no_sentence_is_both_trained_on_and_tested_on(first, second):
    trained = sentences(np.random.default_rng(1), 200, **{**first, "held_back": False})
    tested = sentences(np.random.default_rng(2), 200, **{**second, "held_back": True})
    assert not set(texts(trained)) & set(texts(tested))
    assert tested.is_held_back.all()
    assert not trained.is_held_back.any()


@given(seed=st.integers(0, 999), how=drawings)
@settings(max_examples=30)
def test_both_networks_read_the_same_words(seed, how):
    drawn = sentences(np.random.default_rng(seed), 10, **how)
    at_once, in_turn = all_at_once(drawn), one_after_the_other(drawn)
    places = at_once.inputs["x"][0].reshape(10, ROOM, len(WORDS))
    for row, text in enumerate(texts(drawn)):
        filled = places[row].any(axis=1)
        assert " ".join(WORDS[unit] for unit in places[row][filled].argmax(axis=1)) == text
        assert filled[: filled.sum()].all(), "padding stands at the end"
        assert places[row].sum() == filled.sum()
        read = in_turn.mask[:, row]
        assert read[-1], "the answer is asked for at the last word"
        assert " ".join(WORDS[unit] for unit in in_turn.inputs["x"][read, row]) == text
    np.testing.assert_array_equal(at_once.targets["E"][0], in_turn.targets["E"][-1])


# ---- a fixed position --------------------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def carried_out(**options: object) -> list[Learning]:
    return list(learn(Experiment(**options)))


def outcomes(**options: object) -> tuple[Outcome, Outcome]:
    return carried_out(**options)[-1].outcomes


@pytest.mark.parametrize(("trained", "seed"), [((2, 3, 4), 1), ((5, 8), 40)])
def test_what_is_learnt_at_some_positions_is_known_at_all_by_the_recurrent_network_alone(trained, seed):
    fed, turned = outcomes(trained=trained, seed=seed)
    here = np.isin(POSITIONS, trained)
    noise = 4 * 0.5 / np.sqrt(TESTED)  # four standard errors of guessing
    assert fed.accuracy.shape == turned.accuracy.shape == (RUNS, len(POSITIONS))
    assert fed.accuracy[:, here].min() > 0.93, "from every seed"
    assert np.abs(fed.accuracy[:, ~here] - 0.5).max() < noise, "from every seed no better than guessing"
    assert turned.accuracy.min() > 0.97
    assert abs(fed.parameters / turned.parameters - 1) < 0.15


def test_sharing_is_no_promise():
    fed, turned = outcomes(trained=(4,), following=2)
    others = np.array(POSITIONS) != 4
    assert fed.mean[others].max() < 0.55
    assert fed.mean[~others] > 0.95
    assert turned.mean[others].min() < 0.8, "a network that shares its weights can still fail elsewhere"
    assert turned.mean[others].max() > 0.7


def test_weights_of_places_that_were_always_empty_are_as_they_were_drawn():
    fed, turned = Experiment(trained=(2, 3)).courses(0)
    first, *_, last = train(fed)
    before, after = (snapshot.parameters["W_xh"].reshape(ROOM, len(WORDS), -1) for snapshot in (first, last))
    moved = np.abs(after - before).max(axis=(1, 2)) > 0
    assert moved.tolist() == [True] * 4 + [False] * (ROOM - 4), "no sentence had more than four words"
    assert fed.graph().states == (), "a network without any delay"
    assert turned.graph().states == ("h",)


def test_the_same_experiment_gives_the_same_numbers():
    def brief(seed: int) -> np.ndarray:
        course = Experiment(seed=seed).courses(1)[1]
        return next(s.vector for s in train(course) if s.iteration == 20)

    np.testing.assert_array_equal(brief(3), brief(3))
    assert not np.array_equal(brief(3), brief(4))


def test_progress_runs_from_little_to_all():
    found = carried_out(trained=(4,), following=2)
    steps = [learning.done for learning in found]
    assert [bool(learning.outcomes) for learning in found] == [False] * (len(found) - 1) + [True]
    assert steps == sorted(steps)
    assert len(steps) > 100, "in slices"
    assert 0 < steps[0] < 0.02
    assert steps[-1] == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [({"trained": ()}, "one or more"), ({"trained": (1,)}, "2 to 9"), ({"following": 9}, "Between 0 and 4")],
)
def test_an_experiment_that_cannot_be_is_refused_in_a_sentence(options, said):
    with pytest.raises(ValueError, match=said):
        Experiment(**options)


def test_a_network_that_reads_something_else_too_says_so():
    with pytest.raises(ValueError, match="also reads"):
        next(learn(Experiment(arch="encoder_decoder")))


# ---- the link and the pictures -----------------------------------------------------------------------------------


@given(st.sets(st.sampled_from(POSITIONS), min_size=1))
def test_positions_are_read_from_a_link(chosen):
    assert positions(" ".join(map(str, chosen))) == tuple(sorted(chosen))
    assert FIELDS["why_at"].repaired(" ".join(map(str, sorted(chosen))))[1] is None


@pytest.mark.parametrize("text", ["", "1", "10", "2 x", "²", "-3", "2.5", "99999999999999"])
def test_other_positions_are_refused(text):
    value, said = FIELDS["why_at"].repaired(text)
    assert value == USUAL_POSITIONS
    assert f"2 to {LAST}" in said


@settings(max_examples=60, deadline=None)
@given(lengths=st.lists(st.integers(1, 40), min_size=1, max_size=3), room=st.integers(1, 60))
def test_the_picture_shows_every_word_twice_and_every_place_once(lengths, room):
    graph, _ = recurrent("elman", 9, 3, 5)
    made = [tuple(f"w{i}" for i in range(1, n + 1)) for n in lengths]
    table = slots(made, room, 10, graph)
    cells = [re.findall(r"<td.*?</td>", row) for row in re.findall(r"<tr>.*?</tr>", table)]
    assert table.count("<s ") == sum(Fitted(words, room).cut for words in made)
    pads = table.count(">pad<") + sum(map(int, re.findall(r">(\d+) more empty<", table)))
    assert pads == sum(Fitted(words, room).padded for words in made)
    for i, words in enumerate(made):
        fed, turned = cells[3 + i], cells[4 + len(made) + i]
        for row in (fed, turned):
            assert re.findall(r">(w\d+)<", "".join(row)) == list(words)
        assert len(fed) == len(turned), "the same columns"


def test_words_are_never_read_as_markup_and_arrows_point_as_delays_do():
    graphs = {arch: recurrent(arch, 9, 3, 5)[0] for arch in ("elman", "bidirectional")}
    tables = {arch: slots([("<b>", "&", "x" * 40)], 2, 10, graph) for arch, graph in graphs.items()}
    assert "<b>" not in tables["elman"]
    assert "x" * 40 not in tables["elman"]
    assert tables["elman"].count("→") == 2
    assert tables["bidirectional"].count("⇄") == 2


def test_bars_are_means_with_the_lowest_and_the_highest():
    rng = np.random.default_rng(0)
    found = [("A", rng.random((3, 4))), ("B", rng.random((3, 4)))]
    for dark in (False, True):
        figure = why.by_position([2, 3, 4, 5], [2, 3, 5], found, 0.5, dark)
        for bar, (_, accuracy) in zip(figure.data, found, strict=False):
            np.testing.assert_allclose(bar.y, accuracy.mean(axis=0))
            np.testing.assert_allclose(bar.y + bar.error_y.array, accuracy.max(axis=0))
            np.testing.assert_allclose(bar.y - bar.error_y.arrayminus, accuracy.min(axis=0))
        assert [(band.x0, band.x1) for band in figure.layout.shapes] == [(1.5, 3.5), (4.5, 5.5)]
        assert [("✓" in text) for text in figure.layout.xaxis.ticktext] == [True, True, False, True]


def test_the_curve_marks_the_room_that_is_set():
    rooms = np.arange(1, 6)
    figure = why.growing(rooms, [("A", 10 * rooms), ("B", np.full(5, 3))], 4)
    marks = [(trace.x[0], trace.y[0]) for trace in figure.data if trace.mode == "markers"]
    assert marks == [(4, 40), (4, 3)]


@settings(max_examples=30, deadline=None)
@given(
    at=st.lists(st.sampled_from(POSITIONS), min_size=1, max_size=3, unique=True),
    after=st.integers(0, MOST_FOLLOWING),
    seed=st.integers(0, 1000),
)
def test_what_the_page_says_of_the_sentences_is_so(at, after, seed):
    """One word of the phrase stands where the others have it, beside another; the first word is never one of it."""
    drawn = sentences(np.random.default_rng(seed), 64, at, after)
    phrase = [WORDS.index(word) for word in PHRASE]
    assert not np.isin(drawn.words[0], phrase).any()
    for row in range(64):
        words = drawn.words[: drawn.lengths[row], row].tolist()
        begins = [i + 1 for i in range(len(words) - 1) if words[i : i + 2] == phrase]
        if drawn.answers[row]:
            assert len(begins) == 1
            assert begins[0] in at
        else:
            assert not begins
            ends = [p for p in at if p + 1 <= len(words) <= p + 1 + after]
            assert any((words[p - 1] == phrase[0]) != (words[p] == phrase[1]) for p in ends)
