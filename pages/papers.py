"""Papers: published numbers beside ours, computed when the page runs."""

import streamlit as st

from pages import paper_card, prose

prose.lead("papers")
card, table = st.columns([2, 1], gap="medium")
with card:
    name = paper_card.choose()
    paper_card.draw(name)
with table:
    paper_card.overview(name)
    prose.below("papers")
