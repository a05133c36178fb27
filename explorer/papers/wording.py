"""Cards in words: tables in Markdown, and the sentence that says which setting a number was printed for."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.fields import Choice, Field
from explorer.papers.paper import Paper, Published, Result, Values, shown

_MARKS = {
    "agrees": "**✓\u00a0agrees**",
    "differs": "**≠\u00a0differs**",
    "refuted": "**✗\u00a0refuted**",
    "holds here": "holds here",
    "elsewhere": "not for this setting",
    "ours": "",
}


def overview(papers: Mapping[str, Paper], opened: str) -> str:
    """All cards in a table: the headline of each, and how many of its numbers agree."""
    rows = ["| | printed | ours | |", "|---|---|---|---|"]
    for name, paper in papers.items():
        checks = paper.checks
        (headline, ours), title = checks[0], paper.title
        wrong = [own for own, found in checks if not own.accepts(found)]
        refuted = sum(own.refuted for own in wrong)
        verdict = f"✓\u00a0{len(checks) - len(wrong)}" + f", ✗\u00a0{refuted} refuted" * bool(refuted)
        if len(wrong) > refuted:
            verdict += f", ≠ {len(wrong) - refuted} differ"
        title = f"**▸ {title}**" if name == opened else title
        rows.append(f"| {title} | {_printed(headline)} | {shown(ours, headline.printed)} | {verdict} |")
    return "\n".join(rows)


def results(paper: Paper, found: tuple[Result, ...]) -> str:
    """One card's numbers in a table."""
    rows = ["| | printed | ours | tolerance | |", "|---|---|---|---|---|"]
    for result in found:
        known, number = result.published, result.shown
        if result.status == "elsewhere":
            printed = ", ".join(f"{_printed(own)} for {_where(paper, {**paper.defaults, **own.at})}" for own in known)
            tolerance = ""
        else:
            printed, tolerance = (", ".join(part(own) for own in known) for part in (_printed, _tolerance))
        rows.append(f"| {result.quantity} | {printed} | {number} | {tolerance} | {_MARKS[result.status]} |")
    return "\n".join(rows)


def headline(paper: Paper, found: tuple[Result, ...]) -> str:
    """The first number of a card that was printed for the setting, in one line; and what is refuted."""
    compared = [result for result in found if result.status not in ("ours", "elsewhere")]
    chosen = [*[result for result in compared if result.status != "refuted"][:1]]
    chosen += [result for result in compared if result.status == "refuted"]
    return "  \n".join(
        f"{result.quantity}: printed {', '.join(map(_printed, result.published))}, "
        f"ours **{result.shown}**, {_MARKS[result.status]}"
        for result in chosen
    )


def departure(paper: Paper, values: Values) -> str | None:
    """Where the setting has left every one that something was printed for; None if it has not."""
    if any(paper.applies(own, values) for own in paper.published if not own.anywhere):
        return None
    fixed = [own for own in paper.published if not own.anywhere]
    if not fixed:
        return None
    nearest = min(paper.settings, key=lambda known: len(_changed(paper, known, values)))
    changed = _changed(paper, nearest, values)
    now = _where(paper, values, changed)
    return f"Printed for {_where(paper, nearest, changed)}; now {now}. The printed numbers do not apply."


def setting(paper: Paper, values: Values) -> str:
    """A short name for a setting that something was printed for."""
    return _where(paper, values)


def _changed(paper: Paper, known: Values, values: Values) -> list[str]:
    return [name for name in paper.fields if name not in paper.free and known[name] != values[name]]


def _where(paper: Paper, values: Values, names: list[str] | None = None) -> str:
    """The fields in which settings differ, with their values."""
    varied = {name for known in paper.settings for name in _changed(paper, paper.settings[0], known)}
    wanted = [name for name in paper.fields if name in (varied if names is None else names)]
    wanted = wanted or [name for name in paper.fields if name not in paper.free]
    return ", ".join(f"{_symbol(paper.fields[name])} = {_value(paper.fields[name], values[name])}" for name in wanted)


def _symbol(field: Field) -> str:
    """The letter at the end of a label, "Weight w"; else the label."""
    *rest, last = field.label.split()
    return last if rest and len(last) <= 2 and "×" not in rest else field.label


def _value(field: Field, value: object) -> str:
    if isinstance(field, Choice):
        return field.labels[str(value)]
    return f"{value:.10g}".replace("-", "−") if isinstance(value, int | float) else str(value)


def _printed(own: Published) -> str:
    return own.text if own.relation == "=" or own.written else f"{own.relation} {own.text}"


def _tolerance(own: Published) -> str:
    if own.relation != "=":
        return f"up to {own.printed}".replace("-", "−") if own.written else "a bound"
    if not own.tolerance:
        return "exact"
    digits = own.allowed > own.tolerance * abs(own.value)
    return "the digits printed" if digits else f"{own.tolerance:.0e}".replace("e-0", "e−")
