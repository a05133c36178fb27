"""Other orders of what has been read of a text, drawn from a seed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from random import Random

from explorer.tasks.text import tokenize

_MOST_DRAWN = 24
_BEFORE_A_MARK = re.compile(r"(?<=\w) (?=[,.;:!?]+(?: |$))")


def orders(text: str, read: Sequence[str], seed: int) -> Iterator[str]:
    """Texts with the same words in orders drawn by lot, none in the order that they have.

    Parameters
    ----------
    text : str
    read : sequence of str
        What a network reads of it, step by step, as it is shown.
    seed : int

    Examples
    --------
    >>> next(orders("How, how are you?", ["how", "are", "you"], seed=0))
    'are you how'
    >>> next(orders("you and wat", ["you", "and"], seed=0)), list(orders("no no", ["no", "no"], seed=0))
    ('and you wat', [])
    """
    tokens = tokenize(text)
    is_whole = tokenize(" ".join(read)) == list(read)  # a long word is shown cut off
    words = list(read) if is_whole else [token for token in tokens if token[0].isalnum() or token in read]
    # a word that is only begun is not read as one: it stays where it can go on
    end = tokens[-1:] if is_whole and tokens and tokens[-1][0].isalnum() and tokens[-1] not in read else []
    chance = Random(seed)
    for _ in range(_MOST_DRAWN if tokens and len(set(words)) > 1 else 0):
        mixed = chance.sample(words, len(words))
        if mixed != words:
            yield _BEFORE_A_MARK.sub("", " ".join([*mixed, *end]))
