"""The controls that belong to training, and the runs they ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from explorer.page_settings.train import LIVE
from explorer.settings import Network
from explorer.tasks.characters import MOST_READ
from explorer.tasks.registry import TASKS
from explorer.training.plan import Plan
from explorer.training_choices import Wanted, plans
from pages import controls

IN_VIEW = (("span", 190), ("beside", 230))
"""With their widths."""

MORE = ("units", "opt", "rate", "limit", "cut", "batch", "iterations")
PASSAGE = "passage"


def draw() -> Any:
    """The controls that belong to training, and a field for a text if the task reads one.

    While a recorded run is shown they cannot be changed: it has been trained.

    Returns
    -------
    container
        Where the buttons of the run have their place, in the same row.
    """
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="training_row")
    with row:
        in_view = [(name, width, st.container(width=width)) for name, width in IN_VIEW]
        buttons = st.container(
            horizontal=True, vertical_alignment="bottom", gap="small", width="content", key="transport"
        )
        opened = st.toggle("More training", key="more_training", help="Recorded runs; sizes, optimiser, clipping.")
    with controls.hideable("training_settings", opened, border=True):
        columns, usual = st.columns(4), _usual(st.session_state["task"])
        with columns[0]:
            controls.widget("record")
        is_replayed = st.session_state["record"] != LIVE
        for i, name in enumerate(MORE, 1):
            shown: dict[str, Any] = {"placeholder": f"{usual[name]:,g}, usually"} if name in usual else {}
            with columns[i % 4]:
                controls.widget(name, disabled=is_replayed, **shown)
    for name, width, place in in_view:
        with place:
            controls.widget(name, width=width, disabled=is_replayed)
    with controls.hideable("passage_field", TASKS[st.session_state["task"]].reads_text):
        st.text_area(
            "Text to learn",
            key=PASSAGE,
            height=90,
            disabled=is_replayed,
            persist_state="session",
            placeholder="Paste a text of your own, 200 characters or more; until then a sample is read.",
        )
    return buttons


def _usual(task: str) -> Mapping[str, float]:
    """What a task takes where a field is left empty."""
    recipe = TASKS[task].recipe
    return {
        "units": TASKS[task].blueprint.hidden,
        "rate": recipe.rate,
        "limit": recipe.clip or 0,
        "batch": recipe.batch,
        "iterations": recipe.iterations,
    }


def wanted(network: Network) -> tuple[tuple[Plan, ...], tuple[str, ...]]:
    """The runs that the controls ask for, and what had to be changed."""
    state = st.session_state
    asked = Wanted(
        task=state["task"],
        steps=state["span"],
        units=state["units"],
        text=(state.get(PASSAGE) or "")[:MOST_READ],
        beside=state["beside"],
        optimizer=state["opt"],
        rate=state["rate"],
        clip=state["limit"],
        window=state["cut"],
        batch=state["batch"],
        iterations=state["iterations"],
    )
    return plans(network, asked)
