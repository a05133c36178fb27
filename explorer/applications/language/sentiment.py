"""Stars for a review: the network reads all of it and answers once, at the end."""

from __future__ import annotations

from random import Random
from types import MappingProxyType

import numpy as np

from explorer.applications.application import OWN, UNSURE, Answer, Application, Asked, Guess, Run
from explorer.applications.language.answers import outputs
from explorer.applications.language.corpus import Corpus, Lexicon, Pair, aside
from explorer.applications.language.sentiment_grammar import CLAUSES, OPINIONATED, REVIEWS
from explorer.applications.language.words import read_line, shown
from explorer.graph import Presence
from explorer.tasks.problem import ACCURACY, Batch, Problem
from explorer.tasks.reading import Reading
from explorer.tasks.recipe import Blueprint, Recipe
from explorer.tasks.text import UNKNOWN

_AGREEING = ("and", "and", "", "then", "also")
_DIFFERING = ("but", "but", "however", "yet", "although", "while")
LEXICON = Lexicon((*sorted({*REVIEWS.words, *_AGREEING, *_DIFFERING} - {""}), UNKNOWN))
OPINIONS = frozenset(word for symbol in OPINIONATED for way in REVIEWS.rules[symbol] for word in way)
STARS = tuple(str(stars) for stars in range(1, 6))

_FIGURES = MappingProxyType({"0": "zero", "1": "one", "2": "two", "3": "three", "4": "four", "5": "five"})

_EXAMPLES = (
    "The soup was not bad, the waiter was friendly",
    "Not only good but great!",
    "never good",
    "The pizza was delicious but the service was terrible",
    "I'll never come back",
)


def make_review(chance: Random) -> Pair:
    """One to three clauses and, now and then, something beside the point."""
    clauses = [int(chance.random() * 5) for _ in range(chance.choice((1, 1, 1, 1, 2, 2, 2, 3)))]
    if len(clauses) > 1 and chance.random() < 0.5:  # people are seldom of two minds
        clauses = [min(4, max(0, clauses[0] + chance.choice((-1, 0, 0, 1)))) for _ in clauses]
    words: list[str] = []
    for position, clause in enumerate(clauses):
        if position:
            differs = (clause - 2) * (clauses[position - 1] - 2) < 0
            words += chance.choice(_DIFFERING if differs else _AGREEING).split()
        if chance.random() < 0.15:
            words += REVIEWS.sentence("ASIDE", chance)
        words += REVIEWS.sentence(CLAUSES[clause], chance)
    if chance.random() < 0.1:
        words += REVIEWS.sentence("ASIDE", chance)
    return Pair(tuple(words), (STARS[stars_of(clauses)],))


def stars_of(clauses: list[int]) -> int:
    """The mean of the clauses, of which the last counts half as much again: what comes last stays in mind.

    Examples
    --------
    >>> stars_of([4, 0]), stars_of([0, 4]), stars_of([3])
    (2, 2, 3)
    """
    return round((sum(clauses) + 0.5 * clauses[-1]) / (len(clauses) + 0.5))


REVIEW_CORPUS = Corpus(make_review, blanks=0.08)


def _batch(pairs: list[Pair]) -> Batch:
    tokens, there = aside([LEXICON.units(pair.read) for pair in pairs], at_start=True)
    targets = np.zeros_like(tokens)
    targets[-1] = [STARS.index(pair.said[0]) for pair in pairs]
    return Batch({"x": tokens}, {"E": targets}, there)


def _problem() -> Problem:
    examined = REVIEW_CORPUS.kept_back(400)
    said = [pair.said[0] for pair in examined]
    return Problem(
        inputs=len(LEXICON),
        outputs=len(STARS),
        draw=lambda rng, rows: _batch(REVIEW_CORPUS.draw(rng, rows)),
        examine=lambda: _batch(examined),
        metric=ACCURACY,
        baseline=max(said.count(stars) for stars in STARS) / len(said),
        rule="the most frequent number of stars",
        goal=0.985,
        answers=Presence(first=-1),
        input_names=LEXICON.tokens,
        output_names=STARS,
    )


def _ask(text: str, run: Run) -> Asked:
    line = read_line(text, LEXICON, _EXAMPLES[0], also=_FIGURES)
    tokens = np.array([LEXICON.units(line.words)]).T
    trace = run(Batch({"x": tokens}, {"E": np.zeros_like(tokens)}))
    chances = outputs(trace)[-1, 0]
    best = np.argsort(-chances, kind="stable")
    ranked = tuple(Guess(_stars(int(unit)), float(chances[unit])) for unit in best)
    doubts = list(line.doubts)
    if ranked[0].probability < UNSURE:
        doubts.append(
            f"It is not sure: {ranked[0].text} with {ranked[0].probability:.0%}, "
            f"{ranked[1].text} with {ranked[1].probability:.0%}."
        )
    if not OPINIONS.intersection(line.words):
        doubts.append(
            "It finds no word of praise or blame; it learnt from reviews of restaurants and knows nothing else."
        )
    own = int(best[0])
    reading = Reading(
        inputs={"x": tokens},
        targets={"E": np.full_like(tokens, own)},
        shown=tuple(map(shown, line.words)),
        aims=(*[""] * (len(line.words) - 1), STARS[own]),
        answers=STARS,
        notes=(*line.notes, OWN),
    )
    return Asked(reading, Answer(f"{_stars(own)} ({own + 1} of 5 stars)", ranked=ranked, doubts=tuple(doubts)))


def _stars(unit: int) -> str:
    return "★" * (unit + 1) + "☆" * (4 - unit)


SENTIMENT = Application(
    title="Sentiment",
    kind="many_to_one",
    about="Reads a short review of a restaurant and says how many stars its writer would give.",
    blueprint=Blueprint("gru_reset_after", hidden=24),
    recipe=Recipe(rate=0.005, batch=32, iterations=9000, every=500),
    make_problem=_problem,
    ask=_ask,
    hint="A short review of a restaurant, in English",
    examples=_EXAMPLES,
)
