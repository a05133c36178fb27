"""Unroll: one network, folded with its cycle or unrolled without any."""

import streamlit as st

from explorer import scripts
from explorer.figures import diagram
from explorer.naming import NOTATIONS
from explorer.page_settings.shared import MOST_STEPS
from pages import cached, controls, exports, prose, stage, tables

KEY = "unroll_diagram"


def take_length() -> None:
    """The length control was let go: it is a setting like any other."""
    st.session_state["T"] = stage.told_length(KEY)


settings = controls.settings()
view = cached.unrolled(settings.network, settings.T)
symbols = NOTATIONS[settings.names].symbols(view.graph)
focus = stage.focus(KEY, view.graph, view.steps, layer=None, t=1)

prose.lead("unroll")
prose.notes(view.notes, quiet=settings.network.is_trained)
stage.draw(
    KEY,
    view.graph,
    diagram.scene(
        view.graph,
        view.steps,
        names=settings.names,
        tokens=view.words,
        limits=(1, MOST_STEPS),
        controls=("fold", "length", "order"),
        intro=True,
        order=view.order,
        generations=view.generations,
    ),
    focus,
    on_length=take_length,
)

left, right = st.columns([5, 4], gap="large")
with left:
    st.markdown(tables.counts(view))
    with st.expander("Cycles of the folded graph"):
        st.markdown(tables.cycles(view.cycles, symbols))
    prose.below("unroll")
with right:
    st.markdown(tables.uses(view, symbols))
exports.data(
    "order",
    lambda: {
        "layer": [name for name, _ in view.order],
        "step": [t for _, t in view.order],
        "generation": [view.generations[node] for node in view.order],
    },
)
exports.python(lambda: scripts.unrolled(settings.network, view.steps))
