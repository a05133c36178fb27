"""What can be set on the page Applications."""

from collections.abc import Mapping
from types import MappingProxyType

from explorer.applications import APPLICATIONS
from explorer.fields import Choice, Field, Text
from explorer.page_settings.shared import MOST_TYPED

FIELDS: Mapping[str, Field] = MappingProxyType(
    {
        "app": Choice(
            "an application",
            {name: application.title for name, application in APPLICATIONS.items()},
            next(iter(APPLICATIONS)),
            "Application",
            "Each is a small network with weights that were learnt.",
        ),
        **{
            name: Text(f"The input of {application.title}", application.examples[0], MOST_TYPED, application.hint)
            for name, application in APPLICATIONS.items()
        },
    }
)
"""Name in the link → what is legal there."""
