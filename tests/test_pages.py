"""The pages without a browser: Streamlit's own test runner, through the router, as a link would open them."""

from __future__ import annotations

import base64
import json
import math
import re
from collections import Counter
from functools import lru_cache
from html import unescape
from itertools import pairwise
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import explorer
from explorer.architectures import ARCHITECTURES
from explorer.engine.activations import SQUASHING
from explorer.fields import Choice, Field, Number, Text
from explorer.naming import NOTATIONS
from explorer.page_settings.shared import SENTENCE, SHARED
from explorer.parameters import INITIALIZERS
from explorer.settings import PAGES as OWN
from explorer.tasks.text import END, READY_SENTENCES, START, Vocabulary
from tests.test_views import copies, folded

MAIN = Path(__file__).resolve().parent.parent / "pages" / "main.py"
PAGES = ("unroll", "forward", "backward", "vanishing", "gates", "train", "papers")
READING = PAGES[:-2]  # tasks and papers have inputs of their own
DRAWN = ("unroll", "forward", "backward", "gates")  # by the diagram
GRID = [(name, depth) for name in ARCHITECTURES for depth in (1, 2)]
PATIENCE = 30  # seconds; a busy machine is no failure


def opened(page: str, **link: str | int) -> AppTest:
    """A fresh session that follows a link to a page."""
    app = AppTest.from_file(str(MAIN), default_timeout=PATIENCE)
    for name, value in link.items():
        app.query_params[name] = str(value)
    if page != "unroll":
        app.switch_page(f"{page}.py")
    return app.run()


@lru_cache(maxsize=128)
def seen(page: str, **link: str | int) -> AppTest:
    """Like `opened`, for tests that only look."""
    return opened(page, **link)


def sentences(app: AppTest) -> str:
    """What the page complains about, with Markdown's escapes taken away."""
    return " ".join(re.sub(r"\\(.)", r"\1", note.value) for note in app.info)


def scene(app: AppTest) -> dict:
    """What the diagram was told."""
    (component,) = app.get("bidi_component")
    return json.loads(component.proto.json or component.proto.mixed.json)


def formulas(app: AppTest) -> list[str]:
    """The LaTeX of every equation."""
    return [found for block in app.markdown for found in re.findall(r"\$\$\n(.*?)\n\$\$", block.value)]


def charts(app: AppTest) -> list[dict]:
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


def alternatives(app: AppTest) -> list[str]:
    return [chart.proto.alt for chart in app.get("plotly_chart")]


def numbers_of(packed: dict | list) -> np.ndarray:
    """An array as Plotly writes it into JSON."""
    if isinstance(packed, list):
        return np.array(packed, dtype=float)
    flat = np.frombuffer(base64.b64decode(packed["bdata"]), dtype=packed["dtype"])
    return flat.reshape([int(n) for n in str(packed["shape"]).split(",")]) if "shape" in packed else flat


def tables(app: AppTest) -> list[list[list[str]]]:
    """Rows of every Markdown table, without its head."""
    found = []
    for text in (block.value for block in app.markdown):
        if text.startswith("|"):
            rows = [[cell.strip(" *") for cell in line.strip("|").split("|")] for line in text.splitlines()[2:]]
            found.append(rows)
    return found


def without_problems(app: AppTest) -> bool:
    return not app.exception and not app.error


# ---- every network on every page --------------------------------------------------------------------------------


@pytest.mark.parametrize("page", READING)
@pytest.mark.parametrize(("name", "depth"), GRID)
def test_every_network_can_be_opened(page, name, depth):
    app = seen(page, arch=ARCHITECTURES[name].title, depth=depth, hidden=3)
    assert without_problems(app), app.exception
    assert not app.info
    if page in DRAWN:
        drawn = scene(app)
        assert drawn["title"] == ARCHITECTURES[name].title or page == "gates", "which shows one that has gates"
        assert drawn["steps"] >= 6
    else:
        assert ARCHITECTURES[name].title in alternatives(app)[0]
    assert app.session_state["arch"] == name
    assert app.session_state["depth"] == depth


EXTREMES: list[dict[str, str | float]] = [
    {"gain": 0},
    {"gain": 10, "radius": 4},
    {"radius": 0},
    {"bias": -10, "arch": "LSTM"},
    {"bias": 10, "arch": "GRU, reset after product"},
    {"text": "a", "hidden": 1},
    {"text": "la " * 99, "hidden": 1, "depth": 4},
    {"hidden": 64, "depth": 4, "arch": "Bidirectional LSTM", "unit": "characters", "text": "abc"},
    *({"act": act, "init": init} for act, init in zip(SQUASHING, [*INITIALIZERS, *INITIALIZERS], strict=False)),
    *({"init": init, "gain": 3} for init in INITIALIZERS),
    *({"names": example} for example in (kind.example for kind in NOTATIONS.values())),
]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("link", EXTREMES, ids=str)
def test_the_ends_of_every_control_can_be_shown(page, link):
    app = seen(page, **link)
    assert without_problems(app), app.exception
    assert not any("runs from" in note.value or "which there is not" in note.value for note in app.info)
    for text in (block.value for block in (*app.markdown, *app.caption)):
        assert not re.search(r"\b(nan|inf|None)\b", text), text
    told = alternatives(app)
    assert len(told) == len(charts(app))
    assert all(len(text) > 20 for text in told)


def integer(cell: str) -> int:
    return int(re.match(r"[\d,]+", cell)[0].replace(",", ""))


@pytest.mark.parametrize(("name", "depth"), GRID)
def test_the_facts_are_true(name, depth):
    """Counted from the definition with networkx, in a graph built here from what the link says."""
    app = seen("unroll", arch=ARCHITECTURES[name].title, depth=depth, hidden=3)
    T = scene(app)["steps"]
    words = SENTENCE.split()
    graph = explorer.build(
        name, inputs=len(set(words)) + 2, hidden=3, outputs=len(set(words)) + 2, depth=depth, source_steps=7
    )
    dag = copies(graph, T)
    assert nx.is_directed_acyclic_graph(dag)
    real = [node for node in dag if 1 <= node[1] <= T]
    parameters = sum(int(np.prod(shape)) for shape in graph.parameter_shapes.values())
    facts, uses = tables(app)
    (_, cycles, nodes, edges, numbers), (title, none, copied, joined, same) = facts
    assert title == f"unrolled, T = {T}"
    found = number_of_cycles(graph)
    assert cycles == (str(found) if found < 60 else "60 or more")
    assert none == "0"
    assert (integer(nodes), integer(copied)) == (len(graph.layers), len(real))
    assert (integer(edges), integer(joined)) == (len(graph.connections), dag.number_of_edges())
    assert integer(numbers) == integer(same) == parameters
    initial = len(dag) - len(real)
    assert f"and {initial} initial state" in copied
    symbols = NOTATIONS["matrices"].symbols(graph)
    assert len(uses) == len(graph.parameter_shapes)
    for (symbol, shape, used), (weight, expected) in zip(uses, graph.parameter_shapes.items(), strict=True):
        assert symbol == f"${symbols[weight].latex()}$"
        assert shape == " × ".join(map(str, expected))
        carried = sum(1 for *_, name in dag.edges(data="weight") if name == weight)
        carried += sum(1 for layer, _ in real if graph[layer].bias == weight)
        assert used == ("once" if carried == 1 else f"{carried} times"), weight


def number_of_cycles(graph):
    """Simple cycles of the layers, times the choices where several connections join the same two."""
    parallel = Counter((c.source, c.target) for c in graph.connections)
    return sum(
        math.prod(parallel[pair] for pair in pairwise([*cycle, cycle[0]])) for cycle in nx.simple_cycles(folded(graph))
    )


@pytest.mark.parametrize("name", ["elman", "jordan", "tapped", "gru_reset_after", "bidirectional"])
def test_the_cycles_are_listed(name):
    app = seen("unroll", arch=ARCHITECTURES[name].title, hidden=3)
    listed = [line for block in app.markdown for line in block.value.splitlines() if line.startswith("1. $")]
    assert len(listed) == number_of_cycles(explorer.build(name, 2, 2, 2))
    assert all(re.search(r"\$, total delay -?[1-9]\d*$", line) for line in listed)
    if name == "elman":
        assert listed == [r"1. $h \rightarrow h$, total delay 1"]


def test_the_other_notation_is_used_everywhere():
    app = seen("unroll", names="W, U, V")
    assert [row[0] for row in tables(app)[1]] == ["$W$", "$U$", "$V$", "$b$", "$c$"]
    assert [weight["label"][0] for weight in scene(app)["weights"]] == ["W", "U", "V"]
    read = seen("forward", names="W, U, V")
    assert formulas(read)[0] == r"h_{7} = \tanh\left(x_{7}\,W + h_{6}\,U + b\right)"


def test_unroll_shows_the_length_of_the_link_and_forward_the_sentences():
    assert scene(seen("unroll", T=12))["steps"] == 12
    assert scene(seen("forward", T=12))["steps"] == len(SENTENCE.split()) + 1
    assert scene(seen("unroll"))["steps"] == len(SENTENCE.split())


def test_the_diagram_gets_what_its_page_shows():
    drawn, read = scene(seen("unroll")), scene(seen("forward"))
    assert set(drawn["controls"]) == {"fold", "length", "order"}
    assert drawn["limits"] == [1, 200]
    assert drawn["intro"] is True
    assert drawn["values"] is None
    assert len(drawn["order"]) == len(copies(explorer.build("elman", 7, 8, 7), 6))
    assert "time" in read["controls"]
    assert not read["intro"], "plays once, on the page about unrolling"
    assert set(read["values"]) == {"x", "h", "y", "E"}
    assert [track["kind"] for track in read["tracks"]] == ["heat", "bars", "bars"]


@pytest.mark.parametrize(
    ("link", "front", "intro"), [({}, None, True), ({"unrolled": 0}, 0, False), ({"unrolled": 3}, 3, False)]
)
def test_a_link_says_how_far_the_network_is_unrolled(link, front, intro):
    drawn = scene(seen("unroll", **link))
    assert (drawn["front"], drawn["intro"]) == (front, intro)


# ---- the numbers of the page against a textbook -----------------------------------------------------------------

WORDS = ["how", "are", "you"]


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def softmax(a):
    return np.exp(a) / np.exp(a).sum()


def elman(W, xs):
    h = np.zeros(W["W_hh"].shape[0])
    for x in xs:
        before, h = h, np.tanh(x @ W["W_xh"] + h @ W["W_hh"] + W["b_h"])
        yield {"x": x, "h": h, "h-1": before, "y": softmax(h @ W["W_hy"] + W["b_y"])}


def lstm(W, xs):
    h = c = np.zeros(W["W_hf"].shape[0])
    for x in xs:
        before, memory = h, c
        f, i, o = (sigmoid(x @ W[f"W_x{k}"] + h @ W[f"W_h{k}"] + W[f"b_{k}"]) for k in "fio")
        g = np.tanh(x @ W["W_xg"] + h @ W["W_hg"] + W["b_g"])
        c = f * c + i * g
        h = o * np.tanh(c)
        y = softmax(h @ W["W_hy"] + W["b_y"])
        yield {"x": x, "f": f, "i": i, "o": o, "g": g, "c": c, "h": h, "y": y, "h-1": before, "c-1": memory}


def gru(W, xs):
    h = np.zeros(W["W_hz"].shape[0])
    for x in xs:
        before = h
        z, r = (sigmoid(x @ W[f"W_x{k}"] + h @ W[f"W_h{k}"] + W[f"b_{k}"]) for k in "zr")
        n = np.tanh(x @ W["W_xn"] + (r * h) @ W["W_hn"] + W["b_n"])
        h = z * h + (1 - z) * n
        yield {"x": x, "z": z, "r": r, "n": n, "h": h, "h-1": before, "y": softmax(h @ W["W_hy"] + W["b_y"])}


TEXTBOOK = {"elman": elman, "lstm": lstm, "gru_reset_before": gru}


@lru_cache(maxsize=16)
def computed(name, hidden=4, seed=7):
    """Every step by hand, and the weights the library draws for this seed."""
    unit = Vocabulary.of(WORDS).index
    weights = explorer.initialize(explorer.build(name, 5, hidden, 5), seed, recurrent="gaussian")
    xs = np.eye(5)[[unit(START), *map(unit, WORDS)]]
    targets = [*map(unit, WORDS), unit(END)]
    steps = list(TEXTBOOK[name](weights, xs))
    for step, target in zip(steps, targets, strict=True):
        step["E"] = -np.log(step["y"][[target]])
    return weights, steps


def looked_at(name, layer, t, hidden=4):
    return seen(
        "forward",
        arch=ARCHITECTURES[name].title,
        text=" ".join(WORDS),
        hidden=hidden,
        seed=7,
        init="gaussian",
        t=t,
        node=layer,
    )


def number(text):
    digits = str.maketrans("−⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "--0123456789")
    return float(text.replace("·10", "e").translate(digits))


def lines(app) -> list[tuple[str, np.ndarray]]:
    """Names and vectors of the table of numbers, as they stand on the page."""
    (block,) = [block.proto.body for block in app.get("html") if 'class="numbers"' in block.proto.body]
    names = [unescape(name) for name in re.findall('data-latex="(.*?)"', block)]
    rows = [re.findall("<td>(.*?)</td>", row) for row in re.findall("<tr>(.*?)</tr>", block)[1:]]
    return [(name, np.array([number(row[i]) for row in rows if row[i]])) for i, name in enumerate(names)]


def shares(app) -> dict[str, float]:
    """The distribution that the page shows: token, marked if it is the target, and probability."""
    (block,) = [block.proto.body for block in app.get("html") if 'class="shares"' in block.proto.body]
    rows = re.findall("<tr.*?><th.*?>(.*?)</th>.*<td>(.*?)</td></tr>", block.replace("</tr>", "</tr>\n"))
    return {unescape(token): number(share) for token, share in rows}


def agree(shown, expected):
    np.testing.assert_allclose(shown, expected, rtol=0.0051, atol=1e-15)  # three significant digits


CASES = [(name, layer, t) for name in TEXTBOOK for layer in ("h", "y", "x", "E") for t in (1, 3, 4)]
CASES += [("lstm", layer, 3) for layer in "fiogc"] + [("gru_reset_before", layer, 3) for layer in "zrn"]


@pytest.mark.parametrize(("name", "layer", "t"), CASES)
def test_the_value_in_a_node_is_the_textbooks(name, layer, t):
    _, steps = computed(name)
    app = looked_at(name, layer, t)
    assert without_problems(app)
    shown = lines(app)
    assert shown[-1][0].startswith(rf"{layer}_{{{t}}}")
    agree(shown[-1][1], steps[t - 1][layer])


@pytest.mark.parametrize("t", [1, 4])
def test_every_line_of_an_elman_state(t):
    W, steps = computed("elman")
    step = steps[t - 1]
    parts = [step["x"] @ W["W_xh"], step["h-1"] @ W["W_hh"], W["b_h"]]
    expected = {
        rf"x_{{{t}}}\,W_{{xh}}": parts[0],
        rf"h_{{{t - 1}}}\,W_{{hh}}": parts[1],
        "b_{h}": parts[2],
        f"a^{{h}}_{{{t}}}": sum(parts),
        rf"h_{{{t}}}": step["h"],
    }
    shown = lines(looked_at("elman", "h", t))
    assert [name for name, _ in shown] == list(expected)
    for name, vector in shown:
        agree(vector, expected[name])


def test_every_line_of_an_lstm_forget_gate():
    W, steps = computed("lstm")
    step = steps[2]
    shown = dict(lines(looked_at("lstm", "f", 3)))
    agree(shown[r"x_{3}\,W_{xf}"], step["x"] @ W["W_xf"])
    agree(shown[r"h_{2}\,W_{hf}"], step["h-1"] @ W["W_hf"])
    agree(shown["f_{3}"], step["f"])


def test_an_lstm_cell_is_a_sum_of_two_products():
    _, steps = computed("lstm")
    step = steps[2]
    assert r" + " in formulas(looked_at("lstm", "c", 3))[0]
    (_, kept), (_, added), (_, cell) = lines(looked_at("lstm", "c", 3))
    agree(kept, step["f"] * step["c-1"])
    agree(added, step["i"] * step["g"])
    agree(cell, step["c"])


def test_the_concatenated_reading_gives_the_same_numbers():
    W, steps = computed("elman")
    app = looked_at("elman", "h", 3)
    assert formulas(app)[1] == (
        r"h_{3} = \tanh\left([h_{2},\ x_{3}] \begin{bmatrix} W_{hh} \\ W_{xh} \end{bmatrix} + b_{h}\right)"
    )
    joined = np.concatenate([steps[2]["h-1"], steps[2]["x"]])
    agree(lines(app)[-1][1], np.tanh(joined @ np.vstack([W["W_hh"], W["W_xh"]]) + W["b_h"]))


@pytest.mark.parametrize("t", [1, 4])
def test_the_output_is_shown_as_the_distribution_it_is(t):
    _, steps = computed("elman")
    shown = shares(looked_at("elman", "h", t))
    aim = [*WORDS, END][t - 1]
    expected = {token: steps[t - 1]["y"][unit] for unit, token in enumerate(Vocabulary.of(WORDS).tokens)}
    assert [token for token in shown if token.endswith(" ← target")] == [f"{aim} ← target"]
    for token, share in shown.items():
        agree(share, expected[token.removesuffix(" ← target")])
    assert len(shown) == len(expected)


def test_long_vectors_are_colours_with_their_numbers_one_click_away():
    W, steps = computed("elman", hidden=12)
    app = looked_at("elman", "h", 3, hidden=12)
    (vectors,) = charts(app)
    cells = numbers_of(vectors["data"][0]["z"])
    np.testing.assert_allclose(cells[0], steps[2]["x"] @ W["W_xh"], rtol=1e-6)
    np.testing.assert_allclose(cells[-1], steps[2]["h"], rtol=1e-6)
    agree(lines(app)[-1][1], steps[2]["h"])


def test_the_diagrams_values_and_strips_are_the_textbooks():
    _, steps = computed("elman")
    drawn = scene(looked_at("elman", "h", 2))

    def decoded(text):
        return np.frombuffer(base64.b64decode(text), dtype="<f4")

    heat, errors, influence = drawn["tracks"]
    states = np.array([step["h"] for step in steps])
    np.testing.assert_allclose(decoded(drawn["values"]["h"]).reshape(4, 4), states, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(decoded(heat["data"]).reshape(4, 4), states, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(decoded(errors["data"]), [step["E"][0] for step in steps], rtol=1e-5)
    W, _ = computed("elman")
    matrix = decoded(influence["data"]).reshape(4, 4)
    h1, h2 = steps[0]["h"], steps[1]["h"]
    direct = W["W_xh"] * (1 - h1**2)
    assert matrix[0, 0] == pytest.approx(np.linalg.norm(direct), rel=1e-5)
    assert matrix[1, 0] == pytest.approx(np.linalg.norm(direct @ (W["W_hh"] * (1 - h2**2))), rel=1e-5)
    assert not matrix[np.triu_indices(4, 1)].any()
    assert drawn["cursor"] == 2
    assert drawn["selected"] == {"layer": "h", "t": 2}


def test_an_error_names_its_target_and_every_chart_has_words():
    app = looked_at("elman", "E", 2)
    assert formulas(app)[0] == r"E_{2} = -\ln y_{2}[\text{are}]"
    told = alternatives(looked_at("elman", "h", 3, hidden=12))
    assert told
    assert all(len(text) > 20 for text in told)


def test_where_a_layer_is_absent_the_state_that_exists_is_open():
    late = seen("forward", arch="Encoder–decoder, Elman", node="h_enc")
    assert without_problems(late)
    assert formulas(late)[0].startswith(r"h_{14}^{(\mathrm{dec})} =")
    early = seen("forward", arch="Encoder–decoder, Elman", t=2)
    assert formulas(early)[0].startswith(r"h_{2}^{(\mathrm{enc})} =")
    assert not [block for block in early.get("html") if 'class="shares"' in block.proto.body], "an encoder says nothing"


# ---- bad input --------------------------------------------------------------------------------------------------

KEPT = {"text": "how are you", "arch": "LSTM", "hidden": 5, "seed": 7}
LENGTHS = [("0", 1), ("-3", 1), ("1e9", 200), ("1000000000", 200), ("inf", 200), ("1e999", 200), ("7.5", 7)]
LENGTHS += [("abc", None), ("nan", None), ("", None), ("-inf", 1), ("9" * 400, 200), ("\x00", None)]
OTHERS = [
    # link, what is shown instead, what the sentence says
    ({"arch": "transformer"}, {"arch": "elman"}, "a network 'transformer', which there is not; Elman is shown"),
    ({"act": "swish"}, {"act": "tanh"}, "an activation 'swish', which there is not; tanh is shown"),
    ({"init": "zeros"}, {"init": "orthogonal"}, "an initialiser 'zeros', which there is not"),
    ({"unit": "letters"}, {"unit": "words"}, "'letters', which there is not; words is shown"),
    ({"names": "greek"}, {"names": "matrices"}, "'greek', which there is not"),
    ({"depth": "99"}, {"depth": 4}, "Depth runs from 1 to 4; the link says '99', so 4 is shown"),
    ({"hidden": "0"}, {"hidden": 1}, "Hidden units H runs from 1 to 64; the link says '0', so 1 is shown"),
    ({"seed": "-1"}, {"seed": 0}, "Seed runs from 0 to 9999; the link says '-1', so 0 is shown"),
    ({"text": "the cat " * 1250}, {}, "the link has 10,000, so the first 1,000 are used"),
]


def state_of(app) -> dict:
    return {name: app.session_state[name] for name in SHARED}


def defaults() -> dict:
    return {name: field.default for name, field in SHARED.items()}


LENGTHS_ON = [("unroll", *length) for length in LENGTHS]
LENGTHS_ON += [(page, *length) for page in PAGES[1:] for length in LENGTHS[1:6:2] + LENGTHS[7:8]]


@pytest.mark.parametrize(("page", "text", "nearest"), LENGTHS_ON, ids=lambda value: repr(value)[:10])
def test_an_impossible_length_is_repaired_and_said(page, text, nearest):
    app = opened(page, T=text, **KEPT)
    assert without_problems(app), app.exception
    assert "Steps T runs from 1 to 200" in sentences(app)
    assert state_of(app) == defaults() | KEPT | {"arch": "lstm", "T": nearest}
    assert app.query_params.get("T") == (None if nearest is None else str(nearest)), "the link means what is shown"
    if page in DRAWN:
        assert scene(app)["steps"] == (nearest or 3 if page == "unroll" else 4)


def illegal(field: Field) -> list[tuple[str, str | float | None]]:
    """Values that a field may not have, each with the nearest that it may."""
    if isinstance(field, Choice):
        return [(text, field.default) for text in ("nope", "")]
    if isinstance(field, Text):
        long = "la " * field.most
        return [(long, long[: field.most] if field.complaint(long) is None else field.default)]
    assert isinstance(field, Number)
    return [(str(field.least - 3), field.least), ("1e999", field.most), ("abc", field.default)]


def complaint(field: Field, text: str) -> str:
    """What is said of such a value."""
    if isinstance(field, Choice):
        return "which there is not"
    if isinstance(field, Text):
        return field.complaint(text) or f"{field.title} may have"
    return f"{field.label} runs from {field.least} to"


OWN_FIELDS = [
    (page, name, text, nearest)
    for page, table in OWN.items()
    for name, field in table.items()
    for text, nearest in illegal(field)
]


@pytest.mark.parametrize(("page", "name", "text", "nearest"), OWN_FIELDS, ids=lambda part: str(part)[:24])
def test_what_a_page_adds_to_a_link_is_repaired_and_said(page, name, text, nearest):
    small = KEPT | ({"length": 12} if page == "vanishing" else {})
    app = opened(page, **(small | {name: text}))
    assert without_problems(app), app.exception
    field = OWN[page][name]
    assert complaint(field, text) in sentences(app)
    assert state_of(app) == defaults() | KEPT | {"arch": "lstm"}
    wanted = {other: kind.default for other, kind in OWN[page].items()} | {
        key: value for key, value in small.items() if key in OWN[page]
    }
    assert {other: app.session_state[other] for other in OWN[page]} == wanted | {name: nearest}
    again = opened(page, **dict(app.query_params.items()))
    assert complaint(field, text) not in sentences(again), "the link means what is shown"
    assert again.session_state[name] == nearest


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(("link", "shown", "told"), OTHERS, ids=lambda value: repr(value)[:24])
def test_what_there_is_not_is_replaced_and_said(page, link, shown, told):
    app = opened(page, **(KEPT | link))
    assert without_problems(app), app.exception
    assert told in sentences(app)
    kept = {"arch": "lstm", **{name: value for name, value in KEPT.items() if name != "arch"}}
    expected = defaults() | kept | shown
    found = state_of(app)
    if "text" in link:
        assert found.pop("text") == link["text"][:1000]
        expected.pop("text")
    assert found == expected


@pytest.mark.parametrize("page", PAGES)
def test_many_bad_values_get_a_sentence_each(page):
    app = opened(page, T="1e999", arch="<b>", act="$x$", depth="-1", seed="x", hidden="64", text="you")
    assert without_problems(app), app.exception
    said = sentences(app)
    for part in ("Steps T runs", "'<b>'", "'$x$'", "Depth runs", "Seed runs"):
        assert part in said
    assert app.session_state["hidden"] == 64
    assert app.session_state["text"] == "you"


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "$\\frac{1}{0}$", "`x`", "**x**", ":red[x]", "[x](y)"])
def test_what_a_link_says_is_never_read_as_markup(text):
    app = opened("unroll", arch=text)
    (note,) = app.info
    plain = re.sub(r"\\.", "", note.value)
    assert not set(plain) & set("<>$`*[]|\\"), note.value
    assert "which there is not" in note.value


@pytest.mark.parametrize("page", DRAWN)
@pytest.mark.parametrize(
    "link",
    [{"t": t} for t in ("0", "-1", "99999", "abc", "1e9", "", "٣", "1e999")]
    + [{"unrolled": front} for front in ("-1", "99999", "abc", "1e999")]
    + [{"node": "nope"}, {"node": ""}, {"utm": "x"}],
    ids=str,
)
def test_a_cursor_that_cannot_be_falls_back_in_silence(page, link):
    app = seen(page, **link)
    assert without_problems(app), app.exception
    drawn = scene(app)
    assert 1 <= drawn["cursor"] <= drawn["steps"]
    assert drawn["front"] is None or 0 <= drawn["front"] <= drawn["steps"]
    if "node" in link and page in ("forward", "backward"):
        assert drawn["selected"]["layer"] == "h"


TEXTS = {
    "empty": "",
    "spaces": " \t ",
    "emoji": "I ❤️ 🐈 👩\u200d👩\u200d👧 👍🏽",
    "right to left": "مرحبا بالعالم שלום",
    "override": "abc \u202edef\u202c ghi",
    "one word": "猫",
    "script": "<script>alert('x')</script> <img src=x onerror=alert(1)>",
    "latex": "$\\frac{1}{0}$ \\end{aligned} }{ \\href{javascript:alert(1)}{x} %",
    "code": "`x` ```y```",
    "table": "| a | b |\n|---|---|",
    "markdown": "**bold** # head [a](b) :red[c] :material/home:",
    "plotly": "<b>b</b><br><a href='x'>y</a> %{x}",
    "nul": "a\x00b \x1b[31m",
    "one long word": "x" * 1000,
    "long": "a " * 500,
    "61 words": " ".join(f"w{i}" for i in range(61)),
    "format": "%s %d {0} {} %(x)s",
    "numbers": "NaN inf 1e999 -0",
    "surrogate pair": "𝒳𝒴 🏳️\u200d🌈",
}


@pytest.mark.parametrize(("page", "unit"), [*((page, "words") for page in READING), ("forward", "characters")])
@pytest.mark.parametrize("text", TEXTS.values(), ids=list(TEXTS))
def test_any_sentence_can_be_read(page, text, unit):
    app = opened(page, text=text, unit=unit, seed=7, node="E", hidden=3)
    assert without_problems(app), app.exception
    said = sentences(app)
    assert ("is empty" in said) == (not text.strip())
    assert "which there is not" not in said
    assert app.session_state["seed"] == 7
    if page in DRAWN:
        drawn = scene(app)
        assert 1 <= drawn["steps"] <= 200
        assert len(drawn["tokens"]) == drawn["steps"]
    # nothing but the diagram and the charts, which do not read markup, may carry the learner's words
    for written in (*(block.value for block in (*app.markdown, *app.caption)), *formulas(app)):
        assert not re.search(r"<script|onerror|javascript:|:red\[|<img", written), written
    for formula in formulas(app):
        depth = 0
        for character in re.sub(r"\\[{}]", "", formula):
            depth += {"{": 1, "}": -1}.get(character, 0)
            assert depth >= 0, formula
        assert depth == 0, formula


def test_words_reach_the_diagram_as_they_were_typed():
    words = ["a", "<", "b", "$", "c", "$", "👍🏽", "שלום"]
    assert scene(opened("unroll", text=" ".join(words)))["tokens"] == words


@pytest.mark.parametrize("page", READING)
def test_a_text_too_long_for_a_link_can_still_be_typed(page):
    app = opened(page, seed=7)
    app.text_input(key="text").set_value("the cat " * 1250).run()
    assert without_problems(app), app.exception
    assert "The text has 2,500 words; the first 99 are used." in sentences(app)
    if page in DRAWN:
        assert scene(app)["steps"] == (99 if page == "unroll" else 100)
    assert app.session_state["seed"] == 7


def test_the_sixty_first_word_is_unknown():
    app = seen("forward", text=" ".join(f"w{i:02}" for i in range(61)), node="x", t=62)
    assert "61 different words" in sentences(app)
    assert "unit 63 of 63" in formulas(app)[0]
    assert scene(app)["tokens"][-1] == "w60"


# ---- moving about -----------------------------------------------------------------------------------------------


def test_a_ready_sentence_replaces_the_learners_and_its_length():
    app = opened("unroll", text="a b c d e", T=12)
    assert scene(app)["steps"] == 12
    app.selectbox(key="ready").select(READY_SENTENCES[1]).run()
    assert app.session_state["text"] == READY_SENTENCES[1]
    assert scene(app)["tokens"] == READY_SENTENCES[1].split()
    assert scene(app)["steps"] == len(READY_SENTENCES[1].split())


def test_a_new_sentence_brings_its_own_length():
    app = opened("unroll", T=12)
    app.text_input(key="text").set_value("one two").run()
    assert scene(app)["steps"] == 2


def test_controls_change_what_is_drawn():
    app = opened("unroll")
    app.selectbox(key="arch").select("lstm").run()
    assert scene(app)["title"] == "LSTM"
    app.number_input(key="T").set_value(9).run()
    assert scene(app)["steps"] == 9
    assert "T = 9" in tables(app)[0][1][0]
    app.number_input(key="hidden").set_value(3).run()
    assert [row[1] for row in tables(app)[1] if row[0] == "$W_{hg}$"] == ["3 × 3"]
    app.number_input(key="depth").set_value(2).run()
    assert len(scene(app)["layers"]) == 21
    assert without_problems(app)


def test_the_seed_decides_every_number():
    first, again, other = (opened("forward", seed=seed) for seed in (3, 3, 4))
    assert scene(first) == scene(again)
    assert scene(first)["values"]["h"] != scene(other)["values"]["h"]


@pytest.mark.parametrize("start", PAGES)
def test_settings_travel_between_pages(start):
    link = {"arch": "LSTM", "text": "how are you", "seed": 7, "T": 12, "radius": 1.5, "gain": 2, "bias": -1}
    app = opened(start, **link)
    at = PAGES.index(start)
    for page in (*PAGES[at + 1 :], *PAGES[: at + 1]):
        app.switch_page(f"{page}.py").run()
        assert without_problems(app)
        assert state_of(app) == defaults() | link | {"arch": "lstm"}
        if page in DRAWN:
            assert scene(app)["title"] == "LSTM"
            assert "how" in scene(app)["tokens"]
