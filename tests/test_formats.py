"""Weights of PyTorch and Keras: reproduced on their own references, and written out again to the last bit."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import explorer
from explorer.architectures import ARCHITECTURES
from explorer.formats import own, parts, reference
from explorer.formats.complaints import WeightsError
from explorer.formats.containers import CONTAINERS, read_container
from explorer.formats.examples import EXAMPLES
from explorer.formats.labels import FRAMEWORKS
from explorer.formats.layouts import LAYOUTS
from explorer.formats.layouts import parts as laid_out
from explorer.formats.stacks import Sizes, network, sizes_of
from explorer.formats.writing import fits
from explorer.graph import Graph
from tests.strategies import delay_graphs

FOLDER = Path(__file__).resolve().parent / "fixtures" / "weights"
FILES = sorted([*FOLDER.glob("*.npz"), *FOLDER.glob("*.safetensors")])
EVERY = [*FILES, *(example.path for example in EXAMPLES.values())]
KINDS = {
    "pytorch_rnn": ("PyTorch", "nn.RNN", ""),
    "pytorch_lstm": ("PyTorch", "nn.LSTM", "i f g o"),
    "pytorch_gru": ("PyTorch", "nn.GRU", "r z n"),
    "keras_rnn": ("Keras", "SimpleRNN", ""),
    "keras_lstm": ("Keras", "LSTM", "i f c o"),
    "keras_gru": ("Keras", "GRU", "z r h"),
}
"""How the name of a fixture begins, and what is recognised in it."""


def stem(path: Path) -> str:
    return path.name


def npz(**arrays: object) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def same(ours, theirs) -> bool:
    return set(ours) == set(theirs) and all(np.array_equal(ours[name], theirs[name]) for name in theirs)


def random_weights(graph: Graph, dtype=np.float64):
    """Biases too: zeros would prove nothing."""
    rng = np.random.default_rng(3)
    return {name: rng.standard_normal(shape).astype(dtype) for name, shape in graph.parameter_shapes.items()}


class TestFixtures:
    """Files that PyTorch and Keras have written, and what the network answered there."""

    def test_there_is_one_of_every_kind(self):
        assert len(FILES) == 35
        assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 200_000
        layouts = {explorer.read_weights(path).report.choices["layout"] for path in FILES}
        assert layouts == set(LAYOUTS)

    @pytest.mark.parametrize("path", EVERY, ids=stem)
    def test_the_reference_is_reproduced_in_float32(self, path):
        brought = explorer.read_weights(path)
        arrays = read_container(path.read_bytes())
        trace = explorer.forward(brought.graph, brought.parameters, arrays["reference_input"], dtype=np.float32)
        tops = reference.read_at(brought.graph)
        states = np.concatenate([trace[name][1:] for name in tops], axis=-1)
        said = trace["y"][1:] if "y" in brought.graph else states
        for name, ours in (("reference_h", states), ("reference_output", said)):
            if name in arrays:
                np.testing.assert_allclose(ours, arrays[name], rtol=0, atol=1e-6)
        assert brought.report.comparison.difference < 1e-6
        assert brought.report.comparison.agrees
        assert not brought.report.differences

    @pytest.mark.parametrize("path", FILES, ids=stem)
    def test_what_it_is_is_recognised(self, path):
        brought = explorer.read_weights(path)
        report, kind = brought.report, "_".join(path.stem.split("_")[:2])
        assert (report.framework, report.kind, report.gates) == KINDS[kind]
        assert report.directions == 1 + ("both" in path.stem)
        assert len(report.levels) == (2 if "_2" in path.stem else 1)
        assert brought.graph["x"].size == 3
        names = read_container(path.read_bytes())
        assert ("y" in brought.graph) == any(name.startswith(("fc.", "sequential/dense/")) for name in names)

    @pytest.mark.parametrize(("end", "phi"), [("rnn_relu_2", "relu"), ("rnn_tanh_2_both", "tanh")])
    def test_the_reference_says_what_the_arrays_do_not(self, end, phi):
        report = explorer.read_weights(FOLDER / f"pytorch_{end}.npz").report
        assert report.choices["activation"] == phi
        assert set(report.undecided["activation"]) == {"tanh", "relu"}

    def test_a_softmax_on_top_is_told_by_the_reference(self):
        brought = explorer.read_weights(FOLDER / "keras_lstm_2.npz")
        assert brought.graph["y"].activation == "softmax"
        assert (brought.graph["h_1"].size, brought.graph["h_2"].size) == (4, 3)

    def test_another_gate_order_is_seen_at_once(self):
        arrays = dict(read_container((FOLDER / "pytorch_lstm_1.npz").read_bytes()))
        swapped = {
            name: array if name in reference.NAMES else array[np.r_[4:8, 0:4, 8 : len(array)]]
            for name, array in arrays.items()
        }
        comparison = explorer.read_weights(npz(**swapped)).report.comparison
        assert not comparison.agrees
        assert comparison.difference > 1e-3

    @pytest.mark.parametrize("pair", ["after", "before"])
    def test_both_forms_of_the_gru_are_told_apart_and_named(self, pair):
        brought = explorer.read_weights(FOLDER / f"keras_gru_{pair}_1.npz")
        assert f"reset {pair}" in brought.report.variant
        assert brought.graph.name == ARCHITECTURES[f"gru_reset_{pair}"].title


class TestRoundTrips:
    """Reading and writing are one table."""

    @pytest.mark.parametrize("path", EVERY, ids=stem)
    def test_a_file_comes_back_array_for_array(self, path):
        arrays = read_container(path.read_bytes())
        brought = explorer.read_weights(path)
        for container in CONTAINERS:
            content = explorer.write_weights(brought, layout=brought.origin.framework, container=container)
            again = read_container(content)
            assert same(again, arrays)
            assert {name: array.dtype for name, array in again.items()} == {
                name: array.dtype for name, array in arrays.items()
            }

    @pytest.mark.parametrize("path", EVERY, ids=stem)
    def test_a_network_survives_every_layout_to_the_last_bit(self, path):
        brought = explorer.read_weights(path)
        for layout, why_not in fits(brought.graph).items():
            if why_not:
                continue
            content = explorer.write_weights(brought, layout=layout)
            there = explorer.read_weights(content)
            assert same(there.parameters, brought.parameters), layout
            assert there.report.comparison.agrees
            back = explorer.read_weights(explorer.write_weights(there, layout=brought.origin.framework))
            assert same(back.parameters, brought.parameters), layout

    def test_weights_that_were_changed_are_written_whole(self):
        brought = explorer.read_weights(FOLDER / "pytorch_lstm_2_both.npz")
        changed = {name: array + 0.1 for name, array in brought.parameters.items()}
        content = explorer.write_weights(brought, changed, layout="pytorch")
        assert same(explorer.read_weights(content).parameters, changed)
        assert not read_container(content)["rnn.bias_hh_l0"].any()

    @settings(max_examples=40, deadline=None)
    @given(data=st.data())
    def test_any_stack_in_any_layout(self, data):
        layout = LAYOUTS[data.draw(st.sampled_from(sorted(LAYOUTS)))]
        outputs = data.draw(st.none() | st.integers(1, 4))
        sizes = Sizes(
            inputs=data.draw(st.integers(1, 4)),
            hidden=tuple(data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))),
            directions=data.draw(st.integers(1, 2)),
            outputs=outputs,
            is_biased=data.draw(st.booleans()),
            is_output_biased=outputs is None or data.draw(st.booleans()),
            activation=data.draw(st.sampled_from(layout.activations)),
        )
        graph = network(layout.cell_of, sizes)
        assert sizes_of(graph, layout.cell_of) == sizes
        weights = random_weights(graph)
        container = data.draw(st.sampled_from(sorted(CONTAINERS)))
        content = explorer.write_weights(graph, weights, layout=layout.framework, container=container)
        assert same(explorer.read_weights(content).parameters, weights)

    @settings(max_examples=40, deadline=None)
    @given(graph=delay_graphs())
    def test_any_network_in_the_projects_own_layout(self, graph):
        weights = random_weights(graph, np.float32)
        brought = explorer.read_weights(explorer.write_weights(graph, weights))
        assert brought.graph == graph
        assert same(brought.parameters, weights)
        assert brought.report.framework == own.TITLE

    @pytest.mark.parametrize("path", [path for path in FILES if path.suffix == ".npz"], ids=stem)
    def test_new_files_have_the_names_that_the_framework_gives(self, path):
        brought = explorer.read_weights(path)
        content = explorer.write_weights(brought.graph, brought.parameters, layout=brought.origin.framework)
        named = {name.removeprefix("sequential/") for name in read_container(path.read_bytes())}
        wanted = {name if "." in name or "/" in name else f"rnn.{name}" for name in named - {*reference.NAMES}}
        assert set(read_container(content)) == wanted

    def test_float32_is_written_where_it_is_enough(self):
        graph = explorer.build("elman", inputs=2, hidden=3, outputs=2)
        for dtype in (np.float32, np.float64):
            content = explorer.write_weights(graph, random_weights(graph, dtype), layout="keras")
            assert {array.dtype for array in read_container(content).values()} == {np.dtype(dtype)}

    def test_the_same_network_gives_the_same_bytes(self):
        graph = explorer.build("lstm", inputs=2, hidden=3, outputs=2)
        weights = explorer.initialize(graph)
        for container in CONTAINERS:
            contents = {explorer.write_weights(graph, weights, container=container) for _ in range(2)}
            assert len(contents) == 1

    def test_levels_of_different_sizes_become_modules_of_their_own(self):
        brought = explorer.read_weights(FOLDER / "keras_lstm_2.npz")
        names = read_container(explorer.write_weights(brought, layout="pytorch"))
        assert "rnn1.weight_hh_l0" in names
        assert names["rnn2.weight_ih_l0"].shape == (12, 4)

    def test_a_layout_without_a_place_for_it_says_so(self):
        weights = explorer.read_weights(FOLDER / "keras_gru_before_1.npz")
        with pytest.raises(WeightsError, match="PyTorch has no layout for GRU, reset before product"):
            explorer.write_weights(weights, layout="pytorch")
        graph = explorer.build("lstm", inputs=2, hidden=3, outputs=2, activation="relu")
        with pytest.raises(WeightsError, match="squashes by tanh; LSTM has relu"):
            explorer.write_weights(graph, explorer.initialize(graph), layout="pytorch")
        assert not fits(graph)["keras"]

    @pytest.mark.parametrize("name", ARCHITECTURES)
    def test_every_architecture_can_be_kept(self, name):
        graph = explorer.build(name, inputs=3, hidden=4, outputs=2)
        weights = random_weights(graph)
        brought = explorer.read_weights(explorer.write_weights(graph, weights, container="safetensors"))
        assert brought.graph == graph
        assert same(brought.parameters, weights)


class TestTables:
    """The tables themselves."""

    @pytest.mark.parametrize("name", LAYOUTS)
    @pytest.mark.parametrize("directions", [1, 2])
    def test_every_number_of_a_file_belongs_to_one_parameter(self, name, directions):
        layout = LAYOUTS[name]
        sizes = Sizes(3, (4, 2), directions, outputs=5)
        graph = network(layout.cell_of, sizes)
        labels = FRAMEWORKS[layout.framework].usual(layout.kind, sizes.hidden, directions)
        table = laid_out(layout, graph, sizes, labels)
        times = {array: np.zeros(shape, int) for array, shape in parts.shapes(table).items()}
        for part in table:
            times[part.array][part.slices] += 1
        assert all((count == 1).all() for count in times.values())
        assert {part.parameter for part in table} == set(graph.parameter_shapes)

    @pytest.mark.parametrize("name", ["elman", "lstm", "bidirectional_lstm", "gru_reset_after", "jordan", "tapped"])
    @pytest.mark.parametrize("depth", [1, 2])
    def test_plain_arrays_under_the_projects_own_names(self, name, depth):
        graph = explorer.build(name, inputs=3, hidden=4, outputs=2, depth=depth, output_activation="softmax")
        weights = random_weights(graph)
        brought = explorer.read_weights(npz(**weights), output_activation="softmax")
        assert brought.graph == graph
        assert same(brought.parameters, weights)

    @pytest.mark.parametrize(
        ("rename", "levels"),
        [
            (lambda name: name.removeprefix("rnn."), ("l0", "l1")),
            (
                lambda name: name.replace("rnn.", "model.encoder.lstm."),
                ("model.encoder.lstm.l0", "model.encoder.lstm.l1"),
            ),
        ],
    )
    def test_names_can_have_any_beginning(self, rename, levels):
        arrays = read_container((FOLDER / "pytorch_lstm_2_both.npz").read_bytes())
        report = explorer.read_weights(npz(**{rename(name): array for name, array in arrays.items()})).report
        assert report.levels == levels
        assert report.comparison.agrees

    @pytest.mark.parametrize(
        "rename",
        [
            lambda name: re.sub(r"^sequential/|_cell_?\d*(?=/)", "", name),
            lambda name: name if name in reference.NAMES else f"{name}:0",
            lambda name: re.sub(r"/(lstm_1|lstm)/", lambda m: {"lstm": "/a_2/", "lstm_1": "/a_10/"}[m[1]], name),
        ],
    )
    def test_keras_names_of_older_versions_and_in_any_order(self, rename):
        arrays = read_container((FOLDER / "keras_lstm_2.npz").read_bytes())
        renamed = {rename(name): arrays[name] for name in reversed(list(arrays))}
        assert explorer.read_weights(npz(**renamed)).report.comparison.agrees

    def test_fortran_order_and_big_endian_are_the_same_numbers(self):
        arrays = read_container((FOLDER / "keras_gru_after_1.npz").read_bytes())
        plain = explorer.read_weights(npz(**arrays))
        strange = explorer.read_weights(
            npz(**{name: np.asfortranarray(array.astype(">f4")) for name, array in arrays.items()})
        )
        assert same(strange.parameters, plain.parameters)

    def test_halves_are_read_exactly(self):
        brought = explorer.read_weights(FOLDER / "pytorch_gru_bfloat16.safetensors")
        for array in brought.parameters.values():
            assert not (array.astype(np.float32).view(np.uint32) & 0xFFFF).any() or array.ndim == 1  # biases are sums
        rounded = {name: a.astype(np.float16) for name, a in read_container(FILES[0].read_bytes()).items()}
        content = CONTAINERS["safetensors"].write(rounded)
        again = explorer.write_weights(explorer.read_weights(content), layout="keras", container="safetensors")
        assert same(read_container(again), rounded)
        assert {array.dtype for array in read_container(again).values()} == {np.dtype(np.float16)}

    def test_choices_that_the_file_does_not_leave_are_refused(self):
        path = FOLDER / "pytorch_lstm_1.npz"
        with pytest.raises(WeightsError, match="leaves for activation 'tanh'; 'relu' was asked for"):
            explorer.read_weights(path, activation="relu")
        with pytest.raises(WeightsError, match="leaves for layout 'pytorch_lstm'"):
            explorer.read_weights(path, layout="keras_lstm")

    def test_without_biases_the_form_of_a_gru_has_to_be_said(self):
        arrays = read_container((FOLDER / "keras_gru_after_1.npz").read_bytes())
        bare = npz(**{name: array for name, array in arrays.items() if "bias" not in name and "reference" not in name})
        assert explorer.read_weights(bare).report.undecided["layout"] == (
            "keras_gru_reset_after",
            "keras_gru_reset_before",
        )
        other = explorer.read_weights(bare, layout="keras_gru_reset_before")
        assert other.graph.name == ARCHITECTURES["gru_reset_before"].title

    def test_sizes_of_another_network_are_none(self):
        graph = explorer.build("lstm", inputs=2, hidden=3, outputs=2)
        assert sizes_of(graph, ARCHITECTURES["gru_reset_after"]) is None
        strange = Graph("strange", (*graph.layers, replace(graph["g"], name="more", bias=None)), graph.connections)
        assert sizes_of(strange, ARCHITECTURES["lstm"]) is None
