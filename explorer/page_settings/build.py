"""What can be set on the page Build a network."""

from collections.abc import Mapping
from types import MappingProxyType

from explorer.fields import Field

FIELDS: Mapping[str, Field] = MappingProxyType({})
"""Name in the link → what is legal there."""
