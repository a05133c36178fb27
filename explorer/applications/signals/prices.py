"""Prices: next week's from those so far. Real data, and an honest comparison with "next week = this week"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from explorer.applications.application import HARDLY, Answer, Application, Asked, Curves, Run
from explorer.applications.signals.phrases import clipped, quoted
from explorer.engine.activations import Array
from explorer.engine.timeline import frozen
from explorer.engine.trace import Trace
from explorer.market import market
from explorer.tasks.problem import Batch, Metric, Problem
from explorer.tasks.reading import Reading
from explorer.tasks.recipe import Blueprint, Recipe

EARLY = 0.7
"""Share of the weeks that is trained on; the weeks after them are for the examination."""

WARM_UP = 8  # weeks of an examination that are read before the first answer counts
MOST_PRICES = 121
_WINDOW = 32  # weeks of a sequence in training
_LARGEST = 1e12
_COMPANIES = {
    **dict.fromkeys(("google", "alphabet"), "GOOG"),
    **dict.fromkeys(("facebook", "meta"), "FB"),
    "apple": "AAPL",
    "amazon": "AMZN",
    "netflix": "NFLX",
    "microsoft": "MSFT",
}
_IDLE = frozenset(
    ("week", "weeks", "price", "prices", "stock", "shares", "next", "of", "the", "up", "to", "at", "on", "for", "and")
)


@dataclass(frozen=True, eq=False)
class Weeks:
    """Changes of all prices, log p_t / p_{t-1}, and what makes them numbers near 1.

    Attributes
    ----------
    changes : (weeks, companies) array
        In units of `unit`.
    unit : float
        Their usual size in the early weeks.
    split : int
        How many of them are early.
    """

    changes: Array
    unit: float
    split: int


@lru_cache(maxsize=1)
def weeks() -> Weeks:
    """The data set, divided in time."""
    changes = np.diff(np.log(market().prices), axis=0)
    split = round(EARLY * len(changes))
    unit = float(np.sqrt(np.mean(np.square(changes[:split]))))
    return Weeks(frozen(changes / unit), unit, split)


def _batch(changes: Array) -> Batch:
    """Each step reads a change and is to say the next; (weeks, rows)."""
    return Batch({"x": changes[:-1, :, None]}, {"E": changes[1:, :, None]})


def draw(rng: np.random.Generator, rows: int) -> Batch:
    """Stretches of the early weeks."""
    early = weeks().changes[: weeks().split]
    begin = rng.integers(0, len(early) - _WINDOW, rows)
    company = rng.integers(0, early.shape[1], rows)
    return _batch(early[begin + np.arange(_WINDOW + 1)[:, None], company])


@lru_cache(maxsize=1)
def examine() -> Batch:
    """All companies in the later weeks."""
    return _batch(weeks().changes[weeks().split - WARM_UP - 1 :])


def _typical(errors: Array) -> float:
    """Typical size of an error of the price, as a share of it."""
    return float(np.sqrt(np.mean(np.square(errors)))) * weeks().unit


def _error(trace: Trace, batch: Batch) -> float:
    return _typical((trace[trace.output][1:] - batch.targets["E"])[WARM_UP:])


PRICE_ERROR = Metric("typical error of next week's price", _error, is_error=True, written=".2%")


def make_problem() -> Problem:
    """Say each week by how much the price will change in the next."""
    later = examine().targets["E"][WARM_UP:]
    return Problem(
        inputs=1,
        outputs=1,
        draw=draw,
        examine=examine,
        metric=PRICE_ERROR,
        baseline=_typical(later),
        rule="“next week = this week”",
        goal=0.0,
        naive_loss=float(np.mean(np.square(later))) / 2,
        output_activation="identity",
        loss="squared_error",
    )


@dataclass(frozen=True, eq=False)
class _Typed:
    """Prices as they were understood: so many of them are read, and the one after may be known."""

    name: str
    prices: Array
    following: float | None
    dates: tuple[str, ...]
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def _read(text: str) -> _Typed:
    text, notes = clipped(text)
    doubts = list(notes)
    words = re.findall(r"[^\W\d_]+", text)
    tickers = market().tickers
    named = [_COMPANIES.get(word.lower(), word.upper()) for word in words]
    ticker = next((name for name in named if name in tickers), "")
    unknown = [w for w, name in zip(words, named, strict=True) if name not in tickers and w.lower() not in _IDLE]
    numbers = [float(found) for found in re.findall(r"-?\d+(?:\.\d+)?", text)]
    if unknown:
        doubts.append(f"Not understood: {quoted(unknown)}. There are prices of {', '.join(tickers)}.")
    if len({name for name in named if name in tickers}) > 1:
        doubts.append(f"One company at a time: {ticker} is read.")
    if not ticker:
        usable = [number for number in numbers if 0 < number <= _LARGEST]
        if len(usable) >= 2 and not unknown:
            if len(usable) < len(numbers):
                doubts.append("A price is a number above 0; the others are left out.")
            return _own(usable, notes, doubts)
        what = (
            "A price alone has no past; type at least two" if usable else "There is neither a company nor a price here"
        )
        doubts.append(f"{what}. Until then “{EXAMPLES[0]}” is read.")
        ticker, numbers = _asked(EXAMPLES[0])
    return _known(ticker, numbers, notes, doubts)


def _asked(line: str) -> tuple[str, list[float]]:
    ticker, *numbers = line.split()
    return ticker, [float(number) for number in numbers]


def _own(prices: list[float], notes: tuple[str, ...], doubts: list[str]) -> _Typed:
    if len(prices) > MOST_PRICES:
        doubts.append(f"These are {len(prices)} prices; the last {MOST_PRICES} are read.")
        prices = prices[-MOST_PRICES:]
    changes = np.abs(np.diff(np.log(prices))) / weeks().unit
    largest = float(np.abs(weeks().changes[: weeks().split]).max())
    if changes.max() > largest:
        doubts.append(
            f"In training no price changed by more than {np.expm1(largest * weeks().unit):.0%} in a week; here one "
            f"changes by {np.expm1(min(changes.max() * weeks().unit, 7)):,.0%}."
        )
    if len(prices) <= WARM_UP:
        doubts.append(f"These are {len(prices)} prices only: little to go by.")
    dates = tuple(f"{number}" for number in range(1, len(prices) + 1))
    return _Typed("Your numbers", np.array(prices), None, dates, notes, tuple(doubts))


def _known(ticker: str, numbers: list[float], notes: tuple[str, ...], doubts: list[str]) -> _Typed:
    data = market()
    prices, total = data.prices[:, data.tickers.index(ticker)], len(data.dates)
    week = total
    if numbers:
        week = int(min(max(numbers[0], 2), total))
        if week != numbers[0]:
            doubts.append(f"There are weeks 2 to {total}; the first {week} are read.")
    if len(numbers) > 1:
        doubts.append("After a company only the number of a week is read.")
    if week <= weeks().split:
        doubts.append(
            "The network was trained on these very weeks: how well it does here says nothing about its skill."
        )
    following = float(prices[week]) if week < total else None
    return _Typed(ticker, prices[:week], following, data.dates[:week], notes, tuple(doubts))


def ask(text: str, run: Run) -> Asked:
    """Predict the price after those of a company up to some week, or after the learner's own."""
    typed = _read(text)
    unit = weeks().unit
    changes = np.diff(np.log(typed.prices)) / unit
    trace = run(Batch({"x": changes[:, None, None]}, {}))
    said = trace[trace.output][1:, 0, 0]
    predicted = typed.prices[1:] * np.exp(np.clip(said * unit, -50, 50))
    last = 0.0 if typed.following is None else np.log(typed.following / typed.prices[-1]) / unit
    targets = np.append(changes[1:], last)
    doubts, notes = list(typed.doubts), list(typed.notes)
    if typed.following is None:
        notes.append("The price after the last is not known: its error is measured against “next week = this week”.")
    doubts += _compared(said[:-1], changes[1:], trained_on=typed.name in market().tickers)
    reading = Reading(
        inputs={"x": changes[:, None, None]},
        targets={"E": targets[:, None, None]},
        shown=tuple("" if step % 8 else date for step, date in enumerate(typed.dates[1:])),
        aims=tuple(f"{np.expm1(np.clip(change * unit, -50, 50)):+.1%}" for change in targets),
        notes=tuple(notes),
    )
    expected = f"**{predicted[-1]:.4g}** ({predicted[-1] / typed.prices[-1] - 1:+.1%})"
    became = "" if typed.following is None else f" It became {typed.following:.4g}."
    usual = np.expm1(min(_typical(changes), 7))
    said_so = f"After {typed.prices[-1]:.4g} it expects {expected}; a usual week changes it by {usual:,.1%}.{became}"
    return Asked(reading, Answer(said_so, doubts=tuple(doubts)), _curves(typed, predicted))


def _compared(said: Array, came: Array, trained_on: bool) -> tuple[str, ...]:
    """How the network did in the weeks that it read, if it did no better than the naive rule."""
    if not len(came):
        return ()
    own, naive = _typical(said - came), _typical(came)
    if own < HARDLY * naive:
        return ()
    word = "hardly" if own < naive else "no"
    among = ", those of its training among them," if trained_on else ""
    return (
        f"In these weeks{among} it is {word} better than “next week = this week”: off by {own:.2%}, the rule "
        f"by {naive:.2%}.",
    )


def _curves(typed: _Typed, predicted: Array) -> Curves:
    """Each line over the weeks read and the next: where it says nothing it is not a number."""
    nothing = np.array([np.nan])
    following = nothing if typed.following is None else np.array([typed.following])
    lines = (
        ("price", np.concatenate([typed.prices, following])),
        ("network, a week before", np.concatenate([nothing, nothing, predicted])),
        ("next week = this week", np.concatenate([nothing, typed.prices])),
    )
    unit = "price" if typed.name == "Your numbers" else "price, first week = 1"
    return Curves(tuple((name, frozen(line)) for name, line in lines), unit, typed.name)


EXAMPLES = ("GOOG 90", "NFLX", "AMZN 60", "100 101 99.5 102 103 101 104 106 105 108", "1 2 4 8 16")

PRICES = Application(
    title="Prices",
    kind="aligned",
    about="Reads the weekly prices of a share, and says after each what the next will be.",
    blueprint=Blueprint("gru_reset_after", hidden=4, seed=1),
    recipe=Recipe(rate=0.001, batch=32, iterations=200, every=50),
    make_problem=make_problem,
    ask=ask,
    hint="GOOG, AAPL, AMZN, FB, NFLX or MSFT with the number of a week, or prices of your own",
    examples=EXAMPLES,
)
