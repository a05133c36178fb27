"""A network's ways through two sentences: where they part, how far apart they are, and how they look in a plane."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest

import numpy as np

from explorer.applications.application import Guess
from explorer.engine.activations import Array
from explorer.engine.timeline import frozen

_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Walk:
    """A network on its way through one sentence.

    Attributes
    ----------
    shown : tuple of str
        What is read at each step, to write beside it.
    units : tuple of int
        Its one-hot units: two words that the network does not know are the same to it.
    states : (T + 1, size) array
        Index t; 0 before the first word.
    ranked : tuple of Guess
        What it answers after the last word, best first.
    chances : mapping of str to float
        Probability of each possible answer.
    """

    shown: tuple[str, ...]
    units: tuple[int, ...]
    states: Array
    ranked: tuple[Guess, ...]
    chances: Mapping[str, float]

    @property
    def steps(self) -> int:
        return len(self.units)


@dataclass(frozen=True, eq=False)
class Plane:
    """Two walks seen in the plane in which they spread most.

    Attributes
    ----------
    walks : pair of (T + 1, 2) arrays
    shares : (2,) array
        Part of the variance of all states that lies along each axis.
    """

    walks: tuple[Array, Array]
    shares: Array


@dataclass(frozen=True, eq=False)
class TwoWays:
    """One network that has read two sentences.

    Attributes
    ----------
    title : str
    state : str
        The layer whose values are the states.
    parameters : int
    walks : pair of Walk
    carried : tuple of str
        Equations of all that is kept from step to step, in LaTeX, at the second step.
    """

    title: str
    state: str
    parameters: int
    walks: tuple[Walk, Walk]
    carried: tuple[str, ...]

    @cached_property
    def parting(self) -> int | None:
        """The first step at which different words are read (where one sentence has ended, if they agree until then);
        None if it reads twice the same."""
        first, second = (walk.units for walk in self.walks)
        return next((t for t, (a, b) in enumerate(zip_longest(first, second), 1) if a != b), None)

    @cached_property
    def has_same_words(self) -> bool:
        """Whether it reads the same words, each as often."""
        first, second = (Counter(walk.units) for walk in self.walks)
        return first == second

    @cached_property
    def distances(self) -> Array:
        """‖h_t − h'_t‖, (T + 1,) of the shorter sentence, index t."""
        first, second = (walk.states for walk in self.walks)
        together = min(len(first), len(second))
        return frozen(np.linalg.norm(first[:together] - second[:together], axis=1))

    @property
    def apart(self) -> float:
        """The distance of the two last states, whatever the lengths."""
        first, second = (walk.states[-1] for walk in self.walks)
        return float(np.linalg.norm(first - second))

    @property
    def is_torn(self) -> bool:
        """Whether the order has left a trace in the last state: more than rounding could."""
        size = max(float(np.linalg.norm(walk.states[-1])) for walk in self.walks)
        return self.apart > _ROUNDING * max(size, 1.0)

    @cached_property
    def plane(self) -> Plane:
        """Principal components of all states of both walks together; a sign is fixed by the largest entry.

        Equal pictures have to come from equal numbers, and an axis from the analysis may point either way.
        """
        states = np.concatenate([walk.states for walk in self.walks])
        centred = states - states.mean(axis=0)
        _, lengths, axes = np.linalg.svd(centred, full_matrices=False)
        found = np.zeros((2, states.shape[1]))
        found[: len(axes[:2])] = axes[:2]
        found *= np.where(found[[0, 1], np.abs(found).argmax(axis=1)] < 0, -1.0, 1.0)[:, None]
        variance = np.zeros(2)
        variance[: len(lengths[:2])] = np.square(lengths[:2])
        points = centred @ found.T
        total = float(np.square(lengths).sum())
        cut = len(self.walks[0].states)
        return Plane((frozen(points[:cut]), frozen(points[cut:])), frozen(variance / (total or 1.0)))

    def answers(self, most: int = 3) -> tuple[str, ...]:
        """The most probable answers to the one and to the other order, each once."""
        return tuple(dict.fromkeys(guess.text for walk in self.walks for guess in walk.ranked[:most]))
