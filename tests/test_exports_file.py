"""The animation as one file: how small it is, what is left out, and that stripping changes nothing but what is read."""

from __future__ import annotations

import base64
import gzip
import json
import re

import numpy as np
import pytest

from explorer.architectures import ARCHITECTURES, build
from explorer.figures import diagram
from explorer.figures.diagram import Flows, Track
from explorer.figures.standalone import MOST_BYTES, STAGES, page
from explorer.figures.stripping import stripped
from explorer.unrolling import generations, topological_order, unroll

LIMIT = 300_000


def scene_of(arch: str, steps: int, hidden: int = 8, **options: object) -> dict:
    graph = build(arch, inputs=20, hidden=hidden, outputs=20, **options)
    rng = np.random.default_rng(0)
    dag = unroll(graph, steps)
    return diagram.scene(
        graph,
        steps,
        tokens=["</script><b>é&"] * steps,
        controls=("fold", "length", "order", "time"),
        values={layer.name: rng.normal(size=(steps + 1, layer.size)) for layer in graph.layers},
        tracks=[
            Track("heat", "h_t", "value", rng.normal(size=(steps, hidden))),
            Track("bars", "‖∂h_t/∂x_k‖", "influence", rng.random((steps, steps))),
        ],
        flows=Flows(
            {layer.name: rng.normal(size=steps + 1) for layer in graph.layers},
            [rng.normal(size=steps)] * len(graph.connections),
            "norm",
        ),
        order=topological_order(dag),
        generations=generations(dag),
    )


def scene_in(document: str) -> dict:
    """What the file holds, plain or packed."""
    kind, text = re.search(r'<script type="application/(json|gzip)" id="scene">(.*?)</script>', document, re.S).groups()
    return json.loads(text if kind == "json" else gzip.decompress(base64.b64decode(text)))


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_every_network_over_a_sentence_goes_in_whole(arch):
    scene = scene_of(arch, 8)
    document = page(scene, "Forward", "It reads: how are you")
    assert len(document.encode()) < MOST_BYTES < LIMIT
    assert "Left out" not in document
    held = scene_in(document)
    for name in ("layers", "connections", "weights", "steps", "tokens", "order", "values", "flows", "tracks"):
        assert held[name] == scene[name] or name in ("values", "flows", "tracks")
    assert held["values"].keys() == scene["values"].keys()


@pytest.mark.parametrize(
    ("arch", "steps", "hidden"), [("lstm", 200, 64), ("bidirectional_lstm", 200, 8), ("elman", 200, 8)]
)
def test_what_is_too_large_is_left_out_and_told(arch, steps, hidden):
    scene = scene_of(arch, steps, hidden)
    document = page(scene, "Unroll")
    assert len(document.encode()) < LIMIT
    held = scene_in(document)
    assert held["layers"] == scene["layers"]
    assert held["steps"] == steps
    told = re.search(r"Left out, for want of room in one small file: (.*?)\.</p>", document)
    gone = [name for name in ("values", "order", "flows") if held[name] is None]
    assert bool(told) == bool(gone or len(held["tracks"]) < len(scene["tracks"]))
    if held["values"] is None:
        assert "the values of the units" in told[1]


def test_rounding_keeps_every_digit_that_is_shown():
    held = scene_in(page(scene_of("lstm", 99), "Forward"))
    whole = scene_of("lstm", 99)
    for name, packed in whole["values"].items():
        exact = np.frombuffer(base64.b64decode(packed), "<f4")
        found = np.frombuffer(base64.b64decode(held["values"][name]), "<f4")
        np.testing.assert_allclose(found, exact, rtol=2**-12)
    special = STAGES[1][1]({**whole, "values": {"h": diagram.encoded(np.array([np.nan, 0.0, -0.0]))}})["values"]["h"]
    assert np.isnan(np.frombuffer(base64.b64decode(special), "<f4")[0])
    ends = np.array([-np.inf, np.inf, np.nan, 3.4e38], "<f4")
    flows = {**whole["flows"], "nodes": {"h": base64.b64encode(ends.tobytes()).decode()}}
    packed = STAGES[1][1]({**whole, "flows": flows})["flows"]["nodes"]["h"]
    np.testing.assert_array_equal(np.frombuffer(base64.b64decode(packed), "<f4")[:3], ends[:3])


def test_a_word_of_the_sentence_cannot_leave_its_place():
    document = page(scene_of("elman", 3), "<i>Forward</i>", "<script>alert(1)</script>")
    assert document.count("<script") == 2
    assert "<i>" not in document
    assert "<b>" not in document
    assert scene_in(document)["tokens"] == ["</script><b>é&"] * 3


def test_a_file_offers_nothing_that_needs_python():
    held = scene_in(page(scene_of("elman", 3), "Unroll"))
    assert held["controls"] == ["fold", "order", "time"]
    edited = scene_of("elman", 3)
    assert scene_in(page({**edited, "controls": ["length", "edit"]}, "Build"))["controls"] == ["fold", "time"]
    film = {**edited, "controls": ["film"], "film": {"frames": []}}
    assert scene_in(page(film, "Cost"))["controls"] == ["fold", "film"]
    assert "address" not in held
    assert not held["intro"]


def test_a_file_asks_nobody_for_anything():
    document = page(scene_of("elman", 3), "Unroll")
    assert "default-src 'none'" in document
    assert not re.findall(r"""(?:src|href)=["'](?!data:)""", document)
    assert not re.findall(r"https?://(?!www\.w3\.org/)", document)
    assert not re.search(r"\bimport\b.*\bfrom\b|\bimport\(", document)


CODE = {
    'a / b; // c / d\nf(/[/*"]/g, \'//\', "/*"); /* x */ let c = 1': 'a / b; \nf(/[/*"]/g, \'//\', "/*");  let c = 1',
    "`a ${b /* c */ + `// ${'}'}`}  // d\n   e`": "`a ${b  + `// ${'}'}`}  // d\n   e`",
    "x = y\n    / 2 / z;": "x = y\n/ 2 / z;",
    "return /'/.test(s)\n  ? 1 // one\n  : 2": "return /'/.test(s)\n? 1 \n: 2",
    "a\n/* long\n comment */ b": "a\n b",
    "'it\\'s // not'; b": "'it\\'s // not'; b",
    "m[0] / 2; n = (1) / 3 // '": "m[0] / 2; n = (1) / 3 ",
}


@pytest.mark.parametrize(("code", "left"), CODE.items())
def test_only_comments_and_indentation_go(code, left):
    squeezed = [re.sub(r"[ \t]+\n", "\n", text) for text in (stripped(code), left)]
    assert squeezed[0] == squeezed[1]


def test_stripping_twice_is_stripping_once():
    for text, lines in ((diagram.script(), True), (diagram.style(), False)):
        once = stripped(text, lines)
        assert stripped(once, lines) == once
        assert len(once) < 0.98 * len(text)


def test_in_a_style_sheet_two_slashes_are_no_comment():
    assert stripped("a { b: url(data://x) } /* c // d */\n  e {}", lines=False) == "a { b: url(data://x) }\ne {}"
