"""Files that are damaged, or made to do harm: each is refused in a sentence, with everything that is wrong with it."""

from __future__ import annotations

import io
import json
import pickle
import re
import struct
import tomllib
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import explorer
from explorer.formats import containers, reading
from explorer.formats.complaints import Difference, WeightsError
from explorer.formats.containers import CONTAINERS
from explorer.formats.labels import FRAMEWORKS
from explorer.formats.npz import npz_bytes, read_npz
from explorer.formats.safetensors import read_safetensors, safetensors_bytes

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(__file__).resolve().parent / "fixtures" / "weights"
LSTM = (FOLDER / "pytorch_lstm_2_both.npz").read_bytes()
SAFE = (FOLDER / "pytorch_gru.safetensors").read_bytes()


def arrays_of(content: bytes = LSTM) -> dict[str, np.ndarray]:
    return {name: array.copy() for name, array in containers.read_container(content).items()}


def refused(content: bytes) -> WeightsError:
    """The refusal: a sentence that a learner can read."""
    with pytest.raises(WeightsError) as raised:
        explorer.read_weights(content)
    sentence = str(raised.value)
    assert sentence[0].isupper()
    assert len(sentence) < 700
    assert "Traceback" not in sentence
    return raised.value


def outcome(content: bytes) -> str:
    """The refusal, or that there is none; anything else fails the test."""
    try:
        return f"Read: {explorer.read_weights(content).graph.name}."
    except WeightsError as error:
        return str(error)


def zipped(members: dict[str, bytes], kind: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", kind) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def safe(header: object, numbers: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + numbers


def entry(begin: int, end: int, shape: list | None = None, kind: object = "F32") -> dict:
    return {"dtype": kind, "shape": [(end - begin) // 4] if shape is None else shape, "data_offsets": [begin, end]}


class Bomb:
    """Would write a file if it were ever unpickled."""

    def __reduce__(self):
        return (Path.touch, (Path("exploded"),))


class TestOtherFiles:
    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "empty"),
            (b"words, words", "no file of weights that can be read"),
            (b"PK\x03\x04 and no more", "cannot be read as an NPZ archive"),
            (pickle.dumps({"weight_ih_l0": [1.0]}), r"never opened here.*np\.savez.*state_dict"),
            (pickle.dumps(Bomb(), protocol=2), "never opened"),
            ((FOLDER / "pytorch_gru.pt").read_bytes(), r"torch\.save.*np\.savez"),
            (zipped({"model.weights.h5": b"", "config.json": b"{}"}), r"\.keras archive.*np\.savez.*model\.weights"),
            (b"\x89HDF\r\n\x1a\n" + bytes(100), r"HDF5.*np\.savez.*model\.weights"),
            (zipped({"word/document.xml": b"<a/>"}), "holds no arrays"),
            (b"\x93NUMPY\x01\x00" + bytes(100), "single array"),
        ],
    )
    def test_what_is_no_file_of_weights_is_told_how_to_become_one(self, content, said, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        assert re.search(said, str(refused(content)), re.DOTALL)
        assert not list(tmp_path.iterdir()), "nothing of it was run"

    def test_missing_and_large_files(self, tmp_path, monkeypatch):
        with pytest.raises(WeightsError, match=r"nothing\.npz cannot be read: no such file"):
            explorer.read_weights(tmp_path / "nothing.npz")
        monkeypatch.setattr("explorer.formats.reading.MOST_FILE", 1000)
        (tmp_path / "large.npz").write_bytes(LSTM)
        for source in (LSTM, tmp_path / "large.npz"):
            with pytest.raises(WeightsError, match="up to"):
                explorer.read_weights(source)

    def test_what_the_server_takes_can_be_read(self):
        config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
        assert config["server"]["maxUploadSize"] * 2**20 >= reading.MOST_FILE
        assert reading.MOST_FILE > 8 * reading.MOST_PARAMETERS

    @pytest.mark.parametrize("container", CONTAINERS)
    @pytest.mark.parametrize("name", ["forward_a/" * 6_000 + "x", "forward_a/" * 6_000 + "kernel", "a." * 500 + "b"])
    def test_names_without_end_are_refused_before_they_are_looked_at(self, container, name):
        content = CONTAINERS[container].write({name: np.ones((2, 2))})
        assert f"has {len(name):,} characters; up to 512" in str(refused(content))

    @pytest.mark.parametrize(
        ("name", "before", "direction", "between"),
        [
            ("lstm/lstm_cell/kernel", None, None, "lstm/lstm_cell/"),
            ("a/forward_lstm/cell/kernel:0", "a/", "forward_", "lstm/cell/"),
            ("backward_a/forward_b/kernel", "", "backward_", "a/forward_b/"),
            ("forward_/kernel", None, None, "forward_/"),
        ],
    )
    def test_parts_of_a_keras_name(self, name, before, direction, between):
        match = FRAMEWORKS["keras"].pattern.fullmatch(name)
        assert (match["before"], match["direction"], match["between"]) == (before, direction, between)
        assert not FRAMEWORKS["keras"].pattern.fullmatch("forward_a/" * 100_000 + "x"), "and that at once"


class TestArchives:
    def test_objects_are_refused(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        file = io.BytesIO()
        np.savez(file, weight_hh_l0=np.array([Bomb()], dtype=object))
        assert "not a plain array" in str(refused(file.getvalue()))
        assert not list(tmp_path.iterdir())

    def test_a_bomb_is_not_unpacked(self):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("weight_hh_l0.npy", bytes(64 * 2**20))
        honest = file.getvalue()
        assert "more than" in str(refused(honest))
        lying = honest.replace(struct.pack("<L", 64 * 2**20), struct.pack("<L", 200))  # says that it is small
        tracemalloc.start()
        refused(lying)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 4 * 2**20

    def test_unbounded_ways_to_pack_are_refused(self):
        assert "NumPy does not use" in str(refused(zipped({"a.npy": bytes(1000)}, zipfile.ZIP_BZIP2)))

    def test_names_with_paths_are_only_names(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        arrays = {f"../../{name}": array for name, array in arrays_of().items() if "reference" not in name}
        assert explorer.read_weights(npz_bytes(arrays)).graph["h_2_bwd"].size == 4
        assert not list(tmp_path.iterdir())

    @pytest.mark.parametrize(
        ("shape", "said"),
        [((10**15,), "its shape"), ((-1, -4), "its shape"), ((0, 10**30), "no array can have"), ((2.5,), "array")],
    )
    def test_shapes_that_lie(self, shape, said):
        header = io.BytesIO()
        np.lib.format.write_array_header_1_0(header, {"descr": "<f4", "fortran_order": False, "shape": shape})
        content = header.getvalue() + (bytes(16) if 0 not in shape else b"")
        assert said in str(refused(zipped({"weight_hh_l0.npy": content})))

    @pytest.mark.parametrize("change", [lambda c: c[:-30], lambda c: c[: len(c) // 2], lambda c: c[:60]])
    def test_cut_off(self, change):
        refused(change(LSTM))

    def test_all_or_some_arrays_are_read(self):
        content = npz_bytes({"a": np.ones(2), "b/c": np.zeros(())})
        assert set(read_npz(io.BytesIO(content))) == {"a", "b/c"}
        assert set(read_npz(io.BytesIO(content), ["a"])) == {"a"}
        with pytest.raises(ValueError, match="'d' is missing"):
            read_npz(io.BytesIO(content), ["a", "d"])


class TestSafetensors:
    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (struct.pack("<Q", 2**60) + b"{}", "header would have"),
            (struct.pack("<Q", 50) + b"{}", "header would have"),
            (safe(b"{nonsense"), "not a list of names"),
            (safe(b'{"a": 1, "a": 2}'), "once each"),
            (safe(b"{" + b'"a":' * 9000), "not a list of names"),
            (safe({"a": 5}), "not described by"),
            (safe({"a": {**entry(0, 8), "more": 1}}, bytes(8)), "not described by"),
            (safe({"a": entry(0, 8, kind="pickle")}, bytes(8)), "of the type 'pickle'"),
            (safe({"a": entry(0, 8, kind=["F32"])}, bytes(8)), "of the type"),
            (safe({"a": entry(0, 8, [-2])}, bytes(8)), "no whole numbers"),
            (safe({"a": entry(0, 8, [True, 2])}, bytes(8)), "no whole numbers"),
            (safe({"a": entry(0, 8, [2.0])}, bytes(8)), "no whole numbers"),
            (safe({"a": entry(0, 8, [1] * 9)}, bytes(8)), "no whole numbers"),
            (safe({"a": entry(0, 8, [3])}, bytes(8)), "needs 12"),
            (safe({"a": entry(0, 8)}, bytes(4)), "of 4"),
            (safe({"a": entry(0, 8), "b": entry(4, 12)}, bytes(12)), "over another array"),
            (safe({"a": entry(0, 8), "b": entry(12, 16)}, bytes(16)), "belong to none"),
            (safe({"a": entry(0, 8)}, bytes(16)), "belong to no array"),
            (safe({"a": entry(0, 0, [0, 2**47, 2**47])}), "none can have"),
        ],
    )
    def test_headers_that_lie(self, content, said):
        assert said in str(refused(content))

    @settings(max_examples=60, deadline=None)
    @given(
        shape=st.lists(st.integers(0, 4), max_size=4),
        kind=st.sampled_from(["<f8", "<f4", "<f2", "<i8", "|i1", "|u1", "|b1", ">f4"]),
        names=st.lists(st.text(max_size=8).filter(lambda name: name != "__metadata__"), max_size=4, unique=True),
    )
    def test_whatever_is_written_is_read(self, shape, kind, names):
        rng = np.random.default_rng(0)
        arrays = {name: (rng.standard_normal(shape) * 9).astype(kind) for name in names}
        again = read_safetensors(safetensors_bytes(arrays))
        assert list(again) == names
        for name in names:
            assert again[name].shape == tuple(shape)
            assert again[name].dtype == np.dtype(kind).newbyteorder("<")
            np.testing.assert_array_equal(again[name], arrays[name])

    def test_metadata_is_left_out(self):
        header = {"__metadata__": {"format": "pt"}, "a": entry(0, 8)}
        assert list(read_safetensors(safe(header, bytes(8)))) == ["a"]


class TestDifferences:
    def test_all_of_them_are_listed(self):
        arrays = arrays_of()
        del arrays["rnn.weight_hh_l1"]
        del arrays["fc.bias"]
        arrays["rnn.weight_ih_l0"] = arrays["rnn.weight_ih_l0"][:-1]
        arrays["rnn.bias_hh_l0"][2] = np.nan
        arrays["embedding.weight"] = np.ones((5, 3), np.float32)
        error = refused(npz_bytes(arrays))
        assert set(error.differences) == {
            Difference("rnn.weight_hh_l1", "missing", "16 × 4", "nothing"),
            Difference("rnn.weight_ih_l0", "wrong shape", "16 × 3", "15 × 3"),
            Difference("rnn.bias_hh_l0", "not finite", "finite numbers", "1 entry that is NaN or infinite"),
            Difference("embedding.weight", "unexpected", "nothing", "5 × 3"),
        }, "an output layer can be without biases"
        assert "PyTorch's nn.LSTM" in str(error)

    @pytest.mark.parametrize("gone", ["rnn.bias_hh_l0", "rnn.weight_ih_l0_reverse", "rnn.weight_hh_l0"])
    def test_a_missing_array(self, gone):
        arrays = arrays_of()
        shape = " × ".join(map(str, arrays.pop(gone).shape))
        assert refused(npz_bytes(arrays)).differences == (Difference(gone, "missing", shape, "nothing"),)

    def test_a_level_that_is_left_out(self):
        arrays = {name.replace("_l1", "_l2"): array for name, array in arrays_of().items()}
        names = {one.array for one in refused(npz_bytes(arrays)).differences if one.what == "missing"}
        assert {"rnn.weight_ih_l1", "rnn.weight_hh_l1_reverse"} <= names

    @pytest.mark.parametrize("name", ["rnn.weight_hh_l999", "rnn.weight_hh_l9"])
    def test_more_levels_than_can_be_shown(self, name):
        assert "up to 8" in str(refused(npz_bytes({**arrays_of(), name: np.ones((16, 4))})))

    def test_more_units_than_can_be_shown(self):
        assert "2,000 hidden units" in str(refused(npz_bytes({"weight_hh_l0": np.zeros((2000, 2000), np.float16)})))

    @pytest.mark.parametrize("array", [np.ones(3), np.ones(()), np.ones((2, 2, 2)), np.ones((0, 0)), np.array(["a"])])
    def test_arrays_that_are_no_matrices(self, array):
        refused(npz_bytes({"weight_hh_l0": array, "weight_ih_l0": array}))

    def test_what_has_no_place_is_listed_and_left_out(self):
        arrays = arrays_of() | {"norm.num_batches_tracked": np.array(3), "a\nb|<c>": np.ones(2)}
        brought = explorer.read_weights(npz_bytes(arrays))
        assert [one.what for one in brought.report.differences] == ["unexpected"] * 2
        assert brought.report.comparison.agrees
        assert all(one.sentence().isprintable() for one in brought.report.differences)

    @pytest.mark.parametrize(
        ("change", "what"),
        [
            ({"reference_input": np.ones((5, 2, 7))}, "wrong shape"),
            ({"reference_input": np.ones((5, 3))}, "wrong shape"),
            ({"reference_h": np.ones((5, 2, 1))}, "wrong shape"),
            ({"reference_input": np.full((5, 2, 3), np.nan)}, "not finite"),
            ({"reference_input": np.full((5, 2, 3), "1")}, "not finite"),
            ({"reference_h": arrays_of()["reference_h"].astype("S")}, "not finite"),
            ({"reference_h": arrays_of()["reference_h"] > 0}, "not finite"),
            ({"reference_input": np.ones((20_000, 2, 3))}, "wrong shape"),
        ],
    )
    def test_a_reference_that_cannot_be_run_does_not_stop_the_network(self, change, what):
        brought = explorer.read_weights(npz_bytes(arrays_of() | change))
        assert brought.report.comparison is None
        assert what in {one.what for one in brought.report.differences}

    def test_a_reference_without_an_answer(self):
        arrays = {name: array for name, array in arrays_of().items() if name not in ("reference_h", "reference_output")}
        (only,) = explorer.read_weights(npz_bytes(arrays)).report.differences
        assert only.array == "reference_input"

    @pytest.mark.parametrize(
        ("text", "said"),
        [(b"\xff\xfe", "bytes of JSON"), (b"{}", "cannot be read"), (b'{"format": "unroll network"}', "version")],
    )
    def test_a_network_of_ones_own_that_cannot_be_read(self, text, said):
        assert said in str(refused(npz_bytes({"network": np.frombuffer(text, np.uint8)})))
        refused(npz_bytes({"network": np.ones(3)}))

    def test_biases_that_are_beyond_every_number_together(self):
        arrays = arrays_of()
        for name in ("rnn.bias_ih_l0", "rnn.bias_hh_l0"):
            arrays[name] = np.full(arrays[name].shape, 1.5e308)
        assert "NaN or infinite" in str(refused(npz_bytes(arrays)))
        if np.finfo(np.longdouble).max > np.finfo(np.float64).max:
            wide = arrays_of() | {"rnn.bias_ih_l0": np.full(arrays["rnn.bias_ih_l0"].shape, np.longdouble("1e999"))}
            assert "NaN or infinite" in str(refused(npz_bytes(wide)))

    def test_weights_that_fit_another_network(self):
        graph = explorer.build("lstm", inputs=2, hidden=3, outputs=2)
        content = explorer.write_weights(graph, explorer.initialize(graph))
        arrays = arrays_of(content)
        arrays["W_hi"] = np.ones((2, 2))
        assert [one.array for one in refused(npz_bytes(arrays)).differences] == ["W_hi"]


class TestAnything:
    """No bytes whatever give anything but a network or a sentence."""

    @settings(max_examples=150, deadline=None)
    @given(content=st.binary(max_size=200))
    def test_random_bytes(self, content):
        refused(content)

    @settings(max_examples=150, deadline=None)
    @given(data=st.data(), whole=st.sampled_from([LSTM, SAFE]))
    def test_damaged_files(self, data, whole):
        content = bytearray(whole)
        for _ in range(data.draw(st.integers(1, 4))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        assert outcome(bytes(content[: data.draw(st.integers(len(content) // 2, len(content)))]))[0].isupper()

    @settings(max_examples=80, deadline=None)
    @given(
        names=st.lists(
            st.one_of(
                st.from_regex(r"\A(a\.)?(weight|bias)_(ih|hh)_l[0-3](_reverse)?\Z"),
                st.from_regex(r"\A(x/)?(forward_|backward_)?y/(kernel|recurrent_kernel|bias)(:0)?\Z"),
                st.sampled_from(
                    ["fc.weight", "fc.bias", "d/kernel", "W_hh", "b_h", "reference_input", "network", "{array}"]
                ),
            ),
            max_size=8,
            unique=True,
        ),
        shapes=st.lists(st.lists(st.integers(0, 6), max_size=3), min_size=8, max_size=8),
    )
    def test_any_names_and_shapes(self, names, shapes):
        content = safetensors_bytes({name: np.zeros(shape) for name, shape in zip(names, shapes, strict=False)})
        assert outcome(content)[0].isupper()
