"""What more processors could not help: the longest path of the unrolled graph against all of its work.

A node of the unrolled graph takes the multiply–adds of the connections that run into it, and can begin when all it
reads is there. So however many processors there are, the whole takes at least as long as the longest path: its span
(Brent 1974). Counted for one row, since rows know nothing of each other; a node is not split up further.
"""

from __future__ import annotations

from dataclasses import dataclass

from explorer.cost.counts import computed, multiply_adds
from explorer.cycles import components
from explorer.graph import Graph


@dataclass(frozen=True, slots=True)
class CriticalPath:
    """Multiply–adds of one forward pass for one row.

    Attributes
    ----------
    work, span : int
        Of all nodes, and along the longest path.
    looped : int
        Of the connections that stay inside a component with a cycle: the part that the engine cannot compute for all
        steps at once.
    """

    work: int
    span: int
    looped: int

    @property
    def least(self) -> float:
        """The share of the time that any number of processors still takes."""
        return self.span / self.work if self.work else 1.0

    @property
    def sequential(self) -> float:
        """The share of the work that stands inside loops over time."""
        return self.looped / self.work if self.work else 0.0


def critical_path(graph: Graph, steps: int) -> CriticalPath:
    """Work and span of a network, unrolled over some steps.

    The longest path is followed along the delays themselves, component by component in the order in which they can be
    computed, so the unrolled graph need not be built.

    Examples
    --------
    >>> from explorer import architectures
    >>> graph = architectures.build("elman", inputs=3, hidden=2, outputs=3)
    >>> critical_path(graph, 10)  # x h h … h y: (3 · 2 + 2 · 2) ten times, and 2 · 3 at the end
    CriticalPath(work=160, span=106, looped=40)
    """
    names = {layer.name for layer in computed(graph)}
    present = {layer.name: layer.presence.steps(steps) for layer in graph.layers}
    longest: dict[str, list[int]] = {layer.name: [0] * (steps + 1) for layer in graph.layers}
    work = looped = 0
    for component in components(graph):
        direction = component.direction or 1
        ends = direction, direction * steps
        lags = component.lags
        inside = set(component.layers) if component.direction else set()
        plans = [
            (name, [(c.source, c.delay, multiply_adds(graph, c)) for c in graph.incoming(name)])
            for name in component.layers
            if name in names
        ]
        for tick in range(min(ends) + min(lags.values()), max(ends) + max(lags.values()) + 1):
            for name, incoming in plans:
                t = direction * (tick - lags[name])
                if t not in present[name]:
                    continue
                own, begins = 0, 0
                for source, delay, macs in incoming:
                    from_step = t - delay
                    if 1 <= from_step <= steps:
                        if from_step not in present[source]:
                            continue
                        begins = max(begins, longest[source][from_step])
                    own += macs
                    if source in inside:
                        looped += macs
                longest[name][t] = begins + own
                work += own
    return CriticalPath(work, max(max(ends) for ends in longest.values()), looped)
