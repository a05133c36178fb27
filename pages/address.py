"""The link: repaired once where it asks for something that does not exist, before any control is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from explorer import papers
from explorer.fields import Choice, Field
from explorer.settings import FIELDS, repaired

_SENTENCES = "link_sentences"
_UNREPAIRED = "link_unrepaired"
_PAGE = "link_page"
_ARRIVED = "link_arrived"
_TABLE = {**FIELDS, **papers.FIELDS}


def correct() -> None:
    """Repair the address on a first visit; later, note which values need it.

    Streamlit by itself falls back to defaults in silence, and stops at numbers beyond all bounds. Once controls are
    bound to the address it can only be repaired through them: those that need it have to be drawn unbound for one run,
    and `repair` then does the rest. (Browsers come back to old addresses.)
    """
    values, complaints = repaired(st.query_params.to_dict(), _TABLE)
    st.session_state[_UNREPAIRED] = values
    if not values:
        return
    st.session_state[_SENTENCES] = complaints
    if not any(name in st.session_state for name in values):
        kept = {name: value for name, value in st.query_params.to_dict().items() if name not in values}
        st.query_params.from_dict({**kept, **_written(values)})
        st.rerun()
    for name, value in values.items():
        if value is None:
            st.session_state[name] = None


def follow(page: str) -> None:
    """On arrival at another page, take over what the link that led there asks for.

    Controls keep their values from page to page, and Streamlit holds those for newer than what a link inside the app
    says. A sentence that comes without a length brings its own.
    """
    before, st.session_state[_PAGE] = st.session_state.get(_PAGE), page
    st.session_state[_ARRIVED] = before != page
    link = st.query_params.to_dict()
    if before in (None, page) or not any(name in link for name in _TABLE):
        return
    take(link)


def take(link: Mapping[str, str]) -> None:
    """Set every control to what a link says, or a file that says the same; before any of them is drawn."""
    for name in link.keys() & _TABLE.keys():
        st.session_state[name] = _read(_TABLE[name], link[name])
    if "text" in link and "T" not in link:
        st.session_state["T"] = None


def has_arrived() -> bool:
    """Whether this run is the first on its page since another one, or at all."""
    return bool(st.session_state[_ARRIVED])


def _read(field: Field, text: str) -> Any:
    """The value that a control has for what stands in a link."""
    value, _ = field.repaired(text)
    return next(key for key, label in field.labels.items() if label == value) if isinstance(field, Choice) else value


def is_sound(name: str) -> bool:
    """Whether the address holds nothing illegal under a name, so that a control may be tied to it."""
    return name not in st.session_state.get(_UNREPAIRED, ())


def repair() -> None:
    """Write the nearest legal values, after the controls have let go of them."""
    values = st.session_state.pop(_UNREPAIRED, {})
    if values:
        st.query_params.update(_written(values))
        st.rerun()


def _written(values: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items() if value is not None}


def sentences() -> list[str]:
    """What was repaired, until the next time something is."""
    return list(st.session_state.get(_SENTENCES, []))


def dismiss() -> None:
    """Forget the sentences."""
    st.session_state.pop(_SENTENCES, None)
