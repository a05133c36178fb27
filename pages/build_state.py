"""The network under construction, as the session keeps it: a draft with what led to it, and what the link says of it.

A network that can be unrolled is handed on at once, in the shared control that every page reads. One that cannot stays
here: nothing of the work is lost, and the other pages keep the last one that could.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from explorer import draft_views
from explorer.documents import from_link, to_link
from explorer.draft_history import TURNS, History
from explorer.drafts import STARTER, Draft
from explorer.graph import Graph, GraphError
from explorer.page_settings.shared import OWN, UNTRAINED

_HISTORY, _HANDED_ON, _DRAWN, _DONE, _REFUSED, _SAID = (
    f"build_{name}" for name in ("history", "handed_on", "drawn", "done", "refused", "said")
)
_UNANSWERED, _IS_FRESH = "build_unanswered", "build_is_fresh"
OWN_KEY = "own"
BY_HAND, FILE = "by hand", "file"
"""Where something is asked for: in the tables, on the picture and in the row above them, or by opening a file."""

_MOST_TOLD = 20


def keep_in_step() -> None:
    """Before the shared controls are drawn: see whether a link has brought another network.

    A browser that has not heard yet of what was handed on says once more what was there before; it is corrected. Once
    it has said what was handed on, anything else is news: a link, or a way back.
    """
    if _HISTORY not in st.session_state:
        return
    own = _named()
    if own == st.session_state[_HANDED_ON]:
        if not st.session_state[_IS_FRESH]:
            st.session_state[_UNANSWERED] = ()
    elif own in st.session_state[_UNANSWERED]:
        _hand_on(drawn())
    else:
        _take_over(own)
    st.session_state[_IS_FRESH] = False


def _named() -> str:
    """What the link says, or what stands there until something is drawn."""
    return st.session_state.get(OWN_KEY) or to_link(STARTER)


def _take_over(own: str) -> None:
    """The network of a link is one more draft."""
    draft = from_link(own)
    kept: History | None = st.session_state.get(_HISTORY)
    st.session_state[_HISTORY] = kept.with_link(draft) if kept else History((draft,))
    st.session_state.update({_HANDED_ON: own, _DRAWN: draft.graph(), _UNANSWERED: (), _IS_FRESH: False})


def _hand_on(graph: Graph) -> None:
    own, before = to_link(graph), (st.session_state[_HANDED_ON], _named())
    earlier = [name for name in (*st.session_state[_UNANSWERED], *before) if name != own]
    st.session_state.update({OWN_KEY: own, "arch": OWN, "trained": UNTRAINED, _DRAWN: graph})
    st.session_state.update({_HANDED_ON: own, _UNANSWERED: tuple(earlier), _IS_FRESH: True})


def history() -> History:
    """The draft and what has led to it."""
    if _HISTORY not in st.session_state:
        _take_over(_named())
    found: History = st.session_state[_HISTORY]
    return found


def drawn() -> Graph:
    """The latest network that can be unrolled."""
    graph: Graph = st.session_state[_DRAWN]
    return graph


def done() -> int:
    """The number of the latest edit of the tables that has been dealt with."""
    return int(st.session_state.get(_DONE, 0))


def refused() -> list[dict[str, Any]]:
    """The latest edits of the tables that could not be made: number and sentence."""
    return list(st.session_state.get(_REFUSED, ()))


def said(where: str = BY_HAND) -> str:
    """Why what was asked for last could not be done, if it was asked for there; else empty."""
    return str(st.session_state.get(_SAID, {}).get(where, ""))


def _keep(drafts: History) -> None:
    """Show a draft, and hand it on if it can be unrolled; from a callback only, before the controls are drawn."""
    st.session_state[_HISTORY] = drafts
    st.session_state[_SAID] = {}
    found = draft_views.verdict(drafts.present)
    if found.graph is not None:
        _hand_on(found.graph)


def replace_by(make: Callable[[], Draft], where: str = BY_HAND) -> None:
    """Go on with another draft; if there is none, the page says why, there where it was asked for."""
    _try(lambda: history().after(make()), where)


def _try(make: Callable[[], History], where: str = BY_HAND) -> None:
    try:
        drafts = make()
    except GraphError as error:
        st.session_state[_SAID] = {where: str(error)}
    else:
        _keep(drafts)


def turn(which: str) -> None:
    """Undo or redo, a key of `explorer.draft_history.TURNS`."""
    _keep(TURNS[which](history()))


def _after(drafts: History, edit: Mapping[str, Any]) -> History:
    turned = TURNS.get(str(edit.get("do")))
    return turned(drafts) if turned else drafts.after(draft_views.edited(drafts.present, edit))


def take_edits(key: str) -> None:
    """Do the edits that the tables have sent and that have not been done."""
    told = st.session_state.get(key)
    drafts, refusals = history(), list[dict[str, Any]]()
    said: dict[str, str] | None = None
    for edit in (told.get("edits") if told else None) or ():
        if edit["id"] <= done():
            continue
        st.session_state[_DONE] = edit["id"]
        try:
            drafts, said = _after(drafts, edit), {}
        except GraphError as error:
            said = {BY_HAND: str(error)}
            refusals.append({"id": edit["id"], "text": str(error)})
    if said is None:
        return  # told once more what has been dealt with
    # a browser that is told of the next edit before it has heard of this one still learns what became of it
    st.session_state[_REFUSED] = [*refused(), *refusals][-_MOST_TOLD:]
    _keep(drafts)
    st.session_state[_SAID] = said


def take_stroke(edit: Mapping[str, Any]) -> None:
    """Do an edit that was made on the picture."""
    drafts = history()
    _try(lambda: _after(drafts, draft_views.translated(edit, drawn(), drafts.present)))
