"""What all pages have in common, and the menus that several of them offer."""

from collections.abc import Mapping
from types import MappingProxyType

from explorer.applications import APPLICATIONS
from explorer.architectures import ARCHITECTURES
from explorer.documents import from_link
from explorer.drafts import STARTER
from explorer.engine.activations import SQUASHING
from explorer.engine.schedule import schedule
from explorer.fields import Choice, Field, Number, Text
from explorer.graph import GraphError
from explorer.naming import NOTATIONS
from explorer.parameters import INITIALIZERS
from explorer.tasks.text import UNITS

MOST_STEPS = 200

MOST_TYPED = 1000
"""Characters of a learner's own text that a link carries."""

SENTENCE = "the cat sat on the mat"

OWN = "own"
"""In place of an architecture's name: the learner's own network, which stands beside it."""

MOST_DRAWN = 6000
"""Characters of a learner's own network that a link carries."""

UNTRAINED = "none"
"""In place of an application's name: the weights are drawn from the seed."""

NETWORK_MENU = {name: entry.title for name, entry in ARCHITECTURES.items()}
SQUASHING_MENU = {name: name for name in SQUASHING}
INITIALIZER_MENU = {name: name for name in INITIALIZERS}


def _unreadable(name: str) -> str | None:
    """Why a learner's own network in a link cannot be shown, if so."""
    if not name:
        return None
    try:
        schedule(from_link(name).graph())
    except GraphError as error:
        return f"{error} {STARTER.name} is shown."
    return None


SHARED: Mapping[str, Field] = MappingProxyType(
    {
        "text": Text(
            "The sentence",
            SENTENCE,
            MOST_TYPED,
            "Sentence",
            "Any words, in any script: each becomes a slice of the network.",
        ),
        "unit": Choice(
            "slices of the kind",
            {unit: unit for unit in UNITS},
            UNITS[0],
            "One slice for each",
            "Whether words or single characters become slices.",
        ),
        "arch": Choice("a network", {**NETWORK_MENU, OWN: "Your own"}, "elman", "Network"),
        "own": Text(
            "Your own network", "", MOST_DRAWN, "Your own network, as it stands in links", complaint=_unreadable
        ),
        "trained": Choice(
            "a trained network",
            {UNTRAINED: UNTRAINED, **{name: known.title for name, known in APPLICATIONS.items()}},
            UNTRAINED,
            "Trained network",
            "A network of the Applications page takes the place of one whose weights are drawn from the seed.",
        ),
        "T": Number(
            "Steps T", 1, MOST_STEPS, None, help="How many slices the Unroll page shows. Empty: one for each word."
        ),
        "act": Choice(
            "an activation",
            SQUASHING_MENU,
            "tanh",
            "Activation φ",
            "The function that squashes every hidden unit; gates stay sigmoid.",
        ),
        "depth": Number("Depth", 1, 4, 1, help="Cells on top of each other: each reads the states of the one below."),
        "hidden": Number(
            "Hidden units H", 1, 64, 8, help="More units make longer vectors and larger matrices; the picture stays."
        ),
        "init": Choice(
            "an initialiser",
            INITIALIZER_MENU,
            "orthogonal",
            "Recurrent weights",
            "How the matrices that are read across a delay are drawn.",
        ),
        "seed": Number("Seed", 0, 9999, 1, help="The same seed always gives the same weights, on every machine."),
        "radius": Number(
            "Spectral radius ρ",
            0.0,
            4.0,
            None,
            0.05,
            "Scales every recurrent matrix so that its largest |eigenvalue| is this. Empty: as drawn.",
        ),
        "gain": Number(
            "Gain",
            0.0,
            10.0,
            1.0,
            0.1,
            "Multiplies every matrix as drawn. A spectral radius, if there is one, then decides the recurrent ones.",
        ),
        "bias": Number(
            "Bias b",
            -10.0,
            10.0,
            0.0,
            0.25,
            "Of the gate that keeps the past (f in an LSTM, z in a GRU); without gates, of every hidden unit.",
        ),
        "names": Choice(
            "names of weights like",
            {n: kind.example for n, kind in NOTATIONS.items()},
            "matrices",
            "Names of the weights",
            "W_xh says from x to h; many textbooks write W, U and V instead.",
        ),
    }
)
"""What all pages have in common: name in the link → what is legal there."""
