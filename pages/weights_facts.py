"""What was recognised in a file of weights, in what it differs, and its parameters, as small tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from explorer import weight_views
from explorer.equations import number
from explorer.formats.brought import ASKED, BY_REFERENCE, Brought, Report
from explorer.formats.complaints import Difference, shaped, shortened
from explorer.markdown import plain
from explorer.naming import NOTATIONS
from pages import controls

MOST_ROWS = 12
_LEFT_OPEN = {"activation": "φ of hidden units", "output_activation": "outputs are squashed by", "layout": "layout"}
_NAMED = {"identity": "nothing"}
_DIRECTIONS = ("none in time", "one", "both")


def recognised(found: Brought) -> None:
    """Whose file it is, and of what."""
    report, graph = found.report, found.graph
    read = " + ".join(str(layer.size) for layer in graph.with_role("input"))
    hidden = dict.fromkeys(graph[name].size for name in graph.states)
    said = " + ".join(str(layer.size) for layer in graph.with_role("output"))
    rows = {
        "layout": f"**{plain(report.framework)} {plain(report.kind)}**",
        "gates in the file": report.gates,
        "form": report.variant,
        "levels, from below": _levels(report),
        "directions": _DIRECTIONS[min(report.directions, 2)],
        "reads → keeps → says": f"{read} → {', '.join(map(str, hidden))} → {said or 'its states'}",
        "numbers": f"{report.numbers:,}, {report.precision}",
        **{_LEFT_OPEN[name]: _chosen(report, name) for name in report.undecided},
    }
    lines = [f"| {name} | {value} |" for name, value in rows.items() if value]
    st.markdown("\n".join(["| in the file | |", "|---|---|", *lines]))


def comparison(found: Brought) -> None:
    """The network's answer beside the one in its file."""
    compared = found.report.comparison
    if compared is None:
        st.info(
            "The file brings no reference to compare with: store *reference\\_input* and *reference\\_output* in it."
        )
        return
    names = " and ".join(f"${NOTATIONS['matrices'].symbols(found.graph)[name].latex()}$" for name in compared.layers)
    step, row, unit = compared.at
    where = f"at step {step}, unit {unit + 1}" + f" of row {row + 1}" * (compared.wanted.shape[1] > 1)
    sentence = (
        f"{names} against *{plain(compared.array)}* in the file: they differ by at most "
        f"**{number(compared.difference)}** ({where}). "
        f"Rounding in {compared.precision} explains {number(compared.tolerance)}"
    )
    if compared.agrees:
        st.success(f"Reproduced. {sentence}.")
    else:
        st.warning(f"Not reproduced. {sentence}, so something was read in another way than it was meant.")


def differences(found: Sequence[Difference]) -> None:
    """Every array that is not as expected; nothing, if all are."""
    if not found:
        return
    rows = [
        f"| {plain(shortened(one.array))} | {one.what} | {plain(one.expected)} | {plain(one.found)} |"
        for one in found[:60]
    ]
    more = f"\n\n… and {len(found) - 60} more." if len(found) > 60 else ""
    st.markdown("\n".join(["| array | is | expected | in the file |", "|---|---|---|---|", *rows]) + more)


def parameters(found: Brought) -> None:
    """Every parameter in numbers, the recurrent ones first."""
    facts = weight_views.facts(found)
    symbols = NOTATIONS[controls.settings().names].symbols(found.graph)
    rows = ["| parameter | shape | ‖·‖ | largest | spectral radius |", "|---|---|---|---|---|"]
    shown = facts
    if len(facts) > MOST_ROWS and not st.toggle(
        f"All {len(facts)} parameters", key="weights_all", help="Not only the first."
    ):
        shown = facts[:MOST_ROWS]
    for fact in shown:
        radius = "" if fact.radius is None else f"**{number(fact.radius)}**"
        name = f"${symbols[fact.name].latex()}$"
        rows.append(f"| {name} | {shaped(fact.shape)} | {number(fact.norm)} | {number(fact.largest)} | {radius} |")
    st.markdown("\n".join(rows))


def left_open(choices: Mapping[str, str]) -> str:
    """What the arrays of a file do not say, in words."""
    return "; ".join(f"{_LEFT_OPEN[name]}: {_NAMED.get(value, value)}" for name, value in choices.items())


def _levels(report: Report) -> str:
    return ", ".join(plain(shortened(name)) for name in report.levels)


def _chosen(report: Report, name: str) -> str:
    value = report.choices[name]
    agrees = report.comparison is not None and report.comparison.agrees
    why = {
        ASKED: "as you chose",
        BY_REFERENCE: "as the reference says" if agrees else "nearest to the reference",
    }.get(report.decided[name], "the file does not say")
    return f"{_NAMED.get(value, value)} ({why})"
