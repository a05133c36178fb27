"""A learner's own network in the sizes of what it reads: on every page, and trained on every task it fits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from explorer.documents import to_link
from explorer.drafts import STARTER, Draft, edited
from explorer.fitting import UnfitError, fitted
from explorer.graph import Connection, Graph, GraphError, Layer, Presence
from explorer.settings import Network
from explorer.tasks.registry import TASKS
from explorer.training.history import History
from explorer.training_choices import Wanted, plans
from explorer.training_views import lines, moment, numbers
from explorer.vanishing_views import studied
from tests.strategies import delay_graphs

RENAMED = STARTER
for at, name in ((0, "word"), (1, "memory_cell"), (3, "answer"), (4, "mistake")):
    RENAMED = edited(RENAMED, {"do": "set_layer", "at": at, "field": "name", "value": name})


@given(delay_graphs(inner=6))
@settings(max_examples=60)
def test_only_what_reads_and_what_is_asked_changes(graph):
    judged = {c.source for layer in graph.with_role("loss") for c in graph.incoming(layer.name)}
    first, *others = (layer.name for layer in graph.with_role("input"))
    try:
        found = fitted(graph, 2, 2, "identity", "squared_error")
    except UnfitError:
        return  # something is handed on unit by unit
    assert found.connections == graph.connections
    for layer in graph.layers:
        other = found[layer.name]
        if layer.name == first or layer.name in others:
            assert other == replace(layer, size=2)
        elif layer.name in judged:
            assert other == replace(layer, size=2, activation="identity")
        elif layer.role == "loss":
            assert other == replace(layer, activation="squared_error")
        else:
            assert other == layer


def test_answers_are_asked_for_at_the_steps_of_the_task():
    last = Presence(-1)
    found = fitted(STARTER.graph(), 3, 3, answers=last)
    assert found["E"].presence == found["y"].presence == last
    assert found["h"].presence == STARTER.graph()["h"].presence
    fed_back = edited(STARTER, {"do": "connect", "source": "y", "target": "h"}).graph()
    assert fitted(fed_back, 3, 3, answers=last)["y"].presence == STARTER.graph()["y"].presence, "others read it"


def test_an_encoder_ends_where_the_sentence_does():
    early, late = Presence(last=3), Presence(first=4)
    graph = Graph(
        "translator",
        (
            Layer("a", 2, role="input", presence=early),
            Layer("b", 2, role="input", presence=late),
            Layer("h", 4, "tanh", presence=early),
            Layer("g", 4, "tanh", presence=late),
            Layer("y", 2, "softmax", presence=late),
            Layer("E", 1, "cross_entropy", role="loss", presence=late),
        ),
        (
            Connection("a", "h", "A"), Connection("h", "h", "H", delay=1), Connection("b", "g", "B"),
            Connection("g", "g", "G", delay=1), Connection("h", "g", "G", delay=1), Connection("g", "y", "Y"),
            Connection("y", "E"),
        ),
    )  # fmt: skip
    found = fitted(graph, 5, 7, source_steps=6)
    assert [found[n].presence for n in "ahbgyE"] == [Presence(last=6)] * 2 + [Presence(first=7)] * 4
    assert (found["a"].size, found["b"].size, found["y"].size) == (5, 7, 7)


def without(*names: str) -> Graph:
    return Graph(
        "part",
        tuple(layer for layer in STARTER.layers if layer.name not in names),
        tuple(c for c in STARTER.connections if c.source not in names and c.target not in names),
    )


@pytest.mark.parametrize(
    ("graph", "sentence"),
    [
        (without("x"), "role input"),
        (without("E"), "role loss"),
        (
            Graph("direct", (STARTER.layers[0], STARTER.layers[-1]), (Connection("x", "E"),)),
            "between input and error",
        ),
        (
            Graph(
                "tight",
                (Layer("x", 4, role="input"), Layer("h", 4, "softmax"), Layer("E", 1, "cross_entropy", role="loss")),
                (Connection("x", "h"), Connection("h", "E")),
            ),
            "does not fit",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_fitted_is_a_sentence_that_says_what_to_do(graph, sentence):
    with pytest.raises(UnfitError, match=sentence):
        fitted(graph, 3, 5)


@pytest.mark.parametrize("draft", [STARTER, RENAMED], ids=["usual names", "other names"])
@pytest.mark.parametrize("task", TASKS)
def test_an_own_network_is_trained_on_every_task(task, draft):
    """A few steps of training, and every picture that the Train page draws of them, beside a network of other names."""
    wanted = Wanted(task, steps=TASKS[task].steps.least, beside="lstm", batch=3, iterations=3)
    found, _ = plans(Network(arch=to_link(draft)), wanted)
    histories = []
    for plan in found:
        course = plan.course
        graph = course.graph()
        assert set(graph.states) <= {layer.name for layer in graph.layers}
        kept = course.first()
        for _ in range(2):
            kept = course.after(kept)
        assert kept.iteration == 2
        assert np.isfinite(kept.gradient).all()
        histories.append(History(plan))
    own = found[0].course.graph()
    assert own[draft.layers[1].name].size == draft.layers[1].size, "its inner sizes are its own"
    assert own[draft.layers[0].name].size == found[0].course.problem.inputs
    shown = [moment(history, 0, found[0]) for history in histories]
    assert lines(shown, 2) or numbers(shown)


def test_what_a_task_has_no_use_for_is_told():
    two = Draft(
        "two errors",
        (*STARTER.layers, Layer("z", 4, "softmax"), Layer("F", 1, "cross_entropy", role="loss")),
        (*STARTER.connections, Connection("h", "z", "W_hz"), Connection("z", "F")),
    )
    with pytest.raises(UnfitError, match="2 of the role loss"):
        plans(Network(arch=to_link(two)), Wanted("adding", steps=6))


def test_vanishing_tells_what_has_no_state_and_measures_what_reads_against_its_time():
    straight = [replace(c, delay=0) for c in STARTER.connections if c.source != c.target and c.weight != "W_skip"]
    still = Draft("still", STARTER.layers, tuple(straight))
    with pytest.raises(UnfitError, match="across a delay"):
        studied(Network(arch=to_link(still)), 5)
    early = [replace(c, delay=-1) if c.weight == "W_hk" else c for c in STARTER.connections]
    ahead = Draft("ahead", STARTER.layers, tuple(early))
    view = studied(Network(arch=to_link(ahead)), 6)
    assert view.jacobians is None
    assert view.why_not.startswith("no:")
    assert np.isfinite(view.flow.by_distance("h", 4)).any()


def test_sizes_are_whole_numbers_of_a_legal_graph():
    with pytest.raises(GraphError):
        fitted(STARTER.graph(), 0, 3)
