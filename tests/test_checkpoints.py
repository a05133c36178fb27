"""Law 7: a gradient found piece by piece, whatever is kept and whatever runs again, is the gradient."""

from __future__ import annotations

import gc
import math
import weakref

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from explorer.architectures import ARCHITECTURES, build
from explorer.cycles import components
from explorer.drafts import STARTER
from explorer.engine import excerpts as module
from explorer.engine.backward import backward
from explorer.engine.checkpoints import Checkpointed, checkpointed
from explorer.engine.excerpts import run as run_excerpt
from explorer.engine.storage import Action, every, fewest_steps, full, held, optimal
from explorer.engine.trace import NotFiniteError
from explorer.graph import Connection, Graph, GraphError, Layer, Presence
from tests.reference import Case, interpret
from tests.strategies import architecture_case, cases, delay_graphs, make_case, run
from tests.test_storage import storings

LAW = settings(
    deadline=None, max_examples=120, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def runs_forward(graph: Graph) -> bool:
    return all(component.direction >= 0 for component in components(graph))


FORWARD = [name for name in ARCHITECTURES if runs_forward(build(name, inputs=4, hidden=3, outputs=5, source_steps=2))]


def by_pieces(case: Case, k: int | None = None, **options) -> Checkpointed:
    return checkpointed(
        case.graph,
        case.parameters,
        case.inputs,
        case.targets,
        k,
        mask=case.mask,
        initial=case.initial,
        **options,
    )


def assert_law_7(case: Case, k: int | None = None, **options) -> None:
    trace = run(case)
    whole, found = backward(trace), by_pieces(case, k, **options)
    assert list(found.weights) == list(whole.weights)
    assert set(found.initial) == set(case.graph.states) - set(case.inputs)
    arrays = (*whole.weights.values(), *(whole.initial[name] for name in found.initial))
    scale = max((1.0, *(float(np.abs(array).max()) for array in arrays)))
    for name, array in whole.weights.items():
        np.testing.assert_allclose(found.weights[name], array, rtol=1e-12, atol=1e-12 * scale, err_msg=name)
    for name, gradient in found.initial.items():
        np.testing.assert_allclose(gradient, whole.initial[name], rtol=1e-12, atol=1e-12 * scale, err_msg=name)
    assert found.loss == pytest.approx(trace.loss, rel=1e-12, abs=1e-12)


def network(*connections: Connection) -> Graph:
    """An input x, layers h and u, an error at each of them."""
    layers = Layer("x", 2, role="input"), Layer("h", 2, "tanh", bias="b"), Layer("u", 2, "tanh")
    losses = Layer("E", 1, "squared_error", role="loss"), Layer("F", 1, "squared_error", role="loss")
    return Graph("made", (*layers, *losses), (*connections, Connection("h", "E"), Connection("u", "F")))


class TestLaw7:
    """Checkpointed BPTT = BPTT."""

    @pytest.mark.parametrize("k", [None, 1, 2, 3, 7, 50])
    @pytest.mark.parametrize("name", FORWARD)
    def test_for_every_architecture_whose_loops_run_forward(self, name, k):
        assert_law_7(architecture_case(name, steps=7, started=True), k)
        assert_law_7(architecture_case(name, depth=2, phi="relu", steps=5, masked=True, started=True), k)

    def test_they_are_all_but_those_with_a_backward_half(self):
        assert all(name.startswith("bidirectional") for name in set(ARCHITECTURES) - set(FORWARD))

    @LAW
    @given(cases(delay_graphs(inner=4), max_steps=9), st.data())
    def test_for_random_delay_graphs_and_any_way_to_store(self, case, data):
        """Delays of both signs, presence, products, padding, inputs read late and early, initial states."""
        assume(runs_forward(case.graph))
        k = data.draw(st.integers(1, 4))
        ways = st.one_of(storings(case.steps), st.just(every(case.steps, k)), st.just(optimal(case.steps, k)))
        assert_law_7(case, storage=data.draw(ways))

    @pytest.mark.parametrize("slots", [1, 2, 3])
    def test_for_two_layers_and_a_skip_of_two_steps(self, slots):
        case = make_case(STARTER.graph(), steps=9, batch=2, tokens=["x", "E"], started=True)
        assert_law_7(case, storage=optimal(9, slots))
        assert_law_7(case, slots)

    def test_for_stretches_shorter_than_a_delay(self):
        """What is remembered comes from several stretches and from before the beginning."""
        late = [Connection("h", "u", f"W{d}", delay=d) for d in (1, 4, 6)]
        graph = network(Connection("x", "h", "W"), Connection("h", "h", "U", delay=3), *late)
        for k in (1, 2, 5):
            assert_law_7(make_case(graph, steps=10, batch=2, started=True, masked=True), k)

    def test_for_a_product_with_what_was_absent_before_the_cut(self):
        """A factor that does not exist is left out, also if the step where it does not lies in another stretch."""
        layers = (
            Layer("x", 2, role="input", presence=Presence(1, 4)),
            Layer("u", 2, "tanh", presence=Presence(first=2, every=3)),
            Layer("p", 2, combine="product"),
            Layer("E", 1, "squared_error", role="loss"),
        )
        reads = [Connection(name, "p", delay=d) for name, d in (("u", 1), ("u", 2), ("x", 2), ("x", -1))]
        graph = Graph("made", layers, (Connection("x", "u", "W"), *reads, Connection("p", "E")))
        for k in (1, 2, 3, 5):
            assert_law_7(make_case(graph, steps=8, batch=2, started=True), k)

    @pytest.mark.parametrize("tokens", [(), ("x",)])
    def test_for_inputs_of_other_steps(self, tokens):
        graph = network(
            *(Connection("x", "h", f"W{d}", delay=d) for d in (-2, 0, 1, 3)),
            Connection("h", "h", "U", delay=1),
            Connection("h", "u", "V"),
        )
        for k in (1, 2, 3):
            assert_law_7(make_case(graph, steps=8, batch=2, tokens=tokens), k)
            assert_law_7(make_case(graph, steps=8, batch=3, tokens=tokens, masked=True), k)

    def test_for_layers_that_look_ahead(self):
        graph = network(
            Connection("x", "h", "W"), Connection("h", "h", "U", delay=1), Connection("h", "u", "V", delay=-2)
        )
        for k in (1, 3):
            assert_law_7(make_case(graph, steps=8, batch=2, started=True), k)
            assert_law_7(make_case(graph, steps=8, batch=2, started=True, masked=True), storage=optimal(8, k))

    def test_for_a_layer_that_is_state_and_output_at_once(self):
        # its error and what the future hands back enter at the same place
        graph = network(Connection("x", "h", "W"), Connection("h", "h", "U", delay=1), Connection("h", "u", "V"))
        assert_law_7(make_case(graph, steps=6, batch=2, started=True), 2)

    def test_for_a_network_that_remembers_nothing(self):
        graph = network(Connection("x", "h", "W"), Connection("h", "u", "V"))
        assert_law_7(make_case(graph, steps=6, batch=2), 2)

    def test_against_the_slopes_of_a_network_interpreted_node_by_node(self):
        """Nothing here but the unrolled graph and central differences."""
        case = make_case(STARTER.graph(), steps=7, batch=2, tokens=["x"], started=True)
        found = by_pieces(case, storage=optimal(7, 2))
        rng = np.random.default_rng(3)
        for name, weight in case.parameters.items():
            along, step = rng.standard_normal(weight.shape), 1e-5
            ends = [
                interpret(case.but(parameters={**case.parameters, name: weight + sign * step * along})).loss
                for sign in (1, -1)
            ]
            assert (found.weights[name] * along).sum() == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-6)

    def test_in_single_precision(self):
        case = architecture_case("lstm", steps=8)
        found = by_pieces(case, 3, dtype=np.float32)
        whole = backward(run(case, dtype=np.float32)).weights
        for name, array in whole.items():
            assert found.weights[name].dtype == np.float32
            np.testing.assert_allclose(found.weights[name], array, rtol=1e-4, atol=1e-5)


class Watch:
    """Counts from outside what the engine runs, and which steps' insides are alive while it does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.lengths: list[int] = []
        self.most_alive = 0
        self._alive: weakref.WeakSet = weakref.WeakSet()
        monkeypatch.setattr(module, "run", self)

    def __call__(self, given, beginning):
        trace = run_excerpt(given, beginning)
        self.lengths.append(trace.steps)
        if trace.errors:  # recorded, not just run through
            self._alive.add(trace)
        gc.collect(0)
        self.most_alive = max(self.most_alive, sum(one.steps for one in self._alive))
        return trace


class TestWhatItTakes:
    """Counts, and what is refused."""

    @pytest.mark.parametrize(
        ("steps", "k", "used", "segments", "extra", "most"),
        [
            (9, None, 3, 3, 6, 6),
            (10, None, 4, 3, 6, 7),
            (1, None, 1, 1, 0, 2),
            (10, 5, 5, 2, 5, 7),
            (10, 99, 10, 1, 0, 11),
            (4, 1, 1, 4, 3, 5),
        ],
    )
    def test_states_and_steps(self, steps, k, used, segments, extra, most):
        found = by_pieces(architecture_case("lstm", steps=steps), k)
        assert (found.every, found.segments, found.stored_states) == (used, segments, segments - 1)
        assert (found.forward_steps, found.extra_steps) == (steps + extra, extra)
        assert found.most_held == most
        assert found.actions == every(steps, k)

    @settings(LAW, max_examples=40)
    @given(st.data(), st.integers(1, 12))
    def test_the_counts_of_a_run_are_those_of_its_list(self, data, steps):
        actions = data.draw(storings(steps))
        with pytest.MonkeyPatch.context() as monkeypatch:
            watch = Watch(monkeypatch)
            found = by_pieces(architecture_case("elman", steps=steps), storage=actions)
        moments = list(held(actions))
        assert found.forward_steps == sum(watch.lengths) == moments[-1].forward_steps
        assert found.most_held == max(moment.held for moment in moments)
        assert watch.most_alive == max(sum(b - a + 1 for a, b in moment.insides) for moment in moments)
        assert found.actions == actions
        # in 2 rows, h has 3 units and y 5; both with a and a value, of which a state is the one value of h
        state, inside, through = (2 * numbers * 8 for numbers in (3, 2 * (3 + 5), 2 * 3))
        now = [state * (len(m.states) - 1) + inside * sum(b - a + 1 for a, b in m.insides) for m in moments]
        room = max(moment.steps_inside for moment in moments)
        runs = [
            before + through * min(max(1, room - (was.steps_inside if was else 0)), len(moment.ran))
            for before, was, moment in zip([0, *now], [None, *moments], moments, strict=False)
            if moment.action.do == "advance"
        ]
        assert found.most_bytes == max(now + runs)

    @pytest.mark.parametrize("slots", [1, 3, 8, 40])
    def test_slots(self, slots, monkeypatch):
        """Gruslys et al. 2016: never more insides than there is room for, and no step too many."""
        watch = Watch(monkeypatch)
        found = by_pieces(architecture_case("elman", steps=40), storage=optimal(40, slots))
        assert found.forward_steps == sum(watch.lengths) == fewest_steps(40, slots)
        assert watch.most_alive == found.most_held - 1 == slots
        assert max(watch.lengths) <= slots
        inside = 2 * 2 * (3 + 5) * 8  # steps passed through find their place in the slots that are free
        assert found.most_bytes == slots * inside

    def test_what_is_held_is_least_near_the_root(self):
        """Chen et al. 2016: about 2 √T states, instead of T."""
        case = architecture_case("elman", steps=100)
        most = {k: by_pieces(case, k).most_held for k in (2, 10, 50)}
        assert most == {2: 52, 10: 20, 50: 52}

    def test_ten_thousand_steps_without_ten_thousand_states(self, monkeypatch):
        steps = 10_000
        case = make_case(build("elman", inputs=2, hidden=2, outputs=2), steps, batch=1, tokens=["x", "E"])
        watch = Watch(monkeypatch)
        found = by_pieces(case)
        assert found.most_held == 2 * math.isqrt(steps)
        assert watch.most_alive == math.isqrt(steps)
        assert found.most_bytes < found.whole_bytes / 70
        monkeypatch.undo()
        whole = backward(run(case)).weights
        for name, array in whole.items():
            np.testing.assert_allclose(found.weights[name], array, rtol=1e-10, err_msg=name)

    def test_bytes(self):
        case = architecture_case("elman", steps=9)  # 2 rows; h has 3 units and y 5, each with a and a value
        found = by_pieces(case)
        assert found.whole_bytes == 9 * 2 * (3 + 5) * 2 * 8
        assert found.most_bytes == 3 * 2 * (3 + 5) * 2 * 8 + 2 * 2 * 3 * 8
        assert by_pieces(case, 9).most_bytes == by_pieces(case, storage=full(9)).most_bytes == found.whole_bytes

    def test_a_state_is_as_many_steps_as_the_longest_delay(self):
        case = make_case(STARTER.graph(), steps=6, batch=3)
        recorded = 3 * 3 * (8 + 8 + 4) * 2 * 8
        assert by_pieces(case, 3).most_bytes == recorded + 3 * (2 * 8 + 8) * 8  # h of two steps, k of one

    def test_a_bare_array_is_the_first_layers(self):
        case = architecture_case("elman")
        found = checkpointed(case.graph, case.parameters, case.inputs["x"], case.targets["E"])
        np.testing.assert_array_equal(found.weights["W_hh"], by_pieces(case).weights["W_hh"])

    def test_what_it_gives_cannot_be_changed(self):
        found = by_pieces(architecture_case("elman"))
        assert not any(array.flags.writeable for array in (*found.weights.values(), *found.initial.values()))


class TestRefusals:
    def test_of_loops_that_run_backward(self):
        sentence = r"'h_bwd' → 'h_bwd' has the delay -1, in a loop that runs backward .* Use backward\.$"
        with pytest.raises(GraphError, match=sentence):
            by_pieces(architecture_case("bidirectional"))

    @pytest.mark.parametrize("k", [0, -1, 2.5])
    def test_of_stretches_without_a_whole_number_of_steps(self, k):
        with pytest.raises(ValueError, match=rf"at least 1; {k} was given\.$"):
            by_pieces(architecture_case("elman"), k)

    def test_of_lists_for_another_length(self):
        with pytest.raises(ValueError, match=r"meant for 4 steps, but the sequence has 5; .*\.$"):
            by_pieces(architecture_case("elman"), storage=full(4))

    def test_of_lists_that_cannot_be_done_before_anything_runs(self, monkeypatch):
        watch = Watch(monkeypatch)
        with pytest.raises(ValueError, match=r"Step 2 runs from state 1, but state 0 is in hand.*\.$"):
            by_pieces(architecture_case("elman"), storage=[Action("record", 2, 5), Action("back", 2, 5)])
        assert not watch.lengths

    def test_of_two_ways_at_once(self):
        with pytest.raises(ValueError, match=r"every=2 and a list of actions.*\.$"):
            by_pieces(architecture_case("elman"), 2, storage=full(5))

    def test_of_inputs_and_targets_of_different_lengths(self):
        case = architecture_case("elman")
        with pytest.raises(ValueError, match=r"have 4, 5 steps; .*\.$"):
            by_pieces(case.but(targets={"E": case.targets["E"][:4]}), 2)

    def test_of_what_forward_refuses_too(self):
        case = architecture_case("elman")
        with pytest.raises(ValueError, match=r"The mask has shape \(4, 2\); expected \(5, 2\)"):
            by_pieces(case.but(mask=np.ones((4, 2), bool)))
        with pytest.raises(ValueError, match="parameters do not fit"):
            by_pieces(case.but(parameters={}))
        with pytest.raises(ValueError, match="There is no error to differentiate"):
            by_pieces(case.but(targets={}))

    def test_a_step_at_which_numbers_overflow_is_counted_from_the_beginning(self):
        case = architecture_case("elman", phi="relu", steps=400)
        case = case.but(parameters={name: 30 * np.abs(weight) for name, weight in case.parameters.items()})
        with pytest.raises(NotFiniteError) as whole:
            run(case)
        with pytest.raises(NotFiniteError) as found:
            by_pieces(case, 7)
        assert found.value.step == whole.value.step > 7
        assert str(found.value) == str(whole.value)
