"""The script of the page that shows a network from a file."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from explorer.engine.activations import Array
from explorer.formats import reference
from explorer.formats.brought import ASKED, Brought
from explorer.page_settings.weights import PULSE, RANDOM, REFERENCE
from explorer.scripts.parts import IMPORT, text_of
from explorer.weight_views import Shown


def brought(path: str, found: Brought, view: Shown) -> str:
    """What the page Bring weights shows: a file read as it was chosen, and run on the same input."""
    report = found.report
    asked = {name: report.choices[name] for name, by in report.decided.items() if by == ASKED}
    chosen = "".join(f", {name}={value!r}" for name, value in asked.items())
    made = [] if view.source == REFERENCE else ["import numpy as np", ""]
    return text_of(
        *made,
        IMPORT,
        "",
        f"brought = explorer.read_weights({path!r}{chosen})",
        *_inputs(view),
        "trace = explorer.forward(brought.graph, brought.parameters, inputs)",
        f"print(brought.report.framework, brought.report.kind, trace[{reference.read_at(view.graph)[0]!r}][-1])",
    )


def _inputs(view: Shown) -> list[str]:
    """The lines that make the input: as the page makes it, or what was typed."""
    steps, sizes = view.trace.steps, {name: array.shape[2] for name, array in view.inputs.items()}
    if view.source == REFERENCE:
        return [f"inputs = brought.origin.arrays[{reference.INPUT!r}][:, :1]"]
    if view.source == RANDOM:
        made = {name: f"rng.standard_normal(({steps}, 1, {size}))" for name, size in sizes.items()}
        return [f"rng = np.random.default_rng({view.seed})", *_listed(made)]
    if view.source == PULSE:
        return _listed({name: f"np.eye({steps}, 1)[:, None].repeat({size}, axis=2)" for name, size in sizes.items()})
    return _listed({name: _typed(array[:, 0]) for name, array in view.inputs.items()})


def _listed(made: Mapping[str, str]) -> list[str]:
    return ["inputs = {", *(f"    {name!r}: {array}," for name, array in made.items()), "}"]


def _typed(rows: Array) -> str:
    """(T, 1, n) numbers, up to the last that is not zero: most of a wide layer is not typed."""
    used = max(1, int(np.flatnonzero(rows.any(axis=0)).max(initial=0)) + 1)
    given = f"np.array({rows[:, :used].tolist()!r})[:, None]"
    rest = rows.shape[1] - used
    return f"np.pad({given}, [(0, 0), (0, 0), (0, {rest})])" if rest else given
