"""Which run a session looks at: its own, the one that its link names, or a recorded one."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from explorer.page_settings.train import LIVE
from explorer.training.plan import Plan
from pages.train_runs import REGISTRY, Live, Replay

ADDRESS = "run"
"""Under this name the link carries a run."""

_REPLAY, _STARTED = "replayed_run", "started_run"


@st.cache_resource(max_entries=16, show_spinner=False)
def untrained(plans: tuple[Plan, ...]) -> Live:
    """A run before its first step, to look at only."""
    return Live(plans)


def name() -> str | None:
    """The run that the link names, or else the one that this session has started."""
    return st.query_params.get(ADDRESS) or st.session_state.get(ADDRESS)


def found() -> tuple[Live | None, bool]:
    """That run, and whether it was asked for in vain; the link names it again after a change of page."""
    named = name()
    if not named:
        return None, False
    run = REGISTRY.find(named)
    if run is not None:
        _remember(named)
    return run, run is None


def start(plans: Sequence[Plan]) -> None:
    """Begin a run in place of the one there is."""
    forget()
    started = REGISTRY.start(plans)
    st.session_state[_STARTED] = started
    _remember(started)


def forget() -> None:
    """Let go of the run there is; one that another session has started stays on the server."""
    named = name()
    if named and named == st.session_state.get(_STARTED):
        REGISTRY.drop(named)
    st.session_state.pop(ADDRESS, None)
    st.query_params.pop(ADDRESS, None)


def _remember(named: str) -> None:
    st.session_state[ADDRESS] = named
    if st.query_params.get(ADDRESS) != named:
        st.query_params[ADDRESS] = named


def replayed(record: str) -> Replay | None:
    """The recorded runs that are opened, where this session has left them; None if it trains live."""
    if record == LIVE:
        return None
    opened: Replay | None = st.session_state.get(_REPLAY)
    if opened is None or opened.name != record:
        opened = Replay(record)
        st.session_state[_REPLAY] = opened
    return opened
