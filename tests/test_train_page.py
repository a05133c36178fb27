"""The Train page without a browser: its buttons, what a run survives, and its numbers against the trainer's own."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from explorer.architectures import ARCHITECTURES
from explorer.engine.backward import backward
from explorer.engine.forward import forward
from explorer.page_settings.train import LEARNING, LIVE
from explorer.settings import FIELDS, Network
from explorer.tasks.characters import read_passage
from explorer.tasks.registry import TASKS
from explorer.training.comparisons import COMPARISONS, RECORDED_SETS
from explorer.training.course import train
from explorer.training.history import History
from explorer.training.plan import Plan
from explorer.training.recorded import recorded
from explorer.training_choices import AFFORDABLE, Wanted, cost, differences, plans
from explorer.training_views import fresh, learning_curve, moment, numbers
from pages import train_runs
from tests.support import sketch
from tests.test_pages import alternatives, charts, numbers_of, opened, sentences, tables, without_problems

SMALL = {"task": "Parity", "span": 4, "units": 3, "batch": 4, "beside": "Elman", "arch": "LSTM"}


def begun(app):
    """The run of a session, as the server keeps it."""
    return train_runs.REGISTRY.find(app.session_state["run"])


def pressed(app, key):
    return app.button(key=key).click().run()


def started(**link):
    app = pressed(opened("train", **(SMALL | link)), "play")
    assert without_problems(app), app.exception
    return app


def paused_at(n, **link):
    """A session whose run was trained for so many iterations, as its ticks would have done, and paused."""
    app = started(**link)
    run = begun(app)
    while run.iteration < n and not run.is_over:
        run.advance(1)
    return pressed(app, "play") if run.is_running else app.run()


def standing(app):
    """Iteration and loss of each run in the table below the pictures."""
    (rows,) = [rows for rows in tables(app) if len(rows[0]) == 9]
    return [(row[0], int(row[2].replace(",", "")), row[3]) for row in rows]


# ---- the buttons ------------------------------------------------------------------------------------------------


def test_a_run_begins_with_start_and_goes_slice_by_slice():
    app = opened("train", **SMALL)
    assert without_problems(app), app.exception
    assert app.button(key="play").label == "Start"
    assert app.button(key="reset").disabled
    assert "run" not in app.session_state
    assert [n for _, n, _ in standing(app)] == [0, 0]
    app = pressed(app, "play")
    run = begun(app)
    assert app.button(key="play").label == "Pause"
    assert app.query_params["run"] == app.session_state["run"]
    assert run.iteration == 0, "the page's own run does not train: whoever presses a key would wait for it"
    run.advance(5)
    assert 1 <= run.iteration <= 5
    assert not charts(app), "while it goes on the figures are sketched"
    assert len(app.get("bidi_component")) == 1


def test_pause_step_and_continue():
    app = paused_at(3)
    run = begun(app)
    assert not run.is_running
    assert app.button(key="play").label == "Continue"
    before = run.iteration
    app = pressed(app, "step")
    assert (run.iteration, run.is_running) == (before + 1, False)
    assert [n for _, n, _ in standing(app)] == [before + 1] * 2
    app = pressed(app, "play")
    assert run.is_running
    assert app.button(key="play").label == "Pause"


def test_step_begins_a_run_too():
    app = pressed(opened("train", **SMALL), "step")
    assert (begun(app).iteration, begun(app).is_running) == (1, False)


def test_reset_forgets_the_run():
    app = paused_at(2)
    name = app.session_state["run"]
    app = pressed(app, "reset")
    assert without_problems(app)
    assert train_runs.REGISTRY.find(name) is None
    assert "run" not in app.query_params
    assert [n for _, n, _ in standing(app)] == [0, 0]
    assert app.button(key="play").label == "Start"


def test_a_run_that_is_over_can_be_begun_again():
    app = paused_at(9, iterations=2)
    name = app.session_state["run"]
    assert begun(app).is_over
    assert app.button(key="play").label == "Start again"
    assert app.button(key="step").disabled
    assert "ended at 2, goal" in tables(app)[0][0][8]
    app = pressed(app, "play")
    assert app.session_state["run"] != name


# ---- the numbers ------------------------------------------------------------------------------------------------


def test_the_page_trains_as_a_notebook_does():
    app = paused_at(4)
    run = begun(app)
    for history in run.histories:
        snapshots = list(islice(train(history.course), run.iteration + 1))
        assert history.losses == [one.loss for one in snapshots[1:]]
        np.testing.assert_array_equal(history.latest.vector, snapshots[-1].vector)
    (a, b) = run.plans
    assert (a.blueprint.arch, b.blueprint.arch) == ("lstm", "elman")
    assert a.recipe == b.recipe
    curves = {trace["name"]: numbers_of(trace["y"]) for trace in charts(app)[0]["data"] if "name" in trace}
    np.testing.assert_allclose(curves["A LSTM"], run.histories[0].losses)


def test_the_baseline_is_drawn_where_the_naive_rule_is():
    app = paused_at(1, task="Adding", span=5)
    problem = begun(app).plans[0].course.problem
    dotted = [trace for trace in charts(app)[0]["data"] if trace["line"].get("dash") == "dot"]
    levels = {float(level) for trace in dotted for level in numbers_of(trace["y"])}
    assert levels == {problem.baseline, problem.naive_loss}
    about = [block.value for block in app.markdown if "Baseline:" in block.value]
    assert problem.rule in about[0]
    assert TASKS["adding"].expectation in about[0]


def test_everything_follows_the_scrubber():
    app = paused_at(6, task="Adding", span=4)
    run, losses = begun(app), [f"{loss:.3g}" for loss in begun(app).histories[0].losses]
    answers = []
    for stop in (2, run.iteration):
        app.select_slider(key="look_back").set_value(stop).run()
        assert without_problems(app), app.exception
        assert standing(app)[0][1] == stop
        assert float(standing(app)[0][2]) == pytest.approx(float(losses[stop - 1]), rel=0.01)
        assert charts(app)[0]["layout"]["shapes"][0]["x0"] == stop
        answers.append(numbers_of(charts(app)[1]["data"][1]["y"]))
        history = run.histories[0]
        batch = fresh(history.plan)
        parameters = next(islice(train(history.course), stop, None)).parameters
        said = forward(history.course.graph(), parameters, batch.inputs)["y"][-1, :, 0]
        right = batch.targets["E"][-1, :, 0]
        np.testing.assert_allclose(answers[-1], said[np.argsort(right, kind="stable")], atol=1e-6)
    assert not np.allclose(*answers)
    app = pressed(app, "step")
    assert standing(app)[0][1] == run.iteration, "a step shows the latest again"


def test_the_reach_is_the_gradient_of_one_error_alone():
    plan = Plan("adding", 6, "", TASKS["adding"].blueprint, TASKS["adding"].recipe)
    history = History(plan)
    for _ in range(3):
        history.advance()
    one = moment(history, 2, plan)
    np.testing.assert_array_equal(one.parameters["b_y"], history.kept[2].parameters["b_y"])
    gradients = backward(one.alone)
    expected = np.log10(np.linalg.norm(gradients["h"][1:, 0], axis=-1))[::-1]
    np.testing.assert_allclose(one.flow.by_distance(one.state, 6), expected, atol=1e-8)


def rows_of(batch):
    """Every sequence of a batch with its answers, as something that can be compared."""
    (read,), (right,) = batch.inputs.values(), batch.targets.values()
    mask = np.ones(read.shape[:2], bool) if batch.mask is None else batch.mask
    return [read[mask[:, i], i].tobytes() + right[mask[:, i], i].tobytes() for i in range(batch.rows)]


@pytest.mark.parametrize("task", TASKS)
def test_fresh_sequences_are_none_that_it_trains_on(task):
    plan = replace(Plan.usual(task), steps=max(TASKS[task].steps.default, 30))
    problem, shown = plan.course.problem, set(rows_of(fresh(plan)))
    trained = [row for n in range(1, 30) for row in rows_of(problem.draw(plan.recipe.batch_rng(n), plan.recipe.batch))]
    few = problem.fresh is None and len(set(trained)) < len(trained)
    assert few == (task == "reber"), "of which there are few: the same come up again and again"
    if not few:
        assert not shown & set(trained)
        assert not shown & set(rows_of(problem.examine()))


def test_fresh_text_lies_in_the_end_that_is_held_back():
    plan = Plan.usual("characters")
    passage = read_passage("")
    learnt, held = ("".join(map(chr, tokens)) for tokens in (passage.learnt, passage.held))
    windows = ["".join(map(chr, row)) for row in fresh(plan).inputs["x"].T]
    assert all(window in held and window not in learnt for window in windows)


def test_a_recording_of_a_run_is_not_taken_for_the_run():
    runs = [History(Plan.usual("parity")) for _ in range(2)]
    for history in runs:
        history.advance()
    latest = runs[1].latest
    runs[1].latest = replace(latest, vector=latest.vector.astype(np.float16).astype(np.float32))
    said = [moment(history, 0, history.plan).said for history in runs]
    assert not np.array_equal(*said)
    assert moment(runs[0], 0, runs[0].plan) is moment(runs[0], 0, runs[0].plan)


class Growing(list):
    """Losses of a run that goes on while they are looked at."""

    def __len__(self):
        self.append(100.0)
        return super().__len__() - 1


def test_a_curve_is_of_one_moment():
    losses = Growing([1.0] * 600)
    curve = learning_curve(losses)
    first = list(losses)[: curve.iterations[-1]]
    assert float(curve.values @ np.diff(curve.iterations, prepend=0)) == pytest.approx(sum(first))


def test_a_long_curve_is_the_mean_over_equal_stretches():
    losses = np.random.default_rng(0).random(1234).tolist()
    curve = learning_curve(losses)
    assert len(curve.values) <= 250
    assert curve.iterations[-1] == 1234
    weights = np.diff(curve.iterations, prepend=0)
    assert float(curve.values @ weights) == pytest.approx(sum(losses))


@pytest.mark.parametrize("task", TASKS)
def test_every_task_can_be_learnt_and_looked_at(task):
    app = paused_at(1, task=TASKS[task].title, span=TASKS[task].steps.least, arch="Elman", beside="LSTM")
    for show in LEARNING:
        (menu,) = app.get("button_group")
        app = menu.set_value(show).run()
        assert without_problems(app), (show, app.exception)
        for text in (block.value for block in (*app.markdown, *app.caption)):
            assert not re.search(r"\b(nan|inf|None)\b", text), text
        assert len(alternatives(app)) == len(charts(app))
        assert not [problem for figure in charts(app) for problem in sketch.unknown(figure)], "it cannot be sketched"
        assert all(len(text) > 20 for text in alternatives(app))


def test_what_is_wrong_is_marked_and_counted():
    app = paused_at(1, task="Echo", span=2, show="Predictions")
    (block,) = [html.proto.body for html in app.get("html") if 'class="sequences"' in html.proto.body]
    for body in block.split("<tbody>")[1:]:
        right = re.search(r"right</th><td><pre>(.*?)</pre>", body)[1]
        for mark in "AB":
            line = re.search(rf"{mark}</th><td><pre>(.*?)</pre>", body)[1]
            said = re.sub(r"<small>.*|</?mark>", "", line)
            hits = sum(one == other != " " for one, other in zip(said, right, strict=True))
            assert f" {hits}/{len(right.strip())}<" in line
            assert line.count("<mark>") == len(right.strip()) - hits


# ---- what a run survives ----------------------------------------------------------------------------------------


def test_another_control_changes_nothing_about_a_run():
    app = paused_at(2)
    run, name = begun(app), app.session_state["run"]
    app.number_input(key="span").set_value(6).run()
    app.selectbox(key="opt").select("sgd").run()
    assert begun(app) is run
    assert run.iteration == 2
    assert run.plans[0].steps == 4
    said = sentences(app)
    assert "still the run with steps 4 instead of 6; optimiser Adam instead of SGD" in said
    app.number_input(key="span").set_value(4).run()
    app.selectbox(key="opt").select("adam").run()
    assert "still the run" not in sentences(app)
    app.number_input(key="span").set_value(6).run()
    app = pressed(pressed(app, "reset"), "play")
    assert begun(app).plans[0].steps == 6
    assert app.session_state["run"] != name


def test_a_run_survives_a_visit_to_another_page():
    app = paused_at(2)
    name = app.session_state["run"]
    app.switch_page("forward.py").run()
    app.switch_page("train.py").run()
    assert app.session_state["run"] == name
    assert begun(app).iteration == 2
    assert app.query_params["run"] == name


def test_a_reload_goes_on_with_the_run():
    app = started(seed=5)
    run = begun(app)
    run.advance(2)
    again = opened("train", **(SMALL | {"seed": 5, "run": app.session_state["run"]}))
    assert without_problems(again)
    assert begun(again) is run
    assert again.button(key="play").label == "Pause", "it was going, so it goes on"
    assert not again.info


def test_a_reload_brings_back_the_text():
    text = "row, row, row your boat, " * 20
    app = opened("train", task="Next character", span=4, units=3, beside="nothing")
    app.text_area(key="passage").set_value(text).run()
    app = pressed(app, "step")
    assert begun(app).plans[0].text == text
    again = opened("train", task="Next character", span=4, units=3, beside="nothing", run=app.session_state["run"])
    assert again.text_area(key="passage").value == text
    assert not again.info


def test_a_run_of_somebody_else_is_let_go_of_and_not_ended():
    app = paused_at(2)
    name, run = app.session_state["run"], begun(app)
    other = opened("train", **SMALL, run=name)
    assert begun(other) is run
    other = pressed(other, "reset")
    assert "run" not in other.query_params
    assert train_runs.REGISTRY.find(name) is run
    other = pressed(opened("train", **SMALL, run=name, iterations=2), "play")
    other = pressed(pressed(other, "reset"), "play")
    assert other.session_state["run"] != name
    assert train_runs.REGISTRY.find(name) is run
    app = pressed(app.run(), "reset")
    assert train_runs.REGISTRY.find(name) is None, "its own"


def test_a_text_that_is_gone_is_said_to_be():
    text = "row, row, row your boat, " * 20
    link = {"task": "Next character", "span": 4, "units": 3, "beside": "nothing", "run": "gone"}
    app = opened("train", **link)
    assert "paste it again" in sentences(app)
    app.text_area(key="passage").set_value(text).run()
    assert "paste it again" not in sentences(app)
    assert "paste it again" not in sentences(opened("train", **SMALL, run="gone"))


def test_a_text_that_is_too_long_is_cut_and_said_to_be():
    app = opened("train", task="Next character", span=4, units=3, beside="nothing")
    app.text_area(key="passage").set_value("row, row, row your boat, " * 5000).run()
    assert "its first 20,000 characters are used" in sentences(app)
    app = pressed(app, "step")
    assert begun(app).plans[0].course.problem.inputs == len(set("row, row, row your boat, "))


@pytest.mark.parametrize("name", ["gone", "<b>x</b>", "x" * 500])
def test_a_run_that_is_gone_is_said_to_be(name):
    app = opened("train", **SMALL, run=name)
    assert without_problems(app), app.exception
    assert "not on the server any more" in sentences(app)
    assert "same settings and seed give the same run" in sentences(app)
    app = pressed(app, "play")
    assert "not on the server" not in sentences(app)
    assert begun(app).is_running


def test_a_server_keeps_a_bounded_number_of_runs():
    registry = train_runs.Registry()
    pair, _ = plans(Network(hidden=1), Wanted("parity", steps=2, units=1, batch=1))
    names = [registry.start(pair) for _ in range(train_runs.MOST_RUNS + 2)]
    assert [registry.find(name) is None for name in names[:3]] == [True, True, False]
    large, _ = plans(Network(arch="lstm", depth=4), Wanted("parity", steps=2, units=64, batch=1))
    registry.start(large)
    assert registry.find(registry.start(large)) is not None
    assert sum(registry.find(name) is not None for name in names) < train_runs.MOST_RUNS


def test_only_one_trains_at_a_time():
    app = started()
    run = begun(app)
    with train_runs._TRAINING:
        run.advance(5)
    assert run.iteration == 0, "the tick is left out"
    run.advance(5)
    assert run.iteration > 0


def test_what_is_looked_at_before_a_run_is_examined_in_turn_too(monkeypatch):
    turns = []
    monkeypatch.setattr(History, "advance", lambda self: turns.append(train_runs._TRAINING.locked()))
    train_runs.Live(plans(Network(), Wanted("parity"))[0])
    assert turns == [True, True][: len(turns)]
    assert turns


@pytest.mark.parametrize("name", ["lstm", "bidirectional_lstm", "elman"])
def test_no_legal_size_keeps_others_waiting(name):
    largest = Wanted("adding", steps=200, units=64, batch=128, beside="lstm")
    pair, notes = plans(Network(arch=name, depth=4), largest)
    assert all(cost(plan) <= AFFORDABLE for plan in pair)
    (units,) = {plan.blueprint.hidden for plan in pair}
    assert f"{units} is taken" in notes[0]
    more = [replace(plan, blueprint=replace(plan.blueprint, hidden=round(units * 1.2))) for plan in pair]
    assert any(cost(plan) > AFFORDABLE for plan in more), "no fewer than are needed"
    assert not plans(Network(arch=name), Wanted("adding"))[1]


def test_a_network_that_overflows_as_it_was_drawn_is_said_to():
    link = {"task": "Adding", "span": 150, "arch": "LSTM", "act": "relu", "init": "identity", "beside": "Elman"}
    for app in (opened("train", **link), pressed(opened("train", **link), "play")):
        assert without_problems(app), app.exception
        assert "A LSTM: Training cannot begin: 'c' grows beyond" in sentences(app)
        assert "had learnt until then" not in sentences(app)
        assert tables(app)[0][0][8] == "diverged as it was drawn"
    app = pressed(app, "play")
    for show in LEARNING:
        (menu,) = app.get("button_group")
        assert without_problems(menu.set_value(show).run()), show


def test_steps_that_are_too_large_are_said_to_be():
    app = paused_at(8, task="Adding", opt="SGD", rate=1000, arch="Elman", beside="nothing")
    assert "loss far above that of the start" in tables(app)[0][0][8]
    assert "far above" not in tables(paused_at(8, task="Adding", arch="Elman", beside="nothing"))[0][0][8]


def test_a_run_that_diverges_says_where_and_what_to_try():
    app = paused_at(50, task="Adding", opt="SGD", rate=1000, limit=0, arch="Elman", beside="nothing")
    history = begun(app).histories[0]
    assert without_problems(app), app.exception
    assert history.is_over
    assert f"Training stopped at iteration {history.iteration + 1}:" in sentences(app)
    assert "smaller learning rate or clipping" in sentences(app)
    drawn = next(trace for trace in charts(app)[0]["data"] if trace.get("name") == "A Elman")
    np.testing.assert_allclose(numbers_of(drawn["y"]), history.losses)
    for show in LEARNING:
        (menu,) = app.get("button_group")
        assert without_problems(menu.set_value(show).run()), show


# ---- recorded runs ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", RECORDED_SETS)
def test_recorded_runs_are_said_to_be_recorded_and_can_be_replayed(name):
    app = opened("train", record=RECORDED_SETS[name].title)
    assert without_problems(app), app.exception
    assert app.number_input(key="span").disabled, "it says nothing about what was recorded"
    assert not any("**Start**" in block.value for block in app.markdown)
    assert any("Recorded run" in block.value for block in app.markdown)
    kept = [recorded(one) for one in RECORDED_SETS[name].names]
    assert [n for _, n, _ in standing(app)] == [history.iteration for history in kept]
    curves = {trace["name"][:1]: numbers_of(trace["y"]) for trace in charts(app)[0]["data"] if "name" in trace}
    np.testing.assert_allclose(curves["B"], learning_curve(kept[1].losses).values)
    app = pressed(app, "reset")
    assert [n for _, n, _ in standing(app)] == [0, 0]
    app = pressed(app, "play")
    replay = app.session_state["replayed_run"]
    assert app.button(key="play").label == "Pause"
    replay.advance(5)
    app = pressed(app, "play")
    assert 0 < standing(app)[0][1] < kept[0].iteration
    assert [history.iteration for history in kept] == [h.iteration for h in replay.histories], "nothing was trained"


def test_from_a_recorded_run_back_to_training():
    app = paused_at(2)
    app.selectbox(key="record").select(next(iter(RECORDED_SETS))).run()
    assert any("Recorded run" in block.value for block in app.markdown)
    (back,) = [one for one in app.button if one.label == "Back to training live"]
    app = back.click().run()
    assert app.session_state["record"] == LIVE
    assert begun(app).iteration == 2
    assert standing(app)[0][1] == 2


# ---- plans ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name, one in COMPARISONS.items() if one.change])
def test_a_comparison_changes_one_thing(name):
    pair, _ = plans(Network(arch="gru_reset_before", bias=0.5), Wanted("parity", beside=name))
    assert len(pair) == 2
    assert pair[0].blueprint.arch == "gru_reset_before"
    assert (pair[0].task, pair[0].steps) == (pair[1].task, pair[1].steps)
    assert differences(*[(one,) for one in pair])


def test_a_second_run_that_would_be_the_first_again_is_left_out_and_said():
    pair, (note,) = plans(Network(), Wanted("parity", beside="elman"))
    assert len(pair) == 1
    assert "there is no B" in note


def test_a_network_that_reads_two_sequences_is_replaced_and_said():
    app = opened("train", arch="Encoder–decoder, Elman", beside="nothing")
    assert without_problems(app), app.exception
    assert "an Elman network is trained instead" in sentences(app)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_network_can_be_trained(name):
    app = pressed(opened("train", **(SMALL | {"arch": ARCHITECTURES[name].title, "beside": "nothing"})), "step")
    assert without_problems(app), app.exception
    assert [n for _, n, _ in standing(app)] == [1]


def test_another_task_brings_its_usual_steps():
    app = opened("train", task="Adding", span=7, beside="nothing")
    app.selectbox(key="task").select("reber").run()
    assert app.session_state["span"] == TASKS["reber"].steps.default
    assert not app.info


def test_steps_beyond_a_task_are_brought_into_its_range():
    app = opened("train", task="Embedded Reber grammar", span=2, beside="nothing", units=1)
    assert "runs from 9 to 60; 9 is taken" in sentences(app)


def test_numbers_are_only_asked_where_an_answer_is():
    plan = Plan.usual("sine")
    history = History(plan)
    history.advance()
    found = numbers([moment(history, 0, plan)])
    first = plan.course.problem.answers.first
    steps = plan.steps
    asked = np.isfinite(found.right).reshape(3, steps + 1)
    assert not asked[:, : first - 1].any()
    assert asked[:, first - 1 : -1].all()


def test_every_own_field_is_used():
    table = {name: field.default for name, field in FIELDS.items()}
    assert table["task"] in TASKS
    assert table["beside"] in COMPARISONS
