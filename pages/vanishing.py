"""Vanishing & exploding: two networks on the same input, and how far each lets a gradient reach."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import streamlit as st

from explorer.figures import reach
from explorer.naming import NOTATIONS
from explorer.settings import FIELDS, Settings
from explorer.vanishing_views import Studied
from pages import cached, chart, controls, prose, reach_facts

SECOND = {"act": "act2", "init": "init2", "radius": "radius2", "gain": "gain2", "bias": "bias2"}


def _matrices(pair: tuple[Studied, Studied], t: int, names: str) -> tuple[Any, str]:
    titles = [f"{mark}: {view.graph.name}, ∂/∂{view.state}" for mark, view in zip("AB", pair, strict=True)]
    found = [view.flow.log10(view.state) for view in pair]
    figure = reach.matrices(titles, found, t, "‖∂L<sub>t</sub>/∂s<sub>k</sub>‖", chart.is_dark())
    return figure, "Two triangular heat maps: rows are errors, columns are steps, colour is the norm on a log scale."


def _spectra(pair: tuple[Studied, Studied], t: int, names: str) -> tuple[Any, str]:
    titles, found = [], []
    for mark, view in zip("AB", pair, strict=True):
        distances, values = view.spectrum(t)
        none = f"{mark}: {view.graph.name} has no one direction of time"
        titles.append(f"{mark}: {view.graph.name}, σ of ∂s<sub>t</sub>/∂s<sub>k</sub>" if len(distances) else none)
        found.append((distances, values))
    bounds = [view.bound for view in pair]
    figure = reach.spectra(titles, found, bounds, chart.is_dark())
    return figure, "Singular values of the product of state Jacobians over distance, the largest as a thick line."


def _openness(pair: tuple[Studied, Studied], t: int, names: str) -> tuple[Any, str]:
    titles, found = [], []
    for mark, view in zip("AB", pair, strict=True):
        symbols = NOTATIONS[names].symbols(view.graph)
        titles.append(f"{mark}: {view.graph.name}, φ′(a) of every unit")
        found.append({symbols[name].text: array for name, array in view.openness.items()})
    figure = reach.openness(titles, found, t, chart.is_dark())
    return figure, "Heat maps of the slope of every unit at every step, pale where the unit is saturated."


LOOKS: MappingProxyType[str, Callable[[tuple[Studied, Studied], int, str], tuple[Any, str]]] = MappingProxyType(
    {"T × T matrix": _matrices, "Singular values": _spectra, "Saturation": _openness}
)


def compared(settings: Settings) -> tuple[Studied, Studied]:
    """Both networks, on the same input and from the same seed."""
    first = settings.network
    own = {name: st.session_state.get(key, FIELDS[key].default) for name, key in SECOND.items()}
    second = replace(first, arch=st.session_state["arch2"], **own)
    if st.session_state["match"] == "matched":
        second = cached.matched(second, cached.size_of(first))
    length = int(st.session_state["length"])
    return cached.studied(first, length), cached.studied(second, length)


@st.fragment
def comparison(settings: Settings) -> None:
    """The controls of this page, and everything that follows from them."""
    for column, name in zip(
        st.columns([2, 2, 3, 2, 1.3], vertical_alignment="bottom"), ("length", "at", "arch2", "match", ""), strict=True
    ):
        with column:
            if name:
                controls.widget(name)
            else:
                opened = st.toggle("More B", key="more_b", help="Activation, weights, radius, gain and bias of B.")
    with controls.hideable("second_settings", opened, border=True):
        for column, name in zip(st.columns(len(SECOND)), SECOND.values(), strict=True):
            with column:
                controls.widget(name)
    pair = compared(settings)
    steps = min(view.steps for view in pair)
    t = min(int(st.session_state["at"] or steps), steps)
    prose.notes(dict.fromkeys(note for view in pair for note in view.notes))
    left, right = st.columns(2, gap="medium")
    with left:
        curves = reach_facts.curves(pair, t, settings.names)
        chart.show(
            reach.fading(curves, f"‖∂L<sub>{t}</sub>/∂s<sub>k</sub>‖", chart.is_dark()),
            key="fading",
            alt=reach_facts.alternative(curves),
        )
    with right:
        look = st.segmented_control(
            "Show", list(LOOKS), default=next(iter(LOOKS)), key="look", label_visibility="collapsed", required=True
        )
        figure, alt = LOOKS[look or next(iter(LOOKS))](pair, t, settings.names)
        chart.show(figure, key="look_figure", alt=alt)
    st.markdown(reach_facts.sentence(pair, t, settings.names))
    st.markdown(reach_facts.table(pair, t))


prose.lead("vanishing")
comparison(controls.settings())
prose.below("vanishing")
