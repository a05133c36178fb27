"""The numbers behind what is shown, as files: CSV for whoever reads, NPZ for whoever computes.

A CSV has a line for each number: the array, the type, the place along each axis, and the value with all its digits.
Nothing is lost either way: what is written is read back equal, in the same type and shape.
"""

from __future__ import annotations

import base64
import csv
import io
import math
import re
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.engine.activations import Array

AXES = ("t", "unit", "column", "depth")
"""Of the places in a CSV, from 0 on; most arrays have a row for each step, and in it a number for each unit."""

MOST_AXES, MOST_VALUES = 12, 20_000_000
_EMPTY = "empty "
_KINDS = {"f": float, "i": int, "u": int, "b": bool, "U": str}
_UNFIT = re.compile(r'[\x00-\x1f/\\:*?"<>|]+')  # in names of files, which the arrays of an NPZ are


def to_csv(arrays: Mapping[str, Any]) -> str:
    """Arrays as a table with a line for each number.

    Parameters
    ----------
    arrays : mapping of str to array
        Of numbers, truth values or text, of any shape.

    Examples
    --------
    >>> print(to_csv({"h": np.array([[0.1, -2.0]]), "T": np.array(3)}))
    array,type,t,unit,value
    h,float64,0,0,0.1
    h,float64,0,1,-2.0
    T,int64,,,3
    <BLANKLINE>
    """
    known = {name: plain(array) for name, array in arrays.items()}
    width = max((array.ndim for array in known.values()), default=0)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["array", "type", *_axes(width), "value"])
    for name, array in known.items():
        blank = [""] * (width - array.ndim)
        kind = "str" if array.dtype.kind == "U" else array.dtype.name
        if not array.size:
            writer.writerow([name, _EMPTY + kind, *array.shape, *blank, ""])
        elif array.dtype.kind == "U":
            writer.writerows([name, kind, *at, *blank, str(array[at])] for at in np.ndindex(array.shape))
        else:
            # tolist() of float32 gives the same number as a float, whose digits come back to it
            places = np.ndindex(array.shape)
            writer.writerows(
                [name, kind, *at, *blank, repr(v)] for at, v in zip(places, array.ravel().tolist(), strict=True)
            )
    return out.getvalue()


def from_csv(text: str) -> dict[str, Array]:
    """The arrays in a table that `to_csv` has made.

    Raises
    ------
    ValueError
        If it is no such table; the sentence names the line.

    Examples
    --------
    >>> from_csv(to_csv({"h": np.array([[0.1, -2.0]])}))
    {'h': array([[ 0.1, -2. ]])}
    """
    rows = csv.reader(io.StringIO(text, newline=""))
    header = next(rows, [])
    width = len(header) - 3
    if width < 0 or width > MOST_AXES or header != ["array", "type", *_axes(width), "value"]:
        raise ValueError("The first line of the table is array, type, the axes, and value.")
    found: dict[str, list[tuple[str, tuple[int, ...], str]]] = {}
    for number, row in enumerate(rows, 2):
        if len(row) != len(header) or not all(re.fullmatch(r"\d{0,9}", place) for place in row[2:-1]):
            raise ValueError(f"Line {number} is not an array, a type, its places and a value: {','.join(row)[:60]}")
        found.setdefault(row[0], []).append((row[1], tuple(int(place) for place in row[2:-1] if place), row[-1]))
    return {name: _array(name, lines) for name, lines in found.items()}


def to_npz(arrays: Mapping[str, Any]) -> bytes:
    """Arrays as an archive that `numpy.load` reads: plain arrays, never pickles.

    What cannot stand in a file's name is an underscore in the array's.

    Examples
    --------
    >>> with np.load(io.BytesIO(to_npz({"∂L/∂h": np.array([1.5])}))) as archive:
    ...     print({name: archive[name].tolist() for name in archive})
    {'∂L_∂h': [1.5]}
    """
    out, taken = io.BytesIO(), set[str]()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            own = called = _UNFIT.sub("_", name) or "_"
            count = 1
            while own in taken:
                count += 1
                own = f"{called} {count}"
            taken.add(own)
            with archive.open(f"{own}.npy", "w", force_zip64=True) as file:
                np.lib.format.write_array(file, plain(array), allow_pickle=False)
    return out.getvalue()


def of_figure(figure: Any) -> dict[str, Array]:
    """The numbers in a chart: x, y and z of every trace, by its name.

    Examples
    --------
    >>> import plotly.graph_objects as go
    >>> of_figure(go.Figure(go.Scatter(x=[1, 2], y=[0.5, None], name="A")))
    {'A.x': array([1, 2]), 'A.y': array([0.5, nan])}
    """
    found: dict[str, Array] = {}
    for i, trace in enumerate(figure.data, 1):
        name = getattr(trace, "name", None) or f"trace {i}"
        while f"{name}.x" in found or f"{name}.y" in found or f"{name}.z" in found:
            name = f"{name} ({i})"
        for axis in ("x", "y", "z"):
            values = getattr(trace, axis, None)
            if values is not None and len(values):
                found[f"{name}.{axis}"] = plain(values)
    return found


def of_scene(scene: Mapping[str, Any]) -> dict[str, Array]:
    """The numbers in a diagram's strips, as they are drawn: float32, (T,), (T, rows), or (T, T) for bars that move."""
    found: dict[str, Array] = {}
    for i, track in enumerate(scene["tracks"], 1):
        name = track["label"] if track["label"] not in found else f"{track['label']} ({i})"
        numbers = _unpacked(track["data"])
        found[name] = numbers.reshape(-1, track["rows"]) if track["kind"] == "heat" or track["matrix"] else numbers
        if track["before"] is not None:
            found[f"{name} before"] = _unpacked(track["before"])
    return found


def plain(values: Any) -> Array:
    """Any row of numbers or words as an array of one of the types that a file can hold; nothing is not a number."""
    array = np.asarray(values)
    if array.dtype.kind in "fiubU" and array.dtype != np.longdouble:
        return array
    if array.dtype.kind == "O":
        flat = array.ravel().tolist()
        if all(value is None or isinstance(value, int | float | np.number) for value in flat):
            return np.array([math.nan if v is None else float(v) for v in flat]).reshape(array.shape)
        return np.array(["" if value is None else str(value) for value in flat], str).reshape(array.shape)
    return array.astype(np.float64 if array.dtype.kind == "f" else str)


def _axes(width: int) -> Iterator[str]:
    yield from AXES[:width]
    yield from (f"axis {i}" for i in range(len(AXES), width))


def _unpacked(text: str) -> NDArray[np.float32]:
    return np.frombuffer(base64.b64decode(text), "<f4")


def _array(name: str, lines: list[tuple[str, tuple[int, ...], str]]) -> Array:
    kind = lines[0][0]
    is_empty = kind.startswith(_EMPTY)
    try:
        dtype = np.dtype(kind.removeprefix(_EMPTY))
        read = _KINDS[dtype.kind]
    except (TypeError, KeyError):
        raise ValueError(f"'{name:.40}' has the type {kind!r:.40}, which is none of numbers, truth or text.") from None
    if is_empty:
        if math.prod(lines[0][1]) or len(lines) > 1:
            raise ValueError(f"'{name:.40}' is said to be empty, and is not.")
        return np.zeros(lines[0][1], dtype)
    if any(line[0] != kind or len(line[1]) != len(lines[0][1]) for line in lines):
        raise ValueError(f"The lines of '{name:.40}' differ in their type or in the number of their axes.")
    shape = tuple(max(line[1][axis] for line in lines) + 1 for axis in range(len(lines[0][1])))
    if math.prod(shape) != len(lines) or len(lines) > MOST_VALUES or len({line[1] for line in lines}) != len(lines):
        raise ValueError(f"'{name:.40}' has {len(lines):,} numbers, which do not fill its shape {shape}.")
    try:
        values = [{"True": True, "False": False}[v] if read is bool else read(v) for _, _, v in lines]
    except (ValueError, KeyError):
        raise ValueError(f"'{name:.40}' holds a value that is no {kind}.") from None
    array = np.zeros(shape, f"U{max(1, *(len(v) for _, _, v in lines))}" if read is str else dtype)
    for (_, at, _), value in zip(lines, values, strict=True):
        array[at] = value
    return array
