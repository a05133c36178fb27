"""The row under every page from which pictures, numbers, graphs, animations and Python lines can be taken.

Closed it costs nothing. Open, it only lists: whatever it offers is made when it is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from explorer.exchange import write_graphml, write_json
from explorer.figures import numbers, standalone
from explorer.graph import Graph
from explorer.unrolling import generations, topological_order, unroll

Offered = Mapping[tuple[str, str], Any]
KEY = "exports_panel"
_ASSETS = Path(__file__).resolve().parent.parent / "assets" / "exports"
_PICTURES = st.components.v2.component(
    "unroll.pictures",
    js="\n".join(path.read_text(encoding="utf-8") for path in sorted(_ASSETS.glob("*.js"))),
    css=(_ASSETS / "pictures.css").read_text(encoding="utf-8"),
)
_LONGEST_LABEL, _LONGEST_ABOUT = 76, 240
_PLAYERS = {"order", "time", "film"}


@st.fragment  # opening it, and coming back to it, run this alone
def draw(page: str, offered: Offered) -> None:
    """Everything that the page of that title offers."""
    panel = st.expander("Take it with you: pictures, numbers, graph, animation, Python", key=KEY, on_change="rerun")
    if not panel.open:
        return
    with panel:
        files, lines = st.columns([2, 3], gap="large")
        with files:
            _pictures(page, offered)
            _numbers(page, offered)
            for place, (key, (graph, scene)) in enumerate(_of("diagram", offered), 1):
                _diagram(page, place, graph, {**scene, **_pointed(key)})
        with lines:
            for _, python in _of("python", offered):
                st.markdown("**Python** that computes what is shown, with this project's library")
                st.code(python(), language="python", wrap_lines=True)


def _pictures(page: str, offered: Offered) -> None:
    shown, labels = [], set[str]()
    for place, (key, _) in enumerate(_of("diagram", offered), 1):
        name = _diagram_name(place)
        shown.append({"kind": "diagram", "key": key, "label": _diagram_label(place), "file": _file(page, name)})
    for key, (_, alt) in _of("chart", offered):
        label = _label(alt)
        again = sum(label == other.split(" #")[0] for other in labels)
        label += f" #{again + 1}" * bool(again)
        labels.add(label)
        shown.append({"kind": "chart", "key": key, "label": label, "file": _file(page, key)})
    if shown:
        st.markdown("**Pictures** as they are on the screen")
        _PICTURES(key="exports_pictures", data={"pictures": shown}, on_came_change=_nothing)


def _numbers(page: str, offered: Offered) -> None:
    if not {kind for kind, _ in offered} & {"data", "chart", "diagram"}:
        return
    st.markdown("**Numbers** behind them, with every digit")
    with st.container(horizontal=True):
        _download(
            "CSV", "numbers", lambda: numbers.to_csv(arrays(offered)), f"{_file(page, 'numbers')}.csv", "text/csv"
        )
        _download("NPZ", "numbers", lambda: numbers.to_npz(arrays(offered)), f"{_file(page, 'numbers')}.npz", _BYTES)


def _diagram(page: str, place: int, graph: Graph, scene: Mapping[str, Any]) -> None:
    what, file, steps = _diagram_label(place).lower(), _file(page, _diagram_name(place)), scene["steps"]
    st.markdown(f"**Unrolled graph** of the {what}, a node for each layer and step")
    with st.container(horizontal=True):
        for name, write, kind in (("GraphML", write_graphml, "graphml"), ("JSON", write_json, "json")):
            make = partial(_graph, write, graph, steps)
            _download(name, what, make, f"{file}.{kind}", f"application/{kind}")
    st.markdown("**Animation**, one file that plays in any browser without network")
    tokens = " ".join(filter(None, scene["tokens"]))
    about = f"It reads: {tokens if len(tokens) < _LONGEST_ABOUT else tokens[:_LONGEST_ABOUT] + ' …'}" if tokens else ""
    _download("HTML", what, lambda: standalone.page(playing(graph, scene), page, about), f"{file}.html", "text/html")


def playing(graph: Graph, scene: Mapping[str, Any]) -> Mapping[str, Any]:
    """A scene on which something plays: where nothing does on the page, the order of computation."""
    if _PLAYERS & set(scene["controls"]):
        return scene
    dag = unroll(graph, scene["steps"])
    place = {layer["name"]: i for i, layer in enumerate(scene["layers"])}
    order, generation = topological_order(dag), generations(dag)
    return {
        **scene,
        "controls": [*scene["controls"], "order"],
        "order": [[place[name], t] for name, t in order],
        "generations": [generation[node] for node in order],
    }


def _pointed(key: str) -> dict[str, Any]:
    """Where a diagram is pointed at: where it began, and what the hand has chosen since."""
    begun, told = st.session_state.get(f"{key}.begun") or {}, st.session_state.get(key) or {}
    now = {name: told.get(name) for name in ("cursor", "selected")}
    return {**begun, **{name: value for name, value in now.items() if value is not None}}


def _graph(write: Callable[[Any], str], graph: Graph, steps: int) -> str:
    return write(unroll(graph, steps))


def arrays(offered: Offered) -> dict[str, Any]:
    """All numbers of a page by name: those of the engine, then those in charts and strips as they are drawn."""
    found: dict[str, Any] = {}
    for name, made in _of("data", offered):
        found |= {f"{name}.{array}": values for array, values in made().items()}
    for key, (figure, _) in _of("chart", offered):
        found |= {f"{_slug(key)}.{name}": values for name, values in numbers.of_figure(figure).items()}
    for place, (_, (_, scene)) in enumerate(_of("diagram", offered), 1):
        found |= {f"{_diagram_name(place)}.{name}": values for name, values in numbers.of_scene(scene).items()}
    return found


_BYTES = "application/octet-stream"


def _download(label: str, of: str, make: Callable[[], str | bytes], file: str, mime: str) -> None:
    """A file that is made when it is asked for, from what the page shows then."""

    def contents() -> bytes:
        made = make()
        return made.encode() if isinstance(made, str) else made

    st.download_button(label, contents, file, mime, key=f"exports_{label}_{of}", on_click="ignore")


def _of(kind: str, offered: Offered) -> Iterator[tuple[str, Any]]:
    """What is offered of a kind, by key; a copy, since another run of the page may add to it meanwhile."""
    yield from [(key, what) for (of, key), what in list(offered.items()) if of == kind]


def _diagram_name(place: int) -> str:
    return "network" if place == 1 else f"network-{place}"


def _diagram_label(place: int) -> str:
    return "Network diagram" if place == 1 else f"Network diagram {place}"


def _label(alt: str) -> str:
    """The first sentence about a picture, as far as it has room."""
    first = re.split(r"(?<=[a-z\d)])[.:;] ", alt.strip(), maxsplit=1)[0].rstrip(".")
    return first if len(first) <= _LONGEST_LABEL else first[:_LONGEST_LABEL].rsplit(" ", 1)[0] + " …"


def _file(page: str, name: str) -> str:
    return f"unroll-{_slug(page)}-{_slug(name)}"


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "picture"


def _nothing() -> None:
    """Streamlit delivers a trigger only if somebody listens."""
