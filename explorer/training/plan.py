"""The plan of a run: everything that decides it, checked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from math import isfinite
from typing import TypeGuard

from explorer.architectures import architecture
from explorer.engine.activations import SQUASHING
from explorer.engine.inputs import whole
from explorer.parameters import INITIALIZERS
from explorer.tasks.recipe import Blueprint, Recipe
from explorer.tasks.registry import TASKS
from explorer.tasks.task import Task
from explorer.training.course import Course
from explorer.training.optimizers import OPTIMIZERS

MOST_UNITS, MOST_DEPTH, MOST_SEQUENCES, MOST_ITERATIONS, MOST_SEED = 512, 8, 4096, 1_000_000, 2**32 - 1


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that decides a run: the same plan always gives the same run.

    Attributes
    ----------
    task : str
        Key of `TASKS`, or of another table of tasks.
    steps : int
        Of the task.
    text : str
        For a task that reads one.
    blueprint : Blueprint
    recipe : Recipe

    Raises
    ------
    ValueError
        If something is out of its range; the sentence says what is allowed.

    Examples
    --------
    >>> Plan.usual("sine").recipe.optimizer
    'adam'
    >>> Plan("sine", steps=30, recipe=Recipe(optimizer="magic"))
    Traceback (most recent call last):
        ...
    ValueError: There is no optimizer 'magic'; choose one of adam, rmsprop, momentum, sgd.
    """

    task: str
    steps: int
    text: str = ""
    blueprint: Blueprint = field(default_factory=Blueprint)
    recipe: Recipe = field(default_factory=Recipe)

    def __post_init__(self) -> None:
        _check_blueprint(self.blueprint)
        _check_recipe(self.recipe)

    @classmethod
    def usual(cls, name: str, tasks: Mapping[str, Task] = TASKS) -> Plan:
        """How a task is usually learnt."""
        task = known_task(name, tasks)
        return cls(name, task.steps.default, "", task.blueprint, task.recipe)

    @property
    def course(self) -> Course:
        """What the plan says, ready to train; the same plan gives the same object."""
        return self.course_in(TASKS)

    def course_in(self, tasks: Mapping[str, Task]) -> Course:
        """The same, with the task looked up in another table."""
        return _course(self, known_task(self.task, tasks))


@lru_cache(maxsize=32)
def _course(plan: Plan, task: Task) -> Course:
    return Course(plan.blueprint, task.problem(plan.steps, plan.text), plan.recipe)


def known_task(name: str, tasks: Mapping[str, Task]) -> Task:
    """An entry of a table of tasks, or a sentence with those there are."""
    _check_name(name, tasks, "task")
    return tasks[name]


def _check_name(name: object, known: Collection[str], what: str) -> None:
    if not isinstance(name, str) or name not in known:
        raise ValueError(f"There is no {what} '{name}'; choose one of {', '.join(known)}.")


def is_real(number: object) -> TypeGuard[float]:
    """Whether something is a finite number.

    Examples
    --------
    >>> [is_real(number) for number in (1, 0.5, float("nan"), 10**400, "1")]
    [True, True, False, False, False]
    """
    try:
        return isinstance(number, int | float) and isfinite(number)
    except OverflowError:
        return False


def _check_real(number: object, what: str, is_positive: bool = True) -> None:
    if not (is_real(number) and (number > 0 or not is_positive)):
        raise ValueError(f"{what} is a {'positive' if is_positive else 'finite'} number; {number!r} was given.")


def _check_blueprint(blueprint: Blueprint) -> None:
    if not isinstance(blueprint.arch, str):
        raise ValueError(f"There is no architecture {blueprint.arch!r:.40}; it is given by its name.")
    architecture(blueprint.arch)
    _check_name(blueprint.act, SQUASHING, "squashing function")
    _check_name(blueprint.init, INITIALIZERS, "initialiser")
    whole(blueprint.hidden, 1, MOST_UNITS, "The number of hidden units")
    whole(blueprint.depth, 1, MOST_DEPTH, "The depth")
    whole(blueprint.seed, 0, MOST_SEED, "The seed of the weights")
    _check_real(blueprint.bias, "The bias", is_positive=False)


def _check_recipe(recipe: Recipe) -> None:
    _check_name(recipe.optimizer, OPTIMIZERS, "optimizer")
    _check_real(recipe.rate, "The learning rate")
    if recipe.clip is not None:
        _check_real(recipe.clip, "The length at which gradients are clipped")
    if recipe.window is not None:
        whole(recipe.window, 1, MOST_ITERATIONS, "The window of truncated backpropagation")
    if recipe.patience is not None:
        whole(recipe.patience, 1, MOST_ITERATIONS, "The patience")
    whole(recipe.stride, 1, MOST_ITERATIONS, "The number of steps between two passes")
    whole(recipe.batch, 1, MOST_SEQUENCES, "The number of sequences in a batch")
    whole(recipe.iterations, 1, MOST_ITERATIONS, "The number of iterations")
    whole(recipe.every, 1, MOST_ITERATIONS, "The number of iterations between examinations")
    whole(recipe.seed, 0, MOST_SEED, "The seed of the sequences")
