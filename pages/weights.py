"""Bring weights: a network from a file of PyTorch, Keras or the explorer itself, and its way out again."""

from __future__ import annotations

import streamlit as st

from explorer.formats.complaints import WeightsError
from explorer.markdown import plain
from explorer.page_settings.weights import REFERENCE, TYPED
from explorer.weight_views import Asked
from pages import cached, controls, prose, weights_facts, weights_file, weights_picture

MORE = ("weights_steps", "weights_seed", "weights_act", "weights_out", "weights_layout")


def choose() -> weights_file.File:
    """The controls: a ready file or one's own, and what it reads."""
    file, ready, read, more = st.columns([4, 4, 3, 1.3], vertical_alignment="bottom")
    with file:
        own = weights_file.own()
    with ready:
        controls.widget("weights_example", on_change=weights_file.put_away)
    with read:
        controls.widget("weights_input")
    with more:
        opened = st.toggle("More", key="more_weights", help="The input, and what the file cannot say.")
    with controls.hideable("weights_typing", st.session_state["weights_input"] == TYPED):
        controls.widget("weights_typed")
    with controls.hideable("weights_settings", opened, border=True):
        for column, name in zip(st.columns(len(MORE)), MORE, strict=True):
            with column:
                is_stored = name in ("weights_steps", "weights_seed") and st.session_state["weights_input"] == REFERENCE
                controls.widget(name, disabled=is_stored)
    return own or weights_file.example(st.session_state["weights_example"])


def draw(file: weights_file.File) -> None:
    """What is in a file, or why it cannot be read."""
    activation, output_activation, layout = (str(st.session_state[name]) for name in MORE[2:])
    asked = Asked(file.content, layout, activation, output_activation)
    try:
        found = cached.brought(asked)
    except WeightsError as error:
        st.error(plain(str(error)))
        weights_facts.differences(error.differences)
        return
    weights_picture.draw(file, asked, found)
    table, ways_out = st.columns([9, 5], gap="medium")
    with table:
        weights_facts.parameters(found)
    with ways_out:
        weights_file.ways_out(file, asked)


prose.lead("weights")
draw(choose())
prose.below("weights")
