"""Where a layer exists: at the steps at which it is present, in rows that are not padded. Decided here alone."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from explorer.engine.activations import Array
from explorer.engine.timeline import frozen
from explorer.graph import Layer, Presence


def exists(layer: Layer, steps: int, mask: Array | None) -> Array | None:
    """(T, B or 1, 1) of bool, read-only; None if everywhere. The mask is (T, B, 1): False where a row is padded."""
    present = is_present(layer.presence, steps)
    if present is None or mask is None:
        return mask if present is None else present
    return frozen(present & mask)


@lru_cache(maxsize=1024)
def is_present(presence: Presence, steps: int) -> Array | None:
    """The same without padding: (T, 1, 1) of bool; None if at every step."""
    absent = presence.absent(steps)
    if not absent:
        return None
    present = np.ones((steps, 1, 1), bool)
    present[list(absent)] = False
    return frozen(present)


def silence(array: Array, where: Array | None) -> None:
    """Put 0 where something does not exist, given as by `exists`; the array is (T, B, size)."""
    if where is not None:
        np.copyto(array, 0, where=~where)
