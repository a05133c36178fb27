"""A sequence with steps that do not count, as in a batch whose other sequences are longer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from explorer.application_views import Answered, ran
from explorer.engine.activations import Array
from explorer.engine.backward import backward
from explorer.engine.trace import Trace
from explorer.graph import Graph, Presence
from explorer.tasks.problem import Batch
from explorer.views import Ran

PAD = "⟨pad⟩"


@dataclass(frozen=True, slots=True)
class Gaps:
    """How far a padded run is from the plain one.

    Attributes
    ----------
    values : float
        Largest difference of any state or answer at a step that is really there.
    loss : float
        Difference of L.
    gradient : float
        Largest difference of any entry of ∂L/∂θ.
    """

    values: float
    loss: float
    gradient: float


@dataclass(frozen=True, eq=False)
class Padded:
    """A sequence with steps that do not count.

    Attributes
    ----------
    ran : Ran
        With the mask; in its graph the padded steps are absent.
    before, after : int
        Padded steps at either end.
    masked, unmasked : Gaps
        Against the run without padding, with the mask and without it.
    """

    ran: Ran
    before: int
    after: int
    masked: Gaps
    unmasked: Gaps


def padded(name: str, plain: Answered, steps: int) -> Padded:
    """Pad a sequence as it is padded in a batch, where its neighbours are longer.

    What is answered only after the last input is padded at its beginning, and so is what an encoder reads; answers
    are padded at their end.
    """
    reading = plain.asked.reading
    graph = plain.ran.graph
    ends_early = any(layer.presence.last == reading.source_steps > 1 for layer in graph.with_role("input"))
    answers_late = all(layer.presence.first == -1 for layer in graph.with_role("loss"))
    before = steps if ends_early or answers_late else 0
    after = 0 if answers_late else steps
    longer = replace(
        reading,
        inputs=_lengthened(reading.inputs, before, after),
        targets=_lengthened(reading.targets, before, after),
        shown=(*[PAD] * before, *reading.shown, *[PAD] * after),
        aims=(*[""] * before, *reading.aims, *[""] * after),
        source_steps=reading.source_steps + before,
    )
    mask = np.ones((longer.steps, 1), bool)
    mask[:before] = False
    mask[longer.steps - after :] = False
    with_mask, without = (
        ran(name, longer, Batch(longer.inputs, longer.targets, kept, longer.source_steps)) for kept in (mask, None)
    )
    return Padded(
        ran=replace(with_mask, graph=_without_padding(with_mask.graph, before, after)),
        before=before,
        after=after,
        masked=_gaps(plain.ran.trace, with_mask.trace, before),
        unmasked=_gaps(plain.ran.trace, without.trace, before),
    )


def _lengthened(sequences: Mapping[str, Array], before: int, after: int) -> dict[str, Array]:
    return {name: np.pad(array, [(before, after), *[(0, 0)] * (array.ndim - 1)]) for name, array in sequences.items()}


def _without_padding(graph: Graph, before: int, after: int) -> Graph:
    """The network with every layer absent at the padded steps."""
    layers = [replace(layer, presence=_inside(layer.presence, before, after)) for layer in graph.layers]
    return replace(graph, layers=tuple(layers))


def _inside(presence: Presence, before: int, after: int) -> Presence:
    first, last = presence.first, presence.last
    return replace(
        presence,
        first=first - after if first < 0 else max(first, before + 1),
        last=last - after if last < 0 else last,
    )


def _gaps(plain: Trace, other: Trace, before: int) -> Gaps:
    here = slice(before + 1, before + 1 + plain.steps)
    values = [np.abs(other[name][here] - plain[name][1:]).max() for name in plain.values]
    theirs, ours = backward(other).weights, backward(plain).weights
    return Gaps(
        values=float(max(values)),
        loss=abs(other.loss - plain.loss),
        gradient=float(max(np.abs(theirs[weight] - ours[weight]).max() for weight in ours)),
    )
