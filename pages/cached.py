"""What pages compute, kept for whoever asks next: small views built on each other, keyed by what they depend on."""

from __future__ import annotations

from typing import Any

import streamlit as st

from explorer import (
    application_views,
    build_views,
    cost_views,
    gate_reach,
    gate_views,
    gradient_views,
    order_views,
    padding,
    questions,
    reports,
    vanishing_views,
    views,
    weight_views,
)
from explorer.applications.kinds import KINDS
from explorer.cost.measuring import Outcome as CostOutcome
from explorer.cost.measuring import Request
from explorer.engine import influence as measured
from explorer.engine.activations import Array
from explorer.formats import ways_out
from explorer.formats.ways_out import Written
from explorer.gate_reach import Consequence
from explorer.gate_views import Gated
from explorer.padding import Padded
from explorer.papers import PAPERS, wording
from explorer.papers.paper import Result
from explorer.papers.picture import Picture
from explorer.positions import room
from explorer.positions.learning import Experiment, Outcome
from explorer.settings import Network
from explorer.weight_views import Asked, Shown

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


in_two_orders = st.cache_resource(max_entries=64, show_spinner=False)(order_views.in_two_orders)
order_scored = st.cache_resource(max_entries=8, show_spinner="Examining both networks …")(order_views.scored)


built = st.cache_resource(max_entries=64, show_spinner=False)(build_views.built)
differentiated = st.cache_resource(max_entries=32, show_spinner="Differentiating …")(build_views.differentiated)
questions_written = st.cache_resource(max_entries=4, show_spinner="Computing every number …")(questions.written)


weighed = st.cache_resource(max_entries=128, show_spinner=False)(room.weighed)


@st.cache_resource(max_entries=64, show_spinner=False)
def experiment(wanted: Experiment) -> list[tuple[Outcome, ...]]:
    """Where the outcome of an experiment is kept by whoever has carried it out; empty until then."""
    return []


costs = st.cache_resource(max_entries=64, show_spinner=False)(cost_views.costs)
cost_curves = st.cache_resource(max_entries=64, show_spinner=False)(cost_views.curves)
cost_film = st.cache_resource(max_entries=64, show_spinner=False)(cost_views.pictured)


@st.cache_resource(max_entries=64, show_spinner=False)
def cost_outcome(asked: Request) -> list[CostOutcome]:
    """Where the outcome of a measurement is kept by whoever has asked for it; empty until then."""
    return []


brought = st.cache_resource(max_entries=16, show_spinner=False)(weight_views.brought)


@st.cache_resource(max_entries=32, show_spinner=False)
def brought_shown(asked: Asked, source: str, steps: int, seed: int, typed: str) -> Shown:
    """A network from a file, over an input."""
    return weight_views.shown(brought(asked), source, steps, seed, typed)


@st.cache_resource(max_entries=16, show_spinner="Writing and reading again …")
def written(asked: Asked, way: str) -> Written:
    """A network from a file as another file, read again and compared."""
    return ways_out.written(brought(asked), way)
