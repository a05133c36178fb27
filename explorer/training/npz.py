"""Arrays from a file that may hold anything: never a pickle, nothing read before its size is known."""

from __future__ import annotations

import io
import lzma
import tokenize
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path

import numpy as np

from explorer.engine.activations import Array

MOST_BYTES = 256 * 2**20

_BROKEN = (OSError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError)
"""What the reader of archives says to a damaged one, depending on which byte it is."""

_NO_HEADER = (ValueError, SyntaxError, TypeError, RecursionError, MemoryError, tokenize.TokenError)


def read_arrays(path: Path, names: Collection[str]) -> dict[str, Array]:
    """The arrays of those names, read-only.

    Raises
    ------
    ValueError
        If the file is missing or damaged, or not all of them are there; the sentence begins with a small letter.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = {info.filename: info for info in archive.infolist()}
            if sum(info.file_size for info in members.values()) > MOST_BYTES:
                raise ValueError(f"it holds more than {MOST_BYTES // 2**20} MB.")
            missing = [name for name in names if f"{name}.npy" not in members]
            if missing:
                raise ValueError(f"'{missing[0]}' is missing in it.")
            # whole before anything of it is looked at: only then its checksum has been compared
            content = {name: archive.read(members[f"{name}.npy"]) for name in names}
    except FileNotFoundError:
        raise ValueError("there is no such file.") from None
    except _BROKEN as error:
        raise ValueError(f"it cannot be read as an NPZ archive ({str(error) or 'it ends too early'}).") from None
    return {name: _array(name, held) for name, held in content.items()}


def _array(name: str, content: bytes) -> Array:
    file = io.BytesIO(content)
    try:
        if np.lib.format.read_magic(file) != (1, 0):
            raise ValueError
        shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(file)
    except _NO_HEADER:
        raise ValueError(f"'{name}' does not begin like an array.") from None
    if dtype.hasobject or is_fortran:
        raise ValueError(f"'{name}' is not a plain array.")
    size, there = dtype.itemsize, len(content) - file.tell()
    for length in shape:
        size *= length
    if size != there:
        raise ValueError(f"'{name}' has {there} bytes; its shape {shape} says {size}.")
    return np.frombuffer(content, dtype, offset=file.tell()).reshape(shape)
