"""Questions: what recurrent networks are good and bad at, what is often asked, and what the words mean."""

from __future__ import annotations

import streamlit as st

from explorer import scripts
from explorer.fields import Choice
from explorer.page_settings.shared import SHARED
from explorer.questions import Entry, Link
from pages import cached, controls, exports, prose

OF_ITS_OWN = ("why", "order", "papers", "sequence_types")
"""Pages that do not show the network of the first page."""

_LEFT_OUT = ("own", "names")


def query(link: Link) -> dict[str, str]:
    """What a link says: first the network of the first page, whatever the reader has set since, then its own."""
    usual = {
        name: field.labels[field.default] if isinstance(field, Choice) else str(field.default)
        for name, field in SHARED.items()
        if field.default is not None and name not in _LEFT_OUT and link.page not in OF_ITS_OWN
    }
    return {**usual, **dict(link.query)}


def draw(entry: Entry, text: str) -> None:
    """One entry: a title, a paragraph, and the way to the page that shows it."""
    st.markdown(f"**{entry.title}**  \n{text}")
    with st.container(horizontal=True, gap="small"):
        for link in entry.links:
            st.page_link(f"{link.page}.py", label=f"→ {link.label}", query_params=query(link), width="content")


prose.lead("questions")
controls.widget("part")
part: str = st.session_state["part"]
found = cached.questions_written(part)
for start in range(0, len(found), 2):  # row by row, so that a phone keeps the order
    for column, pair in zip(st.columns(2, gap="large"), found[start : start + 2], strict=False):
        with column:
            draw(*pair)
exports.python(lambda: scripts.questions(part))
