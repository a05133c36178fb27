"""From the controls of the Train page to plans of runs, and what two sets of plans differ in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from explorer.architectures import ARCHITECTURES, architecture
from explorer.documents import MARK
from explorer.fitting import UnfitError
from explorer.graph import Graph
from explorer.settings import Network
from explorer.tasks.registry import TASKS
from explorer.training.comparisons import COMPARISONS
from explorer.training.optimizers import OPTIMIZERS
from explorer.training.plan import Plan

AFFORDABLE = 1.6e7
"""Numbers that an iteration may compute where others wait for it: some tenths of a second."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the controls of the page say; None leaves the choice to the task.

    Attributes
    ----------
    task : str
        Key of `TASKS`.
    steps, units : int or None
    text : str
        For a task that reads one.
    beside : str
        Key of `COMPARISONS`.
    optimizer : str
    rate : float or None
    clip : float or None
        0: not clipped.
    window : int or None
        None: not truncated.
    batch, iterations : int or None
    """

    task: str
    steps: int | None = None
    units: int | None = None
    text: str = ""
    beside: str = "alone"
    optimizer: str = "adam"
    rate: float | None = None
    clip: float | None = None
    window: int | None = None
    batch: int | None = None
    iterations: int | None = None


def plans(network: Network, wanted: Wanted) -> tuple[tuple[Plan, ...], tuple[str, ...]]:
    """The one or two runs that are asked for, and sentences about what had to be changed.

    Examples
    --------
    >>> (first, second), notes = plans(Network(hidden=5), Wanted("parity", beside="lstm"))
    >>> first.blueprint.arch, second.blueprint.arch, second.blueprint.bias, first.recipe == second.recipe, notes
    ('elman', 'lstm', 1.0, True, ())
    """
    task, notes = TASKS[wanted.task], []
    steps = task.steps.default if wanted.steps is None else wanted.steps
    possible = min(max(steps, task.steps.least), task.steps.most)
    if possible != steps:
        notes.append(
            f"{task.steps.label} of the task {task.title} runs from {task.steps.least} to {task.steps.most}; "
            f"{possible} is taken."
        )
    usual = task.recipe
    if wanted.rate is not None:
        rate = wanted.rate
    else:
        rate = usual.rate if wanted.optimizer == usual.optimizer else OPTIMIZERS[wanted.optimizer].rate
    recipe = replace(
        usual,
        optimizer=wanted.optimizer,
        rate=rate,
        clip=usual.clip if wanted.clip is None else wanted.clip or None,
        window=wanted.window,
        stride=wanted.window or 1,
        batch=wanted.batch or usual.batch,
        iterations=wanted.iterations or usual.iterations,
        seed=network.seed,
    )
    blueprint = replace(
        task.blueprint,
        arch=network.arch,
        hidden=wanted.units or task.blueprint.hidden,
        depth=network.depth,
        act=network.act,
        init=network.init,
        bias=network.bias,
        seed=network.seed,
    )
    text = wanted.text if task.reads_text else ""
    notes += task.remarks(possible, text)
    first = Plan(wanted.task, possible, text, blueprint, recipe)
    drawn = architecture(network.arch).is_drawn
    if drawn and not reads_one_sequence(first):
        raise UnfitError(
            f"A task is one sequence, for one layer with the role input and one with the role loss; "
            f"{architecture(network.arch).title} has {' and '.join(_counted(first.course.graph()))}."
        )
    if not reads_one_sequence(first):
        notes.append(
            f"{architecture(network.arch).title} reads a second sequence, which this task has not; an Elman network "
            "is trained instead. Translation, on the page of applications, is a task for it."
        )
        first = replace(first, blueprint=replace(blueprint, arch="elman"))
    found, change = [first], COMPARISONS[wanted.beside].change
    if change is not None:
        changed, otherwise = change(first.blueprint, first.recipe)
        second = replace(first, blueprint=changed, recipe=otherwise)
        if second == first:
            notes.append(f"Beside it: {COMPARISONS[wanted.beside].title} is what A is already, so there is no B.")
        else:
            found.append(second)
    affordable = min(_affordable(plan) for plan in found)
    if affordable < first.blueprint.hidden:
        if drawn:
            raise UnfitError(
                f"{architecture(network.arch).title} would keep others on this server waiting for seconds at these "
                "sizes; take fewer units, fewer steps, or a smaller batch."
            )
        notes.append(
            f"H = {first.blueprint.hidden} would keep others on this server waiting for seconds at these sizes; "
            f"{affordable} is taken. On a computer of your own, the command line trains what you like."
        )
        found = [replace(plan, blueprint=replace(plan.blueprint, hidden=affordable)) for plan in found]
    return tuple(found), tuple(notes)


def cost(plan: Plan) -> float:
    """Numbers that an iteration computes, or half of those that an examination does, which needs no way back."""
    course = plan.course
    rows = max(plan.recipe.batch, course.examination.rows / 2)
    return sum(layer.size for layer in course.graph().layers) * course.examination.steps * rows


@lru_cache(maxsize=64)
def _affordable(plan: Plan) -> int:
    """Units that it may have on a page: as many as are asked for, or fewer."""
    while (price := cost(plan)) > AFFORDABLE and (units := plan.blueprint.hidden) > 1:
        fewer = max(1, min(units - 1, int(units * AFFORDABLE / price)))
        plan = replace(plan, blueprint=replace(plan.blueprint, hidden=fewer))
    return plan.blueprint.hidden


def reads_one_sequence(plan: Plan) -> bool:
    """Whether a network's inputs are those that the task has to offer."""
    course = plan.course
    graph, batch = course.graph(), course.examination
    read, judged = ({layer.name for layer in layers} for layers in (graph.with_role("input"), graph.with_role("loss")))
    return read <= set(batch.inputs) and judged <= set(batch.targets)


def _counted(graph: Graph) -> list[str]:
    """How many layers are given, and how many errors measured."""
    return [f"{len(graph.with_role(role))} of the role {role}" for role in ("input", "loss")]


def differences(one: Sequence[Plan], other: Sequence[Plan]) -> tuple[str, ...]:
    """What two sets of runs differ in, in words: "task: Adding instead of Echo".

    Examples
    --------
    >>> first, _ = plans(Network(), Wanted("parity", steps=10))
    >>> differences(first, plans(Network(seed=2), Wanted("parity", steps=12))[0])
    ('steps 10 instead of 12', 'seed 1 instead of 2')
    """
    (a, *second), (b, *third) = one, other
    found = [] if a.task == b.task else [f"task {TASKS[a.task].title} instead of {TASKS[b.task].title}"]
    if a.steps != b.steps:
        found.append(f"steps {a.steps} instead of {b.steps}")
    if a.text != b.text:
        found.append("another text")
    for mine, yours in ((a.blueprint, b.blueprint), (a.recipe, b.recipe)):
        found += [
            f"{word} {_value(getattr(mine, name))} instead of {_value(getattr(yours, name))}"
            for name, word in _WORDS.items()
            if hasattr(mine, name) and getattr(mine, name) != getattr(yours, name)
        ]
    if bool(second) != bool(third):
        found.append("a second run beside it" if second else "no second run")
    elif not found and second != third:
        found.append("another second run")
    return tuple(dict.fromkeys(found))


_WORDS: Mapping[str, str] = {
    "arch": "network",
    "hidden": "H",
    "depth": "depth",
    "act": "activation",
    "init": "recurrent weights",
    "bias": "bias",
    "optimizer": "optimiser",
    "rate": "learning rate",
    "clip": "clipping at",
    "window": "truncation after",
    "batch": "batch",
    "iterations": "iterations",
    "seed": "seed",
}


def _value(value: object) -> str:
    if isinstance(value, str) and (value in ARCHITECTURES or value.startswith(MARK)):
        return architecture(value).title
    if isinstance(value, str) and value in OPTIMIZERS:
        return OPTIMIZERS[value].title
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
