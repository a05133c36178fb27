"""Layout, scene, colours and charts: pure functions, so laws about their results."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
import sys
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest

from explorer.architectures import ARCHITECTURES, build
from explorer.engine.influence import influence
from explorer.figures import charts, diagram, layout, theme
from explorer.graph import Connection, Graph, Layer, Presence
from explorer.naming import NOTATIONS
from explorer.settings import Network
from explorer.unrolling import generations, topological_order, unroll
from explorer.views import ran, unrolled

ROOT = Path(__file__).resolve().parent.parent
GRID = [(name, depth) for name in ARCHITECTURES for depth in (1, 2)]


def graph_of(name, depth=1):
    return build(name, inputs=5, hidden=4, outputs=5, depth=depth)


def pixels(graph):
    size = layout.cell_size(graph)
    return {name: np.array(place) * size for name, place in layout.places(graph).items()}


# ---- layout -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "depth"), GRID)
def test_every_layer_has_a_place_of_its_own_inside_the_cell(name, depth):
    graph = graph_of(name, depth)
    places = layout.places(graph)
    assert set(places) == {layer.name for layer in graph.layers}
    assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in places.values())
    for (one, here), (other, there) in combinations(pixels(graph).items(), 2):
        assert np.linalg.norm(here - there) > 40, f"{one} and {other} touch"


@pytest.mark.parametrize(("name", "depth"), GRID)
def test_inputs_are_lowest_and_the_error_is_highest(name, depth):
    graph = graph_of(name, depth)
    for layer in graph.layers:
        height = layout.places(graph)[layer.name][1]
        assert (height == 0) == (layer.role == "input"), layer.name
        assert (height == 1) == (layer.role == "loss"), layer.name


@pytest.mark.parametrize(("name", "depth"), GRID)
def test_what_is_read_in_the_same_step_lies_lower(name, depth):
    graph = graph_of(name, depth)
    places = layout.places(graph)
    for c in graph.connections:
        if c.delay == 0:
            assert places[c.source][1] < places[c.target][1], f"{c.source} → {c.target}"


@pytest.mark.parametrize(("name", "depth"), GRID)
def test_no_arrow_runs_through_another_layer(name, depth):
    graph = graph_of(name, depth)
    at = pixels(graph)
    for c in graph.connections:
        if c.delay:
            continue
        start, way = at[c.source], at[c.target] - at[c.source]
        for other in at:
            if other not in (c.source, c.target):
                share = np.clip((at[other] - start) @ way / (way @ way), 0, 1)
                distance = np.linalg.norm(start + share * way - at[other])
                assert distance > 5, f"{c.source} → {c.target} runs through {other}"


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_neighbours_of_a_row_have_a_column_each(name):
    graph = graph_of(name)
    width, height = layout.cell_size(graph)
    rows = {}
    for x, y in layout.places(graph).values():
        rows.setdefault(y, []).append(x * width)
    assert all(b - a > 35 for row in rows.values() for a, b in pairwise(sorted(row)))
    levels = sorted(y * height for y in rows)
    assert all(b - a > 35 for a, b in pairwise(levels))


def test_sizes_do_not_move_layers():
    small, large = (build("lstm", inputs=2, hidden=n, outputs=2) for n in (1, 64))
    assert layout.places(small) == layout.places(large)


@pytest.mark.parametrize(
    "graph",
    [
        Graph("one", (Layer("h", 2, "tanh"),), (Connection("h", "h", "W", delay=1),)),
        Graph("apart", (Layer("a", 2), Layer("b", 2)), ()),
        Graph("wide", tuple(Layer(f"v{i}", 2) for i in range(12)), ()),
    ],
    ids=lambda graph: graph.name,
)
def test_any_graph_can_be_laid_out(graph):
    places = layout.places(graph)
    assert len(set(places.values())) == len(graph.layers)
    assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in places.values())


# ---- scene ------------------------------------------------------------------------------------------------------

PRINT_SCENES = """
import hashlib, json
import numpy as np
from explorer.architectures import ARCHITECTURES
from explorer.figures import charts, diagram
from explorer.settings import Network
from explorer.views import ran, unrolled
for name in ARCHITECTURES:
    settings = Network(text="how are you", arch=name)
    seen, read = unrolled(settings), ran(settings)
    values = {layer.name: read.trace[layer.name][:, 0] for layer in read.graph.layers}
    texts = [
        json.dumps(diagram.scene(seen.graph, seen.steps, order=seen.order, generations=seen.generations)),
        json.dumps(diagram.scene(read.graph, read.reading.steps, values=values, tokens=read.reading.shown)),
        charts.vectors(["h"], [read.trace["y"][-1, 0]]).to_json(),
    ]
    print(name, *(hashlib.sha256(text.encode()).hexdigest() for text in texts))
"""


def test_the_same_settings_give_the_same_bytes():
    """Law 9, across processes: no order of a set or a dictionary may reach a figure."""
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", PRINT_SCENES],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("1", "2")
    ]
    one, other = (run.communicate(timeout=120)[0] for run in runs)
    assert [run.returncode for run in runs] == [0, 0]
    assert one == other
    hashes = one.split()
    assert len(hashes) == 4 * len(ARCHITECTURES)
    assert len(set(hashes)) == len(hashes), "different settings, different pictures"


def full_scene(name="lstm", notation="matrices"):
    settings = Network(text="how are you", arch=name)
    view = ran(settings)
    graph, steps = view.graph, view.reading.steps
    dag = unroll(graph, steps)
    return view, diagram.scene(
        graph,
        steps,
        names=notation,
        tokens=view.reading.shown,
        limits=(1, 9),
        controls=("fold", "time"),
        intro=True,
        values={layer.name: view.trace[layer.name][:, 0] for layer in graph.layers},
        tracks=[
            diagram.Track("heat", "h", "value", view.trace["y"][1:, 0]),
            diagram.Track("bars", "E_t", "nats", view.trace.errors["E"][1:, 0]),
            diagram.Track("bars", "‖∂h_t/∂x_k‖", "", influence(view.trace)),
        ],
        order=topological_order(dag),
        generations=generations(dag),
    )


def decoded(text):
    return np.frombuffer(base64.b64decode(text), dtype="<f4")


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_a_scene_is_json_and_survives_it(name):
    _, scene = full_scene(name)
    assert json.loads(json.dumps(scene, allow_nan=False)) == scene


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_numbers_of_a_scene_are_the_traces(name):
    view, scene = full_scene(name)
    largest = 0.0
    for layer in scene["layers"]:
        values = view.trace[layer["name"]][1:, 0]
        np.testing.assert_array_equal(
            decoded(scene["values"][layer["name"]]).reshape(scene["steps"], layer["size"]), values.astype("f4")
        )
        if layer["role"] != "loss":  # an error is measured on another scale
            largest = max(largest, np.abs(values).max())
    assert scene["scale"] == pytest.approx(largest)


def test_tracks_carry_their_data_and_its_range():
    view, scene = full_scene()
    heat, bars, matrix = scene["tracks"]
    np.testing.assert_array_equal(decoded(heat["data"]), view.trace["y"][1:, 0].astype("f4").ravel())
    np.testing.assert_array_equal(decoded(bars["data"]), view.trace.errors["E"][1:, 0].astype("f4"))
    np.testing.assert_array_equal(decoded(matrix["data"]), influence(view.trace).astype("f4").ravel())
    assert (heat["rows"], heat["matrix"], bars["matrix"], matrix["matrix"]) == (5, False, False, True)
    assert bars["max"] == pytest.approx(view.trace.errors["E"].max())
    assert [track["label"] for track in scene["tracks"]] == ["h", "E_t", "‖∂h_t/∂x_k‖"]


def test_a_track_of_zeros_has_a_range_to_divide_by():
    assert diagram.Track("bars", "E_t", "", np.zeros(3)).scene()["max"] == 1.0


def test_numbers_are_little_endian_and_row_by_row():
    array = np.arange(6, dtype=">f8").reshape(3, 2).T  # neither in byte order nor in memory order
    np.testing.assert_array_equal(decoded(diagram.encoded(array)), [0, 2, 4, 1, 3, 5])


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize(("name", "depth"), GRID)
def test_every_weight_has_one_colour_and_one_name(name, depth, notation):
    graph = graph_of(name, depth)
    weights = diagram.scene(graph, 3, names=notation)["weights"]
    assert [weight["name"] for weight in weights] == list(
        dict.fromkeys(c.weight for c in graph.connections if c.weight is not None)
    )
    labels = [tuple(weight["label"]) for weight in weights]
    assert len(set(labels)) == len(labels)
    for weight in weights:
        assert tuple(weight["shape"]) == graph.parameter_shapes[weight["name"]]
    for look in ("light", "dark"):
        first = [weight[look] for weight in weights[: len(theme.WEIGHTS)]]
        assert len(set(first)) == len(first), "no colour comes back while others are unused"
        looks = [(weight[look], weight["round"]) for weight in weights]
        assert len(set(looks)) == len(looks), "a colour that comes back has another dash"


@pytest.mark.parametrize(("name", "depth"), GRID)
def test_a_scene_means_the_graph(name, depth):
    graph = graph_of(name, depth)
    scene = diagram.scene(graph, 4, tokens=["a", "b"])
    assert scene["title"] == graph.name
    assert (scene["steps"], scene["tokens"]) == (4, ["a", "b"])
    assert [(c["source"], c["target"], c["weight"], c["delay"]) for c in scene["connections"]] == [
        (c.source, c.target, c.weight, c.delay) for c in graph.connections
    ]
    for drawn, layer in zip(scene["layers"], graph.layers, strict=True):
        assert (drawn["name"], drawn["role"], drawn["size"]) == (layer.name, layer.role, layer.size)
        assert (drawn["combine"], drawn["activation"]) == (layer.combine, layer.activation)
        assert (drawn["x"], drawn["y"]) == pytest.approx(layout.places(graph)[layer.name], abs=1e-4)
        assert "_" not in drawn["text"], "words for a reader, not names of variables"
        first, last, every = drawn["presence"]
        assert Presence(first, last or -1, every).steps(9) == layer.presence.steps(9)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_order_of_a_scene_is_the_order_of_the_dag(name):
    graph = graph_of(name)
    dag = unroll(graph, 3)
    order, generation = topological_order(dag), generations(dag)
    scene = diagram.scene(graph, 3, order=order, generations=generation)
    names = [layer["name"] for layer in scene["layers"]]
    assert [(names[layer], t) for layer, t in scene["order"]] == order
    assert scene["generations"] == [generation[node] for node in order]


def test_what_is_not_given_is_not_shown():
    scene = diagram.scene(graph_of("elman"), 2)
    assert scene["values"] is scene["order"] is scene["generations"] is scene["flows"] is scene["initial"] is None
    assert (scene["wave"], scene["cuts"]) == (1, [])
    assert scene["tracks"] == scene["tokens"] == scene["controls"] == []
    assert scene["scale"] == 1.0
    assert "address" not in scene


def test_the_rest_of_a_scene_is_passed_on():
    _, scene = full_scene()
    assert scene["limits"] == [1, 9]
    assert scene["controls"] == ["fold", "time"]
    assert scene["intro"] is True


def flows_of(graph, steps, norms=-3.0):
    nodes = {layer.name: np.full(steps + 1, norms) for layer in graph.layers}
    return diagram.Flows(nodes, [np.full(steps, norms) for _ in graph.connections], "‖∂L/∂h_t‖")


def test_gradients_reach_the_script_as_they_are():
    graph = graph_of("elman")
    flows = flows_of(graph, 3)
    flows.nodes["h"][:] = [-np.inf, -412.5, np.nan, 0.25]
    sent = diagram.scene(graph, 3, wave=-1, flows=flows, cuts=np.array([1, 2]))
    assert json.loads(json.dumps(sent, allow_nan=False)) == sent
    assert (sent["wave"], sent["cuts"], sent["flows"]["label"]) == (-1, [1, 2], "‖∂L/∂h_t‖")
    np.testing.assert_array_equal(decoded(sent["flows"]["nodes"]["h"]), flows.nodes["h"].astype("f4"))
    assert [decoded(link).shape for link in sent["flows"]["links"]] == [(3,)] * len(graph.connections)


@pytest.mark.parametrize(
    ("norms", "ends", "clamped"),
    [
        ([-3.2, -1.5], (-4, -1), False),
        ([-2.0, -2.0], (-3, -2), False),
        ([-40.5, 0.5], (-11, 1), True),
        ([300.1, 310.0], (300, 310), False),
        ([-np.inf, np.nan], (-1, 0), False),
    ],
)
def test_the_scale_of_gradients_is_in_whole_decades_and_not_endless(norms, ends, clamped):
    graph = graph_of("elman")
    scale = diagram.Flows({"h": np.array(norms)}, [np.full(1, np.nan)] * len(graph.connections), "").scene(graph, 1)
    assert (scale["low"], scale["high"]) == ends
    assert scale["clamped"] is clamped


def test_gradients_that_do_not_fit_are_refused():
    graph = graph_of("elman")
    with pytest.raises(ValueError, match="1 links were given for the 4 connections of Elman"):
        diagram.scene(graph, 3, flows=diagram.Flows({}, [np.zeros(3)], ""))
    with pytest.raises(ValueError, match=r"node 'h' has the shape \(3,\); over 3 steps it is \(4,\)"):
        diagram.scene(graph, 3, flows=diagram.Flows({"h": np.zeros(3)}, [np.zeros(3)] * 4, ""))
    with pytest.raises(ValueError, match=r"link 0 has the shape \(4,\); over 3 steps it is \(3,\)"):
        diagram.scene(graph, 3, flows=diagram.Flows({}, [np.zeros(4)] * 4, ""))


@pytest.mark.parametrize(
    ("data", "log", "ends"),
    [
        ([0.5, 2.0], False, (0.0, 2.0)),
        ([-0.5, 2.0], False, (-0.5, 2.0)),
        ([-3.0, -1.0], False, (-3.0, 0.0)),
        ([0.0, np.nan], False, (0.0, 1.0)),
        ([-9.3, -np.inf], True, (-10, -9)),
        ([-400.5, 0.0], True, (-401, 0)),
    ],
)
def test_bars_have_an_axis_of_their_own(data, log, ends):
    sent = diagram.Track("bars", "g", "", np.array(data), log=log, total=1.5, weight="W_hh").scene()
    assert (sent["low"], sent["high"]) == ends
    assert (sent["log"], sent["total"], sent["weight"]) == (log, 1.5, "W_hh")
    np.testing.assert_array_equal(decoded(sent["data"]), np.array(data, "f4"))
    assert json.loads(json.dumps(sent, allow_nan=False)) == sent


def test_initial_states_are_sent_beside_the_values():
    values = np.arange(8.0).reshape(4, 2)
    sent = diagram.scene(graph_of("elman"), 3, values={"h": values})
    np.testing.assert_array_equal(decoded(sent["initial"]["h"]), values[0])
    np.testing.assert_array_equal(decoded(sent["values"]["h"]), values[1:].ravel())


def test_a_step_without_a_name_shows_what_it_does():
    def labels(name):
        return {layer["label"][0] for layer in diagram.scene(graph_of(name), 2)["layers"]}

    assert "1−z" in labels("gru_reset_before")
    assert "tanh" in labels("lstm")


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "$x$ `y` |", "\u202eabc", "👩\u200d👧", "a\x00b"])
def test_a_learners_words_reach_the_script_as_they_are(text):
    scene = diagram.scene(graph_of("elman"), 1, tokens=[text])
    assert json.loads(json.dumps(scene))["tokens"] == [text]


def test_a_long_sequence_stays_small():
    """A link to 200 steps of an LSTM is sent at every move of a control."""
    view = unrolled(Network(text="how are you", arch="lstm"), 200)
    scene = diagram.scene(view.graph, 200, tokens=view.words, order=view.order, generations=view.generations)
    assert len(json.dumps(scene)) < 100_000


def test_the_script_is_one_module_and_loads_nothing():
    script, style = diagram.script(), diagram.style()
    assert script.count("export default") == 1
    lines = [line.strip() for line in script.splitlines()]
    assert not [line for line in lines if line.startswith(("import ", "import(", "import{"))]
    assert "@import" not in style
    assert "url(" not in style
    for path in sorted((ROOT / "assets" / "diagram").glob("*.js")):
        assert path.read_text(encoding="utf-8") in script


# ---- colours ----------------------------------------------------------------------------------------------------

LOOKS = {"light": theme.LIGHT, "dark": theme.DARK}
# What remains of red, green and blue (linear) without long- or middle-wave cones: Machado, Oliveira & Fernandes 2009.
SIGHT = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def linear(colour):
    share = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    """WCAG 2: (L₁ + .05) / (L₂ + .05)."""
    dark, light = sorted(float(XYZ[1] @ linear(colour)) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def lab(colour, sight="normal"):
    """CIE L*a*b* of a colour as somebody sees it."""
    seen = XYZ @ np.clip(SIGHT[sight] @ linear(colour), 0, 1) / [0.9505, 1, 1.089]
    f = np.where(seen > 216 / 24389, np.cbrt(seen), (24389 / 27 * seen + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def difference(one, other, sight="normal"):
    return float(np.linalg.norm(lab(one, sight) - lab(other, sight)))


def test_the_yardsticks_are_right():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
    assert lab("#ff0000") == pytest.approx([53.2, 80.1, 67.2], abs=0.5)
    assert difference("#c00000", "#00a000") > 100 > 2 * difference("#c00000", "#6f6f00", "protanopia")


@pytest.mark.parametrize("name", LOOKS)
def test_text_can_be_read(name):
    look = LOOKS[name]
    grounds = [look.background, look.surface, look.band, *(role.fill for role in look.roles.values())]
    for ground in grounds:
        assert contrast(look.ink, ground) >= 4.5, ground
    for ground in (look.background, look.surface, look.band):
        assert contrast(look.muted, ground) >= 4.5, ground
    assert contrast(look.on_primary, look.primary) >= 4.5
    assert contrast(look.primary, look.background) >= 4.5, "links and the focus ring"


@pytest.mark.parametrize("name", LOOKS)
def test_shapes_can_be_seen(name):
    look = LOOKS[name]
    shapes = {role: colour.stroke for role, colour in look.roles.items()}
    shapes |= {f"weight {i}": getattr(pair, name) for i, pair in enumerate(theme.WEIGHTS)} | {"line": look.line}
    for what, colour in shapes.items():
        for ground in (look.background, look.band):
            assert contrast(colour, ground) >= 3, f"{what} on {ground}"
    for role, colour in look.roles.items():
        assert contrast(colour.stroke, colour.fill) >= 3, role


@pytest.mark.parametrize(("sight", "least"), [("normal", 20), ("protanopia", 10), ("deuteranopia", 10)])
@pytest.mark.parametrize("name", LOOKS)
def test_weights_are_told_apart(name, sight, least):
    colours = [getattr(pair, name) for pair in theme.WEIGHTS]
    for (i, one), (j, other) in combinations(enumerate(colours), 2):
        assert difference(one, other, sight) >= least, f"weights {i} {one} and {j} {other}"


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("name", LOOKS)
def test_roles_are_told_apart(name, sight):
    for (one, this), (other, that) in combinations(LOOKS[name].roles.items(), 2):
        assert difference(this.stroke, that.stroke, sight) >= 10, f"{one} and {other}"


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("name", LOOKS)
def test_values_have_a_sign_and_a_size(name, sight):
    stops = [lab(colour, sight) for colour in LOOKS[name].diverging]
    assert len(stops) % 2 == 1
    middle = len(stops) // 2
    away = 1 if name == "dark" else -1  # large values leave the background's lightness
    for side in (stops[middle:], stops[middle::-1]):
        lightness = np.array([stop[0] for stop in side])
        assert (np.diff(lightness) * away > 3).all()
    for below, above in zip(stops[:middle], stops[:middle:-1], strict=True):
        assert np.linalg.norm(below - above) > 30, "plus and minus"
    assert np.linalg.norm(stops[middle][1:]) < 10, "0 has next to no colour"


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("name", LOOKS)
def test_gradients_have_a_size(name, sight):
    lightness = np.diff([lab(colour, sight)[0] for colour in LOOKS[name].sequential])
    assert (np.abs(lightness) > 8).all()
    assert len(set(np.sign(lightness))) == 1


def test_the_palette_is_the_theme():
    palette = theme.palette()
    assert json.loads(json.dumps(palette)) == palette
    for name, look in LOOKS.items():
        assert palette[name]["background"] == look.background
        assert palette[name]["roles"]["gate"]["stroke"] == look.roles["gate"].stroke
        assert set(palette[name]["roles"]) == set(theme.ROLES)
        assert palette[name]["diverging"] == list(look.diverging)


def test_nothing_is_set_smaller_than_can_be_read():
    assert theme.SIZES["text"] >= 14
    assert theme.SIZES["symbol"] >= theme.SIZES["label"] >= theme.SIZES["text"]


# ---- charts -----------------------------------------------------------------------------------------------------


def shown(figure):
    """The figure as the browser gets it."""
    return json.loads(figure.to_json())


def test_vectors_are_rows_of_cells():
    rows = [np.array([1.0, -2.0, 0.5]), np.array([0.25, 0.0])]
    figure = charts.vectors(["h", "b"], rows)
    (cells,) = figure.data
    np.testing.assert_array_equal(cells.z, [[1.0, -2.0, 0.5], [0.25, 0.0, np.nan]])
    assert (cells.zmin, cells.zmax) == (-2.0, 2.0), "symmetric about 0"
    assert list(cells.y) == ["h", "b"]
    assert list(cells.x) == [1, 2, 3]
    assert cells.colorscale[len(cells.colorscale) // 2] == (0.5, theme.LIGHT.neutral)


def test_vectors_of_zeros_have_a_range():
    (cells,) = charts.vectors(["b"], [np.zeros(3)]).data
    assert cells.zmin < 0 < cells.zmax


@pytest.mark.parametrize("dark", [False, True])
def test_charts_wear_the_theme(dark):
    look = theme.DARK if dark else theme.LIGHT
    for figure in (charts.vectors(["h"], [np.arange(9.0)], dark),):
        style = figure.layout.template.layout
        assert style.font.color == style.xaxis.tickfont.color == look.ink
        assert min(style.font.size, style.xaxis.tickfont.size, style.hoverlabel.font.size) >= 14
        assert style.paper_bgcolor == style.plot_bgcolor == "rgba(0,0,0,0)", "the page's own background"
        assert figure.layout.height >= 64
        other = theme.LIGHT if dark else theme.DARK
        assert other.ink not in figure.to_json()


def test_charts_are_the_same_bytes_each_time():
    def digest():
        figure = charts.vectors(["h"], [np.arange(9.0)])
        return hashlib.sha256(figure.to_json().encode()).hexdigest()

    assert digest() == digest()
