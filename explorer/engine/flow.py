"""Gradient flow: how much of the error at step t reaches the states at step k, ‖∂L_t/∂s_k‖ for all t and k.

Not ∂L/∂s_k, which is a sum over t, but each error on its own: a matrix whose row t shows how the gradient of one error
fades or grows on its way back. All rows are carried together, one product a step (`explorer.engine.sweep`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from explorer.engine.activations import Array
from explorer.engine.groups import Block, Group, groups
from explorer.engine.inputs import whole
from explorer.engine.slices import Port, Slices
from explorer.engine.sweep import STRETCH, Kept, Sweep
from explorer.engine.timeline import frozen
from explorer.engine.trace import Trace
from explorer.engine.workspace import Pool
from explorer.graph import ReadOnly

_MOST_IN_A_BLOCK = 2**18  # numbers: what a processor keeps at hand
_MOST_KEPT = 2**24  # numbers kept of groups that others read
MOST_NUMBERS = 50_000_000
"""In all matrices of norms together, 400 MB; more are refused."""


@dataclass(frozen=True, eq=False)
class Flow:
    """Norms of the derivatives of every single error by every state.

    Attributes
    ----------
    trace : Trace
    states : tuple of str
        Computed layers that are read across a delay.
    log2 : mapping of str to array
        For each state (B, T, T): [b, t - 1, k - 1] is log₂ ‖∂L_t/∂s_k‖ of row b, where L_t is the error of step t
        alone; -inf where the derivative is 0. No size is too small or too large, with one limit: all states that act
        on each other share one exponent for each error, so that a unit more than 300 powers of ten below the largest
        of them is lost beside it. Should the larger ones end later on the way, as relu units do, what is left is
        -inf too.
    directions : mapping of str to {1, -1}
        1 for a state that runs forward in time, -1 for one that runs backward.
    """

    trace: Trace
    states: tuple[str, ...]
    log2: Mapping[str, Array]
    directions: Mapping[str, int]

    def log10(self, layer: str, row: int | None = 0) -> Array:
        """The matrix of log₁₀ ‖∂L_t/∂s_k‖, (T, T).

        Parameters
        ----------
        layer : str
            One of `states`.
        row : int or None
            Row of the batch; None for the mean of the norms over all rows.
        """
        if layer not in self.log2:
            known = ", ".join(f"'{name}'" for name in self.states) or "none"
            raise ValueError(f"'{layer}' is no state of {self.trace.graph.name}: choose one of {known}.")
        if row is None:
            return _mean(self.log2[layer]) * np.log10(2)
        return self.log2[layer][whole(row, 0, self.trace.batch - 1, "A row of the batch")] * np.log10(2)

    def by_distance(self, layer: str, t: int, row: int | None = 0) -> Array:
        """log₁₀ ‖∂L_t/∂s_{t-d}‖ for d = 0 … t - 1; for a state that runs backward, at t + d for d = 0 … T - t."""
        t = whole(t, 1, self.trace.steps, "A step")
        line = self.log10(layer, row)[t - 1]
        return line[t - 1 :: -1] if self.directions[layer] == 1 else line[t - 1 :]


def gradient_flow(trace: Trace) -> Flow:
    """Norms ‖∂L_t/∂s_k‖ of the derivatives of each step's error by the states at each step.

    Parameters
    ----------
    trace : Trace
        Of a forward pass that was given targets.

    Returns
    -------
    Flow

    Raises
    ------
    ValueError
        If no error was measured, nothing is read across a delay, or there are too many norms.

    Examples
    --------
    >>> from explorer import architectures, forward, initialize
    >>> graph = architectures.build("elman", inputs=3, hidden=2, outputs=3)
    >>> flow = gradient_flow(forward(graph, initialize(graph, 0), [[0], [2], [1]], targets=[[2], [1], [0]]))
    >>> flow.states, flow.log2["h"].shape, flow.by_distance("h", 3).shape
    (('h',), (1, 3, 3), (3,))
    """
    return _gradient_flow(trace, careful=None)


def cost(trace: Trace) -> float:
    """About how many multiplications the matrix takes: T²/2 rows times the one-step Jacobians, for each row."""
    graph, T = trace.graph, trace.steps
    a_row = 0.0
    for group in groups(graph):
        a_row += group.width**2 + sum(graph[origin].size * group.size for origin, _ in group.outer)
    matrices = sum(group.width * group.size for group in groups(graph)) * (1 + len(graph.connections))
    return trace.batch * (T**2 / 2 * a_row + T * matrices)


def _gradient_flow(trace: Trace, careful: bool | None) -> Flow:
    """With the choice that `Sweep` gives; tests and the benchmark use it."""
    slices = Slices(trace)
    states = slices.anatomy.states
    if not trace.errors:
        raise ValueError("There is no error to differentiate: give targets to forward.")
    if not states:
        raise ValueError(f"Nothing in {trace.graph.name} is read across a delay, so no gradient flows through time.")
    T, found = trace.steps, groups(trace.graph)
    if (wanted := len(states) * trace.batch * T**2) > MOST_NUMBERS:
        raise ValueError(
            f"The gradient flow of {trace.graph.name} over {T} steps would be {wanted:,} norms; at most "
            f"{MOST_NUMBERS:,} are computed. Take fewer steps or rows."
        )
    log2 = {name: np.full((trace.batch, T, T), -np.inf) for name in states}  # by row of the batch, k and t
    for row in range(trace.batch):
        errors = slices.from_errors(row)
        for first in range(0, T, together := _rows_together(found, slices)):
            rows = min(together, T - first)
            kept: dict[str, Kept] = {}
            for group in reversed(found):
                _sweep(group, slices, row, errors, kept, first, log2, rows, careful)
    return Flow(
        trace=trace,
        states=states,
        log2=ReadOnly({name: frozen(array.transpose(0, 2, 1)) for name, array in log2.items()}),
        directions=ReadOnly({name: group.direction for group in found for name in group.layers}),
    )


def _sweep(
    group: Group,
    slices: Slices,
    row: int,
    errors: Mapping[Port, Array],
    kept: dict[str, Kept],
    first: int,
    log2: Mapping[str, Array],
    rows: int,
    careful: bool | None,
) -> None:
    """Carry the errors of the steps first + 1 … first + rows through a group."""
    T = slices.trace.steps
    for name in _read_by_others(groups(slices.graph)) & set(group.layers):
        kept[name] = Kept(T, rows, slices.graph[name].size)
    norms = {name: log2[name][row, :, first : first + rows] for name in group.layers}
    ticks = group.ticks(T)
    length = max(STRETCH, _MOST_IN_A_BLOCK // group.width**2 // STRETCH * STRETCH)
    length = min(length, len(ticks))
    with (
        _BUFFERS.borrow(length, group.width, group.width) as matrices,
        _BUFFERS.borrow(len(group.copies), length, rows) as squares,
    ):
        sweep = Sweep(group, first + 1, rows, kept, norms, squares, careful)
        for stop in range(ticks.stop, ticks.start, -length):
            low, high = max(ticks.start, stop - length), stop - 1
            if sweep.low == sweep.high and not _begins(group, errors, kept, first, rows, low, high, T):
                continue
            block = Block(group, slices, row, low, high, matrices)
            sweep.run(block, block.arrivals(errors), block.crossings())


def _begins(
    group: Group,
    errors: Mapping[Port, Array],
    kept: Mapping[str, Kept],
    first: int,
    rows: int,
    low: int,
    high: int,
    steps: int,
) -> bool:
    """Whether anything arrives at the ticks low … high for the first time."""
    for port in errors:
        if port[0] in group.layers:
            begin, end, _ = group.reach(group.shift(port), low, high, steps)
            if begin <= end and begin <= first + rows and end > first:
                return True
    for origin, port in group.outer:
        begin, end, _ = group.reach(group.shift(port), low, high, steps)
        if begin <= end and kept[origin].used[begin - 1 : end].any():
            return True
    return False


def _read_by_others(found: tuple[Group, ...]) -> set[str]:
    return {origin for group in found for origin, _ in group.outer}


def _rows_together(found: tuple[Group, ...], slices: Slices) -> int:
    units = sum(slices.graph[name].size for name in _read_by_others(found))
    return max(1, min(slices.trace.steps, _MOST_KEPT // max(1, units * slices.trace.steps)))


def _buffer(*shape: int) -> Array:
    return np.empty(shape)


_BUFFERS = Pool(_buffer)  # fresh memory costs more than what is written there


def _mean(log2: Array) -> Array:
    """log₂ of the mean of 2**log2 over the first axis."""
    peak = log2.max(axis=0)
    peak = np.where(np.isfinite(peak), peak, 0)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log2(np.exp2(log2 - peak).mean(axis=0)) + peak)
