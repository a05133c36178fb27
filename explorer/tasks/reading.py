"""A learner's own input, laid out over the steps of a network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from explorer.engine.activations import Array


@dataclass(frozen=True, eq=False)
class Reading:
    """One sequence, and how it is written.

    Attributes
    ----------
    inputs, targets : mapping of str to array
        By input and loss layer: tokens (T, 1) or vectors (T, 1, size).
    shown : tuple of str
        What is read at each step, to write under it.
    aims : tuple of str
        What should be said at each step; empty where nothing is asked.
    answers : tuple of str
        What each unit of the output stands for; none if the output is a number.
    source_steps : int
        Steps an encoder reads, if there is one.
    notes : tuple of str
        Sentences about what had to be changed to make the input fit.
    """

    inputs: Mapping[str, Array]
    targets: Mapping[str, Array]
    shown: tuple[str, ...]
    aims: tuple[str, ...]
    answers: tuple[str, ...] = ()
    source_steps: int = 1
    notes: tuple[str, ...] = ()

    @property
    def steps(self) -> int:
        return len(self.shown)
