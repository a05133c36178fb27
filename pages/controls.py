"""The controls all pages share, made from the table of fields in `explorer.settings`."""

from __future__ import annotations

from typing import Any

import streamlit as st

from explorer.applications import APPLICATIONS
from explorer.fields import Choice, Field, Number, Text
from explorer.markdown import plain
from explorer.page_settings.shared import MOST_DRAWN, OWN, UNTRAINED
from explorer.page_settings.vanishing import USUAL_KEEP_BIAS
from explorer.settings import FIELDS, Settings
from explorer.tasks.registry import TASKS
from explorer.tasks.text import READY_SENTENCES
from pages import address, build_state

_OPEN = {
    "T": "one for each word",
    "window": "all",
    "clip": "none",
    "at": "the last",
    "bias2": f"{USUAL_KEEP_BIAS:g} with gates",
    **dict.fromkeys(("units", "rate", "limit", "batch", "iterations"), "the task's"),
    "cut": "never",
}
REPLACED = ("unit", "seed", "act", "init", "hidden", "depth", "radius", "gain", "bias")
"""What a trained network brings along."""
MORE = ("T", "unit", "names", "seed", "act", "init", "hidden", "depth", "radius", "gain", "bias")

OF_CELLS = ("act", "hidden", "depth")
"""What a learner's own network has decided for itself."""

OF_READING = ("T", "unit", "hidden", "radius", "gain")
"""What says nothing to a network that reads the sequences of a task."""


def draw(visible: bool = True, takes_trained: bool = True, instead: str | None = None) -> None:
    """Sentence and network in view, everything else behind More.

    A trained network that is asked for stands in the place of the network; on a page that draws its own weights a line
    says that it is not used there. On a page that reads something else, the field named by `instead` stands in the
    place of the sentence.
    """
    build_state.keep_in_step()
    left_out = OF_READING if instead else ()
    with hideable("shared_settings", visible):
        sentence, network, more = st.columns([6, 4, 1.3], vertical_alignment="bottom")
        with sentence:
            with hideable("sentence", instead is None):
                widget("text", on_change=_forget_length)
            if instead:
                widget(instead, on_change=_BRINGS.get(instead))
        with more:
            opened = st.toggle(
                "More", key="more", persist_state="session", help="Length, tokens, sizes, weights and names."
            )
        with hideable("more_settings", opened, border=True):
            columns = st.columns(4)
            with columns[0], hideable("more_trained", instead is None):
                widget("trained")  # before those that it replaces
            is_replaced = takes_trained and is_trained()
            replaced = REPLACED if is_replaced else OF_CELLS if is_own() else ()
            for i, name in enumerate(MORE, 1):  # always in the same place: a control that moves forgets its value
                with columns[i % 4], hideable(f"more_{name}", name not in left_out):
                    widget(name, disabled=name in replaced)
            with columns[-1], hideable("ready_sentences", instead is None):
                st.selectbox("Ready sentences", READY_SENTENCES, index=None, key="ready", on_change=_take_ready)
        with network:
            with hideable("network", not is_replaced):
                widget("arch")
            with hideable("own_network", False):
                widget("own", **_beside_the_link())
            if is_replaced:
                _trained_network()
        if is_trained() and not takes_trained and not instead:
            st.caption(
                f"This page draws its weights from the seed; the trained network {_trained_title()} is on Unroll, "
                "Forward and Backward."
            )


def _beside_the_link() -> dict[str, Any]:
    """A network too long for a link stays in the session; the link then names none, rather than an earlier one."""
    if is_carried(st.session_state.get("own") or ""):
        return {}
    st.query_params.pop("own", None)
    return {"bind": None}


def is_carried(own: str) -> bool:
    """Whether a link is long enough for a learner's own network."""
    return len(own) <= MOST_DRAWN


def _trained_network() -> None:
    """Which trained network is shown, and the way back."""
    with st.container(horizontal=True, vertical_alignment="center", key="trained_network"):
        st.markdown(f"Trained: **{_trained_title()}**", width="content")
        st.button("Weights from the seed", on_click=_untrain, help="Back to a network that has learnt nothing yet.")


def _trained_title() -> str:
    return APPLICATIONS[st.session_state["trained"]].title


def _untrain() -> None:
    st.session_state["trained"] = UNTRAINED


def is_trained() -> bool:
    """Whether a network of the Applications page stands in for one drawn from the seed."""
    return bool(st.session_state.get("trained", UNTRAINED) != UNTRAINED)


def is_own() -> bool:
    """Whether the network is the learner's own."""
    return bool(st.session_state.get("arch") == OWN)


def hideable(key: str, visible: bool, border: bool = False) -> Any:
    """A container that is hidden rather than left out.

    Only a control that is mounted in the browser keeps its value when the page changes; in a popover it would not be.
    The style sheet hides it by its name: a style element written inside a fragment would never be taken away.
    """
    return st.container(key=key if visible else f"hidden_{key}", border=border)


def refuse(sentence: str) -> None:
    """In place of a page: why it cannot show the learner's own network, and where that can be changed."""
    st.info(plain(sentence))
    st.page_link("build.py", label="Change it on Build")


def settings(takes_trained: bool = True) -> Settings:
    """The current value of every shared control."""
    values = {name: st.session_state.get(name, field.default) for name, field in FIELDS.items()}
    return Settings.of(values if takes_trained else {**values, "trained": UNTRAINED})


def notices() -> None:
    """A fixed place above everything for what a link asked for in vain; always drawn, so that nothing below moves."""
    with st.container():
        complaints = address.sentences()
        if complaints:
            st.info("  \n".join(plain(sentence) for sentence in complaints))


def widget(name: str, field: Field | None = None, **options: Any) -> None:
    """The control of one field, tied to the link under the field's name; fields of a page's own are handed in."""
    field = field or FIELDS[name]
    key: dict[str, Any] = {
        "key": name,
        "help": field.help or None,
        "bind": "query-params" if address.is_sound(name) else None,
        "label": field.label,
        **options,
    }
    match field:
        case Text():
            st.text_input(value=field.default, **key)
        case Number():
            st.number_input(
                min_value=field.least,
                max_value=field.most,
                value=field.default,
                step=field.step,
                **{"placeholder": _OPEN.get(name, "as drawn") if field.default is None else None, **key},
            )
        case Choice() if field.in_view:
            st.segmented_control(
                options=list(field.labels),
                default=field.default,
                format_func=field.labels.__getitem__,
                label_visibility="collapsed",
                required=True,
                **key,
            )
        case Choice():
            keys = list(field.labels)
            # the format also decides what stands in the link
            st.selectbox(options=keys, index=keys.index(field.default), format_func=field.labels.__getitem__, **key)


def _take_ready() -> None:
    if st.session_state["ready"]:
        st.session_state["text"] = st.session_state["ready"]
        _forget_length()


def _forget_length() -> None:
    """A new sentence brings its own number of slices."""
    st.session_state["T"] = None


def _take_usual_steps() -> None:
    st.session_state["span"] = TASKS[st.session_state["task"]].steps.default


_BRINGS = {"task": _take_usual_steps}
"""What else changes with a field that stands in the place of the sentence."""
