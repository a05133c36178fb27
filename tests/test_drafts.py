"""Edits of a network under construction: what they change, what they leave alone, and what they refuse."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer import build_views, draft_views
from explorer.architectures import ARCHITECTURES, build
from explorer.cycles import components
from explorer.documents import from_link, to_link
from explorer.draft_fields import LAYER_FIELDS, MOST_LAYERS, MOST_UNITS, presence, presence_words
from explorer.draft_history import MOST_KEPT, History
from explorer.drafts import EDITS, KINDS, NOTHING, STARTER, Draft, edited, kind
from explorer.engine.activations import ACTIVATIONS
from explorer.engine.losses import LOSSES
from explorer.engine.schedule import schedule
from explorer.fitting import fitted
from explorer.graph import ALWAYS, Graph, GraphError, Layer, Presence
from explorer.page_settings.shared import SENTENCE
from explorer.parameters import initialize
from explorer.settings import FIELDS, Network
from explorer.unrolling import unroll
from tests.strategies import delay_graphs, illegal_graphs

NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,15}", fullmatch=True)
STEPS = st.integers(1, 1000) | st.integers(-1000, -1)
PRESENCES = st.builds(Presence, STEPS, STEPS, st.integers(1, 1000))


def structure(draft: Draft) -> list:
    """What is left of a network when its names are forgotten: which places are the same, and all else."""
    layers = {layer.name: i for i, layer in enumerate(draft.layers)}
    parameters = list(
        dict.fromkeys([c.weight for c in draft.connections if c.weight] + [x.bias for x in draft.layers if x.bias])
    )
    number = {name: i for i, name in enumerate(parameters)} | {None: None}
    return [
        *((replace(x, name="", bias=None), number[x.bias]) for x in draft.layers),
        *((layers[c.source], layers[c.target], number[c.weight], c.diagonal, c.delay) for c in draft.connections),
    ]


# ---- edits --------------------------------------------------------------------------------------------------------


@given(delay_graphs(inner=6), NAMES, st.data())
def test_a_new_name_changes_nothing_but_names(graph, name, data):
    draft = Draft.of(graph)
    at = data.draw(st.integers(0, len(draft.layers) - 1))
    others = {layer.name for i, layer in enumerate(draft.layers) if i != at}
    edit = {"do": "set_layer", "at": at, "field": "name", "value": name}
    if name in others:
        with pytest.raises(GraphError, match="Two layers are called"):
            edited(draft, edit)
        return
    found = edited(draft, edit)
    assert found.layers[at].name == name
    assert structure(found) == structure(draft)
    found.graph()


def test_a_new_name_goes_into_the_names_of_weights_that_were_named_after_it_and_no_others():
    draft = edited(STARTER, {"do": "set_layer", "at": 1, "field": "name", "value": "memory"})
    assert [c.weight for c in draft.connections] == [
        "W_xmemory", "W_memorymemory", "W_memoryk", "W_kk", "W_skip", "W_ky", None,
    ]  # fmt: skip
    assert draft.layers[1].bias == "b_memory"


def test_a_new_name_never_makes_two_weights_one():
    draft = edited(STARTER, {"do": "set_connection", "at": 4, "field": "weight", "value": "W_xq"})
    found = edited(draft, {"do": "set_layer", "at": 1, "field": "name", "value": "q"})
    assert structure(found) == structure(draft)
    assert len({c.weight for c in found.connections}) == len(found.connections)


@given(delay_graphs(inner=6), st.data())
def test_a_removed_layer_takes_its_connections_along(graph, data):
    draft = Draft.of(graph)
    at = data.draw(st.integers(0, len(draft.layers) - 1))
    gone = draft.layers[at].name
    found = edited(draft, {"do": "remove_layer", "at": at})
    assert [layer for layer in draft.layers if layer.name != gone] == list(found.layers)
    assert [c for c in draft.connections if gone not in (c.source, c.target)] == list(found.connections)


@given(delay_graphs(inner=6), st.data())
def test_whatever_is_connected_without_a_delay_of_its_own_can_be_unrolled_if_it_could_before(graph, data):
    draft = Draft.of(graph)
    inside = [layer.name for layer in draft.layers if layer.role not in ("input", "loss")]
    source, target = data.draw(st.sampled_from(inside)), data.draw(st.sampled_from(inside))
    found = edited(draft, {"do": "connect", "source": source, "target": target})
    new = found.connections[-1]
    assert new.weight not in {c.weight for c in draft.connections}, "a weight of its own"
    direct = nx.DiGraph((c.source, c.target) for c in graph.connections if c.delay == 0)
    closes = source == target or (target in direct and source in nx.descendants(direct, target)) if direct else False
    assert new.delay == (1 if closes or source == target else 0)


def test_an_edit_of_a_field_changes_that_field_alone():
    values = {
        "size": 5, "activation": "relu", "combine": "sum", "bias": "b_shared", "role": "hidden", "presence": "2–last",
    }  # fmt: skip
    for name, value in values.items():
        found = edited(STARTER, {"do": "set_layer", "at": 1, "field": name, "value": value})
        assert found == replace(
            STARTER,
            layers=tuple(
                replace(layer, **{name: LAYER_FIELDS[name](value)}) if i == 1 else layer
                for i, layer in enumerate(STARTER.layers)
            ),
        )


def test_kinds_of_connections_lead_into_each_other():
    for first in KINDS:
        for second in KINDS:
            draft = STARTER
            for value in (first, second):
                draft = edited(draft, {"do": "set_connection", "at": 1, "field": "kind", "value": value})
                assert kind(draft.connections[1]) == value
                draft.graph()


def test_the_same_weight_name_twice_is_one_matrix():
    draft = edited(STARTER, {"do": "set_connection", "at": 4, "field": "weight", "value": "W_hk"})
    graph = draft.graph()
    assert "W_skip" not in graph.parameter_shapes
    assert graph.parameter_count == STARTER.graph().parameter_count - 64


NONSENSE = [
    {},
    {"do": "dance"},
    {"do": ["add_layer"]},
    {"do": "add_layer", "name": "h"},
    {"do": "add_layer", "name": "9"},
    {"do": "add_layer", "name": "a" * 17},
    {"do": "set_layer", "at": 1, "field": "size", "value": None},
    {"do": "set_layer", "at": 1, "field": "size", "value": 0},
    {"do": "set_layer", "at": 1, "field": "size", "value": MOST_UNITS + 1},
    {"do": "set_layer", "at": 1, "field": "size", "value": 2.0},
    {"do": "set_layer", "at": 1, "field": "size", "value": True},
    {"do": "set_layer", "at": 1, "field": "role", "value": "boss"},
    {"do": "set_layer", "at": 1, "field": "role", "value": ["state"]},
    {"do": "set_layer", "at": 1, "field": "colour", "value": "red"},
    {"do": "set_layer", "at": 99, "field": "size", "value": 2},
    {"do": "set_layer", "at": -1, "field": "size", "value": 2},
    {"do": "set_layer", "at": "1", "field": "size", "value": 2},
    {"do": "set_layer", "field": "size", "value": 2},
    {"do": "set_layer", "at": 1, "field": "presence", "value": "sometimes"},
    {"do": "set_layer", "at": 1, "field": "presence", "value": "0"},
    {"do": "set_layer", "at": 1, "field": "presence", "value": [1, 2]},
    {"do": "connect", "source": "h"},
    {"do": "connect", "source": "h", "target": "nobody"},
    {"do": "connect", "source": "h", "target": "k", "delay": 51},
    {"do": "set_connection", "at": 0, "field": "delay", "value": "1"},
    {"do": "set_connection", "at": 0, "field": "weight", "value": "W xh"},
    {"do": "set_connection", "at": 0, "field": "weight", "value": "W" * 41},
    {"do": "set_connection", "at": 0, "field": "kind", "value": {}},
    {"do": "set_connection", "at": 0, "field": "source", "value": None},
    {"do": "remove_connection", "at": 7},
    {"do": "remove_layer"},
    {"do": "rename", "value": ""},
    {"do": "rename", "value": "a\nb"},
]


@pytest.mark.parametrize("edit", NONSENSE, ids=str)
def test_nonsense_is_refused_in_a_sentence(edit):
    with pytest.raises(GraphError, match=r"[.;]"):
        edited(STARTER, edit)


SAID = (
    st.sampled_from([*EDITS, *LAYER_FIELDS, "delay", "kind", "weight", "h", "k", "x"])
    | st.integers(-2, 9)
    | st.none()
    | st.floats()
    | st.text(max_size=3)
    | st.lists(st.integers(), max_size=3)
)


@given(
    st.dictionaries(st.sampled_from(["at", "field", "value", "name", "source", "target", "delay"]), SAID),
    st.sampled_from(list(EDITS)),
)
def test_whatever_a_browser_says_is_an_edit_or_refused(entries, do):
    try:
        found = edited(STARTER, {**entries, "do": do})
    except GraphError:
        return
    assert from_link(to_link(found)) == found, "every draft that an edit leads to can be kept"


def test_there_is_an_end_to_layers():
    draft = NOTHING
    for _ in range(MOST_LAYERS - len(NOTHING.layers)):
        draft = edited(draft, {"do": "add_layer", "name": ""})
    assert len({layer.name for layer in draft.layers}) == MOST_LAYERS
    with pytest.raises(GraphError, match="at most 64 layers"):
        edited(draft, {"do": "add_layer"})


# ---- steps of a layer ---------------------------------------------------------------------------------------------


@given(PRESENCES)
def test_steps_are_read_as_they_are_written(rule):
    assert presence(presence_words(rule)) == rule


@pytest.mark.parametrize(
    ("words", "steps"),
    [
        ("always", [1, 2, 3, 4, 5, 6]),
        ("first", [1]),
        ("last", [6]),
        ("3", [3]),
        (" Last ", [6]),
        ("2–5", [2, 3, 4, 5]),
        ("2-5", [2, 3, 4, 5]),
        ("2 to last", [2, 3, 4, 5, 6]),
        ("first–-2", [1, 2, 3, 4, 5]),
        ("−2–last", [5, 6]),
        ("1–last every 2", [1, 3, 5]),
        ("every 3", [1, 4]),
        ("always every 4", [1, 5]),
    ],
)
def test_steps_in_words(words, steps):
    assert list(presence(words).steps(6)) == steps


@pytest.mark.parametrize("words", ["", " ", "never", "0", "2–", "–3", "1,2", "99999", "1–2 every 0", "every", "1 2"])
def test_other_words_are_refused(words):
    with pytest.raises(GraphError):
        presence(words)


# ---- undo ---------------------------------------------------------------------------------------------------------


def test_undo_leads_back_to_the_first_of_many_drafts_and_redo_forward_again():
    history = History((NOTHING,))
    for size in range(1, 101):
        history = history.after(edited(history.present, {"do": "set_layer", "at": 1, "field": "size", "value": size}))
    sizes = []
    while history.can_undo:
        sizes.append(history.present.layers[1].size)
        history = history.undone
    assert history.present == NOTHING
    assert len(sizes) >= 99
    while history.can_redo:
        history = history.redone
        assert history.present.layers[1].size == sizes.pop()
    assert history.redone == history


def test_a_new_draft_forgets_what_was_taken_back_and_the_memory_is_bounded():
    history = History((NOTHING,)).after(STARTER).undone.after(replace(NOTHING, name="other"))
    assert [draft.name for draft in history.drafts] == ["My network", "other"]
    assert history.after(history.present) is history
    for i in range(2 * MOST_KEPT):
        history = history.after(replace(NOTHING, name=str(i)))
    assert len(history.drafts) == MOST_KEPT
    assert history.with_link(history.undone.present).at == history.at - 1


# ---- what the page says of a draft --------------------------------------------------------------------------------


@given(delay_graphs(inner=8))
def test_what_can_be_unrolled_is_called_so(graph):
    found = draft_views.verdict(Draft.of(graph))
    assert found.graph == graph
    assert not found.sentence
    assert not found.connections


@given(illegal_graphs())
def test_a_loop_without_delay_is_marked_where_it_is(graph):
    found = draft_views.verdict(Draft.of(graph))
    assert found.graph is None
    assert "total delay" in found.sentence
    marked = [graph.connections[i] for i in found.connections]
    assert marked
    walks = nx.DiGraph((c.source, c.target) for c in marked)
    assert all(nx.descendants(walks, c.target) | {c.target} >= {c.source} for c in marked), "each lies on a loop"
    assert min(c.delay for c in marked) <= 0, "and something on them does not step back in time"


def test_what_is_offered_for_a_role_is_legal_there():
    for role, known in (("state", ACTIVATIONS), ("loss", LOSSES)):
        assert set(draft_views.offered(Layer("q", 1, role=role))) == set(known)
    for name in LOSSES:
        draft = edited(STARTER, {"do": "set_layer", "at": 4, "field": "activation", "value": name})
        schedule(draft.graph())


@pytest.mark.parametrize("at", range(len(STARTER.layers)))
@pytest.mark.parametrize("role", ["input", "state", "gate", "hidden", "output", "loss"])
def test_a_layer_in_a_new_role_does_what_that_role_can_do(at, role):
    draft = draft_views.edited(STARTER, {"do": "set_layer", "at": at, "field": "role", "value": role})
    layer = draft.layers[at]
    assert layer.activation in draft_views.offered(layer)
    alone = Draft("alone", (layer,), ())
    if role != "loss":
        alone.graph()


def test_a_stroke_on_an_earlier_picture_means_what_it_showed():
    drawn = STARTER.graph()
    draft = edited(edited(STARTER, {"do": "remove_layer", "at": 1}), {"do": "connect", "source": "y", "target": "y"})
    found = draft_views.translated({"do": "remove_layer", "at": 2}, drawn, draft)
    assert draft.layers[found["at"]].name == "k"
    found = draft_views.translated({"do": "remove_connection", "at": 5}, drawn, draft)
    assert draft.connections[found["at"]].weight == "W_ky"
    for edit in ({"do": "remove_layer", "at": 1}, {"do": "remove_connection", "at": 0}, {"do": "set_layer", "at": 77}):
        with pytest.raises(GraphError, match="tables"):
            draft_views.translated(edit, drawn, draft)
    assert draft_views.translated({"do": "add_layer"}, drawn, draft) == {"do": "add_layer"}


@pytest.mark.parametrize("name", [draft_views.FROM_NOTHING, *ARCHITECTURES])
def test_one_can_start_from_everything(name):
    draft = draft_views.start(name)
    schedule(draft.graph())
    assert from_link(to_link(draft)) == draft


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_networks_of_other_pages_are_taken_over_or_refused_in_a_sentence(name, depth):
    graph = build(name, inputs=7, hidden=8, outputs=7, depth=depth)
    if len(graph.layers) > MOST_LAYERS:
        with pytest.raises(GraphError, match="at most"):
            draft_views.taken_over(graph)
    else:
        assert draft_views.taken_over(graph).graph() == graph


def test_the_gradient_told_is_that_of_the_engine_and_central_differences_agree():
    found = build_views.differentiated(Network(arch=to_link(STARTER)))
    assert found.entries == build_views.MOST_CHECKED
    assert 0 < found.difference < 1e-7
    assert set(found.norms) == set(STARTER.graph().parameter_shapes)
    assert found.loss == pytest.approx(sum_of_errors(), abs=1e-9)


def sum_of_errors() -> float:
    """L over the sentence, from the formulas and without the engine."""
    words = SENTENCE.split()
    tokens = ["start", "end", *sorted(set(words))]
    graph = fitted(STARTER.graph(), len(tokens), len(tokens))
    w = initialize(graph, 1, recurrent="orthogonal", gain=1.0, spectral_radius=None, biases={"b_h": 0.0, "b_k": 0.0})
    h, k, loss = [np.zeros(8)] * 2, np.zeros(8), 0.0
    for read, said in zip(["start", *words], [*words, "end"], strict=True):
        now = np.tanh(w["W_xh"][tokens.index(read)] + h[-1] @ w["W_hh"] + w["b_h"])
        k = np.tanh(now @ w["W_hk"] + k @ w["W_kk"] + h[-2] @ w["W_skip"] + w["b_k"])
        h.append(now)
        a = k @ w["W_ky"] + w["b_y"]
        loss += np.log(np.exp(a).sum()) - a[tokens.index(said)]
    return float(loss)


def test_the_script_makes_the_same_network_again(capsys):
    exec(compile(build_views.script(STARTER, 5), "script", "exec"), {})  # what a learner would run
    told = capsys.readouterr().out
    assert "Two layers and a skip can be unrolled: True" in told
    assert f"nodes={5 * len(STARTER.layers)}" in told


def test_what_a_file_says_of_the_view_is_what_the_controls_read():
    values = {name: field.default for name, field in FIELDS.items()} | {"T": 9, "unit": "characters", "span": 30}
    said = build_views.view_of(values)
    assert (said["T"], said["unit"], said["span"]) == ("9", "characters", "30")
    assert not set(said) & set(build_views.OF_THE_NETWORK)
    for name, text in said.items():
        assert FIELDS[name].repaired(text)[1] is None, "nothing needs repair"


def test_the_picture_has_the_sizes_that_were_drawn():
    view = build_views.built(STARTER.graph(), "one two three", "words", None)
    assert view.graph == STARTER.graph()
    assert nx.utils.graphs_equal(view.dag, unroll(STARTER.graph(), 3))
    assert build_views.built(STARTER.graph(), "one", "words", 12).steps == 12
    assert all(layer.presence == ALWAYS for layer in STARTER.layers)
    assert len(components(STARTER.graph())) > 1
    assert isinstance(view.graph, Graph)
