"""What a link may carry: the nearest legal value and a sentence for everything else, and never an exception."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from explorer.architectures import ARCHITECTURES
from explorer.fields import Choice, Number, Text, shortened
from explorer.page_settings.shared import MOST_STEPS, OWN, SHARED
from explorer.settings import FIELDS, Network, Settings, repaired

HUGE = "9" * 5000
NUMBERS = [
    # text in the link, T shown (None: left open), does a sentence say so?
    ("6", 6, False),
    ("1", 1, False),
    ("200", 200, False),
    (" 6 ", 6, False),
    ("0", 1, True),
    ("-3", 1, True),
    ("201", 200, True),
    ("1000000000", 200, True),
    ("1e9", 200, True),
    ("7.5", 7, True),
    ("inf", 200, True),
    ("-inf", 1, True),
    ("1e999", 200, True),
    ("-1e999", 1, True),
    (HUGE, 200, True),
    ("-" + HUGE, 1, True),
    ("abc", None, True),
    ("nan", None, True),
    ("", None, True),
    ("6; drop", None, True),
    ("0x10", None, True),
    ("\x00", None, True),
    ("😀", None, True),
]


@pytest.mark.parametrize(("text", "value", "told"), NUMBERS, ids=lambda case: repr(case)[:12])
def test_the_nearest_length_is_shown_and_said(text, value, told):
    found, sentence = FIELDS["T"].repaired(text)
    assert found == value
    assert (sentence is not None) == told
    if told:
        assert sentence.startswith("Steps T runs from 1 to 200; the link says '")
        assert sentence.endswith("so it was left open." if value is None else f"so {value} is shown.")
        assert len(sentence) < 120, "a sentence, not the learner's whole text"


@pytest.mark.parametrize("name", [name for name, field in FIELDS.items() if isinstance(field, Number)])
def test_every_number_has_its_own_range(name):
    field = FIELDS[name]
    for text, nearest in ((str(field.least), field.least), (str(field.most), field.most)):
        assert field.repaired(text) == (nearest, None)
    for text, nearest in ((str(field.least - 1), field.least), (str(field.most + 1), field.most)):
        found, sentence = field.repaired(text)
        assert found == nearest
        assert f"from {field.least} to {field.most}" in sentence
    assert field.repaired("abc")[0] == field.default


CHOICES = [
    # field, text in the link, label shown, does a sentence say so?
    ("arch", "LSTM", "LSTM", False),
    ("arch", "lstm", "LSTM", False),
    ("arch", " Lstm ", "LSTM", False),
    ("arch", "gru_reset_before", "GRU, reset before product", False),
    ("arch", "Bidirectional LSTM", "Bidirectional LSTM", False),
    ("arch", "transformer", "Elman", True),
    ("arch", "", "Elman", True),
    ("arch", "lstm; rm", "Elman", True),
    ("act", "relu", "relu", False),
    ("act", "ReLU", "relu", False),
    ("act", "swish", "tanh", True),
    ("act", "softmax", "tanh", True),  # an activation, but not one that a cell can have
    ("init", "identity", "identity", False),
    ("init", "zeros", "orthogonal", True),
    ("unit", "characters", "characters", False),
    ("unit", "letters", "words", True),
    ("names", "letters", "W, U, V", False),
    ("names", "greek", "W_xh, W_hh, W_hy", True),
]


@pytest.mark.parametrize(("name", "text", "label", "told"), CHOICES)
def test_an_option_is_found_by_key_or_label(name, text, label, told):
    found, sentence = FIELDS[name].repaired(text)
    assert found == label
    assert (sentence is not None) == told
    if told:
        assert f"'{text}', which there is not" in sentence
        assert label in sentence


@pytest.mark.parametrize("name", [name for name, field in FIELDS.items() if isinstance(field, Choice)])
def test_every_option_can_be_asked_for(name):
    field = FIELDS[name]
    assert len({label.casefold() for label in field.labels.values()}) == len(field.labels)
    for key, label in field.labels.items():
        assert field.repaired(key) == (label, None)
        assert field.repaired(label) == (label, None)


def test_every_architecture_can_be_asked_for():
    assert set(FIELDS["arch"].labels) == {*ARCHITECTURES, OWN}


@pytest.mark.parametrize("text", ["", "the cat", "😀 مرحبا", "<script>", "a\x00b", "x" * 1000])
def test_a_sentence_may_be_anything(text):
    assert FIELDS["text"].repaired(text) == (text, None)


@pytest.mark.parametrize("length", [1001, 10_000])
def test_a_sentence_may_not_be_endless(length):
    found, sentence = FIELDS["text"].repaired("ab" * (length // 2) + "c" * (length % 2))
    assert len(found) == 1000
    assert f"the link has {length:,}" in sentence
    assert "first 1,000" in sentence


def test_only_what_is_illegal_is_repaired():
    link = {"T": "12", "arch": "LSTM", "text": "how are you", "seed": "-1", "act": "swish", "t": "3", "utm": "x"}
    values, sentences = repaired(link)
    assert values == {"seed": 0, "act": "tanh"}
    assert len(sentences) == 2
    assert repaired({}) == ({}, [])


def test_a_key_is_corrected_to_its_label_without_a_word():
    assert repaired({"arch": "gru_reset_after"}) == ({"arch": "GRU, reset after product"}, [])


ANY = st.text() | st.integers().map(str) | st.floats().map(str) | st.sampled_from(["LSTM", "tanh", "words", "1_0", "٣"])


@given(name=st.sampled_from(list(FIELDS)), text=ANY)
@example(name="T", text="None")
def test_a_repaired_link_is_legal_and_needs_no_repair(name, text):
    """The router repairs and runs again: if the result were not legal, it would do so for ever."""
    values, sentences = repaired({name: text})
    assert all("\n" not in sentence and len(sentence) < 300 for sentence in sentences)
    if name not in values:
        assert sentences == []
    kept = {name: text} | {key: str(value) for key, value in values.items() if value is not None}
    if name in values and values[name] is None:
        del kept[name]
    assert repaired(kept) == ({}, [])
    field, value = FIELDS[name], kept.get(name)
    if value is not None:
        match field:
            case Number():
                assert field.least <= float(value) <= field.most
            case Choice():
                assert value in field.labels.values()
            case Text():
                assert len(value) <= field.most


def test_settings_are_the_table_of_fields():
    defaults = {name: field.default for name, field in FIELDS.items()}
    assert Settings.of(defaults) == Settings()
    names = {field.name for kind in (Settings, Network) for field in dataclasses.fields(kind)}
    assert names - {"network"} == set(SHARED) - {"own"}  # which becomes the name of the network
    assert Settings.of({**defaults, "seed": 7, "something else": 1}) == Settings(Network(seed=7))
    assert FIELDS["T"].most == MOST_STEPS == 200


def test_settings_are_one_frozen_hashable_value():
    assert hash(Settings(Network(text="a"), T=3)) == hash(Settings(Network(text="a"), T=3))
    assert len({Settings(), Settings(), Settings(Network(seed=2))}) == 2
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().T = 2


@given(st.text(), st.integers(2, 40))
def test_a_users_text_in_a_sentence_stays_short(text, most):
    short = shortened(text, most)
    assert len(short) <= most
    assert not set(short) & set("\n\r\t")
    if len(text) <= most and text == " ".join(text.split()):
        assert short == text
