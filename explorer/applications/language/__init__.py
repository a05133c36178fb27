"""Applications to words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from explorer.applications.application import Application
from explorer.applications.language.complete import COMPLETE
from explorer.applications.language.entities import ENTITIES
from explorer.applications.language.sentiment import SENTIMENT
from explorer.applications.language.translate import TRANSLATE

LANGUAGE: Mapping[str, Application] = MappingProxyType(
    {"complete": COMPLETE, "sentiment": SENTIMENT, "entities": ENTITIES, "translate": TRANSLATE}
)
"""Name → application."""
