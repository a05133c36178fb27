"""Strings of the embedded Reber grammar, which symbol may come next (Reber 1967; Hochreiter & Schmidhuber 1997).

A Reber string is a walk through seven states, from the first to the end, with two equally likely ways on from all but
the first and the last. Embedded, it stands between two equal symbols: B T … T E or B P … P E.
"""

from __future__ import annotations

from functools import lru_cache
from math import log

import numpy as np

from explorer.engine.activations import Array
from explorer.engine.timeline import frozen
from explorer.engine.trace import Trace
from explorer.tasks.problem import Batch, Metric, Problem
from explorer.tasks.recipe import Blueprint, Recipe
from explorer.tasks.task import EXAMINED, Steps, Task, examination_rng

SYMBOLS = ("B", "T", "S", "X", "P", "V", "E")

WAYS = (
    (("B", 1),),
    (("T", 2), ("P", 3)),
    (("S", 2), ("X", 4)),
    (("T", 3), ("V", 5)),
    (("X", 3), ("S", 6)),
    (("P", 4), ("V", 6)),
    (("E", 7),),
)
"""For each state: the symbols that may come next, and where they lead; state 7 is the end."""

OUTER = ("T", "P")
AROUND = 4
"""Symbols of an embedded string around the Reber string in it."""
SHORTEST = 5 + AROUND

_END = len(WAYS)
_AT = {symbol: i for i, symbol in enumerate(SYMBOLS)}
_BEGIN, _LAST = _AT["B"], _AT["E"]
_OUTER = frozen(np.array([_AT[symbol] for symbol in OUTER]))
# a state with one way on takes it whichever way is drawn; the end stays the end
_SAID = frozen(np.array([[_AT[way[i % len(way)][0]] for i in (0, 1)] for way in WAYS] + [[_LAST, _LAST]]))
_NEXT = frozen(np.array([[way[i % len(way)][1] for i in (0, 1)] for way in WAYS] + [[_END, _END]]))


def _walks(rng: np.random.Generator, rows: int, longest: int) -> tuple[Array, Array]:
    """Reber strings of at most so many symbols, (longest, rows), E repeated after their end; and their lengths."""
    found, lengths, missing = [], [], rows
    while missing:
        ways = rng.integers(0, 2, (longest, 2 * missing))
        state = np.zeros(2 * missing, np.int64)
        said = np.empty_like(ways)
        length = np.full(2 * missing, longest)
        for t, way in enumerate(ways):
            said[t], state = _SAID[state, way], _NEXT[state, way]
            length[(state == _END) & (length > t + 1)] = t + 1
        ended = np.flatnonzero(state == _END)[:missing]
        found.append(said[:, ended])
        lengths.append(length[ended])
        missing -= len(ended)
    return np.concatenate(found, axis=1), np.concatenate(lengths)


def strings(rng: np.random.Generator, rows: int, longest: int) -> tuple[Array, Array]:
    """Embedded Reber strings as tokens (longest of them, rows), E repeated after their end; and their lengths."""
    inside, lengths = _walks(rng, rows, longest - AROUND)
    every, outer = np.arange(rows), _OUTER[rng.integers(0, 2, rows)]
    whole = np.full((int(lengths.max()) + AROUND, rows), _LAST)
    whole[0], whole[1] = _BEGIN, outer
    whole[2:-2] = inside[: lengths.max()]
    whole[2 + lengths, every] = outer
    return whole, lengths + AROUND


def legal(read: Array, lengths: Array) -> Array:
    """(T, B, 7) of bool: what may come after each symbol of strings of which `read` is (T, B) all but the last."""
    steps, rows = read.shape
    may = np.zeros((steps, rows, len(SYMBOLS)), bool)
    every, state = np.arange(rows), np.zeros(rows, np.int64)
    may[0][:, _OUTER] = True
    may[1, :, _BEGIN] = True
    for t in range(2, steps):
        way = (_SAID[state, 0] != read[t]).astype(np.int64)
        state = _NEXT[state, way]
        for i in (0, 1):
            may[t, every, _SAID[state, i]] = True
    for back, symbol in ((3, read[1]), (2, np.full(rows, _LAST))):
        may[lengths - back, every] = False
        may[lengths - back, every, symbol] = True
    return may


def _strings_right(trace: Trace, batch: Batch) -> float:
    said, mask = trace[trace.output][1:], _mask(batch)
    (read,) = batch.inputs.values()
    may = legal(read, mask.sum(axis=0) + 1)
    least, wrong = np.where(may, said, np.inf).min(axis=-1), np.where(may, 0, said)
    right = (least > wrong.max(axis=-1)) & (wrong.sum(axis=-1) < TOLERATED)
    return float((right | ~mask).all(axis=0).mean())


def _mask(batch: Batch) -> Array:
    return np.ones((batch.steps, batch.rows), bool) if batch.mask is None else batch.mask


TOLERATED = 0.1
"""Probability that symbols which may not come next have together, at most, where a prediction counts as right."""

STRINGS_RIGHT = Metric("strings predicted right throughout", _strings_right)
"""Share of strings in which at every step each symbol that may come next is held likelier than any that may not, and
all that may not together hardly likely."""


def _reber(longest: int, text: str) -> Problem:
    def draw(rng: np.random.Generator, rows: int) -> Batch:
        whole, lengths = strings(rng, rows, longest)
        mask = np.arange(len(whole) - 1)[:, None] < lengths - 1
        return Batch({"x": whole[:-1]}, {"E": whole[1:]}, mask)

    # Whoever knows the grammar but not the outer symbol has two equally likely symbols to choose from at all but three
    # steps of a string: before the inner B, the inner E, and the last E.
    length = _mean_length(longest - AROUND) + AROUND
    return Problem(
        inputs=len(SYMBOLS),
        outputs=len(SYMBOLS),
        draw=draw,
        examine=lambda: draw(examination_rng(), EXAMINED),
        metric=STRINGS_RIGHT,
        baseline=0.5,
        rule="know the grammar, but guess the last T or P",
        goal=1.0,
        naive_loss=log(2) * (length - 4) / (length - 1),
        input_names=SYMBOLS,
        output_names=SYMBOLS,
    )


@lru_cache(maxsize=64)
def _mean_length(longest: int) -> float:
    """Mean length of the Reber strings that are not longer than that."""
    at = np.eye(_END + 1)[0]
    step = np.zeros((_END, _END + 1))
    for state, ways in enumerate(WAYS):
        for _, following in ways:
            step[state, following] += 1 / len(ways)
    ended = []
    for _ in range(longest):
        at = at[:_END] @ step
        ended.append(at[_END])
    return float(np.arange(1, longest + 1) @ ended / np.sum(ended))


REBER = Task(
    title="Embedded Reber grammar",
    about=(
        "Read a string that a small automaton has written, and say which symbols may come next. The last but one is "
        "the same as the second, T or P, and nothing in between tells which."
    ),
    expectation=(
        "A plain RNN first learns the grammar and guesses the T or P at the end, which is the baseline. In 1990 it "
        "remained there; most strings are short, and with orthogonal weights, clipping and Adam it gets further."
    ),
    steps=Steps("Longest string", "Symbols in a string, at most; longer ones are not drawn.", SHORTEST, 30, 60),
    setup=_reber,
    blueprint=Blueprint("lstm", hidden=16, bias=1.0),
    recipe=Recipe(rate=0.01, iterations=3000, every=25),
)
