"""Vanishing & exploding: two networks on the same input, and how far each lets a gradient reach."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Any

import streamlit as st

from explorer import scripts
from explorer.fields import shortened
from explorer.figures import reach
from explorer.gates import gated_architectures
from explorer.naming import NOTATIONS
from explorer.page_settings.vanishing import LOOKS, USUAL_KEEP_BIAS
from explorer.settings import FIELDS, Settings
from explorer.vanishing_views import Studied
from pages import cached, chart, controls, exports, prose, reach_facts

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")  # Plotly sets its own too small to be read
SECOND = {"act": "act2", "init": "init2", "radius": "radius2", "gain": "gain2", "bias": "bias2"}


def _matrices(pair: tuple[Studied, Studied], t: int, names: str) -> tuple[Any, str]:
    symbols = [NOTATIONS[names].symbols(view.graph)[view.state].text for view in pair]
    titles = [
        f"{mark}: {shortened(view.graph.name, 22)}, ∂/∂{symbol}"
        for mark, view, symbol in zip("AB", pair, symbols, strict=True)
    ]
    found = [view.flow.log10(view.state) for view in pair]
    figure = reach.matrices(titles, found, t, "‖∂Lₜ/∂sₖ‖", chart.is_dark())
    ends = "; ".join(f"{title}: {reach_facts.ends(array, t)}" for title, array in zip(titles, found, strict=True))
    return figure, f"Heat maps with a row for each error and a column for each step, the norm as colour. {ends}."


def _products(pair: tuple[Studied, Studied], t: int, names: str) -> tuple[Any, str]:
    found = [view.spectrum(t) for view in pair]
    titles = _titles(pair, found, "σ of ∂sₜ/∂sₖ")
    figure = reach.spectra(titles, found, [view.bound for view in pair], chart.is_dark())
    return figure, "Singular values of the product of state Jacobians over distance, the largest as a thick line."


def _steps(pair: tuple[Studied, Studied], t: int, names: str) -> tuple[Any, str]:
    found = [view.step_spectrum() for view in pair]
    titles = _titles(pair, found, "σ of ∂sₜ/∂sₜ₋₁")
    figure = reach.spectra(titles, found, [None, None], chart.is_dark(), across="step t")
    return figure, "Singular values of the state Jacobian of every single step, the largest as a thick line."


def _titles(pair: tuple[Studied, Studied], found: list[tuple[Any, Any]], what: str) -> list[str]:
    said = [
        f"{view.graph.name}, {what if len(steps) else view.why_not}"
        for view, (steps, _) in zip(pair, found, strict=True)
    ]
    return [f"{mark}: {text}" for mark, text in zip("AB", said, strict=True)]


def _openness(pair: tuple[Studied, Studied], t: int, names: str) -> tuple[Any, str]:
    titles = [f"{mark}: {view.graph.name}, φ′(a) of every unit" for mark, view in zip("AB", pair, strict=True)]
    figure = reach.openness(titles, [_named(view, view.openness, names) for view in pair], t, chart.is_dark())
    return figure, "Heat maps of the slope of every unit at every step, pale where the unit is saturated."


def _activity(pair: tuple[Studied, Studied], t: int, names: str) -> tuple[Any, str]:
    titles = [f"{mark}: {view.graph.name}, φ(a) of every unit" for mark, view in zip("AB", pair, strict=True)]
    figure = reach.activity(titles, [_named(view, view.activity, names) for view in pair], t, chart.is_dark())
    return figure, "Heat maps of the value of every squashed unit at every step; those at the ends are saturated."


def _named(view: Studied, layers: Mapping[str, Any], names: str) -> dict[str, Any]:
    symbols = NOTATIONS[names].symbols(view.graph)
    return {symbols[name].text: array for name, array in layers.items()}


PICTURES: Mapping[str, Callable[[tuple[Studied, Studied], int, str], tuple[Any, str]]] = MappingProxyType(
    dict(zip(LOOKS, (_matrices, _products, _steps, _openness, _activity), strict=True))
)


def _reached(view: Studied) -> Mapping[str, Any]:
    return {f"log10 |dL_t/d{state}_k|": view.flow.log10(state) for state in view.flow.states}


def compared(settings: Settings) -> tuple[Studied, Studied]:
    """Both networks, on the same input and from the same seed."""
    first = settings.network
    own = {name: st.session_state.get(key, FIELDS[key].default) for name, key in SECOND.items()}
    if own["bias"] is None:
        own["bias"] = USUAL_KEEP_BIAS if st.session_state["arch2"] in gated_architectures() else 0.0
    second = replace(first, arch=st.session_state["arch2"], **own)
    if st.session_state["match"] == "matched":
        second = cached.matched(second, cached.size_of(first))
    length = int(st.session_state["length"])
    return cached.studied(first, length), cached.studied(second, length)


def second_network() -> None:
    """The controls of length and of network B."""
    *columns, last = st.columns([2, 4, 2, 1.3], vertical_alignment="bottom")
    for column, name in zip(columns, ("length", "arch2", "match"), strict=True):
        with column:
            controls.widget(name)
    with last:
        opened = st.toggle("More B", key="more_b", help="Activation, weights, radius, gain and bias of B.")
    with controls.hideable("second_settings", opened, border=True):
        for column, name in zip(st.columns(len(SECOND)), SECOND.values(), strict=True):
            with column:
                controls.widget(name)


@st.fragment  # another error or another picture runs this alone
def comparison(pair: tuple[Studied, Studied], names: str) -> None:
    """The way back of one error through both networks."""
    steps = min(view.steps for view in pair)
    left, right = st.columns(2, gap="medium")
    with left:
        label, field = st.columns([2, 3], vertical_alignment="center")
        label.markdown("Error at step *t*")
        with field:
            controls.widget("at", label_visibility="collapsed")
        t = min(int(st.session_state["at"] or steps), steps)
        curves = reach_facts.curves(pair, t, names)
        chart.show(
            reach.fading(curves, f"‖∂L{str(t).translate(SUBSCRIPTS)}/∂sₖ‖", chart.is_dark()),
            key="fading",
            alt=reach_facts.alternative(curves),
        )
    with right:
        controls.widget("look")
        figure, alt = PICTURES[st.session_state["look"]](pair, t, names)
        chart.show(figure, key="look_figure", alt=alt)
    for mark, view in zip("AB", pair, strict=True):
        exports.data(mark, partial(_reached, view))
    exports.python(lambda: scripts.vanishing(pair, t, st.session_state["look"]))
    st.markdown(reach_facts.sentence(pair, t, names))
    st.markdown(reach_facts.table(pair, t))


settings = controls.settings(takes_trained=False)
prose.lead("vanishing")
second_network()
pair = compared(settings)
prose.notes(dict.fromkeys(note for view in pair for note in view.notes))
comparison(pair, settings.names)
prose.below("vanishing")
