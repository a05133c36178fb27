"""Files of weights that are shipped: trained in other frameworks, each with what the network answered there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "weights"


@dataclass(frozen=True, slots=True)
class Example:
    """A shipped file."""

    title: str
    file: str

    @property
    def path(self) -> Path:
        return FOLDER / self.file


EXAMPLES: Mapping[str, Example] = MappingProxyType(
    {
        "pytorch_lstm": Example("PyTorch LSTM", "pytorch-lstm.npz"),
        "pytorch_gru": Example("PyTorch GRU, 2 levels, both directions", "pytorch-gru-both.npz"),
        "keras_gru": Example("Keras GRU, reset before", "keras-gru-before.npz"),
    }
)
"""Name → shipped file. All were trained to hold the last number that came with a mark."""
