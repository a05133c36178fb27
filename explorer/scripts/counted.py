"""Scripts of the pages Why recurrent, Order matters, Cost of unrolling and Questions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from explorer.architectures import build
from explorer.cost.measuring import UNITS, Request, objection
from explorer.cost_views import POINTS, drawn
from explorer.graph import Graph, GraphError
from explorer.page_settings.cost import MOST_STEPS
from explorer.page_settings.why import MOST_ROOM
from explorer.positions.learning import Experiment
from explorer.scripts.parts import IMPORT, listed, made, text_of
from explorer.settings import Network


def cost(request: Request, way: str) -> str:
    """What the Cost page shows: what every way of training takes, the way that is pictured, and a run of it.

    Examples
    --------
    >>> print(cost(Request("elman", 1, "tanh", 32, 20, 8, 20, 6, ()), "sqrt"))  # doctest: +ELLIPSIS
    import numpy as np
    import explorer
    <BLANKLINE>
    graph = explorer.build('elman', inputs=16, hidden=32, outputs=16)
    work = explorer.Work(graph, steps=20, batch=8, window=20, slots=6)
    costs = explorer.training_costs(work)
    ...
    """
    work, pictured = request.work(), drawn(request)
    lines = [
        "import numpy as np",
        IMPORT,
        "",
        _built("graph", request),
        _work("work", "graph", request),
        "costs = explorer.training_costs(work)",
        "for name, found in costs.items():",
        "    print(explorer.WAYS_OF_TRAINING[name].title, explorer.in_bytes(found.bytes), found.times_full)",
        "path = explorer.critical_path(graph, work.steps)",
        "print(path)",
        "",
        f"lengths = np.unique(np.geomspace(1, {MOST_STEPS}, {POINTS}).round().astype(int)).tolist()",
        "works = [explorer.Work(graph, T, work.batch, work.window, work.slots) for T in lengths]",
        "curves = [explorer.training_costs(longer) for longer in works]",
        "",
    ]
    if pictured.steps == work.steps:
        lines.append(f"frames = explorer.training_film({way!r}, work)")
    else:
        lines += [
            _built("drawn", pictured),
            _work("short", "drawn", pictured),
            f"frames = explorer.training_film({way!r}, short)",
        ]
    if objection(way, work) is None:
        lines += [f"measured = explorer.measured_training({way!r}, work)", "print(measured)"]
    return text_of(*lines)


def rows(request: Request) -> str:
    """What the Cost page shows of rows of unequal length."""
    own = request.of_rows()
    return text_of(
        IMPORT,
        "",
        listed("lengths", request.rows),
        _built("graph", request, own.steps),
        "forward, backward = explorer.multiply_adds(graph, max(lengths))",
        "each = (forward + backward) // max(lengths)  # of one row at one step",
        "for padding in (explorer.rows_together(lengths), explorer.rows_in_buckets(lengths)):",
        "    print(padding.share, sum(padding.computed) * each, padding.padded * each)",
    )


def room(network: Network, sentences: Sequence[Sequence[str]], vocabulary: int, hidden: int, places: int) -> str:
    """What Why recurrent shows of a room for so many words; the learner's own sentence comes first."""
    arch = f"{network.arch!r}, vocabulary={vocabulary}, hidden={hidden}, room={places}, words=len(sentences[0])"
    return text_of(
        IMPORT,
        "",
        listed("sentences", [tuple(sentence) for sentence in sentences]),
        f"fitted = [explorer.Fitted(words, {places}) for words in sentences]",
        "print(sum(sentence.padded for sentence in fitted), sum(sentence.cut for sentence in fitted))",
        "found = explorer.weighed(",
        f"    {arch}, most={MOST_ROOM},",
        f"    depth={network.depth}, activation={network.act!r},",
        ")",
        "for graph, bill in zip(found.graphs, found.full):",
        "    print(graph.name, bill)",
        "print(found.own)",
    )


def positions(experiment: Experiment) -> str:
    """What Why recurrent shows of a phrase at positions."""
    return text_of(
        IMPORT,
        "",
        f"experiment = {made('explorer.PhraseExperiment', experiment, Experiment())}",
        "*_, learnt = explorer.learn_phrase(experiment)",
        "for outcome in learnt.outcomes:",
        "    print(outcome.title, outcome.parameters, outcome.mean)",
    )


def orders(reader: str, first: str, second: str) -> str:
    """What Order matters shows."""
    return text_of(
        IMPORT,
        "",
        f"found = explorer.in_two_orders({reader!r}, {first!r}, {second!r})",
        "for ways in (found.recurrent, found.bag):",
        "    print(ways.title, ways.distances.round(3))",
        "    for walk in ways.walks:",
        "        print(' '.join(walk.shown), walk.ranked[0])",
    )


def questions(part: str) -> str:
    """What Questions says."""
    return text_of(
        IMPORT,
        "",
        f"for entry, text in explorer.answers({part!r}):",
        "    print(entry.title)",
        "    print(text)",
    )


def _built(name: str, request: Request, steps: int | None = None) -> str:
    """The line that builds a network as it is counted; an option that changes nothing is left out."""
    count = max(1, (request.steps if steps is None else steps) // 2)
    options: dict[str, Any] = {"depth": request.depth, "activation": request.act, "source_steps": count}
    whole = _graph(request, options)
    needed = {
        option: value
        for option, value in options.items()
        if _graph(request, {other: own for other, own in options.items() if other != option}) != whole
    }
    more = "".join(f", {option}={value!r}" for option, value in needed.items())
    return f"{name} = explorer.build({request.arch!r}, inputs={UNITS}, hidden={request.hidden}, outputs={UNITS}{more})"


def _graph(request: Request, options: dict[str, Any]) -> Graph | None:
    """The network with some of its options, if it can be built so."""
    try:
        return build(request.arch, UNITS, request.hidden, UNITS, **options)
    except GraphError:
        return None


def _work(name: str, graph: str, request: Request) -> str:
    return (
        f"{name} = explorer.Work({graph}, steps={request.steps}, batch={request.batch}, window={request.window}, "
        f"slots={request.slots})"
    )
