"""What the gates do to a network's numbers: as they are, one of them held or gone, and no gates at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from explorer.architectures import ARCHITECTURES, architecture
from explorer.cycles import Component, components
from explorer.engine.forward import forward
from explorer.engine.timeline import frozen
from explorer.gates import CHANGES, gated_architectures, gates, keep_gates, letter
from explorer.graph import Graph
from explorer.settings import Network
from explorer.views import Ran, ran, weights_of


@dataclass(frozen=True, eq=False)
class Gated:
    """The same sentence and seed, read by a network with its gates, by what a change makes of it, and without gates.

    Attributes
    ----------
    network : Network
        What is shown; its architecture has gates.
    asked : str
        Title of the architecture that was asked for.
    whole, changed, bare : Ran
        The network as it is, with one letter's gates changed, and a network that never had any.
    gates : tuple of str
        Of the whole network.
    keeps : mapping of str to str
        The gates that keep a state's past, and that state.
    touched : tuple of str
        The gates that the change was made to, in every copy of the cell.
    change : str
        Key of `explorer.gates.CHANGES`.
    bias : float
        Of the keep gates.
    notes : tuple of str
        What could not be done as asked.
    """

    network: Network
    asked: str
    whole: Ran
    changed: Ran
    bare: Ran
    gates: tuple[str, ...]
    keeps: Mapping[str, str]
    touched: tuple[str, ...]
    change: str
    bias: float
    notes: tuple[str, ...]

    @property
    def is_changed(self) -> bool:
        return self.change != "none"

    @property
    def cells(self) -> tuple[Component, ...]:
        """The copies of the cell: loops that hold a gate."""
        return tuple(part for part in components(self.whole.graph) if set(part.layers) & set(self.gates))

    def cell_of(self, layer: str | None) -> Component:
        """The cell that a layer belongs to; for any other layer the last one that runs forward in time."""
        last = max(self.cells, key=lambda cell: (cell.direction, self.cells.index(cell)))
        return next((cell for cell in self.cells if layer in cell.layers), last)

    @property
    def lit(self) -> str:
        """What a picture is pointed at first: the gate that was chosen, or, if it is gone, the state that is kept."""
        home = self.cell_of(None)
        there = (name for name in self.touched if name in home.layers and name in self.changed.graph)
        keep = self.keep_of(home)
        return next(there, self.keeps[keep] if keep is not None else states(self.whole.graph, home)[-1])

    def gates_of(self, cell: Component) -> tuple[str, ...]:
        """Those that keep its past come first."""
        own = [name for name in self.gates if name in cell.layers]
        return tuple(sorted(own, key=lambda name: name not in self.keeps))

    def keep_of(self, cell: Component) -> str | None:
        """The gate of a cell that keeps its past."""
        return next((name for name in self.gates_of(cell) if name in self.keeps), None)


def gated(network: Network, gate: str, change: str, keep: float, run: Callable[[Network], Ran] = ran) -> Gated:
    """Run a network with its gates, with one of them changed, and a network without any.

    Parameters
    ----------
    network : Network
        If its architecture has no gates, the first registered one that has takes its place.
    gate : str
        A letter of `explorer.gates.letters`. If the network has no such gate, its keep gate takes its place.
    change : str
        Key of `explorer.gates.CHANGES`.
    keep : float
        Added to the bias of the keep gates.
    run : callable
        `explorer.views.ran`, or what remembers its results.

    Examples
    --------
    >>> view = gated(Network(text="how are you"), "f", "shut", 1.0)
    >>> view.touched, float(view.changed.trace["f"].max()), float(view.changed.trace["c"][1:].any())
    (('f',), 0.0, 1.0)
    """
    asked = architecture(network.arch).title
    if network.arch not in gated_architectures():
        network = replace(network, arch=gated_architectures()[0])
    whole = run(network)
    told = whole.graph
    names, keeps = gates(told), keep_gates(told)
    touched = tuple(name for name in names if letter(told, name) == gate)
    notes: tuple[str, ...] = ()
    if not touched:
        instead = letter(told, next(iter((*keeps, *names))))
        touched = tuple(name for name in names if letter(told, name) == instead)
        have = " and ".join(dict.fromkeys(letter(told, name) for name in names))
        if change != "none":
            notes = (f"{told.name} has no gate {gate}; its gates are {have}. What you chose is done to {instead}.",)
    biased = [told[name].bias for name in keeps] if keep else []
    graph = told
    for name in touched:
        graph = CHANGES[change].apply(graph, name)
    if biased:
        whole = _again(whole, told, network, biased, keep)
    return Gated(
        network=network,
        asked=asked,
        whole=whole,
        changed=whole if graph is told else _again(whole, graph, network, biased, keep),
        bare=run(replace(network, arch=_bare())),
        gates=names,
        keeps=keeps,
        touched=touched,
        change=change,
        bias=network.bias + keep,
        notes=notes,
    )


def _bare() -> str:
    """The first registered architecture without a gate."""
    return next(name for name in ARCHITECTURES if name not in gated_architectures())


def _again(view: Ran, graph: Graph, network: Network, biased: list[str | None], keep: float) -> Ran:
    """The same sentence once more, through another graph and with the keep gates' bias raised."""
    weights = dict(weights_of(network, graph))
    for name in biased:
        if name in weights:
            weights[name] = frozen(weights[name] + keep)
    return Ran(graph, view.reading, forward(graph, weights, view.reading.inputs, view.reading.targets))


def states(graph: Graph, cell: Component) -> tuple[str, ...]:
    """What a cell carries from one step to the next."""
    return tuple(name for name in graph.states if name in cell.layers)
