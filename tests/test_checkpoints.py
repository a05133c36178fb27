"""Law 7: a gradient found piece by piece, from checkpoints, is the gradient."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from explorer.architectures import build
from explorer.engine import checkpoints as module
from explorer.engine.backward import backward
from explorer.engine.checkpoints import Checkpointed, checkpointed
from explorer.engine.forward import forward
from explorer.graph import Connection, Graph, GraphError, Layer
from tests.reference import Case
from tests.strategies import architecture_case, cases, delay_graphs, make_case, run

LAW = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
ONE_STEP = ("elman", "jordan", "lstm", "lstm_peephole", "gru_reset_before", "gru_reset_after")


def by_pieces(case: Case, every: int | None) -> Checkpointed:
    return checkpointed(case.graph, case.parameters, case.inputs, case.targets, every, initial=case.initial)


def assert_law_7(case: Case, every: int | None) -> None:
    trace = run(case)
    whole, found = backward(trace), by_pieces(case, every)
    assert list(found.weights) == list(whole.weights)
    scale = max((1.0, *(float(np.abs(array).max()) for array in whole.weights.values())))
    for name, array in whole.weights.items():
        np.testing.assert_allclose(found.weights[name], array, rtol=1e-12, atol=1e-12 * scale, err_msg=name)
    for name, gradient in found.initial.items():
        np.testing.assert_allclose(gradient, whole.initial[name], rtol=1e-12, atol=1e-12 * scale, err_msg=name)
    assert found.loss == pytest.approx(trace.loss, rel=1e-12)


class TestLaw7:
    """Checkpointed BPTT = BPTT."""

    @pytest.mark.parametrize("every", [None, 1, 2, 3, 7, 50])
    @pytest.mark.parametrize("name", ONE_STEP)
    def test_for_every_architecture_that_can_be_cut(self, name, every):
        assert_law_7(architecture_case(name, steps=7, started=True), every)
        assert_law_7(architecture_case(name, depth=2, phi="relu", steps=5), every)

    @LAW
    @given(cases(delay_graphs(always=True, retimed=False, inner=3), masked=False), st.integers(1, 4))
    def test_for_random_delay_graphs(self, case, every):
        inputs = {layer.name for layer in case.graph.with_role("input")}
        shortened = tuple(
            dict.fromkeys(
                replace(c, delay=0 if c.source in inputs else min(1, abs(c.delay))) for c in case.graph.connections
            )
        )
        graph = Graph("shortened", case.graph.layers, shortened)
        case = case.but(graph=graph, parameters={n: case.parameters[n] for n in graph.parameter_shapes})
        values = run(case).values
        assume(all(np.abs(timeline.array).max() < 100 for timeline in values.values()))
        assert_law_7(case, every)

    def test_a_layer_that_is_state_and_output_at_once(self):
        # its error and what the future hands back enter at the same place
        graph = Graph(
            "bare",
            (Layer("x", 2, role="input"), Layer("h", 2, "tanh"), Layer("E", 1, "squared_error", role="loss")),
            (Connection("x", "h", "W"), Connection("h", "h", "U", delay=1), Connection("h", "E")),
        )
        assert_law_7(make_case(graph, steps=6, batch=2, started=True), 2)


class TestWhatItTakes:
    """The report, and what is refused."""

    @pytest.mark.parametrize(
        ("steps", "every", "used", "segments", "extra", "held"),
        [
            (9, None, 3, 3, 6, 6),
            (10, None, 4, 3, 8, 7),
            (1, None, 1, 1, 0, 2),
            (10, 5, 5, 2, 5, 7),
            (10, 99, 10, 1, 0, 11),
            (4, 1, 1, 4, 3, 5),
        ],
    )
    def test_states_and_steps(self, steps, every, used, segments, extra, held):
        found = by_pieces(architecture_case("lstm", steps=steps), every)
        assert (found.every, found.segments, found.stored_states) == (used, segments, segments - 1)
        assert found.extra_steps == extra
        assert found.most_held == held

    @pytest.mark.parametrize(("steps", "every"), [(7, 3), (8, 2), (5, 5)])
    def test_the_steps_are_those_that_are_run(self, monkeypatch, steps, every):
        """Counted by somebody else: how often a step is computed, and how many traces live at once."""
        ran, alive, most = [], weakref.WeakSet(), 0

        def watched(graph, parameters, inputs, *rest, **options):
            nonlocal most
            gc.collect()
            trace = forward(graph, parameters, inputs, *rest, **options)
            ran.append(trace.steps)
            alive.add(trace)
            most = max(most, len(alive))
            return trace

        monkeypatch.setattr(module, "forward", watched)
        found = by_pieces(architecture_case("elman", steps=steps), every)
        assert found.extra_steps == sum(ran) - steps
        assert most <= 2  # the one before, until the next takes its name
        assert max(ran) == min(every, steps)

    def test_what_is_held_is_least_near_the_root(self):
        """Chen et al. 2016: about 2 √T states, instead of T."""
        case = architecture_case("elman", steps=100)
        held = {every: by_pieces(case, every).most_held for every in (2, 10, 50)}
        assert held == {2: 52, 10: 20, 50: 52}

    def test_bytes(self):
        case = architecture_case("elman", steps=9)  # 2 rows; h has 3 units and y 5, each with a and a value
        found = by_pieces(case, None)
        assert found.whole_bytes == 9 * 2 * (3 + 5) * 2 * 8
        assert found.most_bytes == 3 * 2 * (3 + 5) * 2 * 8 + 2 * 2 * 3 * 8
        assert by_pieces(case, 9).most_bytes == found.whole_bytes

    def test_a_bare_array_is_the_first_layers(self):
        case = architecture_case("elman")
        found = checkpointed(case.graph, case.parameters, case.inputs["x"], case.targets["E"])
        np.testing.assert_array_equal(found.weights["W_hh"], by_pieces(case, None).weights["W_hh"])

    @pytest.mark.parametrize(
        ("name", "sentence"),
        [
            ("tapped", r"'h' → 'h' has the delay 2; .* Use backward\.$"),
            ("bidirectional", r"'h_bwd' → 'h_bwd' has the delay -1; .* Use backward\.$"),
            ("encoder_decoder", r"'x' is present at some steps only; .* Use backward\.$"),
        ],
    )
    def test_networks_that_cannot_be_cut_are_refused(self, name, sentence):
        with pytest.raises(GraphError, match=sentence):
            by_pieces(architecture_case(name), None)

    def test_an_input_read_late_is_refused(self):
        graph = build("elman", inputs=4, hidden=3, outputs=5)
        late = Graph("late", graph.layers, (*graph.connections, Connection("x", "h", "W_late", delay=1)))
        with pytest.raises(GraphError, match=r"reads the input 'x' of the step before.*\.$"):
            by_pieces(make_case(late, steps=3, batch=1), None)

    @pytest.mark.parametrize("every", [0, -1, 2.5])
    def test_segments_have_a_whole_number_of_steps(self, every):
        with pytest.raises(ValueError, match=rf"every={every} was given\.$"):
            by_pieces(architecture_case("elman"), every)

    def test_inputs_and_targets_of_different_lengths_are_refused(self):
        case = architecture_case("elman")
        with pytest.raises(ValueError, match=r"have 4, 5 steps; .*\.$"):
            by_pieces(case.but(targets={"E": case.targets["E"][:4]}), 2)
