"""What recurrent networks are known for, each as a small network that really runs."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from explorer.applications.application import Application
from explorer.applications.language import LANGUAGE
from explorer.applications.signals import SIGNALS

APPLICATIONS: Mapping[str, Application] = MappingProxyType({**LANGUAGE, **SIGNALS})
"""Name → application: menu, link value, file name of the weights and command at once."""
