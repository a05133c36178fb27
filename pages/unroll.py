"""Unroll: one network, folded with its cycle or unrolled without any."""

import streamlit as st

from explorer.figures import diagram
from explorer.naming import NOTATIONS
from explorer.settings import MOST_STEPS
from pages import cached, controls, prose, stage, tables

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
