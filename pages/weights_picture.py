"""A brought network over an input: the diagram with its values, and how far its last state reaches back."""

from __future__ import annotations

from zlib import crc32

import streamlit as st

from explorer import scripts, weight_views
from explorer.engine.activations import Array
from explorer.engine.trace import NotFiniteError
from explorer.equations import power
from explorer.figures import diagram, reach
from explorer.figures.diagram import Track
from explorer.formats import reference
from explorer.formats.brought import Brought
from explorer.formats.complaints import WeightsError
from explorer.naming import NOTATIONS
from explorer.weight_views import Asked, Shown
from pages import cached, chart, controls, exports, prose, stage, weights_facts
from pages.weights_file import File


def draw(file: File, asked: Asked, found: Brought) -> None:
    """The picture beside what was recognised; if it cannot be run, why not."""
    values = st.session_state
    source, typed = values["weights_input"], values["weights_typed"] or ""
    steps, seed = int(values["weights_steps"]), int(values["weights_seed"])
    view = None
    try:
        view = cached.brought_shown(asked, source, steps, seed, typed)
        prose.notes(view.notes)
    except (WeightsError, NotFiniteError) as error:
        prose.notes([str(error)])
    picture, panel = st.columns([9, 5], gap="medium")
    with picture:
        if view:
            _diagram(f"weights_{file.key}_{crc32(repr((source, typed)).encode()):08x}", view)
    with panel:
        weights_facts.recognised(found)
        weights_facts.comparison(found)
        weights_facts.differences(found.report.differences)
        if view:
            _reach(view)
    exports.data("weights", lambda: _arrays(found, view))
    if view:
        exports.python(lambda: scripts.brought(file.path, found, view))


@st.fragment  # a step runs this alone
def _diagram(key: str, view: Shown) -> None:
    graph, steps, names = view.graph, view.trace.steps, controls.settings().names
    top = reference.read_at(graph)[0]
    focus = stage.focus(key, graph, steps, layer=top, t=steps)
    opened, _ = stage.opened(focus, graph, steps)
    symbol = NOTATIONS[names].symbols(graph)[opened]
    tracks = [Track("heat", f"{symbol.base}_t", "value of each unit", view.along(opened))]
    if view.apart is not None:
        tracks.append(Track("bars", "|y − reference|", "largest difference", view.apart))
    stage.draw(
        key,
        graph,
        diagram.scene(
            graph,
            steps,
            names=names,
            controls=("time",),
            values={name: view.values(name) for name in _layers(view)},
            tracks=tracks,
        ),
        focus,
    )


def _reach(view: Shown) -> None:
    """How far the last state reaches back, or why that is not drawn."""
    if view.trace.steps < 2:
        return
    found = weight_views.reach(view)
    if not found:
        st.caption(
            "How far the last state reaches back is not drawn: there is no state, none whose steps follow from their "
            "neighbours alone, or its Jacobians have too many numbers, or too large ones."
        )
        return
    symbols = NOTATIONS[controls.settings().names].symbols(view.graph)
    curves = [reach.Curve(symbols[name].text, 0, kind, log10) for kind, (name, log10) in enumerate(found.items())]
    ends = "; ".join(f"{curve.title}: {power(float(curve.log10[-1]))} after {len(curve.log10) - 1}" for curve in curves)
    # backward in time, the last is the first
    figure = reach.fading(curves, "‖∂sₜ/∂sₖ‖", chart.is_dark(), across="steps from the last state")
    chart.show(
        figure,
        key="weights_reach",
        alt=f"The norm of the derivative of the last state by earlier ones, over steps back. {ends}.",
    )


def _layers(view: Shown) -> list[str]:
    return [layer.name for layer in view.graph.layers]


def _arrays(found: Brought, view: Shown | None) -> dict[str, Array]:
    """The parameters, and whatever was computed with them."""
    return {**found.parameters, **({name: view.values(name) for name in _layers(view)} if view else {})}
