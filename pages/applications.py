"""Applications: small trained networks that read what a learner types, and say so when they do not know."""

from __future__ import annotations

import streamlit as st

from pages import answer_panel, application_card, controls, prose

prose.lead("applications")
name, text = application_card.choose()
is_usable = answer_panel.is_usable(name)
if is_usable:
    application_card.draw(name, text, controls.settings().names)
card, reading = st.columns([9, 5], gap="medium")
with card:
    if is_usable:
        application_card.links(name, text)
    prose.about(f"application-{name}")
    application_card.overview(name)
with reading:
    prose.below("applications")
