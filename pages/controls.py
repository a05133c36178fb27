"""The controls all pages share, made from the table of fields in `explorer.settings`."""

from __future__ import annotations

from typing import Any

import streamlit as st

from explorer.applications import APPLICATIONS
from explorer.settings import FIELDS, UNTRAINED, USUAL_KEEP_BIAS, Choice, Field, Number, Settings, Text
from explorer.tasks.text import READY_SENTENCES
from pages import address

_OPEN = {
    "T": "one for each word",
    "window": "all",
    "clip": "none",
    "at": "the last",
    "bias2": f"{USUAL_KEEP_BIAS:g} with gates",
}
REPLACED = ("arch", "unit", "seed", "act", "init", "hidden", "depth", "radius", "gain", "bias")
"""What a trained network brings along."""
MORE = ("trained", "T", "unit", "names", "seed", "act", "init", "hidden", "depth", "radius", "gain", "bias")


def draw(visible: bool = True, takes_trained: bool = True) -> None:
    """Sentence and network in view, everything else behind More; and a line if a trained network is asked for.

    On a page that draws its own weights the line says that the trained network is not used there.
    """
    replaced = REPLACED if takes_trained and is_trained() else ()
    with hideable("shared_settings", visible):
        sentence, network, more = st.columns([6, 4, 1.3], vertical_alignment="bottom")
        with sentence:
            widget("text")
        with network:
            widget("arch", disabled="arch" in replaced)
        with more:
            opened = st.toggle(
                "More", key="more", persist_state="session", help="Length, tokens, sizes, weights and names."
            )
        with hideable("more_settings", opened, border=True):
            columns = st.columns(4)
            for i, name in enumerate(MORE):
                with columns[i % 4]:
                    widget(name, disabled=name in replaced)
            with columns[-1]:
                st.selectbox("Ready sentences", READY_SENTENCES, index=None, key="ready", on_change=_take_ready)
        trained_line(takes_trained)


def trained_line(takes_trained: bool) -> None:
    """Which trained network is asked for, and the way back."""
    with st.container(horizontal=True, vertical_alignment="center", key="trained_line"):
        if not is_trained():
            return
        title = APPLICATIONS[st.session_state["trained"]].title
        st.markdown(
            f"Trained network: **{title}**, with its own weights."
            if takes_trained
            else f"This page draws its weights from the seed; the trained network **{title}** is on Unroll, Forward "
            "and Backward.",
            width="content",
        )
        st.button("Back to weights from the seed", on_click=_untrain)


def _untrain() -> None:
    st.session_state["trained"] = UNTRAINED


def is_trained() -> bool:
    """Whether a network of the Applications page stands in for one drawn from the seed."""
    return bool(st.session_state.get("trained", UNTRAINED) != UNTRAINED)


def hideable(key: str, visible: bool, border: bool = False) -> Any:
    """A container that is hidden rather than left out.

    Only a control that is mounted in the browser keeps its value when the page changes; in a popover it would not be.
    The style sheet hides it by its name: a style element written inside a fragment would never be taken away.
    """
    return st.container(key=key if visible else f"hidden_{key}", border=border)


def settings(takes_trained: bool = True) -> Settings:
    """The current value of every shared control."""
    values = {name: st.session_state.get(name, field.default) for name, field in FIELDS.items()}
    return Settings.of(values if takes_trained else {**values, "trained": UNTRAINED})


def notices() -> None:
    """A fixed place above everything for what a link asked for in vain; always drawn, so that nothing below moves."""
    with st.container():
        complaints = address.sentences()
        if complaints:
            st.info("  \n".join(_escaped(sentence) for sentence in complaints))


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
            st.text_input(value=field.default, on_change=_forget_length, **key)
        case Number():
            st.number_input(
                min_value=field.least,
                max_value=field.most,
                value=field.default,
                step=field.step,
                placeholder=_OPEN.get(name, "as drawn") if field.default is None else None,
                **key,
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


def _escaped(text: str) -> str:
    """Text from a link, shown as it is and not read as Markdown."""
    return "".join("\\" + c if c in r"\`*_{}[]()#+-.!|<>$~:" else c for c in text)
