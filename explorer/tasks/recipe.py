"""What is trained, and how: frozen descriptions, so that the same two always give the same run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from explorer.architectures import build
from explorer.engine.activations import Array
from explorer.gates import keep_biases
from explorer.graph import Graph
from explorer.parameters import initialize
from explorer.tasks.problem import Problem


@dataclass(frozen=True, slots=True)
class Blueprint:
    """A network but for the sizes that the task decides.

    Attributes
    ----------
    arch : str
        What `explorer.architectures.architecture` knows.
    hidden, depth : int
    act : str
        The squashing function φ.
    init : str
        Initialiser of the recurrent weights.
    bias : float
        Of the gates that keep the past, or else of every unit inside a loop.
    seed : int
    """

    arch: str = "elman"
    hidden: int = 16
    depth: int = 1
    act: str = "tanh"
    init: str = "orthogonal"
    bias: float = 0.0
    seed: int = 1

    def graph(self, problem: Problem, source_steps: int = 0) -> Graph:
        """The network in the sizes of a problem, for sequences of which an encoder reads so many steps."""
        return build(
            self.arch,
            inputs=problem.inputs,
            hidden=self.hidden,
            outputs=problem.outputs,
            depth=self.depth,
            activation=self.act,
            output_activation=problem.output_activation,
            loss=problem.loss,
            source_steps=source_steps or 1,
            answers=problem.answers,
        )

    def weights(self, graph: Graph) -> Mapping[str, Array]:
        """What the network starts from."""
        return initialize(graph, self.seed, recurrent=self.init, biases=dict.fromkeys(keep_biases(graph), self.bias))


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a network is trained.

    Attributes
    ----------
    optimizer : str
        Key of `OPTIMIZERS`.
    rate : float
        Learning rate η.
    clip : float or None
        Length that the gradient of all weights together may have.
    window, stride : int or None, int
        Backpropagation through time truncated after so many steps, a pass every `stride` steps; None: not truncated.
    batch : int
        Sequences in one step of training.
    iterations : int
        Most steps of training.
    every : int
        Steps of training between two examinations.
    patience : int or None
        Examinations without a better result after which training stops; None: never.
    seed : int
        Of the sequences.
    """

    optimizer: str = "adam"
    rate: float = 0.01
    clip: float | None = 1.0
    window: int | None = None
    stride: int = 1
    batch: int = 32
    iterations: int = 2000
    every: int = 50
    patience: int | None = None
    seed: int = 1

    def batch_rng(self, iteration: int) -> np.random.Generator:
        """A stream of its own for each step: a run that is resumed goes on with the sequences it would have had."""
        return np.random.default_rng([self.seed, iteration])
