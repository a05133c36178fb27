"""The lines of Python that compute what a page shows, with nothing but `import explorer`.

A script is written for the settings it is asked for: what they leave as it usually is, is left out. Numbers stand in
it as Python writes them, so that every digit comes back.
"""

from explorer.scripts.drawn import backward, forward, gates, items, unrolled, vanishing
from explorer.scripts.learnt import application, paper, replayed, sequence_type, trained

__all__ = [
    "application",
    "backward",
    "forward",
    "gates",
    "items",
    "paper",
    "replayed",
    "sequence_type",
    "trained",
    "unrolled",
    "vanishing",
]
