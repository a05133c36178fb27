"""Published results, each a card: the claim, the setting, the printed value, and ours, computed when asked for."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from explorer.fields import Choice, Field
from explorer.papers import baselines, costs, dynamics, memory, spectra
from explorer.papers.paper import Paper

PAPERS: Mapping[str, Paper] = MappingProxyType(
    {
        "wall": dynamics.WALL,
        "condition": spectra.CONDITION,
        "linear": spectra.LINEAR,
        "tanh": spectra.TANH,
        "latching": dynamics.LATCHING,
        "forget": memory.FORGET,
        "irnn": memory.IRNN,
        "adding": baselines.ADDING,
        "copy": baselines.COPY,
        "sqrt": costs.SQRT,
        "slots": costs.SLOTS,
        "rtrl": costs.RTRL,
    }
)
"""Name → card, in the order of the page; the first is open at the start."""

FIELDS: Mapping[str, Field] = MappingProxyType(
    {
        "card": Choice(
            "a card",
            {name: paper.title for name, paper in PAPERS.items()},
            next(iter(PAPERS)),
            "Card",
            "Which result is open.",
        ),
        **{name: field for paper in PAPERS.values() for name, field in paper.fields.items()},
    }
)
"""What the page of papers adds to a link: the open card, and the setting of each."""
