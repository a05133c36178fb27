"""The Backward page without a browser: its numbers against backpropagation through time as a textbook writes it."""

from __future__ import annotations

import base64
import re
from functools import lru_cache

import numpy as np
import pytest

import explorer
from explorer.architectures import ARCHITECTURES
from explorer.tasks.text import END, Vocabulary
from tests.test_pages import (
    WORDS,
    agree,
    computed,
    formulas,
    lines,
    number,
    opened,
    scene,
    seen,
    tables,
    without_problems,
)

T = len(WORDS) + 1
PASSES = [(1, 1), (2, 1), (3, 1), (2, 2), (3, 2), (4, 1), (200, 1)]


def looked_at(name="elman", **link):
    kept = {"text": " ".join(WORDS), "hidden": 4, "seed": 7, "init": "gaussian"}
    return seen("backward", arch=ARCHITECTURES[name].title, **(kept | link))


# ---- the textbook -----------------------------------------------------------------------------------------------


def errors_at_the_output(steps):
    """∂E_t/∂a of a softmax with cross-entropy: y_t less the target."""
    unit = Vocabulary.of(WORDS).index
    aims = [*map(unit, WORDS), unit(END)]
    return [step["y"] - np.eye(len(step["y"]))[aim] for step, aim in zip(steps, aims, strict=True)]


@lru_cache(maxsize=16)
def bptt(window=T, stride=1):
    """An Elman network's gradients, each error carried back by itself, over the steps inside its pass.

    A pass ends at every stride-th step and at the last; it carries the errors since the last pass over `window` steps.
    """
    W, steps = computed("elman")
    ends = [*range(stride, T, stride), T]
    entering = errors_at_the_output(steps)
    found = {
        "y": np.array(entering),  # by the pre-activation of the output
        "h": np.zeros((T + 1, 4)),  # ∂L/∂h_t, t = 0 the initial state
        "delta": np.zeros((T + 1, 4)),
        "loop": np.zeros((T + 1, 4)),  # what the copy of W_hh that arrives at step t hands back to h_{t-1}
        "cuts": tuple(end - window for end in ends if end > window),
    }
    for t, error in enumerate(entering, start=1):
        first = next(end for end in ends if end >= t) - window + 1
        gradient = error @ W["W_hy"].T
        for k in range(t, 0, -1):
            if k < first:
                break
            found["h"][k] += gradient
            delta = gradient * (1 - steps[k - 1]["h"] ** 2)
            found["delta"][k] += delta
            gradient = delta @ W["W_hh"].T
            if k > max(first, 1) or (k == 1 and first <= 1):
                found["loop"][k] += gradient
            if k == 1 and first <= 1:
                found["h"][0] += gradient
    by_step = {
        "W_xh": np.array([np.outer(step["x"], d) for step, d in zip(steps, found["delta"][1:], strict=True)]),
        "W_hh": np.array([np.outer(step["h-1"], d) for step, d in zip(steps, found["delta"][1:], strict=True)]),
        "W_hy": np.array([np.outer(step["h"], d) for step, d in zip(steps, entering, strict=True)]),
        "b_h": found["delta"][1:],
        "b_y": found["y"],
    }
    return found, by_step


@lru_cache(maxsize=1)
def lstm_bptt():
    """Gradients of an LSTM by h, by c and by the pre-activation of each gate, step by step."""
    W, steps = computed("lstm")
    h, c = np.zeros(4), np.zeros(4)  # what comes back from the next step
    found = []
    for step, error in zip(reversed(steps), reversed(errors_at_the_output(steps)), strict=True):
        h = h + error @ W["W_hy"].T
        squashed = np.tanh(step["c"])
        c = c + h * step["o"] * (1 - squashed**2)
        delta = {
            "f": c * step["c-1"] * step["f"] * (1 - step["f"]),
            "i": c * step["g"] * step["i"] * (1 - step["i"]),
            "o": h * squashed * step["o"] * (1 - step["o"]),
            "g": c * step["i"] * (1 - step["g"] ** 2),
        }
        found.insert(0, {"h": h, "c": c, **delta})
        h, c = sum(delta[gate] @ W[f"W_h{gate}"].T for gate in "fiog"), c * step["f"]
    return found


def whole(by_step):
    return {name: steps.sum(axis=0) for name, steps in by_step.items()}


def long(gradients):
    return np.concatenate([np.ravel(gradients[name]) for name in sorted(gradients)])


def angle(one, other):
    cosine = one.ravel() @ other.ravel() / (np.linalg.norm(one) * np.linalg.norm(other))
    return np.degrees(np.arccos(np.clip(cosine, -1, 1)))


def test_the_textbook_agrees_with_differences():
    """The oracle has an oracle: the loss itself, written out, a little to either side."""
    W, steps = computed("elman")
    unit = Vocabulary.of(WORDS).index
    aims = [*map(unit, WORDS), unit(END)]

    def loss(weights):
        h, total = np.zeros(4, complex), 0
        for step, aim in zip(steps, aims, strict=True):
            h = np.tanh(step["x"] @ weights["W_xh"] + h @ weights["W_hh"] + weights["b_h"])
            scores = h @ weights["W_hy"] + weights["b_y"]
            total += np.log(np.exp(scores).sum()) - scores[aim]
        return total

    for name, gradient in whole(bptt()[1]).items():
        for place in np.ndindex(gradient.shape):
            nudge = np.zeros(gradient.shape, complex)
            nudge[place] = 1e-30j
            assert loss({**W, name: W[name] + nudge}).imag / 1e-30 == pytest.approx(gradient[place], rel=1e-9)


# ---- the panel ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("t", range(1, T + 1))
def test_what_arrives_at_an_elman_state(t):
    W, steps = computed("elman")
    found, _ = bptt()
    app = looked_at(t=t)
    assert without_problems(app), app.exception
    expected = [(rf"\delta^{{y}}_{{{t}}}\,W_{{hy}}^{{\top}}", found["y"][t - 1] @ W["W_hy"].T)]
    if t < T:
        expected.append((rf"\delta^{{h}}_{{{t + 1}}}\,W_{{hh}}^{{\top}}", found["delta"][t + 1] @ W["W_hh"].T))
    expected += [
        (rf"\partial L / \partial h_{{{t}}}", found["h"][t]),
        (rf"\left(1 - h_{{{t}}} \odot h_{{{t}}}\right)", 1 - steps[t - 1]["h"] ** 2),
        (rf"\delta^{{h}}_{{{t}}}", found["delta"][t]),
    ]
    shown = lines(app)
    assert [name for name, _ in shown] == [name for name, _ in expected]
    for (_, vector), (_, wanted) in zip(shown, expected, strict=True):
        agree(vector, wanted)
    both, local = formulas(app)
    assert both == rf"\frac{{\partial L}}{{\partial h_{{{t}}}}} = " + " + ".join(
        name for name, _ in expected if "top" in name
    )
    assert local.startswith(rf"\delta^{{h}}_{{{t}}} = \frac{{\partial L}}{{\partial h_{{{t}}}}} \odot")


@pytest.mark.parametrize("t", [1, T])
def test_what_arrives_at_input_output_and_error(t):
    W, _ = computed("elman")
    found, _ = bptt()
    agree(lines(looked_at(t=t, node="x"))[-1][1], found["delta"][t] @ W["W_xh"].T)
    agree(lines(looked_at(t=t, node="y"))[-1][1], found["y"][t - 1])
    assert formulas(looked_at(t=t, node="E")) == [rf"\frac{{\partial L}}{{\partial E_{{{t}}}}} = 1"]


@pytest.mark.parametrize("t", range(1, T + 1))
@pytest.mark.parametrize("layer", "chfiog")
def test_what_arrives_inside_an_lstm(layer, t):
    at = lstm_bptt()
    shown = dict(lines(looked_at("lstm", t=t, node=layer)))
    if layer in "ch":
        agree(shown[rf"\partial L / \partial {layer}_{{{t}}}"], at[t - 1][layer])
    else:
        agree(shown[rf"\delta^{{{layer}}}_{{{t}}}"], at[t - 1][layer])
    if layer == "c" and t < T:
        _, steps = computed("lstm")
        carried = [vector for name, vector in shown.items() if f"f_{{{t + 1}}}" in name]
        assert len(carried) == 1, "one arrow leads on to the next cell, past nothing but a gate"
        agree(carried[0], at[t]["c"] * steps[t]["f"])


OPENED = ["elman", "lstm_peephole", "gru_reset_after", "jordan", "tapped", "bidirectional", "encoder_decoder_gru"]
NODES = [(name, layer.name) for name in OPENED for layer in explorer.build(name, 5, 4, 5, source_steps=3).layers]


@pytest.mark.parametrize(("name", "layer"), NODES)
def test_every_node_can_be_opened(name, layer):
    for t in (1, 3):
        app = looked_at(name, t=t, node=layer)
        assert without_problems(app), app.exception
        assert not app.info
        assert formulas(app)
        shown = lines(app)
        assert all(np.isfinite(vector).all() for _, vector in shown)


# ---- the picture -------------------------------------------------------------------------------------------------


def decoded(text):
    return np.frombuffer(base64.b64decode(text), dtype="<f4")


def logarithms(vectors):
    with np.errstate(divide="ignore"):
        return np.log10(np.linalg.norm(vectors, axis=-1))


def close(shown, expected):
    np.testing.assert_allclose(shown, expected, rtol=2e-6, atol=2e-6)


@pytest.mark.parametrize(("window", "stride"), [(None, 1), *PASSES])
def test_the_arrows_carry_what_the_textbook_says(window, stride):
    W, _ = computed("elman")
    found, _ = bptt(window or T, stride)
    drawn = scene(looked_at(stride=stride, **({"window": window} if window else {})))
    flows = drawn["flows"]
    close(decoded(flows["nodes"]["h"]), logarithms(found["h"]))
    close(decoded(flows["nodes"]["x"])[1:], logarithms(found["delta"][1:] @ W["W_xh"].T))
    close(decoded(flows["nodes"]["y"])[1:], logarithms(found["y"]))
    assert not decoded(flows["nodes"]["E"])[1:].any(), "∂L/∂E is 1"
    by_weight = {c["weight"]: decoded(link) for c, link in zip(drawn["connections"], flows["links"], strict=True)}
    close(by_weight["W_xh"], logarithms(found["delta"][1:] @ W["W_xh"].T))
    close(by_weight["W_hh"], logarithms(found["loop"][1:]))
    close(by_weight["W_hy"], logarithms(found["y"] @ W["W_hy"].T))
    close(by_weight[None], logarithms(found["y"]))
    finite = [array[np.isfinite(array)] for array in (*map(decoded, flows["nodes"].values()), *by_weight.values())]
    assert flows["low"] <= min(array.min() for array in finite if array.size)
    assert flows["high"] >= max(array.max() for array in finite if array.size) - 1e-6
    assert tuple(drawn["cuts"]) == found["cuts"]
    assert drawn["wave"] == -1


def test_an_lstms_cells_are_painted_with_their_gradients():
    nodes = scene(looked_at("lstm"))["flows"]["nodes"]
    for layer in "ch":
        close(decoded(nodes[layer])[1:], logarithms([step[layer] for step in lstm_bptt()]))


@pytest.mark.parametrize(("window", "stride"), [(None, 1), (1, 1), (2, 1), (3, 2)])
def test_the_bars_of_a_weight_add_up_to_its_gradient(window, stride):
    _, by_step = bptt(window or T, stride)
    tracks = scene(looked_at(stride=stride, **({"window": window} if window else {})))["tracks"]
    assert [track["weight"] for track in tracks] == ["W_xh", "W_hh", "W_hy"]
    for track in tracks:
        steps = by_step[track["weight"]]
        length = np.linalg.norm(steps.sum(axis=0))
        direction = steps.sum(axis=0) / length
        close(decoded(track["data"]), (steps * direction).sum(axis=(1, 2)))
        assert track["total"] == pytest.approx(length, rel=1e-9)
        assert decoded(track["data"]).sum() == pytest.approx(length, rel=1e-5)
        assert track["kind"] == "bars"


def test_the_bars_belong_to_the_node_that_is_open():
    tracks = scene(looked_at("lstm", node="f"))["tracks"]
    assert {"W_xf", "W_hf"} <= {track["weight"] for track in tracks}
    assert len(tracks) == 3


# ---- the table, and what limits remove ------------------------------------------------------------------------------


def table(app):
    (found,) = tables(app)
    return {re.sub(r"[${}]", "", row[0]): row[1:] for row in found}


def share(cell):
    return number(cell.removesuffix(" %").removesuffix("°"))


def words(app):
    return "\n".join(block.value for block in app.markdown)


def test_the_table_has_the_length_of_every_gradient():
    gradients = whole(bptt()[1])
    shown = table(looked_at())
    assert list(shown) == [*gradients, "all"]
    for name, gradient in gradients.items():
        agree(number(shown[name][0]), np.linalg.norm(gradient))
    agree(number(shown["all"][0]), np.linalg.norm(long(gradients)))
    assert "Is W updated once, or once per step?" in words(looked_at())


@pytest.mark.parametrize(("window", "stride"), PASSES[:5])
def test_what_truncation_removes_is_printed(window, stride):
    full, left = whole(bptt()[1]), whole(bptt(window, stride)[1])
    app = looked_at(window=window, stride=stride)
    shown = table(app)
    for name in full:
        agree(number(shown[name][0]), np.linalg.norm(full[name]))
        agree(share(shown[name][1]), 100 * np.linalg.norm(left[name]) / np.linalg.norm(full[name]))
        assert share(shown[name][2]) == pytest.approx(angle(full[name], left[name]), rel=0.006, abs=1e-5)
    full, left = long(full), long(left)
    said = re.search(r"through at most (\d+) slices?.* What is missing is (\S+) % .* turned by (\S+)°", words(app))
    assert int(said[1]) == window
    agree(number(said[2]), 100 * np.linalg.norm(full - left) / np.linalg.norm(full))
    agree(number(said[3]), angle(full, left))


def test_a_window_over_everything_removes_nothing():
    app = looked_at(window=T)
    assert "What is missing is 0 % as long" in words(app)
    assert scene(app)["cuts"] == []


@pytest.mark.parametrize("window", [None, 2])
def test_what_clipping_removes_is_printed(window):
    length = np.linalg.norm(long(whole(bptt(window or T)[1])))
    link = {"window": window} if window else {}
    app = looked_at(clip=0.5, **link)
    said = re.search(
        r"\*\*Clipped:\*\* what is missing is (\S+) % as long as the gradient before, which turns by (\S+)°", words(app)
    )
    agree(number(said[1]), 100 * (1 - 0.5 / length))
    assert number(said[2]) == pytest.approx(0, abs=1e-6)
    assert ("**Truncated:**" in words(app)) == (window is not None)
    agree(share(table(app)["all"][1]), 100 * 0.5 / np.linalg.norm(long(whole(bptt()[1]))))
    longer = looked_at(clip=round(length + 0.2, 1), **link)
    assert "nothing is as large as that; nothing is removed" in words(longer)


@pytest.mark.parametrize("window", [None, 2])
def test_what_clipping_by_value_removes_is_printed(window):
    full, left = long(whole(bptt()[1])), long(whole(bptt(window or T)[1]))
    app = looked_at(clip=0.1, by="value", **({"window": window} if window else {}))
    cut = np.clip(left, -0.1, 0.1)
    said = re.search(
        r"\*\*Clipped:\*\* what is missing is (\S+) % as long as the gradient before, which turns by (\S+)°", words(app)
    )
    agree(number(said[1]), 100 * np.linalg.norm(left - cut) / np.linalg.norm(left))
    agree(number(said[2]), angle(left, cut))
    agree(share(table(app)["all"][1]), 100 * np.linalg.norm(cut) / np.linalg.norm(full))
    agree(share(table(app)["all"][2]), angle(full, cut))


def test_limits_can_be_set_and_taken_away_by_hand():
    app = opened("backward", text=" ".join(WORDS), hidden=4, seed=7, init="gaussian", t=2)
    free = scene(app)
    app.number_input(key="window").set_value(2).run()
    assert scene(app)["cuts"] == [1, 2]
    assert scene(app)["cursor"] == free["cursor"]
    app.number_input(key="stride").set_value(3).run()
    assert scene(app)["cuts"] == [2], "a stride is never longer than the window"
    app.number_input(key="window").set_value(None).run()
    app.number_input(key="stride").set_value(1).run()
    assert scene(app) == free
    assert without_problems(app)


def test_the_names_of_the_weights_are_those_that_were_chosen():
    app = looked_at(names="W, U, V", t=2)
    assert list(table(app)) == ["W", "U", "V", "b", "c", "all"]
    assert formulas(app)[0].endswith(r"\delta^{y}_{2}\,V^{\top} + \delta^{h}_{3}\,U^{\top}")
    assert [track["label"] for track in scene(app)["tracks"]] == ["to ∂L/∂W", "to ∂L/∂U", "to ∂L/∂V"]
