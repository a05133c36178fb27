"""What can be set on the page Order matters."""

from collections.abc import Mapping
from types import MappingProxyType

from explorer.fields import Choice, Field, Text

READERS: Mapping[str, str] = MappingProxyType(
    {"sentiment": "Stars for a review", "complete": "Next word", "untrained": "Nothing learnt"}
)
"""Who reads both sentences: key of `explorer.order_views.READERS` → what it is asked for."""

PAIRS: tuple[tuple[str, str, str], ...] = (
    ("sentiment", "they were not rude, they were friendly", "they were not friendly, they were rude"),
    ("sentiment", "never bad, always good", "never good, always bad"),
    ("sentiment", "the food was great, not terrible", "the food was terrible, not great"),
    ("sentiment", "I will definitely not come back", "I will definitely come back, not"),
    ("sentiment", "The food was good but the service was bad", "The service was bad but the food was good"),
    ("complete", "how are you", "you are how"),
    ("complete", "you are", "are you"),
    ("complete", "what is the time", "the time is what"),
    ("complete", "the book is on", "on the book is"),
    ("untrained", "all that glitters is not gold", "not all that glitters is gold"),
    ("untrained", "eat to live, do not live to eat", "live to eat, do not eat to live"),
    ("untrained", "who reads on understands", "who understands reads on"),
    ("untrained", "a bird in the hand is worth two in the bush", "two in the bush is worth a bird in the hand"),
)
"""Ready sentences and the same words in another order, each with whom it is for."""

_MOST_TYPED = 1000

FIELDS: Mapping[str, Field] = MappingProxyType(
    {
        "ordered": Text("The sentence", PAIRS[0][1], _MOST_TYPED, "Sentence A"),
        "jumbled": Text("The other order", PAIRS[0][2], _MOST_TYPED, "Sentence B: the same words in another order", ""),
        "reader": Choice(
            "a reader",
            READERS,
            "sentiment",
            "Asked for",
            "Two trained networks of the Applications page, and one whose weights are drawn from a seed.",
            in_view=True,
        ),
    }
)
"""Name in the link → what is legal there."""
