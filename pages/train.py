"""Train: networks that learn while one looks, alone or two beside each other, and recorded runs."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from explorer import scripts
from explorer.engine.trace import NotFiniteError
from explorer.page_settings.train import SPEEDS
from explorer.settings import Settings
from explorer.tasks.registry import TASKS
from explorer.training.comparisons import RECORDED_SETS
from explorer.training.history import History
from explorer.training.plan import Plan
from explorer.training_choices import differences
from explorer.training_views import moment
from pages import controls, exports, prose, train_controls, train_panel, train_session
from pages.train_runs import Replay, Run

TICK, PICTURE = 0.1, 0.4
"""Seconds from slice to slice of training, and from picture to picture."""

LOOK_BACK = "look_back"
REACHED = "reached"
"""Where the bar stands while a run goes on, and the scrubber when it rests: as high in the style sheet, so that nothing
below moves."""

GONE = (
    "The run of this link is not on the server any more: it keeps the latest ones only, and none over a restart. "
    "What the controls say is still here, and the same settings and seed give the same run again: press Start."
)
TEXT_IS_GONE = " A text that was pasted is in no link, though: paste it again first, or the sample is read."


def _play(run: Run, plans: tuple[Plan, ...], is_begun: bool) -> None:
    if run.is_recorded or (is_begun and not run.is_over):
        run.play(not run.is_running)
    else:
        train_session.start(plans)
    _show_latest()


def _step(run: Run, plans: tuple[Plan, ...], is_begun: bool) -> None:
    if not is_begun and not run.is_recorded:
        train_session.start(plans)
        begun, _ = train_session.found()
        run = begun or run
    run.step()
    _show_latest()


def _reset(run: Run) -> None:
    if isinstance(run, Replay):
        run.rewind()
    else:
        train_session.forget()
    _show_latest()


def _show_latest() -> None:
    st.session_state.pop(LOOK_BACK, None)


def transport(run: Run, plans: tuple[Plan, ...], is_begun: bool) -> None:
    """Start, pause, step, reset, speed."""
    if run.is_running:
        label = "Pause"
    elif run.is_recorded:
        label = "Play again" if run.is_over else "Play"
    else:
        label = "Start again" if is_begun and run.is_over else "Continue" if is_begun else "Start"
    st.button(label, key="play", type="primary", on_click=_play, args=(run, plans, is_begun), width=112)
    st.button("Step", key="step", on_click=_step, args=(run, plans, is_begun), disabled=run.is_over)
    st.button("Reset", key="reset", on_click=_reset, args=(run,), disabled=not is_begun and not run.is_recorded)
    controls.widget("speed", width=112)


def ticker(run: Run, plans: tuple[Plan, ...], fresh: list[bool]) -> None:
    """The next slice, and how far it has come. In the page's own run nothing is trained: who pressed a key waits.

    On a busy machine Streamlit now and then takes over a control's value and forgets to run the page for it.
    """
    if fresh:
        fresh.clear()
    else:
        run.advance(SPEEDS[st.session_state["speed"]])
    if not run.is_running or train_controls.wanted(controls.settings(takes_trained=False).network)[0] != plans:
        st.rerun()
    share, words = train_panel.progress(run)
    st.progress(min(share, 1.0), words)


def pictures(run: Run, settings: Settings) -> None:
    """The curves, and beside them the picture that is chosen, of the network at the iteration that is looked at."""
    at = run.position if run.is_running else look_back(run)
    _export(run, at)
    left, right = st.columns(2, gap="medium")
    with left:
        figure, alt = train_panel.curves(run, at)
        train_panel.show(run, figure, key="learning", alt=alt)
    with right:
        controls.widget("show")
        moments = [moment(history, at, run.plans[0]) for history in run.histories]
        try:
            train_panel.PICTURES[st.session_state["show"]](
                (train_panel.titles(run), moments, run, at, settings.names),
            )
        except NotFiniteError as error:
            st.info(f"There is nothing to draw at iteration {at:,}: {error}")
    st.markdown(train_panel.table(run, at))


def _export(run: Run, at: int) -> None:
    """What can be taken away of it, as far as it has come when it is taken."""
    for mark, history in zip("AB", run.histories, strict=False):
        exports.data(mark, partial(_curves, history))
    if isinstance(run, Replay):
        exports.python(lambda: scripts.replayed(RECORDED_SETS[run.name].names, at))
    else:
        exports.python(lambda: scripts.trained([(h.plan, h.at(at).iteration) for h in run.histories if h.latest]))


def _curves(history: History) -> dict[str, Any]:
    return {
        "losses": list(history.losses),
        "gradient norms": list(history.gradient_norms),
        "examined at": [n for n, _ in history.examinations],
        "scores": [score for _, score in history.examinations],
    }


def look_back(run: Run) -> int:
    """The iteration that everything shows: the latest, or the one that the scrubber is pulled to."""
    stops, (share, words) = run.stops, train_panel.progress(run)
    with st.container(key=REACHED):
        if len(stops) < 2:
            st.progress(min(share, 1.0), words)
            return run.position
        if st.session_state.get(LOOK_BACK) not in stops:
            st.session_state[LOOK_BACK] = run.position
        st.select_slider(
            f"{words}. Look back:",
            options=stops,
            key=LOOK_BACK,
            help="Everything below shows the networks as they were at that iteration.",
        )
    return int(st.session_state[LOOK_BACK])


settings = controls.settings(takes_trained=False)
lead = st.container()
begun, is_gone = train_session.found()
if begun is not None and train_controls.PASSAGE not in st.session_state:
    st.session_state[train_controls.PASSAGE] = begun.plans[0].text  # a reload has forgotten it, the run has not
buttons = train_controls.draw()
recording = train_session.replayed(st.session_state["record"])
with lead:
    prose.lead("train-recorded" if recording else "train")
plans, notes = train_controls.wanted(settings.network)
run: Run = recording or begun or train_session.untrained(plans)
told = list(notes) if recording is None else []
if recording is None and is_gone:
    is_without_text = TASKS[plans[0].task].reads_text and not plans[0].text
    told.append(GONE + TEXT_IS_GONE * is_without_text)
different = differences(run.plans, plans) if recording is None else ()
if different:
    told.append(train_panel.still(run, different))
prose.notes([*told, *train_panel.troubles(run)])
train_panel.recorded_line(run)
with buttons:
    transport(run, plans, begun is not None)
if run.is_running:
    with st.container(key=REACHED):
        st.fragment(ticker, run_every=TICK)(run, plans, [True])
st.fragment(pictures, run_every=PICTURE if run.is_running else None)(run, settings)
st.markdown(train_panel.about(run.plans[0]))
prose.below("train")
