"""What a trained network answers, drawn the same way for every application."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from explorer.application_views import Answered
from explorer.applications.application import Asked, Curves, Picture, Sound
from explorer.figures import answers, exhibits
from explorer.markdown import plain
from pages import cached, chart, controls, stage


def is_usable(name: str) -> bool:
    """Whether there are weights; if not, the page says how to make them."""
    try:
        cached.shipped(name)
    except ValueError as missing:
        st.error(plain(str(missing)))
        return False
    return True


def own_input(names: Iterable[str], chosen: str) -> str:
    """The line that a learner types for one of several; each keeps its own."""
    with st.container(gap=None):
        for other in names:  # hidden, but there
            with controls.hideable(f"input_{other}", other == chosen):
                controls.widget(other, on_change=stage.forget_link)  # a new input has an answer elsewhere
    return st.session_state[chosen] or ""


def draw(found: Answered) -> None:
    """The answer in words, its doubts, its parts and its rivals."""
    answer = found.asked.answer
    with st.container(key="said"):
        st.markdown(answer.said)
    if answer.doubts:
        st.warning("  \n".join(map(plain, answer.doubts)))
    if answer.steps:
        reading = found.ran.reading
        st.html(answers.labelled(answer.steps, reading.shown if found.is_about_its_input else (), reading.answers))
    if answer.ranked:
        st.html(answers.ranked(answer.ranked))


def notes(asked: Asked) -> None:
    """What the network read in place of what was typed, where no doubt has said so already."""
    more = [note for note in asked.reading.notes if note not in asked.answer.doubts]
    st.caption("  \n".join(map(plain, more)))


def exhibit(found: Answered, key: str, t: int) -> None:
    """The input as one hears or sees it; of a picture also what spoke for the answer that is explained at step t."""
    match found.asked.exhibit:
        case Sound() as sound:
            st.audio(exhibits.recording(sound), format="audio/wav", alt=sound.caption)
            figure = exhibits.waveform(sound, chart.is_dark())
            chart.show(figure, key=key, alt=f"The sound as a wave over time: {sound.caption}")
            st.caption(plain(sound.caption))
        case Picture() as picture:
            seen, spots = st.columns(2, gap="small")
            with seen:
                st.image(exhibits.enlarged(picture), alt=picture.caption)
                st.caption(plain(picture.caption))
            amounts, word = found.spots(t), found.word(t)
            if amounts is not None:
                what = f"What of it speaks for “{word}” (orange) and what against it (blue)."
                with spots:
                    st.image(exhibits.painted(amounts, chart.is_dark()), alt=f"Gradient times input. {what}")
                    st.caption(plain(what))
        case Curves() as curves:
            lines = ", ".join(name for name, _ in curves.lines)
            figure = exhibits.curves(curves, chart.is_dark())
            chart.show(figure, key=key, alt=f"{curves.caption} Curves over the steps: {lines}.")
            st.caption(plain(curves.caption))
