"""How far back gradients reach through a cell with gates: measured, along the direct way, and for an idle cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from explorer.cycles import Component, components
from explorer.engine.activations import ACTIVATIONS, Array
from explorer.engine.backward import backward
from explorer.engine.comparison import lengths
from explorer.engine.flow import Flow, gradient_flow
from explorer.engine.timeline import frozen
from explorer.gate_views import Gated, states
from explorer.graph import ReadOnly
from explorer.views import Ran

SOUND = -300.0
"""log₁₀ below which a float64 loses digits, and then everything."""


def sizes(flow: Flow, names: Sequence[str]) -> Mapping[str, Array]:
    """log₁₀ ‖∂L/∂s_t‖ of some states at every step, (T,): -inf where it is 0, not a number where they are absent.

    Where the sum over all errors is too small to be computed, the largest of its terms is taken.
    """
    trace, gradients, found = flow.trace, backward(flow.trace), {}
    for name in names:
        with np.errstate(divide="ignore"):
            logs = np.log10(lengths(gradients[name][1:, 0]))
        logs = np.where(logs < SOUND, np.max(flow.log10(name), axis=0), logs)
        logs[list(trace.graph[name].presence.absent(trace.steps))] = np.nan
        found[name] = frozen(logs)
    return ReadOnly(found)


@dataclass(frozen=True, eq=False)
class Reach:
    """How much of one error's gradient is left, ever further from it.

    Attributes
    ----------
    layer : str
        A state s.
    at : int
        The step of the error: the last one, or the first for a cell that reads from the end.
    steps : (n,) array of int
        At which the state exists, from there on; nearest first.
    log10 : (n,) array
        log₁₀ ‖∂L_at/∂s‖ at these steps, however small; -inf is exactly 0.
    """

    layer: str
    at: int
    steps: Array
    log10: Array

    @property
    def distance(self) -> Array:
        """How many steps back, from the nearest one."""
        return np.abs(self.steps - self.steps[0])

    @property
    def kept(self) -> Array:
        """log₁₀ of the share that is left, of what the nearest step receives; -inf everywhere if that is nothing."""
        return np.full_like(self.log10, -np.inf) if self.is_none else self.log10 - self.log10[0]

    @property
    def is_none(self) -> bool:
        """Whether not even the nearest step receives anything."""
        return bool(np.isneginf(self.log10[0]))


def reach(flow: Flow, cell: Component, layer: str) -> Reach:
    """The gradient of the error at the far end of a cell's time, at every step of one of its states."""
    graph, T = flow.trace.graph, flow.trace.steps
    measured = {t for name in flow.trace.errors for t in graph[name].presence.steps(T)}
    at = max(measured) if cell.direction >= 0 else min(measured)
    present = graph[layer].presence.steps(T)
    steps = np.array(sorted((t for t in present if cell.direction * (at - t) >= 0), key=lambda t: abs(at - t)))
    return Reach(layer, at, frozen(steps), frozen(flow.log10(layer)[at - 1, steps - 1]))


def top_reach(flow: Flow) -> Reach:
    """The same of the last loop's last state, in any network."""
    graph = flow.trace.graph
    cell = next(part for part in reversed(components(graph)) if part.direction and states(graph, part))
    return reach(flow, cell, states(graph, cell)[-1])


def direct(view: Ran, gate: str, reached: Reach) -> Array:
    """log₁₀ of the mean over units of Π keep gate, (n,): what the direct way back lets through.

    Parameters
    ----------
    view : Ran
    gate : str
        A keep gate; if it has been removed the way is free.
    reached : Reach
        Of the state that it keeps.
    """
    if gate not in view.graph:
        return frozen(np.zeros(len(reached.steps)))
    with np.errstate(divide="ignore"):
        passed = np.log10(view.trace[gate][reached.steps[:-1], 0])
        logs = np.concatenate([np.zeros((1, passed.shape[-1])), np.cumsum(passed, axis=0)])
        peak = logs.max(axis=-1, keepdims=True)
        safe = np.where(np.isfinite(peak), peak, 0)
        return frozen((safe + np.log10(np.mean(10.0 ** (logs - safe), axis=-1, keepdims=True)))[:, 0])


def idle(bias: float, distance: Array) -> Array:
    """log₁₀ σ(b)^k: what is left after k steps where a keep gate sees nothing but its bias (Gers et al. 2000).

    Examples
    --------
    >>> 10 ** idle(0.0, np.array([0, 1, 50]))
    array([1.0000000e+00, 5.0000000e-01, 8.8817842e-16])
    """
    return frozen(distance * np.log10(ACTIVATIONS["sigmoid"].function(np.array(bias))) + 0.0)  # no -0


@dataclass(frozen=True, eq=False)
class Consequence:
    """What one cell's gates do to the gradient, in the networks side by side.

    Attributes
    ----------
    state : str
        The state that the keep gate keeps.
    keep : str or None
        That gate.
    whole, changed, bare : Reach
        Of that state; without gates, of the last loop's state.
    whole_direct, changed_direct : array
        log₁₀ of what the direct way lets through, at each step of `whole`.
    idle : array
        log₁₀ σ(b)^k there.
    sizes : mapping of str to array
        log₁₀ ‖∂L/∂s_t‖ of each of the cell's states after the change, (T,).
    """

    state: str
    keep: str | None
    whole: Reach
    changed: Reach
    bare: Reach
    whole_direct: Array
    changed_direct: Array
    idle: Array
    sizes: Mapping[str, Array]


def consequence(view: Gated, cell: Component) -> Consequence:
    """Measure what the gates of a cell do to the gradient.

    Examples
    --------
    >>> from explorer.gate_views import gated
    >>> from explorer.settings import Network
    >>> view = gated(Network(text="how are you"), "f", "shut", 0.0)
    >>> found = consequence(view, view.cell_of(None))
    >>> found.state, found.idle, found.changed_direct
    ('c', array([ 0.        , -0.30103   , -0.60205999, -0.90308999]), array([  0., -inf, -inf, -inf]))
    """
    keep = view.keep_of(cell)
    state = view.keeps[keep] if keep is not None else states(view.whole.graph, cell)[-1]
    flow = gradient_flow(view.whole.trace)
    changed = gradient_flow(view.changed.trace) if view.is_changed else flow
    whole = reach(flow, cell, state)
    free = np.zeros(len(whole.steps))
    return Consequence(
        state=state,
        keep=keep,
        whole=whole,
        changed=reach(changed, cell, state) if view.is_changed else whole,
        bare=top_reach(gradient_flow(view.bare.trace)),
        whole_direct=free if keep is None else direct(view.whole, keep, whole),
        changed_direct=free if keep is None else direct(view.changed, keep, whole),
        idle=idle(view.bias, whole.distance),
        sizes=sizes(changed, states(view.whole.graph, cell)),
    )
