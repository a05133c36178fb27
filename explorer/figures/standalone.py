"""The diagram as one file that plays by itself: its own script and style, the scene, and a few lines that join them.

Nothing is asked of any network, and the file says so itself in its content security policy. What a scene holds beyond
the room there is, is left out in the order of `STAGES`, and the page says what.
"""

from __future__ import annotations

import base64
import gzip
import html
import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from explorer.figures import theme
from explorer.figures.diagram import Scene, script, style
from explorer.figures.stripping import stripped

MOST_BYTES = 295_000
"""Of the whole file."""

_ROOM_FOR_PLAIN = 60_000
_MANTISSA = 12  # bits of a rounded number: all that three digits show
_NEED_PYTHON = ("length", "edit")  # controls whose answer would have to be computed
_ALWAYS = ("fold", "time")

KEYS = (
    "Tab goes to the picture and to the buttons. In the picture, ← and → move in time, ↑ and ↓ from layer to layer, "
    "Enter opens a node."
)

_MOUNT = """
const scene = await read(document.getElementById("scene"));
const figure = document.getElementById("diagram");
const component = { parentElement: figure, data: scene, setStateValue() {}, setTriggerValue() {} };
mount(component);

async function read(element) {
  if (element.type === "application/json") return JSON.parse(element.textContent);
  const bytes = Uint8Array.from(atob(element.textContent.trim()), (sign) => sign.charCodeAt(0));
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(unpacked).text());
}
"""

_STYLE = """
:root { color-scheme: light dark; }
body { margin: 0; font: 16px/1.5 %(font)s; }
body { background: light-dark(%(light)s, %(dark)s); color: light-dark(%(ink)s, %(pale)s); }
main { max-width: 1240px; margin: 0 auto; padding: 16px 20px 28px; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 4px; overflow-wrap: anywhere; }
p { margin: 0 0 12px; overflow-wrap: anywhere; }
.about, footer { color: light-dark(%(muted)s, %(grey)s); }
footer { margin-top: 16px; font-size: 15px; }
"""


def page(scene: Mapping[str, Any], title: str, about: str = "") -> str:
    """A diagram as a whole HTML document.

    Parameters
    ----------
    scene : mapping
        As `explorer.figures.diagram.scene` makes it; what a page has added to point the diagram somewhere may be in it.
    title : str
        Where it was taken from.
    about : str
        A sentence for who opens the file: what is read, with which settings.

    Returns
    -------
    str
        Less than `MOST_BYTES` in UTF-8 for every scene whose structure alone takes less.

    Examples
    --------
    >>> from explorer import architectures
    >>> from explorer.figures.diagram import scene
    >>> graph = architectures.build("elman", inputs=2, hidden=3, outputs=2)
    >>> text = page(scene(graph, 4, tokens=["</script>"]), "Unroll")
    >>> text.count("</script>"), len(text.encode()) < MOST_BYTES
    (2, True)
    """
    whole = {
        **{name: value for name, value in scene.items() if name not in ("address", "intro", "limits")},
        "controls": _controls(scene),
        "limits": [scene["steps"], scene["steps"]],
        "intro": False,
    }
    left: Scene = whole
    told: list[str] = []
    for said, reduce in STAGES:
        left = reduce(left)
        told += [said] if said else []
        document = _document(left, title, about, told)
        if len(document.encode()) < MOST_BYTES:
            break
    return document


def _controls(scene: Mapping[str, Any]) -> list[str]:
    """The fold, what the page offers, and the steps of the sequence; a film has its own time."""
    fold, time = _ALWAYS
    offered = [name for name in scene["controls"] if name not in (*_ALWAYS, *_NEED_PYTHON)]
    return [fold, *offered] + [time] * (scene["film"] is None)


def _whole(scene: Scene) -> Scene:
    return scene


def _rounded(scene: Scene) -> Scene:
    """Every number to the digits that a picture shows; the zeros that follow take hardly any room."""

    def short(value: Any) -> Any:
        if isinstance(value, str):
            exact = np.frombuffer(base64.b64decode(value), "<f4")
            half, dropped = 1 << (22 - _MANTISSA), (1 << (23 - _MANTISSA)) - 1
            near = ((exact.view("<u4") + np.uint32(half)) & ~np.uint32(dropped)).view("<f4")
            kept = np.isfinite(exact) & np.isfinite(near)  # what means something else, or would come to, stays
            return base64.b64encode(np.where(kept, near, exact).astype("<f4").tobytes()).decode()
        if isinstance(value, Mapping):
            return {name: short(one) for name, one in value.items()}
        return [short(one) for one in value] if isinstance(value, list | tuple) else value

    tracks = [{**t, "data": short(t["data"]), "before": short(t["before"])} for t in scene["tracks"]]
    flows = scene["flows"] and {name: short(v) if name in _PACKED else v for name, v in scene["flows"].items()}
    return {**scene, "tracks": tracks, "flows": flows, **{name: short(scene[name]) for name in ("values", "initial")}}


def _without_matrices(scene: Scene) -> Scene:
    return {**scene, "tracks": [track for track in scene["tracks"] if not track["matrix"]]}


def _without_values(scene: Scene) -> Scene:
    return {**scene, "values": None, "initial": None}


def _without_strips(scene: Scene) -> Scene:
    return {**scene, "tracks": []}


def _without_order(scene: Scene) -> Scene:
    controls = [name for name in scene["controls"] if name != "order"]
    return {**scene, "order": None, "generations": None, "controls": controls}


def _without_flows(scene: Scene) -> Scene:
    return {**scene, "flows": None}


_PACKED = ("nodes", "links")
STAGES: Sequence[tuple[str, Callable[[Scene], Scene]]] = (
    ("", _whole),
    ("", _rounded),
    ("the strips with a row for every step", _without_matrices),
    ("the values of the units", _without_values),
    ("the strips under the slices", _without_strips),
    ("the order of computation", _without_order),
    ("the gradients", _without_flows),
)
"""What is left out of a scene that has no room, one after the other, and what is said about it."""


def _document(scene: Scene, title: str, about: str, told: Sequence[str]) -> str:
    heading = html.escape(f"{scene['title']}: {title}")
    missing = ""
    if told:
        listed = " and ".join(filter(None, [", ".join(told[:-1]), told[-1]]))
        missing = f"<p>Left out, for want of room in one small file: {listed}.</p>"
    policy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{heading}</title>
<style>{_style()}</style>
</head>
<body>
<main>
<h1>{heading}</h1>
{f'<p class="about">{html.escape(about)}</p>' if about else ""}
<div id="diagram"></div>
<footer><p>{KEYS}</p>{missing}<p>Made by Unroll. This file asks no network for anything.</p></footer>
</main>
{_data(scene)}
<script type="module">
{_program()}
</script>
</body>
</html>
"""


def _data(scene: Scene) -> str:
    """The scene as it can stand in a page: as it is, or packed where it is long."""
    text = json.dumps(scene, separators=(",", ":"), ensure_ascii=False)
    if len(text) <= _ROOM_FOR_PLAIN:
        text = text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
        return f'<script type="application/json" id="scene">{text}</script>'
    packed = base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode()
    return f'<script type="application/gzip" id="scene">{packed}</script>'


@lru_cache(maxsize=1)
def _program() -> str:
    program = stripped(script())
    begin = "export default function"
    assert program.count(begin) == 1
    return program.replace(begin, "function mount") + stripped(_MOUNT)


@lru_cache(maxsize=1)
def _style() -> str:
    own = _STYLE % {
        "light": theme.LIGHT.background,
        "dark": theme.DARK.background,
        "ink": theme.LIGHT.ink,
        "pale": theme.DARK.ink,
        "muted": theme.LIGHT.muted,
        "grey": theme.DARK.muted,
        "font": theme.FONTS["text"],
    }
    return stripped(theme.properties() + own + style(), lines=False)
