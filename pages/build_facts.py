"""True facts about the network under construction: whether it can be unrolled, what it remembers, how it learns."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from explorer.build_views import Differentiated
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


def legality(found: Verdict, graph: Graph, symbols: Mapping[str, Symbol]) -> None:
    """Whether the draft can be unrolled, and what the network drawn above remembers."""
    if found.graph is None:
        st.markdown(
            f":red[**✗ {plain(found.sentence)}**] The picture shows the last network that could be unrolled; "
            "the tables keep what you have."
        )
        return
    states = ", ".join(f"${symbols[name].latex()}$" for name in graph.states)
    st.markdown(
        ":green[**✓ It can be unrolled**: no closed walk without delay.] "
        + (f"State, read across a delay: {states}." if states else "No state: no step knows of another.")
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
            "differences give."
            if told.entries
            else "It has no parameters."
        )
    )
