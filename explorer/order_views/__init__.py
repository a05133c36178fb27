"""What the page Order matters shows: two networks that read the same words twice, in two orders.

One is recurrent; the other is a bag of words, whose state is a sum. For both, all that is shown follows from the states
after each word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from explorer.application_views import answered
from explorer.applications import shelf
from explorer.applications.application import ABOUT_TARGETS, Guess
from explorer.applications.bags import TRAINED, bag
from explorer.architectures import build
from explorer.documents import to_link
from explorer.engine.forward import forward
from explorer.engine.influence import read_out_layers
from explorer.engine.trace import Trace
from explorer.equations import equation
from explorer.order_views.shuffling import orders
from explorer.order_views.ways import TwoWays, Walk
from explorer.page_settings.shared import SENTENCE
from explorer.parameters import initialize
from explorer.tasks.problem import Metric
from explorer.tasks.reading import Reading
from explorer.tasks.text import START, Vocabulary, lay_out, read_words

_RANKED = 5
_UNITS, _SEED = 8, 1  # of what has learnt nothing
_LISTED = 6
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class InTwoOrders:
    """A recurrent network and a bag of words, both of which have read both sentences.

    Attributes
    ----------
    recurrent, bag : TwoWays
    notes : tuple of str
        Sentences: words that only one of the two sentences has, and what could not be read.
    """

    recurrent: TwoWays
    bag: TwoWays
    notes: tuple[str, ...]

    @property
    def says_the_same(self) -> bool:
        """Whether both sentences are the same words, and the same to the bag."""
        first, second = (walk.chances for walk in self.bag.walks)
        return (
            not _not_shared(self.recurrent)
            and not self.bag.is_torn
            and first.keys() == second.keys()
            and np.allclose(list(first.values()), list(second.values()), rtol=0, atol=_ROUNDING)
        )


@dataclass(frozen=True, slots=True)
class Score:
    """How well networks do on sentences kept back from training, in the order in which they were written.

    Attributes
    ----------
    metric : Metric
    rows : int
        Sentences.
    recurrent, bag : float
    """

    metric: Metric
    rows: int
    recurrent: float
    bag: float

    @property
    def is_close(self) -> bool:
        """Whether the order is worth less than one answer in a hundred there."""
        return abs(self.recurrent - self.bag) < 0.01


def in_two_orders(reader: str, first: str, second: str) -> InTwoOrders:
    """What a reader and its bag of words make of two sentences.

    Parameters
    ----------
    reader : str
        Key of `READERS`.
    first, second : str

    Examples
    --------
    >>> found = in_two_orders("untrained", "how are you", "you are how")
    >>> found.recurrent.parting, found.recurrent.is_torn, found.bag.is_torn
    (2, True, False)
    """
    recurrent, summed, notes = READERS[reader](first, second)
    return InTwoOrders(recurrent, summed, tuple(dict.fromkeys([*notes, *_not_shared(recurrent)])))


def scored(reader: str) -> Score | None:
    """The network against the bag on sentences in their own order; None for one that has learnt nothing."""
    if reader not in TRAINED:
        return None
    problem, examination = TRAINED[reader].problem, TRAINED[reader].course.examination
    recurrent, summed = (
        problem.metric.measure(shelf.run(name, examination), examination) for name in (reader, f"{reader}_bag")
    )
    return Score(problem.metric, examination.rows, recurrent, summed)


def shuffled(reader: str, text: str, seed: int) -> str:
    """What a reader reads of a text, in another order; if there is no other order of just that, the text.

    Parameters
    ----------
    reader : str
        Key of `READERS`: one that reads marks keeps them, another one drops them.
    text : str
    seed : int

    Examples
    --------
    >>> shuffled("sentiment", "never bad, always good!", seed=0)
    'good bad never always'
    >>> shuffled("untrained", "no, no", seed=0), shuffled("untrained", "no no", seed=0)
    (', no no', 'no no')
    """
    walk = in_two_orders(reader, text, text).recurrent.walks[0]
    read = [word for word in walk.shown if word != START]
    for mixed in orders(text, read, seed):
        found = in_two_orders(reader, text, mixed)
        first, second = (own.shown for own in found.recurrent.walks)
        if first != second and found.says_the_same:
            return mixed
    return text


Both = tuple[TwoWays, TwoWays, tuple[str, ...]]
"""The recurrent network, the bag, and sentences about what could not be read."""


def _trained(name: str) -> Callable[[str, str], Both]:
    """A network of the Applications page, and the bag that has learnt the same."""

    def read(*texts: str) -> Both:
        ways, notes = [], []
        for network in (name, f"{name}_bag"):
            heard = [answered(network, text) for text in texts]
            trace = heard[0].ran.trace
            first, second = (_walk(own.ran.trace, own.asked.reading, own.asked.answer.ranked) for own in heard)
            ways.append(_two_ways(trace, first, second))
            if network == name:
                for mark, own in zip("AB", heard, strict=True):
                    changed = [note for note in own.asked.reading.notes if note not in ABOUT_TARGETS]
                    notes += [f"{mark}: {note}" for note in dict.fromkeys([*changed, *own.asked.answer.doubts])]
        return ways[0], ways[1], tuple(notes)

    return read


def _untrained(*texts: str) -> Both:
    """An Elman network and a bag of words with weights from the same seed, for words of any language."""
    read = [read_words(text, "words", SENTENCE) for text in texts]
    vocabulary = Vocabulary.of([word for words, _ in read for word in words])
    ways = []
    for arch in ("elman", to_link(bag(_UNITS, _UNITS))):
        graph = build(arch, inputs=len(vocabulary), hidden=_UNITS, outputs=len(vocabulary))
        weights = initialize(graph, _SEED)
        walks = []
        for words, _ in read:
            reading = lay_out(graph, words, vocabulary)
            trace = forward(graph, weights, reading.inputs, reading.targets)
            walks.append(_walk(trace, reading))
        ways.append(_two_ways(trace, walks[0], walks[1]))
    notes = [f"{mark}: {note}" for mark, (_, found) in zip("AB", read, strict=True) for note in found]
    return ways[0], ways[1], tuple(notes)


READERS: Mapping[str, Callable[[str, str], Both]] = MappingProxyType(
    {"sentiment": _trained("sentiment"), "complete": _trained("complete"), "untrained": _untrained}
)
"""Name → how two sentences are read."""


def _two_ways(trace: Trace, first: Walk, second: Walk) -> TwoWays:
    graph = trace.graph
    carried = tuple(equation(trace, (name, min(2, trace.steps))).symbols for name in graph.states)
    return TwoWays(graph.name, _state(trace), graph.parameter_count, (first, second), carried)


def _state(trace: Trace) -> str:
    """What the output reads of all that is kept from step to step, or else the last that is kept."""
    states = trace.graph.states
    return next((name for name in read_out_layers(trace.graph) if name in states), states[-1])


def _walk(trace: Trace, reading: Reading, ranked: tuple[Guess, ...] = ()) -> Walk:
    """The way through one sentence; without an answer in words, the most probable outputs are it."""
    (tokens,) = reading.inputs.values()
    chances = trace[trace.output][-1, 0]
    if not ranked:
        best = np.argsort(-chances, kind="stable")[:_RANKED]
        ranked = tuple(Guess(reading.answers[unit], float(chances[unit])) for unit in best)
    named = dict(zip(reading.answers, chances.tolist(), strict=True))
    return Walk(
        shown=reading.shown,
        units=tuple(int(unit) for unit in np.asarray(tokens)[:, 0]),
        states=trace[_state(trace)][:, 0],
        ranked=ranked,
        chances=MappingProxyType({**named, **{guess.text: guess.probability for guess in ranked}}),
    )


def _not_shared(ways: TwoWays) -> list[str]:
    """A sentence about words that the two sentences do not have in common."""
    first, second = (Counter(walk.shown) for walk in ways.walks)
    parts = [
        f"{where}: {', '.join(f'“{word}”' for word in list(own)[:_LISTED])}"
        for where, own in (("only in A", first - second), ("only in B", second - first))
        if own
    ]
    if not parts:
        return []
    return [f"These are not the same words ({'; '.join(parts)}), so a bag of words may tell them apart as well."]
