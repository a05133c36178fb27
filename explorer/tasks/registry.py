"""All tasks a network can be trained on live."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from explorer.tasks.adding import ADDING
from explorer.tasks.characters import CHARACTERS
from explorer.tasks.memory import COPY, ECHO
from explorer.tasks.order import ORDER
from explorer.tasks.parity import PARITY
from explorer.tasks.reber import REBER
from explorer.tasks.task import Task
from explorer.tasks.waves import WAVES

TASKS: Mapping[str, Task] = MappingProxyType(
    {
        "echo": ECHO,
        "copy": COPY,
        "adding": ADDING,
        "parity": PARITY,
        "order": ORDER,
        "reber": REBER,
        "sine": WAVES,
        "characters": CHARACTERS,
    }
)
"""Name → task: menu, link value and command at once."""
