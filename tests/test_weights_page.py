"""The page Bring weights without a browser: ready files, files of one's own, choices, and the ways out."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

import explorer
from explorer import Presence, scripts, weight_views
from explorer.engine.trace import NotFiniteError
from explorer.formats import ways_out
from explorer.formats.brought import Brought
from explorer.formats.complaints import WeightsError
from explorer.formats.containers import read_container
from explorer.formats.examples import EXAMPLES
from explorer.formats.npz import npz_bytes
from explorer.formats.reading import MOST_FILE
from explorer.formats.ways_out import WAYS_OUT, Written
from explorer.page_settings.weights import FIELDS, PULSE, RANDOM, REFERENCE, TYPED
from explorer.weight_views import Asked
from tests.strategies import delay_graphs
from tests.test_pages import alternatives, opened, scene, tables, without_problems
from tests.test_scripts import run

FOLDER = Path(__file__).resolve().parent / "fixtures" / "weights"


def taken(app: AppTest, name: str, content: bytes) -> AppTest:
    """A file is dropped on the page."""
    (uploader,) = app.get("file_uploader")
    return uploader.upload(name, content).run()


def said(app: AppTest) -> str:
    blocks = (*app.markdown, *app.caption, *app.success, *app.warning, *app.info, *app.error)
    return re.sub(r"\\(.)", r"\1", "\n".join(block.value for block in blocks))


@pytest.mark.parametrize("name", EXAMPLES)
def test_ready_files_are_recognised_reproduced_and_drawn(name):
    app = opened("weights", weights_example=EXAMPLES[name].title)
    assert without_problems(app), app.exception
    assert app.success[0].value.startswith("Reproduced.")
    assert not app.info
    brought = explorer.read_weights(EXAMPLES[name].path)
    facts = dict(tables(app)[0])
    assert facts["layout"].replace("\\", "") == f"{brought.report.framework} {brought.report.kind}"
    assert facts["gates in the file"] == brought.report.gates
    drawn = scene(app)
    assert drawn["steps"] == 12
    assert [layer["name"] for layer in drawn["layers"]] == [
        layer.name for layer in brought.graph.layers if layer.role != "loss"
    ]
    assert [track["kind"] for track in drawn["tracks"]] == ["heat", "bars"]
    assert all(len(text) > 20 for text in alternatives(app))
    ways = [button.proto.label for button in app.get("download_button")]
    assert "Unroll, .npz" in ways
    assert ("PyTorch, .npz" in ways) == (brought.graph.name != "GRU, reset before product")


def test_a_file_of_ones_own_is_taken_kept_and_put_away():
    app = taken(opened("weights"), "mine [x](y).npz", (FOLDER / "pytorch_lstm_2_both.npz").read_bytes())
    assert without_problems(app), app.exception
    assert dict(tables(app)[0])["directions"] == "both"
    assert "mine [x](y).npz" in said(app)
    assert app.get("file_uploader"), "the next file needs no way back first"
    app = app.switch_page("forward.py").run().switch_page("weights.py").run()
    assert dict(tables(app)[0])["directions"] == "both", "kept while another page is looked at"
    (away,) = [button for button in app.button if button.label == "Put it away"]
    app = away.click().run()
    assert dict(tables(app)[0])["directions"] == "one"
    (uploader,) = app.get("file_uploader")
    assert uploader.proto.max_upload_size_mb * 2**20 == MOST_FILE, "the page tells the limit of the reader"


def test_after_a_wrong_file_the_right_one_is_taken_at_once():
    app = taken(opened("weights"), "wrong.npz", b"nothing of the kind")
    assert app.error
    app = taken(app, "right.npz", (FOLDER / "pytorch_lstm_2_both.npz").read_bytes())
    assert without_problems(app), app.exception
    assert dict(tables(app)[0])["directions"] == "both"
    (menu,) = [box for box in app.selectbox if box.key == "weights_example"]
    app = menu.select_index(1).run()
    assert not [button for button in app.button if button.label == "Put it away"], "a ready file takes its place"


def test_a_file_that_cannot_be_read_is_refused_with_everything_that_is_wrong():
    arrays = dict(read_container((FOLDER / "pytorch_gru_2.npz").read_bytes()))
    del arrays["rnn.bias_hh_l1"]
    arrays["rnn.weight_hh_l0"] = np.full((12, 4), np.inf)
    arrays["<b>\nx"] = np.ones(2)
    app = taken(opened("weights"), "broken.npz", npz_bytes(arrays))
    assert not app.exception
    assert "'rnn.bias_hh_l1', 12, is missing" in re.sub(r"\\(.)", r"\1", app.error[0].value)
    (listed,) = [table for table in tables(app) if len(table[0]) == 4]
    assert {row[1] for row in listed} == {"missing", "not finite", "unexpected"}
    assert not app.get("plotly_chart")


def test_a_pickle_is_refused_with_the_line_that_helps():
    app = taken(opened("weights"), "model.pt", (FOLDER / "pytorch_gru.pt").read_bytes())
    assert not app.exception
    assert "np.savez('weights.npz'" in re.sub(r"\\(.)", r"\1", app.error[0].value)


def test_what_the_file_does_not_say_can_be_chosen():
    bare = {
        name: array
        for name, array in read_container((FOLDER / "keras_gru_after_2.npz").read_bytes()).items()
        if "reference" not in name and "bias" not in name
    }
    app = taken(opened("weights"), "bare.npz", npz_bytes(bare))
    assert "brings no reference" in said(app)
    assert scene(app)["title"] == "GRU, reset after product"
    app = app.selectbox("weights_layout").set_value("keras_gru_reset_before").run()
    assert scene(app)["title"] == "GRU, reset before product"
    app = app.selectbox("weights_act").set_value("relu").run()
    assert dict(tables(app)[0])["φ of hidden units"] == "relu (as you chose)"
    assert without_problems(app) or app.info, app.exception


@pytest.mark.parametrize("kind", [RANDOM, PULSE])
def test_other_inputs_are_read(kind):
    link = {"weights_input": FIELDS["weights_input"].labels[kind]}
    drawn = scene(opened("weights", weights_steps=7, **link))
    assert drawn["steps"] == 7
    assert [track["kind"] for track in drawn["tracks"]] == ["heat"]


def test_typed_numbers_are_read_and_what_is_none_is_said():
    app = opened("weights", weights_input="numbers you type", weights_typed="1 1; 2; x 3 4; 1e99")
    assert not app.exception
    assert scene(app)["steps"] == 4
    for sentence in ("'x' is no number; 0 is read.", "Step 3 has 3 numbers; the network reads 2.", "between ±10⁶"):
        assert sentence in said(app)


def offered(found: Brought) -> dict[str, Written]:
    """Every way out that there is."""
    files = {}
    for way in WAYS_OUT:
        with suppress(WeightsError):
            files[way] = ways_out.written(found, way)
    return files


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_way_out_is_read_again_before_it_is_offered(name, monkeypatch):
    found = weight_views.brought(Asked(EXAMPLES[name].path.read_bytes()))
    assert "own" in offered(found)
    for file in offered(found).values():
        again = explorer.read_weights(file.content, **file.unsaid)
        assert all(np.array_equal(again.parameters[key], array) for key, array in found.parameters.items())
    for wrong, said in (
        (explorer.write_weights(found.graph, {k: 2 * array for k, array in found.parameters.items()}), "other numbers"),
        (
            explorer.write_weights(
                explorer.build("elman", inputs=1, hidden=1, outputs=1, activation="relu"),
                {"W_xh": [[1.0]], "W_hh": [[1.0]], "b_h": [1.0], "W_hy": [[1.0]], "b_y": [1.0]},
            ),
            "another network",
        ),
        (b"", "nobody could read it"),
    ):
        monkeypatch.setattr(ways_out, "write_weights", lambda *_, wrong=wrong, **__: wrong)
        with pytest.raises(WeightsError, match=said):
            ways_out.written(found, "own")


@pytest.mark.parametrize("phi", ["tanh", "relu"])
def test_what_a_framework_does_not_keep_is_said_beside_its_file(phi):
    """Read again with nothing said, the same numbers are another network."""
    graph = explorer.build("elman", inputs=2, hidden=3, outputs=2, activation=phi, output_activation="softmax")
    found = weight_views.brought(Asked(explorer.write_weights(graph, explorer.initialize(graph))))
    files = offered(found)
    assert not files["own"].unsaid
    assert explorer.read_weights(files["own"].content).graph == graph
    for way in ("keras", "pytorch"):
        assert files[way].unsaid == {"activation": phi, "output_activation": "softmax"}
        again = explorer.read_weights(files[way].content, **files[way].unsaid)
        assert [(one.name, one.activation) for one in again.graph.layers if one.role != "loss"] == [
            (one.name, one.activation) for one in graph.layers if one.role != "loss"
        ]
        assert explorer.read_weights(files[way].content).graph["y"].activation == "identity"


def test_a_layer_that_is_not_always_there_is_no_framework_s():
    graph = explorer.build("elman", inputs=2, hidden=3, outputs=2)
    late = [replace(layer, presence=Presence(first=3)) if layer.role == "output" else layer for layer in graph.layers]
    strange = explorer.Graph(graph.name, tuple(late), graph.connections)
    found = weight_views.brought(Asked(explorer.write_weights(strange, explorer.initialize(strange))))
    assert set(offered(found)) == {"own"}


def test_what_settled_a_choice_is_said():
    """The reference only where another choice would answer less like it."""
    content = (FOLDER / "pytorch_rnn_relu_2.npz").read_bytes()
    assert explorer.read_weights(content).report.decided["activation"] == "the reference"
    assert explorer.read_weights(content, activation="tanh").report.decided["activation"] == "asked for"
    arrays = {key: array for key, array in read_container(content).items() if "reference" not in key}
    assert set(explorer.read_weights(npz_bytes(arrays)).report.decided.values()) == {"usual"}
    states = {key: array for key, array in read_container(content).items() if key != "reference_output"}
    states |= {"fc.weight": np.ones((2, states["rnn.weight_hh_l1"].shape[1]))}
    decided = explorer.read_weights(npz_bytes(states)).report.decided
    assert decided == {"activation": "the reference", "output_activation": "usual"}, "states say nothing of outputs"
    app = taken(opened("weights"), "relu.npz", content)
    assert dict(tables(app)[0])["φ of hidden units"] == "relu (as the reference says)"
    app = app.selectbox("weights_act").set_value("tanh").run()
    assert dict(tables(app)[0])["φ of hidden units"] == "tanh (as you chose)"
    assert app.warning[0].value.startswith("Not reproduced.")


def test_numbers_beyond_every_number_are_said():
    graph = explorer.build("elman", inputs=2, hidden=3, outputs=2, activation="relu")
    weights = {name: np.full(shape, 1e300) for name, shape in graph.parameter_shapes.items()}
    app = taken(opened("weights"), "large.npz", explorer.write_weights(graph, weights))
    assert not app.exception
    assert "grows beyond the largest" in said(app)
    assert [row for table in tables(app) for row in table if row[0].startswith("$W") and "10³⁰⁰" in row[2]]
    assert app.get("download_button")


def test_what_is_typed_is_never_read_as_markup():
    app = opened("weights", weights_input="numbers you type", weights_typed="![](https://a.bc/d) $x$ **1**")
    notes = "\n".join(note.value for note in app.info)
    assert "is no number" in notes
    assert not set(re.sub(r"\\.", "", notes)) & set("*$[](){}<>!`")


@settings(max_examples=30, deadline=None)
@given(
    graph=delay_graphs(),
    scale=st.sampled_from([1, 1e150, 1e300, 1e307]),
    source=st.sampled_from([REFERENCE, RANDOM, PULSE, TYPED]),
)
def test_any_network_is_shown_or_refused_in_a_sentence(graph, scale, source):
    rng = np.random.default_rng(5)
    weights = {name: scale * rng.uniform(-1, 1, shape) for name, shape in graph.parameter_shapes.items()}
    found = weight_views.brought(Asked(explorer.write_weights(graph, weights)))
    assert all(np.isfinite(fact.norm) for fact in weight_views.facts(found))
    assert "own" in offered(found)
    try:
        view = weight_views.shown(found, source, 4, 3, "1 2; x; 0 3")
    except (WeightsError, NotFiniteError):
        return
    for norms in weight_views.reach(view).values():
        assert len(norms) == 4 or view.source == TYPED
        assert not np.isnan(norms).any()


def test_a_network_that_reads_nothing_is_refused():
    graph = explorer.build("elman", inputs=2, hidden=3, outputs=2)
    inner = explorer.Graph("Alone", (graph["h"],), tuple(c for c in graph.connections if c.source == c.target))
    found = weight_views.brought(Asked(explorer.write_weights(inner, explorer.initialize(inner))))
    with pytest.raises(WeightsError, match="Alone has no input layer"):
        weight_views.shown(found, RANDOM)


def test_how_far_the_last_state_reaches_is_the_product_of_jacobians():
    found = weight_views.brought(Asked((FOLDER / "pytorch_rnn_tanh_1.npz").read_bytes()))
    view = weight_views.shown(found, REFERENCE)
    states, matrix = view.trace["h"][1:, 0], found.parameters["W_hh"]
    product, norms = np.eye(4), [0.0]
    for state in states[:0:-1]:  # ∂h_T/∂h_k, a factor for each step back
        product = product @ np.diag(1 - state**2) @ matrix.T
        norms.append(np.log10(np.linalg.norm(product, 2)))
    np.testing.assert_allclose(weight_views.reach(view)["h"], norms, atol=1e-10)


def test_facts_are_those_of_the_matrices():
    found = weight_views.brought(Asked((FOLDER / "keras_gru_before_1.npz").read_bytes()))
    facts = {fact.name: fact for fact in weight_views.facts(found)}
    assert {name for name, fact in facts.items() if fact.radius is not None} == {"W_hz", "W_hr", "W_hn"}
    matrix = found.parameters["W_hn"]
    assert facts["W_hn"].radius == pytest.approx(np.abs(np.linalg.eigvals(matrix)).max())
    assert facts["W_hn"].norm == pytest.approx(np.sqrt((matrix**2).sum()))


def two_inputs() -> bytes:
    """A network with two inputs, each there at some steps only."""
    graph = explorer.build("encoder_decoder", inputs=3, hidden=4, outputs=2)
    return explorer.write_weights(graph, explorer.initialize(graph))


def bare(name: str) -> bytes:
    """A fixture without its reference: then nothing settles what was not said."""
    arrays = read_container((FOLDER / name).read_bytes())
    return npz_bytes({key: array for key, array in arrays.items() if "reference" not in key})


CHOSEN = [
    ((FOLDER / "pytorch_lstm_2_both.npz").read_bytes(), {}),
    ((FOLDER / "pytorch_rnn_relu_2.npz").read_bytes(), {"activation": "tanh"}),
    (bare("keras_lstm_2.npz"), {"activation": "relu", "output_activation": "sigmoid"}),
    (
        npz_bytes(
            {key: array for key, array in read_container(bare("keras_gru_after_2.npz")).items() if "bias" not in key}
        ),
        {"layout": "keras_gru_reset_before", "activation": "relu"},
    ),
    (two_inputs(), {}),
]


@pytest.mark.parametrize("source", [REFERENCE, RANDOM, PULSE, TYPED])
@pytest.mark.parametrize("case", range(len(CHOSEN)))
def test_the_lines_of_python_compute_what_is_on_screen(case, source, tmp_path):
    content, chosen = CHOSEN[case]
    path = tmp_path / "it's \\ mine.npz"
    path.write_bytes(content)
    found = weight_views.brought(Asked(content, **chosen))
    assert {name: found.report.choices[name] for name in chosen} == chosen
    view = weight_views.shown(found, source, 7, 3, "0.1 2; 3; ; 0 0 0 0.7; 0; 0; 1; 2")
    scope = run(scripts.brought(str(path), found, view))
    for layer in view.graph.layers:
        np.testing.assert_array_equal(scope["trace"][layer.name], view.trace[layer.name])


def test_the_page_offers_them_for_what_was_chosen(monkeypatch):
    from pages import exports

    lines = []
    monkeypatch.setattr(exports, "python", lambda made: lines.append(made()))
    app = opened("weights", weights_input="random numbers", weights_steps=3, weights_out="softmax")
    assert without_problems(app), app.exception
    monkeypatch.chdir(Path(__file__).resolve().parent.parent)
    found = run(lines[-1])
    assert found["trace"]["y"].shape == (4, 1, 1)
    assert found["brought"].graph["y"].activation == "softmax"
