"""The controls all pages share, made from the table of fields in `explorer.settings`."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

import streamlit as st

from explorer.settings import FIELDS, Choice, Number, Settings, Text
from explorer.tasks.text import READY_SENTENCES
from pages import address

LABELS = {
    "text": "Sentence",
    "unit": "One slice for each",
    "arch": "Network",
    "T": "Steps T",
    "act": "Activation φ",
    "depth": "Cells on top of each other",
    "hidden": "Hidden units H",
    "init": "Recurrent weights",
    "seed": "Seed of the weights",
    "names": "Names of the weights",
}
HELP = {
    "text": "Any words, in any script: each becomes a slice of the unrolled network.",
    "unit": "Whether words or single characters become slices.",
    "T": "How many slices the Unroll page shows. Empty: one for each word.",
    "act": "The function that squashes every hidden unit; gates stay sigmoid.",
    "depth": "Each further cell reads the states of the one below it.",
    "hidden": "More units make longer vectors and larger matrices; the picture stays the same.",
    "init": "How the matrices that are read across a delay are drawn.",
    "seed": "The same seed always gives the same weights, here and on every other machine.",
    "names": "W_xh says from x to h; many textbooks write W, U and V instead.",
}


def draw(unbound: Container[str] = ()) -> None:
    """Sentence and network in view, everything else behind More; some not tied to the address."""
    sentence, network, more = st.columns([6, 4, 1.3], vertical_alignment="bottom")
    with sentence:
        _widget("text", unbound)
    with network:
        _widget("arch", unbound)
    with more:
        opened = st.toggle(
            "More", key="more", persist_state="session", help="Length, tokens, sizes, weights and names."
        )
    # Hidden, not left out, and not in a popover: only a control that is mounted in the browser keeps its value when
    # the page changes.
    with st.container(key="more_settings", border=True):
        if not opened:
            st.html("<style>.st-key-more_settings { display: none }</style>")
        columns = st.columns(4)
        for i, name in enumerate(("T", "unit", "names", "seed", "act", "init", "hidden", "depth")):
            with columns[i % 4]:
                _widget(name, unbound)
        st.selectbox("Ready sentences", READY_SENTENCES, index=None, key="ready", on_change=_take_ready)


def settings() -> Settings:
    """The current value of every shared control."""
    return Settings.of({name: st.session_state.get(name, field.default) for name, field in FIELDS.items()})


def notices() -> None:
    """A fixed place above everything for what a link asked for in vain; always drawn, so that nothing below moves."""
    with st.container():
        complaints = address.sentences()
        if complaints:
            st.info("  \n".join(_escaped(sentence) for sentence in complaints))


def _widget(name: str, unbound: Container[str]) -> None:
    field, label = FIELDS[name], LABELS[name]
    key: dict[str, Any] = {"key": name, "help": HELP.get(name), "bind": None if name in unbound else "query-params"}
    match field:
        case Text():
            st.text_input(label, value=field.default, on_change=_forget_length, **key)
        case Number():
            placeholder = "one for each word" if field.default is None else None
            st.number_input(label, field.least, field.most, value=field.default, placeholder=placeholder, **key)
        case Choice():
            keys = list(field.labels)
            # the format also decides what stands in the link
            st.selectbox(label, keys, index=keys.index(field.default), format_func=field.labels.__getitem__, **key)


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
