"""The script of the page Build a network: a network that a learner has drawn, in its own sizes and over a sentence."""

from __future__ import annotations

from explorer.documents import written
from explorer.fitting import UnfitError
from explorer.graph import Graph
from explorer.scripts.parts import IMPORT, run, text_of
from explorer.settings import Network


def built(network: Network, drawn: Graph, steps: int) -> str:
    """What the Build page shows: the network as drawn, unrolled, and its gradient over the sentence if it has one.

    Parameters
    ----------
    network : Network
        How other pages would run it: sentence, seed, weights; `arch` is the link of what is drawn.
    drawn : Graph
    steps : int
        T.

    Examples
    --------
    >>> from explorer.documents import to_link
    >>> from explorer.drafts import STARTER
    >>> lines = built(Network(arch=to_link(STARTER)), STARTER.graph(), 5).splitlines()
    >>> print("\\n".join([*lines[:5], *lines[-4:]]))
    import explorer
    <BLANKLINE>
    drawn = explorer.read_network(
        '{\\n'
        '  "format": "unroll network",\\n'
    weights = explorer.initialize(graph, seed=1, recurrent='orthogonal')
    trace = explorer.forward(graph, weights, reading.inputs, reading.targets)
    gradients = explorer.backward(trace).weights
    print(trace.loss, {name: float((array**2).sum() ** 0.5) for name, array in gradients.items()})
    """
    return text_of(
        IMPORT,
        "",
        "drawn = explorer.read_network(",
        *(f"    {line!r}" for line in written(drawn).splitlines(keepends=True)),
        ")",
        f"dag = explorer.unroll(drawn, steps={steps})",
        "counts = explorer.count(drawn, dag)",
        "cycles = explorer.cycles(drawn)",
        "order = explorer.topological_order(dag)  # there is one, as the folded graph has no loop without delay",
        "print(drawn.name, counts, len(cycles))",
        *_differentiated(network),
    )


def _differentiated(network: Network) -> list[str]:
    """The lines of the gradient, of a network that can read the sentence."""
    try:
        lines = run(network)
    except UnfitError:
        return []
    return [
        *(line.replace(repr(network.arch), "explorer.to_link(drawn)") for line in lines if line != IMPORT),
        "gradients = explorer.backward(trace).weights",
        "print(trace.loss, {name: float((array**2).sum() ** 0.5) for name, array in gradients.items()})",
    ]
