"""A run as a file: arrays and a header in JSON, never a pickle; what is read is held to be hostile until checked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from math import isfinite, nan
from pathlib import Path
from typing import Any

import numpy as np

from explorer.engine.activations import Array
from explorer.engine.inputs import whole
from explorer.engine.timeline import frozen
from explorer.formats.npz import read_npz
from explorer.graph import ReadOnly
from explorer.tasks.recipe import Blueprint, Recipe
from explorer.tasks.registry import TASKS
from explorer.tasks.task import Task
from explorer.training.course import Snapshot
from explorer.training.history import MOST_KEPT, History, Kept
from explorer.training.layout import Layout
from explorer.training.optimizers import OPTIMIZERS
from explorer.training.plan import MOST_ITERATIONS, Plan, is_real

FORMAT = 1
ENDS = ("solved", "stalled", "finished", None)

_ENTRIES = {"format", "plan", "diverged", "distance", "best", "waited", "end"}
_NAMES = (
    "header", "losses", "gradient_norms", "examined", "scores", "kept", "vectors", "norms", "vector", "gradient",
    "moments",
)  # fmt: skip


def save(history: History, path: Path, *, most_kept: int = MOST_KEPT, dtype: Any = np.float64) -> None:
    """Write a run, so that it can go on exactly as if it had never stopped.

    Parameters
    ----------
    history : History
        Of a run that has begun.
    path : Path
    most_kept : int
        Networks to look back at.
    dtype
        Of the curves and of those networks; float16 makes a small file, in which the run can still go on exactly.
    """
    latest = history.latest
    if latest is None:
        raise ValueError("The run has not begun, so there is nothing to save.")
    kept = _thinned(history.kept, most_kept)
    header = {
        "format": FORMAT,
        "plan": asdict(history.plan),
        "diverged": history.diverged,
        "distance": history.distance,
        "best": _or_none(latest.best),
        "waited": latest.waited,
        "end": latest.end,
    }
    weights = np.float16 if dtype == np.float16 else np.float32
    arrays: dict[str, Any] = {
        "header": np.frombuffer(json.dumps(header, allow_nan=False).encode(), np.uint8),
        "losses": _narrowed(history.losses, dtype),
        "gradient_norms": _narrowed(history.gradient_norms, dtype),
        "examined": np.array([n for n, _ in history.examinations], np.int32),
        "scores": np.array([score for _, score in history.examinations], np.float64),
        "kept": np.array([one.iteration for one in kept], np.int32),
        "vectors": _narrowed([one.vector for one in kept], weights),
        "norms": _narrowed([list(one.norms.values()) for one in kept], np.float32),
        "vector": latest.vector,
        "gradient": latest.gradient,
        "moments": np.array(latest.moments, np.float32).reshape(-1, len(latest.vector)),
    }
    unfinished = path.with_name(path.name + ".part")
    with unfinished.open("wb") as file:  # given a name, NumPy would append .npz to it
        np.savez_compressed(file, **arrays)
    unfinished.replace(path)  # whoever stops now keeps the old file whole


def load(path: Path, tasks: Mapping[str, Task] = TASKS) -> History:
    """Read a run that `save` has written.

    Raises
    ------
    ValueError
        If anything in the file is not as `save` writes it; the sentence says what.
    """
    try:
        return _read(read_npz(path, _NAMES), tasks)
    except ValueError as error:
        raise ValueError(f"{path.name} is not a run that can be gone on with: {error}") from None


def _narrowed(numbers: Any, dtype: Any) -> Array:
    """In a smaller type; what is too large for it becomes its largest number."""
    array, most = np.asarray(numbers, np.float64), np.finfo(dtype).max
    return np.clip(array, -most, most).astype(dtype)


def _thinned(kept: list[Kept], most: int) -> list[Kept]:
    """Evenly chosen, the first and the last among them."""
    places = np.unique(np.linspace(0, len(kept) - 1, min(most, len(kept))).round().astype(int))
    return [kept[place] for place in places]


def _or_none(number: float) -> float | None:
    return number if isfinite(number) else None


def _read(arrays: Mapping[str, Array], tasks: Mapping[str, Task]) -> History:
    header = _header(arrays["header"].tobytes())
    plan = _plan(header["plan"])
    layout = Layout.of(plan.course_in(tasks).graph().parameter_shapes)
    size, moments = layout.size, OPTIMIZERS[plan.recipe.optimizer].moments
    n, k, m = (arrays[name].size for name in ("losses", "kept", "examined"))
    whole(n, 0, MOST_ITERATIONS, "the number of its iterations")
    for name, shape, kind in (
        ("losses", (n,), np.floating),
        ("gradient_norms", (n,), np.floating),
        ("examined", (m,), np.integer),
        ("scores", (m,), np.floating),
        ("kept", (k,), np.integer),
        ("vectors", (k, size), np.floating),
        ("norms", (k, len(layout.shapes)), np.floating),
        ("vector", (size,), np.float32),
        ("gradient", (size,), np.float32),
        ("moments", (moments, size), np.float32),
    ):
        _check(name, arrays[name], shape, kind)
    for name, most in (("examined", n), ("kept", n)):
        _check_rising(name, arrays[name], most)
    if not k or arrays["kept"][0]:
        raise ValueError("it does not keep the network before the first iteration.")
    end, diverged = header["end"], header["diverged"]
    if end not in ENDS or not isinstance(diverged, str):
        raise ValueError(f"its end is given as {end!r}, {diverged!r}.")
    losses, scores = arrays["losses"].astype(float).tolist(), arrays["scores"].astype(float).tolist()
    examinations = list(zip(arrays["examined"].tolist(), scores, strict=True))
    latest = Snapshot(
        iteration=n,
        layout=layout,
        vector=frozen(arrays["vector"].copy()),
        moments=tuple(frozen(moment.copy()) for moment in arrays["moments"]),
        gradient=frozen(arrays["gradient"].copy()),
        loss=losses[-1] if losses else nan,
        score=examinations[-1][1] if examinations and examinations[-1][0] == n else None,
        best=_number(header["best"]),
        waited=whole(header["waited"], 0, MOST_ITERATIONS, "the number of examinations waited"),
        end=end,
    )
    return History(
        plan=plan,
        tasks=tasks,
        losses=losses,
        gradient_norms=arrays["gradient_norms"].astype(float).tolist(),
        examinations=examinations,
        kept=_kept(arrays, layout),
        latest=latest,
        diverged=diverged,
        distance=whole(header["distance"], 1, MOST_ITERATIONS, "the distance between kept networks"),
    )


def _header(text: bytes) -> dict[str, Any]:
    try:
        header = json.loads(text)
    except (ValueError, RecursionError):
        header = None
    if not isinstance(header, dict) or header.get("format") != FORMAT or set(header) != _ENTRIES:
        raise ValueError(f"its header is not one of format {FORMAT}.")
    return header


def _kept(arrays: Mapping[str, Array], layout: Layout) -> list[Kept]:
    names = [name for name, _ in layout.shapes]
    vectors, norms = frozen(arrays["vectors"].astype(np.float32)), arrays["norms"].tolist()
    return [
        Kept(n, layout, vector, ReadOnly(dict(zip(names, row, strict=True))))
        for n, vector, row in zip(arrays["kept"].tolist(), vectors, norms, strict=True)
    ]


def _check(name: str, array: Array, shape: tuple[int, ...], kind: Any) -> None:
    if array.shape != shape or not np.issubdtype(array.dtype, kind):
        raise ValueError(
            f"'{name}' has the shape {array.shape} and the type {array.dtype}; its plan needs {shape} and "
            f"{kind.__name__}."
        )
    if not np.isfinite(array).all():
        raise ValueError(f"'{name}' holds numbers that are not finite.")


def _check_rising(name: str, array: Array, most: int) -> None:
    if array.size and (array[0] < 0 or array[-1] > most or (np.diff(array.astype(np.int64)) <= 0).any()):
        raise ValueError(f"the iterations in '{name}' do not rise from 0 to {most}.")


def _number(given: object) -> float:
    if given is None:
        return nan
    if not is_real(given):
        raise ValueError(f"its best score is given as {given!r}.")
    return float(given)


def _plan(given: object) -> Plan:
    """A plan from a header; unknown or missing fields and wrong types are refused, ranges by `Plan` itself."""
    parts = _fields(given, Plan, "the plan")
    blueprint = Blueprint(**_fields(parts["blueprint"], Blueprint, "the network"))
    recipe = Recipe(**_fields(parts["recipe"], Recipe, "the recipe"))
    if not isinstance(parts["task"], str) or not isinstance(parts["text"], str):
        raise ValueError("the task and its text are not words.")
    return Plan(parts["task"], parts["steps"], parts["text"], blueprint, recipe)


def _fields(given: object, kind: Any, what: str) -> dict[str, Any]:
    wanted = {field.name for field in fields(kind)}
    if not isinstance(given, dict) or set(given) != wanted:
        raise ValueError(f"{what} does not have the entries {', '.join(sorted(wanted))}.")
    return given
