"""Gates: their values at every step, the gradient they let through, and what becomes of it with one held or gone."""

from __future__ import annotations

import streamlit as st

from explorer import scripts
from explorer.equations import equation
from explorer.figures import diagram
from explorer.figures.gates import over_time
from explorer.settings import Network, Settings
from pages import cached, chart, controls, equation_panel, exports, gate_panel, prose, stage

KEY = "gates_diagram"
OWN = ("gate", "change", "keep")
WIDTHS = (8, 5)


@st.fragment  # a step or a change of a gate runs this alone
def cell_and_gates(settings: Settings) -> None:
    """The diagram of the changed network, and beside it what its gates let through."""
    picture, panel = st.columns(WIDTHS, gap="medium")
    with panel:
        for column, name in zip(
            st.columns([1.1, 0.97, 1.0], gap="small", vertical_alignment="bottom"), OWN, strict=True
        ):
            with column:
                controls.widget(name)
    gate, change, keep = (st.session_state[name] for name in OWN)
    asked: tuple[Network, str, str, float] = settings.network, gate, change, keep
    view = cached.gated(*asked)
    shown, reading = view.changed, view.changed.reading
    exports.values("as it is", view.whole)
    exports.values("shown", shown)
    focus = stage.focus(KEY, shown.graph, reading.steps, layer=view.lit, t=reading.steps)
    opened, at = stage.opened(focus, shown.graph, reading.steps)
    cell = view.cell_of(opened)
    found = cached.consequence(*asked, view.cells.index(cell))
    exports.python(lambda: scripts.gates(view, keep, found))
    with picture:
        stage.draw(
            KEY,
            shown.graph,
            diagram.scene(
                shown.graph,
                reading.steps,
                names=settings.names,
                tokens=reading.shown,
                controls=("time",),
                values={layer.name: shown.shown(layer.name) for layer in shown.graph.layers},
                tracks=gate_panel.tracks(found, shown, settings.names),
            ),
            focus,
        )
    with panel:
        prose.notes((*reading.notes, *view.notes))
        st.markdown(gate_panel.heading(view, found, settings.names))
        strips, curves = gate_panel.strips(view, view.gates_of(cell)), gate_panel.curves(view, found)
        chart.show(
            over_time(strips, curves, reading.shown, focus.t, "share left", chart.is_dark()),
            key="gates",
            alt=gate_panel.alternative(strips, curves),
        )
        aims = {loss.name: reading.aims for loss in shown.graph.with_role("loss")}
        equation_panel.forwards(equation(shown.trace, (opened, at), settings.names, aims))
    with picture:
        st.markdown(gate_panel.facts(view, found, settings.names))
        st.markdown(gate_panel.sentence(view, found, settings.names))


prose.lead("gates")
cell_and_gates(controls.settings(takes_trained=False))
with st.columns(WIDTHS, gap="medium")[0]:
    prose.below("gates")
