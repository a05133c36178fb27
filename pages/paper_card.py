"""One card of the page of papers, and the table of all of them."""

from __future__ import annotations

import streamlit as st

from explorer import scripts
from explorer.fields import Choice, Number
from explorer.figures import papers as figures
from explorer.papers import FIELDS, PAPERS, wording
from explorer.papers.paper import Paper, Values
from pages import cached, chart, controls, exports, prose

OPEN = "card"
_MENU, _NARROWEST = 160, 124  # pixels; a narrower number loses its buttons
_ICON, _LETTER, _DIGIT = 30, 7, 8.5


def choose() -> str:
    """The menu of cards with the fields of the open one beside it; the name of that card."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="paper_controls"):
        controls.widget(OPEN, FIELDS[OPEN], width=_MENU)
        name: str = st.session_state[OPEN]
        for own, field in PAPERS[name].fields.items():
            is_real = isinstance(field, Number) and not field.is_whole
            # %g: a bias of −2.61234136 is shown with all its digits, whatever the step of the buttons
            more = {"format": "%.10g"} if is_real else {}
            controls.widget(own, field, width=_width(PAPERS[name], own), **more)
    return name


def _width(paper: Paper, name: str) -> int:
    """As wide as its label and the longest value that it is likely to show, so that a card's controls fit in a row."""
    field = paper.fields[name]
    if isinstance(field, Number):
        likely = [field.least, field.most, field.least + field.step, *(known[name] for known in paper.settings)]
        around, longest = 84, max(len(f"{value:.10g}") for value in likely)
    else:
        options = field.labels.values() if isinstance(field, Choice) else [field.default]
        around, longest = 50, max(map(len, options))
    return round(max(_NARROWEST, _ICON + _LETTER * len(field.label), around + _DIGIT * longest))


def draw(name: str) -> None:
    """Claim, verdict and picture of a card."""
    paper = PAPERS[name]
    values = _values(paper)
    found, picture = cached.card(name, tuple(values.items()))
    st.markdown(f"{paper.claim} {paper.source}.")
    _settings(paper, values)
    st.markdown(wording.departure(paper, values) or wording.headline(paper, found))
    chart.show(figures.draw(picture, chart.is_dark()), key=f"paper.{name}", alt=picture.alternative)
    exports.data("ours", lambda: {result.quantity: result.ours for result in found})
    exports.python(lambda: scripts.paper(name, values))
    st.markdown(wording.results(paper, found))
    prose.below(f"papers-{name}")


def overview(opened: str) -> None:
    """All cards: printed and ours in the setting of the paper, whatever the controls say."""
    st.markdown(cached.all_cards(opened))


def _values(paper: Paper) -> Values:
    """What the controls say; a field that was emptied has its default."""
    told = {name: st.session_state.get(name) for name in paper.fields}
    return {name: paper.defaults[name] if value is None else value for name, value in told.items()}


def _settings(paper: Paper, values: Values) -> None:
    """A button for every setting that something was printed for; none if there is one and it is the present."""
    with st.container(horizontal=True, vertical_alignment="center", key="paper_settings"):
        if len(paper.settings) == 1 and wording.departure(paper, values) is None:
            return
        st.markdown("Printed for", width="content")
        for i, known in enumerate(paper.settings):
            label = wording.setting(paper, known)
            if paper.is_at(known, values):
                label = f"**▸ {label}**"
            st.button(label, key=f"setting_{i}", on_click=_take, args=(paper, known))


def _take(paper: Paper, known: Values) -> None:
    for name, value in known.items():
        if name not in paper.free:
            st.session_state[name] = value
