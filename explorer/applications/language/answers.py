"""What a network has said about one sentence."""

from __future__ import annotations

from explorer.engine.activations import Array
from explorer.engine.trace import Trace


def outputs(trace: Trace) -> Array:
    """Outputs at steps 1 … T, (T, B, size)."""
    return trace[trace.output][1:]
