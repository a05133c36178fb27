"""Questions: every number in an answer, computed again without the engine, and every link, followed to where it leads.

The oracles are textbook loops over steps. Of the engine they take the weights, which are data.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from math import exp, log, tanh
from pathlib import Path

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad

from explorer.applications.language.sentiment import LEXICON
from explorer.applications.shelf import weights
from explorer.engine.backward import backward
from explorer.page_settings.order import PAIRS
from explorer.page_settings.shared import SENTENCE, SHARED
from explorer.papers import FIELDS as OF_PAPERS
from explorer.questions import NUMBERS, PARTS, SETTINGS, entries, read
from explorer.questions.numbers import GROWING, LSTM, SHOWN
from explorer.settings import PAGES
from explorer.vanishing_views import studied
from explorer.views import ran

ROOT = Path(__file__).resolve().parent.parent
WORDS = SENTENCE.split()
SYMBOLS = ["⟨s⟩", "⟨/s⟩", *sorted(set(WORDS))]
V, H = len(SYMBOLS), 8
U = 16  # what is read and said on the page Cost of unrolling


def one_hot(words: list[str]) -> np.ndarray:
    return np.eye(V)[[SYMBOLS.index(word) for word in words]]


def repeated(steps: int) -> tuple[np.ndarray, np.ndarray]:
    """The sentence again and again: what is read, and what should be said."""
    words = [WORDS[i % len(WORDS)] for i in range(steps - 1)]
    return one_hot(["⟨s⟩", *words]), one_hot([*words, "⟨/s⟩"])


class Elman:
    """A plain network, forwards and backwards, one step after the other."""

    def __init__(self, w, x, target, squash=np.tanh, slope=lambda h: 1 - h * h):
        self.w, self.x, self.target = w, x, target
        self.a, self.h = [None], [np.zeros(H)]
        for x_t in x:
            self.a.append(x_t @ w["W_xh"] + self.h[-1] @ w["W_hh"] + w["b_h"])
            self.h.append(squash(self.a[-1]))
        scores = np.array(self.h[1:]) @ w["W_hy"] + w["b_y"]
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        self.y = shares / shares.sum(axis=1, keepdims=True)
        self.slopes = [None, *(slope(h) for h in self.h[1:])]

    @property
    def errors(self):
        return -np.log((self.y * self.target).sum(axis=1))

    def local(self, t):
        """∂E_t/∂h_t."""
        return (self.y[t - 1] - self.target[t - 1]) @ self.w["W_hy"].T

    def back(self, g, t):
        """From ∂/∂h_t to ∂/∂h_{t-1}."""
        return (g * self.slopes[t]) @ self.w["W_hh"].T

    def gradient(self, window=None):
        """∂L/∂θ, each error on its own, carried through so many slices."""
        steps, names = len(self.x), ("W_xh", "W_hh", "b_h", "W_hy", "b_y")
        found = {name: np.zeros_like(self.w[name]) for name in names}
        for t in range(1, steps + 1):
            off = self.y[t - 1] - self.target[t - 1]
            found["W_hy"] += np.outer(self.h[t], off)
            found["b_y"] += off
            g = self.local(t)
            for k in range(t, max(0, t - (window or steps)), -1):
                delta = g * self.slopes[k]
                found["W_xh"] += np.outer(self.x[k - 1], delta)
                found["W_hh"] += np.outer(self.h[k - 1], delta)
                found["b_h"] += delta
                g = self.back(g, k)
        return found

    def reach(self):
        """What is left of the last error's gradient at step 1."""
        last = g = self.local(len(self.x))
        for t in range(len(self.x), 1, -1):
            g = self.back(g, t)
        return np.linalg.norm(g) / np.linalg.norm(last)


@lru_cache(maxsize=1)
def plain() -> Elman:
    return Elman(ran(SHOWN).trace.parameters, one_hot(["⟨s⟩", *WORDS]), one_hot([*WORDS, "⟨/s⟩"]))


@lru_cache(maxsize=2)
def angle(window=None, clip=None) -> tuple[float, float]:
    """Degrees between the gradient and what is left of it, and the length of what is gone as a share."""
    full = np.concatenate([part.ravel() for part in plain().gradient().values()])
    left = np.concatenate([part.ravel() for part in plain().gradient(window).values()])
    left = left if clip is None else np.clip(left, -clip, clip)
    cosine = full @ left / np.linalg.norm(full) / np.linalg.norm(left)
    return np.degrees(np.arccos(cosine)), np.linalg.norm(full - left) / np.linalg.norm(full)


def influence(word: int) -> float:
    """‖∂h_T/∂x_k‖, by central differences."""
    base, step, columns = plain(), 1e-5, []
    for unit in range(V):
        ends = []
        for sign in (1, -1):
            x = base.x.copy()
            x[word, unit] += sign * step
            ends.append(Elman(base.w, x, base.target).h[-1])
        columns.append((ends[0] - ends[1]) / (2 * step))
    return np.linalg.norm(columns)


def sigmoid(a):
    return 1 / (1 + anp.exp(-a))


def lstm(w, x, nudges):
    """Values of f, c and h after the last step; to every h_t something may be added."""
    h = c = anp.zeros(w["W_hf"].shape[0])
    for x_t, nudge in zip(x, nudges, strict=True):
        i, f, o = (sigmoid(x_t @ w[f"W_x{k}"] + h @ w[f"W_h{k}"] + w[f"b_{k}"]) for k in "ifo")
        c = f * c + i * anp.tanh(x_t @ w["W_xg"] + h @ w["W_hg"] + w["b_g"])
        h = o * anp.tanh(c) + nudge
    return f, c, h


def lstm_reach(units: int) -> float:
    x, target = repeated(100)
    w = studied(replace(LSTM, hidden=units), 100).trace.parameters

    def error(nudges):
        _, _, h = lstm(w, x, nudges)
        scores = h @ w["W_hy"] + w["b_y"]
        return anp.log(anp.exp(scores).sum()) - scores @ target[-1]

    g = grad(error)(np.zeros((100, units)))
    return np.linalg.norm(g[0]) / np.linalg.norm(g[-1])


@lru_cache(maxsize=2)
def sentence_in_lstm(bias: float) -> tuple[float, float]:
    w = dict(ran(LSTM).trace.parameters)
    w["b_f"] = np.full(H, bias)
    f, c, _ = lstm(w, one_hot(["⟨s⟩", *WORDS]), np.zeros((len(WORDS) + 1, H)))
    return f.mean(), c[0]


def gru_apart() -> float:
    """The last states after two orders of the start-up sentences, in the network that gives stars."""
    w, ends = weights("sentiment"), []
    for text in PAIRS[0][1:]:
        h = np.zeros(w["W_hz"].shape[0])
        for unit in LEXICON.units(re.findall(r"\w+", text)):
            z, r = (sigmoid(w[f"W_x{k}"][unit] + h @ w[f"W_h{k}"] + w[f"b_{k}"]) for k in "zr")
            n = np.tanh(w["W_xn"][unit] + r * (h @ w["W_hn"] + w["b_hn"]) + w["b_n"])
            h = z * h + (1 - z) * n
        ends.append(h)
    return np.linalg.norm(ends[0] - ends[1])


def of_cells(gates: int, units: int) -> int:
    """Parameters of a network whose cell has so many sums of inputs and states."""
    return gates * (V * units + units * units + units) + units * V + V


def nearest_lstm() -> int:
    return min(range(1, 30), key=lambda units: abs(of_cells(4, units) - of_cells(1, H)))


def last_jacobian() -> np.ndarray:
    return np.linalg.svd(plain().w["W_hh"] * plain().slopes[-1], compute_uv=False)


def growing() -> float:
    w = studied(GROWING, 100).trace.parameters
    np.testing.assert_allclose(w["W_hh"], 1.1 * np.eye(H))
    return Elman(w, *repeated(100), lambda a: np.maximum(a, 0), lambda h: 1.0 * (h > 0)).reach()


T = len(WORDS)
ORACLES = {
    "far": lambda: 100,
    "long": lambda: 200,
    "window": lambda: 2,
    "clip": lambda: 0.5,
    "keep_bias": lambda: 3,
    "steps": lambda: T,
    "parameters": lambda: of_cells(1, H),
    "parameters_long": lambda: of_cells(1, H),
    "unshared": lambda: T * of_cells(1, H),
    "room": lambda: 20,
    "vocabulary": lambda: 20_000,
    "window_weights": lambda: (20 * 20_000) * 10 + 10 + 10 * 2 + 2,
    "word_weights": lambda: 20_000 * 10 + 10 * 10 + 10 + 10 * 2 + 2,
    "shortest": lambda: 2,
    "longest": lambda: 1000,
    "influence_first": lambda: influence(1),  # before it stands the start token
    "influence_last": lambda: influence(T),
    "uses": lambda: T,
    "order_apart": gru_apart,
    "bag_apart": lambda: 0,  # tests/test_order.py has the law
    "work": lambda: 200 * (U * H + H * H + H * U),
    "span": lambda: 200 * (U * H + H * H) + H * U,  # every h, then the last y
    "far_back": lambda: 100 - 1,
    "reach_plain": lambda: Elman(plain().w, *repeated(100)).reach(),
    "reach_small_lstm": lambda: lstm_reach(nearest_lstm()),
    "reach_growing": growing,
    "small_lstm_units": nearest_lstm,
    "small_lstm_parameters": lambda: of_cells(4, nearest_lstm()),
    "stored_short": lambda: 2 * 100 * (H + U) * 8 / 1000,  # a and φ(a) in double precision
    "stored_long": lambda: 2 * 1000 * (H + U) * 8 / 1000,
    "cycles": lambda: 1,
    "peak": lambda: np.linalg.norm(np.linalg.matrix_power(np.array([[0.9, 3], [0, 0.9]]), 9), 2),
    "angle_norm": lambda: 0,
    "angle_value": lambda: angle(clip=0.5)[0],
    "truncated_share": lambda: angle(window=2)[1] * 100,
    "truncated_angle": lambda: angle(window=2)[0],
    "naive_loss": lambda: log(V),
    "naive_total": lambda: (T + 1) * log(V),
    "gru_before": lambda: of_cells(3, H),
    "gru_after": lambda: of_cells(3, H) + H,
    "inputs": lambda: V,
    "state_size": lambda: H,
    "preactivation": lambda: plain().a[-1][0],
    "squashed": lambda: tanh(plain().a[-1][0]),
    "output_sum": lambda: 1,
    "output_best": lambda: plain().y[-1].max(),
    "read_steps": lambda: T + 1,
    "loss": lambda: plain().errors.sum(),
    "recurrent_weights": lambda: H * H,
    "delay": lambda: 1,
    "dag_nodes": lambda: 4 * T,
    "dag_edges": lambda: 3 * T + T,  # x → h → y → E, and h → h, the first from the initial state
    "rounds": lambda: 1 + T + 2,
    "gradient": lambda: np.linalg.norm(plain().gradient()["W_hh"]),
    "delta": lambda: (plain().slopes[1] * sum(carried_to_first(t) for t in range(1, T + 2)))[0],
    "jacobian": lambda: last_jacobian().max(),
    "jacobian_least": lambda: last_jacobian().min(),
    "radius": lambda: 1,  # orthogonal
    "forget": lambda: sentence_in_lstm(0.0)[0],
    "forget_open": lambda: sentence_in_lstm(3.0)[0],
    "kept_idle": lambda: (1 / (1 + exp(-3))) ** T,
    "back_to_first": lambda: T,  # from the last word to the start token
    "cell": lambda: sentence_in_lstm(3.0)[1],
    "padding_gap": lambda: 0,
    "encoder_steps": lambda: T + 1,  # the words and the end
    # derivatives of h, of the h before it and of y by every weight, and one slice
    "carried": lambda: ((2 * H + U) * (U * H + H * H + H + H * U + U) + 2 * (H + U)) * 8 / 1000,
    "review_words": lambda: len(re.findall(r"\w+", PAIRS[0][1])),
    "review_answers": lambda: 1,
}


def carried_to_first(t: int) -> np.ndarray:
    """∂E_t/∂h_1."""
    g = plain().local(t)
    for k in range(t, 1, -1):
        g = plain().back(g, k)
    return g


_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


def value(text: str) -> float:
    """A number as the pages write it."""
    if " × " in text:
        return float(np.prod([value(part) for part in text.split(" × ")]))
    plain_text = text.removesuffix(" kB").rstrip("%° ").replace(",", "").replace("−", "-")
    mantissa, _, power = plain_text.partition("·10")
    return float(mantissa) * 10 ** float(power.translate(_RAISED) or 0)


@pytest.mark.parametrize("name", ORACLES)
def test_a_number_is_what_it_is_without_the_engine(name):
    text = SETTINGS.get(name) or NUMBERS[name]()
    wanted = float(ORACLES[name]())
    found = value(text)
    if "·" in text:
        assert found == pytest.approx(wanted, rel=0.006)  # three digits are written
    else:
        places = len(re.sub(r"\D*$", "", text).partition(".")[2])
        is_counted = places == 0 and "%" not in text
        assert found == pytest.approx(wanted, abs=0 if is_counted and wanted == int(wanted) else 0.501 * 10.0**-places)


def test_two_ways_to_one_gradient_differ_by_rounding_alone():
    assert value(NUMBERS["rtrl_gap"]()) < 1e-13
    for name, array in plain().gradient().items():
        np.testing.assert_allclose(backward(ran(SHOWN).trace).weights[name], array, atol=1e-12)


def test_every_number_has_an_oracle_and_a_place():
    assert set(ORACLES) | {"rtrl_gap"} == set(NUMBERS) | set(SETTINGS)
    used = {place for part in PARTS for entry in entries(part) for place in entry.places}
    assert used == set(NUMBERS) | set(SETTINGS)


@pytest.mark.parametrize("part", PARTS)
def test_every_entry_is_short_and_has_a_number_and_a_link(part):
    found = entries(part)
    least, most = {"limits": (6, 9), "asked": (8, 10), "glossary": (15, 22)}[part]
    assert least <= len(found) <= most
    assert len({entry.title for entry in found}) == len(found)
    for entry in found:
        assert set(entry.places) - set(SETTINGS), entry.title
        assert entry.links, entry.title
        assert len(entry.text.split()) < 70, entry.title
        assert "{=" not in entry.written()
        assert "](" not in entry.text, "every link was read"
    if part == "glossary":
        titles = [re.sub(r"\W", "", entry.title).lower() for entry in found]
        assert titles == sorted(titles)


@pytest.mark.parametrize(
    "link", [link for part in PARTS for entry in entries(part) for link in entry.links], ids=lambda link: str(link)
)
def test_a_link_leads_to_a_page_that_can_be_set_like_that(link):
    assert (ROOT / "pages" / f"{link.page}.py").exists()
    known = {**SHARED, **PAGES.get(link.page, {}), **(OF_PAPERS if link.page == "papers" else {})}
    for name, text in link.query:
        if name not in ("t", "node"):
            assert name in known, f"{link.page} has no {name}"
            assert known[name].repaired(text)[1] is None


@pytest.mark.parametrize(
    ("network", "link"),
    [
        ({"act": "relu", "init": "identity", "gain": 1.1}, "gain=1.1"),
        ({"arch": "lstm", "bias": 3.0}, "arch=LSTM"),
    ],
)
def test_what_is_linked_to_is_what_was_computed(network, link):
    assert replace(SHOWN, **network) in (GROWING, LSTM)
    texts = "".join((ROOT / "assets/text/questions" / f"{part}.md").read_text(encoding="utf-8") for part in PARTS)
    assert link in texts


def test_a_number_that_there_is_not_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr("explorer.questions._TEXTS", tmp_path)
    (tmp_path / "unheard.md").write_text("## Title\nThere are {=unheard_of}.\n", encoding="utf-8")
    with pytest.raises(ValueError, match="unheard_of, for which there is no number"):
        entries("unheard")


def test_an_entry_is_read_with_its_formula_and_its_links():
    (entry,) = read("## A $h_{t}$\nIt is $W_{hh}$ and\n{=steps}.\n\n[Two](papers?card=RTRL&x=1)\n[One](why)\n")
    assert (entry.title, entry.text) == ("A $h_{t}$", "It is $W_{hh}$ and {=steps}.")
    assert [(link.page, link.query) for link in entry.links] == [
        ("papers", (("card", "RTRL"), ("x", "1"))),
        ("why", ()),
    ]
    assert entry.written() == f"It is $W_{{hh}}$ and **{T}**."
