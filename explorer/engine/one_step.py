"""One-step Jacobians ∂s_t/∂s_{t−1} as matrices: which states stand alone, and what each of them hands to the next."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from explorer.engine.activations import Array
from explorer.engine.groups import groups
from explorer.engine.slices import Port, Slices, anatomy
from explorer.engine.timeline import frozen
from explorer.engine.trace import Trace
from explorer.graph import Graph

MOST_NUMBERS = 50_000_000
"""In all one-step Jacobians together, 400 MB; more are refused."""

Copy = tuple[str, int]
"""A layer, and how many steps ago it was computed."""


def one_step_jacobians(
    trace: Trace, row: int, direction: int, states: tuple[str, ...]
) -> tuple[dict[Copy, slice], Array]:
    """Where every copy of every state lies, in order, and ∂s_t/∂s_{t-1} at index t - 1: (T, S, S).

    Parameters
    ----------
    trace : Trace
    row : int
        Of the batch.
    direction, states
        As from `chosen_states`.
    """
    slices = Slices(trace)
    furthest = dict.fromkeys(states, 1)
    for name in states:
        for target, delay in slices.anatomy.ports[name]:
            if target in furthest:
                furthest[target] = max(furthest[target], direction * delay)
    copies = [(name, 0) for name in states] + [(name, j) for name in states for j in range(1, furthest[name])]
    spans: dict[Copy, slice] = {}
    start = 0
    for copy in copies:
        spans[copy] = slice(start, start := start + trace.graph[copy[0]].size)
    if (wanted := trace.steps * start**2) > MOST_NUMBERS:
        raise ValueError(
            f"The one-step Jacobians of {trace.graph.name} over {trace.steps} steps would be {wanted:,} numbers; at "
            f"most {MOST_NUMBERS:,} are computed. Take fewer steps or units."
        )
    one_step = np.zeros((trace.steps, start, start))
    for name in states:  # in the order of computation: within a step, earlier ones are known when they are read
        _fill(one_step, spans, slices, name, row, direction)
    for name, j in copies:
        if j:
            rows, columns = spans[name, j], spans[name, j - 1]
            one_step[:, rows, columns] = np.eye(rows.stop - rows.start)
    return spans, frozen(one_step)


def chosen_states(graph: Graph, direction: int | None) -> tuple[int, tuple[str, ...]]:
    """A direction and the states that run in it, in the order of computation; refused if they do not stand alone."""
    found = groups(graph)
    if not found:
        raise ValueError(f"Nothing in {graph.name} is read across a delay, so it has no state.")
    looped = {group.direction for group in found if group.looped}
    if direction is None:
        direction = -1 if looped == {-1} else 1
    chosen = [group for group in found if group.direction == direction or not group.looped]
    names = tuple(name for group in chosen for name in group.layers)
    if direction not in (1, -1) or (looped and direction not in looped):
        raise ValueError(f"No state of {graph.name} runs in the direction {direction}; it has {sorted(looped)}.")
    ports = anatomy(graph).ports
    for origin in names:
        alien = {target for target, _ in ports[origin] if target not in names}
        for target in sorted(_followed(ports, alien) & set(names)):
            raise ValueError(
                f"'{origin}' depends on '{target}' by way of states that run the other way in time, so that no step "
                f"of {graph.name} follows from its neighbour alone; ask for its gradient flow instead."
            )
        for target, delay in sorted(ports[origin]):
            if target in names and direction * delay < 0:
                raise ValueError(
                    f"'{origin}' reads '{target}' with the delay {delay}, against the time of its states, so that no "
                    f"step of {graph.name} follows from its neighbour alone; ask for its gradient flow instead."
                )
    order = anatomy(graph).order
    return direction, tuple(sorted(names, key=order.index))


def _followed(ports: Mapping[str, frozenset[Port]], names: set[str]) -> set[str]:
    """Some states, and all that messages from them arrive at in the end."""
    found: set[str] = set()
    while names:
        found |= names
        names = {target for name in names for target, _ in ports[name]} - found
    return found


def _fill(
    one_step: Array,
    spans: Mapping[Copy, slice],
    slices: Slices,
    name: str,
    row: int,
    direction: int,
) -> None:
    """Rows of one layer: what it reads across delays, and within its step through other states."""
    rows = spans[name, 0]
    wanted: set[Port] = {port for port in slices.anatomy.ports[name] if (port[0], 0) in spans}
    for (target, delay), message in slices.from_state(name, row, 1, slices.trace.steps, wanted).items():
        if delay:
            message.add_to(one_step[:, rows, spans[target, direction * delay - 1]])
        else:
            one_step[:, rows] += message.array() @ one_step[:, spans[target, 0]]
