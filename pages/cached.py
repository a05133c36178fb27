"""What pages compute, kept for whoever asks next: small views built on each other, keyed by what they depend on."""

from __future__ import annotations

from typing import Any

import streamlit as st

from explorer import application_views, gate_reach, gate_views, gradient_views, padding, reports, vanishing_views, views
from explorer.applications.kinds import KINDS
from explorer.engine import influence as measured
from explorer.engine.activations import Array
from explorer.gate_reach import Consequence
from explorer.gate_views import Gated
from explorer.padding import Padded
from explorer.papers import PAPERS, wording
from explorer.papers.paper import Result
from explorer.papers.picture import Picture
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


@st.cache_resource(max_entries=16, show_spinner=False)
def gated(network: Network, gate: str, change: str, keep: float) -> Gated:
    """A network with one of its gates changed, and what it is compared with."""
    return gate_views.gated(network, gate, change, keep, ran)


@st.cache_resource(max_entries=16, show_spinner=False)
def consequence(network: Network, gate: str, change: str, keep: float, cell: int) -> Consequence:
    """What that does to the gradient in the cell of that number."""
    view = gated(network, gate, change, keep)
    return gate_reach.consequence(view, view.cells[cell])


@st.cache_resource(max_entries=16, show_spinner="Computing …")
def card(name: str, values: tuple[tuple[str, Any], ...]) -> tuple[tuple[Result, ...], Picture]:
    """Numbers and picture of a paper in a setting."""
    paper = PAPERS[name]
    return paper.compute(**dict(values)), paper.picture(**dict(values))


@st.cache_resource(max_entries=16, show_spinner="Running every card …")
def all_cards(opened: str) -> str:
    """The table of all papers, with one of them marked."""
    return wording.overview(PAPERS, opened)


answered = st.cache_resource(max_entries=32, show_spinner=False)(application_views.answered)
shipped = st.cache_resource(max_entries=32, show_spinner=False)(reports.shipped)
report = st.cache_resource(max_entries=32, show_spinner="Examining the network …")(reports.report)


shown = st.cache_resource(max_entries=32, show_spinner=False)(application_views.shown)


@st.cache_resource(max_entries=32, show_spinner=False)
def padded(kind: str, text: str, steps: int) -> Padded:
    """A type of task at work, with steps that do not count, against the same without them."""
    return padding.padded(KINDS[kind].application, shown(kind, text), steps)
