"""Tasks: their sequences obey their definitions, and their baselines are what the naive rule really gets."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from explorer.engine.losses import LOSSES
from explorer.tasks import reber
from explorer.tasks.characters import LEAST_CHARACTERS, MOST_CHARACTERS, MOST_SYMBOLS, read_passage
from explorer.tasks.memory import KEPT, LETTERS
from explorer.tasks.problem import Batch
from explorer.tasks.recipe import Recipe
from explorer.tasks.registry import TASKS
from explorer.tasks.task import examination_rng
from explorer.training.plan import Plan

MANY = 4000
TEXT = "Row, row, row your boat, gently down the stream; merrily, merrily, life is but a dream. " * 5


def drawn(name: str, steps: int | None = None, rows: int = MANY, seed: int = 5):
    problem = TASKS[name].problem(steps, TEXT)
    return problem, problem.draw(np.random.default_rng(seed), rows)


def words(problem, tokens) -> list[str]:
    """Each row of tokens as the symbols that they stand for."""
    return ["".join(problem.input_names[token] for token in row) for row in np.asarray(tokens).T]


def asked(problem, batch: Batch) -> np.ndarray:
    """(T, B): where an answer is asked for, by the rule of the presence and the mask alone."""
    where = np.zeros((batch.steps, batch.rows), bool)
    where[[t - 1 for t in problem.answers.steps(batch.steps)]] = True
    return where if batch.mask is None else where & batch.mask


class TestEveryTask:
    """What holds for all entries of the registry."""

    @pytest.mark.parametrize("name", TASKS)
    @pytest.mark.parametrize("where", ["least", "default", "most"])
    def test_sequences_fit_the_network(self, name, where):
        task = TASKS[name]
        problem = task.problem(getattr(task.steps, where))
        for batch in (problem.examine(), problem.draw(np.random.default_rng(0), 7)):
            read, said = batch.inputs["x"], batch.targets["E"]
            assert asked(problem, batch).any(axis=0).all(), "a row is asked nothing"
            for array, units in ((read, problem.inputs), (said, problem.outputs)):
                if np.issubdtype(array.dtype, np.integer):
                    assert array.shape == (batch.steps, batch.rows)
                    assert array.min() >= 0
                    assert array.max() < units
                else:
                    assert array.shape == (batch.steps, batch.rows, units)
                    assert array.dtype == np.float32
            assert len(problem.input_names) == problem.inputs
            assert len(problem.output_names) == problem.outputs

    @pytest.mark.parametrize("name", TASKS)
    def test_an_examination_is_always_the_same(self, name):
        problem = TASKS[name].setup(TASKS[name].steps.default, "")
        first, again = problem.examine(), TASKS[name].setup(TASKS[name].steps.default, "").examine()
        np.testing.assert_array_equal(first.inputs["x"], again.inputs["x"])
        np.testing.assert_array_equal(first.targets["E"], again.targets["E"])

    @pytest.mark.parametrize("name", TASKS)
    def test_fresh_sequences_are_neither_learnt_nor_examined_where_they_could_be_known_by_heart(self, name):
        problem = TASKS[name].problem(None, TEXT)
        assert TASKS[name].reads_text == (problem.fresh is not None), "what is drawn from a text is learnt by heart"
        if problem.fresh is None:
            return
        text, batch = " ".join(TEXT.split()), problem.fresh(np.random.default_rng(5), 24)
        fresh, examined = words(problem, batch.inputs["x"]), set(words(problem, problem.examine().inputs["x"]))
        assert batch.rows == 24
        for read in fresh:
            assert read in text[-round(0.1 * len(text)) :]
            assert read not in examined

    def test_fresh_sequences_are_the_examined_ones_if_there_are_no_others(self):
        problem = TASKS["characters"].problem(100, TEXT[:200])
        batch = problem.fresh(np.random.default_rng(5), 3)
        assert set(words(problem, batch.inputs["x"])) == set(words(problem, problem.examine().inputs["x"]))

    def test_training_never_uses_the_stream_of_the_examinations(self):
        own = examination_rng().integers(0, 2**62, 4).tolist()
        others = [Recipe(seed=seed).batch_rng(n) for seed in (0, 1, 7, 0x5EED) for n in (0, 1, 2, 0x5EED)]
        assert all(rng.integers(0, 2**62, 4).tolist() != own for rng in others)

    @pytest.mark.parametrize("name", TASKS)
    def test_steps_out_of_range_get_a_sentence(self, name):
        span = TASKS[name].steps
        assert span.least <= span.default <= span.most
        for steps in (span.least - 1, span.most + 1, 2.5):
            with pytest.raises(ValueError, match=rf"{span.label} .* from {span.least} to {span.most}; .* was given"):
                TASKS[name].problem(steps)

    @pytest.mark.parametrize("name", TASKS)
    def test_the_usual_plan_is_legal_and_what_is_written_is_there(self, name):
        task = TASKS[name]
        assert Plan.usual(name).course.graph()
        for sentences in (task.about, task.expectation, task.steps.help):
            assert sentences.endswith((".", ")."))
        assert "plain RNN" in task.expectation


class TestDefinitions:
    """Each sequence, checked the slow way."""

    @pytest.mark.parametrize("delay", [1, 3, 9])
    def test_echo(self, delay):
        problem, batch = drawn("echo", delay, rows=20)
        for read, said, where in zip(batch.inputs["x"].T, batch.targets["E"].T, asked(problem, batch).T, strict=True):
            for t in range(len(read)):
                assert where[t] == (t >= delay)
                assert not where[t] or said[t] == read[t - delay]

    def test_copy(self):
        problem, batch = drawn("copy", 30, rows=20)
        for read, said in zip(words(problem, batch.inputs["x"]), words(problem, batch.targets["E"]), strict=True):
            kept = re.fullmatch(r"([a-h]{10})·{29}!·{10}", read)
            assert kept
            assert said == "·" * 40 + kept[1]

    @pytest.mark.parametrize("steps", [2, 3, 50])
    def test_adding(self, steps):
        problem, batch = drawn("adding", steps, rows=50)
        numbers, marks = np.moveaxis(batch.inputs["x"], -1, 0)
        assert set(np.unique(marks)) <= {0, 1}
        assert (marks[: steps // 2].sum(axis=0) == 1).all()
        assert (marks[steps // 2 :].sum(axis=0) == 1).all()
        np.testing.assert_allclose(batch.targets["E"][-1, :, 0], (numbers * marks).sum(axis=0), rtol=1e-6)
        assert asked(problem, batch).sum(axis=0).tolist() == [1] * 50

    def test_parity(self):
        _, batch = drawn("parity", rows=20)
        for bits, odd in zip(batch.inputs["x"].T, batch.targets["E"].T, strict=True):
            assert [sum(bits[: t + 1]) % 2 for t in range(len(bits))] == odd.tolist()

    @pytest.mark.parametrize("steps", [20, 50, 100])
    def test_temporal_order(self, steps):
        problem, batch = drawn("order", steps, rows=400)
        places = set()
        for read, said in zip(words(problem, batch.inputs["x"]), batch.targets["E"][-1], strict=True):
            assert re.fullmatch(r"E[a-d]*[XY][a-d]*[XY][a-d]*B", read)
            assert "".join(re.findall("[XY]", read)) == problem.output_names[said]
            places.add(tuple(found.start() + 1 for found in re.finditer("[XY]", read)))
        firsts, seconds = zip(*places, strict=True)
        assert (min(firsts), max(firsts)) == (steps // 10, steps // 5)
        assert (min(seconds), max(seconds)) == (steps // 2, steps * 6 // 10)

    def test_waves(self):
        _, batch = drawn("sine", rows=200)
        x = np.concatenate([batch.inputs["x"], batch.targets["E"][-1:]])[..., 0].astype(float)
        np.testing.assert_array_equal(batch.inputs["x"][1:], batch.targets["E"][:-1])
        # what makes a sine: x_{t+1} + x_{t-1} = 2 cos(angle) x_t, with one angle for the whole row
        twice = ((x[2:] + x[:-2]) * x[1:-1]).sum(axis=0) / np.square(x[1:-1]).sum(axis=0)
        np.testing.assert_allclose(x[2:] + x[:-2], twice * x[1:-1], atol=1e-5)
        periods = 2 * np.pi / np.arccos(twice / 2)
        assert 7.99 < periods.min() < 9
        assert 17 < periods.max() < 20.01

    def test_characters(self):
        problem, batch = drawn("characters", rows=50)
        text = " ".join(TEXT.split())
        held = round(0.1 * len(text))
        for read, said in zip(words(problem, batch.inputs["x"]), words(problem, batch.targets["E"]), strict=True):
            assert read[0] + said in text[:-held]
            assert read[1:] == said[:-1]
        examined = words(problem, problem.examine().inputs["x"])
        assert text[-held:].startswith("".join(examined))


# From the published diagram of the automaton, written as an expression: before and after the loop X T* V P.
REBER = r"B(?:(?:TS*X|PT*VP)(?:XT*VP)*(?:S|XT*VV)|PT*VV)E"
EMBEDDED = re.compile(rf"B(?:T{REBER}T|P{REBER}P)E")


class TestReber:
    """Strings, what may come next, and when a network has it right."""

    def strings(self, rows=MANY, longest=30):
        tokens, lengths = reber.strings(np.random.default_rng(3), rows, longest)
        written = ["".join(reber.SYMBOLS[token] for token in row) for row in tokens.T]
        return [string[:length] for string, length in zip(written, lengths, strict=True)], tokens, lengths

    def test_every_string_is_one_of_the_grammar(self):
        strings, _, lengths = self.strings()
        assert all(EMBEDDED.fullmatch(string) for string in strings)
        assert min(lengths) == reber.SHORTEST
        assert max(lengths) <= 30
        assert Counter(string[1] == string[-2] for string in strings) == {True: len(strings)}

    def test_both_ways_on_are_equally_likely(self):
        strings, _, _ = self.strings(longest=60)
        for start in ("BTBT", "BTBP", "BPBTX"):
            following = Counter(string[len(start)] for string in strings if string.startswith(start))
            assert len(following) == 2
            total = following.total()
            assert abs(min(following.values()) - total / 2) < 4 * math.sqrt(total) / 2

    def test_what_may_come_next_is_what_does(self):
        strings, tokens, lengths = self.strings()
        legal = reber.legal(tokens[:-1], lengths)
        seen = defaultdict(Counter)
        for string in strings:
            for t in range(1, len(string)):
                seen[string[:t]][string[t]] += 1
        checked = 0
        for row, string in enumerate(strings[:500]):
            for t in range(1, len(string)):
                may = {reber.SYMBOLS[i] for i in np.flatnonzero(legal[t - 1, row])}
                assert string[t] in may
                if seen[string[:t]].total() >= 40:  # a symbol left out so often has the probability 2**-40
                    assert set(seen[string[:t]]) == may
                    checked += 1
        assert checked > 2000

    def score(self, probabilities) -> float:
        _, tokens, lengths = self.strings(rows=400)
        said = probabilities(reber.legal(tokens[:-1], lengths), tokens, lengths)
        mask = np.arange(len(tokens) - 1)[:, None] < lengths - 1
        graph = Plan.usual("reber").course.graph()

        class Said(SimpleNamespace):
            output = "y"

            def __getitem__(self, name):
                return np.concatenate([said[:1], said])

        batch = Batch({"x": tokens[:-1]}, {"E": tokens[1:]}, mask)
        return reber.STRINGS_RIGHT.measure(Said(graph=graph), batch)

    def test_a_network_that_knows_all_is_right(self):
        assert self.score(lambda legal, *_: legal / legal.sum(axis=-1, keepdims=True)) == 1

    def test_one_that_forgets_the_outer_symbol_is_right_half_the_time(self):
        def forgetful(legal, tokens, lengths):
            said = legal / legal.sum(axis=-1, keepdims=True)
            said[lengths - 3, np.arange(len(lengths))] = np.eye(7)[reber.SYMBOLS.index("T")]
            return said

        strings, _, _ = self.strings(rows=400)
        assert self.score(forgetful) == np.mean([string[1] == "T" for string in strings])

    def test_hardly_preferring_what_is_right_is_not_enough(self):
        assert self.score(lambda legal, *_: (legal + 0.5) / (legal + 0.5).sum(axis=-1, keepdims=True)) == 0


class TestBaselines:
    """What the naive rule gets on many fresh sequences, computed from the sequences alone."""

    def naive(self, name, problem, batch):
        """For each answer, 1 if right or its squared error, and its error in the unit of the loss."""
        said, where = batch.targets["E"], asked(problem, batch)
        if name == "copy":
            right = (said == 0)[-KEPT:]  # guessing the first letter
            error = np.where(np.arange(batch.steps)[:, None] < batch.steps - KEPT, 0, np.log(len(LETTERS)))
            return right, np.broadcast_to(error, where.shape)[where]
        if name in ("adding", "sine"):
            rule = 1.0 if name == "adding" else batch.inputs["x"]
            squared = np.square(said - rule)[..., 0][where]
            return squared, squared / 2
        if name == "characters":
            counts = Counter("".join(words(problem, read_passage(TEXT).learnt[:, None])))
            most, total = counts.most_common(1)[0][0], counts.total() + problem.outputs
            symbols = np.array(problem.output_names)[said][where]
            return symbols == most, np.array([-math.log((counts[symbol] + 1) / total) for symbol in symbols])
        return (said == 1)[where], np.full(where.sum(), np.log(problem.outputs))

    @pytest.mark.parametrize("name", [name for name in TASKS if name != "reber"])
    def test_metric_and_loss(self, name):
        problem, batch = drawn(name)
        if name == "characters":
            batch = problem.examine()
        scores, errors = self.naive(name, problem, batch)
        for found, promised in ((scores, problem.baseline), (errors, problem.naive_loss)):
            spread = 0 if name == "characters" else 4 * float(np.std(found)) / math.sqrt(MANY)  # rows are independent
            assert float(np.mean(found)) == pytest.approx(promised, abs=spread + 1e-9)

    @pytest.mark.parametrize("longest", [9, 12, 30])
    def test_reber(self, longest):
        problem, batch = drawn("reber", longest)
        lengths = batch.mask.sum(axis=0) + 1
        ways = reber.legal(batch.inputs["x"], lengths).sum(axis=-1)
        ways[lengths - 3, np.arange(batch.rows)] = 2  # whoever has forgotten the outer symbol
        loss = np.log(ways)[batch.mask]
        assert loss.mean() == pytest.approx(problem.naive_loss, abs=0.004)
        ends = batch.inputs["x"][lengths - 2, np.arange(batch.rows)] == problem.input_names.index("T")
        assert ends.mean() == pytest.approx(problem.baseline, abs=2 / math.sqrt(MANY))

    @pytest.mark.parametrize("name", TASKS)
    def test_the_goal_is_beyond_the_baseline_and_the_loss_is_known(self, name):
        problem = TASKS[name].problem()
        assert problem.metric.is_better(problem.goal, problem.baseline)
        assert problem.loss in LOSSES
        assert problem.naive_loss > 0


HOSTILE = {
    "nothing": "",
    "white space": " \n\t ",
    "nulls": "\x00" * 500,
    "one letter": "a" * 1000,
    "halves of pairs": "\ud800" * 300 + "ab" * 200,
    "right to left": "שלום עולם " * 40,
    "flags and families": "🇩🇪👨‍👩‍👧‍👦 " * 100,
    "combining signs": "a" + "\u0301" * 50_000,
    "every script": "".join(chr(n) for n in range(33, 5000)),
    "long": "the end of a long story " * 10_000,
    "markup": "<script>alert('$x$')</script> " * 30,
}


class TestText:
    """Whatever a learner pastes can be trained on, or a sentence says why not."""

    @pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
    def test_any_text(self, text):
        task = TASKS["characters"]
        problem, remarks = task.problem(40, text), task.remarks(40, text)
        assert 1 <= problem.outputs <= MOST_SYMBOLS
        assert all(remark.endswith(".") for remark in remarks)
        plan = replace(Plan.usual("characters"), text=text)
        course = plan.course
        snapshot = course.after(course.first())
        assert math.isfinite(snapshot.loss)
        assert math.isfinite(problem.baseline)

    def test_what_is_changed_is_said(self):
        remarks = TASKS["characters"].remarks
        assert remarks(40, TEXT) == ()
        assert "There is no text" in remarks(4, "")[0]
        assert f"at least {LEAST_CHARACTERS} are needed" in remarks(4, "short")[0]
        assert f"first {MOST_CHARACTERS:,} characters" in remarks(4, HOSTILE["long"])[0]
        assert "different characters" in remarks(4, HOSTILE["every script"])[-1]
        assert "have 19" in remarks(40, "abcdefghij" * 20)[0]

    def test_nothing_of_the_end_is_trained_on(self):
        text = "a" * 900 + "b" * 100
        problem = TASKS["characters"].problem(40, text)
        batch = problem.draw(np.random.default_rng(0), 500)
        assert problem.output_names[0] == "a"
        assert batch.inputs["x"].max() == batch.targets["E"].max() == 0
        assert problem.examine().inputs["x"].min() == 1
        assert problem.baseline == 0
