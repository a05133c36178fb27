"""The page Bring weights without a browser: ready files, files of one's own, choices, and the ways out."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import explorer
from explorer import weight_views
from explorer.formats.containers import read_container
from explorer.formats.examples import EXAMPLES
from explorer.formats.npz import npz_bytes
from explorer.page_settings.weights import FIELDS, PULSE, RANDOM, REFERENCE
from explorer.weight_views import Asked
from tests.test_pages import alternatives, opened, scene, tables, without_problems

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
    assert not app.get("file_uploader")
    app = app.switch_page("forward.py").run().switch_page("weights.py").run()
    assert dict(tables(app)[0])["directions"] == "both", "kept while another page is looked at"
    (away,) = [button for button in app.button if button.label == "Put it away"]
    app = away.click().run()
    assert dict(tables(app)[0])["directions"] == "one"
    assert app.get("file_uploader")


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
    assert dict(tables(app)[0])["φ of hidden units"] == "relu (the file does not say)"
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


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_way_out_is_read_again_before_it_is_offered(name, monkeypatch):
    found = weight_views.brought(Asked(EXAMPLES[name].path.read_bytes()))
    for way, why_not in weight_views.ways_out(found).items():
        if not why_not:
            again = explorer.read_weights(weight_views.written(found, way))
            assert all(np.array_equal(again.parameters[key], array) for key, array in found.parameters.items())
    wrong = explorer.write_weights(found.graph, {key: 2 * array for key, array in found.parameters.items()})
    monkeypatch.setattr(weight_views, "write_weights", lambda *_, **__: wrong)
    with pytest.raises(RuntimeError, match="gives other numbers"):
        weight_views.written(found, "own")


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


def test_the_lines_of_python_run_as_they_are(monkeypatch):
    from pages import exports

    lines = []
    monkeypatch.setattr(exports, "python", lambda made: lines.append(made()))
    opened("weights", weights_input="random numbers", weights_steps=3)
    scope: dict = {}
    monkeypatch.chdir(Path(__file__).resolve().parent.parent)
    exec(lines[-1], scope)
    assert scope["trace"]["y"].shape == (4, 1, 1)
