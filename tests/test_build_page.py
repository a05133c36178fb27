"""The page Build a network without a browser: what it starts from, opens, hands on and says."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from types import SimpleNamespace

import networkx as nx
import pytest
from streamlit.testing.v1 import AppTest

import explorer
from explorer import build_views, documents, draft_views, exchange, scripts
from explorer.architectures import ARCHITECTURES
from explorer.documents import from_link, to_link, written
from explorer.drafts import NOTHING, STARTER, Draft, edited
from explorer.graph import Connection, Graph, GraphError, Layer
from explorer.page_settings.shared import OWN
from explorer.settings import Network
from explorer.unrolling import unroll
from pages import build_files, build_state
from tests.test_pages import opened, sentences, tables, without_problems
from tests.test_scripts import run
from tests.test_views import copies

LOOP = edited(STARTER, {"do": "set_connection", "at": 3, "field": "delay", "value": 0})


def at_build(draft: Draft | None = None, **link: str | int) -> AppTest:
    return opened("build", **({"arch": "Your own", "own": to_link(draft)} if draft else {}), **link)


def component(app: AppTest, has: str) -> dict:
    told = [json.loads(one.proto.json or one.proto.mixed.json) for one in app.get("bidi_component")]
    return next(one for one in told if has in one)


def rows(app: AppTest) -> dict:
    return component(app, "done")


def scene(app: AppTest) -> dict:
    return component(app, "steps")


def start_from(app: AppTest, name: str) -> AppTest:
    (menu,) = [box for box in app.selectbox if box.label == "Start from"]
    return menu.select(name).run()


def press(app: AppTest, label: str) -> AppTest:
    (button,) = [button for button in app.button if button.label == label]
    return button.click().run()


def give(app: AppTest, name: str, content: bytes) -> AppTest:
    (field,) = app.get("file_uploader")
    return field.upload(name, content, "application/octet-stream").run()


def names(app: AppTest) -> list[str]:
    return [row["name"] for row in rows(app)["layers"]]


def agrees(app: AppTest, graph: Graph) -> None:
    """The tables, the picture and the counts are those of a network."""
    assert without_problems(app), app.exception
    shows(app, graph)


def shows(app: AppTest, graph: Graph) -> None:
    assert not app.exception
    assert names(app) == [layer.name for layer in graph.layers]
    assert [(row["source"], row["target"], row["delay"]) for row in rows(app)["connections"]] == [
        (c.source, c.target, c.delay) for c in graph.connections
    ]
    assert [layer["name"] for layer in scene(app)["layers"]] == names(app)
    T = scene(app)["steps"]
    dag = copies(graph, T)
    (_, cycles, layers, connections, numbers), (title, none, *_) = tables(app)[0]
    assert (int(layers), int(connections)) == (len(graph.layers), len(graph.connections))
    assert int(numbers.replace(",", "")) == graph.parameter_count
    assert int(re.match(r"\d+", cycles)[0]) == min(60, len(explorer.cycles(graph)))
    assert none == "0"
    assert int(tables(app)[0][1][2].split(" and ")[0].replace(",", "")) == sum(1 <= t <= T for _, t in dag)
    assert title == f"unrolled, T = {T}"


def said(app: AppTest) -> str:
    return " ".join(block.value for block in app.markdown)


@pytest.fixture
def session(monkeypatch):
    """What a session keeps, without a page."""
    state: dict = {"own": to_link(NOTHING)}
    monkeypatch.setattr(build_state, "st", SimpleNamespace(session_state=state))
    return state


# ---- where a network comes from -----------------------------------------------------------------------------------


def test_it_opens_with_a_network_to_change_and_every_fact_about_it():
    app = at_build()
    agrees(app, STARTER.graph())
    assert "It can be unrolled" in said(app)
    assert "It runs and can be differentiated" in said(app)
    gradients = tables(app)[1]
    assert len(gradients) == len(STARTER.graph().parameter_shapes)
    assert all(
        float(row[3].replace("·10", "e").translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))) > 0
        for row in gradients
    )


@pytest.mark.parametrize("name", [draft_views.FROM_NOTHING, *ARCHITECTURES])
def test_one_starts_from_anything_and_can_take_it_back(name):
    app = start_from(at_build(), name)
    agrees(app, draft_views.start(name).graph())
    assert app.session_state["arch"] == OWN
    assert from_link(app.session_state["own"]) == draft_views.start(name)
    agrees(press(app, "Undo"), STARTER.graph())
    agrees(press(app, "Redo"), draft_views.start(name).graph())


def test_one_starts_from_the_network_of_the_other_pages():
    app = start_from(opened("build", arch="LSTM", hidden=3, text="a b c"), "shown")
    agrees(app, explorer.build("lstm", inputs=5, hidden=3, outputs=5))


def test_a_link_is_opened_in_the_editor():
    draft = draft_views.start("gru_reset_after")
    app = at_build(draft, T=3)
    agrees(app, draft.graph())
    assert scene(app)["steps"] == 3
    assert {link.proto.label for link in app.get("page_link")} >= {"Unroll", "Forward", "Backward", "Train"}
    for link in app.get("page_link"):
        assert to_link(draft) in link.proto.query_string


def test_an_unreadable_link_is_a_sentence():
    app = opened("build", arch="Your own", own="~nothing")
    assert "cannot be read" in sentences(app)
    agrees(app, STARTER.graph())
    app = opened("build", arch="Your own", own=to_link(LOOP))
    assert "algebraic loop" in sentences(app)


# ---- files --------------------------------------------------------------------------------------------------------


def test_a_file_brings_the_network_and_the_view():
    draft = draft_views.start("lstm")
    view = {"T": "4", "text": "one two", "seed": "7", "task": "Adding problem", "own": "~x", "node": "h"}
    app = give(at_build(T=9, init="uniform"), "net.json", written(draft, view).encode())
    agrees(app, draft.graph())
    assert scene(app)["steps"] == 4
    assert (app.session_state["text"], app.session_state["seed"], app.session_state["task"]) == ("one two", 7, "adding")
    assert app.session_state["init"] == "orthogonal", "what a file does not say is as usual"
    assert from_link(app.session_state["own"]) == draft, "a view has no network of its own"
    agrees(press(app, "Undo"), STARTER.graph())


def test_a_view_out_of_range_is_repaired():
    app = give(at_build(), "net.json", written(NOTHING, {"T": "100000", "seed": "x", "names": "?"}).encode())
    agrees(app, NOTHING.graph())
    assert scene(app)["steps"] == 200


def test_a_network_that_cannot_be_unrolled_is_opened_all_the_same():
    app = give(at_build(), "net.json", written(LOOP).encode())
    assert without_problems(app), app.exception
    assert "algebraic loop" in said(app)
    assert rows(app)["connections"][3]["delay"] == 0
    assert [row["is_offending"] for row in rows(app)["connections"]] == [i == 3 for i in range(7)]
    assert scene(app)["trouble"]["connections"] == [3]
    assert [c["delay"] for c in scene(app)["connections"]] == [c.delay for c in STARTER.connections], (
        "the last legal one"
    )


@pytest.mark.parametrize("write", [exchange.write_json, exchange.write_graphml], ids=["json", "graphml"])
@pytest.mark.parametrize("name", ["elman", "gru_reset_before"])
def test_an_unrolled_network_is_folded(name, write):
    graph = explorer.build(name, inputs=4, hidden=3, outputs=4)
    app = give(at_build(), "dag.graphml", write(unroll(graph, 5)).encode())
    assert without_problems(app), app.exception
    found = from_link(app.session_state["own"]).graph()
    assert set(found.connections) == set(graph.connections)
    assert set(found.layers) == set(graph.layers)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b"<graphml>", b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
     b"[" * 99_999,
     b'{"format": "unroll dag", "version": 1}', b" " * 400_001, written(STARTER).replace("tanh", "<b>").encode()],
    ids=["empty", "cut", "binary", "xml", "entities", "deep", "no nodes", "long", "markup"],
)  # fmt: skip
def test_a_bad_file_is_a_sentence_and_nothing_is_lost(content):
    app = start_from(at_build(), "lstm")
    app = give(app, "bad.json", content)
    shows(app, draft_views.start("lstm").graph())
    (told,) = app.error
    assert 20 < len(told.value) < 400
    assert not app.info, "beside the field, and nowhere else"
    assert "Not taken over" not in said(app)
    press(app, "Undo")
    assert not app.error, "it is said once"


@pytest.mark.parametrize("write", [exchange.write_json, exchange.write_graphml], ids=["json", "graphml"])
def test_an_export_of_another_page_comes_back_however_long_it_is(write):
    graph = explorer.build("lstm", inputs=8, hidden=8, outputs=8)
    content = write(unroll(graph, 200)).encode()
    assert len(content) > documents.MOST_READ
    assert build_files._read("dag", content).graph() == graph


@pytest.mark.parametrize("begin", [b'{"format": "unroll dag",', b"<graphml>", b"{"], ids=["json", "graphml", "own"])
def test_every_kind_of_file_has_its_limit(begin):
    most = documents.MOST_READ if begin == b"{" else build_files._MOST_MEGABYTES * 10**6
    with pytest.raises(GraphError, match=f"at most {most:,}"):
        build_files._read("long", begin + b" " * most)


def test_the_server_takes_what_the_page_offers_to_open():
    server = tomllib.loads((Path(__file__).parent.parent / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert server["server"]["maxUploadSize"] == build_files._MOST_MEGABYTES


# ---- what it says -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("draft", "sentence"),
    [
        (Draft("no error", STARTER.layers[:-1], STARTER.connections[:-1]), "has no error"),
        (Draft("no input", STARTER.layers[1:], STARTER.connections[1:]), "reads nothing"),
        (Draft("one", (Layer("h", 1, "relu"),), (Connection("h", "h", "W", delay=-1),)), "reads nothing"),
    ],
)
def test_what_cannot_read_the_sentence_is_drawn_all_the_same(draft, sentence):
    app = at_build(draft)
    agrees(app, draft.graph())
    assert sentence in sentences(app)


def test_values_without_bound_are_a_sentence():
    layers = (*STARTER.layers[:1], Layer("h", 8, "identity", role="state"), *STARTER.layers[2:])
    squares = (Connection("h", "h", "W_hh", delay=1), Connection("h", "h", "V_hh", delay=1))
    draft = Draft("boom", layers, (STARTER.connections[0], *squares, *STARTER.connections[2:]))
    app = at_build(draft, gain=10, text="la " * 190, radius=4)
    assert without_problems(app), app.exception


def test_a_network_is_renamed():
    app = at_build()
    (field,) = [field for field in app.text_input if field.label == "Name of the network"]
    field.set_value("Mine").run()
    assert from_link(app.session_state["own"]).name == "Mine"
    (field,) = [field for field in app.text_input if field.label == "Name of the network"]
    assert field.value == "Mine"
    app = press(app, "Undo")
    assert from_link(app.session_state["own"]) == STARTER


@pytest.mark.parametrize(
    ("draft", "left_out"),
    [
        (STARTER, {"Gates"}),
        (NOTHING, {"Gates", "Vanishing & exploding"}),
        (Draft("no error", STARTER.layers[:-1], STARTER.connections[:-1]), set(build_files._WHERE)),
    ],
)
def test_only_pages_that_can_show_the_network_are_linked_to(draft, left_out):
    app = at_build(draft)
    assert {link.proto.label for link in app.get("page_link")} == set(build_files._WHERE) - left_out
    told = " ".join(block.value for block in app.caption)
    assert all(title in told for title in left_out)


def test_what_the_network_lacks_stands_beside_the_verdict():
    app = start_from(at_build(), draft_views.FROM_NOTHING)
    (line,) = [block.value for block in app.markdown if "It can be unrolled" in block.value]
    assert "read by no layer" in line
    assert "its gradient is 0" in line


def test_a_refusal_stands_at_the_verdict_until_the_next_edit():
    app = at_build()
    (field,) = [field for field in app.text_input if field.label == "Name of the network"]
    field.set_value(" ").run()
    (line,) = [block.value for block in app.markdown if "It can be unrolled" in block.value]
    assert line.startswith(":red[**Not taken over:** A network's name")
    assert "Not taken over" in scene(app)["trouble"]["text"], "and on the picture"
    (field,) = [field for field in app.text_input if field.label == "Name of the network"]
    field.set_value("other").run()
    assert "Not taken over" not in said(app)
    assert not scene(app).get("trouble")


# ---- keeping in step with the browser -----------------------------------------------------------------------------


def sends(session: dict, *edits: dict) -> None:
    session["tables"] = {"edits": list(edits)}
    build_state.take_edits("tables")


def resize(number: int, size: int) -> dict:
    return {"id": number, "do": "set_layer", "at": 1, "field": "size", "value": size}


def test_an_edit_that_is_sent_twice_is_done_once(session):
    sends(session, {"id": 1, "do": "add_layer", "name": "k"})
    sends(session, {"id": 1, "do": "add_layer", "name": "k"}, {"id": 2, "do": "add_layer", "name": "l"})
    assert [layer.name for layer in build_state.history().present.layers][4:] == ["k", "l"]
    assert build_state.done() == 2
    assert not build_state.refused()


def test_an_edit_that_is_refused_is_told_and_the_next_is_done(session):
    sends(session, resize(1, 0), resize(2, 5))
    assert [one["id"] for one in build_state.refused()] == [1]
    assert build_state.history().present.layers[1].size == 5
    assert from_link(session["own"]).layers[1].size == 5


@pytest.mark.parametrize(
    "edit",
    [
        {"do": "set_layer", "at": 1, "field": "name", "value": "y"},
        {"do": "set_layer", "at": 1, "field": "presence", "value": "tuesday"},
    ],
    ids=["taken", "tuesday"],
)
def test_a_refusal_in_the_tables_is_said_until_the_next_edit_and_told_to_who_has_not_heard(session, edit):
    sends(session, {"id": 1, **edit})
    assert build_state.said() == build_state.refused()[0]["text"]
    build_state.take_edits("tables")
    assert build_state.said(), "the same message once more is no edit"
    sends(session, resize(2, 5))
    assert not build_state.said()
    assert [one["id"] for one in build_state.refused()] == [1], "the tables may not have heard"
    sends(session, {"id": 3, **edit})
    build_state.turn("undo")
    assert not build_state.said()


def test_undo_and_redo_are_edits_in_their_turn(session):
    sends(
        session, resize(1, 5), resize(2, 6), {"id": 3, "do": "undo"}, {"id": 4, "do": "undo"}, {"id": 5, "do": "redo"}
    )
    assert build_state.history().present.layers[1].size == 5
    build_state.take_stroke({"do": "undo"})
    assert build_state.history().present == NOTHING
    for _ in range(3):
        build_state.take_stroke({"do": "redo"})
    assert from_link(session["own"]).layers[1].size == 6


def test_a_browser_that_has_not_heard_yet_is_corrected_and_one_that_has_is_followed(session):
    before = session["own"]
    sends(session, resize(1, 5))
    after = session["own"]
    build_state.keep_in_step()
    for stale in (before, before):
        session["own"] = stale
        build_state.keep_in_step()
        assert session["own"] == after
        assert build_state.history().present.layers[1].size == 5
    build_state.keep_in_step()  # now it says what was handed on
    session["own"] = before
    build_state.keep_in_step()
    assert session["own"] == before, "a way back"
    assert build_state.history().present == NOTHING
    assert build_state.history().can_redo, "which is an undo"


def test_a_draft_that_cannot_be_unrolled_outlives_the_other_pages(session):
    sends(session, {"id": 1, "do": "connect", "source": "h", "target": "h"})
    legal = session["own"]
    build_state.keep_in_step()
    sends(session, {"id": 2, "do": "set_connection", "at": 1, "field": "delay", "value": 0})
    for _ in range(3):
        build_state.keep_in_step()
    assert session["own"] == legal
    assert build_state.history().present.connections[1].delay == 0
    assert build_state.drawn() == from_link(legal).graph()


def test_a_link_within_the_app_brings_its_network(session):
    sends(session, resize(1, 5))
    build_state.keep_in_step()
    build_state.keep_in_step()
    session["own"] = to_link(STARTER)
    build_state.keep_in_step()
    assert build_state.history().present == STARTER
    assert build_state.history().undone.present.layers[1].size == 5


def test_a_stroke_on_the_picture_is_an_edit(session):
    build_state.history()
    build_state.take_stroke({"do": "connect", "source": "h", "target": "h"})
    assert (
        nx.number_of_selfloops(nx.MultiDiGraph((c.source, c.target) for c in from_link(session["own"]).connections))
        == 1
    )
    build_state.take_stroke({"do": "connect", "source": "h", "target": "nobody"})
    assert "nobody" in build_state.said()


# ---- copied as Python ---------------------------------------------------------------------------------------------

TITLES = [
    "Two layers",
    'my "net"',
    "it's",
    "a\\b",
    "a\\",
    "'''+str(print('INJECTED'))+'''",
    '"""',
    "{draft} %s",
    "Netz – größer 名 👍",
]


@pytest.mark.parametrize("title", TITLES)
def test_the_script_makes_the_network_again_whatever_it_is_called(title, capsys):
    draft = edited(STARTER, {"do": "rename", "value": title})
    graph = draft.graph()
    network = Network(arch=to_link(draft), text="a b a", gain=1.5)
    found = run(scripts.built(network, graph, 5))
    assert found["drawn"] == graph
    assert found["dag"].graph["steps"] == 5
    assert found["counts"] == explorer.count(graph, unroll(graph, 5))
    assert capsys.readouterr().out == "", "nothing in a name is run"
    told = build_views.differentiated(network)
    assert found["trace"].loss == told.loss
    for name, array in told.gradients.items():
        assert (found["gradients"][name] == array).all()


def test_the_script_of_a_network_that_reads_nothing_is_its_unrolling():
    draft = Draft("one", (Layer("h", 1, "relu"),), (Connection("h", "h", "W", delay=-1),))
    found = run(scripts.built(Network(arch=to_link(draft)), draft.graph(), 3))
    assert found["drawn"] == draft.graph()
    assert "trace" not in found
