"""Order matters: the same words in two orders, read by a recurrent network and by a bag of words."""

from __future__ import annotations

import streamlit as st

from explorer.applications.shelf import ShelfError
from explorer.order_views import shuffled
from explorer.page_settings.order import FIELDS, PAIRS, READERS
from pages import address, controls, order_panel, prose

_OWN = ("ordered", "jumbled")
_SHUFFLES, _DRAWN, _KEPT = "order_shuffles", "order_drawn", "order_kept"


def choose() -> tuple[str, str, str]:
    """The reader and its ready sentences above the two sentences; what was chosen."""
    _return()
    asked, ready = st.columns([6, 6], vertical_alignment="center")
    first, second, again = st.columns([5, 5, 1.4], vertical_alignment="bottom")
    with asked:
        controls.widget("reader", on_change=_take_usual)
    reader: str = st.session_state["reader"]
    with ready:
        titles = {f"{own[1]} / {own[2]}": own for own in PAIRS if own[0] == reader}
        key = f"ready_order_{reader}"
        st.selectbox(
            "Ready sentences",
            titles,
            index=None,
            key=key,
            placeholder="Ready sentences",
            label_visibility="collapsed",
            on_change=lambda: _take(titles.get(st.session_state[key])),
        )
    with first:
        controls.widget("ordered", on_change=_shuffle_anew)
    with second:
        controls.widget("jumbled")
    with again:
        st.button("Shuffle", on_click=_shuffle, width="stretch", help="Puts the words of A into an order drawn by lot.")
    first_text, second_text = (st.session_state[name] or "" for name in _OWN)
    st.session_state[_KEPT] = (reader, first_text, second_text)
    return reader, first_text, second_text


def _return() -> None:
    """On the way back from another page, the same sentences and reader; a link that brings its own comes first."""
    names, kept = ("reader", *_OWN), st.session_state.get(_KEPT)
    if kept is None or not address.has_arrived() or any(name in st.query_params for name in names):
        return
    changed = {name: value for name, value in zip(names, kept, strict=True) if value != FIELDS[name].default}
    if changed:
        st.session_state.update(changed)
        # else the link, which has none of them, brings the defaults
        written = {"reader": READERS[changed["reader"]]} if "reader" in changed else {}
        st.query_params.update({**changed, **written})
        st.rerun()


def _take(pair: tuple[str, str, str] | None) -> None:
    if pair:
        st.session_state["ordered"], st.session_state["jumbled"] = pair[1:]


def _take_usual() -> None:
    """Another reader brings sentences that it understands, unless the learner has typed some.

    An order drawn by lot is drawn anew: what one reader reads of a sentence, another one may not.
    """
    first, second = (st.session_state[name] for name in _OWN)
    is_drawn = second == st.session_state.get(_DRAWN)
    if (first, second) in {own[1:] for own in PAIRS} or (is_drawn and first in {own[1] for own in PAIRS}):
        _take(next(own for own in PAIRS if own[0] == st.session_state["reader"]))
    elif is_drawn:
        _shuffle_anew()


def _shuffle_anew() -> None:
    """A new sentence brings an order of its own words; the same one whenever it is typed."""
    st.session_state[_SHUFFLES] = 0
    _shuffle()


def _shuffle() -> None:
    drawn = st.session_state.get(_SHUFFLES, 0)
    reader, before = st.session_state["reader"], st.session_state["jumbled"]
    try:
        for seed in range(drawn, drawn + 20):  # in few words there are few orders: one that is not shown already
            mixed = shuffled(reader, st.session_state["ordered"] or "", seed)
            st.session_state["jumbled"] = st.session_state[_DRAWN] = mixed
            st.session_state[_SHUFFLES] = seed + 1
            if mixed != before:
                return
    except ShelfError:  # the page says it
        return


prose.lead("order")
order_panel.draw(*choose())
