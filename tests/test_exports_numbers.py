"""The numbers behind a page as CSV and NPZ: read back they are the same, in the same type and shape."""

from __future__ import annotations

import base64
import csv
import io

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from explorer import architectures
from explorer.figures import diagram
from explorer.figures.diagram import Track
from explorer.figures.numbers import from_csv, of_figure, of_scene, plain, to_csv, to_npz

TYPES = [np.float64, np.float32, np.float16, np.int64, np.int8, np.uint8, np.bool_]
ARRAYS = st.sampled_from(TYPES).flatmap(
    lambda dtype: arrays_of.arrays(dtype, arrays_of.array_shapes(min_dims=0, max_dims=6, min_side=0, max_side=3))
)
NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=8)
NAMED = st.dictionaries(NAMES, ARRAYS, max_size=4)


def assert_same(one: np.ndarray, other: np.ndarray) -> None:
    assert one.dtype == other.dtype
    assert one.shape == other.shape
    np.testing.assert_array_equal(one, other)


def loaded(content: bytes) -> dict[str, np.ndarray]:
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        return {name: archive[name] for name in archive}


@settings(deadline=None, max_examples=80)
@given(NAMED)
def test_a_table_is_read_back_to_the_last_bit(given_arrays):
    found = from_csv(to_csv(given_arrays))
    assert list(found) == list(given_arrays)
    for name, array in given_arrays.items():
        assert_same(found[name], array)


@settings(deadline=None, max_examples=40)
@given(NAMED)
def test_an_archive_is_read_back_by_numpy_alone(given_arrays):
    found = list(loaded(to_npz(given_arrays)).values())
    assert len(found) == len(given_arrays)
    for array, original in zip(found, given_arrays.values(), strict=True):
        assert_same(array, original)


def test_a_table_is_one_that_any_program_reads():
    text = to_csv({"h, t": np.array([[0.1, np.nan], [-np.inf, 1e-300]]), "words": np.array(["a,b", 'c"\n', ""])})
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["value"] for row in rows] == ["0.1", "nan", "-inf", "1e-300", "a,b", 'c"\n', ""]
    assert [(row["array"], row["t"], row["unit"]) for row in rows[1:3]] == [("h, t", "0", "1"), ("h, t", "1", "0")]
    assert rows[4]["unit"] == ""
    assert from_csv(text)["words"].tolist() == ["a,b", 'c"\n', ""]


def test_names_of_an_archive_do_no_harm_and_stay_apart():
    given_arrays = {"../../etc/x": np.arange(2), "a/b": np.arange(3), "a:b": np.arange(4), "file": np.arange(5)}
    found = loaded(to_npz(given_arrays))
    assert [array.size for array in found.values()] == [2, 3, 4, 5]
    assert not any("/" in name or "\\" in name for name in found)


WRONG = [
    "",
    "a,b,c\n",
    "array,type,t,value\nh,float64,x,1.0\n",
    "array,type,t,value\nh,float64,0\n",
    "array,type,t,value\nh,float64,5,1.0\n",
    "array,type,t,value\nh,float64,999999999,1.0\n",
    "array,type,t,value\nh,float64,0,1.0\nh,float64,0,2.0\n",
    "array,type,t,value\nh,float64,0,one\n",
    "array,type,t,value\nh,bool,0,1\n",
    "array,type,t,value\nh,object,0,1\n",
    "array,type,t,value\nh,no such type,0,1\n",
    "array,type,t,value\nh,float64,0,1.0\nh,int64,1,2\n",
    "array,type,t,value\nh,empty float64,3,\n",
]


@pytest.mark.parametrize("text", WRONG)
def test_a_table_that_is_wrong_is_refused_in_a_sentence(text):
    with pytest.raises(ValueError, match=r"\w{3}"):
        from_csv(text)


def test_anything_that_charts_hold_becomes_plain_arrays():
    assert plain([1, None, 2.5]).dtype == np.float64
    assert plain(["a", None]).tolist() == ["a", ""]
    assert plain(np.array(["2020-01-06"], "datetime64[D]")).tolist() == ["2020-01-06"]
    assert plain([True, False]).dtype == np.bool_
    figure = go.Figure(
        [
            go.Scatter(x=[0, 1], y=[0.5, None], name="A"),
            go.Scatter(x=[0, 1], y=[1.0, 2.0], name="A"),
            go.Heatmap(z=np.eye(2)),
            go.Bar(x=["a", "b"], y=[1, 2]),
        ]
    )
    found = of_figure(figure)
    assert set(found) == {"A.x", "A.y", "A (2).x", "A (2).y", "trace 3.z", "trace 4.x", "trace 4.y"}
    np.testing.assert_array_equal(found["trace 3.z"], np.eye(2))
    assert np.isnan(found["A.y"][1])


def test_strips_are_unpacked_as_they_were_packed():
    graph = architectures.build("elman", inputs=2, hidden=3, outputs=2)
    heat, matrix, bars = np.random.default_rng(0).normal(size=(4, 3)), np.eye(4), np.arange(4.0)
    tracks = [
        Track("heat", "h_t", "", heat),
        Track("bars", "J", "", matrix),
        Track("bars", "E_t", "", bars, before=bars + 1),
        Track("bars", "E_t", "", np.array([-np.inf, 0, 1, 2]), log=True),
    ]
    found = of_scene(diagram.scene(graph, 4, tracks=tracks))
    assert_same(found["h_t"], heat.astype(np.float32))
    assert_same(found["J"], matrix.astype(np.float32))
    assert_same(found["E_t before"], (bars + 1).astype(np.float32))
    assert found["E_t (4)"][0] == -np.inf
    assert base64.b64decode(diagram.encoded(heat)) == found["h_t"].tobytes()
