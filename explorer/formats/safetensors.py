"""The safetensors format: eight bytes that say how long the header is, a header in JSON, and the numbers.

Every number in a header is checked before anything is made of it: the arrays have to cover the file exactly, none
over another, each as long as its shape and type say.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import prod
from types import MappingProxyType
from typing import Any

import numpy as np

from explorer.engine.activations import Array
from explorer.engine.timeline import frozen
from explorer.graph import is_whole

MOST_HEADER = 2**20
MOST_ARRAYS = 4096
MOST_AXES = 8

TYPES: Mapping[str, str] = MappingProxyType(
    {
        "F64": "<f8",
        "F32": "<f4",
        "F16": "<f2",
        "BF16": "<u2",  # the upper half of a float32: read as one
        **{f"{kind}{8 * n}": f"{'<' if n > 1 else '|'}{kind.lower()}{n}" for kind in "IU" for n in (1, 2, 4, 8)},
        "BOOL": "|b1",
    }
)
"""The format's name of a type → NumPy's."""

_NAMES = {dtype: name for name, dtype in TYPES.items() if name != "BF16"}


def read_safetensors(content: bytes) -> dict[str, Array]:
    """All arrays of a file, read-only; BF16 is read as float32, which holds it exactly.

    Raises
    ------
    ValueError
        If anything in the header does not fit; the sentence begins with a small letter.

    Examples
    --------
    >>> read_safetensors(safetensors_bytes({"b_h": np.ones(2, np.float32)}))["b_h"].tolist()
    [1.0, 1.0]
    """
    if len(content) < 8:
        raise ValueError("it is shorter than the eight bytes that a safetensors file begins with.")
    length = int.from_bytes(content[:8], "little")
    if length > min(MOST_HEADER, len(content) - 8):
        raise ValueError(
            f"its header would have {length:,} bytes; the file has {len(content) - 8:,} after the first eight, and a "
            f"header at most {MOST_HEADER:,}."
        )
    entries, numbers = _entries(content[8 : 8 + length]), content[8 + length :]
    arrays, end = {}, 0
    for begin, stop, name, kind, shape in sorted((*entry[1], name, *entry[0]) for name, entry in entries.items()):
        if begin != end:
            what = "over another array" if begin < end else "after bytes that belong to none"
            raise ValueError(f"'{name[:60]}' begins {what}.")
        size = np.dtype(TYPES[kind]).itemsize * prod(shape)
        if stop - begin != size or stop > len(numbers):
            raise ValueError(
                f"'{name[:60]}' is said to stand in bytes {begin} to {stop} of {len(numbers)}; its shape {list(shape)} "
                f"of {kind} needs {size}."
            )
        arrays[name], end = _array(numbers[begin:stop], kind, shape), stop
    if end != len(numbers):
        raise ValueError(f"it has {len(numbers) - end} bytes that belong to no array.")
    return {name: arrays[name] for name in entries}  # in the order of the header


def safetensors_bytes(arrays: Mapping[str, Array]) -> bytes:
    """A safetensors file of those arrays, in their order; the same arrays give the same bytes."""
    header: dict[str, Any] = {}
    blocks, end = [], 0
    for name, array in arrays.items():
        plain = np.ascontiguousarray(array, np.asarray(array).dtype.newbyteorder("<")).reshape(np.shape(array))
        blocks.append(plain.tobytes())
        begin, end = end, end + len(blocks[-1])
        header[name] = {"dtype": _NAMES[plain.dtype.str], "shape": list(plain.shape), "data_offsets": [begin, end]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # the numbers begin at a multiple of eight
    return len(text).to_bytes(8, "little") + text + b"".join(blocks)


def _entries(text: bytes) -> dict[str, tuple[tuple[str, tuple[int, ...]], tuple[int, int]]]:
    """Name → (type, shape), (begin, end)."""
    try:
        header = json.loads(text.decode(), object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError):
        header = None
    if not isinstance(header, dict):
        raise ValueError("its header is not a list of names, once each, in JSON.")
    header.pop("__metadata__", None)
    if len(header) > MOST_ARRAYS:
        raise ValueError(f"it holds more than {MOST_ARRAYS:,} arrays.")
    return {name: _entry(name, entry) for name, entry in header.items()}


def _entry(name: str, entry: object) -> tuple[tuple[str, tuple[int, ...]], tuple[int, int]]:
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise ValueError(f"'{name[:60]}' is not described by dtype, shape and data_offsets.")
    kind, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(kind, str) or kind not in TYPES:
        raise ValueError(f"'{name[:60]}' is of the type {kind!r:.20}; {', '.join(TYPES)} can be read.")
    if not _are_whole(shape) or len(shape) > MOST_AXES or not _are_whole(offsets) or len(offsets) != 2:
        raise ValueError(f"the shape and the place of '{name[:60]}' are no whole numbers, 0 or more.")
    return (kind, tuple(shape)), (offsets[0], offsets[1])


def _are_whole(numbers: object) -> bool:
    return isinstance(numbers, list) and all(
        is_whole(number) and not isinstance(number, bool) and 0 <= number < 2**48 for number in numbers
    )


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _array(content: bytes, kind: str, shape: tuple[int, ...]) -> Array:
    array: Array = np.frombuffer(content, TYPES[kind])
    if kind == "BF16":
        array = (array.astype(np.uint32) << 16).view(np.float32)
    try:  # an array without numbers can have any other length
        return frozen(array.reshape(shape))
    except (ValueError, OverflowError):
        raise ValueError(f"there is an array of the shape {list(shape)}, which none can have.") from None
