"""Applications to sounds, pictures, prices and genes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from explorer.applications.application import Application
from explorer.applications.signals.caption import CAPTION
from explorer.applications.signals.genome import GENOME
from explorer.applications.signals.prices import PRICES
from explorer.applications.signals.speech import SPEECH
from explorer.applications.signals.voice import VOICE

SIGNALS: Mapping[str, Application] = MappingProxyType(
    {"speech": SPEECH, "voice": VOICE, "caption": CAPTION, "prices": PRICES, "genome": GENOME}
)
"""Name → application."""
