"""Truncated backpropagation through time: windows are pieces of the sequence with a given past, and pairs left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explorer.architectures import ARCHITECTURES
from explorer.engine import truncation as room
from explorer.engine.backward import backward
from explorer.engine.itemised import itemised
from explorer.engine.truncation import truncated
from explorer.graph import Connection, Graph, GraphError, Presence
from tests import reference
from tests.reference import Case
from tests.strategies import architecture_case, cases, computed, delay_graphs, run

LAW = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
ONE_STEP = ("elman", "jordan", "lstm", "lstm_peephole", "gru_reset_before", "gru_reset_after")
"""Architectures whose state is what stands at one step, so that a sequence can be cut in two there."""

PLANS = [(1, 1), (2, 1), (2, 2), (3, 2), (6, 1), (6, 6), (9, 4)]
STEPS = 6


def losses_between(graph: Graph, first: int, last: int) -> Graph:
    """The same network with errors at some steps alone; it must have them everywhere."""
    presence = Presence(first=first, last=last)
    layers = tuple(replace(layer, presence=presence) if layer.role == "loss" else layer for layer in graph.layers)
    return Graph(graph.name, layers, graph.connections)


def pieces(steps: int, window: int, stride: int):
    """First and last step of each window, and the first of its errors."""
    ends = [*range(stride, steps, stride), steps]
    for before, end in zip([0, *ends], ends, strict=False):
        yield max(0, end - window) + 1, end, before + 1


def piece_of(case: Case, first: int, last: int, first_error: int) -> Case:
    """The steps first … last as a sequence of its own that starts from the state before, a constant."""
    values = reference.interpret(case).values
    inside = slice(first - 1, last)
    before = {n: np.array(values[n, first - 1]) for n in case.initial if (n, first - 1) in values}
    return case.but(
        graph=losses_between(case.graph, first_error - first + 1, last - first + 1),
        steps=last - first + 1,
        inputs={name: array[inside] for name, array in case.inputs.items()},
        targets={name: array[inside] for name, array in case.targets.items()},
        initial=before,
    )


class TestAgainstAutograd:
    """It is what autograd finds for the pieces alone."""

    @pytest.mark.parametrize(("window", "stride"), PLANS)
    @pytest.mark.parametrize("name", ONE_STEP)
    def test_a_window_is_a_sequence_of_its_own_with_a_given_past(self, name, window, stride):
        case = architecture_case(name, depth=2 if name == "lstm" else 1, steps=STEPS, started=True)
        found = truncated(run(case), window, stride)
        weights = {n: np.zeros_like(array) for n, array in case.parameters.items()}
        values = {n: np.zeros((STEPS + 1, 2, case.graph[n].size)) for n in (*case.inputs, *case.initial)}
        for first, last, first_error in pieces(STEPS, window, stride):
            exact = reference.differentiate(piece_of(case, first, last, first_error))
            for (kind, key, *t), gradient in exact.items():
                if kind == "weight":
                    weights[key] += gradient
                elif kind == "value" and key in values and (t[0] > 0 or first == 1):
                    values[key][t[0] + first - 1] += gradient
        for n, expected in weights.items():
            np.testing.assert_allclose(found.weights[n], expected, rtol=1e-10, atol=1e-12, err_msg=n)
        for n, expected in values.items():
            np.testing.assert_allclose(found.values[n], expected, rtol=1e-10, atol=1e-12, err_msg=n)

    @LAW
    @given(cases(delay_graphs()), st.integers(1, 7), st.integers(1, 7))
    def test_it_is_the_pairs_inside_the_windows(self, case, one, other):
        assert_pairs_inside(case.row(0), max(one, other), min(one, other))

    @pytest.mark.parametrize("name", sorted(set(ARCHITECTURES) - set(ONE_STEP)))
    def test_it_is_the_pairs_inside_the_windows_of_every_other_architecture(self, name):
        assert_pairs_inside(architecture_case(name, steps=4, started=True).row(0), 2, 1)


def assert_pairs_inside(case: Case, window: int, stride: int) -> None:
    """Against the contributions of errors to copies of weights, one backward pass for each error alone."""
    trace = run(case)
    found, items = truncated(trace, window, stride), itemised(trace)
    expected = np.zeros((case.steps, case.steps), bool)
    for first, last, first_error in pieces(case.steps, window, stride):
        expected[first_error - 1 : last, first - 1 : last] = True
    np.testing.assert_array_equal(found.kept, expected)
    pairs = [(t, k) for t, k in 1 + np.argwhere(expected)]
    for name, left in found.weights.items():
        summed = sum(items.contribution(name, int(t), int(k)) for t, k in pairs)
        scale = max(1.0, float(items.norms(name).max()))
        np.testing.assert_allclose(left, summed, rtol=1e-10, atol=1e-11 * scale, err_msg=name)


def pass_by_pass(case: Case, window: int, stride: int):
    """First and last step that each pass reaches, without end on a side where nothing is cut, and its gradients."""
    trace = run(case)
    for first, last, first_error in pieces(case.steps, window, stride):
        until = last if last < case.steps else np.inf
        yield first if first > 1 else -np.inf, until, backward(trace, steps=range(first_error, last + 1))


def assert_everything_is_what_the_passes_bring(case: Case, window: int, stride: int) -> None:
    """Every node and every copy of a connection, by the definition: whatever lies inside the window, added up."""
    found = truncated(run(case), window, stride)
    passes = list(pass_by_pass(case, window, stride))
    largest = max(float(np.abs(found.full[layer.name]).max()) for layer in computed(case.graph))
    close = {"rtol": 1e-10, "atol": 1e-12 * max(1.0, largest)}
    for layer in case.graph.layers:
        if layer.role == "loss":
            continue
        expected = np.zeros_like(found[layer.name])
        for first, last, gradients in passes:
            inside = [t for t in range(case.steps + 1) if first <= t <= last]
            expected[inside] += gradients[layer.name][inside]
        np.testing.assert_allclose(found[layer.name], expected, err_msg=layer.name, **close)
        if layer.role != "input":
            expected = sum(
                np.where((np.arange(1, case.steps + 1) >= first) & (np.arange(1, case.steps + 1) <= last), 1.0, 0.0)[
                    :, None, None
                ]
                * gradients.delta[layer.name]
                for first, last, gradients in passes
            )
            np.testing.assert_allclose(found.delta[layer.name], expected, err_msg=layer.name, **close)
    for c in case.graph.connections:
        expected = np.zeros_like(found.full.along(c))
        for first, last, gradients in passes:
            both = [s - 1 for s in range(1, case.steps + 1) if first <= s <= last and first <= s - c.delay <= last]
            expected[both] += gradients.along(c)[both]
        np.testing.assert_allclose(found.along(c), expected, err_msg=str(c), **close)


class TestNodesAndConnections:
    """What is left at every node and along every copy of a connection."""

    @LAW
    @given(cases(delay_graphs()), st.integers(1, 7), st.integers(1, 7))
    def test_it_is_what_the_passes_bring(self, case, one, other):
        assert_everything_is_what_the_passes_bring(case, max(one, other), min(one, other))

    @pytest.mark.parametrize("name", ARCHITECTURES)
    def test_it_is_what_the_passes_bring_in_every_architecture(self, name):
        assert_everything_is_what_the_passes_bring(architecture_case(name, 2, masked=True, started=True), 2, 1)
        assert_everything_is_what_the_passes_bring(architecture_case(name, steps=7), 3, 2)

    @LAW
    @given(cases(delay_graphs()))
    def test_a_window_over_everything_changes_nothing_along_any_connection(self, case):
        found = truncated(run(case), case.steps, case.steps)
        for c in case.graph.connections:
            np.testing.assert_array_equal(found.along(c), found.full.along(c), err_msg=str(c))

    @pytest.mark.parametrize(("window", "stride", "passes"), [(5, 1, 30), (5, 5, 6), (10, 4, 8)])
    def test_every_pass_is_made_once_whatever_is_asked(self, monkeypatch, window, stride, passes):
        made = []

        def counted(*given, **options):
            made.append(options)
            return backward(*given, **options)

        monkeypatch.setattr(room, "backward", counted)
        trace = run(architecture_case("lstm", 2, steps=30))
        found = truncated(trace, window, stride)
        _ = found.weights, found.values, found.comparison, [found.along(c) for c in trace.graph.connections]
        _ = found["h_1"], found.contributions("W_hf_1")
        assert len(made) <= passes + 1

    def test_what_is_not_there_is_refused(self):
        found = truncated(run(architecture_case("elman")), 2)
        stranger = Connection("h", "h", "W", delay=4)
        for gradients in (found, found.full):
            with pytest.raises(
                ValueError, match=r"Elman has no such connection from 'h' to 'h' \(weight W, delay 4\); .*\.$"
            ):
                gradients.along(stranger)
            with pytest.raises(ValueError, match=r"no parameter 'W' in Elman; it has W_xh, .*\.$"):
                gradients.contributions("W")
            with pytest.raises(GraphError, match="no layer 'zz' in Elman"):
                gradients["zz"]
        with pytest.raises(ValueError, match=r"'E' measures an error.*choose x, h, y\.$"):
            found["E"]


class TestWindows:
    """What is kept and where it is cut."""

    @pytest.mark.parametrize("name", ARCHITECTURES)
    def test_a_window_over_everything_in_one_pass_keeps_everything(self, name):
        trace = run(architecture_case(name, masked=True, started=True))
        found, whole = truncated(trace, 5, 5), backward(trace)
        assert found.kept.all()
        assert found.cuts == ()
        for weight, gradient in whole.weights.items():
            np.testing.assert_allclose(found.weights[weight], gradient, rtol=1e-12, atol=1e-14)
        for layer in (*trace.inputs, *trace.values):
            np.testing.assert_allclose(found.values[layer], whole[layer], rtol=1e-12, atol=1e-14)
        assert found.comparison.overall.removed < 1e-12

    def test_running_forward_a_window_over_everything_keeps_everything_at_any_stride(self):
        trace = run(architecture_case("tapped"))
        for weight, gradient in backward(trace).weights.items():
            np.testing.assert_allclose(truncated(trace, 5).weights[weight], gradient, rtol=1e-12, atol=1e-15)

    def test_cuts_and_pairs_of_three_passes(self):
        found = truncated(run(architecture_case("elman", steps=5)), window=3, stride=2)
        assert found.cuts == (1, 2)  # passes end at 2, 4 and 5
        assert [tuple(1 + np.flatnonzero(row)) for row in found.kept] == [
            (1, 2),
            (1, 2),
            (2, 3, 4),
            (2, 3, 4),
            (3, 4, 5),
        ]

    def test_a_layer_without_memory_loses_nothing(self):
        found = truncated(run(architecture_case("elman")), window=1)
        assert found.comparison.weights["W_hy"].removed < 1e-12
        assert found.comparison.weights["W_hh"].removed > 0.01
        assert found.comparison.weights["W_hh"].angle > 0.1

    def test_a_longer_window_of_a_linear_network_of_one_sign_removes_less(self):
        case = architecture_case("elman", phi="identity", steps=8)
        case = case.but(parameters={n: np.abs(w) for n, w in case.parameters.items()})
        trace = run(case)
        kept = [truncated(trace, window).kept.sum() for window in range(1, 9)]
        assert kept == sorted(set(kept))
        assert truncated(trace, 8).comparison.overall.removed < 1e-12 < truncated(trace, 1).comparison.overall.removed

    @pytest.mark.parametrize(("window", "stride"), [(0, 0), (1, 2), (2, 0), (2.5, 1), (3, -1)])
    def test_a_window_shorter_than_its_stride_is_refused(self, window, stride):
        with pytest.raises(ValueError, match=rf"window {window} with the stride {stride} was given\.$"):
            truncated(run(architecture_case("elman")), window, stride)

    def test_results_are_read_only(self):
        found = truncated(run(architecture_case("elman")), 2)
        for array in (found.kept, found.weights["W_hh"], found.values["h"]):
            assert not array.flags.writeable
