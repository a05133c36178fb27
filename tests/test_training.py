"""Training: optimisers, the chain of snapshots, what a run leaves behind, its file, and the command line."""

from __future__ import annotations

import io
import json
import math
import signal
import subprocess
import sys
import zipfile
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from explorer import commands
from explorer.applications.application import Application
from explorer.applications.shelf import NETWORKS, weights
from explorer.applications.shelf import save as put_on_shelf
from explorer.engine import answering
from explorer.engine.forward import forward
from explorer.engine.learning import Learnt
from explorer.engine.truncation import truncated
from explorer.tasks.problem import ACCURACY, Metric
from explorer.tasks.recipe import Blueprint, Recipe
from explorer.tasks.registry import TASKS
from explorer.training.archive import load, save
from explorer.training.course import Course, DivergedError, Snapshot, train
from explorer.training.history import MOST_KEPT, History
from explorer.training.layout import Layout
from explorer.training.optimizers import OPTIMIZERS
from explorer.training.plan import Plan
from explorer.training.recorded import RECORDED, file_of, recorded

ROOT = Path(__file__).resolve().parent.parent
SMALL = Blueprint("elman", hidden=6)
RECIPE = {field.name for field in fields(Recipe)}


def plan(task="parity", steps=6, arch="elman", hidden=6, **recipe) -> Plan:
    return Plan(task, steps, "", replace(SMALL, arch=arch, hidden=hidden), replace(Recipe(batch=8, every=5), **recipe))


def run(the_plan: Plan, iterations: int) -> History:
    history = History(the_plan)
    while history.iteration < iterations and not history.is_over:
        history.advance()
    return history


def same(a: History, b: History) -> None:
    """Equal to the last bit in everything that decides how a run goes on, and in all that it has left."""
    assert (a.plan, a.losses, a.gradient_norms, a.examinations) == (b.plan, b.losses, b.gradient_norms, b.examinations)
    assert (a.diverged, a.distance) == (b.diverged, b.distance)
    for mine, other in zip((*a.kept, a.latest), (*b.kept, b.latest), strict=True):
        assert mine.iteration == other.iteration
        assert mine.norms == pytest.approx(other.norms, rel=1e-6)  # written with fewer digits
        np.testing.assert_array_equal(mine.vector, other.vector)
    first, second = a.latest, b.latest
    assert (first.score, first.waited, first.end) == (second.score, second.waited, second.end)
    for name in ("loss", "best"):
        np.testing.assert_equal(getattr(first, name), getattr(second, name))
    np.testing.assert_array_equal(first.gradient, second.gradient)
    np.testing.assert_array_equal(np.array(first.moments), np.array(second.moments))


def textbook(name: str, gradients: list[list[float]], rate: float) -> list[float]:
    """Where each optimiser gets from 0, one number at a time, as the papers write it."""
    place = []
    for column in zip(*gradients, strict=True):
        x = m = v = 0.0
        for n, g in enumerate(column, 1):
            if name == "sgd":
                x -= rate * g
            elif name == "momentum":
                v = 0.9 * v + g
                x -= rate * v
            elif name == "rmsprop":
                v = 0.9 * v + 0.1 * g * g
                x -= rate * g / (math.sqrt(v) + 1e-8)
            elif name == "adam":
                m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
                m_hat, v_hat = m / (1 - 0.9**n), v / (1 - 0.999**n)
                x -= rate * m_hat / (math.sqrt(v_hat) + 1e-8)
        place.append(x)
    return place


class TestOptimizers:
    """Each against its formula, and against what is known about it in closed form."""

    def descend(self, name: str, gradient, start, rate: float, steps: int) -> np.ndarray:
        optimizer, place = OPTIMIZERS[name], np.array(start, float)
        moments = (np.zeros_like(place),) * optimizer.moments
        for n in range(1, steps + 1):
            direction, moments = optimizer.rule(np.asarray(gradient(place, n), float), moments, n)
            assert len(moments) == optimizer.moments
            place = place - rate * direction
        return place

    @pytest.mark.parametrize("name", OPTIMIZERS)
    def test_against_the_textbook(self, name):
        rng = np.random.default_rng(0)
        gradients = rng.standard_normal((12, 5)) * 10.0 ** rng.integers(-6, 3, 5)
        found = self.descend(name, lambda _, n: gradients[n - 1], np.zeros(5), 0.1, 12)
        np.testing.assert_allclose(found, textbook(name, gradients.tolist(), 0.1), rtol=1e-9)

    @pytest.mark.parametrize("name", OPTIMIZERS)
    def test_single_precision_stays_single(self, name):
        gradient = np.ones(3, np.float32)
        direction, moments = OPTIMIZERS[name].rule(gradient, (gradient,) * OPTIMIZERS[name].moments, 2)
        assert {array.dtype for array in (direction, *moments)} == {np.dtype(np.float32)}

    def test_descent_on_a_parabola_shrinks_by_the_same_factor(self):
        found = self.descend("sgd", lambda x, _: np.array([1.0, 3.0]) * x, [1.0, 1.0], 0.1, 20)
        np.testing.assert_allclose(found, [0.9**20, 0.7**20])

    def test_momentum_on_a_slope_becomes_ten_times_as_fast(self):
        far = [self.descend("momentum", lambda x, _: np.ones(1), [0.0], 1.0, n)[0] for n in (200, 201)]
        assert far[0] - far[1] == pytest.approx(1 / (1 - 0.9), rel=1e-6)

    @pytest.mark.parametrize("scale", [1e-4, 1.0, 1e6])
    def test_adams_steps_do_not_depend_on_the_scale(self, scale):
        found = self.descend("adam", lambda x, n: scale * np.array([1.0, -1.0]), [0.0, 0.0], 0.01, 10)
        np.testing.assert_allclose(found, [-0.1, 0.1], rtol=1e-3)


class TestCourse:
    """The chain of snapshots."""

    @pytest.mark.parametrize(("task", "arch"), [("reber", "lstm"), ("adding", "elman"), ("echo", "gru_reset_after")])
    def test_the_gradient_is_that_of_the_mean_error_of_an_answer(self, task, arch):
        course = plan(task, TASKS[task].steps.least, arch, clip=None, batch=4).course
        first = course.first()
        after = course.after(first)
        batch = course.problem.draw(course.recipe.batch_rng(1), 4)
        where = np.zeros((batch.steps, batch.rows), bool)
        where[[t - 1 for t in course.problem.answers.steps(batch.steps)]] = True
        answers = (where if batch.mask is None else where & batch.mask).sum()

        def mean_error(vector) -> float:
            weights = {name: np.array(w, float) for name, w in first.layout.parameters(vector).items()}
            return forward(course.graph(), weights, batch.inputs, batch.targets, mask=batch.mask).loss / answers

        start = first.vector.astype(float)
        assert after.loss == pytest.approx(mean_error(start), rel=1e-5)
        way = np.random.default_rng(1).standard_normal(start.shape)
        slope = (mean_error(start + 1e-5 * way) - mean_error(start - 1e-5 * way)) / 2e-5
        assert after.gradient @ way == pytest.approx(slope, rel=1e-3, abs=1e-4)
        assert sum(norm**2 for norm in after.norms.values()) == pytest.approx(after.gradient_norm**2, rel=1e-5)

    def test_clipping_shortens_and_does_not_turn(self):
        free, clipped = (plan(clip=clip, optimizer="sgd", rate=1.0).course for clip in (None, 1e-3))
        first = free.first()
        full, short = (course.after(first).vector - first.vector for course in (free, clipped))
        assert np.linalg.norm(short) == pytest.approx(1e-3, rel=1e-3)
        np.testing.assert_allclose(short / np.linalg.norm(short), full / np.linalg.norm(full), atol=1e-3)
        np.testing.assert_array_equal(clipped.after(first).gradient, free.after(first).gradient)

    def test_a_gradient_shorter_than_the_clip_is_left_alone(self):
        vectors = [run(plan(clip=clip), 5).latest.vector for clip in (None, 1e6)]
        np.testing.assert_array_equal(*vectors)

    def test_snapshots_never_change(self):
        course = plan().course
        first = course.first()
        before = first.vector.copy()
        one, again = course.after(first), course.after(first)
        np.testing.assert_array_equal(first.vector, before)
        np.testing.assert_array_equal(one.vector, again.vector)
        for array in (one.vector, one.gradient, *one.moments, *one.parameters.values()):
            assert not array.flags.writeable
            assert array.dtype == np.float32

    def test_truncated_gradients_are_those_of_the_engine(self):
        course = plan("parity", 10, window=3, stride=2, clip=None).course
        first = course.first()
        after, full = course.after(first), plan("parity", 10, clip=None).course.after(first)
        batch = course.problem.draw(course.recipe.batch_rng(1), 8)
        trace = forward(course.graph(), first.parameters, batch.inputs, batch.targets, dtype=np.float32)
        wanted = first.layout.vector(truncated(trace, 3, 2).weights) / batch.inputs["x"].size
        np.testing.assert_allclose(after.gradient, wanted, atol=1e-6)
        assert np.abs(after.gradient - full.gradient).max() > 1e-4
        assert after.loss == pytest.approx(full.loss)

    def test_seeds(self):
        runs = [run(plan(seed=seed), 2) for seed in (1, 1, 2)]
        assert runs[0].losses == runs[1].losses != runs[2].losses

    @pytest.mark.parametrize("clip", [None, 1.0])
    def test_a_run_that_diverges_says_where_and_what_to_try(self, clip):
        history = run(plan("adding", 5, optimizer="sgd", rate=1e37, clip=clip), 50)
        assert history.is_over
        assert 1 <= history.iteration + 1 < 50
        assert f"stopped at iteration {history.iteration + 1}:" in history.diverged
        assert "Try a smaller learning rate" in history.diverged
        assert ("clipping" in history.diverged) == (clip is None)
        assert all(math.isfinite(loss) for loss in history.losses)
        with pytest.raises(DivergedError) as error:
            history.course.after(history.latest)
        assert error.value.iteration == history.iteration + 1

    def test_a_run_that_cannot_begin_says_so(self):
        history = History(Plan("adding", 150, "", Blueprint("lstm", act="relu", init="identity"), Recipe()))
        history.advance()
        assert history.is_over
        assert history.latest is None
        assert history.diverged.startswith("Training cannot begin: '")
        with pytest.raises(ValueError, match="Training cannot begin"):
            history.at(0)

    def sudden(self, size: float, **recipe) -> tuple[Course, Snapshot]:
        """A course whose next gradient is so large everywhere, and its beginning."""

        class Sudden(Course):
            def _learn(self, parameters, batch):
                return Learnt(1.0, {name: np.full(array.shape, size) for name, array in parameters.items()})

        course = Sudden(SMALL, TASKS["parity"].problem(4), replace(Recipe(batch=1, every=99), **recipe))
        return course, course.first()

    def test_clipping_works_where_the_square_of_a_gradient_is_no_float32_number(self):
        course, first = self.sudden(1e25, clip=1.0, optimizer="sgd", rate=0.5)
        after = course.after(first)
        assert np.linalg.norm(after.vector - first.vector) == pytest.approx(0.5, rel=1e-5)
        assert after.gradient_norm == pytest.approx(1e25 / 4 * math.sqrt(len(first.vector)), rel=1e-5)
        assert sum(norm**2 for norm in after.norms.values()) == pytest.approx(after.gradient_norm**2, rel=1e-5)

    @pytest.mark.parametrize(("size", "optimizer"), [(math.inf, "sgd"), (1e25, "adam"), (1e25, "rmsprop")])
    def test_a_run_does_not_go_on_with_what_it_cannot_remember(self, size, optimizer):
        course, first = self.sudden(size, clip=None, optimizer=optimizer)
        with pytest.raises(DivergedError, match=r"iteration 1: .* beyond the largest float32 number"):
            course.after(first)

    @pytest.mark.parametrize("name", TASKS)
    def test_an_examination_in_slices_has_the_same_score(self, name, monkeypatch):
        course = plan(name, TASKS[name].steps.least).course
        parameters, batch, most = course.first().parameters, course.examination, 1 << 14
        sizes = []

        def counted(graph, parameters, inputs, **options):
            trace = forward(graph, parameters, inputs, **options)
            sizes.append(sum(2 * values.read().nbytes for values in trace.values.values()))
            return trace

        monkeypatch.setattr(answering, "MOST_BYTES", most)
        monkeypatch.setattr(answering, "forward", counted)
        whole = course.problem.metric.measure(course.run(parameters, batch), batch)
        assert course.score(parameters) == pytest.approx(whole, rel=1e-5)
        assert len(sizes) > 1
        assert max(sizes) <= most

    def course(self, scores, goal=2.0, **recipe) -> Course:
        """One that gets these marks, whatever it says."""
        marks = iter(scores)
        metric = Metric("marks", lambda trace, batch: next(marks))
        problem = replace(TASKS["parity"].problem(4), metric=metric, goal=goal)
        return Course(SMALL, problem, replace(Recipe(batch=2, every=2, iterations=50), **recipe))

    def ends(self, course) -> list[tuple[int, str | None]]:
        return [(snapshot.iteration, snapshot.end) for snapshot in train(course)][-2:]

    def test_it_stops_when_it_is_solved(self):
        assert self.ends(self.course([0.1, 0.5, 0.9, 1.0], goal=0.9)) == [(3, None), (4, "solved")]

    def test_it_stops_when_it_no_longer_becomes_better(self):
        # 0.5 is the best; 0.5 again and 0.4 are two examinations without a better result
        assert self.ends(self.course([0.1, 0.5, 0.5, 0.4, 0.6], patience=2)) == [(5, None), (6, "stalled")]

    def test_it_stops_when_all_iterations_are_done(self):
        assert self.ends(self.course([0.1] * 9, iterations=7)) == [(6, None), (7, "finished")]

    @pytest.mark.parametrize(
        ("task", "steps", "arch"), [("echo", 1, "elman"), ("sine", 12, "elman"), ("order", 20, "lstm")]
    )
    def test_a_short_run_beats_the_baseline(self, task, steps, arch):
        blueprint = Blueprint(arch, hidden=8, bias=float(arch == "lstm"))
        history = run(Plan(task, steps, "", blueprint, Recipe(rate=0.02, every=40)), 120)
        problem = history.course.problem
        assert problem.metric.is_better(history.examinations[-1][1], problem.baseline)
        assert np.mean(history.losses[-10:]) < problem.naive_loss

    def test_layout_there_and_back(self):
        shapes = {"W": (2, 3), "b": (3,), "w": (1,)}
        arrays = {name: np.random.default_rng(1).random(shape).astype(np.float32) for name, shape in shapes.items()}
        layout = Layout.of(shapes)
        again = layout.parameters(layout.vector(arrays))
        assert layout.size == 10
        for name, array in arrays.items():
            np.testing.assert_array_equal(again[name], array)


class TestPlan:
    """Everything illegal gets a sentence."""

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            ({"arch": "transformer"}, "no architecture 'transformer'; choose one of elman"),
            ({"hidden": 0}, "hidden units is a whole number from 1 to"),
            ({"hidden": 2.0}, "hidden units is a whole number"),
            ({"init": "zeros"}, "no initialiser 'zeros'"),
            ({"act": "swish"}, "no squashing function 'swish'"),
            ({"bias": math.inf}, "The bias is a finite number"),
            ({"optimizer": "magic"}, "no optimizer 'magic'; choose one of adam"),
            ({"rate": 0.0}, "learning rate is a positive number; 0.0 was given"),
            ({"rate": math.nan}, "learning rate is a positive number"),
            ({"clip": -1.0}, "clipped is a positive number"),
            ({"window": 0}, "window of truncated backpropagation is a whole number from 1"),
            ({"batch": 10**9}, "batch is a whole number from 1 to 4096"),
            ({"every": 0}, "between examinations is a whole number"),
            ({"seed": -1}, "seed of the sequences is a whole number from 0"),
        ],
    )
    def test_what_is_illegal(self, changed, said):
        of_network = {name: value for name, value in changed.items() if name not in RECIPE}
        of_recipe = {name: value for name, value in changed.items() if name in RECIPE}
        blueprint, recipe = replace(SMALL, **of_network), replace(Recipe(), **of_recipe)
        with pytest.raises(ValueError, match=said):
            Plan("parity", 5, "", blueprint, recipe)

    def test_an_unknown_task(self):
        with pytest.raises(ValueError, match=r"There is no task 'chess'; choose one of echo, .*characters"):
            Plan.usual("chess")


class TestHistory:
    """What a run leaves behind."""

    @pytest.mark.parametrize("iterations", [5, 127, 128, 400])
    def test_kept_networks_are_few_even_and_begin_at_the_beginning(self, iterations):
        history = run(plan("parity", 2, batch=1, every=1000, hidden=1), iterations)
        kept = [one.iteration for one in history.kept]
        assert MOST_KEPT / 2 <= len(kept) <= MOST_KEPT or kept == list(range(iterations + 1))
        assert kept == list(range(0, iterations + 1, kept[1]))
        assert len(history.losses) == len(history.gradient_norms) == iterations

    def test_looking_back(self):
        history = History(plan(every=1000))
        seen = {}
        for _ in range(301):
            history.advance()
            seen[history.iteration] = history.latest
        for n in (0, 1, 57, 299, 300, 10_000):
            one = history.at(n)
            assert n - history.distance < one.iteration <= n or n > 300
            np.testing.assert_array_equal(one.vector, seen[one.iteration].vector)
            assert one.norms == seen[one.iteration].norms
        assert history.at(10_000).iteration == 300

    def test_whoever_looks_while_networks_are_thinned_out_finds_one(self):
        history = run(plan(every=1000), 40)

        class Meddling:
            @property
            def iteration(self):
                history.kept = history.kept[:1]
                return 20

        history.kept[20] = Meddling()
        assert history.at(30).iteration == 30

    def test_losses_come_last(self):
        class Watched(list):
            def append(self, loss):
                assert len(history.gradient_norms) == len(self) + 1
                assert history.kept[-1].iteration == history.latest.iteration == len(self) + 1
                super().append(loss)

        history = History(plan(every=1000), losses=Watched())
        for _ in range(5):
            history.advance()
        assert history.iteration == 4

    def test_it_keeps_its_course_whatever_else_is_trained(self):
        history = History(plan())
        course = history.course
        for seed in range(40):
            assert plan(seed=seed).course
        assert history.course is course

    def test_more_iterations_can_be_asked_for(self):
        short, long = run(plan(iterations=10), 99), run(plan(iterations=25), 99)
        assert (short.iteration, short.is_over) == (10, True)
        short.extend(25)
        while not short.is_over:
            short.advance()
        same(short, long)


class TestFile:
    """A run that is saved goes on as if it had never stopped; a file is hostile until it is checked."""

    @pytest.mark.parametrize("optimizer", OPTIMIZERS)
    def test_a_resumed_run_is_the_same_to_the_last_bit(self, optimizer, tmp_path):
        the_plan = plan("reber", 12, "lstm", optimizer=optimizer, patience=30, iterations=30)
        whole, half = run(the_plan, 99), run(the_plan, 12)
        save(half, tmp_path / "run")
        resumed = load(tmp_path / "run")
        same(half, resumed)
        while not resumed.is_over:
            resumed.advance()
        same(whole, resumed)
        assert [path.name for path in tmp_path.iterdir()] == ["run"]

    def test_a_run_on_a_text_and_one_that_has_just_begun(self, tmp_path):
        text = "ein kleiner Text, né, 👍🏽 und noch mehr davon. " * 9
        history = History(Plan("characters", 5, text, SMALL, Recipe(window=2, clip=None)))
        with pytest.raises(ValueError, match="has not begun"):
            save(history, tmp_path / "run")
        history.advance()
        save(history, tmp_path / "run")
        same(history, load(tmp_path / "run"))

    def test_a_run_that_has_diverged_stays_so(self, tmp_path):
        history = run(plan("adding", 5, optimizer="sgd", rate=1e37, clip=None), 50)
        save(history, tmp_path / "run")
        assert load(tmp_path / "run").diverged == history.diverged
        assert load(tmp_path / "run").is_over

    def test_a_small_file_still_goes_on_exactly(self, tmp_path):
        history = run(plan(every=10), 60)
        save(history, tmp_path / "small", most_kept=7, dtype=np.float16)
        save(history, tmp_path / "large")
        small = load(tmp_path / "small")
        assert [one.iteration for one in small.kept] == [0, 10, 20, 30, 40, 50, 60]
        np.testing.assert_allclose(small.losses, history.losses, rtol=1e-3)
        np.testing.assert_allclose(small.kept[3].vector, history.kept[30].vector, rtol=1e-3, atol=1e-6)
        assert (tmp_path / "small").stat().st_size < (tmp_path / "large").stat().st_size / 4
        for one in (history, small):
            one.advance()
        np.testing.assert_array_equal(history.latest.vector, small.latest.vector)

    def refused(self, path: Path) -> str:
        with pytest.raises(ValueError, match=f"^{path.name} is not a run that can be gone on with: ") as error:
            load(path)
        assert str(error.value).endswith((".", ".)"))
        return str(error.value)

    def test_no_file_or_no_archive(self, tmp_path):
        assert "no such file" in self.refused(tmp_path / "nothing")
        (tmp_path / "words").write_text("not an archive")
        assert "cannot be read as an NPZ archive" in self.refused(tmp_path / "words")
        self.refused(tmp_path)

    def rewritten(self, path: Path, **changed) -> Path:
        """A saved run with some of its arrays replaced, left out (None), or some entries of its header replaced."""
        save(run(plan(), 10), path)
        with np.load(path) as stored:
            arrays = dict(stored)
        header = json.loads(arrays["header"].tobytes())
        for name, value in changed.items():
            if name in arrays:
                arrays[name] = value(arrays[name]) if callable(value) else value
            else:
                header[name] = value(header[name]) if callable(value) else value
        if "header" not in changed:
            arrays["header"] = np.frombuffer(json.dumps(header).encode(), np.uint8)
        with path.open("wb") as file:
            np.savez(file, **{name: array for name, array in arrays.items() if array is not None})
        return path

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            ({"losses": None}, "'losses' is missing"),
            ({"losses": lambda a: a[:-1]}, "'gradient_norms' has the shape"),
            ({"losses": lambda a: a * math.nan}, "'losses' holds numbers that are not finite"),
            ({"vector": lambda a: a.astype(float)}, "'vector' has the shape"),
            ({"vector": lambda a: a[:-1]}, "'vector' has the shape"),
            ({"moments": lambda a: a[:1]}, "'moments' has the shape"),
            ({"vectors": lambda a: a[:, 1:]}, "'vectors' has the shape"),
            ({"scores": lambda a: np.array(["a"] * len(a))}, "'scores' has the shape"),
            ({"kept": lambda a: a[::-1]}, "'kept' do not rise"),
            ({"kept": lambda a: a + 1}, "'kept' do not rise"),
            ({"examined": lambda a: a + 10**6}, "'examined' do not rise"),
            ({"norms": np.array([{"a": 1}], dtype=object)}, "'norms' is not a plain array"),
            ({"header": np.frombuffer(b"[1, 2]", np.uint8)}, "its header is not one of format 1"),
            ({"header": np.frombuffer(b"\xff{", np.uint8)}, "its header is not one of format 1"),
            ({"header": np.frombuffer(b"[" * 100_000, np.uint8)}, "its header is not one of format 1"),
            ({"extra": 1}, "its header is not one of format 1"),
            ({"format": 2}, "its header is not one of format 1"),
            ({"end": "won"}, "its end is given as 'won'"),
            ({"end": ["solved"]}, "its end is given as ['solved']"),
            ({"best": 10**400}, "its best score is given as 1000"),
            ({"best": "high"}, "its best score is given as 'high'"),
            ({"distance": 0}, "distance between kept networks is a whole number"),
            ({"waited": -1}, "waited is a whole number"),
            ({"plan": []}, "the plan does not have the entries"),
            ({"plan": lambda p: p | {"task": "chess"}}, "There is no task 'chess'"),
            ({"plan": lambda p: p | {"task": ["parity"]}}, "are not words"),
            ({"plan": lambda p: p | {"steps": 10**9}}, "Length T of the task 'Parity' is a whole number"),
            ({"plan": lambda p: p | {"recipe": p["recipe"] | {"rate": "fast"}}}, "learning rate is a positive number"),
            ({"plan": lambda p: p | {"recipe": p["recipe"] | {"speed": 1}}}, "the recipe does not have the entries"),
            ({"plan": lambda p: p | {"blueprint": p["blueprint"] | {"hidden": 7}}}, "'vectors' has the shape"),
            ({"plan": lambda p: p | {"blueprint": p["blueprint"] | {"arch": ["lstm"]}}}, "There is no architecture"),
        ],
    )
    def test_a_file_that_is_not_as_it_should_be(self, changed, said, tmp_path):
        assert said in self.refused(self.rewritten(tmp_path / "run", **changed))

    @pytest.mark.parametrize("name", np.load(file_of("order-50-elman")).files)
    def test_flipped_bytes(self, name, tmp_path):
        save(run(plan(), 10), tmp_path / "run")
        damage(tmp_path / "run", name)
        self.refused(tmp_path / "run")

    def test_shapes_that_lie_and_archives_that_burst(self, tmp_path):
        path = self.rewritten(tmp_path / "run")
        with zipfile.ZipFile(path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        lying = io.BytesIO()
        np.lib.format.write_array_header_1_0(lying, {"descr": "<f8", "fortran_order": False, "shape": (10**15,)})
        for name, content in (("losses.npy", lying.getvalue()), ("bomb.npy", bytes(300 * 2**20))):
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                for other, whole in {**members, name: content}.items():
                    archive.writestr(other, whole)
            assert ("its shape" if name == "losses.npy" else "more than 256 MB") in self.refused(path)


def damage(path: Path, name: str) -> None:
    """Flip six bytes of one array of a file."""
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo(f"{name}.npy")
    begin = info.header_offset + 30 + len(info.filename) + len(info.extra)
    for at in range(begin + info.compress_size // 3, begin + info.compress_size // 3 + 6):
        content[at] ^= 0xFF
    path.write_bytes(content)


class TestShelf:
    """Shipped weights that are not as they should be get a sentence that says how to make them anew."""

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            (lambda path: path.write_bytes(path.read_bytes()[:5000]), "cannot be read as an NPZ archive"),
            (lambda path: path.write_bytes(b""), "cannot be read as an NPZ archive"),
            (lambda path: path.write_text("words"), "cannot be read as an NPZ archive"),
            (lambda path: damage(path, "W_hy"), "cannot be read as an NPZ archive"),
            (lambda path: np.savez(path, W_hy=np.zeros(3)), "is missing in it"),
            (lambda path: path.unlink(), "are missing"),
        ],
    )
    def test_a_damaged_file(self, change, said, tmp_path):
        path = tmp_path / "sentiment.npz"
        path.write_bytes((NETWORKS / path.name).read_bytes())
        assert weights("sentiment", tmp_path)
        weights.cache_clear()
        change(path)
        with pytest.raises(ValueError, match=f"{said}.* train it again with: python -m explorer train sentiment$"):
            weights("sentiment", tmp_path)


class TestRecorded:
    """The shipped runs are what they are said to be."""

    @pytest.mark.parametrize("name", RECORDED)
    def test_a_recording_is_small_and_can_be_replayed(self, name):
        history = recorded(name)
        assert file_of(name).stat().st_size < 200_000
        assert history.is_over
        assert not history.diverged
        assert len(history.kept) > 16
        last = history.latest
        assert history.course.score(last.parameters) == pytest.approx(last.score, rel=1e-3)

    def test_every_file_is_registered(self):
        assert {path.stem for path in file_of("any").parent.glob("*.npz")} == set(RECORDED)

    def test_it_began_as_its_plan_says(self):
        history = recorded("order-50-lstm")
        again = run(history.plan, 5)
        np.testing.assert_allclose(history.losses[:5], again.losses, rtol=2e-3)

    @pytest.mark.parametrize("steps", [50, 150])
    def test_adding(self, steps):
        gated, plain = (recorded(f"adding-{steps}-{arch}") for arch in ("lstm", "elman"))
        assert gated.latest.score < 0.01
        assert plain.latest.best > 0.12
        assert gated.course.problem.baseline == pytest.approx(1 / 6)

    def test_temporal_order(self):
        gated, plain = (recorded(f"order-50-{arch}") for arch in ("lstm", "elman"))
        assert gated.course.problem.metric is ACCURACY
        assert gated.latest.score >= 0.99
        assert abs(plain.latest.score - 0.25) < 0.1


class TestCommands:
    """The command line, mostly without a process of its own."""

    def test_names_of_tasks_and_applications_do_not_clash(self):
        assert len(commands.LEARNABLE) == len(TASKS) + len(commands.APPLICATIONS)

    def test_everything_that_can_be_trained_is_listed(self, capsys):
        assert commands.main(["train"]) == 0
        said = capsys.readouterr().out
        for name, task in commands.LEARNABLE.items():
            assert f"  {name} " in said
            assert task.about in said

    def test_trained_saved_and_gone_on_with(self, capsys, tmp_path):
        path = str(tmp_path / "run.npz")
        small = ["--hidden", "4", "--steps", "4", "--batch", "4", "--clip", "none", "--seed", "7"]
        assert commands.main(["train", "parity", *small, "--iterations", "20", "--save", path]) == 0
        said = capsys.readouterr()
        assert "20/20" in said.out
        assert "(naive 0.6931)" in said.out
        assert "(baseline 50.0%)" in said.out
        assert said.err == ""
        assert commands.main(["train", "--resume", path, "--iterations", "30"]) == 0
        assert "30/30" in capsys.readouterr().out
        history = load(tmp_path / "run.npz")
        assert history.plan.blueprint == Blueprint("elman", hidden=4, seed=7)
        assert (history.plan.recipe.clip, history.plan.recipe.seed, history.iteration) == (None, 7, 30)

    def test_an_interrupted_run_is_saved(self, capsys, tmp_path, monkeypatch):
        def interrupted(history, advance=History.advance):
            advance(history)
            if history.iteration == 3:
                signal.raise_signal(signal.SIGINT)

        monkeypatch.setattr(History, "advance", interrupted)
        monkeypatch.chdir(tmp_path)
        assert commands.main(["train", "sine", "--hidden", "3"]) == 130
        assert "Go on with: python -m explorer train --resume sine-run.npz" in capsys.readouterr().out
        assert load(Path("sine-run.npz")).iteration == 3

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["nothing"], "There is no task 'nothing'; choose one of echo"),
            (["parity", "--steps", "100000"], "Length T of the task 'Parity' is a whole number from"),
            (["parity", "--rate", "-1"], "learning rate is a positive number"),
            (["parity", "--text", "x.txt"], "'parity' reads no text; characters does"),
            (["characters", "--text", "no/such/file"], "cannot be read: no such file or directory"),
            (["--resume", "no/such/file"], "no such file"),
            (["sine", "--save", "no/such/file"], "The run cannot be written to no/such/file; name a file"),
            (["sine", "--save", "."], "The run cannot be written to .; name a file"),
            (["parity", "--arch", "encoder_decoder"], "also reads s, for which this task has no sequence"),
            (["adding", "--optimizer", "sgd", "--rate", "1e37", "--steps", "4"], "Training stopped at iteration"),
        ],
    )
    def test_what_cannot_be_done_gets_a_sentence(self, arguments, said, capsys):
        assert commands.main(["train", *arguments]) == 1
        assert said in capsys.readouterr().err

    def test_a_run_that_goes_on_keeps_its_plan(self, capsys, tmp_path):
        save(run(plan(), 2), tmp_path / "run")
        assert commands.main(["train", "--resume", str(tmp_path / "run"), "--rate", "1", "--seed", "3"]) == 1
        assert "leave --seed, --rate out" in capsys.readouterr().err
        assert commands.main(["train", "adding", "--resume", str(tmp_path / "run")]) == 1
        assert "is a run of 'parity', not of 'adding'" in capsys.readouterr().err

    @pytest.fixture
    def shelf(self, monkeypatch, tmp_path) -> Path:
        """Where the weights of the only application land: to say whether the number of ones was odd."""
        toy = Application(
            title="Toy",
            kind="aligned",
            about="Says whether the number of ones was odd.",
            blueprint=Blueprint("elman", hidden=8),
            recipe=Recipe(rate=0.02, iterations=400, every=20),
            make_problem=lambda: replace(TASKS["parity"].problem(4), baseline=0.9),
            ask=lambda text, run: None,
            hint="",
            examples=("",),
        )
        monkeypatch.setattr(commands, "APPLICATIONS", {"toy": toy})
        monkeypatch.setattr(commands, "LEARNABLE", {**TASKS, "toy": commands.as_task(toy)})
        monkeypatch.setattr(commands, "put_on_shelf", lambda name, snapshot: put_on_shelf(name, snapshot, tmp_path))
        return tmp_path / "toy.npz"

    @pytest.mark.parametrize("baseline", [0.9, 1.0])
    def test_the_weights_of_an_application_are_shipped(self, baseline, shelf, capsys):
        application = commands.APPLICATIONS["toy"]
        vars(application)["problem"] = replace(application.problem, baseline=baseline)
        assert commands.main(["train", "toy"]) == 0
        said = capsys.readouterr().out
        assert "Weights written to toy.npz" in said
        assert ("no better than the baseline" in said) == (baseline == 1)
        with np.load(shelf) as stored:
            assert stored["W_hh"].shape == (8, 8)

    @pytest.mark.parametrize(
        "options",
        [
            ["--hidden", "9"],
            ["--iterations", "200"],
            ["--seed", "3"],
        ],
    )
    def test_those_of_a_trial_are_not_even_if_they_are_good(self, options, shelf, capsys):
        application = commands.APPLICATIONS["toy"]
        vars(application)["problem"] = replace(application.problem, baseline=0.1)
        assert commands.main(["train", "toy", *options]) == 0
        assert "keeps the weights it has" in capsys.readouterr().out
        assert not shelf.exists()

    def test_the_launcher_hands_it_on(self, tmp_path):
        command = [sys.executable, str(ROOT / "explorer"), "train", "sine", "--hidden", "2", "--iterations", "3"]
        done = subprocess.run(
            [*command, "--save", "run.npz"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        assert load(tmp_path / "run.npz").iteration == 3
