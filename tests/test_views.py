"""From settings to everything a page shows: counts against networkx, numbers against a textbook."""

from __future__ import annotations

import dataclasses

import networkx as nx
import numpy as np
import pytest

import explorer
from explorer.architectures import ARCHITECTURES
from explorer.page_settings.shared import MOST_STEPS
from explorer.settings import Network
from explorer.tasks.text import END, START
from explorer.views import MOST_CYCLES, ran, unrolled

SENTENCE = "how are you"
GRID = [(name, depth) for name in ARCHITECTURES for depth in (1, 2)]


def copies(graph, steps):
    """The unrolled graph from its definition: (u, t - d) → (v, t), for every copy of v and every copy of u or h₀."""
    present = {layer.name: set(layer.presence.steps(steps)) for layer in graph.layers}
    dag = nx.MultiDiGraph()
    dag.add_nodes_from((name, t) for name, steps_of in present.items() for t in steps_of)
    for index, c in enumerate(graph.connections):
        for t in present[c.target]:
            origin = t - c.delay
            if origin in present[c.source] or not 1 <= origin <= steps:
                dag.add_edge((c.source, origin), (c.target, t), key=index, weight=c.weight)
    return dag


def folded(graph):
    flat = nx.DiGraph()
    flat.add_nodes_from(layer.name for layer in graph.layers)
    flat.add_edges_from((c.source, c.target) for c in graph.connections)
    return flat


@pytest.mark.parametrize("T", [1, 4, 9])
@pytest.mark.parametrize(("name", "depth"), GRID)
def test_counts_are_those_of_the_definition(name, depth, T):
    view = unrolled(Network(text=SENTENCE, arch=name, depth=depth, hidden=5), T)
    dag = copies(view.graph, T)
    real = [node for node in dag if 1 <= node[1] <= T]
    assert view.steps == T
    assert view.counts.nodes == len(real)
    assert view.counts.initial_nodes == len(dag) - len(real)
    assert view.counts.edges == dag.number_of_edges()
    assert view.counts.parameters == sum(int(np.prod(shape)) for shape in view.graph.parameter_shapes.values())
    for weight in {c.weight for c in view.graph.connections} - {None}:
        used = sum(1 for *_, carried in dag.edges(data="weight") if carried == weight)
        assert view.counts.uses[weight] == used, weight
    for layer in view.graph.layers:
        if layer.bias is not None:
            assert view.counts.uses[layer.bias] == sum(1 for node in real if node[0] == layer.name)


@pytest.mark.parametrize(("name", "depth"), GRID)
def test_cycles_go_round_and_are_gone(name, depth):
    view = unrolled(Network(text=SENTENCE, arch=name, depth=depth, hidden=2))
    assert nx.is_directed_acyclic_graph(view.dag)
    assert not nx.is_directed_acyclic_graph(folded(view.graph))
    assert 1 <= len(view.cycles) <= MOST_CYCLES
    assert len(set(view.cycles)) == len(view.cycles)
    for cycle in view.cycles:
        for one, other in zip(cycle, (*cycle[1:], cycle[0]), strict=True):
            assert one.target == other.source
        assert sum(c.delay for c in cycle) != 0
    if len(view.cycles) < MOST_CYCLES:
        around = {frozenset(c.source for c in cycle) for cycle in view.cycles}
        assert around == {frozenset(cycle) for cycle in nx.simple_cycles(folded(view.graph))}


@pytest.mark.parametrize(("name", "depth"), GRID)
def test_the_order_visits_every_node_after_all_it_reads(name, depth):
    view = unrolled(Network(text=SENTENCE, arch=name, depth=depth, hidden=2), 5)
    dag = copies(view.graph, 5)
    place = {node: i for i, node in enumerate(view.order)}
    assert set(place) == set(dag)
    assert len(view.order) == len(dag)
    assert all(place[source] < place[target] for source, target in dag.edges())
    for node in dag:
        before = [view.generations[source] for source in dag.predecessors(node)]
        assert view.generations[node] == 1 + max(before, default=-1)


SENTENCES = [
    # text, unit, words under the slices
    (SENTENCE, "words", ("how", "are", "you")),
    ("HOW, are", "words", ("how", ",", "are")),
    ("añ☺", "characters", ("a", "ñ", "☺")),
]


@pytest.mark.parametrize(("text", "unit", "words"), SENTENCES)
def test_one_slice_for_each_word(text, unit, words):
    view = unrolled(Network(text=text, unit=unit))
    assert (view.steps, view.words, view.notes) == (len(words), words, ())


def test_an_encoder_decoder_reads_and_then_writes_its_words():
    view = unrolled(Network(text=SENTENCE, arch="encoder_decoder"))
    assert view.words[:3] == view.words[-3:] == ("how", "are", "you")
    assert view.steps == len(view.words)


@pytest.mark.parametrize("T", [1, 2, 50, MOST_STEPS])
def test_a_length_of_ones_own(T):
    view = unrolled(Network(text=SENTENCE), T)
    assert view.steps == T
    assert view.counts.nodes == 4 * T
    assert view.counts.parameters == unrolled(Network(text=SENTENCE)).counts.parameters


@pytest.mark.parametrize("view", [unrolled, ran])
@pytest.mark.parametrize(("text", "said"), [("", "empty"), ("a b " * 3000, "6,000 words"), ("😀", None)])
def test_odd_sentences_are_read_and_said(view, text, said):
    seen = view(Network(text=text))
    notes = seen.notes if view is unrolled else seen.reading.notes
    assert bool(notes) == bool(said)
    assert said is None or said in notes[0]


def test_the_forward_page_runs_the_sentence_between_its_marks():
    view = ran(Network(text=SENTENCE))
    assert view.reading.shown == (START, *SENTENCE.split())
    assert view.reading.aims == (*SENTENCE.split(), END)
    assert view.trace.steps == 4


def test_the_numbers_are_a_textbooks():
    settings = Network(text=SENTENCE, hidden=5, seed=7, init="gaussian", act="sigmoid")
    view = ran(settings)
    graph = explorer.build("elman", inputs=5, hidden=5, outputs=5, activation="sigmoid")
    weights = explorer.initialize(graph, 7, recurrent="gaussian")
    how, are, you = map(view.reading.answers.index, SENTENCE.split())
    h = np.zeros(5)
    for t, (token, target) in enumerate(((0, how), (how, are), (are, you), (you, 1)), start=1):
        h = 1 / (1 + np.exp(-(np.eye(5)[token] @ weights["W_xh"] + h @ weights["W_hh"] + weights["b_h"])))
        a = h @ weights["W_hy"] + weights["b_y"]
        y = np.exp(a) / np.exp(a).sum()
        np.testing.assert_allclose(view.trace["h"][t, 0], h, rtol=1e-12)
        np.testing.assert_allclose(view.trace["y"][t, 0], y, rtol=1e-12)
        np.testing.assert_allclose(view.trace["E"][t, 0], -np.log(y[target]), rtol=1e-12)


@pytest.mark.parametrize(("name", "depth"), GRID)
def test_every_network_reads_a_sentence(name, depth):
    view = ran(Network(text=SENTENCE, arch=name, depth=depth, hidden=3))
    steps = view.reading.steps
    outputs = view.graph.with_role("output")
    assert outputs
    for layer in outputs:
        for t in layer.presence.steps(steps):
            assert view.trace[layer.name][t, 0].sum() == pytest.approx(1)
    assert np.isfinite(view.trace.loss)
    assert view.trace.loss > 0


@pytest.mark.parametrize(
    "change",
    [{"seed": 2}, {"hidden": 7}, {"act": "relu"}, {"init": "gaussian"}, {"text": "you are how"}, {"arch": "lstm"}],
    ids=str,
)
def test_every_setting_changes_the_numbers_and_nothing_else_does(change):
    settings = Network(text=SENTENCE)
    again, changed = ran(dataclasses.replace(settings)), ran(dataclasses.replace(settings, **change))
    assert ran(settings).trace.loss == again.trace.loss
    assert ran(settings).trace.loss != changed.trace.loss


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_weights_that_are_no_numbers_are_refused_in_a_sentence(bad):
    view = ran(Network(text=SENTENCE))
    weights = {name: array.copy() for name, array in view.trace.parameters.items()}
    weights["W_hh"][2, 1] = bad
    with pytest.raises(ValueError, match=r"^Parameter 'W_hh' is not finite at 1 of 64 places, first at \(2, 1\)"):
        explorer.forward(view.graph, weights, view.reading.inputs)
