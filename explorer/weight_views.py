"""What the page Bring weights shows: a network from a file, run on an input, and its parameters in numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from explorer.engine.activations import Array
from explorer.engine.forward import forward
from explorer.engine.jacobians import StateJacobians, state_jacobians
from explorer.engine.schedule import schedule
from explorer.engine.trace import Trace
from explorer.formats import reference
from explorer.formats.brought import Brought
from explorer.formats.complaints import WeightsError
from explorer.formats.reading import read_weights
from explorer.graph import Graph, ReadOnly
from explorer.page_settings.weights import MOST_STEPS, OPEN, PULSE, RANDOM, REFERENCE, TYPED

MOST_JACOBIAN_NUMBERS = 4_000_000
"""In all Jacobians from step to step: more take longer than a page may wait."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A file's bytes, and how a learner wants them read where they leave it open."""

    content: bytes
    layout: str = OPEN
    activation: str = OPEN
    output_activation: str = OPEN


@dataclass(frozen=True, eq=False)
class Shown:
    """A brought network over an input.

    Attributes
    ----------
    graph : Graph
        Without its errors: nobody says what would have been right.
    trace : Trace
        Of one sequence.
    source : {"reference", "random", "pulse", "typed"}
        Where the input is from, in the end.
    seed : int
        Of a random one.
    inputs : mapping of str to (T, 1, n) array
    notes : tuple of str
        What had to be changed about the input.
    apart : (T,) array or None
        How far each step's answer is from that in the file; None: it was not asked the same.
    """

    graph: Graph
    trace: Trace
    source: str
    seed: int
    inputs: Mapping[str, Array]
    notes: tuple[str, ...]
    apart: Array | None

    def values(self, layer: str) -> Array:
        """Of a layer, (T + 1, size), index t; not a number where it does not exist."""
        values = self.trace[layer][:, 0].copy()
        values[[i + 1 for i in self.graph[layer].presence.absent(self.trace.steps)]] = np.nan
        return values

    def along(self, layer: str) -> Array:
        """Of a layer at the steps that are read, (T, size), index t - 1."""
        return self.values(layer)[1:]


@dataclass(frozen=True, slots=True)
class Fact:
    """A parameter: its shape, its length, its largest entry, and what it does to what is read again and again.

    Attributes
    ----------
    name : str
    shape : tuple of int
    norm : float
        Frobenius.
    largest : float
        Absolute.
    radius : float or None
        The largest |eigenvalue|, of a square matrix that lies on a cycle.
    """

    name: str
    shape: tuple[int, ...]
    norm: float
    largest: float
    radius: float | None


def brought(asked: Asked) -> Brought:
    """The network in a file; what the file does not leave open is not asked for.

    Raises
    ------
    WeightsError
        If no network can be read from it.
    """
    plain = read_weights(asked.content)
    choices = {
        "layout": asked.layout,
        "activation": asked.activation,
        "output_activation": asked.output_activation,
    }
    chosen = {name: value for name, value in choices.items() if value in plain.report.undecided.get(name, ())}
    return read_weights(asked.content, **chosen) if chosen else plain


def shown(found: Brought, source: str, steps: int = 12, seed: int = 1, typed: str = "") -> Shown:
    """The network over an input.

    Raises
    ------
    WeightsError
        If there is no input layer, or nothing that reads it.
    NotFiniteError
        If its numbers grow beyond the largest of their type.

    Examples
    --------
    >>> from explorer.formats.examples import EXAMPLES
    >>> view = shown(read_weights(EXAMPLES["pytorch_lstm"].path), REFERENCE)
    >>> view.trace["h"].shape, bool(view.apart.max() < 1e-5)
    ((13, 1, 8), True)
    """
    graph = _without_errors(found.graph)
    _refuse_what_reads_nothing(graph)
    compared = found.report.comparison
    notes: tuple[str, ...] = ()
    if source == REFERENCE and compared is None:
        source, notes = RANDOM, ("The file brings no reference that can be run, so random numbers are read.",)
    given = found.origin.arrays.get(reference.INPUT)
    if source == REFERENCE and given is not None:
        inputs = {layer.name: np.asarray(given[:, :1], np.float64) for layer in graph.with_role("input")}
    else:
        inputs, more = _made(graph, source, steps, seed, typed)
        notes += more
    trace = forward(graph, found.parameters, inputs)
    apart = None
    if source == REFERENCE and compared is not None:
        ours = np.concatenate([trace[layer][1:, 0] for layer in compared.layers], axis=-1)
        apart = np.abs(ours - compared.wanted[:, 0]).max(axis=-1)
    return Shown(graph, trace, source, seed, ReadOnly(inputs), notes, apart)


def facts(found: Brought) -> tuple[Fact, ...]:
    """Every parameter in numbers, those on a cycle first."""
    loops = [set(part.bank) for part in schedule(found.graph) if part.looped]
    again = {c.weight for c in found.graph.connections for loop in loops if {c.source, c.target} <= loop}
    rows = [
        Fact(
            name,
            array.shape,
            _norm(array),
            float(np.abs(array).max()),
            _radius(array) if name in again else None,
        )
        for name, array in found.parameters.items()
    ]
    return tuple(sorted(rows, key=lambda fact: fact.radius is None))


def reach(view: Shown) -> Mapping[str, Array]:
    """log₁₀ ‖∂s_t/∂s_k‖ (spectral) of the highest states, the last in their direction, over distance 0, 1, …

    A state is left out if no step of it follows from its neighbour alone, and if a Jacobian has numbers that are beyond
    float64. Empty: there is none left, or the Jacobians would be too large.
    """
    trace, graph = view.trace, view.graph
    if sum(graph[name].size for name in graph.states) ** 2 * trace.steps > MOST_JACOBIAN_NUMBERS:
        return {}
    found: dict[str, Array] = {}
    for jacobians in _jacobians(trace):
        steps = range(trace.steps, 0, -1) if jacobians.direction > 0 else range(1, trace.steps + 1)
        for state in reference.read_at(graph):
            if state in jacobians.states and state not in found:
                found[state] = np.array([jacobians.singular_values(steps[0], k, state)[0] for k in steps])
    return ReadOnly(found)


def _jacobians(trace: Trace) -> Iterator[StateJacobians]:
    """From step to step, for each direction in which there are any and all of them are finite."""
    for direction in (1, -1):
        try:
            with np.errstate(over="ignore", invalid="ignore"):
                found = state_jacobians(trace, 0, direction)
        except ValueError:
            continue
        if np.isfinite(found.one_step).all():
            yield found


def _without_errors(graph: Graph) -> Graph:
    kept = tuple(layer for layer in graph.layers if layer.role != "loss")
    return Graph(graph.name, kept, tuple(c for c in graph.connections if graph[c.target].role != "loss"))


def _refuse_what_reads_nothing(graph: Graph) -> None:
    inputs = {layer.name for layer in graph.with_role("input")}
    if not inputs or len(inputs) == len(graph.layers):
        what = "only input layers" if inputs else "no input layer"
        raise WeightsError(
            f"{graph.name} has {what}, so there is nothing to run; a layer that reads an input is needed."
        )


def _made(graph: Graph, source: str, steps: int, seed: int, typed: str) -> tuple[dict[str, Array], tuple[str, ...]]:
    """Inputs that no file has brought."""
    layers = graph.with_role("input")
    if source == TYPED:
        rows, notes = numbers(typed, layers[0].size)
        return {layer.name: _fitted(rows, layer.size) for layer in layers}, notes
    rng, inputs = np.random.default_rng(seed), {}
    for layer in layers:
        array = rng.standard_normal((steps, 1, layer.size)) if source == RANDOM else np.zeros((steps, 1, layer.size))
        if source == PULSE:
            array[0] = 1.0
        inputs[layer.name] = array
    return inputs, ()


def numbers(text: str, width: int) -> tuple[Array, tuple[str, ...]]:
    """Typed numbers as (T, 1, width), and what could not be used.

    Examples
    --------
    >>> rows, notes = numbers("1 2; 3", width=2)
    >>> rows[:, 0].tolist(), notes
    ([[1.0, 2.0], [3.0, 0.0]], ())
    >>> numbers("1 x", width=2)[1]
    ("'x' is no number; 0 is read.",)
    """
    notes: list[str] = []
    lines = [line for line in text.replace(",", " ").split(";") if line.strip()] or ["0"]
    if len(lines) > MOST_STEPS:
        notes.append(f"There are {len(lines)} steps; the first {MOST_STEPS} are read.")
    rows = np.zeros((min(len(lines), MOST_STEPS), 1, width))
    for t, line in enumerate(lines[:MOST_STEPS]):
        words = line.split()
        if len(words) > width:
            notes.append(f"Step {t + 1} has {len(words)} numbers; the network reads {width}.")
        for i, word in enumerate(words[:width]):
            rows[t, 0, i] = _number(word, notes)
    return rows, tuple(dict.fromkeys(notes))


def _number(word: str, notes: list[str]) -> float:
    try:
        value = float(word)
    except ValueError:
        value = np.nan
    if not abs(value) <= 1e6:
        notes.append(f"'{word[:20]}' is no number{' between ±10⁶' if np.isfinite(value) else ''}; 0 is read.")
        return 0.0
    return value


def _fitted(rows: Array, width: int) -> Array:
    """With as many numbers a step as another layer reads."""
    wide = np.zeros((*rows.shape[:2], width))
    wide[..., : rows.shape[2]] = rows[..., :width]
    return wide


def _norm(array: Array) -> float:
    """Frobenius, also where the squares of the entries are beyond every number."""
    largest = float(np.abs(array).max()) or 1.0
    return largest * float(np.linalg.norm(array / largest))


def _radius(array: Array) -> float | None:
    if array.ndim != 2 or array.shape[0] != array.shape[1] or array.shape[0] > 256:
        return None
    return float(np.abs(np.linalg.eigvals(array)).max())
