"""Networks that no one foresaw: any legal delay graph, drawn edit by edit, runs and is differentiated as on a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from explorer import gradient_views, views
from explorer.cycles import components
from explorer.documents import from_link, read, to_link, written
from explorer.drafts import Draft, edited
from explorer.engine.forward import forward
from explorer.engine.trace import NotFiniteError
from explorer.fitting import UnfitError
from explorer.graph import Connection, Graph, GraphError, Layer
from explorer.page_settings.shared import OWN
from explorer.settings import FIELDS, Network, Settings, repaired
from explorer.training_choices import Wanted, plans
from explorer.unrolling import fold, unroll
from tests.strategies import SMOOTH_ACTIVATIONS, delay_graphs, illegal_graphs, presences

EMPTY = Draft("random", (), ())
DEFAULTS = {name: field.default for name, field in FIELDS.items()}
LARGEST = 50.0


@st.composite
def drawn_networks(draw: Any, inner: int = 12) -> Graph:
    """Random delay graphs that read words and say words: their own inside, an output and an error on top.

    Delays of both signs, products, shared weights and presence are all in it. What reads the input does so through
    matrices of its own, so that any number of words fits.
    """
    found = draw(delay_graphs(inner=inner, activations=SMOOTH_ACTIVATIONS))
    inside = [layer for layer in found.layers if layer.role not in ("input", "loss")]
    inputs = {layer.name for layer in found.with_role("input")}
    kept = [c for c in found.connections if found[c.target].role != "loss"]
    from_words = [replace(c, weight=f"X{c.weight}") for c in kept if c.source in inputs and not c.keeps_units]
    assume(from_words)
    readers = draw(st.lists(st.sampled_from([layer.name for layer in inside]), min_size=1, max_size=2, unique=True))
    when = draw(presences)
    head = (
        Layer("y", 3, "softmax", bias="b_y", role="output"),
        Layer("E", 1, "cross_entropy", role="loss", presence=when),
    )
    top = [Connection(name, "y", f"W_{name}y") for name in readers] + [Connection("y", "E")]
    layers = (*found.with_role("input"), *inside, *head)
    return Graph("random", layers, (*from_words, *(c for c in kept if c.source not in inputs), *top))


def strokes(graph: Graph) -> Iterator[dict[str, Any]]:
    """The edits by which a hand would draw a network, one table cell after the other."""
    for at, layer in enumerate(graph.layers):
        yield {"do": "add_layer", "name": layer.name}
        yield {"do": "set_layer", "at": at, "field": "bias", "value": layer.bias}
        for field in ("size", "activation", "combine", "role"):
            yield {"do": "set_layer", "at": at, "field": field, "value": getattr(layer, field)}
        when = layer.presence
        yield {"do": "set_layer", "at": at, "field": "presence", "value": [when.first, when.last, when.every]}
    for at, c in enumerate(graph.connections):
        yield {"do": "connect", "source": c.source, "target": c.target, "delay": c.delay}
        kind = "identity" if c.weight is None else "diagonal" if c.diagonal else "matrix"
        yield {"do": "set_connection", "at": at, "field": "kind", "value": kind}
        if c.weight is not None:
            yield {"do": "set_connection", "at": at, "field": "weight", "value": c.weight}


def by_hand(graph: Graph) -> Draft:
    draft = EMPTY
    for stroke in strokes(graph):
        draft = edited(draft, stroke)
    return draft


def on_a_page(draft: Draft, **values: Any) -> Network:
    """What every page is handed when the network stands in its link."""
    link = {"arch": "Your own", "own": to_link(draft)}
    assert repaired(link) == ({}, []), "a network that can be unrolled is legal in a link"
    return Settings.of({**DEFAULTS, **values, "arch": OWN, "own": link["own"]}).network


def ran(network: Network) -> views.Ran:
    """The forward pass of a page; cases whose values explode, as relu-less products can, are left out."""
    try:
        view = views.ran(network)
    except NotFiniteError:
        assume(False)
    assume(max((float(np.abs(v.read()).max()) for v in view.trace.values.values()), default=0.0) < LARGEST)
    return view


@given(drawn_networks(), st.integers(0, 99), st.sampled_from(["a b", "one two one three", "how are you today"]))
@settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
def test_what_is_drawn_runs_and_its_gradient_is_that_of_central_differences(graph, seed, text):
    draft = by_hand(graph)
    assert draft == Draft.of(graph), "edit by edit the same network"
    network = on_a_page(draft, text=text, seed=seed, gain=0.7)
    view = ran(network)
    back = gradient_views.went_back(network)
    weights = {name: np.array(w) for name, w in view.trace.parameters.items()}

    def loss(name: str, at: tuple[int, ...], change: float) -> float:
        moved = weights[name].copy()
        moved[at] += change
        reading = view.reading
        return forward(view.graph, {**weights, name: moved}, reading.inputs, reading.targets).loss

    rng, step = np.random.default_rng(seed), 1e-5
    for name, array in weights.items():
        at = tuple(int(rng.integers(n)) for n in array.shape)
        expected = (loss(name, at, step) - loss(name, at, -step)) / (2 * step)
        assert back.gradients.weights[name][at] == pytest.approx(expected, rel=1e-5, abs=1e-6), name


@given(drawn_networks())
@settings(max_examples=40, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
def test_what_is_drawn_unrolls_and_folds_back_and_survives_link_and_file(graph):
    draft = Draft.of(graph)
    assert from_link(to_link(draft)) == draft
    assert read(written(draft, {"T": "5"})) == (draft, {"T": "5"})
    steps = 1 + 2 * max((abs(c.delay) for c in graph.connections), default=0) + 8
    folded = fold(unroll(graph, steps))
    assert set(folded.connections) <= set(graph.connections)
    everywhere = all(len(layer.presence.absent(steps)) == 0 for layer in graph.layers)
    if everywhere:
        assert set(folded.connections) == set(graph.connections)


@given(illegal_graphs())
@settings(max_examples=60)
def test_a_loop_without_delay_is_always_refused_with_its_name(graph):
    draft = by_hand(graph)
    with pytest.raises(GraphError, match="total delay") as refused:
        draft.graph()
    named = [name for name in (layer.name for layer in graph.layers) if f"'{name}'" in str(refused.value)]
    assert named, "the walk is named"
    with pytest.raises(GraphError):
        components(graph)
    values, (sentence,) = repaired({"own": to_link(draft)})
    assert values == {"own": ""}
    assert "total delay" in sentence
    assert draft == replace(Draft.of(graph), name=EMPTY.name), "and nothing of the work is lost"


@given(drawn_networks(inner=4))
@settings(max_examples=15, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
def test_what_is_drawn_can_be_trained_if_it_reads_one_sequence(graph):
    network = on_a_page(Draft.of(graph))
    if len(graph.with_role("input")) > 1:
        with pytest.raises(UnfitError):
            plans(network, Wanted("adding", steps=6))
        return
    (plan,), _ = plans(network, Wanted("adding", steps=6))
    course = plan.course
    first = course.first()
    second = course.after(first)
    assert second.iteration == 1
    assert np.isfinite(second.gradient).all()
    assert course.graph()["y"].size == 1
