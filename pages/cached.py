"""What pages compute, kept for whoever asks next: small views built on each other, keyed by what they depend on."""

from __future__ import annotations

import streamlit as st

from explorer import gradient_views, vanishing_views, views
from explorer.engine import influence as measured
from explorer.engine.activations import Array
from explorer.settings import Network

unrolled = st.cache_resource(max_entries=64, show_spinner=False)(views.unrolled)
ran = st.cache_resource(max_entries=32, show_spinner=False)(views.ran)
studied = st.cache_resource(max_entries=8, show_spinner="Following every error back …")(vanishing_views.studied)
matched = st.cache_resource(max_entries=256, show_spinner=False)(vanishing_views.matched)
size_of = st.cache_resource(max_entries=256, show_spinner=False)(vanishing_views.size_of)
went_back = st.cache_resource(max_entries=16, show_spinner=False)(gradient_views.went_back)


@st.cache_resource(max_entries=64, show_spinner=False)
def all_influences(network: Network) -> Array | None:
    """‖∂h_t/∂x_k‖ for all t and k, (T, T); None if that takes longer than a page may wait."""
    trace = ran(network).trace
    return measured.influence(trace) if measured.cost(trace) < measured.AFFORDABLE else None


@st.cache_resource(max_entries=256, show_spinner="Measuring how far back the current state can see …")
def influences_on(network: Network, t: int) -> Array:
    """‖∂h_t/∂x_k‖ for one t and all k, (T,)."""
    return measured.influence(ran(network).trace, [t])[0]
