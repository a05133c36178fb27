"""A learner's own network in the sizes of what it is to read and to say.

What is read decides the units of the input layers; what is asked decides the units and the activation of the layers at
which errors are measured, and the error. All else stays as it was drawn.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from explorer.graph import ALWAYS, Graph, GraphError, Layer, Presence


class UnfitError(GraphError):
    """A network that cannot be given the sizes it would need; the message says what to change."""


def fitted(
    graph: Graph,
    inputs: int,
    outputs: int,
    output_activation: str = "softmax",
    loss: str = "cross_entropy",
    answers: Presence = ALWAYS,
    source_steps: int = 0,
) -> Graph:
    """The same network, for other sequences.

    Parameters
    ----------
    graph : Graph
    inputs, outputs : int
        Units of the first input layer, and of what is compared with targets. Further input layers, a decoder's, read
        what is said.
    output_activation, loss : str
    answers : Presence
        Steps at which an answer is asked for; if that is always, errors stay where they were drawn.
    source_steps : int
        With a second input layer: the steps of the first. Presences that begin or end with it are moved.

    Raises
    ------
    UnfitError
        If it reads nothing, or nothing in it is compared with targets, or other sizes do not fit it.

    Examples
    --------
    >>> from explorer.drafts import STARTER
    >>> graph = fitted(STARTER.graph(), inputs=2, outputs=1, output_activation="identity", loss="squared_error")
    >>> graph["x"].size, graph["y"].size, graph["y"].activation, graph["h"].size
    (2, 1, 'identity', 8)
    """
    read = [layer.name for layer in graph.with_role("input")]
    if not read:
        raise UnfitError(f"{graph.name} reads nothing; give it a layer with the role input.")
    if not graph.with_role("loss"):
        raise UnfitError(
            f"{graph.name} has no error; give it a layer with the role loss, and connect to it what it says."
        )
    judged = {c.source for layer in graph.with_role("loss") for c in graph.incoming(layer.name)}
    fed_back = {c.source for c in graph.connections if graph[c.target].role != "loss"}
    handed_over = graph[read[0]].presence.last if len(read) > 1 else 0

    def fit(layer: Layer) -> Layer:
        if layer.name in read:
            layer = replace(layer, size=inputs if layer.name == read[0] else outputs)
        if layer.name in judged:
            layer = replace(layer, size=outputs, activation=output_activation)
            if answers != ALWAYS and layer.name not in fed_back:
                layer = replace(layer, presence=answers)
        if layer.role == "loss":
            layer = replace(layer, activation=loss, presence=layer.presence if answers == ALWAYS else answers)
        if source_steps and handed_over > 0:
            layer = replace(layer, presence=_moved(layer.presence, handed_over, source_steps))
        return layer

    if judged & set(read):
        raise UnfitError(f"{graph.name} compares what it reads with targets; put a layer between input and error.")
    try:
        return Graph(graph.name, tuple(map(fit, graph.layers)), graph.connections)
    except GraphError as error:
        where = _sizes(read[0], inputs, sorted(judged), outputs)
        raise UnfitError(f"{where}, and that does not fit: {error}") from None


def _moved(presence: Presence, was: int, now: int) -> Presence:
    """A presence that ends or begins where an encoder's ends, if that is at another step."""
    first = presence.first + now - was if presence.first > was else presence.first
    last = presence.last + now - was if presence.last >= was else presence.last
    return replace(presence, first=first, last=last)


def _sizes(read: str, inputs: int, judged: Collection[str], outputs: int) -> str:
    said = " and ".join(f"'{name}'" for name in judged)
    return f"Here '{read}' has {_units(inputs)} and {said} {_units(outputs)}"


def _units(number: int) -> str:
    return f"{number} unit" + "s" * (number != 1)
