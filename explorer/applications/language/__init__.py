"""Applications to words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from explorer.applications.application import Application

LANGUAGE: Mapping[str, Application] = MappingProxyType({})
"""Name → application."""
