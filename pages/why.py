"""Why recurrent: what a place of its own for every word costs, and what it keeps a network from carrying elsewhere."""

from __future__ import annotations

import streamlit as st

from pages import controls, prose, why_position, why_size

settings = controls.settings(takes_trained=False)
prose.lead("why")
choice, choices = st.columns([3.5, 11.5], gap="medium", vertical_alignment="bottom")
with choice:
    controls.widget("why")
is_position = st.session_state["why"] == "position"
with choices:
    with controls.hideable("why_size", not is_position):
        why_size.choose()
    with controls.hideable("why_position", is_position):
        why_position.choose()
(why_position if is_position else why_size).draw(settings)
