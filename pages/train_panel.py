"""The pictures of the Train page to choose from, and what stands beside and below them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import streamlit as st

from explorer.engine.losses import LOSSES
from explorer.equations import number
from explorer.fields import shortened
from explorer.figures import learning, reach, sequences
from explorer.naming import NOTATIONS
from explorer.page_settings.train import LEARNING, LIVE
from explorer.tasks.problem import Metric
from explorer.tasks.registry import TASKS
from explorer.training.history import History
from explorer.training.plan import Plan
from explorer.training_views import (
    Moment,
    best,
    continuation,
    gradient_norms,
    learning_curve,
    lines,
    numbers,
    score_at,
)
from pages import chart, reach_facts
from pages.train_runs import SLOW, Live, Run

SEQUENCES = 4  # fresh ones that are written out
STAYS = " What it had learnt until then stays to be looked at."
FAR_ABOVE, RECENT = 10, 5  # times the first loss, in all of the latest: no single bad batch


def titles(run: Run) -> list[str]:
    """A and B with what they are; if they are the same network, with how they differ."""
    graphs = [history.course.graph() for history in run.histories]
    if len(graphs) == 1:
        return [f"A {graphs[0].name}"]
    first, second = run.plans
    told = ["", ""]
    if first.blueprint.arch == second.blueprint.arch:
        if first.blueprint.bias != second.blueprint.bias:
            told = [f", b = {number(plan.blueprint.bias)}" for plan in run.plans]
        else:
            told[1] = ", changed"
    return [f"{mark} {graph.name}{more}" for mark, graph, more in zip("AB", graphs, told, strict=True)]


def yardstick(history: History) -> learning.Yardstick:
    """What the curves are held against."""
    problem = history.course.problem
    return learning.Yardstick(
        problem.metric.name,
        LOSSES[problem.loss].unit,
        problem.metric.is_error,
        problem.baseline,
        problem.goal,
        problem.naive_loss,
    )


def curves(run: Run, at: int) -> tuple[Any, str]:
    """Loss and score over the iterations."""
    held = yardstick(run.histories[0])
    drawn = []
    for title, history in zip(titles(run), run.histories, strict=True):
        curve = learning_curve(history.losses)
        examined = list(history.examinations)
        drawn.append(
            learning.Course(title, curve.iterations, curve.values, [n for n, _ in examined], [s for _, s in examined])
        )
    figure = learning.curves(drawn, held, at, _end_of_axis(run), chart.is_dark())
    told = "; ".join(learning.told(one, held) for one in drawn)
    return figure, (
        f"Loss and {held.metric} over the iterations. {told}. The baseline of the {held.metric} is "
        f"{_score(run, held.baseline)}."
    )


def _end_of_axis(run: Run) -> int:
    """Room to grow: the axis is doubled when it is full, and ends with the run when that is over."""
    if run.is_recorded or (isinstance(run, Live) and run.is_over):
        return max(1, run.iteration)
    end = 100
    while end <= run.iteration:
        end *= 2
    return min(end, run.most)


def show(run: Run, figure: Any, key: str, alt: str) -> None:
    """A chart, or a sketch of it as long as it changes all the time."""
    (chart.sketch if run.is_running else chart.show)(figure, key=key, alt=alt)


Pictured = tuple[Sequence[str], Sequence[Moment], Run, int, str]


def _predictions(asked: Pictured) -> None:
    named, moments, run, _, _ = asked
    found = lines(moments, SEQUENCES)
    if TASKS[run.plans[0].task].reads_text:
        said = [(title[:1], continuation(one)) for title, one in zip(named, moments, strict=True)]
        begun = said[0][1][0]
        st.html(sequences.passage(begun, [(mark, text) for mark, (_, text) in said]))
        found = found[:1]
    if found:
        st.html(sequences.sequences([title[:1] for title in named], [(one.read, one.right, one.said) for one in found]))
        st.caption("Fresh sequences, the same for all iterations; underlined is what is not right.")
        return
    shown = numbers(moments)
    problem = moments[0].course.problem
    figure = learning.answers(
        shown.places,
        shown.right,
        list(zip(named, shown.said, strict=True)),
        shown.across,
        problem.output_names[0] if problem.output_names else "answer",
        chart.is_dark(),
    )
    _look(run, figure, "Answers to fresh sequences: open circles are right, filled marks are what the networks say.")


def _gradients(asked: Pictured) -> None:
    named, _, run, at, names = asked
    found = []
    for history in run.histories:
        symbols = NOTATIONS[names].symbols(history.course.graph())
        iterations, norms = gradient_norms(history)
        found.append((iterations, {symbols[name].text: values for name, values in norms.items()}))
    figure = learning.gradients([f"{title}, ‖∂L/∂W‖" for title in named], found, at, chart.is_dark())
    told = "; ".join(learning.told_gradients(title, norms) for title, (_, norms) in zip(named, found, strict=True))
    _look(run, figure, f"Norm of the gradient of each weight over the iterations, as colour. At the end: {told}.")


def _reach(asked: Pictured) -> None:
    named, moments, run, _, names = asked
    if any(one.flow is None for one in moments):
        st.info("At this size the reach takes too long to be followed live; choose fewer units or steps.")
        return
    symbols = [NOTATIONS[names].symbols(one.graph)[one.state].text for one in moments]
    last = moments[0].asked[-1]
    if len(moments[0].asked) == 1:
        found = [
            reach.Curve(f"{title}, {symbol}", i, 0, one.flow.by_distance(one.state, last))
            for i, (title, symbol, one) in enumerate(zip(named, symbols, moments, strict=True))
            if one.flow
        ]
        figure = reach.fading(found, "‖∂L/∂sₖ‖", chart.is_dark())
        _look(run, figure, reach_facts.alternative(found))
        return
    matrices = [one.flow.log10(one.state) for one in moments if one.flow]
    titled = [f"{title}, ∂/∂{symbol}" for title, symbol in zip(named, symbols, strict=True)]
    figure = reach.matrices(titled, matrices, last, "‖∂Lₜ/∂sₖ‖", chart.is_dark())
    ends = "; ".join(f"{title}: {reach_facts.ends(one, last)}" for title, one in zip(titled, matrices, strict=True))
    _look(run, figure, f"Heat maps with a row for each error and a column for each step, the norm as colour. {ends}.")


def _states(asked: Pictured) -> None:
    named, moments, run, _, names = asked
    found = []
    for one in moments:
        symbols = NOTATIONS[names].symbols(one.graph)
        found.append({symbols[name].text: values for name, values in one.states.items()})
    steps = max(one.alone.steps for one in moments)
    figure = reach.activity([f"{title}, states" for title in named], found, steps, chart.is_dark())
    _look(run, figure, "Heat maps of the value of every unit of every state at every step of one fresh sequence.")


def _look(run: Run, figure: Any, alt: str) -> None:
    show(run, figure, key="learning_look", alt=alt)


PICTURES: Mapping[str, Callable[[Pictured], None]] = MappingProxyType(
    dict(zip(LEARNING, (_predictions, _gradients, _reach, _states), strict=True))
)


def _score(run: Run, value: float) -> str:
    return written(run.histories[0].course.problem.metric, value)


def written(metric: Metric, value: float) -> str:
    """A score; very large and very small ones as all numbers on the page."""
    text = format(value, metric.written)
    return number(value) if "e" in text else text


def table(run: Run, at: int) -> str:
    """Where each run stands at an iteration, and how it ended."""
    problem = run.histories[0].course.problem
    rows = [
        f"| | parameters | iteration | loss | gradient norm | {problem.metric.name} | its baseline | its best | |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---|",
    ]
    for title, history in zip(titles(run), run.histories, strict=True):
        n = min(at, history.iteration)
        held, top = score_at(history, n), best(history)
        cells = [
            f"**{title[:1]}**{title[1:]}",
            f"{history.course.graph().parameter_count:,}",
            f"{n:,}",
            number(history.losses[n - 1]) if n else "–",
            number(history.gradient_norms[n - 1]) if n else "–",
            f"**{_score(run, held[1])}**" if held else "–",
            _score(run, problem.baseline),
            f"{_score(run, top[1])} at {top[0]:,}" if top else "–",
            "; ".join(filter(None, (_fate(history), _runaway(history)))),
        ]
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


def _fate(history: History) -> str:
    """How a run has ended."""
    if history.latest is None:
        return "diverged as it was drawn"
    if history.diverged:
        return f"diverged at {history.iteration + 1:,}"
    goal = written(history.course.problem.metric, history.course.problem.goal)
    return {
        "solved": f"solved ({goal}) at {history.iteration:,}",
        "stalled": f"stopped at {history.iteration:,}: no better for long",
        "finished": f"ended at {history.iteration:,}, goal {goal} not reached",
        None: "",
    }[history.latest.end]


def _runaway(history: History) -> str:
    """That the steps are too large, if the loss says so without leaving the range of its type."""
    losses = history.losses[:1] + history.losses[-RECENT:]
    if len(losses) <= RECENT or min(losses[1:]) < FAR_ABOVE * losses[0]:
        return ""
    return f"loss far above that of the start, {number(losses[0])}: try a smaller learning rate"


def troubles(run: Run) -> list[str]:
    """What a run that has diverged says, and one that is too slow for the page."""
    found = [
        f"{title}: {history.diverged}" + STAYS * (history.latest is not None)
        for title, history in zip(titles(run), run.histories, strict=True)
        if history.diverged
    ]
    if isinstance(run, Live) and run.longest > SLOW:
        found.append(
            f"An iteration takes up to {number(run.longest)} s at this size, and the page answers as late while it "
            "trains. Fewer units, steps or sequences make it faster."
        )
    return found


def about(plan: Plan) -> str:
    """What the task is, and what is expected of a plain network."""
    task = TASKS[plan.task]
    problem = plan.course.problem
    loss = "" if problem.naive_loss is None else f", and a loss of {number(problem.naive_loss)}"
    return (
        f"**{task.title}, {task_steps(plan)}.** {task.about} *{task.expectation}* Baseline: {problem.rule}; that "
        f"gives a {problem.metric.name} of {written(problem.metric, problem.baseline)}{loss}."
    )


def progress(run: Run) -> tuple[float, str]:
    """Share of the iterations that is done, and the same in words."""
    if run.is_recorded:
        return run.position / max(run.iteration, 1), f"Recorded run: iteration {run.position:,} of {run.iteration:,}"
    done = run.iteration / run.most
    left = run.seconds_left
    words = f"Iteration {run.iteration:,} of at most {run.most:,}"
    if run.is_over:
        return done, f"{words}: over"
    if left is not None:
        words += f", about {_duration(left)} left if nothing ends it before"
    return done, words if run.is_running or not run.iteration else f"{words}: paused"


def _duration(seconds: float) -> str:
    return f"{max(1, round(seconds))} s" if seconds < 90 else f"{round(seconds / 60)} min"


def recorded_line(run: Run) -> None:
    """That a run was recorded, of what, and the way back; a fixed place, so that nothing below moves."""
    with st.container(horizontal=True, vertical_alignment="center", key="recorded_line"):
        if not run.is_recorded:
            return
        plan = run.plans[0]
        st.markdown(
            f"**Recorded run**: {TASKS[plan.task].title}, {task_steps(plan)}, H = {plan.blueprint.hidden}, seed "
            f"{plan.recipe.seed}. It was trained beforehand, so the controls of task and training wait.",
            width="content",
        )
        st.button("Back to training live", on_click=_train_live)


def _train_live() -> None:
    st.session_state["record"] = LIVE


def task_steps(plan: Plan) -> str:
    """Length T = 20."""
    return f"{TASKS[plan.task].steps.label} = {plan.steps}"


def still(run: Run, different: Sequence[str]) -> str:
    """That the controls say something else than the run that is shown."""
    told = "; ".join(shortened(one, 70) for one in different)
    return f"This is still the run with {told}. It goes on as it was started; Reset takes what the controls say now."
