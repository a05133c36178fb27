"""Bags of words: networks that hear every word of a sentence and nothing of the order they stand in.

A bag is a recurrent network like any other, but for one thing: what it keeps is a plain sum. Addition does not ask what
came first, so that after the last word any order of the same words has led to the same state. Here two of them learn
what two applications do, from the same sentences, with about as many weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from explorer.applications import APPLICATIONS
from explorer.applications.application import Application
from explorer.documents import to_link
from explorer.drafts import Draft
from explorer.graph import Connection, Layer
from explorer.tasks.recipe import Blueprint, Recipe


def bag(summed: int, hidden: int) -> Draft:
    """A bag of words as data: each word adds its vector to a sum, and the answer is made of the sum alone.

    Parameters
    ----------
    summed, hidden : int
        Units of the sum, and of the layer between the sum and the answer.

    Examples
    --------
    >>> [(c.source, c.target, c.weight) for c in bag(8, 8).connections if c.delay]
    [('s', 's', None)]
    """
    return Draft(
        "Bag of words",
        (
            Layer("x", 4, role="input"),
            Layer("s", summed, role="state"),
            Layer("h", hidden, "tanh", bias="b_h", role="hidden"),
            Layer("y", 4, "softmax", bias="b_y", role="output"),
            Layer("E", 1, "cross_entropy", role="loss"),
        ),
        (
            Connection("x", "s", "W_xs"),
            Connection("s", "s", delay=1),
            Connection("s", "h", "W_sh"),
            Connection("h", "y", "W_hy"),
            Connection("y", "E"),
        ),
    )


def _in_a_bag(name: str, network: Draft, iterations: int) -> Application:
    known = APPLICATIONS[name]
    return replace(
        known,
        title=f"{known.title}, bag of words",
        about=f"{known.about} It adds up what it reads and hears nothing of the order.",
        blueprint=Blueprint(to_link(network), hidden=network.layers[2].size),
        recipe=Recipe(rate=0.003, batch=32, iterations=iterations, every=500),
        make_problem=lambda: known.problem,
    )


BAGS: Mapping[str, Application] = MappingProxyType(
    {
        "sentiment_bag": _in_a_bag("sentiment", bag(66, 66), 9000),
        "complete_bag": _in_a_bag("complete", bag(54, 43), 8000),
    }
)
"""Name → bag of words; no card of their own: they stand beside the networks they are compared with."""

TRAINED: Mapping[str, Application] = MappingProxyType({**APPLICATIONS, **BAGS})
"""Everything whose weights are shipped: file name of the weights and command."""
