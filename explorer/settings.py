"""Everything a link carries: one frozen value, with its legal range and the nearest legal value for any other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any

from explorer.architectures import architecture
from explorer.documents import to_link
from explorer.drafts import STARTER
from explorer.fields import Field, is_written
from explorer.page_settings import (
    applications,
    backward,
    build,
    cost,
    gates,
    order,
    questions,
    sequence_types,
    train,
    vanishing,
    weights,
    why,
)
from explorer.page_settings.shared import OWN, SENTENCE, SHARED, UNTRAINED

PAGES: Mapping[str, Mapping[str, Field]] = MappingProxyType(
    {
        "backward": backward.FIELDS,
        "vanishing": vanishing.FIELDS,
        "gates": gates.FIELDS,
        "train": train.FIELDS,
        "sequence_types": sequence_types.FIELDS,
        "applications": applications.FIELDS,
        "why": why.FIELDS,
        "order": order.FIELDS,
        "questions": questions.FIELDS,
        "cost": cost.FIELDS,
        "build": build.FIELDS,
        "weights": weights.FIELDS,
    }
)
"""What single pages add, by page."""

_STARTER = to_link(STARTER)

FIELDS: Mapping[str, Field] = MappingProxyType({**SHARED, **{n: f for own in PAGES.values() for n, f in own.items()}})
"""Every name a link may carry: the controls, the link and the tests are made from this table."""


@dataclass(frozen=True, slots=True)
class Network:
    """A network and what it reads; equal values give the same numbers, bit for bit.

    Attributes
    ----------
    text, unit : str
        The sentence, and whether words or characters are its tokens.
    trained : str
        Key of `APPLICATIONS`, whose network and weights take the place of all that follows; or `UNTRAINED`.
    arch, act : str
        What `explorer.architectures.architecture` knows, and a key of `SQUASHING`.
    depth, hidden : int
        Cells on top of each other, and units of each layer.
    init, seed : str, int
        How the recurrent weights are drawn, and from which seed.
    radius : float or None
        Spectral radius that recurrent matrices are scaled to; None leaves them as drawn.
    gain, bias : float
        Factor on every matrix as drawn, and bias of the gates that keep the past, or else of all units inside a loop.
    """

    text: str = SENTENCE
    unit: str = "words"
    trained: str = UNTRAINED
    arch: str = "elman"
    act: str = "tanh"
    depth: int = 1
    hidden: int = 8
    init: str = "orthogonal"
    seed: int = 1
    radius: float | None = None
    gain: float = 1.0
    bias: float = 0.0

    @property
    def is_drawn(self) -> bool:
        """Whether it is a learner's own, with sizes and functions of its own."""
        return architecture(self.arch).is_drawn

    @property
    def is_trained(self) -> bool:
        """Whether an application's network stands in for one drawn from the seed."""
        return self.trained != UNTRAINED


@dataclass(frozen=True, slots=True)
class Settings:
    """All a page shows: a network, the length it is unrolled to (None: one step a word), and how it is written."""

    network: Network = Network()
    T: int | None = None
    names: str = "matrices"

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Settings:
        """Pick the fields out of a larger mapping.

        Examples
        --------
        >>> defaults = {name: field.default for name, field in FIELDS.items()}
        >>> Settings.of({**defaults, "arch": "lstm", "T": 3}).network.arch
        'lstm'
        """
        arch = (values["own"] or _STARTER) if values["arch"] == OWN else values["arch"]
        network = Network(**{**{field.name: values[field.name] for field in fields(Network)}, "arch": arch})
        return cls(network, values["T"], values["names"])


def repaired(link: Mapping[str, str], table: Mapping[str, Field] = FIELDS) -> tuple[dict[str, Any], list[str]]:
    """Values for what is illegal in a link, and a sentence for each.

    Examples
    --------
    >>> repaired({"T": "0", "arch": "lstm"})
    ({'arch': 'LSTM', 'T': 1}, ["Steps T runs from 1 to 200; the link says '0', so 1 is shown."])
    """
    values, sentences = {}, []
    for name, field in table.items():
        if name in link:
            value, sentence = field.repaired(link[name])
            if sentence is not None:
                sentences.append(sentence)
            if value is None or not is_written(value, link[name]):
                values[name] = value  # None: leave it out
    return values, sentences
