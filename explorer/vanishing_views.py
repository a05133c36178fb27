"""What the Vanishing page shows: how far a gradient reaches in a network, what bounds it, and why."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import cycle, islice

import numpy as np

from explorer import views
from explorer.architectures import build
from explorer.engine.activations import ACTIVATIONS, SQUASHING, Array
from explorer.engine.flow import Flow, cost, gradient_flow
from explorer.engine.forward import forward
from explorer.engine.influence import read_out_layers
from explorer.engine.jacobians import StateJacobians, lyapunov_exponents, norm_bound, state_jacobians
from explorer.engine.schedule import schedule
from explorer.engine.timeline import frozen
from explorer.engine.trace import NotFiniteError, Trace
from explorer.fitting import UnfitError
from explorer.gates import gates
from explorer.graph import Graph, ReadOnly
from explorer.page_settings.shared import SENTENCE
from explorer.settings import Network
from explorer.tasks.text import Vocabulary, encoder_steps, lay_out, read_words

AFFORDABLE = 2e10
"""Multiplications for a flow that a page can wait for, a few seconds; beyond that fewer steps are shown."""

MOST_NUMBERS = 5_000_000
"""In all one-step Jacobians together; more are not computed for a page."""

MOST_AT_ONCE = 1_000_000
"""The same for what stands on the page without having been asked for."""

FEWEST = 2
"""Steps of the shortest way back."""

MOST_UNITS = 128
"""Of a network that is matched to another by its parameters."""

MOST_SPECTRA = 50
"""Products whose singular values are computed for one picture; they cost more than everything else."""


@dataclass(frozen=True, eq=False)
class Studied:
    """A network that has read its sentence over and over, and the derivatives of each single error.

    Attributes
    ----------
    network : Network
    trace : Trace
    flow : Flow
    notes : tuple of str
        What had to be changed to make the sentence fit.
    """

    network: Network
    trace: Trace
    flow: Flow
    notes: tuple[str, ...]

    @property
    def graph(self) -> Graph:
        return self.trace.graph

    @property
    def steps(self) -> int:
        return self.trace.steps

    @property
    def state(self) -> str:
        """The state that the output reads: the one that is compared with other networks'."""
        read_out = read_out_layers(self.graph)
        return next((name for name in read_out if name in self.flow.states), self.flow.states[-1])

    @cached_property
    def parameters(self) -> int:
        """How many numbers the network learns."""
        return self.graph.parameter_count

    @cached_property
    def _measured(self) -> StateJacobians | str:
        if set(self.flow.directions.values()) != {1}:
            return "no: its states run both ways in time"
        if self._jacobian_numbers > MOST_NUMBERS:
            return "no: too many numbers at this length"
        try:
            return state_jacobians(self.trace)
        except ValueError:  # of all the networks that can be drawn, some have no step that stands alone
            return "no: no step follows from its neighbour alone, or too far a delay"

    @property
    def why_not(self) -> str:
        """Why there are no Jacobians of the whole state; empty if there are."""
        return self._measured if isinstance(self._measured, str) else ""

    @property
    def jacobians(self) -> StateJacobians | None:
        """One-step Jacobians of the whole state; None where `why_not` says so."""
        return None if isinstance(self._measured, str) else self._measured

    @property
    def _jacobian_numbers(self) -> int:
        return self.steps * sum(self.graph[name].size for name in self.flow.states) ** 2

    @cached_property
    def bound(self) -> float | None:
        """γσ₁: the factor by which a step back can at most multiply a gradient; None where there is no such number."""
        return norm_bound(self.trace)

    @cached_property
    def exponent(self) -> float:
        """The largest Lyapunov exponent, in nats a step; not a number where there are no Jacobians, or too many."""
        if self._jacobian_numbers > MOST_AT_ONCE or self.jacobians is None:
            return math.nan
        return float(lyapunov_exponents(self.jacobians, count=1)[0])

    @cached_property
    def recurrent(self) -> Mapping[str, tuple[float, float]]:
        """Largest |eigenvalue| and largest singular value of every square matrix that is read across a delay."""
        names = dict.fromkeys(c.weight for c in self.graph.connections if c.delay and c.weight and not c.diagonal)
        matrices = {name: self.trace.parameters[name] for name in names}
        return ReadOnly(
            {
                name: (
                    float(np.abs(np.linalg.eigvals(matrix)).max()),
                    float(np.linalg.svd(matrix, compute_uv=False)[0]),
                )
                for name, matrix in matrices.items()
                if matrix.shape[0] == matrix.shape[1]
            }
        )

    @cached_property
    def openness(self) -> Mapping[str, Array]:
        """φ′(a) of every squashed layer inside a loop, as a share of the largest there can be: (T, units)."""
        found = {}
        for part in schedule(self.graph):
            for name in part.bank if part.looped else ():
                activation = ACTIVATIONS[self.graph[name].activation]
                if self.graph[name].activation not in SQUASHING or activation.derivative is None:
                    continue
                slopes = activation.derivative(self.trace.pre[name], self.trace.values[name].read())[:, 0]
                found[name] = frozen(np.abs(slopes) / (activation.slope or 1))
        return ReadOnly(found)

    @property
    def activity(self) -> Mapping[str, Array]:
        """Values of the same layers: (T, units)."""
        return ReadOnly({name: self.trace.values[name].read()[:, 0] for name in self.openness})

    def step_spectrum(self) -> tuple[Array, Array]:
        """Steps t, (T,), and log₁₀ of the singular values of ∂s_t/∂s_{t-1}, (T, S); empty as in `spectrum`."""
        if self.jacobians is None:
            return np.zeros(0, int), np.zeros((0, 1))
        with np.errstate(divide="ignore"):
            return np.arange(1, self.steps + 1), np.log10(self.jacobians.one_step_singular_values())

    @property
    def open_share(self) -> float:
        """Mean of `openness` over layers that are no gates; not a number if there are none.

        A gate is saturated when it lets everything pass or nothing, so its slope says nothing of what it does.
        """
        rest = [array.mean() for name, array in self.openness.items() if name not in gates(self.graph)]
        return float(np.mean(rest)) if rest else math.nan

    def spectrum(self, t: int) -> tuple[Array, Array]:
        """Distances d, (n,), at most `MOST_SPECTRA`, and log₁₀ of all singular values of ∂s_t/∂s_{t-d}, (n, S).

        Those that are rounding beside the largest are not a number. Empty where there are no Jacobians.
        """
        if self.jacobians is None or t < 2:
            return np.zeros(0, int), np.zeros((0, 1))
        distances = np.unique(np.linspace(1, t - 1, min(t - 1, MOST_SPECTRA)).round().astype(int))
        return distances, np.array(list(self.jacobians.products_from(t, distances.tolist(), digits="sound")))

    def limit(self, t: int) -> Array | None:
        """log₁₀ of what the bound leaves of the error at step t after d steps, d = 0 …; None where there is none."""
        if not self.bound:
            return None
        line = self.fading(t)[self.state]
        return np.asarray(line[0] + np.arange(len(line)) * np.log10(self.bound))

    def kept(self, t: int, state: str | None = None) -> tuple[float, int]:
        """log₁₀ of what is left of the gradient from the nearest to the farthest step reached, and their distance.

        By the state that is compared, unless another one is named.
        """
        line = self.fading(t)[state or self.state]
        reached = np.flatnonzero(np.isfinite(line))
        if len(reached) < 2:
            return math.nan, 0
        return float(line[reached[-1]] - line[reached[0]]), int(reached[-1] - reached[0])

    def kept_best(self, t: int) -> tuple[str, float]:
        """The state by which most is left at the same distance, and log₁₀ of that."""
        distance = self.kept(t)[1]
        left = {name: found[0] for name in self.flow.states if (found := self.kept(t, name))[1] == distance}
        best = max(left, key=left.__getitem__)
        return best, left[best]

    def fading(self, t: int) -> Mapping[str, Array]:
        """log₁₀ ‖∂L_t/∂s_{t-d}‖ of every state, by distance d."""
        return {name: self.flow.by_distance(name, t) for name in self.flow.states}


def studied(network: Network, steps: int) -> Studied:
    """A network, run over its sentence again and again for so many steps, and differentiated.

    Examples
    --------
    >>> view = studied(Network(text="how are you"), 20)
    >>> view.steps, view.flow.log10("h").shape, view.bound is not None
    (20, (20, 20), True)
    """
    words, notes = read_words(network.text, network.unit, SENTENCE)
    trace, complaint = _while_finite(network, words, steps)
    if complaint:
        notes.append(f"{complaint} The {trace.steps} steps before it are shown.")
    if cost(trace) > AFFORDABLE:
        fewer = max(2, int(steps * math.sqrt(AFFORDABLE / cost(trace))))
        notes.append(f"{trace.graph.name} of this size would take too long over {steps} steps; {fewer} are shown.")
        trace = _run(network, words, fewer)
    try:
        flow = gradient_flow(trace)
    except ValueError as error:  # a learner's own network can be one without a state
        raise UnfitError(f"{error} Give a connection between computed layers a delay.") from None
    return Studied(network, trace, flow, tuple(notes))


def _while_finite(network: Network, words: list[str], steps: int) -> tuple[Trace, str]:
    """As many steps as stay in the range of their numbers, and what happens after them."""
    complaint = ""
    while True:
        try:
            return _run(network, words, steps), complaint
        except NotFiniteError as error:
            complaint = complaint or str(error)
            if steps <= FEWEST:
                raise
            steps = max(FEWEST, min(error.step, steps) - 1)


def _run(network: Network, words: list[str], steps: int) -> Trace:
    """The sentence, again and again."""
    graph = _graph(network, words, steps)
    inputs = len(graph.with_role("input"))
    repeated = list(islice(cycle(words), max(1, steps // inputs - 1)))
    reading = lay_out(graph, repeated, Vocabulary.of(words))
    return forward(graph, views.weights_of(network, graph), reading.inputs, reading.targets)


def matched(network: Network, size: int) -> Network:
    """The same network with as many hidden units as bring its parameters nearest to a number.

    Examples
    --------
    >>> plain = Network(hidden=32)
    >>> gated = matched(replace(plain, arch="lstm"), size_of(plain))
    >>> gated.hidden < 32, abs(size_of(gated) / size_of(plain) - 1) < 0.1
    (True, True)
    """
    candidates = [replace(network, hidden=units) for units in range(1, MOST_UNITS + 1)]
    return min(candidates, key=lambda candidate: abs(size_of(candidate) - size))


def size_of(network: Network) -> int:
    """How many parameters a network has."""
    words, _ = read_words(network.text, network.unit, SENTENCE)
    return _graph(network, words, 2).parameter_count


def _graph(network: Network, words: list[str], steps: int) -> Graph:
    units = len(Vocabulary.of(words))
    return build(
        network.arch,
        inputs=units,
        hidden=network.hidden,
        outputs=units,
        depth=network.depth,
        activation=network.act,
        source_steps=encoder_steps(max(1, steps // 2 - 1)),
    )
