"""The recipe by which a delay graph is executed: components, banks and fused products, for any number of steps.

A component without a cycle is computed for all steps at once. A component with a cycle is looped over, and only
its inner connections are in the loop. Its layers lie side by side in one *bank*, ordered so that layers which read
the same source at the same delay (the gates of an LSTM) are neighbours: one matrix product serves them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

from explorer.cycles import Component, components
from explorer.engine.activations import ACTIVATIONS
from explorer.engine.losses import LOSSES
from explorer.graph import Connection, Graph, GraphError, Layer


@dataclass(frozen=True, slots=True, eq=False)
class Fused:
    """Matrix connections from one source at one delay into neighbours in a bank: one product."""

    source: str
    delay: int
    targets: tuple[str, ...]
    weights: tuple[str, ...]
    """Matrices by target."""


@dataclass(frozen=True, eq=False)
class Part:
    """A component with its layers laid out in a bank.

    Attributes
    ----------
    component : Component
    bank : tuple of str
        Layers in the order in which they lie in memory.
    spans : mapping of str to slice
        Columns of each layer in the bank.
    levels : tuple of tuple of str
        Layers that can be computed together inside one tick, in order.
    outer, inner : tuple of Fused
        Products with sources outside (once, for all steps) and inside the component (in the loop).
    lead, trail : int
        Steps kept before step 1 and after step T for what is read across a delay.
    """

    component: Component
    bank: tuple[str, ...]
    spans: Mapping[str, slice]
    levels: tuple[tuple[str, ...], ...]
    outer: tuple[Fused, ...]
    inner: tuple[Fused, ...]
    lead: int
    trail: int

    @property
    def width(self) -> int:
        return self.spans[self.bank[-1]].stop

    @property
    def looped(self) -> bool:
        return self.component.direction != 0

    def span(self, names: Iterable[str]) -> slice:
        """Columns of neighbouring layers together."""
        spans = [self.spans[name] for name in names]
        return slice(spans[0].start, spans[-1].stop)

    @cached_property
    def blocks(self) -> tuple[slice, ...]:
        """Columns of layers that calls go through together: of one level, or targets of one product."""
        together = [*self.levels, *(fused.targets for fused in (*self.outer, *self.inner))]
        cut = set(self.bank[1:])  # layers with which a block begins
        for names in together:
            span = self.span(names)
            cut -= {name for name in self.bank if span.start < self.spans[name].start < span.stop}
        starts = [0, *(self.spans[name].start for name in self.bank if name in cut), self.width]
        return tuple(slice(*ends) for ends in pairwise(starts))

    def block(self, name: str) -> slice:
        """The one in which a layer lies."""
        return next(block for block in self.blocks if block.start <= self.spans[name].start < block.stop)

    def ticks(self, steps: int, lead: int = 0, trail: int = 0) -> range:
        """Ticks of the loop over the steps 1 - lead … steps + trail, in order."""
        lags, direction = self.component.lags.values(), self.component.direction
        ends = (direction * (1 - lead), direction * (steps + trail))
        return range(min(ends) + min(lags), max(ends) + max(lags) + 1)

    def step_at(self, tick: int, name: str) -> int:
        """The step whose copy of a layer belongs to a tick."""
        return self.component.direction * (tick - self.component.lags[name])


@lru_cache(maxsize=256)
def schedule(graph: Graph) -> tuple[Part, ...]:
    """The parts of a graph in the order in which they are computed; input and loss layers are no parts.

    Raises
    ------
    GraphError
        For an algebraic loop, an unknown activation or loss, or a matrix into a product.

    Examples
    --------
    >>> from explorer import architectures
    >>> loop, head = schedule(architectures.build("lstm", inputs=4, hidden=3, outputs=4))
    >>> loop.inner[0].source, loop.inner[0].targets, head.bank
    ('h', ('o', 'i', 'f', 'g'), ('y',))
    """
    for complaint in _complaints(graph):
        raise GraphError(complaint)
    computed = {layer.name for layer in graph.layers if layer.role not in ("input", "loss")}
    return tuple(_part(graph, c) for c in components(graph) if computed.issuperset(c.layers))


def neighbours(bank: Iterable[str], kind: Mapping[str, object]) -> list[tuple[str, ...]]:
    """Runs of layers adjacent in a bank that are of the same kind; layers without a kind are left out."""
    runs: list[list[str]] = []
    last: object = None
    for name in bank:
        if name not in kind:
            last = None
            continue
        if runs and last is not None and kind[name] == last:
            runs[-1].append(name)
        else:
            runs.append([name])
        last = kind[name]
    return [tuple(run) for run in runs]


def _part(graph: Graph, component: Component) -> Part:
    members = set(component.layers)
    lags, level = component.lags, _levels(graph, component)
    rank = {layer.name: i for i, layer in enumerate(graph.layers)}

    def place(name: str) -> tuple[object, ...]:
        layer = graph[name]
        p = layer.presence
        return level[name], lags[name], (p.first, p.last, p.every), layer.activation, rank[name]

    bank = tuple(sorted(component.layers, key=place))
    spans: dict[str, slice] = {}
    start = 0
    for name in bank:
        spans[name] = slice(start, start := start + graph[name].size)
    matrices = [(c, c.weight) for name in bank for c in graph.incoming(name) if c.weight is not None and not c.diagonal]
    alike = {name: (level[name], lags[name], graph[name].presence) for name in bank}
    delays = [c.delay for name in bank for c in graph.outgoing(name)]
    return Part(
        component=component,
        bank=bank,
        spans=spans,
        levels=tuple(tuple(n for n in bank if level[n] == number) for number in range(max(level.values()) + 1)),
        outer=_fused([(c, w) for c, w in matrices if c.source not in members], bank, dict.fromkeys(bank, 0)),
        inner=_fused([(c, w) for c, w in matrices if c.source in members], bank, alike),
        lead=max(1, *delays, 0) if delays else 1,
        trail=max(0, *(-d for d in delays)) if delays else 0,
    )


def _levels(graph: Graph, component: Component) -> dict[str, int]:
    """Longest path to each layer along inner connections that stay within one tick."""
    level: dict[str, int] = {}
    lags = component.lags
    for name in component.layers:  # already in an order in which one tick can be computed
        level[name] = 1 + max(
            (
                level[c.source]
                for c in graph.incoming(name)
                if c.source in lags and component.direction * c.delay + lags[name] - lags[c.source] == 0
            ),
            default=-1,
        )
    return level


def _fused(
    matrices: list[tuple[Connection, str]], bank: tuple[str, ...], alike: Mapping[str, object]
) -> tuple[Fused, ...]:
    """Products for connections, each given with the name of its matrix."""
    by_read: dict[tuple[str, int], list[tuple[str, str]]] = {}
    for c, weight in matrices:
        by_read.setdefault((c.source, c.delay), []).append((c.target, weight))
    products = []
    for (source, delay), group in by_read.items():
        while group:  # parallel connections into one target need a product each
            first = dict(reversed(group))
            group = [(target, weight) for target, weight in group if first[target] != weight]
            runs = neighbours(bank, {name: alike[name] for name in first})
            products += [Fused(source, delay, run, tuple(first[name] for name in run)) for run in runs]
    return tuple(products)


def _complaints(graph: Graph) -> Iterator[str]:
    for layer in graph.layers:
        table = LOSSES if layer.role == "loss" else ACTIVATIONS
        if layer.activation not in table:
            yield f"Layer '{layer.name}' asks for '{layer.activation}'; choose one of {', '.join(table)}."
        if layer.role == "loss":
            yield from _loss_complaints(graph, layer)
    for c in graph.connections:
        if graph[c.target].combine == "product" and not c.keeps_units:
            yield (
                f"'{c.source}' → '{c.target}' carries a matrix into a product, which multiplies unit by unit; "
                "put a sum layer between them."
            )


def _loss_complaints(graph: Graph, layer: Layer) -> Iterator[str]:
    output = graph[graph.incoming(layer.name)[0].source]
    accepts = LOSSES[layer.activation].accepts
    if accepts and output.activation not in accepts:
        yield (
            f"'{layer.name}' measures {layer.activation}, which needs an output of {' or '.join(accepts)}; "
            f"'{output.name}' is {output.activation}."
        )
    if output.role == "input":
        yield f"'{layer.name}' reads the input '{output.name}'; an error is measured on a computed layer."
