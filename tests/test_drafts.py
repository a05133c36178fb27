"""Edits of a network under construction: what they change, what they leave alone, and what they refuse."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer import build_views, draft_views, gradient_views, vanishing_views, views
from explorer.architectures import ARCHITECTURES, build
from explorer.cost import measuring
from explorer.cycles import components
from explorer.documents import from_link, to_link
from explorer.draft_fields import KINDS, LAYER_FIELDS, LIMITS, MOST_LAYERS, MOST_UNITS, kind, presence, presence_words
from explorer.draft_history import MOST_KEPT, History
from explorer.drafts import EDITS, NOTHING, STARTER, Draft, edited
from explorer.engine.activations import ACTIVATIONS
from explorer.engine.losses import LOSSES
from explorer.engine.schedule import schedule
from explorer.figures import diagram
from explorer.fitting import UnfitError, fitted
from explorer.graph import ALWAYS, Connection, Graph, GraphError, Layer, Presence
from explorer.page_settings.shared import SENTENCE
from explorer.parameters import initialize
from explorer.settings import FIELDS, Network
from explorer.training_choices import Wanted, plans
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


SHORT = st.text("hk", min_size=1, max_size=3)


@given(st.lists(SHORT, min_size=2, max_size=4, unique=True), SHORT, st.data())
def test_a_new_name_merges_no_two_weights_however_names_run_together(names, name, data):
    draft = Draft("run together", tuple(Layer(one, 2, bias=f"b_{one}") for one in names), ())
    ends = st.sampled_from(names)
    for source, target in data.draw(st.lists(st.tuples(ends, ends), max_size=8)):
        draft = edited(draft, {"do": "connect", "source": source, "target": target, "delay": 1})
    if name not in names[1:]:
        found = edited(draft, {"do": "set_layer", "at": 0, "field": "name", "value": name})
        assert structure(found) == structure(draft)


def test_two_matrices_between_two_layers_stay_two_under_a_new_name():
    draft = edited(STARTER, {"do": "connect", "source": "k", "target": "h", "delay": 1})
    found = edited(draft, {"do": "set_layer", "at": 2, "field": "name", "value": "hh"})
    assert structure(found) == structure(draft)


def test_a_new_layer_has_a_bias_of_its_own():
    draft = STARTER
    for at, (field, value) in ((1, ("bias", "b_h2")), (2, ("bias", "W_h2h2"))):
        draft = edited(draft, {"do": "set_layer", "at": at, "field": field, "value": value})
    draft = edited(draft, {"do": "add_layer"})
    assert draft.layers[-1].name == "h2"
    draft = edited(draft, {"do": "connect", "source": "h2", "target": "h2"})
    biases = [layer.bias for layer in draft.layers if layer.bias]
    parameters = [*biases, *(c.weight for c in draft.connections if c.weight)]
    assert len(set(parameters)) == len(parameters)


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


def test_the_one_loop_without_delay_is_marked_among_any_number_of_others():
    names = [f"h{i}" for i in range(14)]
    dense = [Connection(a, b, f"W_{a}_{b}", delay=1) for a in names for b in names]
    closing = [Connection("h12", "h13", "A"), Connection("h13", "h12", "B")]
    found = draft_views.verdict(Draft("dense", tuple(Layer(name, 1) for name in names), (*dense, *closing)))
    assert "'h12'" in found.sentence
    assert "'h13'" in found.sentence
    assert found.connections == (len(dense), len(dense) + 1)


def test_loops_that_run_against_each_other_are_marked_as_they_are_named():
    loops = Connection("h", "h", "A", delay=2), Connection("h", "h", "B", delay=-1), Connection("h", "y", "C", delay=1)
    found = draft_views.verdict(Draft("against", (Layer("h", 1), Layer("y", 1)), loops))
    assert "total delay 2 and 'h' → 'h' has total delay -1" in found.sentence
    assert found.connections == (0, 1)


def test_only_the_arrow_that_offends_is_marked_on_the_picture_of_an_earlier_network():
    drawn = edited(STARTER, {"do": "connect", "source": "k", "target": "k", "delay": 2})
    draft = edited(drawn, {"do": "set_connection", "at": 3, "field": "delay", "value": 0})
    told = draft_views.marked(draft_views.verdict(draft), draft, drawn.graph())
    assert told["trouble"]["connections"] == [3], "the other loop of k is not in the way"
    assert told["drafted"][3] == {"delay": 0, "kind": "matrix"}
    assert [one["delay"] for one in told["drafted"]] == [c.delay for c in draft.connections]
    assert draft_views.marked(draft_views.verdict(drawn), drawn, drawn.graph()) == {}
    new = edited(drawn, {"do": "connect", "source": "h", "target": "h", "delay": 0})
    told = draft_views.marked(draft_views.verdict(new), new, drawn.graph())
    assert told["trouble"]["connections"] == [], "what offends has no arrow there"


STROKES = [
    {"do": "set_connection", "at": 3, "field": "weight", "value": "V"},
    {"do": "set_connection", "at": 3, "field": "kind", "value": "diagonal"},
    {"do": "set_connection", "at": 5, "field": "delay", "value": 3},
    {"do": "set_layer", "at": 2, "field": "name", "value": "memory"},
    {"do": "remove_connection", "at": 0},
    {"do": "remove_layer", "at": 0},
    {"do": "add_layer"},
    {"do": "connect", "source": "h", "target": "h"},
]


@pytest.mark.parametrize("between", STROKES, ids=str)
def test_a_delay_set_to_0_can_be_mended_on_the_picture_that_is_still_shown(between):
    drawn = STARTER.graph()
    draft = edited(STARTER, {"do": "set_connection", "at": 3, "field": "delay", "value": 0})
    draft = edited(draft, between)
    assert draft_views.verdict(draft).graph is None
    mend = draft_views.translated({"do": "set_connection", "at": 3, "field": "delay", "value": 1}, drawn, draft)
    assert draft_views.verdict(edited(draft, mend)).graph is not None
    stroke = {"do": "connect", "source": "k", "target": "y"}
    joined = edited(draft, draft_views.translated(stroke, drawn, draft)).connections[-1]
    assert joined.source == draft.connections[mend["at"]].source, "under whatever name k has now"


@given(delay_graphs(inner=6), st.data())
def test_each_row_of_a_picture_is_one_of_the_draft_or_gone(graph, data):
    draft = Draft.of(graph)
    assert draft_views.paired(graph, draft) == (list(range(len(graph.layers))), list(range(len(graph.connections))))
    for _ in range(3):
        at = data.draw(st.integers(0, max(len(draft.connections) - 1, 0)))
        try:
            draft = edited(draft, {"do": data.draw(st.sampled_from(["remove_connection", "remove_layer"])), "at": at})
        except GraphError:
            continue
    layers, connections = draft_views.paired(graph, draft)
    for rows, now in ((layers, draft.layers), (connections, draft.connections)):
        there = [at for at in rows if at is not None]
        assert sorted(there) == list(range(len(now)))
    for before, at in zip(graph.connections, connections, strict=True):
        assert at is None or draft.connections[at] == before


@given(delay_graphs(inner=6), st.data())
def test_the_pair_that_is_offered_is_legal_and_not_joined(graph, data):
    draft = Draft.of(graph)
    pair = draft_views.offered_pair(draft)
    if pair is None:
        return
    source, target = pair
    assert not any((c.source, c.target) == pair for c in draft.connections)
    edited(draft, {"do": "connect", "source": source, "target": target}).graph()


def test_a_pair_is_offered_until_all_are_joined():
    draft = NOTHING
    while pair := draft_views.offered_pair(draft):
        draft = edited(draft, {"do": "connect", "source": pair[0], "target": pair[1]})
    ends = {(c.source, c.target) for c in draft.connections}
    assert ends == {(source, target) for source in "xhy" for target in "hy"} | {("y", "E")}
    wrong = edited(NOTHING, {"do": "connect", "source": "x", "target": "x"})
    assert draft_views.offered_pair(wrong) == ("x", "h")


@pytest.mark.parametrize(
    ("edits", "marked"),
    [
        ([{"do": "connect", "source": "x", "target": "x"}], {7}),
        ([{"do": "connect", "source": "E", "target": "h"}], {7}),
        ([{"do": "connect", "source": "k", "target": "E"}], {6, 7}),
        ([{"do": "set_connection", "at": 0, "field": "kind", "value": "identity"}], {0}),
        ([{"do": "set_connection", "at": 0, "field": "weight", "value": "W_hk"}], {0, 2}),
        ([{"do": "remove_connection", "at": 6}], set()),
    ],
)
def test_the_connections_that_a_complaint_is_about_are_marked(edits, marked):
    draft = STARTER
    for edit in edits:
        draft = edited(draft, edit)
    found = draft_views.verdict(draft)
    assert found.graph is None
    assert set(found.connections) == marked
    rows = draft_views.table(draft, found)["connections"]
    assert {i for i, row in enumerate(rows) if row["is_offending"]} == marked


# ---- what is lacking, and who can show it -----------------------------------------------------------------------

READ, ERR = "no layer has the role input", "no layer has the role loss"


@pytest.mark.parametrize(
    ("layers", "edges", "wanted"),
    [
        ("xhyE", ["xh", "hy", "yE"], []),
        ("hyE", ["hy", "yE"], [READ]),
        ("xhy", ["xh", "hy"], [ERR]),
        ("xh", ["xh"], ["It says nothing", ERR]),
        ("xhyE", ["hy", "yE"], ["Input 'x' is read by no layer"]),
        ("xhyE", ["xh", "yE"], ["from 'h' to an error: its gradient is 0", "from an input to 'y'"]),
        ("xhkyE", ["xh", "xk", "xy", "yE"], ["No way leads from 'h' and 'k' to an error: their gradients are 0"]),
        ("h", [], [READ, "It says nothing", ERR]),
    ],
)  # fmt: skip
def test_what_a_network_lacks_is_said(layers, edges, wanted):
    roles = {"x": "input", "y": "output", "E": "loss"}
    kinds = {"E": "squared_error"}
    rows = tuple(Layer(name, 2, kinds.get(name, "identity"), role=roles.get(name, "state")) for name in layers)
    joins = tuple(Connection(u, v, None if v == "E" else f"W_{u}{v}") for u, v in edges)
    found = build_views.lacks(Graph("net", rows, joins))
    assert len(found) == len(wanted)
    for sentence, part in zip(found, wanted, strict=True):
        assert part in sentence


@given(delay_graphs(inner=6))
def test_what_is_said_to_have_no_gradient_has_none_and_all_else_has_a_way(graph):
    ways = nx.DiGraph((c.source, c.target) for c in graph.connections)
    ways.add_nodes_from(layer.name for layer in graph.layers)
    errors = [layer.name for layer in graph.with_role("loss")]
    idle = [
        layer.name
        for layer in graph.layers
        if layer.role not in ("input", "loss") and not any(nx.has_path(ways, layer.name, error) for error in errors)
    ]
    told = [sentence for sentence in build_views.lacks(graph) if "gradient" in sentence]
    assert bool(told) == bool(idle and errors)
    assert all(f"'{name}'" in told[0] for name in idle if told)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_a_page_that_is_said_to_be_unfit_refuses_and_every_other_takes_the_network(name):
    draft = draft_views.start(name)
    for drop in (None, "input", "loss"):
        left = draft
        if drop:
            for layer in draft.graph().with_role(drop):
                at = [one.name for one in left.layers].index(layer.name)
                left = edited(left, {"do": "remove_layer", "at": at})
        network = Network(arch=to_link(left), text="a b c")
        shows = {
            "unroll": lambda network=network: views.unrolled(network),
            "forward": lambda network=network: views.ran(network),
            "backward": lambda network=network: gradient_views.went_back(network),
            "vanishing": lambda network=network: vanishing_views.studied(network, 10),
            "train": lambda network=network: plans(network, Wanted(task="adding")),
            "cost": lambda network=network: measuring.network(network.arch, 8, 1, "tanh", 10),
        }
        unfit = build_views.unfit(network)
        assert "gates" in unfit
        for page, show in shows.items():
            if page in unfit:
                with pytest.raises(UnfitError):
                    show()
            else:
                show()


def test_a_network_without_a_state_is_not_for_the_page_of_states():
    flat = Draft(
        "flat", NOTHING.layers, (*NOTHING.connections, Connection("x", "h", "W_xh"), Connection("h", "y", "V"))
    )
    network = Network(arch=to_link(flat))
    assert set(build_views.unfit(network)) == {"vanishing", "gates"}
    with pytest.raises(UnfitError, match="delay"):
        vanishing_views.studied(network, 10)


def test_a_browser_is_told_every_limit_that_python_keeps():
    told = draft_views.table(STARTER, draft_views.verdict(STARTER))["limits"]
    assert told == diagram.scene(STARTER.graph(), 3, controls=("edit",))["drawable"] == dict(LIMITS)
    assert diagram.scene(STARTER.graph(), 3)["drawable"] is None
    for field, value in (
        ("size", told["units"]),
        ("name", "a" * told["letters"]),
        ("bias", "b" * told["weight_letters"]),
    ):
        edited(STARTER, {"do": "set_layer", "at": 1, "field": field, "value": value})
        more = value + 1 if isinstance(value, int) else value + "a"
        with pytest.raises(GraphError):
            edited(STARTER, {"do": "set_layer", "at": 1, "field": field, "value": more})
    for field, value in (("delay", told["delay"]), ("delay", -told["delay"]), *(("kind", k) for k in told["kinds"])):
        edited(STARTER, {"do": "set_connection", "at": 1, "field": field, "value": value})


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


def test_a_difference_is_told_as_it_is_however_large_the_gradient(monkeypatch):
    network = Network(
        arch=to_link(edited(STARTER, {"do": "set_layer", "at": 1, "field": "activation", "value": "relu"})), gain=3.0
    )
    found = build_views.differentiated(network)
    assert found.largest > 2
    assert found.largest == max(abs(array).max() for array in found.gradients.values())
    right = build_views.backward
    wrong = lambda trace: SimpleNamespace(weights={n: a + 1.0 for n, a in right(trace).weights.items()})  # noqa: E731
    monkeypatch.setattr(build_views, "backward", wrong)
    assert build_views.differentiated(network).difference == pytest.approx(1.0, abs=1e-6)


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
