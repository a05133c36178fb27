"""What can be set on the page Sequence types."""

from collections.abc import Mapping
from types import MappingProxyType

from explorer.applications import APPLICATIONS
from explorer.applications.kinds import KINDS
from explorer.fields import Choice, Field, Number, Text
from explorer.page_settings.shared import MOST_TYPED

FIELDS: Mapping[str, Field] = MappingProxyType(
    {
        "type": Choice(
            "a type",
            {name: kind.short for name, kind in KINDS.items()},
            "many_to_one",
            "Type",
            in_view=True,
        ),
        "pad": Number(
            "Padded steps", 0, 6, 0, help="Adds steps that do not count, as a shorter sequence gets in a batch."
        ),
        **{
            name: Text(
                f"The input of {kind.title}",
                kind.example,
                MOST_TYPED,
                "Your own input",
                APPLICATIONS[kind.application].hint,
            )
            for name, kind in KINDS.items()
        },
    }
)
"""Name in the link → what is legal there."""
