"""True facts about what unrolling costs, as small tables and sentences in Markdown."""

from __future__ import annotations

from explorer.amounts import in_bytes, in_words
from explorer.cost.measuring import Outcome, Request
from explorer.cost.runs import Measured
from explorer.cost.ways import WAYS, Cost
from explorer.cost_views import Costs, Wasted

_HEAD = (
    "way of training",
    "slices held",
    "bytes kept, by formula",
    "bytes kept, measured",
    "peak with gradients and work space, measured",
    "multiply–adds",
    "times full",
    "exact",
    "learns while reading",
)


def table(found: Costs, chosen: str, outcome: Outcome | None) -> str:
    """One row for every way of training."""
    lines = [f"| {' | '.join(_HEAD)} |", "|---|---|---|---|---|---|---|---|---|"]
    for name, cost in found.costs.items():
        way = WAYS[name]
        title = f"**{way.title}**" if name == chosen else way.title
        cells = [
            _held(cost),
            in_bytes(cost.bytes),
            *_measured(outcome, name, found.work.steps),
            in_words(cost.multiply_adds),
            f"{cost.times_full:.3g}" if cost.times_full < 1000 else f"{cost.times_full:,.0f}",
            "yes" if way.is_exact else "no",
            "yes" if way.learns_online else "no",
        ]
        lines.append(f"| {title} | {' | '.join(cells)} |")
    return "\n".join(lines)


def notes(found: Costs, outcome: Outcome | None) -> str:
    """In which sense a way is exact or learns while reading, and why something has not been measured."""
    lines = [f"* **{WAYS[name].title}**: {WAYS[name].note}." for name in found.costs]
    for why in dict.fromkeys(found.refused.values()):
        titles = ", ".join(WAYS[name].title for name, own in found.refused.items() if own == why)
        lines.append(f"* **Not for this network**: {titles}; {why}.")
    if outcome is not None:
        lines += [
            f"* {WAYS[name].title} was not measured: {why}."
            for name, why in outcome.sentences.items()
            if name in found.costs
        ]
    return "\n".join(lines)


def path(found: Costs) -> str:
    """What more processors could not help."""
    times = 1 / found.path.least if found.path.least else 1
    return (
        "| one row, one pass forward | multiply–adds | share |\n|---|---|---|\n"
        f"| all nodes of the unrolled graph: its work | {found.path.work:,} | 100 % |\n"
        f"| its longest path: its span | {found.path.span:,} | {found.path.least:.1%} |\n"
        f"| connections inside a loop over time | {found.path.looped:,} | {found.path.sequential:.1%} |\n\n"
        "With any number of processors, each computing whole nodes, a pass takes at least "
        f"**{found.path.least:.1%}** of the time that one takes: at most {times:.3g} times as fast."
    )


def wasted(found: Wasted, outcome: Outcome | None) -> str:
    """Padding of rows together and sorted."""
    lines = [
        "| | steps of rows | steps computed | padding | multiply–adds, forward and backward | of them for padding | "
        "measured |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, title, own in (
        ("together", "all rows in one batch", found.together),
        ("sorted", "sorted by length first", found.sorted),
    ):
        steps = sum(own.computed)
        macs = (in_words(count * found.each) for count in (steps, own.padded))
        cells = (f"{sum(own.lengths):,}", f"{steps:,}", f"**{own.share:.1%}**", *macs)
        lines.append(f"| {title} | {' | '.join(cells)} | {_seconds(outcome, name)} |")
    return "\n".join(lines)


def _seconds(outcome: Outcome | None, name: str) -> str:
    if outcome is None:
        return "–"
    if name not in outcome.measured:
        return f"not measured: {outcome.sentences.get(name, 'no answer')}"
    return f"{1000 * outcome.measured[name].seconds:.3g} ms"


def long_run(asked: Request, outcome: Outcome, whole: Cost) -> str:
    """That it ran, or why it did not."""
    (name,) = asked.ways
    ran = outcome.measured.get(name)
    if ran is None or ran.kept is None:
        return f"{WAYS[name].title} over {asked.steps:,} steps was not run: {outcome.sentences.get(name, 'no answer')}."
    return (
        f"{WAYS[name].title} went over {ran.steps:,} steps in {ran.seconds:.2g} seconds and held at most "
        f"**{ran.most_held}** states and slices at once, the given state among them: {in_bytes(ran.kept)} kept, "
        f"{in_bytes(ran.peak)} at the peak. "
        f"Kept whole, the same sequence takes {in_bytes(whole.bytes)}."
    )


def _held(cost: Cost) -> str:
    holds = cost.holds
    parts = [f"{holds.insides:,} whole"]
    if holds.states:
        parts.append(f"{holds.states:,} state" + "s" * (holds.states != 1))
    if holds.sensitivities:
        parts.append("the derivatives of its units by every weight")
    return ", ".join(parts)


def _measured(outcome: Outcome | None, name: str, steps: int) -> tuple[str, str]:
    if outcome is None:
        return "–", "–"
    if name not in outcome.measured:
        return "not measured", "not measured"
    found: Measured = outcome.measured[name]
    over = "" if found.steps == steps else f" ({found.steps:,} steps)"
    kept = "within the peak" if found.kept is None else in_bytes(found.kept)
    return kept, in_bytes(found.peak) + over
