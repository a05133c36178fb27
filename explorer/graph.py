"""The delay graph: layers, and connections that carry delays.

Everything in Unroll is a reading of this one structure. Drawn, it has cycles; unrolled over T steps it has
none; run in topological order it is the forward pass; run in reverse it is backpropagation through time.

Nothing here computes: a `Graph` is frozen data that has been checked, and every complaint is a sentence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import prod
from numbers import Integral
from typing import Any, Literal, TypeVar, get_args

K = TypeVar("K")
V = TypeVar("V")

Role = Literal["input", "state", "gate", "hidden", "output", "loss"]
Combine = Literal["sum", "product"]
Node = tuple[str, int]
"""A copy of a layer in the unrolled graph: (layer name, step)."""


class GraphError(ValueError):
    """A graph that cannot be what was asked for; the message says what to change."""


def is_whole(number: object) -> bool:
    """Whether something is an integer, Python's or NumPy's: 2.0 and "2" are not."""
    return isinstance(number, Integral)


class ReadOnly(Mapping[K, V]):
    """A mapping that cannot be changed; unlike `types.MappingProxyType` it can be pickled and copied.

    Examples
    --------
    >>> ReadOnly({"W_hh": (3, 3)})
    ReadOnly({'W_hh': (3, 3)})
    """

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[K, V]) -> None:
        self._items = dict(items)

    def __getitem__(self, key: K) -> V:
        return self._items[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __repr__(self) -> str:
        return f"ReadOnly({self._items!r})"


@dataclass(frozen=True, slots=True)
class Presence:
    """The steps at which a layer exists, as a rule that can be read for any number of steps T.

    Parameters
    ----------
    first, last : int
        First and last step, counted from 1. Negative numbers count from the end: -1 is step T.
    every : int
        Distance between two present steps, at least 1.

    Examples
    --------
    >>> list(Presence().steps(4)), list(Presence(first=-1).steps(4)), list(Presence(2, 6, every=2).steps(9))
    ([1, 2, 3, 4], [4], [2, 4, 6])
    """

    first: int = 1
    last: int = -1
    every: int = 1

    def __post_init__(self) -> None:
        for number in (self.first, self.last, self.every):
            if not is_whole(number):
                raise GraphError(f"The steps of a presence are whole numbers; {number!r} was given.")
        if self.first == 0 or self.last == 0:
            raise GraphError(
                "Steps are counted from 1 (or from -1, the last step, backwards); 0 is neither. "
                f"Presence was given first={self.first}, last={self.last}."
            )
        if self.every < 1:
            raise GraphError(f"A layer is present every 1, 2, 3 … steps; every={self.every} was given.")

    def steps(self, total: int) -> range:
        """Steps at which the layer exists when the whole sequence has `total` steps."""
        first = self.first if self.first > 0 else max(1, total + 1 + self.first)
        last = min(self.last, total) if self.last > 0 else total + 1 + self.last
        return range(first, last + 1, self.every)

    def absent(self, total: int) -> tuple[int, ...]:
        """Indices t - 1 of the steps at which the layer does *not* exist.

        Examples
        --------
        >>> Presence(first=2, every=2).absent(5), ALWAYS.absent(5)
        ((0, 2, 4), ())
        """
        return _absent(self, total)

    def lacks(self, t: int, total: int) -> bool:
        """Whether t is a step of the sequence at which the layer does not exist."""
        return 1 <= t <= total and t not in self.steps(total)

    def missed(self, delay: int, total: int) -> tuple[int, ...]:
        """Indices t - 1 of the steps that read, through a delay, a step at which the layer does not exist.

        Examples
        --------
        >>> Presence(first=3).missed(1, 5)
        (1, 2)
        """
        return _missed(self, delay, total)


@lru_cache(maxsize=4096)
def _absent(presence: Presence, total: int) -> tuple[int, ...]:
    present = presence.steps(total)
    return tuple(t - 1 for t in range(1, total + 1) if t not in present)


@lru_cache(maxsize=4096)
def _missed(presence: Presence, delay: int, total: int) -> tuple[int, ...]:
    return tuple(t - 1 for t in range(1, total + 1) if presence.lacks(t - delay, total))


ALWAYS = Presence()


@dataclass(frozen=True, slots=True)
class Layer:
    """A group of units computed together at every step at which the layer is present.

    Parameters
    ----------
    name : str
        Unique in the graph.
    size : int
        Number of units.
    activation : str
        Name in `explorer.engine.activations.ACTIVATIONS`; for a loss layer, in `explorer.engine.losses.LOSSES`.
    combine : {"sum", "product"}
        How incoming connections are joined, elementwise, before bias and activation.
    bias : str or None
        Name of the bias parameter, None for no bias; a product has none.
    role : {"input", "state", "gate", "hidden", "output", "loss"}
        An input layer is given, a loss layer is compared with targets; the others differ only in how they are drawn.
    presence : Presence
        Steps at which the layer exists.
    """

    name: str
    size: int
    activation: str = "identity"
    combine: Combine = "sum"
    bias: str | None = None
    role: Role = "hidden"
    presence: Presence = ALWAYS


@dataclass(frozen=True, slots=True)
class Connection:
    """The value of `source`, `delay` steps ago, multiplied by a shared weight and handed to `target`.

    Parameters
    ----------
    source, target : str
        Names of layers.
    weight : str or None
        Name of the parameter; the same name on two connections is the same matrix. None is the identity.
    diagonal : bool
        True if the weight is a vector multiplied unit by unit (a peephole), False if it is a matrix.
    delay : int
        Steps back in time; a negative delay reads the future, as the backward half of a bidirectional network does.
    """

    source: str
    target: str
    weight: str | None = None
    diagonal: bool = False
    delay: int = 0

    @property
    def keeps_units(self) -> bool:
        """Whether unit j of the target reads unit j of the source and no other."""
        return self.weight is None or self.diagonal


@dataclass(frozen=True)
class Graph:
    """A recurrent network as a directed graph whose connections carry delays.

    Raises
    ------
    GraphError
        If names clash or are unknown, sizes do not fit, or a shared weight would need two shapes. That every
        cycle makes progress in time is checked by `explorer.cycles.components`.

    Examples
    --------
    >>> graph = Graph("one unit", (Layer("h", 1, "tanh"),), (Connection("h", "h", "W_hh", delay=1),))
    >>> graph.parameter_shapes["W_hh"]
    (1, 1)
    """

    name: str
    layers: tuple[Layer, ...]
    connections: tuple[Connection, ...]

    def __post_init__(self) -> None:
        for complaint in _complaints(self):
            raise GraphError(complaint)

    def __getitem__(self, name: str) -> Layer:
        try:
            return self._by_name[name]
        except KeyError:
            raise GraphError(f"There is no layer '{name}' in {self.name}; it has {_listed(self._by_name)}.") from None

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    @cached_property
    def _hash(self) -> int:
        return hash((self.name, self.layers, self.connections))

    def __reduce__(self) -> tuple[Any, ...]:
        # what has been derived is derived again: the hashes of names differ between processes
        return Graph, (self.name, self.layers, self.connections)

    def __hash__(self) -> int:  # graphs key every cache of the engine: hash the tuples once, not at each look-up
        return self._hash

    @cached_property
    def _by_name(self) -> dict[str, Layer]:
        return {layer.name: layer for layer in self.layers}

    def incoming(self, name: str) -> tuple[Connection, ...]:
        """Connections into a layer, in the order in which they were declared."""
        return self._incoming.get(name, ())

    def outgoing(self, name: str) -> tuple[Connection, ...]:
        """Connections out of a layer, in the order in which they were declared."""
        return self._outgoing.get(name, ())

    @cached_property
    def _incoming(self) -> dict[str, tuple[Connection, ...]]:
        return {n: tuple(c for c in self.connections if c.target == n) for n in self._by_name}

    @cached_property
    def _outgoing(self) -> dict[str, tuple[Connection, ...]]:
        return {n: tuple(c for c in self.connections if c.source == n) for n in self._by_name}

    def with_role(self, role: Role) -> tuple[Layer, ...]:
        """Layers of one role, in the order in which they were declared."""
        return tuple(layer for layer in self.layers if layer.role == role)

    @cached_property
    def parameter_shapes(self) -> Mapping[str, tuple[int, ...]]:
        """Shape of every parameter: (in, out) for a matrix, (units,) for a diagonal weight or a bias."""
        shapes: dict[str, tuple[int, ...]] = {}
        for connection in self.connections:
            if connection.weight is not None:
                shapes.setdefault(connection.weight, _weight_shape(self, connection))
        for layer in self.layers:
            if layer.bias is not None:
                shapes.setdefault(layer.bias, (layer.size,))
        return ReadOnly(shapes)

    @property
    def parameter_count(self) -> int:
        """Numbers in all parameters together; the same for any number of steps."""
        return sum(prod(shape) for shape in self.parameter_shapes.values())

    @cached_property
    def states(self) -> tuple[str, ...]:
        """Layers that are read across a delay: what the network remembers from one step to the next."""
        return tuple(layer.name for layer in self.layers if any(c.delay for c in self.outgoing(layer.name)))


def _weight_shape(graph: Graph, connection: Connection) -> tuple[int, ...]:
    target = graph[connection.target].size
    return (target,) if connection.diagonal else (graph[connection.source].size, target)


def _listed(names: Mapping[str, object]) -> str:
    return ", ".join(f"'{name}'" for name in names) or "none"


def _complaints(graph: Graph) -> Iterator[str]:
    """Everything that is wrong with the parts, before their cycles are looked at."""
    yield from _layer_complaints(graph)
    yield from _connection_complaints(graph)
    yield from _sharing_complaints(graph)


def _layer_complaints(graph: Graph) -> Iterator[str]:
    if not graph.layers:
        yield "A graph needs at least one layer."
    seen: set[str] = set()
    for layer in graph.layers:
        if not layer.name:
            yield "A layer needs a name; an empty one was given."
        if layer.name in seen:
            yield f"Two layers are called '{layer.name}'; give each a name of its own."
        seen.add(layer.name)
        if not is_whole(layer.size):
            yield f"Layer '{layer.name}' has size {layer.size!r}; a size is a whole number of units."
        elif layer.size < 1:
            yield f"Layer '{layer.name}' has size {layer.size}; a layer has at least one unit."
        if layer.role not in get_args(Role):
            yield f"Layer '{layer.name}' has the role '{layer.role}'; a role is one of {', '.join(get_args(Role))}."
        if layer.combine not in get_args(Combine):
            yield f"Layer '{layer.name}' combines by '{layer.combine}'; it can be sum or product."
        if layer.combine == "product" and layer.bias is not None:
            yield f"Layer '{layer.name}' is a product and has the bias '{layer.bias}'; a bias belongs to a sum layer."
        if layer.role in ("input", "loss") and layer.bias is not None:
            yield f"Layer '{layer.name}' is an {layer.role} layer and has the bias '{layer.bias}'; leave the bias out."


def _connection_complaints(graph: Graph) -> Iterator[str]:
    known = {layer.name for layer in graph.layers}
    seen: set[Connection] = set()
    for c in graph.connections:
        arrow = f"'{c.source}' → '{c.target}'"
        for end in (c.source, c.target):
            if end not in known:
                yield f"{arrow} joins a layer '{end}' that does not exist; add it or rename the connection."
        if c in seen:
            yield f"{arrow} is given twice with the same weight and delay; remove one."
        seen.add(c)
        if not is_whole(c.delay):
            yield f"{arrow} has the delay {c.delay!r}; a delay is a whole number of steps."
        if c.weight is None and c.diagonal:
            yield f"{arrow} is diagonal but names no weight; name one or make it an identity."
        source, target = graph[c.source], graph[c.target]
        if c.keeps_units and source.size != target.size and target.role != "loss":
            yield (
                f"{arrow} joins unit to unit, but '{c.source}' has {source.size} units and '{c.target}' {target.size}; "
                "make the sizes equal or give the connection a matrix."
            )
        if target.role == "input":
            yield f"{arrow} enters an input layer; inputs are given, so give '{c.target}' another role."
        if source.role == "loss":
            yield f"{arrow} leaves a loss layer; an error is measured, not computed with."
    for layer in graph.with_role("loss"):
        sources = graph.incoming(layer.name)
        if len(sources) != 1 or sources[0].weight is not None or sources[0].delay:
            yield f"The loss layer '{layer.name}' reads exactly one layer, directly: no weight, no delay."


def _sharing_complaints(graph: Graph) -> Iterator[str]:
    shapes: dict[str, tuple[str, tuple[int, ...]]] = {}
    wanted = [
        (c.weight, f"'{c.source}' → '{c.target}'", _weight_shape(graph, c)) for c in graph.connections if c.weight
    ] + [(layer.bias, f"the bias of '{layer.name}'", (layer.size,)) for layer in graph.layers if layer.bias]
    for name, place, shape in wanted:
        first_place, first_shape = shapes.setdefault(name, (place, shape))
        if shape != first_shape:
            yield (
                f"{first_place} and {place} share '{name}', but one needs the shape {first_shape} and the other "
                f"{shape}; give them different names or equal sizes."
            )
