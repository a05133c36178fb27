"""The pictures of how far gradients reach: what is drawn, on which axes, and that it is always the same."""

from __future__ import annotations

import json
import math
import re

import numpy as np
import pytest

from explorer.figures import reach
from explorer.figures.charts import look_for
from explorer.figures.reach import Curve, decades

NOTHING = np.full(5, -np.inf)
EXTREMES = {
    "ordinary": np.array([0.3, -0.5, -1.7, -2.0, -2.4]),
    "some zero": np.array([0.3, -np.inf, -1.7, -np.inf, -2.4]),
    "all zero": NOTHING,
    "all absent": np.full(5, np.nan),
    "tiny": np.array([-300.0, -900.0, -4000.5, -9e5, -3e6]),
    "huge": np.array([0.0, 10.0, 307.9, 4000.0, 2e6]),
    "all the same": np.zeros(5),
    "one": np.array([-3.0]),
}


def curve(log10, title="A Elman, h", of=0, kind=0):
    return Curve(title, of, kind, np.asarray(log10, dtype=float))


def square(log10):
    """A (T, T) matrix of which the lower triangle is filled."""
    steps = len(log10)
    found = np.full((steps, steps), -np.inf)
    for t in range(steps):
        found[t, : t + 1] = log10[: t + 1][::-1]
    return found


def drawn(dark=False, log10=EXTREMES["ordinary"]):
    """Each of the pictures."""
    steps = len(log10)
    slopes = np.linspace(0, 1, steps * 3).reshape(steps, 3)
    values = np.column_stack([log10, np.asarray(log10) - 1])
    return {
        "fading": reach.fading([curve(log10), curve(log10, "A: bound", -1), curve(log10, "B", 1)], "norm", dark),
        "matrices": reach.matrices(["A", "B"], [square(log10), square(log10)], 2, "norm", dark),
        "spectra": reach.spectra(
            ["A", "B"],
            [(np.arange(1, steps + 1), values), (np.zeros(0, int), np.zeros((0, 1)))],
            [0.9, None],
            dark,
        ),
        "activity": reach.activity(["A", "B"], [{"h": 2 * slopes - 1}, {"f": slopes}], 2, dark),
        "openness": reach.openness(["A", "B"], [{"h": slopes}, {"f": slopes, "g": slopes[:, :1]}], 2, dark),
    }


def axes(figure):
    layout = figure.to_plotly_json()["layout"]
    return {name: axis for name, axis in layout.items() if re.fullmatch(r"[xy]axis\d*", name)}


# ---- every picture -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", drawn())
def test_the_same_numbers_give_the_same_picture(name, dark):
    first, again, other = drawn(dark)[name], drawn(dark)[name], drawn(not dark)[name]
    assert first.to_json() == again.to_json()
    assert first.to_json() != other.to_json(), "dark is another picture"


@pytest.mark.parametrize("log10", EXTREMES.values(), ids=list(EXTREMES))
@pytest.mark.parametrize("name", drawn())
def test_no_number_is_too_small_or_too_large(name, log10):
    figure = drawn(log10=log10)[name]
    text = figure.to_json()
    told = json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    assert told["data"]
    for axis in axes(figure).values():
        if axis.get("range") is not None:
            low, high = axis["range"]
            assert math.isfinite(low)
            assert low < high
        if axis.get("tickvals") is not None and name not in ("openness", "activity"):
            assert 2 <= len(axis["tickvals"]) <= 7
            assert len(axis["ticktext"]) == len(axis["tickvals"])


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", drawn())
def test_ink_and_sizes_are_the_projects(name, dark):
    figure, look = drawn(dark)[name], look_for(dark)
    template = figure.layout.template.layout
    assert template.font.color == look.ink
    assert template.font.size >= 14
    text = re.sub(r'"marker":\s*\{"size":\s*\d+\}', "", figure.to_json())
    sizes = [float(size) for size in re.findall(r'"size":\s*(\d+(?:\.\d+)?)', text)]
    assert sizes
    assert min(sizes) >= 14
    assert figure.layout.height == 330, "changing what is shown moves nothing"
    shapes = [shape.line.color for shape in figure.layout.shapes]
    assert all(colour == look.primary for colour in shapes)


# ---- axes of powers of ten -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("most", [3, 6, 7])
@pytest.mark.parametrize("high", [0, 1, 17, 308, 4_000_000])
@pytest.mark.parametrize("span", [0, 0.4, 1, 5.5, 6, 7, 23, 600, 5_000_000])
def test_decades_enclose_and_are_few(span, high, most):
    axis = decades([np.array([high - span, high, -np.inf, np.nan])], most)
    low, top = axis["range"]
    assert low <= high - span
    assert top >= high
    assert top <= math.ceil(high) + 1
    assert all(value == int(value) and low <= value <= top for value in axis["tickvals"])
    assert len(axis["tickvals"]) <= most
    gaps = set(np.diff(axis["tickvals"]))
    assert len(gaps) <= 1, "evenly spread"
    assert all(re.fullmatch(r"1|2|5", str(gap).strip("0") or "1") for gap in (int(g) for g in gaps))


def test_powers_of_ten_are_written_as_powers_of_ten():
    axis = decades([np.array([-12.0, 1.0])])
    told = dict(zip(axis["tickvals"], axis["ticktext"], strict=True))
    assert told[0] == "1"
    assert told[-10] == "10⁻¹⁰"
    assert decades([np.array([0.0, 1.0])])["ticktext"] == ["1", "10"]
    for nothing in (decades([]), decades([NOTHING])):
        assert np.diff(nothing["range"]) == 1, "an axis without numbers has room all the same"


# ---- curves ---------------------------------------------------------------------------------------------------------


def test_a_curve_says_its_numbers_where_an_axis_cannot():
    figure = reach.fading([curve([0.0, -np.inf, -400.3])], "norm")
    (trace,) = figure.data
    np.testing.assert_array_equal(trace.y, [0.0, np.nan, -400.3])
    assert list(trace.customdata) == ["1.00", "0", "5.01·10⁻⁴⁰¹"]
    assert list(trace.x) == [0, 1, 2]


def test_a_bound_does_not_set_the_scale():
    figure = reach.fading([curve([0.0, -2.0]), curve([0.0, 60.0], "bound", of=-1)], "norm")
    assert list(figure.layout.yaxis.range) == [-2, 0]
    assert figure.data[1].line.dash == "dot"
    assert figure.data[1].line.color == look_for(False).ink


def test_no_two_curves_look_alike():
    many = [curve([0, -1], f"{of} {kind}", of, kind) for of in (0, 1) for kind in (0, 1, 2)]
    looks = [(trace.line.color, trace.line.dash) for trace in reach.fading(many, "norm").data]
    assert len(set(looks)) == len(looks)
    first = reach.fading([curve([0], of=0), curve([0], of=1)], "norm").data
    assert first[0].line.dash != first[1].line.dash, "colour is never alone"


# ---- matrices -------------------------------------------------------------------------------------------------------


def test_a_matrix_has_errors_down_and_steps_across():
    log10 = np.linspace(0, -3, 4)
    first, second = reach.matrices(["A", "B"], [square(log10), square(2 * log10)], 3, "norm").data
    assert np.isnan(first.z[0][1:]).all(), "what is exactly zero is left blank"
    np.testing.assert_allclose(first.z[3], log10[::-1], rtol=1e-6)
    assert (first.zmin, first.zmax) == (second.zmin, second.zmax) == (-6, 0), "on one scale"
    assert [first.showscale, second.showscale] == [False, True]


@pytest.mark.parametrize(("steps", "rows"), [(256, 256), (257, 129), (1000, 250)])
def test_a_long_matrix_is_thinned_out_with_exact_numbers(steps, rows):
    rng = np.random.default_rng(3)
    found = np.where(np.tri(steps, dtype=bool), rng.normal(size=(steps, steps)), -np.inf)
    (heat,) = reach.matrices(["A"], [found], steps, "norm").data
    assert heat.z.shape == (rows, rows)
    picked = np.asarray(heat.y) - 1
    np.testing.assert_array_equal(picked, np.asarray(heat.x) - 1)
    inside = np.tri(rows, dtype=bool)
    np.testing.assert_array_equal(heat.z[inside], found[np.ix_(picked, picked)].astype("float32")[inside])
    assert len(reach.matrices(["A"], [found], steps, "norm").to_json()) < 2_000_000


def test_the_cursor_lies_where_it_should():
    log10 = EXTREMES["ordinary"]
    across = reach.matrices(["A", "B"], [square(log10)] * 2, 4, "norm").layout.shapes
    assert [(s.xref, s.yref, s.y0, s.y1) for s in across] == [("x domain", "y", 4, 4), ("x2 domain", "y2", 4, 4)]
    slopes = {"h": np.zeros((5, 3))}
    down = reach.openness(["A", "B"], [slopes, slopes], 4).layout.shapes
    assert [(s.xref, s.yref, s.x0, s.x1) for s in down] == [("x", "y domain", 4, 4), ("x2", "y2 domain", 4, 4)]


def test_plots_side_by_side_do_not_overlap():
    for name in ("matrices", "spectra", "openness", "activity"):
        figure = drawn()[name]
        first, second = figure.layout.xaxis.domain, figure.layout.xaxis2.domain
        assert 0 <= first[0] < first[1] < second[0] < second[1] <= 1
        assert [note.text for note in figure.layout.annotations] == ["A", "B"]


# ---- spectra and slopes ---------------------------------------------------------------------------------------------


def test_all_singular_values_are_one_trace_parted_by_gaps():
    values = np.array([[0.0, -1.0, -np.inf], [-1.0, -2.0, np.nan], [-2.0, -400.0, np.nan]])
    every, largest, bound = reach.spectra(["A"], [(np.array([1, 2, 4]), values)], [0.1]).data
    np.testing.assert_array_equal(every.y, [0, -1, -2, np.nan, -1, -2, -400, np.nan, np.nan, np.nan, np.nan, np.nan])
    np.testing.assert_array_equal(every.x, [1, 2, 4, np.nan] * 3)
    np.testing.assert_array_equal(largest.y, values[:, 0])
    np.testing.assert_allclose(bound.y, [-1, -2, -4])
    assert largest.line.width > every.line.width


def test_every_layer_has_its_rows_and_its_name():
    rng = np.random.default_rng(0)
    first, second = rng.random((6, 3)), rng.random((6, 2))
    figure = reach.openness(["A"], [{"f": first, "g": second}], 1)
    (heat,) = figure.data
    np.testing.assert_allclose(heat.z, np.vstack([first.T, second.T]), rtol=1e-6)
    assert (heat.zmin, heat.zmax) == (0, 1)
    assert list(figure.layout.yaxis.ticktext) == ["f", "g"]
    assert list(figure.layout.yaxis.tickvals) == [1, 3.5]


@pytest.mark.parametrize("steps", [512, 513, 1000])
def test_long_slopes_are_thinned_out(steps):
    rng = np.random.default_rng(1)
    slopes = rng.random((steps, 2))
    (heat,) = reach.openness(["A"], [{"h": slopes}], 1).data
    assert heat.z.shape[1] <= 512
    np.testing.assert_array_equal(heat.z, slopes[np.asarray(heat.x) - 1].T.astype("float32"))


def test_activity_is_on_one_scale_about_zero():
    first, second = reach.activity(["A", "B"], [{"h": np.full((4, 2), -3.0)}, {"h": np.ones((4, 2))}], 1).data
    assert (first.zmin, first.zmax) == (second.zmin, second.zmax) == (-3, 3)
    assert first.colorscale != reach.openness(["A"], [{"h": np.ones((4, 2))}], 1).data[0].colorscale
    (still,) = reach.activity(["A"], [{"h": np.zeros((4, 2))}], 1).data
    assert still.zmin < still.zmax


def test_networks_without_squashed_units_leave_room():
    (heat,) = reach.openness(["A"], [{}], 1).data
    assert heat.z.shape == (1, 1)
