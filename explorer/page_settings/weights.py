"""What can be set on the page Bring weights."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from explorer.fields import Choice, Field, Number, Text
from explorer.formats.examples import EXAMPLES
from explorer.formats.layouts import LAYOUTS

OPEN = "open"
"""What the file cannot say is left as usual, or as its reference says."""

REFERENCE, RANDOM, PULSE, TYPED = "reference", "random", "pulse", "typed"
MOST_STEPS, MOST_TYPED = 60, 2000

_USUAL = "as usual, or as the reference says"
FIELDS: Mapping[str, Field] = MappingProxyType(
    {
        "weights_example": Choice(
            "an example",
            {name: example.title for name, example in EXAMPLES.items()},
            "pytorch_lstm",
            "Ready file",
            "Small networks, trained elsewhere to hold the last number that came with a mark.",
        ),
        "weights_input": Choice(
            "an input",
            {
                REFERENCE: "the stored reference",
                RANDOM: "random numbers",
                PULSE: "one pulse, then nothing",
                TYPED: "numbers you type",
            },
            REFERENCE,
            "It reads",
            "A file can bring reference inputs with it. Whatever is read, the values in the slices follow.",
        ),
        "weights_steps": Number(
            "Steps read", 1, MOST_STEPS, 12, help="How many slices there are, unless the input is stored or typed."
        ),
        "weights_seed": Number("Seed of the input", 0, 9999, 1, help="Another seed, other random numbers."),
        "weights_typed": Text(
            "Your own numbers",
            "0.5 1; 0.9 0; -0.3 0; -0.8 1; 0.2 0; 0 0",
            MOST_TYPED,
            "Numbers you type",
            "A semicolon ends a step; within it one number for each input. What is left out is 0.",
        ),
        "weights_act": Choice(
            "an activation",
            {OPEN: _USUAL, "tanh": "tanh", "relu": "relu", "sigmoid": "sigmoid"},
            OPEN,
            "Activation φ",
            "No file of weights says how hidden units are squashed.",
        ),
        "weights_out": Choice(
            "an activation of the output",
            {OPEN: _USUAL, "identity": "as they are", "softmax": "softmax", "sigmoid": "sigmoid"},
            OPEN,
            "Outputs are squashed by",
            "No file of weights says what is done with the outputs.",
        ),
        "weights_layout": Choice(
            "a layout",
            {
                OPEN: "as its arrays say",
                **{name: f"{one.names.title}: {name}" for name, one in LAYOUTS.items()},
            },
            OPEN,
            "Read as",
            "Where the arrays fit more than one layout, this says which.",
        ),
    }
)
"""Name in the link → what is legal there."""
