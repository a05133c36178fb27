"""The link: repaired once where it asks for something that does not exist, before any control is drawn."""

from __future__ import annotations

import streamlit as st

from explorer.settings import repaired

_SENTENCES = "link_sentences"


def correct() -> None:
    """Put the nearest legal values in the address and keep a sentence about each for `sentences`.

    Streamlit by itself falls back to defaults in silence, and stops at numbers beyond all bounds.
    """
    values, complaints = repaired(st.query_params.to_dict())
    if not values:
        return
    for name, value in values.items():
        if value is None:
            del st.query_params[name]
        else:
            st.query_params[name] = str(value)
    st.session_state[_SENTENCES] = complaints
    st.rerun()


def sentences() -> list[str]:
    """What was repaired, until the next time something is."""
    return list(st.session_state.get(_SENTENCES, []))


def dismiss() -> None:
    """Forget the sentences."""
    st.session_state.pop(_SENTENCES, None)
