"""A piece of a sequence, run by itself as the engine would run it inside the whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from explorer.cycles import components
from explorer.engine.activations import Array
from explorer.engine.existence import exists
from explorer.engine.forward import Beginning, run
from explorer.engine.inputs import (
    Sequence,
    as_array,
    checked_dtype,
    checked_initial,
    checked_inputs,
    checked_mask,
    checked_parameters,
    checked_targets,
)
from explorer.engine.schedule import schedule
from explorer.engine.trace import Readings, Trace
from explorer.graph import ALWAYS, Graph, GraphError, Layer, Presence

Past = Mapping[str, Array]
"""What the steps after a step s need of the layers before: of each that is read across a delay, its values at the steps
s - n + 1 … s, (n, B, size), where n is its longest delay. Nothing at all for s = 0, where the initial states are."""


class Excerpts:
    """A network and a whole sequence, of which pieces can be run.

    Parameters
    ----------
    graph, parameters, inputs, targets, mask, initial, dtype
        As for `explorer.engine.forward.forward`. Nothing is copied but what a piece reads.

    Attributes
    ----------
    steps, batch : int
        T and B.
    longest : mapping of str to int
        For each computed layer that is read across a delay into the future, the longest of these delays.

    Raises
    ------
    GraphError
        If a loop of the network runs backward in time.
    """

    def __init__(
        self,
        graph: Graph,
        parameters: Mapping[str, Any],
        inputs: Any,
        targets: Any,
        mask: Any,
        initial: Mapping[str, Any] | None,
        dtype: Any,
    ) -> None:
        schedule(graph)  # says what is wrong with the network, if anything is
        _refuse_loops_backward(graph)
        self.graph, self.dtype = graph, checked_dtype(dtype)
        self.given = _named(inputs, [layer.name for layer in graph.with_role("input")], "Input")
        self.aims = _named(targets, [layer.name for layer in graph.with_role("loss")], "The array of targets for")
        self.steps = _common_length((*self.given.values(), *self.aims.values()))
        first = {name: array[:1] for name, array in self.given.items()}
        _, _, _, self.batch = checked_inputs(graph, first, None, self.dtype)
        self.mask = checked_mask(mask, self.steps, self.batch)
        self.exists = {layer.name: exists(layer, self.steps, self.mask) for layer in graph.with_role("input")}
        self.parameters = checked_parameters(graph, parameters, self.dtype)
        self.initial = checked_initial(graph, initial, self.batch, self.dtype)
        reads = {layer.name: [c.delay for c in graph.outgoing(layer.name)] for layer in graph.layers}
        self.longest = {
            n: max(delays) for n, delays in reads.items() if n not in self.given and max(delays, default=0) > 0
        }
        of_inputs = [0, *(delay for name in self.given for delay in reads[name])]
        self._lead, self._trail = max(of_inputs), -min(of_inputs)
        self._ahead = looks_ahead(graph)
        self._remembering = _what_remembers(graph)

    def run(self, first: int, last: int, past: Past) -> Trace:
        """The steps first … last, the first of them being step 1 of the trace.

        If layers look ahead, some steps follow: what they hold is right as far as the steps up to `last` depend on it.
        """
        return self._run(self.graph, self.parameters, self.aims, first, last, past)

    def run_through(self, first: int, last: int, past: Past) -> Trace:
        """The same without the layers, most often outputs and errors, that no later step needs."""
        graph = self._remembering
        known = {name: self.parameters[name] for name in graph.parameter_shapes}
        return self._run(graph, known, {}, first, last, past)

    def past(self, trace: Trace, step: int) -> Past:
        """What the steps after a step of a trace need."""
        found = {}
        for name, n in self.longest.items():
            value = trace.values[name]
            found[name] = value.array[value.lead + step - n : value.lead + step].copy()
        return found

    def _run(
        self,
        graph: Graph,
        parameters: Mapping[str, Array],
        aims: Mapping[str, Array],
        first: int,
        last: int,
        past: Past,
    ) -> Trace:
        before, until = first - 1, min(last + self._ahead, self.steps)
        steps, inside = until - before, slice(before, until)
        mask = None if self.mask is None else self.mask[inside]
        given = Readings(
            graph=_seen_from(graph, before, steps, self.steps),
            parameters=parameters,
            steps=steps,
            batch=self.batch,
            dtype=self.dtype,
            inputs=self._inputs(before, until),
            targets=checked_targets(
                graph, {name: aim[inside] for name, aim in aims.items()} or None, steps, self.batch, self.dtype
            ),
            mask=None if mask is None or mask.all() else mask,
            values={},
        )
        return run(given, Beginning(self.initial, past, before))

    def _inputs(self, before: int, until: int) -> dict[str, Sequence]:
        """The inputs of a piece, and what it reads of those around it."""
        start, stop = max(0, before - self._lead), min(self.steps, until + self._trail)
        around = {name: array[start:stop] for name, array in self.given.items()}
        sequences, _, _, _ = checked_inputs(self.graph, around, None, self.dtype)
        placed = {}
        for name, sequence in sequences.items():
            there = self.exists[name]
            there = None if there is None else there[start:stop]
            placed[name] = replace(sequence, exists=there, lead=before - start, trail=stop - until)
        return placed


@dataclass(frozen=True, slots=True)
class Within(Presence):
    """Presence in a piece of a sequence: at first, first + every … last, counted so that the piece begins with step 1.

    Steps before that are those of the sequence that come before the piece. Nothing is counted from the end.

    Parameters
    ----------
    since, until : int
        First and last step of the sequence, counted likewise.

    Examples
    --------
    >>> there = Within(first=-3, last=4, every=2, since=-5, until=9)
    >>> list(there.steps(6)), there.lacks(0, 6), there.lacks(-1, 6), there.lacks(-6, 6)
    ([1, 3], True, False, False)
    """

    since: int = 1
    until: int = 0

    def __post_init__(self) -> None:
        """Any whole number is a step."""

    def steps(self, total: int) -> range:
        """Those of them that belong to the piece, which has `total` steps."""
        skipped = max(0, -(-(1 - self.first) // self.every))
        return range(self.first + skipped * self.every, min(self.last, total) + 1, self.every)

    def lacks(self, t: int, total: int) -> bool:
        """Whether t is a step of the sequence at which the layer does not exist."""
        return self.since <= t <= self.until and t not in range(self.first, self.last + 1, self.every)


@lru_cache(maxsize=256)
def _seen_from(graph: Graph, before: int, steps: int, total: int) -> Graph:
    """A network whose layers know where they exist in a piece of `steps` steps, with `before` before it, of `total`.

    Equal pieces get equal networks, so that what was set up for one serves the others.
    """
    delays = [c.delay for c in graph.connections]
    since = max(1 - before, 1 - max(0, *delays, 0))
    until = min(total - before, steps + max(0, *(-delay for delay in delays), 0))

    def seen(layer: Layer) -> Layer:
        there = layer.presence.steps(total)
        there = range(there.start - before, there.stop - before, there.step)
        there = there[max(0, -(-(since - there.start) // there.step)) :]
        there = there[: max(0, 1 + (until - there.start) // there.step)]
        if there == range(since, until + 1):
            return replace(layer, presence=ALWAYS)
        if not there:
            return replace(layer, presence=Within(1, 0, 1, since, until))
        return replace(layer, presence=Within(there[0], there[-1], there.step, since, until))

    layers = tuple(layer if layer.presence == ALWAYS else seen(layer) for layer in graph.layers)
    return graph if layers == graph.layers else Graph(graph.name, layers, graph.connections)


def _refuse_loops_backward(graph: Graph) -> None:
    for component in components(graph):
        if component.direction < 0:
            c = next(c for c in graph.connections if c.delay < 0 and {c.source, c.target} <= set(component.layers))
            raise GraphError(
                f"'{c.source}' → '{c.target}' has the delay {c.delay}, in a loop that runs backward in time: it begins "
                "at the last step, so no state kept on the way there could be taken up again. Use backward."
            )


def looks_ahead(graph: Graph) -> int:
    """How many steps after a step must be run for its layers to be right: those that negative delays add up to."""
    ahead = {layer.name: 0 for layer in graph.layers}
    found = False
    while not found:  # an end is reached: around every loop the delays add up to something positive
        found = True
        for c in graph.connections:
            if ahead[c.target] - c.delay > ahead[c.source]:
                ahead[c.source], found = ahead[c.target] - c.delay, False
    return max((steps for name, steps in ahead.items() if graph[name].role != "input"), default=0)


def _what_remembers(graph: Graph) -> Graph:
    """The network without what is not needed to come from one step to the next.

    Both ends of every delay stay, so that the values of a layer are held for as long as in the whole network.
    """
    kept = {layer.name for layer in graph.with_role("input")}
    waiting = [name for c in graph.connections if c.delay > 0 for name in (c.source, c.target)]
    while waiting:
        name = waiting.pop()
        if name not in kept:
            kept.add(name)
            waiting += [c.source for c in graph.incoming(name)]
    layers = tuple(layer for layer in graph.layers if layer.name in kept)
    return Graph(graph.name, layers, tuple(c for c in graph.connections if {c.source, c.target} <= kept))


def _named(given: Mapping[str, Any] | Any, names: list[str], what: str) -> dict[str, Array]:
    """Arrays by layer; a bare array is the first layer's."""
    arrays = given if isinstance(given, Mapping) else dict.fromkeys(names[:1], given)
    return {name: as_array(array, f"{what} '{name}'") for name, array in arrays.items()}


def _common_length(arrays: Iterable[Array]) -> int:
    lengths = {len(array) if array.ndim else 0 for array in arrays}
    if len(lengths) != 1 or 0 in lengths:
        raise ValueError(
            f"Inputs and targets have {', '.join(map(str, sorted(lengths))) or 'no'} steps; give all of them the same "
            "number of steps, at least one."
        )
    return lengths.pop()
