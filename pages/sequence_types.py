"""Sequence types: the same diagram with inputs and errors only where the type has them, each type at work."""

from __future__ import annotations

from zlib import crc32

import streamlit as st

from explorer import scripts
from explorer.application_views import Answered
from explorer.applications import APPLICATIONS
from explorer.applications.kinds import KINDS
from explorer.engine.influence import read_out_layers
from explorer.equations import number
from explorer.figures import diagram
from explorer.padding import Padded
from pages import answer_panel, cached, controls, exports, prose, stage, strips

OPEN, PAD = "type", "pad"


def choose() -> tuple[str, str, int]:
    """Type, the learner's own input, padded steps."""
    menu, line, pad = st.columns([53, 42, 14], vertical_alignment="bottom")
    with menu:
        controls.widget(OPEN, on_change=stage.forget_link)
    kind: str = st.session_state[OPEN]
    with line:
        text = answer_panel.own_input(KINDS, kind)
    with pad:
        controls.widget(PAD, on_change=stage.forget_link)
    return kind, text, st.session_state[PAD] or 0


@st.fragment  # a step runs this alone
def draw(kind: str, text: str, pad: int, names: str) -> None:
    """The network over the input with its padding, and what it answers."""
    application = KINDS[kind].application
    found, padded = cached.shown(kind, text), cached.padded(kind, text, pad)
    view, key = padded.ran, f"types_{kind}_{crc32(repr(text).encode())}_{pad}"
    graph, steps = view.graph, view.trace.steps
    exports.values("forward", view)
    exports.python(lambda: scripts.sequence_type(application, text, found, padded.before, padded.after))
    focus = stage.focus(key, graph, steps, layer=read_out_layers(graph)[-1], t=found.telling + padded.before)
    opened, _ = stage.opened(focus, graph, steps)
    picture, panel = st.container(key="answer_first").columns([9, 5], gap="medium")
    with picture:
        stage.draw(
            key,
            graph,
            diagram.scene(
                graph,
                steps,
                names=names,
                tokens=view.reading.shown,
                controls=("time",),
                values={layer.name: view.shown(layer.name) for layer in graph.layers},
                tracks=[strips.heat(view, opened, names), *strips.errors(view, names)],
            ),
            focus,
        )
        answer_panel.notes(found.asked)
    with panel:
        st.markdown(f"**{KINDS[kind].title}.** {KINDS[kind].about} Here: {APPLICATIONS[application].title.lower()}.")
        answer_panel.draw(found)
        plain_t = min(max(focus.t - padded.before, 1), found.ran.trace.steps)
        answer_panel.exhibit(found, f"type_exhibit_{kind}", found.explained(plain_t))
        st.markdown(_lengths(found, padded))
        st.markdown(_padding(padded))


def _lengths(found: Answered, padded: Padded) -> str:
    """How many steps have an input and how many an answer."""
    graph, steps = found.ran.graph, found.ran.trace.steps
    read = len(graph.with_role("input")[0].presence.steps(steps))
    said = len(found.answering)
    counts = (f"{n} step{'s' * (n != 1)} with {what}" for n, what in ((read, "an input"), (said, "an answer")))
    places = ((padded.before, "before the input"), (padded.after, "after the answer"))
    added = " and ".join(f"{n} {where}" for n, where in places if n)
    return f"Here: {', '.join(counts)}" + f", padded by {added}" * bool(added) + "."


def _padding(padded: Padded) -> str:
    """What padding changes with its mask, and what without."""
    if not padded.before + padded.after:
        return "Raise *Padded steps*: does anything change?"
    rows = [
        ("largest difference of a state or an answer", padded.masked.values, padded.unmasked.values),
        ("difference of the error $L$", padded.masked.loss, padded.unmasked.loss),
        (r"largest difference in $\partial L/\partial\theta$", padded.masked.gradient, padded.unmasked.gradient),
    ]
    lines = ["| against no padding | with the mask | without |", "|---|---|---|"]
    lines += [f"| {what} | **{number(masked)}** | {number(unmasked)} |" for what, masked, unmasked in rows]
    return "\n".join(lines)


prose.lead("types")
kind, text, pad = choose()
if answer_panel.is_usable(KINDS[kind].application):
    draw(kind, text, pad, controls.settings().names)
with st.columns([9, 5], gap="medium")[0]:
    prose.below("types")
