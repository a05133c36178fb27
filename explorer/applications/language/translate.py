"""English into German: an encoder reads the whole sentence, then a decoder speaks until it says that it has ended."""

from __future__ import annotations

import re
from collections import Counter
from math import prod

import numpy as np

from explorer.applications.application import OWN, UNSURE, Answer, Application, Asked, Guess, Run, Spoken
from explorer.applications.decoding import greedy
from explorer.applications.language.answers import outputs
from explorer.applications.language.corpus import Corpus, Lexicon, Pair, aside
from explorer.applications.language.translate_grammar import both_vocabularies, make_translation
from explorer.applications.language.translate_words import ALSO_ENGLISH
from explorer.applications.language.words import plain, read_line, shown
from explorer.tasks.problem import WHOLE_SEQUENCES, Batch, Problem
from explorer.tasks.reading import Reading
from explorer.tasks.recipe import Blueprint, Recipe
from explorer.tasks.text import END, START, UNKNOWN

_ENGLISH, _GERMAN = both_vocabularies()
ENGLISH = Lexicon((END, *_ENGLISH, UNKNOWN))
GERMAN = Lexicon((START, END, *_GERMAN, UNKNOWN))

_MOST = 30  # words of an answer
_CERTAIN = 0.9
_LONGEST = 19  # words of the longest sentences it learns from

_EXAMPLES = (
    "I do not see the small dog",
    "Yesterday the old woman bought a flower",
    "He is laughing because your cat can't sing",
    "Will you find my book tomorrow?",
    "The children have three apples",
)

TRANSLATIONS = Corpus(make_translation)


def _batch(pairs: list[Pair]) -> Batch:
    source, read = aside([ENGLISH.units((*pair.read, END)) for pair in pairs], at_start=True)
    words, there = aside([GERMAN.units((START, *pair.said)) for pair in pairs], at_start=False)
    targets, _ = aside([GERMAN.units((*pair.said, END)) for pair in pairs], at_start=False)
    silence = np.zeros_like(words)
    return Batch(
        inputs={"x": np.concatenate([source, silence]), "s": np.concatenate([np.zeros_like(source), words])},
        targets={"E": np.concatenate([np.zeros_like(source), targets])},
        mask=np.concatenate([read, there]),
        source_steps=len(source),
    )


def _baseline(examined: list[Pair], corpus: Corpus) -> float:
    """Share of sentences that come out right if each word is replaced by the German word it goes with most."""
    together: Counter[tuple[str, str]] = Counter()
    english: Counter[str] = Counter()
    german: Counter[str] = Counter()
    for pair in corpus.sample(4000):
        read, said = set(pair.read), set(pair.said)
        english.update(read)
        german.update(said)
        together.update((e, g) for e in read for g in said)
    partner: dict[str, tuple[float, str]] = {}
    for (e, g), times in together.items():  # Dice's coefficient
        partner[e] = max(partner.get(e, (0.0, "")), (2 * times / (english[e] + german[g]), g))
    right = [tuple(partner.get(word, (0.0, word))[1] for word in pair.read) == pair.said for pair in examined]
    return sum(right) / len(right)


def make_problem(corpus: Corpus = TRANSLATIONS, kept_back: int = 400) -> Problem:
    """Whole sentences to translate without a mistake."""
    examined = corpus.kept_back(kept_back)
    return Problem(
        inputs=len(ENGLISH),
        outputs=len(GERMAN),
        draw=lambda rng, rows: _batch(corpus.draw(rng, rows)),
        examine=lambda: _batch(examined),
        metric=WHOLE_SEQUENCES,
        baseline=_baseline(examined, corpus),
        rule="word by word: each is replaced by the German word that it goes with most",
        goal=0.97,
        input_names=ENGLISH.tokens,
        output_names=GERMAN.tokens,
    )


def _ask(text: str, run: Run) -> Asked:
    line = read_line(text, ENGLISH, _EXAMPLES[0], also=ALSO_ENGLISH)
    doubts = list(line.doubts)
    if len(line.words) > _LONGEST:
        doubts.append(
            f"The longest sentence it learnt from has {_LONGEST} words; one state has to hold the whole of this."
        )
    source = np.array([ENGLISH.units((*line.words, END))]).T
    start, end = GERMAN.units((START, END))
    units, trace = greedy(run, {"x": source}, "s", start, end, _MOST)
    said = tuple(GERMAN.tokens[unit] for unit in units)
    steps = len(source)
    chances = outputs(trace)[steps:, 0]
    own = chances.argmax(axis=-1)
    spoken = tuple(
        Spoken(steps + k, Guess(GERMAN.tokens[unit], float(row[unit])))
        for k, (unit, row) in enumerate(zip(own, chances, strict=True), start=1)
    )
    whole = prod(step.guess.probability for step in spoken)
    if whole < UNSURE:
        least, *more = sorted((step.guess for step in spoken), key=lambda guess: guess.probability)
        guesses = [least, *(guess for guess in more[:2] if guess.probability < _CERTAIN)]
        named = ", ".join(f"“{guess.text}” ({guess.probability:.0%})" for guess in guesses)
        doubts.append(
            f"It is not sure: the sentence as a whole has a probability of {whole:.0%}, least sure is {named}."
        )
    if own[-1] != end:
        doubts.append(f"It did not come to an end within {_MOST} words.")
    told = np.array([[start, *own[:-1].tolist()]]).T
    reading = Reading(
        inputs={
            "x": np.concatenate([source, np.zeros_like(told)]),
            "s": np.concatenate([np.full_like(source, start), told]),
        },
        targets={"E": np.concatenate([np.zeros_like(source), own[:, None]])},
        shown=(*map(shown, line.words), END, START, *(GERMAN.tokens[unit] for unit in own[:-1])),
        aims=(*[""] * steps, *(GERMAN.tokens[unit] for unit in own)),
        answers=GERMAN.tokens,
        source_steps=steps,
        notes=(
            *line.notes,
            OWN,
        ),
    )
    return Asked(reading, Answer(_sentence(said, line.words), spoken, doubts=tuple(doubts)))


def _sentence(said: tuple[str, ...], read: tuple[str, ...]) -> str:
    """The answer as it is written; for a word that is not known, the one that was read."""
    foreign = iter([word for word in read if word not in ENGLISH])
    words = [f"*{plain(next(foreign, UNKNOWN))}*" if word == UNKNOWN else word for word in said]
    joined = " ".join(words).replace(" ,", ",")
    return re.sub(r"\w", lambda first: first[0].upper(), joined, count=1) or "It says nothing."


TRANSLATE = Application(
    title="Translation",
    kind="unaligned",
    about="Reads an English sentence to its end, then says it in German, with as many words as that takes.",
    blueprint=Blueprint("encoder_decoder_gru", hidden=44),
    recipe=Recipe(rate=0.005, batch=64, iterations=16000, every=500),
    make_problem=make_problem,
    ask=_ask,
    hint="A short English sentence: who does what",
    examples=_EXAMPLES,
)
