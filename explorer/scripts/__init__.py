"""The lines of Python that compute what a page shows, with nothing but `import explorer`.

A script is written for the settings it is asked for: what they leave as it usually is, is left out. Numbers stand in
it as Python writes them, so that every digit comes back.
"""

from explorer.scripts.building import built
from explorer.scripts.counted import cost, orders, positions, questions, room, rows
from explorer.scripts.drawn import backward, forward, gates, items, unrolled, vanishing
from explorer.scripts.from_file import brought
from explorer.scripts.learnt import application, paper, replayed, sequence_type, trained

__all__ = [
    "application",
    "backward",
    "brought",
    "built",
    "cost",
    "forward",
    "gates",
    "items",
    "orders",
    "paper",
    "positions",
    "questions",
    "replayed",
    "room",
    "rows",
    "sequence_type",
    "trained",
    "unrolled",
    "vanishing",
]
