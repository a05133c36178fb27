"""Forward: the learner's sentence runs through the network, step by step."""

import streamlit as st

from explorer.engine.influence import read_out_layers
from explorer.equations import equation, number
from explorer.figures import charts, diagram
from pages import cached, chart, controls, equation_panel, prose, stage, strips

KEY = "forward_diagram"

settings = controls.settings()
view = cached.ran(settings.network)
graph, trace, reading = view.graph, view.trace, view.reading
focus = stage.focus(KEY, graph, reading.steps, layer=read_out_layers(graph)[0], t=reading.steps)
present = [layer.name for layer in graph.layers if focus.t in layer.presence.steps(reading.steps)]
state = next(name for name in (*read_out_layers(graph), *graph.states, *present) if name in present)
opened = focus.layer if focus.layer in present else state

prose.lead("forward")
prose.notes(reading.notes)
picture, panel = st.columns([9, 5], gap="medium")
with picture:
    stage.draw(
        KEY,
        diagram.scene(
            graph,
            reading.steps,
            names=settings.names,
            tokens=reading.shown,
            controls=("time",),
            values={layer.name: view.shown(layer.name) for layer in graph.layers},
            tracks=[
                strips.heat(view, opened if graph[opened].size > 1 else state, settings.names),
                *strips.errors(view, settings.names),
                strips.influence(settings.network, focus.t),
            ],
        ),
        focus,
    )
with panel:
    aims = {loss.name: reading.aims for loss in graph.with_role("loss")}
    equation_panel.draw(equation(trace, (opened, focus.t), settings.names, aims))
    for layer in graph.with_role("output"):
        if layer.name in present:
            chart.show(
                charts.distribution(
                    reading.vocabulary.tokens,
                    trace[layer.name][focus.t, 0],
                    reading.aims[focus.t - 1],
                    chart.is_dark(),
                ),
                key=f"distribution.{layer.name}",
                alt=f"Probabilities of the next token at step {focus.t}, the most probable first.",
            )
    st.markdown(f"Total error $L = \\sum_t E_t$ = {number(trace.loss)} over {sum(map(bool, reading.aims))} targets.")
prose.below("forward")
