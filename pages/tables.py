"""True facts about a picture, as small tables in Markdown."""

from __future__ import annotations

from explorer.cycles import total_delay
from explorer.graph import Connection
from explorer.naming import Symbol
from explorer.views import MOST_CYCLES, Unrolled


def counts(view: Unrolled) -> str:
    """Folded against unrolled: what changes, and what does not."""
    total = view.counts
    looped = f"{MOST_CYCLES} or more" if len(view.cycles) == MOST_CYCLES else str(len(view.cycles))
    initial = f" and {total.initial_nodes} initial state{'s' * (total.initial_nodes != 1)}"
    return "\n".join(
        [
            "| | cycles | nodes | edges | parameters |",
            "|---|---|---|---|---|",
            f"| folded | **{looped}** | {len(view.graph.layers)} | {len(view.graph.connections)} "
            f"| {total.parameters:,} |",
            f"| unrolled, T = {view.steps} | **0** | {total.nodes:,}{initial * bool(total.initial_nodes)} "
            f"| {total.edges:,} | {total.parameters:,}, the same |",
        ]
    )


def uses(view: Unrolled, symbols: dict[str, Symbol]) -> str:
    """One object each, used in every slice."""
    rows = ["| parameter | numbers | used |", "|---|---|---|"]
    for name, shape in view.graph.parameter_shapes.items():
        times = "once" if view.counts.uses[name] == 1 else f"{view.counts.uses[name]} times"
        rows.append(f"| ${symbols[name].latex()}$ | {' × '.join(map(str, shape))} | {times} |")
    return "\n".join(rows)


def cycles(found: tuple[tuple[Connection, ...], ...], symbols: dict[str, Symbol]) -> str:
    """The cycles of the folded graph, each with the delay that lets it be cut open."""
    lines = []
    for cycle in found:
        path = r" \rightarrow ".join(symbols[name].latex() for name in [cycle[0].source, *(c.target for c in cycle)])
        lines.append(f"1. ${path}$, total delay {total_delay(cycle)}")
    return "\n".join(lines) or "None."
