"""Forward: the learner's sentence runs through the network, step by step."""

import streamlit as st

from explorer import scripts
from explorer.engine.influence import read_out_layers
from explorer.equations import equation, number
from explorer.figures import diagram, markup
from explorer.settings import Settings
from explorer.views import Ran
from pages import cached, controls, equation_panel, exports, prose, stage, strips

KEY = "forward_diagram"


@st.fragment  # a step runs this alone, and not the controls
def picture_and_numbers(settings: Settings, view: Ran) -> None:
    """The diagram, and what is in the node that it is pointed at."""
    graph, trace, reading = view.graph, view.trace, view.reading
    focus = stage.focus(KEY, graph, reading.steps, layer=read_out_layers(graph)[0], t=reading.steps)
    opened, at = stage.opened(focus, graph, reading.steps)
    picture, panel = st.columns([9, 5], gap="medium")
    with picture:
        stage.draw(
            KEY,
            graph,
            diagram.scene(
                graph,
                reading.steps,
                names=settings.names,
                tokens=reading.shown,
                controls=("time",),
                values={layer.name: view.shown(layer.name) for layer in graph.layers},
                tracks=[
                    strips.heat(view, opened, settings.names),
                    *strips.errors(view, settings.names),
                    strips.influence(settings.network, focus.t),
                ],
            ),
            focus,
        )
    with panel:
        aims = {loss.name: reading.aims for loss in graph.with_role("loss")}
        equation_panel.forwards(equation(trace, (opened, at), settings.names, aims))
        for layer in graph.with_role("output"):
            if reading.answers and focus.t in layer.presence.steps(reading.steps):
                st.html(
                    markup.distribution(
                        f"Probability of the next token at step {focus.t}",
                        reading.answers,
                        trace[layer.name][focus.t, 0],
                        reading.aims[focus.t - 1],
                    )
                )
        st.markdown(
            f"Total error $L = \\sum_t E_t$ = {number(trace.loss)} over {sum(map(bool, reading.aims))} targets."
        )


settings = controls.settings()
view = cached.ran(settings.network)
prose.lead("forward")
prose.notes(view.reading.notes, quiet=settings.network.is_trained)
picture_and_numbers(settings, view)
exports.values("forward", view)
exports.data("weights", lambda: view.trace.parameters)
exports.python(lambda: scripts.forward(settings.network))
prose.below("forward")
