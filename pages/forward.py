"""Forward: the learner's sentence runs through the network, step by step."""

import streamlit as st

from explorer.engine.influence import read_out_layers
from explorer.equations import equation
from explorer.figures import charts, diagram
from pages import cached, chart, controls, equation_panel, prose, stage, strips

KEY = "forward_diagram"

settings = controls.settings()
view = cached.ran(settings.network)
graph, trace, reading = view.graph, view.trace, view.reading
state = read_out_layers(graph)[0]
focus = stage.focus(KEY, graph, reading.steps, layer=state, t=reading.steps)

prose.lead("forward")
prose.notes(reading.notes)
stage.draw(
    KEY,
    diagram.scene(
        graph,
        reading.steps,
        names=settings.names,
        tokens=reading.shown,
        controls=("time",),
        values={layer.name: trace[layer.name][:, 0] for layer in graph.layers},
        tracks=[
            strips.heat(view, focus.layer if graph[focus.layer].size > 1 else state, settings.names),
            *strips.errors(view, settings.names),
            strips.influence(settings.network, focus.t),
        ],
    ),
    focus,
)

numbers, output = st.columns([7, 4])
with numbers:
    if focus.t in graph[focus.layer].presence.steps(reading.steps):
        aims = {loss.name: reading.aims for loss in graph.with_role("loss")}
        equation_panel.draw(equation(trace, (focus.layer, focus.t), settings.names, aims))
    else:
        st.info(f"{focus.layer} does not exist at step {focus.t}: choose a layer that does, or another step.")
with output:
    for layer in graph.with_role("output"):
        if focus.t in layer.presence.steps(reading.steps):
            probabilities, aim = trace[layer.name][focus.t, 0], reading.aims[focus.t - 1]
            chart.show(
                charts.distribution(reading.vocabulary.tokens, probabilities, aim, chart.is_dark()),
                key=f"distribution.{layer.name}",
                alt=f"Probabilities of the next token at step {focus.t}, the most probable first.",
            )
prose.below("forward")
