"""Arrays over time: index 0 of a plain array is easily mistaken for step 1, so steps are asked for by number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from explorer.engine.activations import Array
from explorer.engine.memory import blank


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """Values at the steps 1 - lead … T + trail, first axis time.

    Steps before 1 and after T hold the initial state, so that a read across a delay needs no special case at the
    ends of the sequence.
    """

    array: Array
    lead: int
    trail: int = 0

    @classmethod
    def zeros(
        cls, steps: int, lead: int, trail: int, shape: tuple[int, int], dtype: Any, rows_inside: bool = False
    ) -> Timeline:
        """Of (B, size) a step, lying in memory as `explorer.engine.memory.blank` says."""
        return cls(blank(lead + steps + trail, *shape, dtype, rows_inside), lead, trail)

    @property
    def steps(self) -> int:
        return len(self.array) - self.lead - self.trail

    def at(self, t: int) -> Array:
        """View of step t."""
        return self.array[t - 1 + self.lead]

    def read(self, delay: int = 0) -> Array:
        """View (T, …) of what steps 1 … T read through a delay."""
        start = self.lead - delay
        return self.array[start : start + self.steps]

    def columns(self, span: slice) -> Timeline:
        """View of some units."""
        return Timeline(self.array[..., span], self.lead, self.trail)

    def from_zero(self) -> Array:
        """View (T + 1, …) whose index is the step."""
        return self.array[self.lead - 1 : self.lead + self.steps]

    def outside(self) -> tuple[Array, Array]:
        """Views of the steps before 1 and after T."""
        return self.array[: self.lead], self.array[self.lead + self.steps :]

    def begin(self, state: Array | float, past: Array | None = None) -> None:
        """Put the initial state before step 1 and after T.

        Parameters
        ----------
        state : (size,) or (B, size) array, or a number
        past : (n, B, size) array, optional
            The last values before step 1, if the steps are a piece of a longer sequence.
        """
        for edge in self.outside():
            edge[...] = state
        if past is not None:
            self.array[self.lead - len(past) : self.lead] = past


def frozen(array: Array) -> Array:
    """Mark an array read-only and hand it back."""
    array.flags.writeable = False
    return array
