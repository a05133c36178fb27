"""The same phrase at another position: two networks learn it here, and are tested there."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from explorer import scripts
from explorer.engine.activations import Array
from explorer.figures import why
from explorer.markdown import plain
from explorer.positions.learning import ITERATIONS, RUNS, TESTED, Experiment, Outcome, learn
from explorer.positions.phrases import PHRASE, POSITIONS, WORDS, examples
from explorer.settings import Settings
from pages import cached, chart, exports, why_controls, why_words

_TRAINING = "Training both networks …"


def choose() -> None:
    """Where the phrase stands in training, and how many words may follow it."""
    where, after = st.columns([8, 4], gap="medium", vertical_alignment="bottom")
    with where:
        why_controls.trained_positions()
    with after:
        why_controls.slider("why_after")


def draw(settings: Settings) -> None:
    """Train both networks if nobody has yet, and show how they do at every position."""
    network = settings.network
    experiment = Experiment(
        trained=why_controls.chosen(),
        following=int(st.session_state["why_after"]),
        arch=network.arch,
        depth=network.depth,
        act=network.act,
        seed=network.seed,
    )
    try:
        outcomes = _learnt(experiment)
    except ValueError as error:  # an encoder waits for a second sequence, and this task has one
        st.info(plain(str(error)))
        return
    found = [(outcome.title, outcome.accuracy) for outcome in outcomes]
    chart.show(
        why.by_position(POSITIONS, experiment.trained, found, 0.5, chart.is_dark()),
        key="why_by_position",
        alt=f"Right answers by position, trained at {_listed(experiment.trained)}. "
        + "; ".join(f"{outcome.title}: {_each(outcome.mean)}" for outcome in outcomes),
    )
    st.markdown(_table(outcomes, experiment))
    why_words.write("position", **_facts(experiment))
    exports.data(
        "accuracy_by_position",
        lambda: {"positions": POSITIONS, **dict(found)},
    )
    exports.python(lambda: scripts.positions(experiment))


def _learnt(experiment: Experiment) -> tuple[Outcome, ...]:
    """What the experiment gives; trained in slices by whoever asks for it first."""
    kept = cached.experiment(experiment)
    if not kept:
        bar = st.progress(0.0, text=_TRAINING)
        for learning in learn(experiment):
            bar.progress(learning.done, text=_TRAINING)
            kept[:] = [learning.outcomes] if learning.outcomes else []
        bar.empty()
    return kept[0]


def _table(outcomes: Sequence[Outcome], experiment: Experiment) -> str:
    """Weights, and how many answers are right where the phrase was trained and where it was not."""
    others = [position for position in POSITIONS if position not in experiment.trained]
    lines = ["| | weights | right at trained positions | right at all others |", "|---|---:|---:|---:|"]
    for outcome in outcomes:
        there = f"**{outcome.at(others):.1%}**" if others else "there are none"
        lines.append(f"| {outcome.title} | {outcome.parameters:,} | {outcome.at(experiment.trained):.1%} | {there} |")
    return "\n".join(lines)


def _facts(experiment: Experiment) -> dict[str, str]:
    """What the text below says about this experiment."""
    no, yes = examples(experiment.seed, experiment.trained, experiment.following)
    return {
        "phrase": " ".join(PHRASE),
        "yes": yes,
        "no": no,
        "vocabulary": str(len(WORDS)),
        "tested": f"{TESTED * RUNS:,}",
        "runs": str(RUNS),
        "iterations": f"{ITERATIONS:,}",
    }


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))


def _each(accuracy: Array) -> str:
    return ", ".join(f"{position} {share:.0%}" for position, share in zip(POSITIONS, accuracy.tolist(), strict=True))
