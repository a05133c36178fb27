"""A feed-forward network with room for so many words: how sentences fit into it, and what it weighs and computes."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np

from explorer.architectures import build
from explorer.cost.counts import copies, multiply_adds, passes
from explorer.engine.activations import Array
from explorer.engine.timeline import frozen
from explorer.graph import Connection, Graph, Layer, Presence

OUTPUTS = 2
"""Both networks say yes or no, once: only what they read is compared."""

NUMBER = 4
"""Bytes of a float32 number."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A sentence in an input layer with room for so many words.

    Attributes
    ----------
    words : tuple of str
    room : int

    Examples
    --------
    >>> short, long = Fitted(("how", "are", "you"), 4), Fitted(("how", "are", "you"), 2)
    >>> short.kept, short.padded, short.cut, long.kept, long.padded, long.cut
    (3, 1, 0, 2, 0, 1)
    """

    words: tuple[str, ...]
    room: int

    @property
    def kept(self) -> int:
        """Words that have a place."""
        return min(len(self.words), self.room)

    @property
    def padded(self) -> int:
        """Places that stay empty."""
        return self.room - self.kept

    @property
    def cut(self) -> int:
        """Words for which there is no place."""
        return len(self.words) - self.kept


def feed_forward(inputs: int, hidden: int, outputs: int = OUTPUTS, activation: str = "tanh") -> Graph:
    """A network of one hidden layer, without any delay: it has one step, and everything is read at once.

    Examples
    --------
    >>> graph = feed_forward(inputs=20 * 20_000, hidden=10)
    >>> graph.parameter_shapes["W_xh"], graph.states
    ((400000, 10), ())
    """
    return Graph(
        "Feed-forward",
        (
            Layer("x", inputs, role="input"),
            Layer("h", hidden, activation, bias="b_h"),
            Layer("y", outputs, "softmax", bias="b_y", role="output"),
            Layer("E", 1, "cross_entropy", role="loss"),
        ),
        (Connection("x", "h", "W_xh"), Connection("h", "y", "W_hy"), Connection("y", "E")),
    )


def recurrent(
    arch: str, vocabulary: int, hidden: int, words: int, depth: int = 1, activation: str = "tanh"
) -> tuple[Graph, int]:
    """A recurrent network that answers after the last word, and the steps that it takes for so many words.

    Examples
    --------
    >>> graph, steps = recurrent("elman", vocabulary=20_000, hidden=10, words=6)
    >>> graph.parameter_shapes["W_xh"], graph.states, steps
    ((20000, 10), ('h',), 6)
    """
    graph = build(
        arch,
        inputs=vocabulary,
        hidden=hidden,
        outputs=OUTPUTS,
        depth=depth,
        activation=activation,
        source_steps=words,
        answers=Presence(first=-1),
    )
    return graph, words + (len(graph.with_role("input")) > 1)  # a decoder answers one step after the last word


@dataclass(frozen=True, slots=True)
class Bill:
    """What a network weighs, and computes for one sentence.

    Attributes
    ----------
    inputs : int
        Units that the sentence is laid out on.
    weights : int
        Trainable numbers.
    reading : int
        Those of them in the matrices that read the sentence.
    stored : int
        Bytes of all of them in float32.
    one_hot : int
        Bytes of the one-hot input in float32.
    dense : int
        Multiply–adds of one pass forward as `explorer.cost.counts.passes` counts them, the zeros of one-hot inputs
        included.
    looked_up : int
        The same, where a word picks its row of the matrix: of a product with a one-hot vector only the additions
        of that row are left.
    """

    inputs: int
    weights: int
    reading: int
    stored: int
    one_hot: int
    dense: int
    looked_up: int


def bill(graph: Graph, steps: int, vocabulary: int) -> Bill:
    """What a network costs that reads one-hot words over so many steps; its sizes come from the graph alone.

    Examples
    --------
    >>> found = bill(feed_forward(20 * 20_000, 10), steps=1, vocabulary=20_000)
    >>> found.inputs, found.reading, found.dense, found.looked_up
    (400000, 4000000, 4000020, 220)
    """
    read = {layer.name: layer for layer in graph.with_role("input")}
    sentence = next(iter(read.values()))
    shapes, dense = graph.parameter_shapes, passes(graph, steps)[0]
    readers = [(c, read[c.source].size) for c in graph.connections if c.weight and c.source in read]
    spared = sum(
        copies(graph, c, steps) * (multiply_adds(graph, c) - max(1, size // vocabulary) * graph[c.target].size)
        for c, size in readers
        if not c.keeps_units
    )
    return Bill(
        inputs=sentence.size,
        weights=graph.parameter_count,
        reading=sum(prod(shapes[name]) for name in {c.weight for c, _ in readers if c.source == sentence.name} if name),
        stored=NUMBER * graph.parameter_count,
        one_hot=NUMBER * sentence.size * len(sentence.presence.steps(steps)),
        dense=dense,
        looked_up=dense - spared,
    )


@dataclass(frozen=True, eq=False)
class Weighed:
    """Both networks for one vocabulary, one width and one room.

    Attributes
    ----------
    graphs : (Graph, Graph)
        Feed-forward and recurrent.
    full : (Bill, Bill)
        For a sentence that fills the room.
    own : Bill
        Of the recurrent network, for a sentence of another length.
    rooms : (n,) array
    weights : (2, n) array
        Of both networks, for every such room.
    """

    graphs: tuple[Graph, Graph]
    full: tuple[Bill, Bill]
    own: Bill
    rooms: Array
    weights: Array


def weighed(
    arch: str, vocabulary: int, hidden: int, room: int, words: int, most: int, depth: int = 1, activation: str = "tanh"
) -> Weighed:
    """Weigh a feed-forward network with so much room against a recurrent one that reads so many words.

    Parameters
    ----------
    arch : str
        What `explorer.architectures.architecture` knows.
    vocabulary, hidden, room : int
    words : int
        Of the sentence for which the recurrent network is weighed once more.
    most : int
        Largest room of the curves.
    depth, activation : int, str
        Of the recurrent network.

    Examples
    --------
    >>> found = weighed("elman", vocabulary=20_000, hidden=10, room=20, words=6, most=60)
    >>> [bill.reading for bill in found.full], sorted(set(found.weights[1].tolist()))
    ([4000000, 200000], [200132])
    """

    def both(length: int) -> tuple[tuple[Graph, int], tuple[Graph, int]]:
        fed = feed_forward(length * vocabulary, hidden)
        return (fed, 1), recurrent(arch, vocabulary, hidden, length, depth, activation)

    graphs, rooms = both(room), np.arange(1, most + 1)
    weights = np.array([[graph.parameter_count for graph, _ in both(length)] for length in rooms.tolist()]).T
    return Weighed(
        graphs=(graphs[0][0], graphs[1][0]),
        full=(bill(*graphs[0], vocabulary), bill(*graphs[1], vocabulary)),
        own=bill(*recurrent(arch, vocabulary, hidden, words, depth, activation), vocabulary),
        rooms=frozen(rooms),
        weights=frozen(weights),
    )
