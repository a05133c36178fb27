"""The same sentences in front of a network with a place for every word and of a recurrent one, as an HTML table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

import numpy as np

from explorer.figures.theme import WEIGHTS, weight_colours
from explorer.graph import Graph

_LONGEST = 11
"""Letters of a word that are written."""
_SHARED = 2
"""Colours of the recurrent network's weights: the first so many."""
_OWN = len(WEIGHTS) - _SHARED
"""Colours that are left for the weights of single places."""
_WIDE = 4.5
"""Of a column at most, in rem."""

_CELL = "padding:1px 2px;border:0;text-align:center;vertical-align:bottom;white-space:nowrap;line-height:1.35"
_HEAD = (
    "width:1%;padding:1px 10px 1px 0;border:0;text-align:left;vertical-align:middle;white-space:nowrap;font-weight:400"
)
_TITLE = "padding:8px 0 2px;border:0;text-align:left;font-weight:600"
_BOX = "display:block;min-width:1.6rem;padding:0 5px;border-radius:5px;border:1.5px solid"
_ROUND = (
    "display:inline-block;min-width:1.55rem;border-radius:50%;border:1.5px solid;line-height:1.4rem;text-align:center"
)


def slots(sentences: Sequence[tuple[str, ...]], room: int, hidden: int, graph: Graph) -> str:
    """The same sentences in front of both networks, as a table: one place a column.

    Above, the feed-forward network: places that are filled, places that stay empty, words behind the last place. Every
    place has weights of its own. Below, the recurrent network: one slice a word, all with the same weights.

    Parameters
    ----------
    sentences : sequence of tuple of str
    room : int
        Places of the feed-forward network.
    hidden : int
        Its hidden units.
    graph : Graph
        The recurrent network: whichever way its delays point, its arrows do.

    Examples
    --------
    >>> from explorer import build
    >>> table = slots([("how", "are", "you")], 2, 10, build("elman", inputs=9, hidden=3, outputs=2))
    >>> table.count("<s "), table.count("pad</span>"), table.count("place ")
    (1, 0, 2)
    """
    columns = _columns(max(map(len, sentences)), room)
    wide = len(columns) + 1
    rows = [
        f'<tr><th scope="rowgroup" colspan="{wide}" style="{_TITLE}">Feed-forward: {room} place{"s" * (room != 1)}, '
        "each with weights of its own, all read at once</th></tr>",
        _reader(columns, room, hidden),
        _row("weights", (_own_weights(column, room) for column in columns)),
    ]
    rows += [_row(_count(words), (_place(column, words, room) for column in columns)) for words in sentences]
    rows.append(
        f'<tr><th scope="rowgroup" colspan="{wide}" style="{_TITLE}">{escape(graph.name)}: one slice a word; '
        f"{_swatch(0)} the same weights read each, {_swatch(1)} the same weights carry the state on</th></tr>"
    )
    arrow = _arrow(graph)
    rows += [_row(_count(words), (_slice(column, words, arrow) for column in columns)) for words in sentences]
    label = f"The same sentences in a feed-forward network with {room} places and in a recurrent network"
    return (
        f'<div role="region" tabindex="0" aria-label="{escape(label)}" style="overflow-x:auto;padding-bottom:4px">'
        f'<table style="border-collapse:collapse;font-size:0.95rem;margin:0;width:min(100%,{_WIDE * wide}rem)">'
        f"{''.join(rows)}</table></div>"
    )


def _row(head: str, cells: Iterable[str]) -> str:
    return f'<tr><th scope="row" style="{_HEAD}">{head}</th>{"".join(cells)}</tr>'


def _columns(longest: int, room: int) -> list[int | range]:
    """Places and words from the first to the last; places that are empty in every sentence are taken together."""
    last = max(longest, room)
    gap = range(longest + 2, room)
    if len(gap) < 3:
        return list(range(1, last + 1))
    return [*range(1, gap.start), gap, room]


def _reader(columns: Sequence[int | range], room: int, hidden: int) -> str:
    """The hidden layer, over all places."""
    inside = sum(isinstance(column, range) or column <= room for column in columns)
    box = f"{_BOX} var(--unroll-hidden-stroke);background:var(--unroll-hidden-fill)"
    behind = f'<td colspan="{len(columns) - inside}" style="{_CELL}"></td>' if inside < len(columns) else ""
    return (
        f'<tr><th scope="row" style="{_HEAD}">hidden units</th><td colspan="{inside}" style="{_CELL}">'
        f'<span style="{box}">{hidden}</span></td>{behind}</tr>'
    )


def _own_weights(column: int | range, room: int) -> str:
    """The weights of one place: a colour and a name of their own."""
    if isinstance(column, range):
        return f'<td style="{_CELL}">…</td>'
    if column > room:
        return f'<td style="{_CELL}"></td>'
    line = f"border-bottom:4px solid {_colour(_SHARED + (column - 1) % _OWN)}"
    return f'<td style="{_CELL};{line}">↑ W<sub>{column}</sub></td>'


def _place(column: int | range, words: tuple[str, ...], room: int) -> str:
    if isinstance(column, range):
        return f'<td style="{_CELL}">{_empty(f"{len(column)} more empty")}</td>'
    if column > room:
        edge = ";border-left:3px solid var(--unroll-loss-stroke)" * (column == room + 1)
        cut = "".join(
            f'<s style="color:var(--unroll-loss-stroke)">{_short(word)}</s>' for word in words[column - 1 :][:1]
        )
        return f'<td style="{_CELL};padding-left:6px{edge}">{cut}</td>'
    if column > len(words):
        return f'<td style="{_CELL}">{_empty("pad")}</td>'
    box = f"{_BOX} var(--unroll-input-stroke);background:var(--unroll-input-fill)"
    return f'<td style="{_CELL}"><span style="{box}" title="place {column}">{_short(words[column - 1])}</span></td>'


def _empty(text: str) -> str:
    return f'<span style="{_BOX} var(--unroll-hidden-stroke);border-style:dashed">{text}</span>'


def _slice(column: int | range, words: tuple[str, ...], arrow: str) -> str:
    """A copy of the recurrent network over its word; the way from the copy before stands at its left."""
    if isinstance(column, range) or column > len(words):
        return f'<td style="{_CELL}"></td>'
    before = f'<span style="border-bottom:3px solid {_colour(1)};line-height:1">{arrow}</span> ' if column > 1 else ""
    state = f"{_ROUND} var(--unroll-state-stroke);background:var(--unroll-state-fill)"
    box = f"{_BOX} var(--unroll-input-stroke);background:var(--unroll-input-fill);border-top:4px solid {_colour(0)}"
    return (
        f'<td style="{_CELL};padding-top:5px">{before}<span style="{state}">{column}</span>'
        f'<span style="{box};margin-top:2px">{_short(words[column - 1])}</span></td>'
    )


def _arrow(graph: Graph) -> str:
    """Which way the network carries something from slice to slice."""
    ways = {np.sign(c.delay) for c in graph.connections}
    return "⇄" if {1, -1} <= ways else "←" if -1 in ways else "→"


def _swatch(index: int) -> str:
    """A piece of the line that stands for a weight."""
    style = f"display:inline-block;width:1.2rem;height:4px;margin-bottom:4px;background:{_colour(index)}"
    return f'<span style="{style}"></span>'


def _count(words: tuple[str, ...]) -> str:
    return f"{len(words)} word{'s' * (len(words) != 1)}"


def _short(word: str) -> str:
    return escape(word if len(word) <= _LONGEST else word[: _LONGEST - 1] + "…")


def _colour(index: int) -> str:
    pair = weight_colours(index)
    return f"light-dark({pair['light']}, {pair['dark']})"
