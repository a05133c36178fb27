"""What a network has said about one sentence."""

from __future__ import annotations

from explorer.engine.activations import Array
from explorer.engine.trace import Trace

OWN = "What is right is not known; the error is measured against the network's own answer."
"""The note of a reading whose targets are what the network says itself."""


def outputs(trace: Trace) -> Array:
    """Outputs at steps 1 … T, (T, B, size)."""
    (output,) = (layer.name for layer in trace.graph.with_role("output"))
    return trace[output][1:]
