"""Unroll: one network, folded with its cycle or unrolled without any."""

import streamlit as st

from explorer.cycles import total_delay
from explorer.figures import diagram
from explorer.graph import Connection
from explorer.naming import NOTATIONS, Symbol
from explorer.settings import MOST_STEPS, Settings
from explorer.views import MOST_CYCLES, Unrolled, unrolled
from pages import controls, prose, stage

KEY = "unroll_diagram"
cached = st.cache_resource(max_entries=64, show_spinner=False)(unrolled)


def take_length() -> None:
    """The length control was let go: it is a setting like any other."""
    st.session_state["T"] = stage.told_length(KEY)


def counts_table(view: Unrolled) -> str:
    """Folded against unrolled: what changes, and what does not."""
    counts = view.counts
    cycles = f"{MOST_CYCLES} or more" if len(view.cycles) == MOST_CYCLES else str(len(view.cycles))
    initial = f" and {counts.initial_nodes} initial state{'s' * (counts.initial_nodes != 1)}"
    return "\n".join(
        [
            "| | cycles | nodes | edges | parameters |",
            "|---|---|---|---|---|",
            f"| folded | **{cycles}** | {len(view.graph.layers)} | {len(view.graph.connections)} "
            f"| {counts.parameters:,} |",
            f"| unrolled, T = {view.steps} | **0** | {counts.nodes:,}{initial * bool(counts.initial_nodes)} "
            f"| {counts.edges:,} | {counts.parameters:,}, the same |",
        ]
    )


def uses_table(view: Unrolled, symbols: dict[str, Symbol]) -> str:
    """One object each, used in every slice."""
    rows = ["| parameter | numbers | used |", "|---|---|---|"]
    for name, shape in view.graph.parameter_shapes.items():
        uses = view.counts.uses[name]
        times = "once" if uses == 1 else f"{uses} times"
        rows.append(f"| ${symbols[name].latex()}$ | {' × '.join(map(str, shape))} | {times} |")
    return "\n".join(rows)


def cycles_list(cycles: tuple[tuple[Connection, ...], ...], symbols: dict[str, Symbol]) -> str:
    """The cycles of the folded graph, each with the delay that lets it be cut open."""
    lines = []
    for cycle in cycles:
        path = r" \rightarrow ".join(symbols[name].latex() for name in [cycle[0].source, *(c.target for c in cycle)])
        lines.append(f"1. ${path}$, total delay {total_delay(cycle)}")
    return "\n".join(lines) or "None."


settings: Settings = controls.settings()
view = cached(settings)
front = stage.front(view.steps)
symbols = NOTATIONS[settings.names].symbols(view.graph)
prose.lead("unroll")
prose.notes(view.notes)
stage.draw(
    KEY,
    diagram.scene(
        view.graph,
        view.steps,
        names=settings.names,
        tokens=view.words,
        limits=(1, MOST_STEPS),
        controls=("fold", "length", "order"),
        intro=front is None,
        front=front,
        cursor=stage.as_begun(KEY, "cursor", stage.cursor(KEY, view.steps, at_first=1)),
        order=view.order,
        generations=view.generations,
        address={"cursor": "t", "front": "unrolled"},
    ),
    on_length=take_length,
)
left, right = st.columns([5, 4], gap="large")
with left:
    st.markdown(counts_table(view))
    with st.expander("Cycles of the folded graph"):
        st.markdown(cycles_list(view.cycles, symbols))
    prose.below("unroll")
with right:
    st.markdown(uses_table(view, symbols))
