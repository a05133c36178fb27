"""What can be set on the page Vanishing & exploding."""

from collections.abc import Mapping
from types import MappingProxyType

from explorer.fields import Choice, Field, Number
from explorer.page_settings.shared import INITIALIZER_MENU, NETWORK_MENU, SQUASHING_MENU

LOOKS = ("T × T matrix", "Singular values", "σ of each step", "Saturation", "Activations")
"""Pictures of the Vanishing page beside the curves."""

USUAL_KEEP_BIAS = 3.0
"""Of network B on the Vanishing page, where it has a gate that keeps the past and no bias is asked for."""

_MATCHED = "As many hidden units as A, or as many as bring the number of parameters nearest to A's."

FIELDS: Mapping[str, Field] = MappingProxyType(
    {
        "length": Number("Length T", 2, 1000, 100, help="The sentence is read over and over for so many steps."),
        "at": Number("Error at step t", 1, 1000, None, help="The error whose way back is followed. Empty: the last."),
        "arch2": Choice("a network", NETWORK_MENU, "lstm", "Network B", "Set beside the network above, which is A."),
        "match": Choice("sizes", {"same": "same H", "matched": "same parameters"}, "same", "Size of B", _MATCHED),
        "look": Choice("a picture", {look: look for look in LOOKS}, LOOKS[0], "Show", in_view=True),
        "act2": Choice("an activation", SQUASHING_MENU, "tanh", "B: activation φ"),
        "init2": Choice("an initialiser", INITIALIZER_MENU, "orthogonal", "B: recurrent weights"),
        "radius2": Number("B: spectral radius ρ", 0.0, 4.0, None, 0.05),
        "gain2": Number("B: gain", 0.0, 10.0, 1.0, 0.1),
        "bias2": Number(
            "B: bias b",
            -10.0,
            10.0,
            None,
            0.25,
            f"Empty: {USUAL_KEEP_BIAS:g} for a gate that keeps the past, 0 without gates.",
        ),
    }
)
"""Name in the link → what is legal there."""
