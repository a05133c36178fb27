"""What can be set on the page Gates."""

from collections.abc import Mapping
from types import MappingProxyType

from explorer.fields import Choice, Field, Number
from explorer.gates import CHANGES, letters

FIELDS: Mapping[str, Field] = MappingProxyType(
    {
        "gate": Choice(
            "a gate",
            letters(),
            next(iter(letters())),
            "Gate",
            "Which gate the next control changes, in every copy of the cell.",
        ),
        "change": Choice(
            "a change",
            {name: change.title for name, change in CHANGES.items()},
            "none",
            "Held or removed",
            "Open is 1 and lets everything through, shut is 0. Removed takes its weights away too.",
        ),
        "keep": Number(
            "Keep bias b",
            -6.0,
            6.0,
            0.0,
            0.5,
            "Added to the gate that keeps the past (f in an LSTM, z in a GRU). Usual advice: start training at 1.",
        ),
    }
)
"""Name in the link → what is legal there."""
