"""The Vanishing page without a browser: its curves against products of Jacobians as a textbook writes them."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import cycle, islice

import numpy as np
import pytest

import explorer
from explorer.architectures import ARCHITECTURES
from explorer.page_settings.vanishing import LOOKS
from explorer.tasks.text import END, START, Vocabulary
from tests.test_pages import (
    TEXTBOOK,
    WORDS,
    agree,
    alternatives,
    charts,
    integer,
    number,
    numbers_of,
    opened,
    seen,
    tables,
    without_problems,
)

T, H = 9, 4
SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


def looked_at(by_hand=LOOKS[0], **link):
    kept = {"text": " ".join(WORDS), "hidden": H, "seed": 7, "init": "gaussian", "length": T, "bias2": 0, "gain": 1}
    app = opened("vanishing", **(kept | {"init2": "gaussian"} | link))
    return app if by_hand == LOOKS[0] else chosen(app, by_hand)


def chosen(app, look):
    (menu,) = app.get("button_group")
    return menu.set_value(look).run()


def titled(app):
    """The curves of the first chart by name: log₁₀ by distance."""
    return {trace["name"]: numbers_of(trace["y"]) for trace in charts(app)[0]["data"]}


def of_kind(figure, kind, axis):
    """The traces of one of the two plots of the second chart."""
    return [t for t in figure["data"] if t["type"] == kind and t.get("xaxis", "x") == axis]


# ---- the textbook -----------------------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def computed(name="elman", steps=T, gain=1.0):
    """Weights, every step, and ∂E_t/∂a of the output at every step; the sentence is read over and over."""
    unit = Vocabulary.of(WORDS).index
    weights = explorer.initialize(explorer.build(name, 5, H, 5), 7, recurrent="gaussian")
    weights = {key: array * gain if array.ndim == 2 else array for key, array in weights.items()}
    words = list(islice(cycle(WORDS), steps - 1))
    found = list(TEXTBOOK[name](weights, np.eye(5)[[unit(START), *map(unit, words)]]))
    aims = [*map(unit, words), unit(END)]
    return weights, found, [step["y"] - np.eye(5)[aim] for step, aim in zip(found, aims, strict=True)]


def jacobian(steps, W, t):
    """∂h_t/∂h_{t-1} of an Elman network for row vectors: [i, j] is ∂h_t[j] / ∂h_{t-1}[i]."""
    return W["W_hh"] * (1 - steps[t - 1]["h"] ** 2)


def elman_fading(t, gain=1.0):
    """log₁₀ ‖∂E_t/∂h_k‖ for k = t, t - 1, …, 1."""
    W, steps, errors = computed(gain=gain)
    gradient, sizes = errors[t - 1] @ W["W_hy"].T, []
    for k in range(t, 0, -1):
        sizes.append(np.log10(np.linalg.norm(gradient)))
        gradient = jacobian(steps, W, k) @ gradient
    return np.array(sizes)


def lstm_fading(t):
    """log₁₀ ‖∂E_t/∂h_k‖ and ‖∂E_t/∂c_k‖."""
    W, steps, errors = computed("lstm")
    h, c, sizes = errors[t - 1] @ W["W_hy"].T, np.zeros(H), []
    for k in range(t, 0, -1):
        step = steps[k - 1]
        squashed = np.tanh(step["c"])
        c = c + h * step["o"] * (1 - squashed**2)
        sizes.append([np.log10(np.linalg.norm(h)), np.log10(np.linalg.norm(c))])
        delta = {
            "f": c * step["c-1"] * step["f"] * (1 - step["f"]),
            "i": c * step["g"] * step["i"] * (1 - step["i"]),
            "o": h * squashed * step["o"] * (1 - step["o"]),
            "g": c * step["i"] * (1 - step["g"] ** 2),
        }
        h, c = sum(delta[gate] @ W[f"W_h{gate}"].T for gate in "fiog"), c * step["f"]
    return np.array(sizes).T


# ---- the curves --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("t", [1, 5, T])
def test_an_error_fades_as_the_product_of_jacobians(t):
    app = looked_at(at=t)
    assert without_problems(app), app.exception
    drawn = titled(app)
    np.testing.assert_allclose(drawn["A Elman, h"], elman_fading(t), atol=1e-9)
    by_h, by_c = lstm_fading(t)
    np.testing.assert_allclose(drawn["B LSTM, h"], by_h, atol=1e-9)
    np.testing.assert_allclose(drawn["B LSTM, c"], by_c, atol=1e-9)
    assert f"∂L{t}/∂" in charts(app)[0]["layout"]["yaxis"]["title"]["text"].translate(SUBSCRIPTS)


@pytest.mark.parametrize("gain", [0.3, 3])
def test_no_gradient_is_longer_than_the_bound(gain):
    drawn = titled(looked_at(gain=gain))
    W, _, _ = computed(gain=gain)
    sigma = np.linalg.svd(W["W_hh"], compute_uv=False)[0]
    (bound,) = [curve for title, curve in drawn.items() if "bound" in title]
    fading = drawn["A Elman, h"]
    np.testing.assert_allclose(fading, elman_fading(T, gain), atol=1e-9)
    np.testing.assert_allclose(bound, fading[0] + np.arange(T) * np.log10(sigma), atol=1e-9)
    assert (fading <= bound + 1e-9).all()


def test_the_matrix_has_every_error_and_every_step():
    figure = charts(looked_at(at=3))[1]
    for axis, fading in (("x", elman_fading), ("x2", None)):
        (heat,) = of_kind(figure, "heatmap", axis)
        cells = numbers_of(heat["z"])
        assert cells.shape == (T, T)
        assert np.isnan(cells[np.triu_indices(T, 1)]).all(), "no error reaches what comes after it"
        assert np.isfinite(cells[np.tril_indices(T)]).all()
        assert heat["zmin"] <= np.nanmin(cells)
        assert heat["zmax"] >= np.nanmax(cells)
        for t in range(1, T + 1) if fading else ():
            np.testing.assert_allclose(cells[t - 1, :t], fading(t)[::-1], atol=1e-5)
    marks = figure["layout"]["shapes"]
    assert [(mark["y0"], mark["y1"]) for mark in marks] == [(3, 3)] * 2, "the error that is followed"


@pytest.mark.parametrize("t", [T, 4])
def test_the_singular_values_are_those_of_the_product(t):
    W, steps, _ = computed()
    figure = charts(looked_at("Singular values", at=t))[1]
    every, largest, bound = of_kind(figure, "scatter", "x")
    product, expected = np.eye(H), []
    for k in range(t, 1, -1):
        product = jacobian(steps, W, k) @ product
        expected.append(np.log10(np.linalg.svd(product, compute_uv=False)))
    np.testing.assert_array_equal(numbers_of(largest["x"]), np.arange(1, t))
    np.testing.assert_allclose(numbers_of(largest["y"]), np.array(expected)[:, 0], atol=1e-9)
    rows = numbers_of(every["y"]).reshape(H, t)
    np.testing.assert_allclose(rows[:, :-1], np.array(expected).T, atol=1e-6)
    assert np.isnan(rows[:, -1]).all(), "a gap between the lines"
    sigma = np.linalg.svd(W["W_hh"], compute_uv=False)[0]
    np.testing.assert_allclose(numbers_of(bound["y"]), np.arange(1, t) * np.log10(sigma), atol=1e-9)
    assert len(of_kind(figure, "scatter", "x2")) == 2, "an LSTM has no such bound"


def test_each_step_has_singular_values_of_its_own():
    W, steps, _ = computed()
    figure = charts(looked_at("σ of each step"))[1]
    every, largest = of_kind(figure, "scatter", "x")
    expected = np.log10([np.linalg.svd(jacobian(steps, W, t), compute_uv=False) for t in range(1, T + 1)])
    np.testing.assert_array_equal(numbers_of(largest["x"]), np.arange(1, T + 1))
    np.testing.assert_allclose(numbers_of(largest["y"]), expected[:, 0], atol=1e-9)
    np.testing.assert_allclose(numbers_of(every["y"]).reshape(H, T + 1)[:, :-1], expected.T, atol=1e-9)


def test_activations_are_the_values_of_every_unit():
    figure = charts(looked_at("Activations"))[1]
    (plain,), (gated,) = (of_kind(figure, "heatmap", axis) for axis in ("x", "x2"))
    _, steps, _ = computed()
    np.testing.assert_allclose(numbers_of(plain["z"]), np.array([step["h"] for step in steps]).T, rtol=1e-5)
    _, steps, _ = computed("lstm")
    cells = numbers_of(gated["z"])
    for i, label in enumerate(figure["layout"]["yaxis2"]["ticktext"]):
        values = [np.tanh(step["c"]) if label == "m" else step[label] for step in steps]
        np.testing.assert_allclose(cells[H * i : H * (i + 1)], np.array(values).T, rtol=1e-5)
    assert plain["zmin"] == -plain["zmax"] == gated["zmin"], "one scale, symmetric about 0"


@pytest.mark.parametrize("look", LOOKS)
def test_a_link_says_what_is_shown(look):
    linked, by_hand = looked_at(look=look), looked_at(look)
    assert without_problems(linked)
    assert not linked.info
    assert charts(linked) == charts(by_hand)


def test_saturation_is_the_slope_of_every_unit():
    figure = charts(looked_at("Saturation"))[1]
    (plain,), (gated,) = (of_kind(figure, "heatmap", axis) for axis in ("x", "x2"))
    _, steps, _ = computed()
    np.testing.assert_allclose(numbers_of(plain["z"]), np.array([1 - step["h"] ** 2 for step in steps]).T, rtol=1e-5)
    _, steps, _ = computed("lstm")
    cells, labels = numbers_of(gated["z"]), figure["layout"]["yaxis2"]["ticktext"]
    assert sorted(labels) == ["f", "g", "i", "m", "o"]
    slopes = {"g": lambda s: 1 - s["g"] ** 2, "m": lambda s: 1 - np.tanh(s["c"]) ** 2}
    slopes |= {gate: (lambda s, gate=gate: 4 * s[gate] * (1 - s[gate])) for gate in "fio"}
    for i, label in enumerate(labels):
        expected = np.array([slopes[label](step) for step in steps]).T
        np.testing.assert_allclose(cells[H * i : H * (i + 1)], expected, rtol=1e-5)


# ---- words and numbers ---------------------------------------------------------------------------------------------


def words(app):
    return "\n".join(block.value for block in app.markdown)


def test_the_sentence_says_what_the_curve_shows():
    app = looked_at()
    fading = elman_fading(T)
    left = fading[-1] - fading[0]
    said = re.search(r"\*\*A, Elman:\*\* .* multiplies it by (\S+); after (\d+) steps (\S+) of it is left", words(app))
    agree(number(said[1]), 10 ** (left / (T - 1)))
    assert int(said[2]) == T - 1
    agree(number(said[3]), 10**left)
    _, steps, _ = computed()
    share = re.search(r"gates apart, work at (\S+) % of their steepest", words(app))
    agree(number(share[1]), 100 * np.mean([1 - step["h"] ** 2 for step in steps]))
    assert "fades" in words(app).split("**B, LSTM")[0]


@pytest.mark.parametrize(("gain", "verdict"), [(0.3, "it has to vanish"), (3, "it may grow, but need not")])
def test_the_bound_is_judged(gain, verdict):
    assert verdict in words(looked_at(gain=gain))


def test_a_bound_of_exactly_one_forbids_growth():
    """Orthogonal weights: γσ₁ = 1, whatever the last digit of a singular value is; nothing can grow."""
    for seed in range(1, 5):
        said = words(looked_at(init="orthogonal", seed=seed))
        assert "may grow" not in said.split("**B, ")[0]


def rows_of(app):
    (found,) = tables(app)
    return found


def test_the_table_has_the_numbers_of_both():
    plain, gated = rows_of(looked_at())
    W, _, _ = computed()
    assert plain[0].endswith("Elman")
    assert gated[0].endswith("LSTM")
    assert integer(plain[1]) == sum(array.size for array in W.values())
    assert integer(gated[1]) == sum(array.size for array in computed("lstm")[0].values())
    assert (plain[2], gated[2]) == (str(H), str(H))
    assert (plain[3], gated[3]) == ("0", "0")
    agree(number(plain[5]), np.abs(np.linalg.eigvals(W["W_hh"])).max())
    sigma = np.linalg.svd(W["W_hh"], compute_uv=False)[0]
    agree(number(plain[6]), sigma)
    agree(number(plain[7]), sigma)
    assert gated[7] == "none"


def test_the_lyapunov_exponent_is_the_growth_of_the_product():
    """By definition: the mean of ln of what each step's Jacobian makes of a direction carried along."""
    W, steps, _ = computed(steps=400)
    frame, total = np.eye(H), 0.0
    for t in range(1, 401):
        frame, upper = np.linalg.qr(jacobian(steps, W, t).T @ frame)
        total += np.log(abs(upper[0, 0]))
    (plain, _) = rows_of(looked_at(length=400))
    assert number(plain[8].split()[0]) == pytest.approx(total / 400, abs=0.02)


# ---- two networks ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("second", ["LSTM", "GRU, reset after product", "Jordan"])
def test_same_parameters_brings_them_near(second):
    same = rows_of(looked_at(arch2=second, hidden=32, length=4))
    assert same[0][2] == same[1][2] == "32"
    near = rows_of(looked_at(arch2=second, hidden=32, length=4, match="same parameters"))
    assert near[0] == same[0]
    a, b = integer(near[0][1]), integer(near[1][1])
    assert (int(near[1][2]) > 32) == (second == "Jordan")
    assert abs(a - b) / a < 0.06


def test_each_network_has_settings_of_its_own():
    plain = titled(looked_at(arch2="Elman"))
    np.testing.assert_array_equal(plain["A Elman, h"], plain["B Elman, h"])
    for name, value in {"act2": "ReLU", "init2": "identity", "radius2": 0.5, "gain2": 2, "bias2": 1}.items():
        changed = titled(looked_at(arch2="Elman", **{name: value}))
        np.testing.assert_array_equal(changed["A Elman, h"], plain["A Elman, h"])
        assert not np.array_equal(changed["B Elman, h"], plain["B Elman, h"]), name
    for name, value in {"act": "ReLU", "init": "identity", "radius": 0.5, "gain": 2, "bias": 1}.items():
        changed = titled(looked_at(arch2="Elman", **{name: value}))
        np.testing.assert_array_equal(changed["B Elman, h"], plain["B Elman, h"])
        assert not np.array_equal(changed["A Elman, h"], plain["A Elman, h"]), name


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_network_can_stand_beside(name):
    app = looked_at(arch2=ARCHITECTURES[name].title)
    for look in LOOKS:
        app = chosen(app, look)
        assert without_problems(app), (look, app.exception)
        assert not app.info
        assert ARCHITECTURES[name].title[:12] in charts(app)[1]["layout"]["annotations"][1]["text"]
    assert any(title.startswith("B ") for title in titled(app))


# ---- lengths and steps ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [T, T + 1, 1000])
def test_an_error_beyond_the_end_is_the_last(at):
    app = looked_at(at=at)
    assert without_problems(app)
    np.testing.assert_allclose(titled(app)["A Elman, h"], elman_fading(T), atol=1e-9)


@pytest.mark.parametrize("length", [2, 3])
def test_the_shortest(length):
    for look in LOOKS:
        for at in (1, length):
            app = looked_at(look, length=length, at=at)
            assert without_problems(app), app.exception


def test_a_thousand_steps():
    app = looked_at(length=1000, init="orthogonal", gain=1)
    assert without_problems(app), app.exception
    assert len(titled(app)["A Elman, h"]) == 1000
    heat = charts(app)[1]["data"][0]
    assert numbers_of(heat["z"]).shape[0] <= 256
    steps = numbers_of(heat["x"])
    assert steps[0] == 1
    assert steps[-1] <= 1000
    for look in LOOKS[1:]:
        app = chosen(app, look)
        assert without_problems(app), app.exception


@pytest.mark.parametrize(
    "link",
    [{"act": "ReLU", "gain": 10, "length": 450}, {"arch2": "Elman", "act2": "ReLU", "radius2": 4, "length": 900}],
)
def test_values_beyond_every_number_are_said(link):
    """States of unbounded units explode too: that is no exception, it is what the page is about."""
    app = opened("vanishing", init="orthogonal", **link)
    assert without_problems(app), app.exception
    assert any("float64" in note.value or "largest number" in note.value for note in (*app.info, *app.warning))


@pytest.mark.parametrize(
    "link", [{"radius": 0}, {"radius2": 0, "arch2": "Elman"}, {"gain": 0}, {"gain": 0, "gain2": 0}]
)
def test_nothing_is_left_without_recurrent_weights(link):
    app = looked_at(**link)
    for look in LOOKS:
        app = chosen(app, look)
        assert without_problems(app), (look, app.exception)
    assert not re.search(r"\b(nan|inf)\b", words(app))


def test_what_is_shown_is_chosen_by_hand_and_stays():
    app = looked_at()
    heights = []
    for look in LOOKS:
        app = chosen(app, look)
        heights.append(charts(app)[1]["layout"]["height"])
    assert len(set(heights)) == 1, "nothing jumps"
    app.number_input(key="length").set_value(12).run()
    assert app.session_state["look"] == LOOKS[-1]
    assert without_problems(app)


def test_the_charts_have_words_with_numbers():
    app = looked_at()
    first, second = alternatives(app)
    fading = elman_fading(T)
    found = re.search(r"A Elman, h: (\S+) at the error, (\S+) farthest back", first)
    agree(number(found[1]), 10 ** fading[0])
    agree(number(found[2].rstrip(".;")), 10 ** fading[-1])
    assert "LSTM, c" in first
    told = {second} | {alternatives(chosen(app, look))[1] for look in LOOKS[1:]}
    assert len(told) == len(LOOKS)


def test_lines_are_told_apart_without_colour():
    data = charts(seen("vanishing", length=8, arch2="GRU, reset after product"))[0]["data"]
    dashes = [trace["line"]["dash"] for trace in data]
    assert len(set(dashes)) == len(dashes)
