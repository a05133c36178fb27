"""Networks as files and names in links: nothing is lost, and whatever a stranger has written is read or refused."""

from __future__ import annotations

import base64
import json
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.documents import FORMAT, MARK, MOST_READ, VERSION, from_link, read, read_network, to_link, written
from explorer.draft_fields import MOST_CONNECTIONS, MOST_LAYERS
from explorer.drafts import NOTHING, STARTER, Draft, edited
from explorer.graph import GraphError
from explorer.page_settings.shared import MOST_DRAWN
from explorer.settings import FIELDS
from tests.strategies import delay_graphs, illegal_graphs

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(delay_graphs(inner=8) | illegal_graphs(), st.dictionaries(st.text(max_size=9), st.text(max_size=30), max_size=4))
@settings(max_examples=60)
def test_nothing_is_lost_in_a_file_or_a_link_whether_it_can_be_unrolled_or_not(graph, view):
    draft = Draft.of(graph)
    assert read(written(draft, view)) == (draft, view)
    assert from_link(to_link(draft)) == draft
    assert written(draft) == written(graph)


def test_a_file_is_plain_json_with_a_line_for_each_layer_and_connection():
    text = written(STARTER)
    found = json.loads(text)
    assert (found["format"], found["version"], found["name"]) == (FORMAT, VERSION, STARTER.name)
    lines = [line.strip().rstrip(",") for line in text.splitlines()]
    for row in (*found["layers"], *found["connections"]):
        assert json.dumps(row) in lines
    assert all(line.isascii() and len(line) < 120 for line in lines)


def test_a_link_carries_networks_of_a_learners_size():
    assert len(to_link(STARTER)) < 400
    assert to_link(STARTER).removeprefix(MARK).replace("-", "").replace("_", "").isalnum(), "no escapes in an address"
    assert len(to_link(STARTER)) < MOST_DRAWN


def changed(**entries: object) -> str:
    return json.dumps({**json.loads(written(STARTER)), **entries})


LAYER = {"name": "h", "size": 2}
BAD = {
    "empty": "",
    "no JSON": "{",
    "no object": "[]",
    "a number": "1",
    "NaN": changed(version=float("nan")),
    "another format": changed(format="keras"),
    "another version": changed(version=2),
    "a version in words": changed(version="1"),
    "an unknown entry": changed(weights=[1]),
    "no layers": changed(layers=None),
    "layers as an object": changed(layers={"h": 2}),
    "too many layers": changed(layers=[{"name": f"h{i}", "size": 1} for i in range(MOST_LAYERS + 1)]),
    "too many connections": changed(connections=[{"source": "h", "target": "h"}] * (MOST_CONNECTIONS + 1)),
    "a layer in words": changed(layers=["h"]),
    "a layer without a size": changed(layers=[{"name": "h"}]),
    "an endless size": changed(layers=[{"name": "h", "size": 10**30}]),
    "a size in words": changed(layers=[{"name": "h", "size": "8"}]),
    "a name with markup": changed(layers=[{"name": "<b>", "size": 2}]),
    "a layer with code": changed(layers=[{**LAYER, "__class__": "os.system"}]),
    "a role there is not": changed(layers=[{**LAYER, "role": "boss"}]),
    "a presence of two": changed(layers=[{**LAYER, "presence": [1, 2]}]),
    "a presence of fractions": changed(layers=[{**LAYER, "presence": [1, 2.5, 1]}]),
    "a connection without an end": changed(connections=[{"source": "h"}]),
    "a far delay": changed(connections=[{"source": "h", "target": "h", "delay": 51}]),
    "a delay that is true": changed(connections=[{"source": "h", "target": "h", "delay": True}]),
    "a diagonal in words": changed(connections=[{"source": "h", "target": "h", "diagonal": "yes"}]),
    "a view as a list": changed(view=["T"]),
    "a view of numbers": changed(view={"T": 3}),
    "a title of two lines": changed(name="a\nb"),
    "an endless title": changed(name="a" * 61),
    "deep": "[" * 100_000,
    "long": " " * (MOST_READ + 1),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_a_sentence(name):
    with pytest.raises(GraphError) as refused:
        read(BAD[name])
    assert 20 < len(str(refused.value)) < 300
    assert str(refused.value).rstrip(".").strip()


@given(JSON, st.sampled_from(["layers", "connections", "name", "view", "version", "format"]))
def test_whatever_stands_in_an_entry_it_is_read_or_refused(value, entry):
    try:
        draft, view = read(changed(**{entry: value}))
    except GraphError:
        return
    assert read(written(draft, view)) == (draft, view)


@given(JSON)
def test_whatever_a_row_holds_it_is_read_or_refused(value):
    rows = {
        "layers": ("name", "size", "activation", "bias", "presence", "role", "combine"),
        "connections": ("source", "target", "weight", "diagonal", "delay"),
    }
    for entry, known in rows.items():
        for field in known:
            row = {"name": "h", "size": 2} if entry == "layers" else {"source": "h", "target": "h"}
            try:
                draft, _ = read(changed(**{entry: [{**row, field: value}]}))
            except GraphError:
                continue
            assert from_link(to_link(draft)) == draft


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda b: MARK + base64.urlsafe_b64encode(b).decode()))
def test_a_link_that_says_something_else_is_a_sentence(text):
    with pytest.raises(GraphError):
        from_link(text)
    value, sentence = FIELDS["own"].repaired(text)
    assert value == "" or not text
    assert sentence or not text


@given(st.integers(0, 5000), st.sampled_from(["cut", "changed", "added"]))
def test_a_damaged_link_is_refused_or_says_the_same(place, how):
    name = to_link(STARTER)
    at = 1 + place % (len(name) - 1)
    damaged = {
        "cut": name[:at],
        "changed": name[:at] + ("A" if name[at] != "A" else "B") + name[at + 1 :],
        "added": name[:at] + "Q" + name[at:],
    }[how]
    try:
        found = from_link(damaged)
    except GraphError:
        return
    assert found == STARTER


def test_a_link_does_not_unpack_without_end():
    bomb = MARK + base64.urlsafe_b64encode(zlib.compress(b" " * 50_000_000, 9)).decode()
    with pytest.raises(GraphError, match="cannot be read"):
        from_link(bomb)


def test_a_network_is_read_from_both():
    assert read_network(written(NOTHING)) == read_network(to_link(NOTHING)) == NOTHING.graph()
    loop = written(edited(STARTER, {"do": "set_connection", "at": 1, "field": "delay", "value": 0}))
    with pytest.raises(GraphError, match="algebraic loop"):
        read_network(loop)
