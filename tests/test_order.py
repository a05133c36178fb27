"""Order: what a bag of words cannot tell, what a recurrent network can, and the two ways in the plane."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer import order_views
from explorer.applications.application import ABOUT_TARGETS
from explorer.applications.bags import BAGS, TRAINED, bag
from explorer.applications.language.sentiment import LEXICON
from explorer.applications.shelf import weights
from explorer.engine.forward import forward
from explorer.fields import Choice, Text
from explorer.figures.order import MOST_LABELS, two_ways
from explorer.order_views import READERS, in_two_orders, scored, shuffled
from explorer.page_settings import order
from explorer.parameters import initialize
from explorer.tasks.text import UNKNOWN, tokenize

WORDS = st.lists(st.sampled_from([w for w in LEXICON.tokens if w.isalpha()]), min_size=1, max_size=12)
READER = st.sampled_from(sorted(READERS))


@given(words=WORDS, reader=READER, seed=st.integers(0, 9))
@settings(max_examples=40, deadline=None)
def test_a_bag_gives_one_answer_to_every_order(words, reader, seed):
    mixed = list(np.random.default_rng(seed).permutation(words))
    found = in_two_orders(reader, " ".join(words), " ".join(mixed))
    assert found.bag.has_same_words
    assert not found.bag.is_torn
    first, second = (walk.states[-1] for walk in found.bag.walks)
    np.testing.assert_allclose(first, second, rtol=1e-12, atol=1e-12)
    first, second = (walk.chances for walk in found.bag.walks)
    assert first.keys() == second.keys()
    np.testing.assert_allclose(list(first.values()), list(second.values()), rtol=1e-9, atol=1e-12)


@given(words=WORDS, reader=READER, seed=st.integers(0, 9))
@settings(max_examples=40, deadline=None)
def test_the_ways_are_one_until_the_first_differing_word_and_two_after_it(words, reader, seed):
    mixed = list(np.random.default_rng(seed).permutation(words))
    for ways in vars_of(in_two_orders(reader, " ".join(words), " ".join(mixed))):
        first, second = ways.walks
        read = [(a, b) for a, b in zip(first.units, second.units, strict=True)]
        differing = [t for t, (a, b) in enumerate(read, 1) if a != b]
        assert ways.parting == (differing[0] if differing else None)
        same = differing[0] if differing else len(read) + 1
        np.testing.assert_array_equal(first.states[:same], second.states[:same])
        assert not ways.distances[:same].any()
        if differing:
            assert ways.distances[same] > 1e-6
            assert np.isclose(ways.distances[same], np.sqrt(((first.states - second.states)[same] ** 2).sum()))


def vars_of(found):
    return found.recurrent, found.bag


@pytest.mark.parametrize("name", BAGS)
def test_the_state_of_a_shipped_bag_is_the_sum_of_its_word_vectors(name):
    known, own = weights(name), in_two_orders(name.removesuffix("_bag"), "you are not sad", "not you are")
    for walk in own.bag.walks:
        total = sum(known["W_xs"][unit] for unit in walk.units)
        np.testing.assert_allclose(walk.states[-1], total, atol=1e-12)
        scores = np.tanh(total @ known["W_sh"] + known["b_h"]) @ known["W_hy"] + known["b_y"]
        chances = np.exp(scores - scores.max()) / np.exp(scores - scores.max()).sum()
        assert np.isclose(walk.ranked[0].probability, chances.max(), rtol=1e-3 if "complete" in name else 1e-9)


def test_a_bag_is_a_network_of_one_loop_without_a_weight():
    graph = bag(5, 3).graph()
    loops = [c for c in graph.connections if c.delay]
    assert [(c.source, c.target, c.weight, c.delay) for c in loops] == [("s", "s", None, 1)]
    trace = forward(graph, initialize(graph, 3), {"x": np.array([[0], [2], [2]])}, {"E": np.zeros((3, 1), int)})
    np.testing.assert_allclose(trace["s"][3, 0], initialize(graph, 3)["W_xs"][[0, 2, 2]].sum(axis=0))


@pytest.mark.parametrize("name", BAGS)
def test_a_bag_has_about_as_many_weights_and_learns_from_the_same_sentences(name):
    known = TRAINED[name.removesuffix("_bag")]
    own = BAGS[name]
    ratio = own.course.graph().parameter_count / known.course.graph().parameter_count
    assert 0.98 < ratio < 1.02
    assert own.problem is known.problem


def test_the_start_up_sentences_differ_in_meaning_for_the_network_and_not_for_the_bag():
    reader, first, second = order.PAIRS[0]
    assert (order.FIELDS["reader"].default, order.FIELDS["ordered"].default) == (reader, first)
    assert order.FIELDS["jumbled"].default == second
    found = in_two_orders(reader, first, second)
    stars = [walk.ranked[0].text.count("★") for walk in found.recurrent.walks]
    assert stars[0] >= stars[1] + 2
    assert min(walk.ranked[0].probability for walk in found.recurrent.walks) > 0.8, "it is sure of both"
    assert not found.notes, "and has no doubts"
    assert found.recurrent.is_torn
    assert not found.bag.is_torn


@pytest.mark.parametrize(("reader", "first", "second"), order.PAIRS)
def test_ready_sentences_have_the_same_words_and_two_ways(reader, first, second):
    found = in_two_orders(reader, first, second)
    assert found.recurrent.has_same_words
    assert found.recurrent.is_torn
    assert not any(UNKNOWN in note for note in found.notes), "words that the network knows"
    assert not any("same words" in note for note in found.notes)


def test_what_is_not_the_same_is_said():
    found = in_two_orders("untrained", "how are you", "how are they now")
    (note,) = [note for note in found.notes if "same words" in note]
    assert "only in A: “you”" in note
    assert "“they”" in note
    assert found.bag.is_torn
    assert found.recurrent.parting == 4, "the start token comes first"
    assert len(found.recurrent.distances) == 5, "as long as the shorter"
    one = in_two_orders("sentiment", "never good", "never good")
    assert one.recurrent.parting is None
    assert not one.recurrent.is_torn
    longer = in_two_orders("sentiment", "never", "never good")
    assert longer.recurrent.parting == 2
    strange = in_two_orders("sentiment", "the flurb was good", "the good was flurb")
    assert [note[:2] for note in strange.notes if "flurb" in note] == ["A:", "B:"]


@pytest.mark.parametrize("text", ["", "   ", "?!", "مرحبا", "x" * 900])
@pytest.mark.parametrize("reader", READERS)
def test_any_text_at_all_is_read(reader, text):
    found = in_two_orders(reader, text, "how are you")
    for ways in vars_of(found):
        assert np.isfinite(ways.plane.shares).all()
        two_ways(ways).to_json()


@given(words=st.lists(st.sampled_from("abcdef,"), min_size=1, max_size=9), seed=st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_a_shuffle_keeps_the_words_and_changes_their_order(words, seed):
    text = " ".join(words)
    mixed, read = shuffled("untrained", text, seed), tokenize(text)
    assert Counter(tokenize(mixed)) == Counter(read)
    assert (tokenize(mixed) != read) == (len(set(read)) > 1)
    assert mixed == shuffled("untrained", text, seed), "the same for the same seed"


SENTENCES = st.one_of(
    st.lists(
        st.sampled_from(
            ["they", "were", "not", "good", "you", "wasn't", "he-im", "5", "flurb", "wat", ",", ".", "?!", "x" * 30]
        ),
        max_size=9,
    ).map(" ".join),
    st.text(alphabet="aei n't’-,.!⟨s⟩é\u0301\u200d👍", max_size=20),
    st.integers(55, 120).map(lambda n: " ".join(f"w{i % 70}" for i in range(n)) + " wasn't good"),
)


@given(reader=READER, text=SENTENCES, seed=st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_whatever_is_shuffled_is_the_same_to_a_bag_of_words(reader, text, seed):
    found = in_two_orders(reader, text, shuffled(reader, text, seed))
    assert not any("same words" in note for note in found.notes)
    assert not found.bag.is_torn
    first, second = (walk.chances for walk in found.bag.walks)
    assert first.keys() == second.keys()
    np.testing.assert_allclose(list(first.values()), list(second.values()), atol=1e-9)


@pytest.mark.parametrize(
    ("reader", "text", "read"),
    [
        ("untrained", "they were not rude, they were friendly", "they were not rude , they were friendly"),
        ("sentiment", "They weren't rude, they were friendly!", "they were not rude they were friendly"),
        ("complete", "Hello there. How are you", "how are you"),
        ("complete", "she does not like to wat", "she does not like to wat"),
        ("sentiment", f"{'x' * 30} was good", f"{'x' * 30} was good"),
    ],
)
def test_a_shuffle_keeps_what_its_reader_reads(reader, text, read):
    mixed = shuffled(reader, text, 0)
    assert Counter(tokenize(mixed)) == Counter(read.split())
    assert tokenize(mixed) != tokenize(text)


def test_the_plane_is_that_of_the_principal_components():
    ways = in_two_orders("sentiment", *order.PAIRS[0][1:]).recurrent
    states = np.concatenate([walk.states for walk in ways.walks])
    values, vectors = np.linalg.eigh(np.cov(states.T))  # an independent way to them
    np.testing.assert_allclose(ways.plane.shares, values[::-1][:2] / values.sum(), rtol=1e-9)
    points = (states - states.mean(axis=0)) @ vectors[:, ::-1][:, :2]
    np.testing.assert_allclose(np.abs(np.concatenate(ways.plane.walks)), np.abs(points), atol=1e-9)
    apart = np.linalg.norm(ways.plane.walks[0] - ways.plane.walks[1], axis=1)
    assert (apart <= ways.distances + 1e-12).all(), "a projection makes no distance longer"


def test_the_picture_is_made_of_the_same_numbers():
    ways = in_two_orders("sentiment", *order.PAIRS[0][1:]).recurrent
    figure = two_ways(ways)
    assert figure.to_json() == two_ways(ways).to_json()
    lines = {trace.name: trace for trace in figure.data if trace.type == "scatter"}
    parting = ways.parting
    assert len(lines["both"].x) == parting, "the start and what both read"
    for mark, points in zip("AB", ways.plane.walks, strict=True):
        np.testing.assert_array_equal(np.stack([lines[mark].x, lines[mark].y], axis=1), points[parting - 1 :])
        assert lines[mark].text[1:] == ways.walks["AB".index(mark)].shown[parting - 1 :]
    rings = np.stack([lines["first differing word"].x, lines["first differing word"].y], axis=1)
    np.testing.assert_array_equal(rings, [points[parting] for points in ways.plane.walks])
    (bars,) = [trace for trace in figure.data if trace.type == "bar"]
    np.testing.assert_array_equal(bars.y, ways.distances[1:])
    assert f"{ways.plane.shares[0]:.0%}" in figure.layout.xaxis.title.text
    assert f"{ways.plane.shares[1]:.0%}" in figure.layout.yaxis.title.text


def test_of_many_words_only_those_that_matter_are_written():
    words = " ".join(f"w{i}" for i in range(30))
    ways = in_two_orders("untrained", words, shuffled("untrained", words, 1)).recurrent
    figure = two_ways(ways)
    written = [word for trace in figure.data if trace.type == "scatter" for word in trace.text or () if word]
    assert len(written) <= MOST_LABELS
    assert ways.walks[0].shown[ways.parting - 1] in written
    assert ways.walks[1].shown[-1] in written


def test_where_words_would_cover_each_other_only_those_that_matter_are_written():
    reader, first, second = next(pair for pair in order.PAIRS if "bird" in pair[1])
    ways = in_two_orders(reader, first, second).recurrent
    assert ways.walks[0].steps <= MOST_LABELS
    lines = {trace.name: trace for trace in two_ways(ways).data if trace.type == "scatter"}
    for mark, walk in zip("AB", ways.walks, strict=True):
        own = walk.shown[ways.parting - 1 :]
        assert [word for word in lines[mark].text if word] == [own[0], own[-1]]
    clear = two_ways(in_two_orders(*order.PAIRS[0]).recurrent)
    words = [word for trace in clear.data if trace.type == "scatter" for word in trace.text or () if word]
    assert len(words) == 12, "the start, what both read, and what each reads"


def test_the_equations_are_those_of_the_network_that_reads():
    assert in_two_orders(*order.PAIRS[0]).recurrent.carried == (
        r"h_{2} = z_{2} \odot h_{1} + \left(1 - z_{2}\right) \odot n_{2}",
    )
    for reader in READERS:
        found = in_two_orders(reader, "you are", "are you")
        assert found.bag.carried == (r"s_{2} = x_{2}\,W_{xs} + s_{1}",)
        assert all("{1}" in "".join(ways.carried) for ways in vars_of(found))


def test_scores_are_those_of_the_kept_back_sentences():
    found = scored("sentiment")
    examined = TRAINED["sentiment"].problem.examine()
    right = []
    for row in range(60):
        there = examined.mask[:, row]
        read = " ".join(LEXICON.tokens[unit] for unit in examined.inputs["x"][there, row])
        if UNKNOWN in read or len(tokenize(read)) != there.sum():
            continue
        said = in_two_orders("sentiment", read, read)
        wanted = examined.targets["E"][-1, row] + 1
        right.append([ways.walks[0].ranked[0].text.count("★") == wanted for ways in vars_of(said)])
    sample = np.mean(right, axis=0)
    assert abs(found.recurrent - sample[0]) < 0.1
    assert abs(found.bag - sample[1]) < 0.15
    assert found.recurrent > found.bag + 0.05
    assert not found.is_close
    assert scored("untrained") is None


def test_the_fields_name_the_readers_there_are():
    assert isinstance(order.FIELDS["reader"], Choice)
    assert set(order.READERS) == set(READERS)
    assert all(isinstance(order.FIELDS[name], Text) for name in ("ordered", "jumbled"))
    assert {reader for reader, *_ in order.PAIRS} == set(READERS)


def test_notes_about_targets_are_left_out_whatever_else_is_noted(monkeypatch):
    for reader in TRAINED.keys() & READERS.keys():
        assert not ABOUT_TARGETS & {note[3:] for note in in_two_orders(reader, "we like it", "it like we").notes}
    original = order_views.answered

    def silent(name: str, text: str):
        found = original(name, text)
        asked = replace(found.asked, reading=replace(found.asked.reading, notes=()))
        return replace(found, asked=asked)

    monkeypatch.setattr(order_views, "answered", silent)
    assert in_two_orders("sentiment", "not good", "good not").recurrent.is_torn
