"""Law 7: gradients carried forward, beside the states, are those that are carried back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings

from explorer.architectures import ARCHITECTURES, build
from explorer.engine import rtrl as module
from explorer.engine.backward import backward
from explorer.engine.forward import forward
from explorer.engine.rtrl import numbers, rtrl
from tests import reference
from tests.reference import Case
from tests.strategies import architecture_case, cases, delay_graphs, make_case, run

LAW = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
FORWARD = [name for name in ARCHITECTURES if "bidirectional" not in name]


def assert_law_7(case: Case) -> None:
    trace = run(case)
    found, expected = rtrl(trace), backward(trace).weights
    assert list(found) == list(expected)
    scale = max((1.0, *(float(np.abs(array).max()) for array in expected.values())))
    for name, array in expected.items():
        np.testing.assert_allclose(found[name], array, rtol=1e-12, atol=1e-12 * scale, err_msg=name)
        assert not found[name].flags.writeable


class TestLaw7:
    """RTRL = BPTT."""

    @pytest.mark.parametrize("phi", ["tanh", "relu"])
    @pytest.mark.parametrize("name", FORWARD)
    def test_for_every_architecture_that_runs_forward(self, name, phi):
        assert_law_7(architecture_case(name, phi=phi, steps=6, started=True))
        assert_law_7(architecture_case(name, depth=2, phi=phi, masked=True, started=True))

    @LAW
    @given(cases(delay_graphs()))
    def test_for_random_delay_graphs(self, case):
        assume(all(c.delay >= 0 for c in case.graph.connections))
        assert_law_7(case)

    def test_it_is_what_autograd_finds(self):
        case = architecture_case("lstm_peephole", steps=4, started=True)
        found, exact = rtrl(run(case)), reference.differentiate(case)
        for name, array in case.parameters.items():
            expected = reference.dense(exact, "weight", name, range(1, 5), array.shape).sum(axis=0)
            np.testing.assert_allclose(found[name], expected, rtol=1e-10, atol=1e-12, err_msg=name)

    def test_it_is_the_recursion_of_the_textbook(self):
        # P_t = ∂h_t/∂W_hh = φ'(a_t) (P_(t-1) W_hh + the direct share), written out with loops
        case = make_case(build("elman", inputs=3, hidden=2, outputs=3, loss="squared_error"), steps=5, batch=1)
        w, bias, back = (case.parameters[n] for n in ("W_xh", "b_h", "W_hh"))
        out, out_bias = case.parameters["W_hy"], case.parameters["b_y"]

        def answer(h):
            e = np.exp(h @ out + out_bias)
            return e / e.sum()

        h, sensitivity, expected = np.zeros(2), np.zeros((2, 2, 2)), np.zeros((2, 2))
        for t in range(5):
            a, before = case.inputs["x"][t, 0] @ w + h @ back + bias, h
            h = np.tanh(a)
            moved = np.einsum("ij,ipq->jpq", back, sensitivity)
            for j in range(2):
                moved[j, :, j] += before
            sensitivity = (1 - h**2)[:, None, None] * moved
            y = answer(h)
            at_h = (y * ((y - case.targets["E"][t, 0]) - (y - case.targets["E"][t, 0]) @ y)) @ out.T
            expected += np.einsum("j,jpq->pq", at_h, sensitivity)
        np.testing.assert_allclose(rtrl(run(case))["W_hh"], expected, rtol=1e-12)


class TestWhatItTakes:
    """Memory, and what is refused."""

    def test_what_is_kept_does_not_grow_with_the_steps(self, monkeypatch):
        kept = {}
        for steps in (3, 12):
            trace = run(architecture_case("tapped", steps=steps))
            sensitivities = module._Sensitivities(trace)
            for t in range(1, steps + 1):
                sensitivities.step(t)
            kept[steps] = sum(a.size for held in sensitivities.kept.values() for a in held.values())
        assert kept[3] == kept[12] == numbers(trace.graph, trace.batch)

    def test_a_network_that_is_too_large_is_refused(self):
        graph = build("lstm", inputs=50, hidden=64, outputs=50)
        trace = forward(graph, {n: np.zeros(s) for n, s in graph.parameter_shapes.items()}, [[0]], [[1]])
        with pytest.raises(ValueError, match=r"would keep [\d,]+ derivatives for LSTM; at most 2,000,000 .*\.$"):
            rtrl(trace)

    @pytest.mark.parametrize("name", sorted(set(ARCHITECTURES) - set(FORWARD)))
    def test_a_network_that_reads_the_future_is_refused(self, name):
        with pytest.raises(ValueError, match=r"reads the future \(delay -1\).*use backward\.$"):
            rtrl(run(architecture_case(name)))

    def test_without_errors_there_is_nothing_to_differentiate(self):
        with pytest.raises(ValueError, match="no error to differentiate"):
            rtrl(run(architecture_case("elman").but(targets={})))
