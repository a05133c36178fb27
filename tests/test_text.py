"""From a learner's text to tokens, one-hot units and the sequences a network runs on."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.architectures import ARCHITECTURES, build
from explorer.tasks.text import (
    END,
    MOST_DISTINCT,
    MOST_TOKENS,
    READY_SENTENCES,
    START,
    UNITS,
    UNKNOWN,
    Vocabulary,
    encoder_steps,
    lay_out,
    read_words,
    tokenize,
)

FAMILY = "👩\u200d👩\u200d👧"
WORDS = [
    ("the cat sat on the mat", ["the", "cat", "sat", "on", "the", "mat"]),
    ("The CAT", ["the", "cat"]),
    ("  spaces \t and\nlines\u00a0too ", ["spaces", "and", "lines", "too"]),
    ("wait, what?!", ["wait", ",", "what", "?!"]),
    ("don't stop – rock’n’roll", ["don't", "stop", "–", "rock’n’roll"]),
    ("well-known", ["well-known"]),
    ("3 - 2 ' _", ["3", "-", "2", "'", "_"]),
    ("a\x00b \x1b c\r\nd\re", ["ab", "c", "d", "e"]),  # nothing that cannot be seen
    ("\u202eabc\u200b", ["abc"]),  # nor what would turn the rest of the page round
    ("3.14 42", ["3", ".", "14", "42"]),
    ("naïve Ångström", ["naïve", "ångström"]),
    ("cafe\u0301", ["café"]),  # an accent of its own is joined to its letter
    ("हिन्दी में", ["हिन्दी", "में"]),  # vowel signs are code points of their own
    ("İstanbul", ["i\u0307stanbul"]),  # small letters can be longer
    ("مَرْحَبًا", ["مَرْحَبًا"]),
    ("مرحبا بالعالم", ["مرحبا", "بالعالم"]),
    ("שלום עולם", ["שלום", "עולם"]),
    ("Привет, мир", ["привет", ",", "мир"]),
    ("猫 坐", ["猫", "坐"]),
    ("I ❤️ 🐈", ["i", "❤️", "🐈"]),
    (f"a {FAMILY} b", ["a", FAMILY, "b"]),
    ("<script>x</script>", ["<", "script", ">", "x", "</", "script", ">"]),
    ("$\\frac{1}{2}$", ["$\\", "frac", "{", "1", "}{", "2", "}$"]),
    ("", []),
    (" \n\t ", []),
]
CHARACTERS = [
    ("cat", ["c", "a", "t"]),
    ("Cat", ["C", "a", "t"]),
    ("a  b\nc", ["a", " ", "b", " ", "c"]),
    ("e\u0301a", ["e\u0301", "a"]),
    ("👍🏽!", ["👍🏽", "!"]),
    (f"{FAMILY}x", [FAMILY, "x"]),
    ("❤️", ["❤️"]),
    ("🇫🇷🇩🇪", ["🇫🇷", "🇩🇪"]),
    ("हि", ["हि"]),
    ("שלום", ["ש", "ל", "ו", "ם"]),
    ("", []),
]


@pytest.mark.parametrize(("text", "tokens"), WORDS)
def test_words_and_marks(text, tokens):
    assert tokenize(text) == tokens


@pytest.mark.parametrize(("text", "tokens"), CHARACTERS)
def test_characters_as_a_reader_counts_them(text, tokens):
    assert tokenize(text, "characters") == tokens


VISIBLE = st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs"]))


@given(VISIBLE)
def test_words_lose_nothing_but_space_and_case(text):
    tokens = tokenize(text)
    assert "".join(tokens) == "".join(unicodedata.normalize("NFC", text).lower().split())
    assert all(token and not any(map(str.isspace, token)) for token in tokens)


@given(VISIBLE)
def test_characters_lose_nothing_but_repeated_space(text):
    tokens = tokenize(text, "characters")
    assert "".join(tokens) == " ".join(text.split())
    assert all(tokens)


def test_a_vocabulary_is_start_end_and_each_word_once():
    vocabulary = Vocabulary.of(["the", "cat", "sat", "on", "the", "mat"])
    assert vocabulary.tokens[:2] == (START, END)
    assert sorted(vocabulary.tokens[2:]) == ["cat", "mat", "on", "sat", "the"]
    assert len(vocabulary) == 7
    assert [vocabulary.index(token) for token in vocabulary.tokens] == list(range(7))


def test_a_words_unit_does_not_depend_on_its_place():
    """Else "how are you" and "you are how" would be the same numbers, and the order of words would not matter."""
    assert Vocabulary.of(["how", "are", "you"]) == Vocabulary.of(["you", "are", "how", "you"])


def test_words_beyond_the_vocabulary_are_unknown():
    words = [f"w{i:02}" for i in range(MOST_DISTINCT + 1)]
    assert UNKNOWN not in Vocabulary.of(words[:-1]).tokens
    vocabulary = Vocabulary.of(words)
    assert vocabulary.tokens[-1] == UNKNOWN
    assert len(vocabulary) == MOST_DISTINCT + 3
    assert vocabulary.index(words[-1]) == vocabulary.index("never seen") == len(vocabulary) - 1
    assert vocabulary.tokens[vocabulary.index(words[0])] == words[0]


@given(st.text(), st.sampled_from(UNITS))
def test_any_text_can_be_read(text, unit):
    words, notes = read_words(text, unit, "how are you")
    assert 1 <= len(words) <= MOST_TOKENS
    assert all(words)
    assert all(note.endswith(".") for note in notes)


@given(st.lists(st.text(min_size=1, max_size=3), min_size=1, max_size=90))
def test_units_are_distinct_and_every_word_has_one(words):
    vocabulary = Vocabulary.of(words)
    assert len(set(vocabulary.tokens)) == len(vocabulary.tokens)
    for word in words:
        unit = vocabulary.index(word)
        assert vocabulary.tokens[unit] in (word, UNKNOWN)


def test_a_good_sentence_is_read_without_a_note():
    for sentence in READY_SENTENCES:
        for unit in UNITS:
            assert read_words(sentence, unit, "x") == (tokenize(sentence, unit), [])


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\u2003"])
@pytest.mark.parametrize("unit", UNITS)
def test_an_empty_sentence_is_replaced_and_said(text, unit):
    words, notes = read_words(text, unit, "how are you")
    assert words == tokenize("how are you", unit)
    assert len(notes) == 1
    assert "empty" in notes[0]
    assert "“how are you”" in notes[0]


def test_a_long_text_is_cut_and_said():
    words, notes = read_words("the cat " * 5000, "words", "x")
    assert words == ["the", "cat"] * (MOST_TOKENS // 2) + ["the"] * (MOST_TOKENS % 2)
    assert notes == ["The text has 10,000 words; the first 99 are used."]


def test_exactly_as_long_as_allowed():
    assert read_words("a " * MOST_TOKENS, "words", "x") == (["a"] * MOST_TOKENS, [])


def test_many_different_words_are_said():
    words, notes = read_words(" ".join(f"w{i}" for i in range(61)), "words", "x")
    assert len(words) == 61
    assert len(notes) == 1
    assert "61 different words" in notes[0]
    assert UNKNOWN in notes[0]


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_a_sentence_laid_out_over_steps(name):
    words = ["how", "are", "you"]
    vocabulary = Vocabulary.of(words)
    graph = build(name, inputs=5, hidden=2, outputs=5, source_steps=encoder_steps(3))
    reading = lay_out(graph, words, vocabulary, ("a note",))
    assert reading.notes == ("a note",)
    assert set(reading.inputs) == {layer.name for layer in graph.with_role("input")}
    assert set(reading.targets) == {layer.name for layer in graph.with_role("loss")}
    assert len(reading.shown) == len(reading.aims) == reading.steps
    for tokens in (*reading.inputs.values(), *reading.targets.values()):
        assert tokens.shape == (reading.steps, 1)
        assert np.issubdtype(tokens.dtype, np.integer)
    for layer in (*graph.with_role("input"), *graph.with_role("loss")):
        told = reading.shown if layer.role == "input" else reading.aims
        tokens = (reading.inputs if layer.role == "input" else reading.targets)[layer.name]
        for t in layer.presence.steps(reading.steps):
            assert vocabulary.tokens[tokens[t - 1, 0]] == told[t - 1], f"{layer.name} at {t}"


def test_a_language_model_says_the_next_token():
    graph = build("elman", inputs=5, hidden=2, outputs=5)
    reading = lay_out(graph, ["how", "are", "you"], Vocabulary.of(["how", "are", "you"]))
    assert reading.shown == (START, "how", "are", "you")
    assert reading.aims == ("how", "are", "you", END)
    how, are, you = map(Vocabulary.of(["how", "are", "you"]).index, ("how", "are", "you"))
    assert reading.inputs["x"].ravel().tolist() == [0, how, are, you]
    assert reading.targets["E"].ravel().tolist() == [how, are, you, 1]


def test_an_encoder_reads_before_its_decoder_speaks():
    graph = build("encoder_decoder", inputs=4, hidden=2, outputs=4, source_steps=3)
    reading = lay_out(graph, ["a", "b"], Vocabulary.of(["a", "b"]))
    assert reading.source_steps == 3
    assert reading.shown == ("a", "b", END, START, "a", "b")
    assert reading.aims == ("", "", "", "a", "b", END)
    assert reading.inputs["x"][:3].ravel().tolist() == [2, 3, 1]
    assert reading.inputs["s"][3:].ravel().tolist() == [0, 2, 3]
    assert reading.targets["E"][3:].ravel().tolist() == [2, 3, 1]


def test_an_unknown_word_is_read_as_unknown():
    words = [f"w{i:02}" for i in range(61)]
    vocabulary = Vocabulary.of(words)
    graph = build("elman", inputs=len(vocabulary), hidden=2, outputs=len(vocabulary))
    reading = lay_out(graph, words, vocabulary)
    assert reading.inputs["x"][-1, 0] == vocabulary.index(UNKNOWN)
    assert reading.targets["E"][-2, 0] == vocabulary.index(UNKNOWN)
    assert reading.shown[-1] == "w60", "what was typed stays in sight"
