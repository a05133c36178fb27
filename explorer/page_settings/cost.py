"""What can be set on the page Cost of unrolling."""

from collections.abc import Mapping
from types import MappingProxyType

from explorer.cost.rows import LENGTHS
from explorer.cost.ways import WAYS
from explorer.fields import Choice, Field, Number, Text

MOST_STEPS = 10_000

TYPED = "typed"
"""In place of ready lengths: those that are typed beside."""

FIELDS: Mapping[str, Field] = MappingProxyType(
    {
        "cost_way": Choice(
            "a way of training",
            {name: way.title for name, way in WAYS.items()},
            "sqrt",
            "Way of training",
            "What the picture plays: which slices are kept, dropped and computed again.",
        ),
        "cost_T": Number("Length T", 1, MOST_STEPS, 1000, help="Steps of each sequence, for table and chart."),
        "cost_B": Number(
            "Rows B", 1, 256, 8, help="Sequences in a batch: everything stored is stored for each of them."
        ),
        "cost_H": Number(
            "Width H",
            1,
            512,
            32,
            help="Units of every hidden layer. Your own network keeps the sizes it was drawn with.",
        ),
        "cost_window": Number(
            "Window", 1, 1000, 20, help="Of truncated BPTT: the sequence is cut into pieces of so many steps."
        ),
        "cost_slots": Number("Slots", 1, 1000, 6, help="Of optimal checkpoints: slices that may be stored at once."),
        "cost_rows": Choice(
            "row lengths",
            {**{name: title for name, (title, _) in LENGTHS.items()}, TYPED: "typed"},
            "reviews",
            "Lengths of the rows",
            "Rows of one batch are all computed to the end of the longest.",
        ),
        "cost_typed": Text(
            "Lengths of rows", "5, 6, 20, 7, 30, 12", 400, "Lengths", "Whole numbers, one for each row of the batch."
        ),
    }
)
"""Name in the link → what is legal there."""
