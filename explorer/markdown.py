"""Words that are not this project's own, in Markdown."""

from __future__ import annotations

_MEANT = frozenset(r"\`*_{}[]()#+-.!|<>$~:&")


def plain(text: str) -> str:
    """Text as Markdown that shows it as it is.

    Examples
    --------
    >>> print(plain("a_b"))
    a\\_b
    """
    return "".join("\\" + c if c in _MEANT else c for c in text)
