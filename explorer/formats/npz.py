"""Arrays from an NPZ archive that may hold anything: never a pickle, nothing unpacked before its size is known."""

from __future__ import annotations

import io
import lzma
import tokenize
import zipfile
import zlib
from collections.abc import Collection, Mapping
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from explorer.engine.activations import Array
from explorer.engine.timeline import frozen

MOST_BYTES = 256 * 2**20
MOST_MEMBERS = 4096

_BROKEN = (OSError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError)
"""What the reader of archives says to a damaged one, depending on which byte it is."""

_NO_HEADER = (ValueError, SyntaxError, TypeError, RecursionError, MemoryError, tokenize.TokenError)
_BOUNDED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Ways to pack of which no more is unpacked than was asked for; NumPy writes no other."""


def read_npz(
    file: Path | BinaryIO, names: Collection[str] | None = None, most_bytes: int = MOST_BYTES
) -> dict[str, Array]:
    """The arrays of those names, or all, read-only.

    Raises
    ------
    ValueError
        If the file is missing or damaged, or not all of them are there; the sentence begins with a small letter.

    Examples
    --------
    >>> arrays = read_npz(io.BytesIO(npz_bytes({"W_hh": np.eye(2)})))
    >>> arrays["W_hh"].tolist(), arrays["W_hh"].flags.writeable
    ([[1.0, 0.0], [0.0, 1.0]], False)
    """
    try:
        with zipfile.ZipFile(file) as archive:
            members = {info.filename: info for info in archive.infolist()}
            if sum(info.file_size for info in members.values()) > most_bytes:
                raise ValueError(f"it holds more than {most_bytes // 2**20} MB.")
            if len(members) > MOST_MEMBERS:
                raise ValueError(f"it holds more than {MOST_MEMBERS:,} arrays.")
            if names is None:
                names = [name.removesuffix(".npy") for name in members if name.endswith(".npy")]
            missing = [name for name in names if f"{name}.npy" not in members]
            if missing:
                raise ValueError(f"'{missing[0]}' is missing in it.")
            # whole before anything of it is looked at: only then its checksum has been compared
            content = {name: _unpacked(archive, members[f"{name}.npy"]) for name in names}
    except FileNotFoundError:
        raise ValueError("there is no such file.") from None
    except _BROKEN as error:
        raise ValueError(f"it cannot be read as an NPZ archive ({str(error) or 'it ends too early'}).") from None
    return {name: _array(name, held) for name, held in content.items()}


def npz_bytes(arrays: Mapping[str, Array]) -> bytes:
    """An NPZ archive of those arrays; the same arrays give the same bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, np.asarray(array), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), content.getvalue(), zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """As many bytes as the archive says, whatever is packed in it: a small archive must not fill the memory."""
    if info.compress_type not in _BOUNDED:
        raise NotImplementedError("packed in a way that NumPy does not use")
    with archive.open(info) as member:
        return member.read(info.file_size)


def _array(name: str, content: bytes) -> Array:
    file = io.BytesIO(content)
    try:
        if np.lib.format.read_magic(file) != (1, 0):
            raise ValueError
        shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(file)
    except _NO_HEADER:
        raise ValueError(f"'{name}' does not begin like an array.") from None
    if dtype.kind not in "fiubUS" or not dtype.itemsize:
        raise ValueError(f"'{name}' is not a plain array: its type is {dtype.name}.")
    size, there = dtype.itemsize * prod(shape), len(content) - file.tell()
    if size != there or any(length < 0 for length in shape):
        raise ValueError(f"'{name}' has {there} bytes; its shape {shape} says {size}.")
    order: Any = "F" if is_fortran else "C"
    try:  # an array without numbers can have any other length
        return frozen(np.frombuffer(content[file.tell() :], dtype).reshape(shape, order=order))
    except (ValueError, OverflowError):
        raise ValueError(f"'{name}' has the shape {shape}, which no array can have.") from None
