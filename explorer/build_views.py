"""What the page Build a network shows of a network that can be unrolled: its unrolling, its gradient, its file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from explorer import documents
from explorer.cost.measuring import UNITS as COUNTED
from explorer.cycles import cycles
from explorer.engine.activations import Array
from explorer.engine.backward import backward
from explorer.engine.forward import forward
from explorer.fields import Choice
from explorer.fitting import UnfitError, fitted
from explorer.gates import gated_architectures
from explorer.graph import Graph
from explorer.page_settings.shared import SENTENCE, SHARED
from explorer.settings import FIELDS, PAGES, Network
from explorer.tasks.text import Vocabulary, encoder_steps, read_words
from explorer.unrolling import count, generations, topological_order, unroll
from explorer.views import MOST_CYCLES, Unrolled, ran

OF_THE_NETWORK = ("own", "arch", "trained", "act", "depth", "hidden")
"""Settings that a network of its own has decided."""


def built(graph: Graph, text: str, unit: str, steps: int | None) -> Unrolled:
    """A drawn network in its own sizes, unrolled over some steps, or over one for each word.

    Examples
    --------
    >>> from explorer.drafts import STARTER
    >>> view = built(STARTER.graph(), "how are you", "words", None)
    >>> view.steps, view.words, view.counts.parameters
    (3, ('how', 'are', 'you'), 340)
    """
    words, _ = read_words(text, unit, SENTENCE)
    dag = unroll(graph, steps or len(words))
    return Unrolled(
        graph=graph,
        dag=dag,
        words=tuple(words) if len(graph.with_role("input")) == 1 else (),
        counts=count(graph, dag),
        cycles=tuple(cycles(graph, MOST_CYCLES)),
        order=tuple(topological_order(dag)),
        generations=generations(dag),
        notes=(),
    )


@dataclass(frozen=True, eq=False)
class Differentiated:
    """A network that has read a sentence, and its gradient, held against central differences.

    Attributes
    ----------
    words : tuple of str
    loss : float
        L, all errors together.
    gradients : mapping of str to array
        ∂L/∂W by parameter.
    entries : int
        How many entries of the gradient were also found from two runs each.
    difference : float
        The largest difference between both.
    largest : float
        The largest entry of the gradient.
    units : int
        Different words, which is what it reads and says.
    """

    words: tuple[str, ...]
    loss: float
    gradients: Mapping[str, Array]
    entries: int
    difference: float
    largest: float
    units: int

    @property
    def norms(self) -> Mapping[str, float]:
        """‖∂L/∂W‖ by parameter."""
        return {name: float(np.linalg.norm(array)) for name, array in self.gradients.items()}


MOST_CHECKED, _STEP = 6, 1e-5


def differentiated(network: Network) -> Differentiated:
    """Run a network over its sentence, differentiate it, and check some entries.

    Raises
    ------
    UnfitError
        If it reads nothing or is compared with nothing.
    NotFiniteError
        If its values grow without bound.
    """
    view = ran(network)
    weights = dict(view.trace.parameters)
    gradients = backward(view.trace).weights
    rng = np.random.default_rng(0)
    differences = []
    for name in sorted(weights, key=lambda name: -float(np.abs(gradients[name]).max()))[:MOST_CHECKED]:
        at = tuple(int(rng.integers(n)) for n in weights[name].shape)
        ends = []
        for step in (_STEP, -_STEP):
            moved = np.array(weights[name])
            moved[at] += step
            ends.append(forward(view.graph, {**weights, name: moved}, view.reading.inputs, view.reading.targets).loss)
        differences.append(abs(float(gradients[name][at]) - (ends[0] - ends[1]) / (2 * _STEP)))
    return Differentiated(
        words=view.reading.shown,
        loss=view.trace.loss,
        gradients=gradients,
        entries=len(differences),
        difference=max(differences, default=0.0),
        largest=max((float(np.abs(g).max()) for g in gradients.values()), default=0.0),
        units=len(view.reading.answers),
    )


def view_of(values: Mapping[str, Any]) -> dict[str, str]:
    """What a link would say beside the network, for a file: all that pages share, and what training has been set to.

    Examples
    --------
    >>> defaults = {name: field.default for name, field in SHARED.items()}
    >>> view_of({**defaults, "T": 7})["T"], view_of({**defaults, "T": 7})["init"], "arch" in view_of(defaults)
    ('7', 'orthogonal', False)
    """
    said = {}
    for name, value in values.items():
        is_set = name in SHARED or (name in PAGES["train"] and value != FIELDS[name].default)
        if is_set and name not in OF_THE_NETWORK and value is not None:
            field = FIELDS[name]
            said[name] = field.labels[value] if isinstance(field, Choice) else str(value)
    return said


def name_of(graph: Graph) -> str:
    """Under which a network stands where an architecture could."""
    return documents.to_link(graph)


def lacks(graph: Graph) -> tuple[str, ...]:
    """What a network that can be unrolled does not do all the same, in sentences: read, say, err, or learn all of it.

    Examples
    --------
    >>> from explorer.drafts import NOTHING, STARTER
    >>> lacks(STARTER.graph())
    ()
    >>> for sentence in lacks(NOTHING.graph()):
    ...     print(sentence)
    Input 'x' is read by no layer.
    No way leads from 'h' to an error: its gradient is 0.
    """
    return tuple(_lacks(graph))


def _lacks(graph: Graph) -> Iterator[str]:
    errors, judged = graph.with_role("loss"), {c.source for c in graph.connections if graph[c.target].role == "loss"}
    inputs = [layer.name for layer in graph.with_role("input")]
    read = [name for name in inputs if graph.outgoing(name)]
    if not inputs:
        yield "It reads nothing: no layer has the role input."
    for name in inputs:
        if name not in read:
            yield f"Input '{name}' is read by no layer."
    if not graph.with_role("output") and not judged:
        yield "It says nothing: no layer has the role output."
    if not errors:
        yield "It has no error: no layer has the role loss."
    else:
        learning = _reached([layer.name for layer in errors], lambda name: (c.source for c in graph.incoming(name)))
        idle = [layer.name for layer in graph.layers if layer.name not in learning and layer.name not in inputs]
        if idle:
            their = "its gradient is" if len(idle) == 1 else "their gradients are"
            yield f"No way leads from {_named(idle)} to an error: {their} 0."
    if read:
        told = _reached(read, lambda name: (c.target for c in graph.outgoing(name)))
        deaf = [name for name in _sayers(graph, judged) if name not in told]
        if deaf:
            yield f"No way leads from an input to {_named(deaf)}: the same is said whatever is read."


def _sayers(graph: Graph, judged: Iterable[str]) -> list[str]:
    said = {layer.name for layer in graph.with_role("output")} | set(judged)
    return [layer.name for layer in graph.layers if layer.name in said]


def _reached(start: Iterable[str], onward: Callable[[str], Iterable[str]]) -> set[str]:
    """Where one comes to, over connections of any delay."""
    found, new = set(start), set(start)
    while new:
        new = {name for one in new for name in onward(one)} - found
        found |= new
    return found


def _named(names: Iterable[str]) -> str:
    *others, last = (f"'{name}'" for name in names)
    return f"{', '.join(others)} and {last}" if others else last


def unfit(network: Network) -> Mapping[str, str]:
    """Pages, by their name in a link, that cannot show a learner's own network, and why: what each asks of one.

    Examples
    --------
    >>> from explorer.drafts import NOTHING, STARTER
    >>> unfit(Network(arch=name_of(NOTHING.graph())))["vanishing"]
    'no computed layer is read across a delay'
    >>> list(unfit(Network(arch=name_of(STARTER.graph()))))
    ['gates']
    """
    found = {}
    for page, asked in _ASKED.items():
        why = next(filter(None, (ask(network) for ask in asked)), "")
        if why:
            found[page] = why
    return MappingProxyType(found)


def _reads_words(network: Network) -> str:
    """The sentence is read, and its next word said."""
    words, _ = read_words(network.text, network.unit, SENTENCE)
    return _fits(_drawn(network), len(Vocabulary.of(words)), encoder_steps(len(words)))


def _reads_numbers(network: Network) -> str:
    return _fits(_drawn(network), COUNTED, 0)


def _reads_anything(network: Network) -> str:
    """In its own sizes, as nobody knows yet which others there will be."""
    graph = _drawn(network)
    return _fits(graph, next((layer.size for layer in graph.with_role("input")), 1), 0)


def _fits(graph: Graph, units: int, source_steps: int) -> str:
    try:
        fitted(graph, units, units, source_steps=source_steps)
    except UnfitError as error:
        return str(error).rstrip(".")
    return ""


def _drawn(network: Network) -> Graph:
    return documents.read_network(network.arch)


def _has_state(network: Network) -> str:
    graph = _drawn(network)
    if any(graph[name].role not in ("input", "loss") for name in graph.states):
        return ""
    return "no computed layer is read across a delay"


def _reads_one_sequence(network: Network) -> str:
    graph = _drawn(network)
    if len(graph.with_role("input")) == len(graph.with_role("loss")) == 1:
        return ""
    return "a task is one sequence, for one layer with the role input and one with the role loss"


def _is_a_cell(network: Network) -> str:
    """That page changes the gates of cells that it knows, and shows one of those in the place of any other network."""
    return "" if network.arch in gated_architectures() else "it shows registered cells with gates, and none of your own"


_ASKED: Mapping[str, tuple[Callable[[Network], str], ...]] = MappingProxyType(
    {
        "unroll": (_reads_words,),
        "forward": (_reads_words,),
        "backward": (_reads_words,),
        "vanishing": (_reads_words, _has_state),
        "gates": (_is_a_cell,),
        "train": (_reads_anything, _reads_one_sequence),
        "cost": (_reads_numbers,),
    }
)
"""Page → what it asks of a network, each of which says why it is not so, or nothing."""
