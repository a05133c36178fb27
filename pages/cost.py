"""Cost of unrolling: what is kept, dropped and computed again, in slices, bytes and multiply–adds."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from explorer import scripts
from explorer.cost import ways
from explorer.cost.measuring import NOTHING, SECONDS, Outcome, Request, ask
from explorer.cost.runs import BATCHES
from explorer.cost_views import LONG, lengths, possible, wasted
from explorer.figures import cost as figures
from explorer.figures import diagram
from explorer.page_settings.cost import MOST_STEPS, TYPED
from explorer.settings import Settings
from pages import cached, chart, controls, cost_facts, exports, prose, stage

KEY = "cost_diagram"
IN_VIEW = (("cost_T", 130), ("cost_B", 110), ("cost_H", 110))
"""With their widths."""

MORE = ("cost_window", "cost_slots")


def choose(settings: Settings) -> tuple[Request, str]:
    """The controls of this page: what is counted, and the way that is pictured."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="cost_row"):
        places = [(name, width, st.container(width=width)) for name, width in IN_VIEW]
        opened = st.toggle("More cost", key="more_cost", help="The window of truncation, the slots of checkpoints.")
    for name, width, place in places:
        with place:
            own_sizes = name == "cost_H" and settings.network.is_drawn
            controls.widget(name, width=width, disabled=own_sizes)
    with controls.hideable("cost_settings", opened, border=True):
        for place, name in zip(st.columns(4), MORE, strict=False):
            with place:
                controls.widget(name)
    value = st.session_state
    network = settings.network
    request = Request(
        arch=network.arch,
        depth=network.depth,
        act=network.act,
        hidden=int(value["cost_H"]),
        steps=int(value["cost_T"]),
        batch=int(value["cost_B"]),
        window=int(value["cost_window"]),
        slots=int(value["cost_slots"]),
        ways=tuple(ways.WAYS),
    )
    return request, possible(request, value["cost_way"])


def picture(settings: Settings, request: Request, way: str) -> None:
    """What becomes of every slice."""
    work, frames = cached.cost_film(request, way)
    if way != st.session_state["cost_way"]:
        asked = ways.WAYS[st.session_state["cost_way"]].title
        why = ways.refusal(st.session_state["cost_way"], work.graph)
        st.info(f"{asked} is not possible here: {why}. {ways.WAYS[way].title} is shown.")
    scene = diagram.scene(work.graph, work.steps, names=settings.names, controls=("film",), film=figures.film(frames))
    stage.draw(KEY, work.graph, scene, stage.Focus(None, 1, None))
    exports.data("pass", lambda: figures.held(frames))
    if work.steps < request.steps:
        st.caption(f"Drawn over {work.steps} steps; the numbers below are for {request.steps:,}.")


@st.fragment  # measuring runs this alone
def numbers(request: Request, way: str) -> None:
    """The table of all ways, measured if asked for."""
    found = cached.costs(request)
    said, press = st.columns([9, 2], vertical_alignment="center")
    said.markdown(
        f"**T = {request.steps:,} steps, {request.batch} rows, {found.parameters:,} parameters**, in double precision"
    )
    pressed = press.button(
        "Measure",
        key="cost_measure",
        width="stretch",
        help=f"Runs every way in a process of its own, within {SECONDS:g} seconds, and counts its memory.",
    )
    outcome = measured(request, pressed)
    st.markdown(cost_facts.table(found, way, outcome))
    st.markdown(cost_facts.notes(found, outcome))


@st.fragment
def long_run(request: Request) -> None:
    """As many steps as there may be, for real."""
    asked = replace(request, steps=MOST_STEPS, ways=(LONG,))
    pressed = st.button(f"Run T = {MOST_STEPS:,} with {ways.WAYS[LONG].title}", key="cost_long")
    outcome = measured(asked, pressed)
    if outcome:
        st.markdown(cost_facts.long_run(asked, outcome, ways.cost("full", asked.work())))


def measured(request: Request, pressed: bool) -> Outcome | None:
    """What is known of a request; if the button is pressed, whatever is still open is measured first.

    Kept for whoever asks next is only what would be the same then.
    """
    kept = cached.cost_outcome(request)
    known = kept[0] if kept else NOTHING
    wanted = known.open(request.ways)
    if pressed and wanted:
        bar = st.progress(0.0, "Measuring in a process of its own …")
        found = ask(
            replace(request, ways=wanted),
            told=lambda done, many: bar.progress(done / many, f"Measured in a process of its own: {done} of {many}"),
        )
        bar.empty()
        known = known.joined(found)
        kept[:] = [known.lasting]
    return known if known.measured or known.sentences else None


def growth(request: Request, way: str) -> None:
    """Bytes over the number of steps."""
    curves = cached.cost_curves(request)
    chart.show(
        figures.growth(curves, request.steps, way, chart.is_dark()),
        key="cost_growth",
        alt="Bytes kept against the number of steps, both logarithmic. "
        + "; ".join(
            f"{ways.WAYS[name].title}: {found[0]:,.0f} to {found[-1]:,.0f}" for name, found in curves.bytes.items()
        ),
    )
    exports.data("bytes", lambda: {"T": curves.steps, **curves.bytes})


@st.fragment
def padding(request: Request) -> None:
    """Rows of unequal length."""
    choice, typed = st.columns([4, 6], vertical_alignment="bottom")
    with choice:
        controls.widget("cost_rows")
    with typed, controls.hideable("cost_typed_field", st.session_state["cost_rows"] == TYPED):
        controls.widget("cost_typed")
    found = wasted(request, lengths(st.session_state["cost_rows"], st.session_state["cost_typed"]))
    for place, own, title, key in zip(
        st.columns(2, gap="medium"),
        (found.together, found.sorted),
        ("In one batch", "Sorted by length first"),
        ("cost_together", "cost_sorted"),
        strict=True,
    ):
        with place:
            st.markdown(f"{title}: padding {own.share:.1%}")
            chart.show(
                figures.rows(own, chart.is_dark()),
                key=key,
                alt=f"{len(own.lengths)} rows of {min(own.lengths)} to {max(own.lengths)} steps, and their padding.",
            )
    asked = replace(request, steps=1, batch=1, ways=tuple(BATCHES), rows=found.together.lengths)
    outcome = measured(asked, st.button("Measure the rows", key="cost_measure_rows"))
    st.markdown(cost_facts.wasted(found, outcome))
    exports.data("rows", lambda: figures.arrays(found))
    exports.python(lambda: scripts.rows(asked), key="rows")


settings = controls.settings(takes_trained=False)
prose.lead("cost")
request, way = choose(settings)
picture(settings, request, way)
numbers(request, way)
growth(request, way)
long_run(request)
prose.about("cost-path")
st.markdown(cost_facts.path(cached.costs(request)))
prose.about("cost-rows")
padding(request)
exports.python(lambda: scripts.cost(request, way))
prose.below("cost")
