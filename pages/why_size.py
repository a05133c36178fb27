"""Sentences of all lengths in front of an input layer of one length, and what both networks weigh and compute."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import streamlit as st

from explorer import scripts
from explorer.amounts import in_bytes
from explorer.figures import why
from explorer.figures.slots import slots
from explorer.page_settings.shared import SENTENCE
from explorer.page_settings.why import MOST_ROOM
from explorer.positions.room import Bill, Fitted, Weighed
from explorer.settings import Settings
from explorer.tasks.text import READY_SENTENCES, read_words
from pages import cached, chart, exports, prose, why_controls, why_words

OTHERS = (READY_SENTENCES[1], READY_SENTENCES[3])
"""Beside the learner's own sentence: a short one and a long one."""

_ROWS: Mapping[str, Callable[[Bill], str]] = MappingProxyType(
    {
        "units the words are laid out on": lambda bill: f"{bill.inputs:,}",
        "weights that read them": lambda bill: f"{bill.reading:,}",
        "**weights in all**": lambda bill: f"**{bill.weights:,}**",
        "their memory, float32": lambda bill: in_bytes(bill.stored),
        "memory of the one-hot words, float32": lambda bill: in_bytes(bill.one_hot),
        "multiply–adds, the zeros of one-hot words included": lambda bill: f"{bill.dense:,}",
        "multiply–adds, if a word only picks its row": lambda bill: f"{bill.looked_up:,}",
    }
)


def choose() -> None:
    """The three numbers of the calculator."""
    for column, name in zip(st.columns(3, gap="medium"), ("why_room", "why_words", "why_units"), strict=True):
        with column:
            why_controls.slider(name)


def draw(settings: Settings) -> None:
    """The picture of the sentences, the table and the curves."""
    network = settings.network
    room, vocabulary, hidden = (int(st.session_state[name]) for name in ("why_room", "why_words", "why_units"))
    own, notes = read_words(network.text, network.unit, SENTENCE)
    prose.notes(notes)
    others = (tuple(read_words(text, "words", text)[0]) for text in OTHERS)
    fitted = [Fitted(words, room) for words in dict.fromkeys((tuple(own), *others))]
    found = cached.weighed(network.arch, vocabulary, hidden, room, len(own), MOST_ROOM, network.depth, network.act)
    st.html(slots([sentence.words for sentence in fitted], room, hidden, found.graphs[1]))
    st.markdown(_padding(fitted, room))
    _weights(found, room)
    own_room = fitted[0]
    why_words.write(
        "size",
        words=_words(len(own)),
        padded=f"{own_room.padded:,}",
        cut=f"{own_room.cut:,}",
        room=f"{room:,}",
        share=f"{own_room.padded / room:.0%}",
        dense=f"{found.full[0].dense:,}",
        own=f"{found.own.dense:,}",
        looked=f"{found.full[0].looked_up:,}",
        turned=f"{found.full[1].looked_up:,}",
        network=found.graphs[1].name,
    )
    exports.data("sentences", lambda: {name: [getattr(sentence, name) for sentence in fitted] for name in _COUNTS})
    exports.data("weights", lambda: {"rooms": found.rooms, "weights": found.weights})
    exports.python(
        lambda: scripts.room(network, [sentence.words for sentence in fitted], vocabulary, hidden, room),
    )


_COUNTS = ("room", "kept", "padded", "cut")


def _padding(fitted: list[Fitted], room: int) -> str:
    """How much of the places is padding, over all sentences, and how many words are lost."""
    padded, cut = sum(sentence.padded for sentence in fitted), sum(sentence.cut for sentence in fitted)
    total = room * len(fitted)
    lost = f"**{_words(cut)} cut off**" if cut else "no word is cut off"
    return (
        f"Of {total:,} places {padded:,} are padding (**{padded / total:.0%}**), and {lost}. The recurrent network "
        "neither pads nor cuts."
    )


def _weights(found: Weighed, room: int) -> None:
    """The bill of both networks as a table, and their weights against the room as curves."""
    titles = [graph.name for graph in found.graphs]
    table, curve = st.columns([6, 5], gap="medium")
    with table:
        lines = [f"| a sentence of {_words(room)} | {' | '.join(titles)} |", "|---|---:|---:|"]
        lines += [f"| {what} | {' | '.join(map(written, found.full))} |" for what, written in _ROWS.items()]
        st.markdown("\n".join(lines))
    with curve:
        figure = why.growing(found.rooms, list(zip(titles, found.weights, strict=True)), room, chart.is_dark())
        ends = "; ".join(
            f"{title} from {weights[0]:,} to {weights[-1]:,}"
            for title, weights in zip(titles, found.weights, strict=True)
        )
        chart.show(
            figure,
            key="why_growing",
            alt=f"Weights as curves over the room, from {found.rooms[0]} to {found.rooms[-1]} words: {ends}.",
        )


def _words(number: int) -> str:
    return f"{number:,} word{'s' * (number != 1)}"
