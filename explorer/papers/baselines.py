"""What a network without memory can reach on the two tasks that everybody reports: it is what must be beaten."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from explorer.engine.activations import Array
from explorer.engine.forward import forward
from explorer.engine.timeline import frozen
from explorer.fields import Number
from explorer.graph import Connection, Graph, Layer, Presence
from explorer.papers.paper import Paper, Published, shown
from explorer.papers.picture import Panel, Picture, curve

# ---- adding -----------------------------------------------------------------------------------------------------

_ALWAYS_ONE = Graph(
    "a constant",
    (
        Layer("x", 2, role="input"),
        Layer("y", 1, bias="b_y", role="output", presence=Presence(first=-1)),
        Layer("E", 1, "squared_error", role="loss", presence=Presence(first=-1)),
    ),
    (Connection("x", "y", "W_xy"), Connection("y", "E")),
)
_ONE = {"W_xy": np.zeros((2, 1)), "b_y": np.ones(1)}
_CHUNK = 10_000


def adding(rng: np.random.Generator, rows: int, steps: int) -> tuple[Array, Array]:
    """Sequences (T, B, 2) of numbers in [0, 1) and marks, one in each half, and the sums (B,) of the marked two."""
    numbers, marks = rng.random((steps, rows)), np.zeros((steps, rows))
    half, row = steps // 2, np.arange(rows)
    first, second = rng.integers(0, half, rows), rng.integers(half, steps, rows)
    marks[first, row] = marks[second, row] = 1
    return np.stack([numbers, marks], axis=-1), numbers[first, row] + numbers[second, row]


@lru_cache(maxsize=8)
def _squares(sequences: int, steps: int, seed: int) -> Array:
    """(y - target)² of every sequence, from the engine's error, which carries a factor ½."""
    rng = np.random.default_rng(seed)
    found = []
    for start in range(0, sequences, _CHUNK):
        inputs, sums = adding(rng, min(_CHUNK, sequences - start), steps)
        targets = np.broadcast_to(sums[None, :, None], (steps, len(sums), 1))  # compared at the last step only
        found.append(2 * forward(_ALWAYS_ONE, _ONE, inputs, targets).errors["E"][-1])
    return frozen(np.concatenate(found))


def _exact() -> float:
    """∫∫ (u + v - 1)² du dv over the unit square: two nodes of Gauss and Legendre are exact for squares."""
    nodes, weights = np.polynomial.legendre.leggauss(2)
    u, w = (nodes + 1) / 2, weights / 2
    return float(w @ np.square(u[:, None] + u - 1) @ w)


def _adding_numbers(adding_n: int, adding_steps: int, adding_seed: int) -> Mapping[str, float]:
    squares = _squares(adding_n, adding_steps, adding_seed)
    error = squares.std() / np.sqrt(len(squares))
    return {
        "exact mean squared error, by integration": _exact(),
        "measured mean squared error": squares.mean(),
        "the value often printed": squares.mean(),
        "its distance from ours, in standard errors": (0.1767 - squares.mean()) / error if error else float("nan"),
    }


def _adding_picture(adding_n: int, adding_steps: int, adding_seed: int) -> Picture:
    squares = _squares(adding_n, adding_steps, adding_seed)
    seen = np.unique(np.geomspace(max(10, adding_n // 1000), adding_n, 200).astype(int))
    total, total_of_squares = np.cumsum(squares)[seen - 1], np.cumsum(np.square(squares))[seen - 1]
    mean = total / seen
    error = np.sqrt(np.maximum(total_of_squares / seen - np.square(mean), 0) / seen)
    ends = seen[[0, -1]]
    return Picture(
        (
            Panel(
                "sequences seen",
                "mean squared error",
                (
                    curve("± 2 standard errors", seen, mean + 2 * error, "bound"),
                    curve("", seen, mean - 2 * error, "bound"),
                    curve("measured", seen, mean),
                    curve("1/6", ends, [1 / 6, 1 / 6], "reference"),
                    curve("0.1767", ends, [0.1767, 0.1767], "published"),
                ),
                log_x=True,
            ),
        ),
        f"The mean squared error of always answering 1, against the number of sequences seen: after {adding_n:,} it is "
        f"{shown(float(mean[-1]))} with a standard error of {shown(float(error[-1]))}. One sixth is 0.1667; the value "
        "often printed, 0.1767, lies above.",
    )


ADDING = Paper(
    title="Adding task",
    source="Hochreiter & Schmidhuber 1997 (the task); Le, Jaitly & Hinton 2015 and others (the baseline)",
    claim="On the adding problem, always answering 1 has the mean squared error 1/6; a network that does no better has "
    "learnt nothing.",
    fields={
        "adding_n": Number("Sequences", 100, 100_000, 100_000, 1000, "How many sequences are drawn and answered."),
        "adding_steps": Number("Steps T", 2, 50, 10, help="Length of a sequence. The baseline does not depend on it."),
        "adding_seed": Number("Seed", 0, 9999, 1, help="Another seed, another set."),
    },
    published=(
        Published("exact mean squared error, by integration", "0.16667", 1e-2, anywhere=True, written="1/6"),
        # five standard errors of 100,000 sequences: no seed may decide
        Published("measured mean squared error", "0.16667", 2e-2, written="1/6"),
        Published("the value often printed", "0.1767", 1e-2, refuted=True),
    ),
    measure=_adding_numbers,
    plot=_adding_picture,
    free=("adding_steps", "adding_seed"),
)

# ---- copy memory ------------------------------------------------------------------------------------------------

_LENGTH, _ROWS, _SURE = 10, 8, 1000.0


def _memoryless(symbols: int) -> Graph:
    """Knows what time it is, and nothing else: one unit that is 1 once the signal to answer has come."""
    return Graph(
        "a clock",
        (
            Layer("x", symbols + 2, role="input"),
            Layer("d", 1, role="state"),
            Layer("y", symbols + 1, "softmax", bias="b_y", role="output"),
            Layer("E", 1, "cross_entropy", role="loss"),
        ),
        (
            Connection("x", "d", "W_xd", delay=1),
            Connection("d", "d", delay=1),
            Connection("d", "y", "W_dy"),
            Connection("y", "E"),
        ),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Copy:
    """Errors of the memoryless network: at every step, and their mean."""

    per_step: Array
    mean: float


@lru_cache(maxsize=32)
def _copy(delay: int, symbols: int, seed: int) -> _Copy:
    """Run it on generated sequences: symbols to remember, blanks, a signal, blanks in which to answer."""
    blank, signal, steps = symbols, symbols + 1, delay + 2 * _LENGTH
    words = np.random.default_rng(seed).integers(0, symbols, (_LENGTH, _ROWS))
    inputs, targets = np.full((steps, _ROWS), blank), np.full((steps, _ROWS), blank)
    inputs[:_LENGTH], targets[-_LENGTH:] = words, words
    inputs[-_LENGTH - 1] = signal
    hears, answers = np.zeros((symbols + 2, 1)), np.full((1, symbols + 1), 2 * _SURE)
    hears[signal], answers[0, blank] = 1, 0
    sure = np.where(np.arange(symbols + 1) == blank, _SURE, 0)
    trace = forward(_memoryless(symbols), {"W_xd": hears, "W_dy": answers, "b_y": sure}, inputs, targets)
    return _Copy(frozen(trace.errors["E"][1:].mean(axis=1)), trace.loss / (steps * _ROWS))


_COPY = "mean cross-entropy a step, nats"


def _copy_numbers(copy_T: int, copy_symbols: int, copy_seed: int) -> Mapping[str, float]:
    found = _copy(copy_T, copy_symbols, copy_seed)
    return {_COPY: found.mean, "error at a step of the answer, nats": found.per_step[-_LENGTH:].mean()}


def _delays() -> Iterator[int]:
    yield from (10, 30, 100, 300, 1000)


def _copy_picture(copy_T: int, copy_symbols: int, copy_seed: int) -> Picture:
    now = _copy(copy_T, copy_symbols, copy_seed)
    delays = sorted({*_delays(), copy_T})
    means = [_copy(delay, copy_symbols, copy_seed).mean for delay in delays]
    steps = np.arange(1, len(now.per_step) + 1)
    panels = (
        Panel("t, step", "error Eₜ, nats", (curve("measured", steps, now.per_step),)),
        Panel(
            "T, blanks to wait",
            "mean over all steps, nats",
            (curve("measured", delays, means), curve("now", [copy_T], [now.mean], "now", marks=True)),
            log_x=True,
            log_y=True,
        ),
    )
    return Picture(
        panels,
        f"Above, the error of each step: 0 up to step {len(steps) - _LENGTH}, then {shown(float(now.per_step[-1]))} "
        f"nats at each of the {_LENGTH} steps of the answer. Below, the mean over all steps falls with T; now it is "
        f"{shown(now.mean)}.",
    )


COPY = Paper(
    title="Copy task",
    source="Hochreiter & Schmidhuber 1997 (the task); Arjovsky, Shah & Bengio 2016, *Unitary evolution recurrent "
    "neural networks*",
    claim=r"Without memory the best answer to the copy task is blanks, then a guess: $10 \ln 8 / (T + 20)$ nats a "
    "step.",
    fields={
        "copy_T": Number("Blanks T", 1, 2000, 100, help="How long ten symbols have to be kept."),
        "copy_symbols": Number("Symbols", 1, 20, 8, help="Each guess costs the logarithm of this."),
        "copy_seed": Number("Seed", 0, 9999, 1, help="Another seed, other symbols, and the same error."),
    },
    published=(
        Published(_COPY, "0.17329", 1e-4),
        Published(_COPY, "0.02039", 1e-4, {"copy_T": 1000}),
    ),
    measure=_copy_numbers,
    plot=_copy_picture,
    free=("copy_seed",),
)
