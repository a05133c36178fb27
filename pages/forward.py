"""Forward: the learner's sentence runs through the network, step by step."""

import streamlit as st

from explorer.engine.influence import read_out_layers
from explorer.engine.losses import LOSSES
from explorer.equations import equation
from explorer.figures import charts, diagram
from explorer.naming import NOTATIONS
from explorer.settings import Settings
from explorer.views import Ran, ran
from pages import controls, equation_panel, prose, stage

KEY = "forward_diagram"
cached = st.cache_resource(max_entries=64, show_spinner=False)(ran)


def tracks(view: Ran, shown: str) -> list[diagram.Track]:
    """Strips under the slices: the state as it grows, the error, and what still acts on the state."""
    symbols, trace = NOTATIONS[settings.names].symbols(view.graph), view.trace
    errors = [
        diagram.Track("bars", f"{symbols[name].base}_t", LOSSES[view.graph[name].activation].unit, error[1:, 0])
        for name, error in trace.errors.items()
    ]
    state = diagram.Track("heat", f"{symbols[shown].text}", "value of each unit", trace[shown][1:, 0])
    return [state, *errors, diagram.Track("bars", "‖∂h_t/∂x_k‖", "influence", view.influence)]


settings: Settings = controls.settings()
view = cached(settings)
dark = st.context.theme.type == "dark"
state = read_out_layers(view.graph)[-1]
layer, t = stage.selected(KEY, view.graph, state), stage.cursor(KEY, view.reading.steps)
prose.lead("forward")
prose.notes(view.reading.notes)
stage.draw(
    KEY,
    diagram.scene(
        view.graph,
        view.reading.steps,
        names=settings.names,
        tokens=view.reading.shown,
        limits=(view.reading.steps, view.reading.steps),
        controls=("time",),
        cursor=stage.as_begun(KEY, "cursor", t),
        selected=stage.as_begun(KEY, "selected", (layer, t)),
        values={name: view.trace[name][:, 0] for name in (layer.name for layer in view.graph.layers)},
        tracks=tracks(view, layer if view.graph[layer].size > 1 else state),
        address={"cursor": "t", "selected": "node"},
    ),
)
numbers, output = st.columns([7, 4])
with numbers:
    if t in view.graph[layer].presence.steps(view.reading.steps):
        aims = {loss.name: view.reading.aims for loss in view.graph.with_role("loss")}
        equation_panel.draw(equation(view.trace, (layer, t), settings.names, aims), dark)
    else:
        st.info(f"{layer} does not exist at step {t}: choose a layer that does, or another step.")
with output:
    for loss in view.graph.with_role("output"):
        aim = view.reading.aims[t - 1]
        if t in loss.presence.steps(view.reading.steps):
            st.plotly_chart(
                charts.distribution(view.reading.vocabulary.tokens, view.trace[loss.name][t, 0], aim, dark),
                key="distribution",
                theme=None,
                config={"displayModeBar": False},
                alt=f"Probabilities of the next token at step {t}.",
            )
prose.below("forward")
