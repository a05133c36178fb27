"""Amounts as all pages write them: bytes with their unit, and numbers too long to read."""

from __future__ import annotations


def in_bytes(number: float) -> str:
    """Three digits and a unit.

    Examples
    --------
    >>> in_bytes(640), in_bytes(1_234_567)
    ('640 bytes', '1.23 MB')
    """
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if number >= 0.9995 * size:
            digits = number / size
            return f"{digits:.0f} {unit}" if digits >= 99.95 else f"{digits:.3g} {unit}"
    return f"{number:.0f} bytes"


def in_words(number: float) -> str:
    """Three digits and a word.

    Examples
    --------
    >>> in_words(45_100_000), in_words(960), in_words(2.68e13)
    ('45.1 million', '960', '26,800 billion')
    """
    for word, size in (("billion", 1e9), ("million", 1e6)):
        if number >= 0.9995 * size:
            digits = number / size
            return f"{float(f'{digits:.3g}'):,.0f} {word}" if digits >= 99.95 else f"{digits:.3g} {word}"
    return f"{number:,.0f}"
