"""True facts about the network under construction: whether it can be unrolled, what it remembers, how it learns."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from explorer.build_views import Differentiated, lacks
from explorer.draft_views import Verdict
from explorer.engine.trace import NotFiniteError
from explorer.equations import number
from explorer.fitting import UnfitError
from explorer.graph import Graph
from explorer.markdown import plain
from explorer.naming import Symbol
from explorer.settings import Network
from explorer.views import Unrolled
from pages import cached, exports


def legality(found: Verdict, refused: str) -> None:
    """Whether the draft can be unrolled, and what it lacks; before that, why the latest edit is not in it."""
    lines = [f":red[**Not taken over:** {plain(refused)}]"] if refused else []
    if found.graph is None:
        lines.append(f":red[**✗ {plain(found.sentence)}**]")
    else:
        missing = " ".join(lacks(found.graph))
        lines.append(f":green[**✓ It can be unrolled.**] {plain(missing)}")
    st.markdown("  \n".join(lines))


def memory(found: Verdict, graph: Graph, symbols: Mapping[str, Symbol]) -> None:
    """What the network that is drawn remembers, and that it is an earlier one if it is."""
    states = ", ".join(f"${symbols[name].latex()}$" for name in graph.states)
    st.markdown(
        "The picture shows the last network that could be unrolled; the tables keep what you have."
        if found.graph is None
        else f"No closed walk without delay. State, read across a delay: {states}."
        if states
        else "No state: no step knows of another."
    )


def gradients(network: Network, view: Unrolled, symbols: Mapping[str, Symbol]) -> None:
    """The parameters with their gradient over the shared sentence, held against central differences."""
    try:
        told: Differentiated | None = cached.differentiated(network)
    except (UnfitError, NotFiniteError) as error:
        told = None
        st.info(plain(str(error)))
    rows = ["| parameter | numbers | used | ‖∂L/∂W‖ |", "|---|---|---|---|"]
    for name, shape in view.graph.parameter_shapes.items():
        times = "once" if view.counts.uses[name] == 1 else f"{view.counts.uses[name]} times"
        norm = number(told.norms[name]) if told else "–"
        rows.append(f"| ${symbols[name].latex()}$ | {' × '.join(map(str, shape))} | {times} | {norm} |")
    st.markdown("\n".join(rows))
    if told is None:
        return
    exports.data("gradients", lambda: told.gradients)
    st.markdown(
        f"**It runs and can be differentiated.** Over “{plain(network.text)}” (read and said with {told.units} units, "
        f"one for each word), $L$ = {number(told.loss)} nats. "
        + (
            f"Of {told.entries} entries of ∂L/∂W, none is further than {number(told.difference)} from what central "
            f"differences give; the largest of all entries is {number(told.largest)}."
            if told.entries
            else "It has no parameters."
        )
    )
