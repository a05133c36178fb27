"""Letting a decoder speak: each thing it says is read by it at the next step."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from explorer.applications.application import Run
from explorer.engine.activations import Array
from explorer.engine.trace import Trace
from explorer.tasks.problem import Batch


def greedy(
    run: Run, source: Mapping[str, Array], spoken: str, start: int, end: int, most: int
) -> tuple[list[int], Trace]:
    """The most probable token at every step, until the end token or `most` of them.

    Parameters
    ----------
    run : callable
    source : mapping of str to array
        What the encoder's input layer reads: (S, 1) or (S, 1, size).
    spoken : str
        The input layer through which the decoder reads its own words.
    start, end : int
        The token it reads first, and the one it says last.
    most : int
        Steps of the decoder.

    Returns
    -------
    list of int, Trace
        What it says, without the end token; and the forward pass in which it read exactly that.
    """
    ((name, read),) = source.items()
    steps = len(read)
    said: list[int] = []
    while True:
        told = [start, *said]
        total = steps + len(told)
        before = np.zeros((total, *read.shape[1:]), read.dtype)
        before[:steps] = read
        words = np.array([[start]] * steps + [[token] for token in told])
        trace = run(Batch({name: before, spoken: words}, {}, source_steps=steps))
        token = int(trace[trace.output][total, 0].argmax())
        if token == end:
            return said, trace
        said.append(token)
        if len(said) == most:
            return said, trace
