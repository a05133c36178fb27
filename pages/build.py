"""Build a network: layers and connections in tables and on the picture; what follows from them follows at once."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from explorer import build_views, draft_views, scripts
from explorer.figures import diagram
from explorer.naming import NOTATIONS
from explorer.page_settings.shared import MOST_STEPS
from pages import build_facts, build_files, build_state, build_tables, cached, controls, exports, prose, stage, tables

KEY = "build_diagram"


def take_length() -> None:
    """The length control was let go: it is a setting like any other."""
    st.session_state["T"] = stage.told_length(KEY)


def take_stroke() -> None:
    """The hand has changed something on the picture."""
    edit = stage.told_edit(KEY)
    if edit:
        build_state.take_stroke(edit)


settings = controls.settings(takes_trained=False)
draft = build_state.history().present
graph = build_state.drawn()
found = draft_views.verdict(draft)
network = replace(settings.network, arch=build_views.name_of(graph))
view = cached.built(graph, network.text, network.unit, settings.T)
symbols = NOTATIONS[settings.names].symbols(graph)

prose.lead("build")
build_files.draw(draft)
picture, fields = st.columns([9, 11], gap="medium")
with picture, st.container(key="build_picture"):
    stage.draw(
        KEY,
        graph,
        {
            **diagram.scene(
                graph,
                view.steps,
                names=settings.names,
                tokens=view.words,
                limits=(1, MOST_STEPS),
                controls=("fold", "length", "edit"),
            ),
            **draft_views.marked(found, draft, graph, build_state.said()),
        },
        stage.focus(KEY, graph, view.steps, layer=None, t=1),
        on_length=take_length,
        on_edit=take_stroke,
    )
with fields:
    with st.container(key="build_verdict"):
        build_facts.legality(found, build_state.said())
    build_facts.memory(found, graph, symbols)
    build_tables.draw(draft, found)
build_files.links(network)
left, right = st.columns([5, 4], gap="large")
with left:
    st.markdown(tables.counts(view))
    with st.expander("Cycles of the folded graph"):
        st.markdown(tables.cycles(view.cycles, symbols))
    prose.below("build")
with right:
    build_facts.gradients(network, view, symbols)
exports.python(lambda: scripts.built(network, graph, view.steps))
