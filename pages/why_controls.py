"""Controls of the page Why recurrent that are no boxes: sliders, and one button for each position."""

from __future__ import annotations

import streamlit as st

from explorer.fields import Number
from explorer.page_settings.why import FIRST, LAST, USUAL_POSITIONS, positions
from explorer.settings import FIELDS
from pages import address, controls

_CHOSEN = "why_chosen"


def slider(name: str) -> None:
    """A number that one drags; tied to the link under the field's name."""
    field = FIELDS[name]
    assert isinstance(field, Number)
    st.slider(
        field.label,
        int(field.least),
        int(field.most),
        field.default,
        field.step,
        key=name,
        help=field.help,
        bind="query-params" if address.is_sound(name) else None,
    )


def chosen() -> tuple[int, ...]:
    """The positions at which the phrase stands in training."""
    return positions(st.session_state["why_at"] or USUAL_POSITIONS)


def trained_positions() -> None:
    """A button for each position at which the phrase can begin; behind them is kept what stands in the link."""
    with controls.hideable("why_positions_text", False):
        controls.widget("why_at")
    st.session_state[_CHOSEN] = list(chosen())
    st.pills(
        "Train with the phrase at position",
        range(FIRST, LAST + 1),
        selection_mode="multi",
        key=_CHOSEN,
        on_change=_take,
        help="Where the phrase begins in training. Both networks are tested at all of them.",
    )


def _take() -> None:
    """At least one stays chosen."""
    if st.session_state[_CHOSEN]:
        st.session_state["why_at"] = " ".join(map(str, sorted(st.session_state[_CHOSEN])))
