"""From the bytes of a file to a network: recognised, compared with what was expected, and run on its reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from explorer.engine.activations import Array
from explorer.engine.schedule import schedule
from explorer.engine.trace import NotFiniteError
from explorer.formats import reference
from explorer.formats.brought import ASKED, BY_REFERENCE, USUAL, Brought, Origin, Report
from explorer.formats.complaints import HARMLESS, WeightsError, listed, unusable
from explorer.formats.containers import SAVE_KERAS, SAVE_PYTORCH, read_container
from explorer.formats.parts import shapes
from explorer.formats.recognising import Reading, readings
from explorer.graph import GraphError, ReadOnly

MOST_FILE = 20 * 2**20
"""Bytes of a file: every network of so many parameters in float64, and a reference; the server takes as many."""

MOST_PARAMETERS = 2**21


def read_weights(
    source: str | Path | bytes,
    *,
    layout: str | None = None,
    activation: str | None = None,
    output_activation: str | None = None,
) -> Brought:
    """A network from a file of weights: of PyTorch, of Keras, or the project's own; NPZ or safetensors.

    Parameters
    ----------
    source : path or bytes
    layout : str, optional
        Key of `explorer.formats.layouts.LAYOUTS`: how to read a file whose arrays fit more than one.
    activation, output_activation : str, optional
        φ and the activation of the output layer, which stand in no file of weights. Default: as in the reference, if
        the file has one; else what is usual.

    Returns
    -------
    Brought

    Raises
    ------
    WeightsError
        If no network can be read from it; its `differences` are complete.

    Examples
    --------
    >>> import explorer
    >>> graph = explorer.build("lstm", inputs=3, hidden=4, outputs=2)
    >>> content = explorer.write_weights(graph, explorer.initialize(graph), layout="pytorch")
    >>> brought = explorer.read_weights(content)
    >>> brought.report.kind, brought.report.gates, brought.graph["h"].size
    ('nn.LSTM', 'i f g o', 4)
    """
    arrays = read_container(_content(source))
    asked = {"layout": layout, "activation": activation, "output_activation": output_activation}
    found = readings(arrays)
    if not found:
        raise WeightsError(_not_recognised(arrays))
    best = max(reading.fit(arrays) for reading in found)
    as_good = [reading for reading in found if reading.fit(arrays) == best]
    _refuse_unreadable(as_good[0], arrays)
    tried = [_tried(reading, arrays) for reading in _asked_for(as_good, asked)]
    undecided = _undecided(as_good)
    decided = {name: ASKED if asked[name] else _settled_by(name, tried) for name in undecided}
    return _brought(_nearest(tried), undecided, decided, arrays)


def _content(source: str | Path | bytes) -> bytes:
    if isinstance(source, bytes):
        content = source
    else:
        path = Path(source)
        try:
            if path.stat().st_size > MOST_FILE:
                raise WeightsError(_too_large(path.stat().st_size))
            content = path.read_bytes()
        except OSError as error:
            raise WeightsError(f"{path.name} cannot be read: {(error.strerror or 'no file').lower()}.") from None
    if len(content) > MOST_FILE:
        raise WeightsError(_too_large(len(content)))
    return content


def _too_large(size: int) -> str:
    return f"The file has {size / 2**20:,.1f} MB; up to {MOST_FILE // 2**20} MB can be read."


def _asked_for(found: list[Reading], asked: Mapping[str, str | None]) -> list[Reading]:
    """Those in which everything is as it is asked for."""
    for name, value in asked.items():
        possible = list(dict.fromkeys(reading.choices.get(name, "") for reading in found))
        if value is not None and value not in possible:
            said = " or ".join(repr(one) for one in possible if one) or "nothing that could be chosen"
            raise WeightsError(f"The file leaves for {name} {said}; '{value}' was asked for.")
        found = [reading for reading in found if value in (None, reading.choices.get(name, ""))]
    return found


def _refuse_unreadable(reading: Reading, arrays: Mapping[str, Array]) -> None:
    graph = reading.graph
    if graph.parameter_count > MOST_PARAMETERS:
        raise WeightsError(
            f"The file's network has {graph.parameter_count:,} parameters; up to {MOST_PARAMETERS:,} can be shown."
        )
    differences = reading.differences(arrays)
    serious = [one for one in differences if one.what not in HARMLESS]
    if not serious:  # two biases that are finite may add up to what is not
        sums = reading.parameters(arrays)
        serious = [wrong for name, array in sums.items() if (wrong := unusable(name, array))]
        differences = (*serious, *differences)
    if serious:
        kind = f"{reading.framework}'s {reading.layout.title if reading.layout else reading.graph.name}"
        said = "; ".join(one.sentence() for one in serious[:3])
        more = f"; and {len(serious) - 3} more differences" if len(serious) > 3 else ""
        raise WeightsError(f"The file looks like weights of {kind}, but {said}{more}.", differences)
    try:
        schedule(graph)
    except GraphError as error:
        raise WeightsError(f"The network in the file cannot be unrolled: {error}") from None


@dataclass(frozen=True, eq=False)
class _Tried:
    """A reading, and how it answers to the reference of its file; None: it cannot, or there is none."""

    reading: Reading
    comparison: reference.Comparison | None

    @property
    def share(self) -> float:
        return self.comparison.share if self.comparison else np.inf

    def has(self, name: str) -> str:
        return self.reading.choices.get(name, "")


def _tried(reading: Reading, arrays: Mapping[str, Array]) -> _Tried:
    try:
        return _Tried(reading, reference.compared(reading.graph, reading.parameters(arrays), arrays))
    except NotFiniteError:
        return _Tried(reading, None)


def _nearest(tried: list[_Tried]) -> _Tried:
    """What a file cannot say its reference can: of all readings, the one that answers most like it."""
    return min(tried, key=lambda one: one.share)


def _settled_by(name: str, tried: list[_Tried]) -> str:
    """What a choice that nobody asked for rests on: a reference that rounding reconciles with another says nothing."""
    best = _nearest(tried)
    others = min((one.share for one in tried if one.has(name) != best.has(name)), default=0.0)
    return BY_REFERENCE if others > max(best.share, 1.0) else USUAL


def _brought(
    nearest: _Tried, undecided: Mapping[str, tuple[str, ...]], decided: Mapping[str, str], arrays: Mapping[str, Array]
) -> Brought:
    chosen, comparison = nearest.reading, nearest.comparison
    layout, labels = chosen.layout, chosen.labels
    faults = reference.checked(chosen.graph, arrays)
    of_network = shapes(chosen.table)
    kept = [name for name in reference.NAMES if name in arrays and comparison is not None]
    report = Report(
        framework=chosen.framework,
        kind=layout.title if layout else chosen.graph.name,
        gates=layout.order if layout and len(layout.gates) > 1 else "",
        variant=layout.variant if layout else "",
        levels=labels.shown() if labels else (),
        directions=len({np.sign(c.delay) for c in chosen.graph.connections if c.delay}),
        precision=", ".join(sorted({arrays[name].dtype.name for name in of_network})),
        numbers=chosen.graph.parameter_count,
        choices=ReadOnly(chosen.choices),
        undecided=undecided,
        decided=ReadOnly(decided),
        differences=(*chosen.differences(arrays), *faults),
        comparison=comparison,
    )
    origin = Origin(
        framework=layout.framework if layout else "unroll",
        arrays=ReadOnly({name: arrays[name] for name in (*of_network, *kept)}),
        layout=layout,
        sizes=chosen.sizes,
        labels=labels,
    )
    return Brought(chosen.graph, chosen.parameters(arrays), report, origin)


def _undecided(as_good: list[Reading]) -> Mapping[str, tuple[str, ...]]:
    """What else could be read from the same numbers."""
    found: dict[str, dict[str, None]] = {}
    for reading in as_good:
        for name, value in reading.choices.items():
            found.setdefault(name, {})[value] = None
    return ReadOnly({name: tuple(values) for name, values in found.items() if len(values) > 1})


def _not_recognised(arrays: Mapping[str, Array]) -> str:
    if not arrays:
        return "The file holds no arrays."
    return (
        f"No recurrent network is recognised: the file has {listed(list(arrays))}. From PyTorch, save a state_dict of "
        f"nn.RNN, nn.LSTM or nn.GRU: {SAVE_PYTORCH} From Keras: {SAVE_KERAS}"
    )
