"""Arrays of known names from a file of the project's own kind."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from explorer.engine.activations import Array
from explorer.formats.npz import read_npz


def read_arrays(path: Path, names: Collection[str]) -> dict[str, Array]:
    """The arrays of those names, read-only.

    Raises
    ------
    ValueError
        If the file is missing or damaged, or not all of them are there; the sentence begins with a small letter.
    """
    return read_npz(path, names)
