"""The one owner of colour, type and spacing.

The diagram component, the Plotly template and the Streamlit theme all take their looks from
here, so that a layer, a weight or a value has the same colour wherever it appears.  Every
colour exists twice, for a light and for a dark page.  On its background each ink reaches a
contrast of 4.5 : 1, each line and outline 3 : 1, and no meaning rests on red against green.

>>> sorted(palette())
['dark', 'light']
>>> weight_colours(0)["light"] == weight_colours(len(WEIGHTS))["light"]
True
>>> palette()["light"]["diverging"][len(LIGHT.diverging) // 2] == LIGHT.neutral
True
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

ROLES = ("input", "state", "gate", "hidden", "output", "loss")


@dataclass(frozen=True)
class Pair:
    """One colour on a light page and its partner on a dark one."""

    light: str
    dark: str


@dataclass(frozen=True)
class RoleColour:
    """A calm fill and a firm outline: roles are areas, weights are lines."""

    fill: str
    stroke: str


@dataclass(frozen=True)
class Theme:
    """Everything that is drawn on a page of one brightness."""

    background: str
    surface: str  # cards, tooltips, quiet buttons
    ink: str
    muted: str  # secondary text; still 4.5 : 1
    line: str  # connections without a weight, outlines; 3 : 1
    grid: str  # hairlines that carry no meaning
    primary: str
    on_primary: str
    band: str  # the time cursor, drawn under everything else
    roles: Mapping[str, RoleColour]
    diverging: tuple[str, ...]  # values: lowest … 0 … highest, an odd number of stops
    sequential: tuple[str, ...]  # gradients: smallest … largest

    @property
    def neutral(self) -> str:
        """The colour of the value 0."""
        return self.diverging[len(self.diverging) // 2]


LIGHT = Theme(
    background="#ffffff",
    surface="#f5f6f8",
    ink="#1b2330",
    muted="#586273",
    line="#818b9a",
    grid="#e3e7ec",
    primary="#1a63b0",
    on_primary="#ffffff",
    band="#fdf1cd",
    roles=MappingProxyType(
        {
            "input": RoleColour("#e7eff7", "#4a6d90"),
            "state": RoleColour("#dcf2ea", "#1b7a62"),
            "gate": RoleColour("#fff1d2", "#94690a"),
            "hidden": RoleColour("#f0f1f4", "#6b7280"),
            "output": RoleColour("#eee8f9", "#6a4ea4"),
            "loss": RoleColour("#fbe5e2", "#b03d33"),
        }
    ),
    diverging=(
        "#0a4a86",
        "#2f76b5",
        "#74a9d4",
        "#bad6ea",
        "#f7f6f3",
        "#fbd3ab",
        "#ee9f5c",
        "#cf6a1f",
        "#933f05",
    ),
    sequential=("#f6eef8", "#dfc1e6", "#c08bd0", "#9853b3", "#6b2490", "#3d0a5c"),
)

DARK = Theme(
    background="#0f131a",
    surface="#1a202a",
    ink="#e8ecf2",
    muted="#a3adbc",
    line="#7d8897",
    grid="#2a323e",
    primary="#82bbf5",
    on_primary="#0b1524",
    band="#38331d",
    roles=MappingProxyType(
        {
            "input": RoleColour("#1d2b3a", "#8fb4d9"),
            "state": RoleColour("#15352d", "#58c7a6"),
            "gate": RoleColour("#382d12", "#dcb04a"),
            "hidden": RoleColour("#252b35", "#a2abb9"),
            "output": RoleColour("#2c2543", "#b59ae8"),
            "loss": RoleColour("#3d2220", "#ee8a7f"),
        }
    ),
    diverging=(
        "#8ecbff",
        "#4f9fe0",
        "#2f6fa8",
        "#254a6c",
        "#232932",
        "#6b4523",
        "#a8652a",
        "#e08b3c",
        "#ffb670",
    ),
    sequential=("#241b30", "#48306a", "#7348a0", "#a06ccd", "#cb9cec", "#f0dcff"),
)

# Vivid lines, told apart by protanopes and deuteranopes through lightness as well as hue.
WEIGHTS = (
    Pair("#006fcb", "#766bff"),
    Pair("#cc560f", "#d9672f"),
    Pair("#068164", "#049366"),
    Pair("#9e2a7e", "#ec24b5"),
    Pair("#ad7d49", "#f6bd15"),
    Pair("#3d2189", "#a0b2ff"),
    Pair("#158eb3", "#8ef4ff"),
    Pair("#ad2943", "#ff92b6"),
    Pair("#394400", "#d3ff80"),
    Pair("#421710", "#eecc9f"),
)

FONTS: Mapping[str, str] = MappingProxyType(
    {
        "text": '"Source Sans", "Source Sans 3", system-ui, "Segoe UI", "Liberation Sans", sans-serif',
        "math": '"STIX Two Text", "Cambria Math", "Latin Modern Math", "Liberation Serif", Georgia, serif',
        "mono": 'ui-monospace, "Source Code Pro", "DejaVu Sans Mono", Consolas, monospace',
    }
)

#: Pixels.  Nothing a learner must read is set smaller than ``text``.
SIZES: Mapping[str, int] = MappingProxyType({"text": 14, "label": 15, "symbol": 17, "gap": 8, "radius": 8})


def weight_colours(index: int) -> dict[str, str]:
    """The colours of the ``index``-th weight, ``{"light": …, "dark": …}``; the cycle repeats."""
    pair = WEIGHTS[index % len(WEIGHTS)]
    return {"light": pair.light, "dark": pair.dark}


def palette() -> dict[str, dict[str, Any]]:
    """Both themes as plain JSON, in the form the diagram's scene carries."""
    return {"light": _as_json(LIGHT), "dark": _as_json(DARK)}


def properties() -> str:
    """Colours as custom properties of a style sheet, each for a light and a dark page at once.

    >>> "--unroll-output-fill: light-dark(#eee8f9, #2c2543);" in properties()
    True
    """
    pairs = [
        f"--unroll-{role}-{part}: light-dark({getattr(LIGHT.roles[role], part)}, {getattr(DARK.roles[role], part)});"
        for role in LIGHT.roles
        for part in ("fill", "stroke")
    ]
    pairs.append(f"--unroll-on-primary: light-dark({LIGHT.on_primary}, {DARK.on_primary});")
    return ":root { " + " ".join(pairs) + " }\n"


def _as_json(theme: Theme) -> dict[str, Any]:
    return {
        "background": theme.background,
        "surface": theme.surface,
        "ink": theme.ink,
        "muted": theme.muted,
        "line": theme.line,
        "grid": theme.grid,
        "primary": theme.primary,
        "onPrimary": theme.on_primary,
        "band": theme.band,
        "roles": {role: {"fill": colour.fill, "stroke": colour.stroke} for role, colour in theme.roles.items()},
        "diverging": list(theme.diverging),
        "sequential": list(theme.sequential),
        "fonts": dict(FONTS),
    }
