"""One slice of a network run backward, for many steps at once: what one state says about the states before it.

The *states* of a delay graph are the computed layers that are read across a delay. Everything else lives and dies
within one slice. A *message* is the part of a derivative that runs from a state at step t (or from the errors at step
t) to another state at step t - delay without meeting a third state on its way: along layers of slice t, then
across a delay, or to a state of the same slice. All gradients between states are sums of products of messages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import numpy as np

from explorer.engine.activations import ACTIVATIONS, Array
from explorer.engine.bundles import Bundle
from explorer.engine.cotangents import error_gradients
from explorer.engine.gradients import others
from explorer.engine.losses import LOSSES
from explorer.engine.schedule import schedule
from explorer.engine.trace import Trace
from explorer.graph import Connection, Graph, ReadOnly

_Key = TypeVar("_Key", str, tuple[str, int])
Port = tuple[str, int]
"""Where a message goes: a state, and by how many steps back."""


@dataclass(frozen=True)
class Anatomy:
    """What of a graph the messages need to know.

    Attributes
    ----------
    states : tuple of str
        Computed layers read across a delay, in the order of the graph.
    order : tuple of str
        Computed layers in an order in which one slice can be computed.
    inside : mapping of str to frozenset of Port
        For a layer that is no state: the ports that are reached from it inside its slice.
    ports : mapping of str to frozenset of Port
        For a state: where its messages go.
    """

    states: tuple[str, ...]
    order: tuple[str, ...]
    inside: Mapping[str, frozenset[Port]]
    ports: Mapping[str, frozenset[Port]]


@lru_cache(maxsize=256)
def anatomy(graph: Graph) -> Anatomy:
    """States, order and ports of a graph.

    Examples
    --------
    >>> from explorer import architectures
    >>> found = anatomy(architectures.build("lstm", inputs=4, hidden=3, outputs=4))
    >>> found.states, sorted(found.ports["h"]), sorted(found.ports["c"])
    (('c', 'h'), [('c', 0), ('h', 1)], [('c', 1), ('h', 1)])
    """
    # inside a component a copy of a larger lag is computed at a later tick, so it cannot be read within the slice
    order = tuple(
        name
        for part in schedule(graph)
        for name in sorted(part.component.layers, key=lambda name: part.component.lags[name])
    )
    states = tuple(name for name in graph.states if name in set(order))
    found: dict[str, frozenset[Port]] = {}
    for name in order:
        reached: set[Port] = set()
        for c in graph.incoming(name):
            if c.source in states:
                reached.add((c.source, c.delay))
            elif c.source in found:
                reached |= found[c.source]
        found[name] = frozenset(reached)
    return Anatomy(states, order, ReadOnly(found), ReadOnly({name: found[name] for name in states}))


class Slices:
    """The slices of a trace, ready to be run backward.

    Parameters
    ----------
    trace : Trace
        Of any precision; messages are float64.
    """

    def __init__(self, trace: Trace) -> None:
        self.trace, self.graph, self.anatomy = trace, trace.graph, anatomy(trace.graph)
        self._slopes: dict[str, Array] = {}
        self._others: dict[Connection, Array] = {}
        self._weights = {name: (w.T if w.ndim == 2 else w).astype(np.float64) for name, w in trace.parameters.items()}

    def from_state(self, name: str, row: int, first: int, last: int, ports: Iterable[Port]) -> dict[Port, Bundle]:
        """Messages of a state at the steps first … last of one row of the batch, to some of its ports.

        Each is (n, R, size): row i is what unit i says.
        """
        identity = np.ones((last - first + 1, self.graph[name].size))
        return self._run_back({name: Bundle(identity)}, {}, row, first, last, frozenset(ports))

    def from_errors(self, row: int) -> dict[Port, Array]:
        """Messages of the errors E_t at all steps: (T, size), index t - 1."""
        trace, last = self.trace, self.trace.steps
        at_value: dict[str, Bundle] = {}
        at_pre: dict[str, Bundle] = {}
        found: dict[Port, Bundle] = {}
        for error, gradient in error_gradients(trace).items():
            output = self.graph.incoming(error)[0].source
            entering = Bundle(dense=gradient[:, row, None].astype(np.float64))
            if LOSSES[self.graph[error].activation].reads == "pre":
                _add(at_pre, output, entering)
            elif output in self.anatomy.states:
                _add(found, (output, 0), entering)
            else:
                _add(at_value, output, entering)
        wanted = frozenset(port for ports in self.anatomy.inside.values() for port in ports)
        for port, message in self._run_back(at_value, at_pre, row, 1, last, wanted).items():
            _add(found, port, message)
        return {port: message.array()[:, 0] for port, message in found.items()}

    def _run_back(
        self,
        at_value: dict[str, Bundle],
        at_pre: dict[str, Bundle],
        row: int,
        first: int,
        last: int,
        wanted: frozenset[Port],
    ) -> dict[Port, Bundle]:
        """Cotangents at values and pre-activations of a slice, run back to the ports that are wanted."""
        steps = slice(first - 1, last)
        found: dict[Port, Bundle] = {}
        for name in reversed(self.anatomy.order):
            if name not in at_value and name not in at_pre:
                continue
            delta = at_pre.get(name)
            if name in at_value:
                through = self._through_activation(name, at_value.pop(name), row, steps)
                delta = through if delta is None else delta.plus(through)
            assert delta is not None
            for c in self.graph.incoming(name):
                if c.source in self.anatomy.ports:
                    if (c.source, c.delay) in wanted:
                        message = self._along(c, delta, row, steps)
                        _add(found, (c.source, c.delay), self._silenced(c, message, row, first, last))
                elif self.anatomy.inside.get(c.source, frozenset()) & wanted:
                    _add(at_value, c.source, self._along(c, delta, row, steps))
        return found

    def _through_activation(self, name: str, cotangent: Bundle, row: int, steps: slice) -> Bundle:
        """From ∂/∂value to ∂/∂a; nothing where the layer does not exist."""
        activation, exists = ACTIVATIONS[self.graph[name].activation], self.trace.exists(name)
        if activation.derivative is not None:
            return cotangent.times(self._slope(name)[steps, row])
        a, y = self._at(self.trace.pre[name], row, steps), self._at(self.trace.values[name].read(), row, steps)
        delta = cotangent.mapped(lambda g: activation.backward(a[:, None], y[:, None], g))
        return delta if exists is None else delta.times(exists[steps, row % exists.shape[1]] * 1.0)

    def _slope(self, name: str) -> Array:
        """∂value/∂a of an elementwise layer, (T, B, size); 0 where the layer does not exist."""
        if name not in self._slopes:
            trace, derivative = self.trace, ACTIVATIONS[self.graph[name].activation].derivative
            assert derivative is not None
            slope = derivative(trace.pre[name].astype(np.float64), trace.values[name].read().astype(np.float64))
            exists = trace.exists(name)
            self._slopes[name] = slope if exists is None else slope * exists
        return self._slopes[name]

    def _along(self, c: Connection, delta: Bundle, row: int, steps: slice) -> Bundle:
        """From ∂/∂a of a connection's target to ∂/∂value of what it reads."""
        if self.graph[c.target].combine == "product":
            if c not in self._others:
                self._others[c] = others(self.trace, c).astype(np.float64)
            factor = np.broadcast_to(self._others[c], self.trace.pre[c.target].shape)
            delta = delta.times(factor[steps, row])
        if c.weight is None:
            return delta
        weight = self._weights[c.weight]
        return delta.times(weight[None]) if c.diagonal else delta.through(weight)

    def _silenced(self, c: Connection, message: Bundle, row: int, first: int, last: int) -> Bundle:
        """A message with nothing where the copy that is read does not exist; beyond the ends stand initial states."""
        exists = self.trace.exists(c.source)
        if exists is None:
            return message
        here = np.ones((last - first + 1, 1))
        for index, t in enumerate(range(first - c.delay, last - c.delay + 1)):
            if 1 <= t <= self.trace.steps:
                here[index] = exists[t - 1, row % exists.shape[1]]
        return message if here.all() else message.times(here)

    @staticmethod
    def _at(array: Array, row: int, steps: slice) -> Array:
        return array[steps, row].astype(np.float64)


def _add(sums: dict[_Key, Bundle], key: _Key, bundle: Bundle) -> None:
    sums[key] = sums[key].plus(bundle) if key in sums else bundle
