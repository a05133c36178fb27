"""The next word, as one types: the network reads what is there and says what may follow."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from random import Random

import numpy as np
from numpy.typing import NDArray

from explorer.applications.application import FOLLOWING, UNSURE, Answer, Application, Asked, Guess, Run
from explorer.applications.language.answers import outputs
from explorer.applications.language.complete_grammar import TALK
from explorer.applications.language.corpus import Corpus, Lexicon, Pair, aside
from explorer.applications.language.words import Line, plain, read_line, shown
from explorer.engine.activations import Array
from explorer.engine.trace import Trace
from explorer.tasks.problem import Batch, Metric, Problem
from explorer.tasks.reading import Reading
from explorer.tasks.recipe import Blueprint, Recipe
from explorer.tasks.text import END, START, UNKNOWN

LEXICON = Lexicon((START, END, *TALK.words, UNKNOWN))
_FIRST = 3  # suggestions that a telephone shows
_RANKED = 5
_GOES_ON = 6  # words
_UNEXPECTED = 0.01
_SENTENCES_END = re.compile(r"[.!?…]+")

_EXAMPLES = (
    "i would like a cup of",
    "how are",
    "she does not like to wat",
    "Yesterday we went to the",
    "do you want to",
)


def make_talk(chance: Random) -> Pair:
    """A sentence, and after each of its words the next."""
    words = TALK.sentence("ROOT", chance)
    for place, following in enumerate(words[1:]):
        if words[place] in ("a", "an"):
            words[place] = "an" if following[0] in "aeiou" else "a"
    return Pair((START, *words), (*words, END))


TALK_CORPUS = Corpus(make_talk, blanks=0.05)


def _batch(pairs: list[Pair]) -> Batch:
    tokens, there = aside([LEXICON.units(pair.read) for pair in pairs], at_start=False)
    targets, _ = aside([LEXICON.units(pair.said) for pair in pairs], at_start=False)
    return Batch({"x": tokens}, {"E": targets}, there)


def _among_first(trace: Trace, batch: Batch) -> float:
    (target,) = batch.targets.values()
    (asked,) = batch.answered(trace.graph).values()
    chances = outputs(trace)
    rank = (chances > np.take_along_axis(chances, target[..., None], axis=-1)).sum(axis=-1)
    return float((rank < _FIRST)[asked].mean())


def _baseline(examined: list[Pair]) -> float:
    """How often the next word is among those that most often follow the last one, all before it forgotten."""
    follow: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for pair in TALK_CORPUS.sample(4000):
        for word, following in zip(pair.read, pair.said, strict=True):
            follow[word][following] += 1
    usual = {word: {following for following, _ in counted.most_common(_FIRST)} for word, counted in follow.items()}
    right = [said in usual.get(read, ()) for pair in examined for read, said in zip(pair.read, pair.said, strict=True)]
    return sum(right) / len(right)


def _problem() -> Problem:
    examined = TALK_CORPUS.kept_back(300)
    return Problem(
        inputs=len(LEXICON),
        outputs=len(LEXICON),
        draw=lambda rng, rows: _batch(TALK_CORPUS.draw(rng, rows)),
        examine=lambda: _batch(examined),
        metric=Metric("next word among the first three suggestions", _among_first),
        baseline=_baseline(examined),
        rule="the three words that most often follow the last word, whatever stands before it",
        goal=0.73,
        input_names=LEXICON.tokens,
        output_names=LEXICON.tokens,
    )


def _read(text: str) -> tuple[Line, str]:
    """The last sentence, and the beginning of a word at its end, if there is one."""
    *before, last = _SENTENCES_END.split(text)
    line, begun = read_line(last, LEXICON, at_end=True), ""
    is_open = bool(line.words) and not text[-1].isspace() and line.words[-1] not in LEXICON
    if is_open and any(word.startswith(line.words[-1]) for word in LEXICON.tokens):
        *words, begun = line.words
        before_it, found, _ = last.lower().rpartition(begun)
        line = read_line(before_it if found else " ".join(words), LEXICON, at_end=True)
    notes, doubts = [*line.notes], [*line.doubts]
    if any(part.strip() for part in before):
        notes.append("Only the last sentence is read: it learnt from single sentences.")
    if begun:
        notes.append(f"“{shown(begun)}” is taken for the beginning of a word.")
    elif not line.words:
        notes.append("There is no word yet: it suggests how a sentence may begin.")
        doubts += notes[-1:] if text.strip() else []
    return replace(line, notes=tuple(notes), doubts=tuple(doubts)), begun


def _ask(text: str, run: Run) -> Asked:
    line, begun = _read(text)
    words, doubts = line.words, list(line.doubts)

    def following(read: Sequence[str]) -> tuple[NDArray[np.int64], Array]:
        """Tokens read, and the probabilities of the next word at every step."""
        tokens = np.array([LEXICON.units((START, *read))]).T
        return tokens, outputs(run(Batch({"x": tokens}, {"E": tokens})))[:, 0]

    tokens, chances = following(words)
    fitting = np.array([word.startswith(begun) and word not in (START, UNKNOWN) for word in LEXICON.tokens])
    expected = np.where(fitting, chances[-1], 0.0)
    if expected.sum() < _UNEXPECTED:
        doubts.append(f"It would not have expected a word that begins with “{shown(begun)}” here.")
    expected /= expected.sum()
    best = [int(unit) for unit in np.argsort(-expected, kind="stable")[:_RANKED] if fitting[unit]]
    ranked = tuple(Guess(LEXICON.tokens[unit], float(expected[unit])) for unit in best)
    if (share := sum(guess.probability for guess in ranked)) < UNSURE:
        doubts.append(f"It is not sure: all that it suggests has a probability of {share:.0%} together.")

    goes_on = [ranked[0].text]
    while goes_on[-1] != END and len(goes_on) < _GOES_ON:
        goes_on.append(LEXICON.tokens[int(following((*words, *goes_on))[1][-1].argmax())])
    aims = [
        word if word in LEXICON else LEXICON.tokens[own]
        for word, own in zip(words, chances.argmax(axis=-1), strict=False)
    ]
    aims.append(ranked[0].text)
    reading = Reading(
        inputs={"x": tokens},
        targets={"E": np.array([LEXICON.units(aims)]).T},
        shown=(START, *map(shown, words)),
        aims=tuple(aims),
        answers=LEXICON.tokens,
        notes=(
            *line.notes,
            FOLLOWING,
        ),
    )
    spoken = " ".join(word for word in goes_on if word != END)
    said = " ".join([*map(plain, words), f"**{spoken}**" if spoken else "", "." if goes_on[-1] == END else "…"])
    return Asked(reading, Answer(" ".join(said.split()), ranked=ranked, doubts=tuple(doubts)))


COMPLETE = Application(
    title="Auto-completion",
    kind="aligned",
    about="Reads the beginning of a sentence and suggests the next word, or the rest of a word that is only begun.",
    blueprint=Blueprint("lstm", hidden=20, bias=1.0),
    recipe=Recipe(rate=0.005, batch=32, iterations=8000, every=500),
    make_problem=_problem,
    ask=_ask,
    hint="The beginning of an everyday sentence, in English; the last word may be unfinished",
    examples=_EXAMPLES,
)
