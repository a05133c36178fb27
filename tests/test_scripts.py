"""Copied as Python, a page computes the same: the lines are run with nothing but NumPy and explorer in sight."""

from __future__ import annotations

import ast
import builtins
import re
from typing import Any

import numpy as np
import pytest

from explorer import application_views, gate_reach, gate_views, padding, scripts, vanishing_views, views
from explorer.applications import APPLICATIONS
from explorer.applications.kinds import KINDS
from explorer.architectures import ARCHITECTURES
from explorer.documents import to_link
from explorer.drafts import STARTER
from explorer.engine.influence import read_out_layers
from explorer.equations import number
from explorer.gates import CHANGES, gated_architectures
from explorer.gradient_views import Limits, went_back
from explorer.page_settings.vanishing import LOOKS
from explorer.papers import PAPERS, wording
from explorer.settings import Network
from explorer.tasks.recipe import Blueprint, Recipe
from explorer.tasks.registry import TASKS
from explorer.training.course import train
from explorer.training.plan import Plan
from explorer.training.recorded import RECORDED, recorded
from explorer.unrolling import fold
from pages import gate_panel, gradient_facts, reach_facts

OWN = to_link(STARTER)
NETWORKS = {
    **{name: Network(text="how are you", arch=name) for name in ARCHITECTURES},
    "deep": Network(text="a b a", arch="gru_reset_after", depth=2, hidden=3, act="relu", seed=7, bias=0.1 + 0.2),
    "scaled": Network(init="gaussian", gain=1.1, radius=0.95, bias=-0.3),
    "decoder": Network(text="a b a", arch="encoder_decoder_gru", depth=2, gain=0.7),
    "characters": Network(text="né 'a\" \\n 👍🏽 ⟨s⟩ b", unit="characters"),
    "long": Network(text=" ".join(f"word{i % 70}" for i in range(120)), hidden=2),
    "empty": Network(text="  "),
    "own": Network(arch=OWN, gain=0.5, bias=0.25),
    "trained": Network(trained="sentiment", text="not \"bad' at all"),
    "translated": Network(trained="translate", text="she does not see a red house"),
}


SAID = "what the lines say"


def numerals(text: str) -> list[str]:
    """Every number in a text, as it is written there; subscripts and names have none."""
    return re.findall(r"(?<![\w.])−?\d[\d,]*(?:\.\d+)?(?:·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?", text)


def run(lines: str) -> dict[str, Any]:
    """What the lines compute; only NumPy and explorer may be imported."""

    def imported(name: str, *rest: Any) -> Any:
        assert name in ("explorer", "numpy"), f"the lines import {name}"
        return __import__(name, *rest)

    asked = {n.id for n in ast.walk(ast.parse(lines)) if isinstance(n, ast.Name)}
    assert "exec" not in asked
    told: list[str] = []
    scope: dict[str, Any] = {
        "__builtins__": {
            **vars(builtins),
            "__import__": imported,
            "print": lambda *a: told.append(" ".join(map(str, a))),
        }
    }
    exec(compile(lines, "copied", "exec"), scope)
    assert told, "whoever runs the lines sees something"
    return {**scope, SAID: "\n".join(told)}


def assert_same(one: Any, other: Any) -> None:
    np.testing.assert_array_equal(np.asarray(one), np.asarray(other))


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
def test_unroll(network):
    view = views.unrolled(network, 9)
    found = run(scripts.unrolled(network, 9))
    assert found["counts"] == view.counts
    assert found["graph"] == view.graph
    assert tuple(found["order"]) == view.order
    assert found["generations"] == view.generations
    assert tuple(found["cycles"][: len(view.cycles)]) == view.cycles
    assert list(found["dag"].edges(data=True)) == list(view.dag.edges(data=True))
    assert fold(found["dag"]) == fold(view.dag)


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
def test_forward(network):
    view = views.ran(network)
    found = run(scripts.forward(network))
    trace, said = found["trace"], found[SAID]
    assert f"Total error L = {number(view.trace.loss)} over {sum(map(bool, view.reading.aims))} targets" in said
    state = view.trace[read_out_layers(view.graph)[0]][view.reading.steps, 0]
    assert said.split(":")[1].splitlines()[0].split() == [number(float(value)) for value in state]
    assert trace.loss == view.trace.loss
    for name in view.trace.values:
        assert_same(trace[name], view.trace[name])


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
@pytest.mark.parametrize("limits", [Limits(), Limits(window=3, stride=9, clip=0.05), Limits(clip=0.01, by="value")])
def test_backward(network, limits):
    view = went_back(network, limits)
    found = run(scripts.backward(network, limits))
    changes = found["changes"]
    rows = gradient_facts.table(view, "matrices").splitlines()[2:]
    told = found[SAID].splitlines()
    assert len(told) == len(rows)
    for line, row in zip(told, rows, strict=True):
        _, size, *limited = row.replace("no direction", "nan°").strip("| ").split(" | ")
        more = f", length left {limited[0]}, turned by {limited[1]}" if limited else ""
        assert re.split(" = |: ", line)[1] == size + more
    assert set(changes) == set(view.weights)
    for name, array in view.weights.items():
        assert_same(changes[name], array)


@pytest.mark.parametrize("name", ["elman", "own", "trained"])
def test_items_of_a_weight(name):
    view = went_back(NETWORKS[name])
    for weight in view.graph.parameter_shapes:
        found = run(scripts.items(NETWORKS[name], weight))
        assert_same(found["matrix"], view.items(weight).matrix)
        assert numerals(found[SAID]) == numerals(gradient_facts.items_sentence(view.items(weight), "W"))


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("arch", ["lstm", "bidirectional", "encoder_decoder", OWN])
def test_vanishing(arch, look):
    first = Network(hidden=5)
    pair = (
        vanishing_views.studied(first, 20),
        vanishing_views.studied(vanishing_views.matched(Network(arch=arch, hidden=4, bias=3.0, radius=0.9), 200), 20),
    )
    found = run(scripts.vanishing(pair, 17, look))
    shown = reach_facts.sentence(pair, 17, "matrices").splitlines()
    for line, sentence in zip(found[SAID].splitlines(), shown, strict=True):
        told = numerals(line)
        assert len(told) == 3
        assert told == numerals(sentence)[:3]
    for mark, view in zip("ab", pair, strict=True):
        assert found[f"trace_{mark}"].loss == view.trace.loss
        assert_same(found[f"flow_{mark}"].log10(view.state), view.flow.log10(view.state))
        assert_same(found[f"fading_{mark}"], view.fading(17)[view.state])
        if look == LOOKS[1] and not view.why_not:
            assert_same(found[f"sigma_{mark}"], view.spectrum(17)[1])
        if look == LOOKS[2] and not view.why_not:
            with np.errstate(divide="ignore"):
                assert_same(np.log10(found[f"sigma_{mark}"]), view.step_spectrum()[1])
        if look == LOOKS[3]:
            assert set(found[f"slopes_{mark}"]) == set(view.openness)
            for name, slopes in view.openness.items():
                assert_same(found[f"slopes_{mark}"][name], slopes)
        if look == LOOKS[4]:
            for name, values in view.activity.items():
                assert_same(found[f"values_{mark}"][name], values)


@pytest.mark.parametrize("keep", [0.0, 1.5])
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("arch", [*gated_architectures(), "elman"])
def test_gates(arch, change, keep):
    view = gate_views.gated(Network(text="how are you", arch=arch, hidden=3, bias=0.5), "f", change, keep)
    consequence = gate_reach.consequence(view, view.cell_of(None))
    found = run(scripts.gates(view, keep, consequence))
    told = found[SAID].splitlines()
    shown = [row.strip("| ").split(" | ") for row in gate_panel.facts(view, consequence, "matrices").splitlines()[2:]]
    assert told == [f"{cells[0].strip('*')}: L = {cells[1]}, share left {cells[-1]}" for cells in shown]
    assert found["whole"].loss == view.whole.trace.loss
    assert found["bare"].loss == view.bare.trace.loss
    if view.is_changed:
        assert found["changed"].loss == view.changed.trace.loss
        assert found["changed"].graph == view.changed.graph


PLANS = {
    name: Plan(
        name, max(task.steps.least, min(4, task.steps.most)), "", Blueprint(hidden=3), Recipe(iterations=3, batch=4)
    )
    for name, task in TASKS.items()
}
PLANS["own"] = Plan("adding", 6, "", Blueprint(OWN, bias=0.5), Recipe("sgd", 0.1, None, 3, 3, 5, 4))


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_train(plan):
    *_, last = train(plan.course)
    found = run(scripts.trained([(plan, 0), (plan, last.iteration)]))
    assert found["snapshot_a"].iteration == 0
    snapshot = found["snapshot_b"]
    held = [
        format(one.score, plan.course.problem.metric.written) for one in train(plan.course) if one.score is not None
    ]
    assert f"loss {number(last.loss)} · gradient norm {number(last.gradient_norm)}\n" in found[SAID]
    assert found[SAID].splitlines()[-1].split()[-1:] == (held[-1:] or found[SAID].split()[-1:])
    assert (snapshot.iteration, snapshot.loss, snapshot.gradient_norm) == (
        last.iteration,
        last.loss,
        last.gradient_norm,
    )
    assert_same(snapshot.vector, last.vector)


def test_a_text_that_was_pasted_is_in_the_lines():
    name = next(name for name, task in TASKS.items() if task.reads_text)
    text = 'It\'s "all" \\ here:\n\tone line, another line; ' * 8
    plan = Plan(name, 5, text, Blueprint(hidden=3), Recipe(iterations=1, batch=2))
    assert_same(run(scripts.trained([(plan, 1)]))["snapshot_a"].vector, list(train(plan.course))[-1].vector)


def test_recorded_runs():
    names = list(RECORDED)[:2]
    found = run(scripts.replayed(names, 300))
    for mark, name in zip("ab", names, strict=True):
        n = min(300, recorded(name).iteration)
        assert found[f"losses_{mark}"] == recorded(name).losses
        assert_same(found[f"network_{mark}"].vector, recorded(name).at(300).vector)
        assert f"iteration {n}\nloss {number(recorded(name).losses[n - 1])} ·" in found[SAID]


@pytest.mark.parametrize("name", APPLICATIONS)
def test_applications(name):
    for text in (APPLICATIONS[name].examples[0], "zzyzx ' \" 1 2"):
        view = application_views.answered(name, text)
        found = run(scripts.application(name, text, view))
        assert found["trace"].loss == view.ran.trace.loss
        assert found["asked"].answer.said == view.asked.answer.said
        assert_same(found["attributions"][view.telling - 1], view.attributions[view.telling - 1])


@pytest.mark.parametrize("pad", [0, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_sequence_types(kind, pad):
    plain = application_views.shown(kind, KINDS[kind].example)
    view = padding.padded(KINDS[kind].application, plain, pad)
    lines = scripts.sequence_type(KINDS[kind].application, KINDS[kind].example, plain, view.before, view.after)
    trace = run(lines)["trace"]
    assert trace.loss == view.ran.trace.loss
    for name in view.ran.trace.values:
        assert_same(trace[name], view.ran.trace[name])


CHEAP = ("wall", "condition", "latching", "forget", "slots")


@pytest.mark.parametrize("name", CHEAP)
def test_papers(name):
    values = PAPERS[name].defaults
    found = run(scripts.paper(name, values))
    ours = PAPERS[name].compute(**values)
    assert [r.quantity for r in found["results"]] == [r.quantity for r in ours]
    assert_same([r.ours for r in found["results"]], [r.ours for r in ours])
    for line, row in zip(found[SAID].splitlines(), wording.results(PAPERS[name], ours).splitlines()[2:], strict=True):
        assert line.split(", ours ")[-1] == row.strip("| ").split(" | ")[2].strip()


def test_lines_are_short_and_plain():
    for network in NETWORKS.values():
        for line in scripts.forward(network).splitlines():
            assert len(line) < 150 or OWN in line
    assert "depth" not in scripts.forward(Network()), "what is as usual is left out"
    assert "depth=2" in scripts.forward(Network(depth=2))
