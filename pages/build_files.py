"""Where a network comes from and where it goes: what one starts from, files, and the other pages."""

from __future__ import annotations

from functools import partial

import streamlit as st

from explorer import build_views, documents, draft_views, exchange
from explorer.architectures import ARCHITECTURES
from explorer.drafts import Draft
from explorer.exchange.files import FORMAT as UNROLLED
from explorer.graph import GraphError
from explorer.page_settings.shared import OWN, SHARED, UNTRAINED
from explorer.settings import FIELDS
from explorer.unrolling import fold
from pages import address, build_state, cached, controls

_SHOWN = "shown"
_START, _FILE, _OPENED = "build_start", "build_file", "build_opened"
_WHERE = {
    "Unroll": "unroll.py",
    "Forward": "forward.py",
    "Backward": "backward.py",
    "Vanishing & exploding": "vanishing.py",
    "Gates": "gates.py",
    "Train": "train.py",
    "Cost": "cost.py",
}
_STARTS = {
    draft_views.FROM_NOTHING: "Nothing",
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
                max_upload_size=1,
                key=f"{_FILE}_{st.session_state.get(_OPENED, 0)}",
                on_change=_open,
            )
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
        st.button("Undo", on_click=build_state.undo, disabled=not history.can_undo)
        st.button("Redo", on_click=build_state.redo, disabled=not history.can_redo)
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


def links() -> None:
    """The network on the other pages."""
    own = st.session_state.get(build_state.OWN_KEY) or ""
    link = {"arch": FIELDS["arch"].repaired(OWN)[0]}
    if controls.is_trained():
        link["trained"] = UNTRAINED
    if controls.is_carried(own):
        link["own"] = own or documents.to_link(build_state.drawn())
    with st.container(horizontal=True, vertical_alignment="center", key="open_in"):
        st.markdown("Open it on", width="content")
        for title, page in _WHERE.items():
            st.page_link(page, label=title, query_params={key: str(value) for key, value in link.items()})
    if not controls.is_carried(own):
        st.info(
            f"This network takes {len(own):,} characters, more than a link carries. It stays in this session, and a "
            "file holds it: press Save."
        )


def _settings() -> dict[str, object]:
    return {name: st.session_state[name] for name in FIELDS if name in st.session_state}


def _file_name(title: str) -> str:
    plain = "".join(sign if sign.isalnum() and sign.isascii() else "-" for sign in title.casefold())
    return "-".join(filter(None, plain.split("-"))) or "network"


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
    build_state.replace_by(lambda: _read(file.name, file.getvalue()))


def _read(name: str, content: bytes) -> Draft:
    if len(content) > documents.MOST_READ:
        raise GraphError(
            f"The file {name[:40]} has {len(content):,} bytes; a network's file has at most {documents.MOST_READ:,}."
        )
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise GraphError(f"The file {name[:40]} is no text; a network's file is JSON or GraphML.") from None
    if text.lstrip().startswith("<"):
        return draft_views.taken_over(fold(exchange.read_graphml(text)))
    if f'"{UNROLLED}"' in text[:200]:
        return draft_views.taken_over(fold(exchange.read_json(text)))
    draft, view = documents.read(text)
    if view:
        usual = {key: field.default for key, field in SHARED.items() if key not in build_views.OF_THE_NETWORK}
        st.session_state.update({key: value for key, value in usual.items() if key not in view})
        address.take({key: value for key, value in view.items() if key not in build_views.OF_THE_NETWORK})
    return draft
