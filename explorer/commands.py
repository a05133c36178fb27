"""Commands that need no screen: ``python -m explorer train …`` and ``python -m explorer record …``.

The launcher starts this module as a child process, so that the number of BLAS threads is set before NumPy is loaded.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import Field, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from explorer.applications.application import Application
from explorer.applications.bags import TRAINED as APPLICATIONS
from explorer.applications.shelf import save as put_on_shelf
from explorer.architectures import ARCHITECTURES
from explorer.engine.activations import SQUASHING
from explorer.parameters import INITIALIZERS
from explorer.progress import Bar, Interruptible
from explorer.tasks.recipe import Blueprint, Recipe
from explorer.tasks.registry import TASKS
from explorer.tasks.task import Steps, Task
from explorer.training.archive import load, save
from explorer.training.history import History
from explorer.training.optimizers import OPTIMIZERS
from explorer.training.plan import Plan, known_task
from explorer.training.recorded import RECORDED, write

_WHOLE = Steps("Steps", "An application decides by itself how long its sequences are.", 0, 0, 0)


def as_task(application: Application) -> Task:
    """An application, as something to train."""
    return Task(
        title=application.title,
        about=application.about,
        expectation="",
        steps=_WHOLE,
        setup=lambda steps, text: application.problem,
        blueprint=application.blueprint,
        recipe=application.recipe,
    )


LEARNABLE: Mapping[str, Task] = MappingProxyType(
    {**TASKS, **{name: as_task(application) for name, application in APPLICATIONS.items()}}
)
"""Everything that ``train`` trains."""


_KINDS: Mapping[str, tuple[type, str]] = MappingProxyType(
    {"int": (int, "N"), "float": (float, "R"), "str": (str, "NAME")}
)

_HELP: Mapping[str, str] = MappingProxyType(
    {
        "arch": ", ".join(ARCHITECTURES),
        "hidden": "units of every hidden layer",
        "depth": "cells on top of each other",
        "act": f"squashing function: {', '.join(SQUASHING)}",
        "init": f"recurrent weights: {', '.join(INITIALIZERS)}",
        "bias": "of the gates that keep the past, or else of every hidden unit",
        "optimizer": ", ".join(OPTIMIZERS),
        "rate": "learning rate",
        "clip": "length that a gradient may have; none: any",
        "window": "steps over which an error is carried back; none: all",
        "stride": "steps between two passes backward, if they are truncated",
        "batch": "sequences in one step of training",
        "iterations": "most steps of training",
        "every": "steps of training between two examinations",
        "patience": "examinations without a better result after which training stops; none: never",
    }
)
"""What the options mean that stand for the fields of a network and of a recipe."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command, and return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m explorer", description="Train without a screen.")
    commands = parser.add_subparsers(required=True, metavar="train | record")
    train = commands.add_parser("train", help="train a network on a task, or the network of an application")
    train.set_defaults(run=_train)
    train.add_argument("name", nargs="?", help="a task or an application; left out: list them all")
    train.add_argument("--steps", type=int, metavar="N", help="how long the sequences of a task are")
    train.add_argument("--text", type=Path, metavar="FILE", help="a text, for the task that reads one")
    train.add_argument("--seed", type=int, metavar="N", help="of the first weights and of the sequences")
    train.add_argument("--save", type=Path, metavar="FILE", help="write the run, also when Ctrl+C stops it")
    train.add_argument("--resume", type=Path, metavar="FILE", help="go on with a run that was saved")
    for part in (Blueprint, Recipe):
        for field in _options(part):
            # one that is left out is absent: None can be meant
            train.add_argument(
                f"--{field.name}",
                type=_reader(field),
                default=argparse.SUPPRESS,
                metavar=_KINDS[_kind(field)][1],
                help=_HELP[field.name],
            )
    record = commands.add_parser("record", help="train the runs that are shipped, and write them into assets/runs")
    record.set_defaults(run=_record)
    record.add_argument("names", nargs="*", metavar="name", help=f"default: all of {', '.join(RECORDED)}")
    return parser


def _options(part: type[Blueprint] | type[Recipe]) -> list[Field[Any]]:
    """What a network or a recipe leaves to choose; both have a seed, which is one option."""
    return [field for field in fields(part) if field.name != "seed"]


def _reader(field: Field[Any]) -> Any:
    read, optional = _KINDS[_kind(field)][0], "None" in str(field.type)

    def read_option(text: str) -> Any:
        return None if optional and text == "none" else read(text)

    read_option.__name__ = read.__name__  # argparse names it in its complaint
    return read_option


def _kind(field: Field[Any]) -> str:
    return str(field.type).split(" | ")[0]


def _train(options: argparse.Namespace) -> int:
    if options.name is None and options.resume is None:
        print(_listing())
        return 0
    history = _resumed(options) if options.resume else History(_plan(options), LEARNABLE)
    name = history.plan.task
    place = options.save or options.resume
    if place is not None and (place.is_dir() or not place.absolute().parent.is_dir()):
        raise ValueError(f"The run cannot be written to {place}; name a file in a folder that there is.")
    print(_introduction(history), flush=True)
    is_whole = _run(history)
    if place is None and not is_whole:
        place = Path(f"{name}-run.npz")
    if place is not None and history.latest is not None:
        try:
            save(history, place)
        except OSError as error:
            raise ValueError(
                f"The run cannot be written to {place}: {(error.strerror or str(error)).lower()}."
            ) from None
        print(f"Saved to {place}. Go on with: python -m explorer train --resume {place}")
    if history.diverged:
        print(history.diverged, file=sys.stderr)
        return 1
    if not is_whole:
        return 130
    print(_outcome(history))
    return _shelved(history) if name in APPLICATIONS else 0


def _plan(options: argparse.Namespace) -> Plan:
    usual = Plan.usual(options.name, LEARNABLE)
    task = known_task(options.name, LEARNABLE)
    if options.text is not None and not task.reads_text:
        reading = ", ".join(name for name, entry in TASKS.items() if entry.reads_text)
        raise ValueError(f"The task '{options.name}' reads no text; {reading} does.")
    given = vars(options)
    seed = {} if options.seed is None else {"seed": options.seed}
    plan = Plan(
        task=options.name,
        steps=usual.steps if options.steps is None else options.steps,
        text="" if options.text is None else _text(options.text),
        blueprint=replace(usual.blueprint, **_given(given, Blueprint), **seed),
        recipe=replace(usual.recipe, **_given(given, Recipe), **seed),
    )
    for remark in task.remarks(plan.steps, plan.text) if task.reads_text else ():
        print(remark)
    return plan


def _given(given: Mapping[str, Any], part: type[Blueprint] | type[Recipe]) -> dict[str, Any]:
    return {field.name: given[field.name] for field in _options(part) if field.name in given}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise ValueError(f"The text {path} cannot be read: {(error.strerror or str(error)).lower()}.") from None


def _resumed(options: argparse.Namespace) -> History:
    """A saved run, to be gone on with; nothing of its plan may change but when it ends."""
    history = load(options.resume, LEARNABLE)
    plan, given = history.plan, vars(options)
    if options.name not in (None, plan.task):
        raise ValueError(f"{options.resume} is a run of '{plan.task}', not of '{options.name}'.")
    fixed = [field.name for part in (Blueprint, Recipe) for field in _options(part) if field.name != "iterations"]
    changed = [name for name in ("steps", "text", "seed") if given[name] is not None] + [n for n in fixed if n in given]
    if changed:
        raise ValueError(
            f"A run that goes on keeps its plan: leave --{', --'.join(changed)} out; only --iterations may change."
        )
    if "iterations" in given:
        history.extend(given["iterations"])
    return history


def _run(history: History) -> bool:
    """Train to the end; False if Ctrl+C came first."""
    bar = Bar(history)
    with Interruptible() as interruption:
        while not (history.is_over or interruption.is_asked_for):
            history.advance()
            bar.show()
    bar.close()
    if not history.is_over:
        print(f"Stopped at iteration {history.iteration}.")
    return history.is_over


def _listing() -> str:
    lines = ["Tasks:"]
    lines += [f"  {name:<12} {task.title}: {task.about}" for name, task in TASKS.items()]
    lines += ["", "Applications, whose trained weights are written into assets/networks:"]
    lines += [f"  {name:<12} {entry.title}: {entry.about}" for name, entry in APPLICATIONS.items()]
    return "\n".join([*lines, "", "Train one with: python -m explorer train NAME; --help lists the options."])


def _introduction(history: History) -> str:
    plan, problem = history.plan, history.course.problem
    network, graph = plan.blueprint, history.course.graph()
    task = known_task(plan.task, LEARNABLE)
    long = f", {task.steps.label}: {plan.steps}" if task.steps.most else ""
    return (
        f"{task.title}{long}: {graph.name}, {network.hidden} hidden units, "
        f"{graph.parameter_count} weights.\n"
        f"Baseline, {problem.rule}: {problem.metric.name} {problem.baseline:{problem.metric.written}}."
    )


_ENDS = MappingProxyType(
    {"solved": "Solved", "stalled": "Stopped, as it no longer became better,", "finished": "Finished"}
)


def _outcome(history: History) -> str:
    problem = history.course.problem
    (end,) = (_ENDS[snapshot.end] for snapshot in (history.latest,) if snapshot is not None and snapshot.end)
    _, score = history.examinations[-1]
    return (
        f"{end} at iteration {history.iteration}: {problem.metric.name} {score:{problem.metric.written}} on the "
        f"sequences of the examination; baseline {problem.baseline:{problem.metric.written}}."
    )


def _shelved(history: History) -> int:
    """Ship the weights of an application, if they come from its own recipe: whatever it gets to."""
    name, problem, snapshot = history.plan.task, history.course.problem, history.latest
    if snapshot is None:
        return 1
    if history.plan != Plan.usual(name, LEARNABLE):
        print(
            "The application keeps the weights it has: only its own network, trained by its own recipe, takes their "
            "place. --save FILE keeps another."
        )
        return 0
    if not problem.metric.is_better(history.course.score(snapshot.parameters), problem.baseline):
        print(f"They are no better than the baseline ({problem.rule}).")
    place = put_on_shelf(name, snapshot)
    print(f"Weights written to {place.name}, {place.stat().st_size / 1000:.0f} kB.")
    return 0


def _record(options: argparse.Namespace) -> int:
    for name in options.names or RECORDED:
        if name not in RECORDED:
            raise ValueError(f"There is no recording '{name}'; choose from {', '.join(RECORDED)}.")
    for name in options.names or RECORDED:
        history = History(RECORDED[name].plan)
        print(RECORDED[name].title, flush=True)
        if not _run(history):
            return 130
        place = write(name, history)
        print(history.diverged or _outcome(history))
        print(f"Written to {place.name}, {place.stat().st_size / 1000:.0f} kB.", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
