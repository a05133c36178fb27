"""Take it with you, without a browser: closed it costs nothing, open it offers what every page shows, truly."""

from __future__ import annotations

import ast
import csv
import io
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from explorer.exchange import read_graphml, read_json, write_graphml, write_json
from explorer.figures import standalone
from explorer.figures.numbers import from_csv, to_csv, to_npz
from explorer.settings import Network
from explorer.unrolling import fold, topological_order, unroll
from explorer.vanishing_views import studied
from explorer.views import ran
from pages import export_panel
from tests.test_pages import opened, seen, without_problems

LINKS: dict[str, dict[str, Any]] = {
    "unroll": {},
    "forward": {"arch": "LSTM", "text": "how are you"},
    "backward": {"window": 3, "clip": 0.1},
    "vanishing": {"length": 20},
    "gates": {"change": "held shut"},
    "train": {"record": "Temporal order, T = 50"},
    "sequence_types": {"pad": 1},
    "applications": {},
    "papers": {},
}
DRAWN: dict[str, dict[str, Any]] = {**LINKS, "build": {}, "cost": {}}


def taken(page: str, **link: Any) -> AppTest:
    """The page with the row under it open."""
    app = opened(page, **link)
    app.session_state[export_panel.KEY] = True
    app.run()
    assert without_problems(app), app.exception
    return app


def offered(app: AppTest) -> dict[tuple[str, str], Any]:
    return dict(app.session_state["exports"])


def lines(app: AppTest) -> str:
    return next(block.value for block in app.code if "import explorer" in block.value)


def buttons(app: AppTest) -> list[str]:
    return [button.label for button in app.get("download_button")]


@pytest.mark.parametrize("page", LINKS)
def test_closed_it_makes_nothing(page, monkeypatch):
    def never(*args: Any, **more: Any) -> None:
        pytest.fail("something was made that nobody asked for")

    for name in ("unroll", "write_graphml", "write_json"):
        monkeypatch.setattr(export_panel, name, never)
    for name in ("to_csv", "to_npz", "of_figure", "of_scene"):
        monkeypatch.setattr(export_panel.numbers, name, never)
    monkeypatch.setattr(export_panel.standalone, "page", never)
    app = opened(page, **LINKS[page])
    assert without_problems(app), app.exception
    assert "Take it with you" in app.expander[-1].label
    assert not buttons(app)
    kinds = {kind for kind, _ in offered(app)}
    assert {"data", "python"} <= kinds
    assert kinds & {"diagram", "chart"}
    app.session_state[export_panel.KEY] = True
    app.run()  # also open, it only lists
    assert without_problems(app), app.exception
    assert {"CSV", "NPZ"} <= set(buttons(app))


@pytest.mark.parametrize("page", LINKS)
def test_the_numbers_of_every_page_load_back_equal(page):
    found = export_panel.arrays(offered(seen(page, **LINKS[page])))
    assert found
    whole = {name: export_panel.numbers.plain(array) for name, array in found.items()}
    again = from_csv(to_csv(found))
    assert list(again) == list(whole)
    for name, array in whole.items():
        assert again[name].dtype == array.dtype or array.dtype.kind == "U"
        np.testing.assert_array_equal(again[name], array)
    with np.load(io.BytesIO(to_npz(found)), allow_pickle=False) as archive:
        for (_, array), kept in zip(whole.items(), archive.values(), strict=True):
            np.testing.assert_array_equal(kept, array)
    header, *rows = csv.reader(io.StringIO(to_csv(found)))
    assert header[:3] == ["array", "type", "t"]
    assert sum(array.size for array in whole.values()) == sum(not row[1].startswith("empty") for row in rows)


@pytest.mark.parametrize("page", DRAWN)
def test_every_diagram_goes_with_its_graph_and_its_animation(page):
    for (kind, _), what in offered(seen(page, **DRAWN[page])).items():
        if kind != "diagram":
            continue
        graph, scene = what
        dag = unroll(graph, scene["steps"])
        for again in (read_graphml(write_graphml(dag)), read_json(write_json(dag))):
            assert list(again.nodes(data=True)) == list(dag.nodes(data=True))
            assert list(again.edges(data=True)) == list(dag.edges(data=True))
            assert fold(again) == fold(dag)
        playing = export_panel.playing(graph, scene)
        assert {"order", "time", "film"} & set(playing["controls"])
        if "order" in playing["controls"]:
            assert [(graph.layers[i].name, t) for i, t in playing["order"]] == list(topological_order(dag))
        document = standalone.page(playing, page)
        assert len(document.encode()) < 300_000
        assert "Left out" not in document


@pytest.mark.parametrize("page", LINKS)
def test_the_lines_of_every_page_run(page):
    found = lines(taken(page, **LINKS[page]))
    ast.parse(found)
    told: list[Any] = []
    exec(found, {"print": lambda *args: told.append(args)})
    assert told


def test_the_lines_compute_what_is_on_the_page():
    scope: dict[str, Any] = {"print": lambda *args: None}
    exec(lines(taken("forward", arch="LSTM", text="how are you", seed=3)), scope)
    assert scope["trace"].loss == ran(Network(text="how are you", arch="lstm", seed=3)).trace.loss
    exec(lines(taken("vanishing", length=20, radius=0.8)), scope)
    assert scope["trace_a"].loss == studied(Network(radius=0.8), 20).trace.loss


def test_a_learners_own_network_goes_along():
    app = taken("forward", arch="Your own")
    scope: dict[str, Any] = {"print": lambda *args: None}
    assert "explorer.build('~" in lines(app)
    exec(lines(app), scope)
    graph, _ = next(what for (kind, _), what in offered(app).items() if kind == "diagram")
    assert scope["graph"] == graph


def test_what_a_fragment_changes_is_what_one_takes():
    app = taken("backward")
    assert "truncated" not in lines(app)
    app.number_input(key="window").set_value(2).run()
    assert "explorer.truncated(trace, 2, 1)" in lines(app)
    assert any(name.startswith("weights.dL/d") for name in export_panel.arrays(offered(app)))


def test_what_is_closed_again_is_not_offered():
    app = taken("backward")
    app.toggle(key="itemise").set_value(True).run()
    assert ("data", "items") in offered(app)
    assert len([block for block in app.code if "import explorer" in block.value]) == 2
    app.toggle(key="itemise").set_value(False).run()
    assert not [kind for kind, key in offered(app) if key == "items"]


def test_another_page_offers_its_own():
    app = taken("forward")
    app.switch_page("papers.py").run()
    assert {key for kind, key in offered(app) if kind == "diagram"} == set()
