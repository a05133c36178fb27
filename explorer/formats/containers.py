"""Files that hold arrays by name: which kind a file is of is seen from how it begins, not from what it is called."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from explorer.engine.activations import Array
from explorer.formats.complaints import WeightsError, shortened
from explorer.formats.npz import npz_bytes, read_npz
from explorer.formats.safetensors import read_safetensors, safetensors_bytes

MOST_UNPACKED = 24 * 2**20
"""Bytes of all arrays of a file together."""

MOST_NAME = 512
"""Characters in the name of an array; no framework comes near."""

SAVE_PYTORCH = "np.savez('weights.npz', **{k: v.numpy() for k, v in model.state_dict().items()})"
SAVE_KERAS = "np.savez('weights.npz', **{w.path: np.asarray(w) for w in model.weights})"


@dataclass(frozen=True, slots=True)
class Container:
    """A kind of file: how its name ends, and how its bytes are made."""

    title: str
    suffix: str
    write: Callable[[Mapping[str, Array]], bytes]


CONTAINERS: Mapping[str, Container] = MappingProxyType(
    {
        "npz": Container("NPZ", ".npz", npz_bytes),
        "safetensors": Container("safetensors", ".safetensors", safetensors_bytes),
    }
)

_PICKLE = (
    "This is a pickle, as torch.save writes it. A pickle can run any program when it is read, so it is never opened "
    f"here. Where the network was made, write plain arrays: {SAVE_PYTORCH}"
)
_HDF5 = (
    "This is an HDF5 file, as Keras writes .weights.h5 and .h5; it cannot be read here. Where the network was made, "
    f"write plain arrays: {SAVE_KERAS}"
)
_KERAS = (
    "This is a .keras archive, which keeps its weights in an HDF5 file; it cannot be read here. Where the network was "
    f"made, write plain arrays: {SAVE_KERAS}"
)
_SINGLE = "This is a single array (.npy); a network needs all of its arrays by name. Write them with np.savez."
_EMPTY = "The file is empty."
_UNKNOWN = (
    "This is no file of weights that can be read here: NPZ (np.savez) and safetensors can. From PyTorch: "
    f"{SAVE_PYTORCH} From Keras: {SAVE_KERAS}"
)

_REFUSED = (
    (b"\x89HDF\r\n\x1a\n", _HDF5),
    (b"\x93NUMPY", _SINGLE),
    *((b"\x80" + bytes([protocol]), _PICKLE) for protocol in range(1, 6)),
)
_INSIDE = (("data.pkl", _PICKLE), (".pkl", _PICKLE), (".h5", _KERAS))
"""How a member of an archive is called that is no NPZ."""


def read_container(content: bytes) -> dict[str, Array]:
    """All arrays of a file, read-only.

    Raises
    ------
    WeightsError
        If it is no file of plain arrays; the sentence says how to make one of it.
    """
    if not content:
        raise WeightsError(_EMPTY)
    is_safetensors = content[8:9] == b"{" and not content.startswith(b"PK")
    for begin, sentence in _REFUSED:
        # a safetensors file begins with a length, which can be any bytes
        if content.startswith(begin) and not is_safetensors:
            raise WeightsError(sentence)
    try:
        if is_safetensors:
            return _bounded(read_safetensors(content))
        if content.startswith(b"PK"):
            _refuse_members(content)
            return _bounded(read_npz(io.BytesIO(content), most_bytes=MOST_UNPACKED))
    except WeightsError:
        raise
    except ValueError as error:
        kind = "safetensors" if is_safetensors else "NPZ"
        raise WeightsError(f"The {kind} file is not sound: {error}") from None
    raise WeightsError(_UNKNOWN)


def _bounded(arrays: dict[str, Array]) -> dict[str, Array]:
    if sum(array.nbytes for array in arrays.values()) > MOST_UNPACKED:
        raise ValueError(f"it holds more than {MOST_UNPACKED // 2**20} MB.")
    long = next((name for name in arrays if len(name) > MOST_NAME), None)
    if long is not None:
        raise ValueError(f"the name '{shortened(long)}' has {len(long):,} characters; up to {MOST_NAME} can be read.")
    return arrays


def _refuse_members(content: bytes) -> None:
    """What torch.save and Keras write are archives too."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError):
        return  # the reader of NPZ archives says what is wrong
    for end, sentence in _INSIDE:
        if any(name.endswith(end) for name in names):
            raise WeightsError(sentence)
