"""The link: repaired once where it asks for something that does not exist, before any control is drawn."""

from __future__ import annotations

from typing import Any

import streamlit as st

from explorer import papers
from explorer.settings import FIELDS, repaired

_SENTENCES = "link_sentences"
_UNREPAIRED = "link_unrepaired"
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
