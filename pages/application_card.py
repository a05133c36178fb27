"""One card of the page of applications, and the table of all of them."""

from __future__ import annotations

from zlib import crc32

import streamlit as st

from explorer import scripts
from explorer.amounts import in_bytes
from explorer.application_views import Answered
from explorer.applications import APPLICATIONS
from explorer.applications.kinds import KINDS
from explorer.engine.influence import read_out_layers
from explorer.equations import number
from explorer.figures import diagram
from explorer.figures.diagram import Track
from explorer.markdown import plain
from explorer.page_settings.shared import UNTRAINED
from pages import address, answer_panel, cached, controls, exports, stage, strips

OPEN = "app"
_WHERE = {"Unroll": "unroll.py", "Forward": "forward.py", "Backward": "backward.py"}


def choose() -> tuple[str, str]:
    """The menu of applications beside the input of the open one; its name and that input."""
    _return()
    menu, line, ready = st.columns([3, 6, 3], vertical_alignment="bottom")
    with menu:
        controls.widget(OPEN, on_change=stage.forget_link)
    name: str = st.session_state[OPEN]
    with line:
        text = answer_panel.own_input(APPLICATIONS, name)
    with ready:
        key = f"ready_{name}"
        st.selectbox(
            "Ready inputs", APPLICATIONS[name].examples, index=None, key=key, on_change=_take, args=(name, key)
        )
    return name, text


@st.fragment  # a step runs this alone
def draw(name: str, text: str, names: str) -> None:
    """The network over the input, and what it answers."""
    found = cached.answered(name, text)
    graph, steps, key = found.ran.graph, found.ran.trace.steps, f"applications_{name}_{crc32(repr(text).encode())}"
    exports.values("forward", found.ran)
    exports.data("spoke for it", lambda: {"gradient × input": found.attributions})
    exports.python(lambda: scripts.application(name, text, found))
    focus = stage.focus(key, graph, steps, layer=read_out_layers(graph)[-1], t=found.telling)
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
                tokens=found.ran.reading.shown,
                controls=("time",),
                values={layer.name: found.ran.shown(layer.name) for layer in graph.layers},
                tracks=[
                    strips.heat(found.ran, opened, names),
                    Track("bars", "gradient × input", "largest 1", found.bars),
                ],
            ),
            focus,
        )
        st.markdown(_mattered(found, focus.t))
        answer_panel.notes(found.asked)
    with panel:
        answer_panel.draw(found)
        answer_panel.exhibit(found, f"exhibit_{name}", found.explained(focus.t))
        _facts(name)


def _mattered(found: Answered, t: int) -> str:
    """Which inputs spoke for what is said where it is explained at the cursor, and which against."""
    at = found.explained(t)
    word = found.word(at)
    what = (
        f"speaks for “{plain(word)}” at step {at}, or against it"
        if word
        else f"raises the number at step {at}, or lowers it"
    )
    inputs = [
        f"{f'**{plain(token)}**, ' if token else ''}step {k} ({'+' * (amount > 0)}{number(amount)})"
        for k, token, amount in found.mattered(at)
    ]
    if not inputs:
        return f"Bars: what {what}. To the last digit, nothing does."
    return f"Bars: what {what}. Most of all: {'; '.join(inputs)}."


def _facts(name: str) -> None:
    """How good the shipped network is, what it weighs, and how it is made."""
    report, shipped = cached.report(name), cached.shipped(name)
    better = "less is better" if report.metric.is_error else "more is better"
    st.markdown(
        f"| on {report.rows:,} sequences never trained on | {report.metric.name} |\n|---|---|\n"
        f"| this network | **{report.written(report.score)}** |\n"
        f"| naive rule: {report.rule} | {report.written(report.baseline)} |"
    )
    sentence = f"{report.verdict} ({report.metric.name[:1].upper()}{report.metric.name[1:]}: {better}.)"
    if report.is_worth_it:
        st.markdown(sentence)
    else:
        st.warning(sentence)
    st.markdown(
        f"{APPLICATIONS[name].about} {shipped.network}: {shipped.parameters:,} numbers in a file of "
        f"{in_bytes(shipped.bytes)}. Train it again with `{shipped.command}`."
    )


def links(name: str, text: str) -> None:
    """The same network, weights and input on other pages."""
    with st.container(horizontal=True, vertical_alignment="center", key="open_in"):
        st.markdown("Open this network and input in", width="content")
        for title, page in _WHERE.items():
            st.page_link(page, label=title, query_params={"trained": APPLICATIONS[name].title, "text": text})


def overview(opened: str) -> None:
    """All applications; their scores only if asked for, since each network is examined anew."""
    is_scored = st.toggle(
        "Score all", key="score_all", persist_state="session", help="Examines every network on its held-out sequences."
    )
    rows = [f"| | type | network |{' score | naive |' * is_scored}", f"|---|---|---|{'---|---|' * is_scored}"]
    for name, application in APPLICATIONS.items():
        title = f"**▸ {application.title}**" if name == opened else application.title
        cells = [title, KINDS[application.kind].title, application.course.graph().name]
        if is_scored:
            report = cached.report(name)
            mark = "" if report.is_worth_it else " ✗"
            cells += [f"{report.written(report.score)}{mark}", report.written(report.baseline)]
        rows.append(f"| {' | '.join(cells)} |")
    st.markdown("\n".join(rows))


def _return() -> None:
    """On the way back from a page on which a card was opened, the same card with the same input."""
    trained = st.session_state.get("trained", UNTRAINED)
    if trained != UNTRAINED and OPEN not in st.query_params and address.has_arrived():
        text = st.session_state.get("text") or ""
        st.session_state[OPEN], st.session_state[trained] = trained, text
        st.query_params.update({OPEN: APPLICATIONS[trained].title, trained: text})  # else the link brings the defaults
        st.rerun()


def _take(name: str, key: str) -> None:
    stage.forget_link()
    if st.session_state[key]:
        st.session_state[name] = st.session_state[key]
