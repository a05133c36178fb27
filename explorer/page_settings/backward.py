"""What can be set on the page Backward."""

from collections.abc import Mapping
from types import MappingProxyType

from explorer.fields import Choice, Field, Number
from explorer.page_settings.shared import MOST_STEPS

FIELDS: Mapping[str, Field] = MappingProxyType(
    {
        "window": Number(
            "Truncate after",
            1,
            MOST_STEPS,
            None,
            help="Carry each error back through so many slices, its own among them, and no further. Empty: all.",
        ),
        "stride": Number(
            "Passes every",
            1,
            MOST_STEPS,
            1,
            help="Steps between two passes backward, at most the window; each carries the errors since the last.",
        ),
        "clip": Number(
            "Clip at",
            0.01,
            1000.0,
            None,
            0.1,
            "No gradient of the weights may be longer than this. Empty: as long as it is.",
        ),
        "by": Choice(
            "clipping by",
            {"norm": "norm", "value": "value"},
            "norm",
            "Clip by",
            "By norm: all weights' gradients together are shortened. By value: every entry is cut off on its own.",
        ),
    }
)
"""Name in the link → what is legal there."""
