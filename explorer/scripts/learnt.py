"""Scripts of the pages that show networks while they learn, networks that have learnt, and published numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from explorer.application_views import Answered
from explorer.applications import shelf
from explorer.scripts.parts import IMPORT, asked, listed, made, text_of
from explorer.tasks.recipe import Blueprint, Recipe
from explorer.training.plan import Plan


def trained(runs: Sequence[tuple[Plan, int]]) -> str:
    """What the Train page shows of live runs: each trained anew, up to the iteration that one looks at."""
    lines = [IMPORT]
    for mark, (plan, iteration) in zip("ab", runs, strict=False):
        text = f", {plan.text!r}" if plan.text else ""
        lines += [
            "",
            f"course_{mark} = explorer.Course(",
            f"    {made('explorer.Blueprint', plan.blueprint, Blueprint())},",
            f"    explorer.TASKS[{plan.task!r}].problem({plan.steps}{text}),",
            f"    {made('explorer.Recipe', plan.recipe, Recipe())},",
            ")",
            f"scores_{mark} = []",
            f"for snapshot_{mark} in explorer.train(course_{mark}):",
            f"    if snapshot_{mark}.score is not None:",
            f"        scores_{mark}.append(snapshot_{mark}.score)",
            f"    if snapshot_{mark}.iteration == {iteration}:",
            "        break",
            *_told(mark, f"snapshot_{mark}.iteration", f"snapshot_{mark}.loss", f"snapshot_{mark}.gradient_norm"),
        ]
    return text_of(*lines)


def replayed(names: Sequence[str], iteration: int) -> str:
    """What the Train page shows of recorded runs."""
    lines = [IMPORT]
    for mark, name in zip("ab", names, strict=False):
        lines += ["", f"history_{mark} = explorer.recorded({name!r})", f"losses_{mark} = history_{mark}.losses"]
        lines.append(f"network_{mark} = history_{mark}.at({iteration})")
        if not iteration:
            lines.append(f"print('{mark.upper()}:', network_{mark}.iteration, 'iterations')")
            continue
        lines += [
            f"n = min({iteration}, history_{mark}.iteration)",
            f"scores_{mark} = [score for iteration, score in history_{mark}.examinations if iteration <= n]",
            f"course_{mark} = history_{mark}.course",
            *_told(mark, "n", f"losses_{mark}[n - 1]", f"history_{mark}.gradient_norms[n - 1]"),
        ]
    return text_of(*lines)


def _told(mark: str, iteration: str, loss: str, norm: str) -> list[str]:
    """The lines that tell where a run stands, as the page's table tells it."""
    return [
        f"metric = course_{mark}.problem.metric",
        f"print('{mark.upper()}', course_{mark}.graph().name, '· iteration', {iteration})",
        f"print('loss', explorer.in_digits({loss}), '· gradient norm', explorer.in_digits({norm}))",
        f"print(metric.name, *[format(score, metric.written) for score in scores_{mark}[-1:]])",
    ]


def application(name: str, text: str, found: Answered) -> str:
    """What the Applications page shows: a trained network asked, and which inputs spoke for its answers."""
    return text_of(
        *asked(name, text),
        listed("said", found.said.tolist()),
        "attributions = explorer.gradient_times_input(explorer.answer_gradients(trace, said))",
        "print(asked.answer.said)",
    )


def sequence_type(name: str, text: str, found: Answered, before: int, after: int) -> str:
    """What the page of sequence types shows: an application's network on an input, cut and padded as it is there."""
    left_out = shelf.ask(name, text).reading.steps - found.ran.trace.steps
    lines = [
        "import numpy as np",
        "",
        *asked(name, text)[:4],
        f"graph = explorer.APPLICATIONS[{name!r}].course.graph({found.ran.reading.source_steps + before})",
        f"weights = explorer.trained_weights({name!r})",
        "inputs, targets, mask = reading.inputs, reading.targets, None",
    ]
    if left_out:
        lines += [
            f"inputs = {{layer: array[{left_out}:] for layer, array in inputs.items()}}",
            "alone = explorer.forward(graph, weights, inputs)",
            "targets = dict.fromkeys(targets, alone[alone.output][1:].argmax(axis=-1))  # its own answers",
        ]
    if before + after:
        lines += [
            f"width = ({before}, {after})  # padded steps at either end",
            *(
                f"{what} = {{layer: np.pad(array, [width, *[(0, 0)] * (array.ndim - 1)]) "
                f"for layer, array in {what}.items()}}"
                for what in ("inputs", "targets")
            ),
            f"mask = np.pad(np.ones(({found.ran.trace.steps}, 1), bool), [width, (0, 0)])",
        ]
    return text_of(*lines, "trace = explorer.forward(graph, weights, inputs, targets, mask=mask)", "print(trace.loss)")


def paper(name: str, values: Mapping[str, Any]) -> str:
    """What a card of the Papers page shows."""
    given = ", ".join(f"{key}={value!r}" for key, value in values.items())
    return text_of(
        IMPORT,
        "",
        f"paper = explorer.PAPERS[{name!r}]",
        f"results = paper.compute({given})",
        f"picture = paper.picture({given})",
        "for result in results:",
        "    printed = ', '.join(published.text for published in result.published)",
        "    print(f'{result.quantity}: printed {printed or None}, ours {result.shown}')",
    )
