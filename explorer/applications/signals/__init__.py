"""Applications to sounds, pictures, prices and genes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from explorer.applications.application import Application

SIGNALS: Mapping[str, Application] = MappingProxyType({})
"""Name → application."""
