"""Files that come in and go out: a learner's own, the ready ones, and the same network in other layouts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import streamlit as st

from explorer.amounts import in_bytes
from explorer.fields import shortened
from explorer.formats.complaints import WeightsError
from explorer.formats.containers import CONTAINERS
from explorer.formats.examples import EXAMPLES
from explorer.formats.reading import MOST_FILE
from explorer.formats.ways_out import WAYS_OUT, Written
from explorer.markdown import plain
from explorer.weight_views import Asked
from pages import cached, stage, weights_facts

_KEPT = "weights_kept"
_UPLOAD = "weights_upload"
_UPLOADS = "weights_uploads"


@dataclass(frozen=True, eq=False)
class File:
    """A file of weights, its name, and where Python finds it."""

    name: str
    content: bytes
    path: str

    @property
    def key(self) -> str:
        """Another for each content: a diagram of another network begins anew."""
        return f"{crc32(self.content):08x}"


def example(name: str) -> File:
    """A shipped file."""
    known = EXAMPLES[name]
    return File(known.file, known.path.read_bytes(), f"assets/weights/{known.file}")


def own() -> File | None:
    """A learner's own file, kept while other pages are looked at; the control that takes one, or puts it away."""
    kept: File | None = st.session_state.get(_KEPT)
    with st.popover(f"Yours: {plain(shortened(kept.name, 24))}" if kept else "Bring your own file", width="stretch"):
        if kept is not None:
            st.markdown(f"**{plain(shortened(kept.name, 60))}**, {in_bytes(len(kept.content))}")
            st.button("Put it away", on_click=put_away, help="Back to the ready files.")
        key = f"{_UPLOAD}_{st.session_state.get(_UPLOADS, 0)}"  # put away, it does not come back filled
        st.file_uploader(
            "Another file of weights" if kept else "A file of weights, .npz or .safetensors",
            key=key,
            max_upload_size=MOST_FILE // 2**20,
            on_change=_take,
            args=(key,),
            help="From PyTorch, Keras or the explorer, .npz or .safetensors. It is read, never run, and not stored.",
        )
    return kept


def ways_out(file: File, asked: Asked) -> None:
    """The same network in every layout that has a place for it, each read again before it is offered."""
    st.markdown("**Write it out as**")
    refused = []
    with st.container(horizontal=True, key="weights_out_buttons"):
        for way, (title, layout, container) in WAYS_OUT.items():
            try:
                written = cached.written(asked, way)
            except WeightsError as error:
                refused.append(str(error))
                continue
            st.download_button(
                title,
                written.content,
                f"{Path(file.name).stem[:60]}-{layout}{CONTAINERS[container].suffix}",
                key=f"weights_way_{way}",
                on_click="ignore",
                help=_promise(written),
            )
    for sentence in dict.fromkeys(refused):
        st.caption(plain(sentence))


def _promise(written: Written) -> str:
    """What was compared, and what the file cannot say."""
    said = "Read again before it was offered: the same network, and every number the same to the last bit."
    if not written.unsaid:
        return said
    unsaid = plain(weights_facts.left_open(written.unsaid))
    return f"{said} What is not in the file has to be said where it is read: {unsaid}."


def _take(key: str) -> None:
    file = st.session_state[key]
    if file is not None:
        stage.forget_link()
        st.session_state[_KEPT] = File(file.name, file.getvalue(), file.name)
        st.session_state[_UPLOADS] = st.session_state.get(_UPLOADS, 0) + 1


def put_away() -> None:
    """Back to the ready files."""
    stage.forget_link()
    st.session_state[_KEPT] = None
