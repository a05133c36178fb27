"""Trained weights as they are shipped: one small file for each network, never a pickle."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from explorer.applications.application import Asked
from explorer.applications.bags import TRAINED
from explorer.engine.activations import Array
from explorer.engine.forward import forward
from explorer.engine.timeline import frozen
from explorer.engine.trace import Trace
from explorer.formats.npz import read_npz
from explorer.graph import ReadOnly
from explorer.tasks.problem import Batch
from explorer.training.course import Snapshot

NETWORKS = Path(__file__).resolve().parents[2] / "assets" / "networks"


class ShelfError(ValueError):
    """Shipped weights are missing, damaged, or of another network."""


def save(name: str, snapshot: Snapshot, folder: Path = NETWORKS) -> Path:
    """Write the weights of a trained application, float32."""
    path = folder / f"{name}.npz"
    arrays: dict[str, Any] = dict(snapshot.parameters)
    np.savez_compressed(path, **arrays)
    return path


@lru_cache(maxsize=32)
def weights(name: str, folder: Path = NETWORKS) -> Mapping[str, Array]:
    """The shipped weights of an application, read-only, float64.

    Raises
    ------
    ShelfError
        If the file is missing, damaged or does not fit the network; the message says how to make it anew.
    """
    path = folder / f"{name}.npz"
    again = f"train it again with: python -m explorer train {name}"
    if not path.exists():
        raise ShelfError(f"The weights of '{name}' are missing ({path.name}); {again}")
    wanted = TRAINED[name].course.graph().parameter_shapes
    try:
        found = read_npz(path, wanted)
    except ValueError as error:
        raise ShelfError(f"{path.name} does not hold the weights of '{name}': {error} Please {again}") from None
    if {key: array.shape for key, array in found.items()} != dict(wanted):
        raise ShelfError(f"The weights in {path.name} are those of another network; {again}")
    if not all(np.issubdtype(array.dtype, np.floating) and np.isfinite(array).all() for array in found.values()):
        raise ShelfError(f"The weights in {path.name} are not all finite numbers; {again}")
    return ReadOnly({key: frozen(found[key].astype(np.float64)) for key in wanted})


def run(name: str, batch: Batch) -> Trace:
    """The trained network's forward pass, float64."""
    graph = TRAINED[name].course.graph(batch.source_steps)
    return forward(graph, weights(name), batch.inputs, batch.targets, mask=batch.mask)


def ask(name: str, text: str) -> Asked:
    """What a trained network makes of a line of text.

    Examples
    --------
    >>> asked = ask("sentiment", "not bad at all")
    >>> asked.reading.steps, asked.answer.ranked[0].probability > 0.2
    (4, True)
    """
    return TRAINED[name].ask(text, lambda batch: run(name, batch))
