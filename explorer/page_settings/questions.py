"""What can be set on the page Questions."""

from collections.abc import Mapping
from types import MappingProxyType

from explorer.fields import Choice, Field

PARTS: Mapping[str, str] = MappingProxyType(
    {"limits": "Advantages and limits", "asked": "Frequently asked", "glossary": "Glossary"}
)
"""Name of the file under ``assets/text/questions`` → title."""

FIELDS: Mapping[str, Field] = MappingProxyType({"part": Choice("a part", PARTS, "limits", "Part", in_view=True)})
"""Name in the link → what is legal there."""
