"""Where a network comes from and where it goes: what one starts from, files, and the other pages."""

from __future__ import annotations

from functools import partial
from itertools import groupby

import streamlit as st

from explorer import build_views, documents, draft_views, exchange
from explorer.architectures import ARCHITECTURES
from explorer.drafts import Draft
from explorer.exchange.files import FORMAT as UNROLLED
from explorer.graph import GraphError
from explorer.markdown import plain
from explorer.page_settings.shared import OWN, SHARED, UNTRAINED
from explorer.settings import FIELDS, Network
from explorer.unrolling import fold
from pages import address, build_state, cached, controls

_SHOWN = "shown"
_MOST_MEGABYTES = 20  # the largest network that can be drawn, over 200 steps, takes 18 of them as GraphML
_START, _FILE, _OPENED = "build_start", "build_file", "build_opened"
_WHERE = {
    "Unroll": "unroll",
    "Forward": "forward",
    "Backward": "backward",
    "Vanishing & exploding": "vanishing",
    "Gates": "gates",
    "Train": "train",
    "Cost": "cost",
}
_STARTS = {
    draft_views.FROM_NOTHING: "Nothing but x, h, y and E",
    _SHOWN: "The network of the other pages",
    **{name: known.title for name, known in ARCHITECTURES.items()},
}


def draw(draft: Draft) -> None:
    """Start from, open, undo, redo, save."""
    history, view = build_state.history(), build_views.view_of(_settings())
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="build_row"):
        st.selectbox(
            "Start from",
            list(_STARTS),
            index=None,
            key=_START,
            format_func=_STARTS.__getitem__,
            on_change=_begin,
            placeholder="Start from …",
            label_visibility="collapsed",
            width=230,
        )
        with st.popover("Open a file", key="build_open"):
            st.file_uploader(
                "A network saved here, or an unrolled one as JSON or GraphML",
                type=["json", "graphml"],
                max_upload_size=_MOST_MEGABYTES,
                key=f"{_FILE}_{st.session_state.get(_OPENED, 0)}",
                on_change=_open,
            )
            if build_state.said(build_state.FILE):
                st.error(plain(build_state.said(build_state.FILE)))
        st.download_button(
            "Save",
            lambda: documents.written(
                draft, view
            ),  # when it is pressed: files that are made get an address, and lose it
            file_name=f"{_file_name(draft.name)}.json",
            mime="application/json",
            on_click="ignore",
            help="A small readable file; Open a file brings it back, with length, sentence and seed.",
        )
        for name, can, keys in (("Undo", history.can_undo, "Ctrl+Z"), ("Redo", history.can_redo, "Ctrl+Y")):
            st.button(
                name,
                on_click=build_state.turn,
                args=(name.casefold(),),
                disabled=not can,
                help=f"{keys} in the picture and in the tables (on a Mac with ⌘).",
            )
        st.text_input(
            "Name of the network",
            value=draft.name,
            key=f"build_name_{draft.name}",
            on_change=_rename,
            args=(draft.name,),
            max_chars=60,
            label_visibility="collapsed",
            width=210,
        )


def links(network: Network) -> None:
    """The network on the other pages, as far as they can show it."""
    own, unfit = st.session_state.get(build_state.OWN_KEY) or "", build_views.unfit(network)
    link = {"arch": FIELDS["arch"].repaired(OWN)[0]}
    if controls.is_trained():
        link["trained"] = UNTRAINED
    if controls.is_carried(own):
        link["own"] = own or documents.to_link(build_state.drawn())
    with st.container(horizontal=True, vertical_alignment="center", key="open_in"):
        st.markdown("Open it on", width="content")
        for title, page in _WHERE.items():
            if page not in unfit:
                st.page_link(f"{page}.py", label=title, query_params={key: str(value) for key, value in link.items()})
    for why, pages in groupby(sorted(unfit, key=unfit.__getitem__), unfit.__getitem__):
        named = set(pages)
        titles = [title for title, page in _WHERE.items() if page in named]
        st.caption(f"Not on {', '.join(titles)}: {plain(why)}.")
    if not controls.is_carried(own):
        st.info(
            f"This network takes {len(own):,} characters, more than a link carries. It stays in this session, and a "
            "file holds it: press Save."
        )


def _settings() -> dict[str, object]:
    return {name: st.session_state[name] for name in FIELDS if name in st.session_state}


def _file_name(title: str) -> str:
    letters = "".join(sign if sign.isalnum() and sign.isascii() else "-" for sign in title.casefold())
    return "-".join(filter(None, letters.split("-"))) or "network"


def _begin() -> None:
    chosen = st.session_state[_START]
    st.session_state[_START] = None
    if chosen == _SHOWN:
        settings = controls.settings()
        build_state.replace_by(
            lambda: draft_views.taken_over(cached.unrolled(settings.network, settings.T).graph),
        )
    elif chosen is not None:
        build_state.replace_by(partial(draft_views.start, chosen))


def _rename(before: str) -> None:
    wanted = st.session_state[f"build_name_{before}"]
    build_state.take_stroke({"do": "rename", "value": wanted})


def _open() -> None:
    """Take a file over if it holds a network; the next one may be the same again."""
    number = st.session_state.get(_OPENED, 0)
    file = st.session_state.get(f"{_FILE}_{number}")
    if file is None:
        return
    st.session_state[_OPENED] = number + 1
    build_state.replace_by(lambda: _read(file.name, file.getvalue()), build_state.FILE)


def _read(name: str, content: bytes) -> Draft:
    is_unrolled = content.lstrip()[:1] == b"<" or f'"{UNROLLED}"'.encode() in content[:200]
    most = _MOST_MEGABYTES * 10**6 if is_unrolled else documents.MOST_READ
    if len(content) > most:
        what = "an unrolled network's" if is_unrolled else "a network's"
        raise GraphError(f"The file {name[:40]} has {len(content):,} bytes; {what} file has at most {most:,}.")
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise GraphError(f"The file {name[:40]} is no text; a network's file is JSON or GraphML.") from None
    if is_unrolled:
        read = exchange.read_graphml if text.lstrip().startswith("<") else exchange.read_json
        return draft_views.taken_over(fold(read(text)))
    draft, view = documents.read(text)
    if view:
        usual = {key: field.default for key, field in SHARED.items() if key not in build_views.OF_THE_NETWORK}
        st.session_state.update({key: value for key, value in usual.items() if key not in view})
        address.take({key: value for key, value in view.items() if key not in build_views.OF_THE_NETWORK})
    return draft
