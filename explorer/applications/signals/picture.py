"""Small pictures of one or two shapes: described in a line, drawn in pixels, and put into a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from zlib import crc32

import numpy as np

from explorer.applications.signals.phrases import clipped, quoted
from explorer.engine.activations import Array
from explorer.engine.timeline import frozen

SIDE = 10
"""Pixels across and down."""

COLOURS = {"red": (0.95, 0.1, 0.1), "green": (0.1, 0.8, 0.1), "blue": (0.1, 0.2, 0.95)}
STRANGE_COLOURS = {
    "yellow": (0.95, 0.85, 0.1),
    "purple": (0.6, 0.15, 0.75),
    "orange": (0.95, 0.5, 0.1),
    "pink": (0.95, 0.55, 0.75),
    "cyan": (0.1, 0.8, 0.85),
    "white": (0.95, 0.95, 0.95),
    "grey": (0.5, 0.5, 0.5),
    "gray": (0.5, 0.5, 0.5),
    "brown": (0.5, 0.3, 0.1),
}
"""Colours that can be drawn, but in no picture of the training."""

SHAPES = ("circle", "square", "triangle")
SIZES = {"small": 3, "large": 5}
GROUND = 0.05  # brightness of the background
MOST_SHAPES = 4
HELD_OUT = 8  # one sentence in so many is never to be said in training
_KINDS = tuple((size, colour, shape) for size in SIZES for colour in COLOURS for shape in SHAPES)
_SAME = {
    **dict.fromkeys(("circles", "disc", "disk", "ball", "dot", "round"), "circle"),
    **dict.fromkeys(("squares", "box", "rectangle"), "square"),
    **dict.fromkeys(("triangles", "pyramid"), "triangle"),
    **dict.fromkeys(("big", "huge"), "large"),
    **dict.fromkeys(("little", "tiny"), "small"),
}
_HOMES = ((3, 3), (8, 8), (8, 3), (3, 8))  # where shapes stand that are given no place
_IDLE = frozenset(["a", "an", "the", "and", "at", "with", "in", "on", "of", "one", "next", "to"])


@dataclass(frozen=True, slots=True)
class Thing:
    """A shape in a picture: its kind, and the column and row of its middle, counted from 1 at the top left."""

    colour: str
    shape: str
    size: str
    column: int
    row: int

    @property
    def kind(self) -> str:
        return f"{self.size} {self.colour} {self.shape}"


def stencil(shape: str, width: int) -> Array:
    """(width, width) of bool: which pixels a shape covers.

    Examples
    --------
    >>> stencil("triangle", 3).astype(int).tolist()
    [[0, 1, 0], [1, 1, 1], [1, 1, 1]]
    """
    return _stencils()[shape, width]


@cache
def _stencils() -> dict[tuple[str, int], Array]:
    found = {}
    for width in SIZES.values():
        rows, columns = np.indices((width, width)) - width // 2
        found["square", width] = np.ones((width, width), bool)
        distance = np.square(rows) + np.square(columns)
        found["circle", width] = (distance >= (width // 2) ** 2) & (distance <= (width // 2) ** 2 * 1.3)
        found["triangle", width] = np.abs(columns) <= (rows + width // 2 + 1) // 2
    return {key: frozen(cover) for key, cover in found.items()}


def paint(things: Sequence[Thing]) -> Array:
    """The picture (SIDE, SIDE, 3), 0 … 1; what is named later covers what is named before."""
    pixels = np.full((SIDE, SIDE, 3), GROUND)
    for thing in things:
        cover = stencil(thing.shape, SIZES[thing.size])
        top, left = thing.row - 1 - len(cover) // 2, thing.column - 1 - len(cover) // 2
        pixels[top : top + len(cover), left : left + len(cover)][cover] = {**COLOURS, **STRANGE_COLOURS}[thing.colour]
    return pixels


def overlap(first: Thing, second: Thing) -> bool:
    """Whether the squares around two shapes share a pixel."""
    reach = (SIZES[first.size] + SIZES[second.size]) / 2
    return abs(first.column - second.column) < reach and abs(first.row - second.row) < reach


def sentence(things: Sequence[Thing]) -> tuple[str, ...]:
    """What there is to say: of two shapes the upper one first, or the left one where they are level.

    A difference of a single row or column is none.

    Examples
    --------
    >>> one, two = Thing("blue", "square", "small", 8, 7), Thing("red", "circle", "large", 3, 3)
    >>> " ".join(sentence([one, two]))
    'a large red circle above and left of a small blue square'
    """
    if len(things) < 2:
        return tuple(word for thing in things for word in ("a", *thing.kind.split()))
    one, two = sorted(things[:2], key=lambda thing: (thing.row, thing.column))
    level, plumb = two.row - one.row < 2, abs(two.column - one.column) < 2
    if level:
        one, two = sorted((one, two), key=lambda thing: thing.column)
        place = ["left", "of"]
    elif plumb:
        place = ["above"]
    else:
        place = ["above", "and", "left" if one.column < two.column else "right", "of"]
    return ("a", *one.kind.split(), *place, "a", *two.kind.split())


def is_held_out(things: Sequence[Thing]) -> bool:
    """Whether a scene is kept for the examination: of two shapes the sentence decides, of one its kind and place."""
    said = " ".join(sentence(things))
    key = said if len(things) > 1 else f"{said} {things[0].column} {things[0].row}"
    return crc32(key.encode()) % HELD_OUT == 0


def make_scene(rng: np.random.Generator) -> tuple[Thing, ...]:
    """One or two shapes that neither overlap nor have the same colour."""
    while True:
        things = tuple(_thing(rng) for _ in range(1 if rng.random() < 0.25 else 2))
        if len(things) == 1 or not (overlap(*things) or things[0].colour == things[1].colour):
            return things


def _thing(rng: np.random.Generator) -> Thing:
    size, colour, shape = _KINDS[rng.integers(len(_KINDS))]
    reach = SIZES[size] // 2
    column, row = rng.integers(1 + reach, SIDE - reach + 1, 2).tolist()
    return Thing(colour, shape, size, column, row)


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture as it was understood, with sentences about what was not and what is unlike all training.

    It is familiar if there are pictures like it in training, so that the network can be expected to be right.
    """

    things: tuple[Thing, ...]
    notes: tuple[str, ...]
    doubts: tuple[str, ...]
    is_familiar: bool


def describe(text: str) -> Scene:
    """Read a description: shapes with colour, size, column and row, divided by commas; any of these may be missing.

    Examples
    --------
    >>> describe("red circle 3 3 large").things
    (Thing(colour='red', shape='circle', size='large', column=3, row=3),)
    """
    text, notes = clipped(text)
    doubts = list(notes)
    things: list[Thing] = []
    unknown: list[str] = []
    changes: list[str] = []
    more = 0  # shapes that are not drawn
    for clause in _clauses(text.lower()):
        thing, left_out, changed = _understood(clause, len(things))
        unknown += left_out
        if thing is not None and len(things) < MOST_SHAPES:
            changes += changed
            things.append(thing)
        elif thing is not None:
            more += 1
    if unknown:
        doubts.append(
            f"Not understood, and left out: {quoted(unknown)}. "
            "A shape is a circle, a square or a triangle, small or large."
        )
    if more:
        doubts.append(f"These are {MOST_SHAPES + more} shapes; the first {MOST_SHAPES} are drawn.")
    unseen = _unseen(things)
    return Scene(tuple(things), (*notes, *changes), (*doubts, *unseen), not unseen)


def _clauses(text: str) -> list[list[str]]:
    """Words and numbers of each shape: a new one begins after a comma, or where something is said a second time."""
    clauses: list[list[str]] = [[]]
    for found in re.findall(r"\d+|[^\W\d_]+|[^\s.:!?()'’\-–/]", text):
        word = _SAME.get(found, found)
        aspect, told = _aspect(word), {_aspect(before) for before in clauses[-1]}
        if word in {",", ";", "and"}:
            clauses.append([])
        elif aspect and aspect in told and "shape" in told:
            clauses.append([word])
        else:
            clauses[-1].append(word)
    return [clause for clause in clauses if clause]


def _aspect(word: str) -> str | None:
    """What a word tells about a shape, if it may be told only once."""
    tables = {"colour": {*COLOURS, *STRANGE_COLOURS}, "shape": {*SHAPES}, "size": {*SIZES}}
    return next((aspect for aspect, words in tables.items() if word in words), None)


def _understood(clause: list[str], already: int) -> tuple[Thing | None, list[str], list[str]]:
    """The shape of a clause, words that mean nothing here, and a sentence about what had to be chosen."""
    words = [word for word in clause if not word.isdecimal()]
    numbers = [int(word[:9]) for word in clause if word.isdecimal()]
    unknown = [word for word in words if _aspect(word) is None and word not in _IDLE]
    shapes = [word for word in words if _aspect(word) == "shape"]
    colour = next((word for word in words if _aspect(word) == "colour"), "")
    if not shapes and not colour:
        return None, [word for word in words if word not in _IDLE], []
    size = next((word for word in words if word in SIZES), "large")
    reach = SIZES[size] // 2
    home = _HOMES[already % len(_HOMES)]
    wanted = tuple(numbers[:2]) if len(numbers) >= 2 else home
    column, row = (int(np.clip(at, 1 + reach, SIDE - reach)) for at in wanted)
    thing = Thing(
        colour or tuple(COLOURS)[2 * already % len(COLOURS)], shapes[0] if shapes else "circle", size, column, row
    )
    changed = []
    if not shapes or not colour or len(numbers) < 2 or size not in words:
        changed.append(f"What was left open is chosen: {thing.kind} at column {column}, row {row}.")
    if (column, row) != wanted:
        changed.append(f"The {thing.kind} is moved into the picture: column {column}, row {row}.")
    return thing, unknown, changed


def _unseen(things: Sequence[Thing]) -> list[str]:
    """What is unlike all pictures in training."""
    found = []
    if not things:
        found.append(
            "There is no shape in the picture. No picture in training was empty: whatever the network says is made up. "
            "Type for instance “red circle 3 3 large”."
        )
    strange = [thing.colour for thing in things if thing.colour not in COLOURS]
    if strange:
        found.append(f"No shape in training was {' or '.join(dict.fromkeys(strange))}; the network has no such word.")
    if len(things) > 2:
        found.append(f"No picture in training had {len(things)} shapes, and the network's sentences have room for two.")
    if len({thing.colour for thing in things}) < len(things):
        found.append("In training no two shapes of a picture had the same colour; here they have.")
    if any(overlap(one, two) for at, one in enumerate(things) for two in things[at + 1 :]):
        found.append("In training shapes never overlapped; here they do.")
    return found
