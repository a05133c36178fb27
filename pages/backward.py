"""Backward: the errors of the sentence run back through the network, step by step."""

from __future__ import annotations

import streamlit as st

from explorer import scripts
from explorer.derivatives import derivative
from explorer.engine.influence import read_out_layers
from explorer.figures import diagram, reach
from explorer.gradient_views import Limits, WentBack
from explorer.naming import NOTATIONS
from explorer.settings import Settings
from pages import cached, chart, controls, equation_panel, exports, gradient_facts, prose, stage

KEY = "backward_diagram"
IN_VIEW, BEHIND_MORE = ("window", "clip"), ("stride", "by")


@st.fragment  # a step or a limit runs this alone
def picture_and_numbers(settings: Settings) -> None:
    """The diagram with the gradient flowing back, and what arrives in the node that it is pointed at."""
    picture, panel = st.columns([9, 5], gap="medium")
    with panel:
        limits = _limits()
    view = cached.went_back(settings.network, limits)
    exports.data("backward", lambda: {f"log10 |dL/d{name}|": sizes for name, sizes in view.nodes.items()})
    exports.data("weights", lambda: {f"dL/d{name}": array for name, array in view.weights.items()})
    exports.python(lambda: scripts.backward(settings.network, limits))
    graph, reading = view.graph, view.ran.reading
    focus = stage.focus(KEY, graph, reading.steps, layer=read_out_layers(graph)[0], t=1)
    opened, at = stage.opened(focus, graph, reading.steps)
    with picture:
        stage.draw(KEY, graph, _scene(settings, view, opened), focus)
    with panel:
        aims = {loss.name: reading.aims for loss in graph.with_role("loss")}
        equation_panel.backwards(derivative(view.gradients, (opened, at), settings.names, aims))
        if view.truncated is not None:
            st.caption(gradient_facts.left_at(view, (opened, at)))
        st.markdown(gradient_facts.table(view, settings.names))
        st.markdown(gradient_facts.limits(view))


def _limits() -> Limits:
    """The controls of this page."""
    *columns, last = st.columns([2, 2, 2], gap="small", vertical_alignment="bottom")
    with last:
        opened = st.toggle("More limits", key="more_limits")
    behind = controls.hideable("limits", opened)
    for names, places in ((IN_VIEW, columns), (BEHIND_MORE, behind.columns(len(BEHIND_MORE), gap="small"))):
        for name, place in zip(names, places, strict=True):
            with place:
                controls.widget(name)
    return Limits(*(st.session_state[name] for name in ("window", "stride", "clip", "by")))


def _scene(settings: Settings, view: WentBack, opened: str) -> diagram.Scene:
    reading = view.ran.reading
    return diagram.scene(
        view.graph,
        reading.steps,
        names=settings.names,
        tokens=reading.shown,
        controls=("time",),
        wave=-1,
        flows=diagram.Flows(view.nodes, view.links, "norm of the gradient"),
        cuts=view.truncated.cuts if view.truncated else (),
        tracks=gradient_facts.tracks(view, opened, settings.names),
    )


@st.fragment
def itemised(settings: Settings) -> None:
    """Every error by every slice, for one weight: asked for, because it takes a backward pass for each error."""
    asked, choice = st.columns([5, 9], vertical_alignment="bottom")
    with asked:
        opened = st.toggle("Itemise one weight", key="itemise", help="Which error owes how much to which copy of it.")
    if not opened:
        exports.withdraw("items")
        return
    view = cached.went_back(settings.network, Limits())
    symbols = NOTATIONS[settings.names].symbols(view.graph)
    with choice:
        weight = st.selectbox(
            "Weight", gradient_facts.recurrent_first(view), format_func=lambda name: symbols[name].text
        )
    with st.spinner("Carrying every error back on its own …"):
        found = view.items(weight)
    exports.data("items", lambda: {weight: found.matrix})
    exports.python(lambda: scripts.items(settings.network, weight), "items")
    what = f"to ∂L/∂{symbols[weight].text}"
    chart.show(
        reach.items(found.matrix, what, chart.is_dark()), key="items", alt=gradient_facts.items_alternative(found, what)
    )
    st.markdown(gradient_facts.items_sentence(found, symbols[weight].text))


prose.lead("backward")
settings = controls.settings()
prose.notes(cached.ran(settings.network).reading.notes, quiet=settings.network.is_trained)
picture_and_numbers(settings)
itemised(settings)
prose.below("backward")
