"""A label under every word: person, company, time or other, read from both sides."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

import numpy as np

from explorer.applications.application import OWN, Answer, Application, Asked, Guess, Run, Spoken
from explorer.applications.language.answers import outputs
from explorer.applications.language.corpus import Corpus, Lexicon, Pair, aside
from explorer.applications.language.entities_grammar import LABELS, NEWS, make_news
from explorer.applications.language.words import Line, plain, read_line, shown, some_of
from explorer.engine.activations import Array
from explorer.tasks.problem import WHOLE_SEQUENCES, Batch, Problem
from explorer.tasks.reading import Reading
from explorer.tasks.recipe import Blueprint, Recipe
from explorer.tasks.text import UNKNOWN

LEXICON = Lexicon((*NEWS.words, UNKNOWN))

_EXAMPLES = (
    "Anna met Jordan in May",
    "Jordan reported losses on Friday",
    "May will join Apple next week",
    "The puma ate an apple",
    "Dr Morgan left Morgan Stanley two years ago",
)

NEWS_CORPUS = Corpus(make_news)

_SURE = 0.8
"""A label whose probability is less is said to be unsure: of four, for one word of many, it is more easily wrong."""


def _batch(pairs: list[Pair]) -> Batch:
    tokens, there = aside([LEXICON.units(pair.read) for pair in pairs], at_start=False)
    targets, _ = aside([[LABELS.index(label) for label in pair.said] for pair in pairs], at_start=False)
    return Batch({"x": tokens}, {"E": targets}, there)


def _baseline(examined: list[Pair]) -> float:
    """Share of sentences that a list of words, each with its most frequent label, labels without a mistake."""
    seen: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for pair in NEWS_CORPUS.sample(4000):
        for word, label in zip(pair.read, pair.said, strict=True):
            seen[word][label] += 1
    usual = {word: labels.most_common(1)[0][0] for word, labels in seen.items()}
    right = [all(usual.get(w, LABELS[0]) == said for w, said in zip(p.read, p.said, strict=True)) for p in examined]
    return sum(right) / len(right)


def _problem() -> Problem:
    examined = NEWS_CORPUS.kept_back(400)
    return Problem(
        inputs=len(LEXICON),
        outputs=len(LABELS),
        draw=lambda rng, rows: _batch(NEWS_CORPUS.draw(rng, rows)),
        examine=lambda: _batch(examined),
        metric=WHOLE_SEQUENCES,
        baseline=_baseline(examined),
        rule="every word has the label it has most often, whatever stands around it",
        goal=0.99,
        input_names=LEXICON.tokens,
        output_names=LABELS,
    )


def _ask(text: str, run: Run) -> Asked:
    line = read_line(text, LEXICON, _EXAMPLES[0])
    tokens = np.array([LEXICON.units(line.words)]).T
    trace = run(Batch({"x": tokens}, {"E": np.zeros_like(tokens)}))
    chances = outputs(trace)[:, 0]
    own = chances.argmax(axis=-1)
    reading = Reading(
        inputs={"x": tokens},
        targets={"E": own[:, None]},
        shown=tuple(map(shown, line.words)),
        aims=tuple(LABELS[label] for label in own),
        answers=LABELS,
        notes=(*line.notes, OWN),
    )
    steps = tuple(
        Spoken(t, Guess(LABELS[label], float(row[label])))
        for t, (label, row) in enumerate(zip(own, chances, strict=True), start=1)
    )
    doubts = (*line.doubts, *_doubts(line, chances))
    return Asked(reading, Answer(_said(line.words, [LABELS[label] for label in own]), steps, doubts=doubts))


def _doubts(line: Line, chances: Array) -> Iterator[str]:
    """Which labels (T, size) are not to be trusted: of words it does not know, and of those it is not sure about."""
    guessed, unsure = [], []
    for word, row in zip(line.words, chances, strict=True):
        first, second = np.argsort(-row, kind="stable")[:2]
        if row[first] < _SURE:
            unsure.append(f"“{shown(word)}” ({LABELS[first]} {row[first]:.0%}, {LABELS[second]} {row[second]:.0%})")
        elif word in line.unknown and first:
            guessed.append(f"“{shown(word)}” ({LABELS[first]} {row[first]:.0%})")
    if guessed:
        yield f"Unknown, and labelled by the words around it alone: {some_of(guessed)}."
    if unsure:
        yield f"It is not sure about {some_of(unsure)}."


def _said(words: tuple[str, ...], labels: list[str]) -> str:
    """What was found, kind by kind; neighbours of one kind are one name."""
    found: dict[str, list[str]] = {}
    before = LABELS[0]
    for word, label in zip(words, labels, strict=True):
        names = found.setdefault(label, [])
        if label == before and names:
            names[-1] += " " + plain(word)
        else:
            names.append(plain(word))
        before = label
    parts = [f"**{label}**: {', '.join(found[label])}" for label in LABELS[1:] if label in found]
    return " · ".join(parts) or "no person, no company, no time"


ENTITIES = Application(
    title="Named entities",
    kind="aligned",
    about="Reads a sentence from both sides and says of each word whether it is a person, a company, a time or none.",
    blueprint=Blueprint("bidirectional_lstm", hidden=10, bias=1.0),
    recipe=Recipe(rate=0.004, batch=64, iterations=14000, every=500),
    make_problem=_problem,
    ask=_ask,
    hint="A sentence in English, as in the news",
    examples=_EXAMPLES,
)
