"""What networks say to sequences of symbols, as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

Words = Sequence[str]

_WIDEST = 44
"""Symbols of a sequence that fit beside each other; of a longer one the end is shown."""


def sequences(titles: Words, found: Sequence[tuple[Words, Words, Sequence[Words]]]) -> str:
    """Sequences of symbols under each other: read, right, and what each network says, with what is wrong underlined.

    Parameters
    ----------
    titles : sequence of str
        Of the networks.
    found : sequence of (read, right, said by network)
        Symbols by step; empty where nothing is asked.

    Examples
    --------
    >>> print(sequences(["A"], [(("a", "b"), ("", "a"), [("", "b")])]).count("<mark"))
    1
    """
    bodies = []
    for read, right, said in found:
        asked = [t for t, symbol in enumerate(right) if symbol]
        is_lone = len(asked) == 1
        rows = [("reads", _text(read, read, False)), ("right", _text(right, right, is_lone))]
        for title, words in zip(titles, said, strict=True):
            hits = sum(words[t] == right[t] for t in asked)
            rows.append((title, f"{_text(words, right, is_lone)}<small> {hits}/{len(asked)}</small>"))
        cells = "".join(
            f'<tr><th scope="row">{escape(name)}</th><td><pre>{line}</pre></td></tr>' for name, line in rows
        )
        bodies.append(f"<tbody>{cells}</tbody>")
    return f'<table class="sequences">{"".join(bodies)}</table>'


def _text(words: Words, right: Words, is_lone: bool) -> str:
    """One line with a sign for each step; a lone answer, which is the last, is written out."""
    start = max(0, len(words) - _WIDEST)
    shown = []
    for word, wanted in zip(words[start:], right[start:], strict=True):
        sign = escape(_visible(word if is_lone else word[:1])) or " "
        shown.append(sign if word == wanted else f"<mark>{sign}</mark>")
    return ("…" if any(words[:start]) else " " * bool(start)) + "".join(shown)


def _visible(word: str) -> str:
    return {" ": "␣", "\n": "⏎", "\t": "⇥"}.get(word, word)


def passage(begun: str, said: Sequence[tuple[str, str]]) -> str:
    """How networks continue a text.

    Parameters
    ----------
    begun : str
        What they have read.
    said : sequence of (title, text)
    """
    rows = [("reads", begun), *((f"{title} goes on", text) for title, text in said)]
    cells = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td dir="auto">{escape(text)}</td></tr>' for name, text in rows
    )
    return f'<table class="sequences passage"><tbody>{cells}</tbody></table>'
