"""The forward pass: scheduled execution is naive execution (law 6), and what follows for rows, masks, tokens, types."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from explorer.architectures import build
from explorer.engine.forward import forward
from explorer.engine.forward_loop import ForwardLoop
from explorer.engine.schedule import schedule
from explorer.engine.trace import NotFiniteError
from explorer.engine.workspace import Pool
from explorer.graph import Connection, Graph, Layer, Presence
from tests import reference
from tests.reference import Case
from tests.strategies import GRID, architecture_case, cases, computed, delay_graphs, make_case, run

LAW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def naive_values(case: Case) -> dict[str, np.ndarray]:
    """(T + 1, B, size) by layer as the interpreter sees it; index 0 is the initial state, 0 where a layer is absent."""
    naive = reference.interpret(case)
    arrays = {}
    for layer in case.graph.layers:
        if layer.role == "loss":
            continue
        array = np.zeros((case.steps + 1, case.batch, layer.size))
        array[0] = case.initial.get(layer.name, 0)
        for (name, t), value in naive.values.items():
            if name == layer.name and 0 <= t <= case.steps:
                array[t] = value
        arrays[layer.name] = array
    return arrays


def assert_scheduled_is_naive(case: Case) -> None:
    """Law 6 for every value, pre-activation and error."""
    values, naive, trace = naive_values(case), reference.interpret(case), run(case)
    size = max(float(np.abs(array).max()) for array in values.values())
    within = {"rtol": 1e-11, "atol": 1e-12 * max(size, 1)}
    for name, array in values.items():
        np.testing.assert_allclose(trace[name], array, err_msg=f"value of {name}", **within)
    for (name, t), a in naive.pre.items():
        exists = slice(None) if case.mask is None else case.mask[t - 1]
        np.testing.assert_allclose(trace.pre[name][t - 1][exists], a[exists], err_msg=f"{name} at {t}", **within)
    for name in case.targets:
        error = [naive.errors.get((name, t), np.zeros(case.batch)) for t in range(case.steps + 1)]
        np.testing.assert_allclose(trace.errors[name], error, err_msg=f"error of {name}", **within)
    np.testing.assert_allclose(trace.loss, naive.loss, **within)


def assert_same_values(one: Case, other: Case, rtol: float = 1e-12) -> None:
    """Two cases give every layer the same values and errors."""
    first, second = run(one), run(other)
    for layer in one.graph.layers:
        np.testing.assert_allclose(first[layer.name], second[layer.name], rtol=rtol, atol=1e-13, err_msg=layer.name)


class TestLaw6ScheduledIsNaive:
    """The engine, by components, gives what walking the DAG node by node gives."""

    @pytest.mark.parametrize(("name", "depth", "phi"), GRID)
    def test_for_every_architecture(self, name, depth, phi):
        assert_scheduled_is_naive(architecture_case(name, depth, phi, started=True))

    @pytest.mark.parametrize(("name", "depth", "phi"), [entry for entry in GRID if entry[1:] == (1, "tanh")])
    @pytest.mark.parametrize("steps", [1, 2, 9])
    def test_for_every_architecture_with_a_mask(self, name, depth, phi, steps):
        assert_scheduled_is_naive(architecture_case(name, depth, phi, steps=steps, masked=True, started=True))

    @settings(LAW, max_examples=250)
    @given(cases(delay_graphs()))
    def test_for_random_delay_graphs(self, case):
        assert_scheduled_is_naive(case)

    @settings(LAW, max_examples=80)
    @given(cases(delay_graphs(), masked=True))
    def test_for_random_delay_graphs_with_masks(self, case):
        assert_scheduled_is_naive(case)

    @settings(LAW, max_examples=100)
    @given(cases(delay_graphs(inner=7, retimed=True, activations=("tanh", "sigmoid", "identity"))))
    def test_for_components_that_need_retiming(self, case):
        assert_scheduled_is_naive(case)


class TestTextbookEquations:
    """The cells, written out by hand as their papers do, step by step for one sequence."""

    def setup_method(self):
        rng = np.random.default_rng(5)
        self.x = rng.standard_normal((6, 4))
        self.h0, self.c0 = rng.standard_normal((2, 3))

    def trace_of(self, name, **options):
        graph = build(name, inputs=4, hidden=3, outputs=5, **options)
        case = make_case(graph, steps=6, batch=1, seed=3)
        start = {"h": self.h0, "c": self.c0, "y": np.full(5, 0.2)}
        initial = {state: start[state] for state in graph.states}
        return forward(graph, case.parameters, self.x[:, None], initial=initial), case.parameters

    @pytest.mark.parametrize(("phi", "f"), [("tanh", np.tanh), ("relu", lambda a: np.maximum(a, 0)), ("sigmoid", None)])
    def test_elman(self, phi, f):
        trace, p = self.trace_of("elman", activation=phi)
        f, h = f or _sigmoid, self.h0
        for t, x in enumerate(self.x, start=1):
            h = f(x @ p["W_xh"] + h @ p["W_hh"] + p["b_h"])
            np.testing.assert_allclose(trace["h"][t, 0], h, rtol=1e-13)
            np.testing.assert_allclose(trace["y"][t, 0], _softmax(h @ p["W_hy"] + p["b_y"]), rtol=1e-13)

    def test_jordan(self):
        trace, p = self.trace_of("jordan")
        y = np.full(5, 0.2)
        for t, x in enumerate(self.x, start=1):
            h = np.tanh(x @ p["W_xh"] + y @ p["W_yh"] + p["b_h"])
            y = _softmax(h @ p["W_hy"] + p["b_y"])
            np.testing.assert_allclose(trace["h"][t, 0], h, rtol=1e-13)
            np.testing.assert_allclose(trace["y"][t, 0], y, rtol=1e-13)

    def test_tapped_delays(self):
        trace, p = self.trace_of("tapped")
        past = [self.h0, self.h0]
        for t, x in enumerate(self.x, start=1):
            past.append(np.tanh(x @ p["W_xh"] + past[-1] @ p["W_hh"] + past[-2] @ p["W_hh2"] + p["b_h"]))
            np.testing.assert_allclose(trace["h"][t, 0], past[-1], rtol=1e-13)

    @pytest.mark.parametrize("peepholes", [False, True])
    def test_lstm(self, peepholes):
        trace, p = self.trace_of("lstm_peephole" if peepholes else "lstm")
        look = {gate: p[f"W_c{gate}"] if peepholes else 0.0 for gate in "ifo"}
        h, c = self.h0, self.c0
        for t, x in enumerate(self.x, start=1):
            a = {gate: x @ p[f"W_x{gate}"] + h @ p[f"W_h{gate}"] + p[f"b_{gate}"] for gate in "ifog"}
            i, f = _sigmoid(a["i"] + look["i"] * c), _sigmoid(a["f"] + look["f"] * c)
            c = f * c + i * np.tanh(a["g"])
            h = _sigmoid(a["o"] + look["o"] * c) * np.tanh(c)  # the output gate looks at the new cell state
            np.testing.assert_allclose(trace["c"][t, 0], c, rtol=1e-13)
            np.testing.assert_allclose(trace["h"][t, 0], h, rtol=1e-13)

    @pytest.mark.parametrize("form", ["before", "after"])
    def test_gru(self, form):
        trace, p = self.trace_of(f"gru_reset_{form}")
        h = self.h0
        for t, x in enumerate(self.x, start=1):
            z = _sigmoid(x @ p["W_xz"] + h @ p["W_hz"] + p["b_z"])
            r = _sigmoid(x @ p["W_xr"] + h @ p["W_hr"] + p["b_r"])
            if form == "before":
                n = np.tanh(x @ p["W_xn"] + (r * h) @ p["W_hn"] + p["b_n"])
            else:
                n = np.tanh(x @ p["W_xn"] + p["b_n"] + r * (h @ p["W_hn"] + p["b_hn"]))
            h = z * h + (1 - z) * n
            np.testing.assert_allclose(trace["h"][t, 0], h, rtol=1e-13)


def _sigmoid(a):
    return 1 / (1 + np.exp(-a))


def _softmax(a):
    return np.exp(a) / np.exp(a).sum()


class TestWiring:
    """Wirings say the same as running the pieces one after another."""

    def test_a_decoder_goes_on_where_its_encoder_has_ended(self):
        for name, steps in (("encoder_decoder", 3), ("encoder_decoder_gru", 2)):
            graph = build(name, inputs=4, hidden=3, outputs=5, source_steps=steps)
            case = make_case(graph, steps=7, batch=2, seed=1)
            whole = run(case)
            cell = name.replace("encoder_decoder_gru", "gru_reset_before").replace("encoder_decoder", "elman")
            alone = build(cell, inputs=5, hidden=3, outputs=5)
            own = {n: case.parameters[n if n in case.parameters else f"{n}_dec"] for n in alone.parameter_shapes}
            last = whole["h_enc"][steps]
            decoded = forward(alone, own, case.inputs["s"][steps:], initial={"h": last})
            np.testing.assert_allclose(whole["h_dec"][steps + 1 :], decoded["h"][1:], rtol=1e-13)
            np.testing.assert_allclose(whole["y"][steps + 1 :], decoded["y"][1:], rtol=1e-13)
            assert not whole["h_dec"][: steps + 1].any()
            assert not whole["h_enc"][steps + 1 :].any()

    @pytest.mark.parametrize(("name", "cell"), [("bidirectional", "elman"), ("bidirectional_lstm", "lstm")])
    def test_the_backward_half_is_a_cell_run_on_the_reversed_input(self, name, cell):
        case = make_case(build(name, inputs=4, hidden=3, outputs=5), steps=6, batch=2, started=True)
        trace, alone = run(case), build(cell, inputs=4, hidden=3, outputs=5)
        for tag, order in (("_fwd", slice(None)), ("_bwd", slice(None, None, -1))):
            own = {n: case.parameters.get(n + tag, np.zeros(shape)) for n, shape in alone.parameter_shapes.items()}
            initial = {state: case.initial[state + tag] for state in alone.states}
            half = forward(alone, own, case.inputs["x"][order], initial=initial)
            np.testing.assert_allclose(trace["h" + tag][1:], half["h"][1:][order], rtol=1e-13)

    def test_a_stack_is_one_cell_on_top_of_another(self):
        case = make_case(build("elman", inputs=4, hidden=3, outputs=5, depth=2), steps=6, batch=2)
        trace = run(case)
        p = case.parameters
        one = Graph(
            "one",
            (Layer("x", 3, role="input"), Layer("h", 3, "tanh", bias="b")),
            (Connection("x", "h", "W"), Connection("h", "h", "R", delay=1)),
        )
        upper = forward(one, {"W": p["W_xh_2"], "R": p["W_hh_2"], "b": p["b_h_2"]}, trace["h_1"][1:])
        np.testing.assert_allclose(trace["h_2"], upper["h"], rtol=1e-13)


class TestDelays:
    """What a read across a delay finds, by numbers that can be followed by hand."""

    def shift(self, delay, steps, initial=None, **presence):
        layers = (
            Layer("x", 1, role="input"),
            Layer("v", 1, presence=Presence(**presence)),
            Layer("w", 1),
        )
        graph = Graph("shift", layers, (Connection("x", "v"), Connection("v", "w", delay=delay)))
        x = np.arange(1.0, steps + 1).reshape(steps, 1, 1)
        return forward(graph, {}, x, initial={"v": [initial]} if initial else None)["w"][1:, 0, 0].tolist()

    @pytest.mark.parametrize(
        ("delay", "steps", "found"),
        [
            (0, 3, [1, 2, 3]),
            (1, 3, [-7, 1, 2]),
            (2, 4, [-7, -7, 1, 2]),
            (3, 2, [-7, -7]),
            (4, 1, [-7]),
            (-1, 3, [2, 3, -7]),
            (-3, 2, [-7, -7]),
            (-2, 1, [-7]),
        ],
    )
    def test_reads_beyond_the_ends_find_the_initial_state(self, delay, steps, found):
        assert self.shift(delay, steps, initial=-7.0) == found

    def test_reads_of_an_absent_layer_find_nothing(self):
        assert self.shift(1, 5, initial=-7.0, first=2, last=4, every=2) == [-7, 0, 2, 0, 4]

    @pytest.mark.parametrize("steps", [1, 2, 3, 6])
    def test_a_loop_through_a_delay_longer_than_the_sequence(self, steps):
        layers = Layer("x", 1, role="input"), Layer("h", 1)
        graph = Graph("long", layers, (Connection("x", "h"), Connection("h", "h", delay=3)))
        h = forward(graph, {}, np.ones((steps, 1, 1)), initial={"h": [10.0]})["h"][:, 0, 0]
        # h_t = 1 + h_(t-3): 10, then three times 11, three times 12
        assert h.tolist() == [10, 11, 11, 11, 12, 12, 12][: steps + 1]

    def test_a_product_passes_over_an_absent_factor(self):
        layers = (
            Layer("x", 1, role="input"),
            Layer("v", 1, presence=Presence(first=2)),
            Layer("w", 1, combine="product"),
        )
        graph = Graph("gate", layers, (Connection("x", "v"), Connection("x", "w"), Connection("v", "w")))
        x = np.array([3.0, 4.0, 5.0]).reshape(3, 1, 1)
        assert forward(graph, {}, x)["w"][1:, 0, 0].tolist() == [3, 16, 25]

    def test_two_connections_share_one_weight(self):
        layers = Layer("x", 2, role="input"), Layer("h", 2)
        links = Connection("x", "h", "W"), Connection("x", "h", "W", delay=1), Connection("h", "h", "W", delay=1)
        rng = np.random.default_rng(0)
        weight, x = rng.standard_normal((2, 2)), rng.standard_normal((4, 1, 2))
        h, before = np.zeros(2), np.zeros(2)
        trace = forward(Graph("shared", layers, links), {"W": weight}, x)
        for t, now in enumerate(x[:, 0], start=1):
            h, before = (now + before + h) @ weight, now
            np.testing.assert_allclose(trace["h"][t, 0], h, rtol=1e-13)


class TestRows:
    """Rows of a batch know nothing of each other."""

    @settings(LAW, max_examples=60)
    @given(cases(delay_graphs(activations=("tanh", "sigmoid", "softmax"))))
    def test_each_row_alone_gives_the_same(self, case):
        together = run(case)
        for row in range(case.batch):
            alone = run(case.row(row))
            for layer in case.graph.layers:
                np.testing.assert_allclose(
                    together[layer.name][:, row : row + 1], alone[layer.name], rtol=1e-12, atol=1e-13
                )

    @settings(LAW, max_examples=60)
    @given(cases(delay_graphs(always=True, activations=("tanh", "sigmoid", "softmax")), masked=False))
    def test_a_padded_row_is_the_shorter_row_alone(self, case):
        assert_padding_changes_nothing(case)

    @pytest.mark.parametrize(("name", "depth", "phi"), [entry for entry in GRID if entry[1:] == (2, "tanh")])
    def test_a_padded_row_is_the_shorter_row_alone_in_every_architecture(self, name, depth, phi):
        assert_padding_changes_nothing(architecture_case(name, depth, phi, started=True))

    def test_a_padded_step_holds_the_initial_state_and_has_no_error(self):
        case = architecture_case("lstm", started=True)
        case = case.but(mask=np.array([[1, 1], [1, 0], [0, 1], [1, 1], [1, 0]], bool))
        trace = run(case)
        for layer in computed(case.graph):
            held = np.broadcast_to(case.initial[layer.name], (case.steps, 2, layer.size))
            np.testing.assert_array_equal(trace[layer.name][1:][~case.mask], held[~case.mask])
        assert not trace.errors["E"][1:][~case.mask].any()
        assert (trace.errors["E"][1:][case.mask] > 0).all()

    def test_a_mask_of_ones_changes_nothing(self):
        case = architecture_case("gru_reset_after")
        assert_same_values(case, case.but(mask=np.ones((case.steps, 2), bool)), rtol=0)


def assert_padding_changes_nothing(case: Case) -> None:
    """Row b, cut after some steps and padded again with anything, is that row alone."""
    lengths = [1 + (3 * row + case.steps) % case.steps for row in range(case.batch)]
    padded = run(case.but(mask=np.arange(case.steps)[:, None] < lengths))
    for row, length in enumerate(lengths):
        alone = run(case.row(row, length))
        for layer in case.graph.layers:
            np.testing.assert_allclose(
                padded[layer.name][: length + 1, row : row + 1], alone[layer.name], rtol=1e-12, atol=1e-13
            )


class TestNumbers:
    """Tokens, types, and what is kept."""

    @pytest.mark.parametrize(("name", "depth", "phi"), [entry for entry in GRID if entry[1:] == (1, "tanh")])
    def test_tokens_are_one_hot_vectors(self, name, depth, phi):
        case = architecture_case(name, depth, phi)
        assert_same_values(case, one_hot(case))

    @settings(LAW, max_examples=50)
    @given(cases(delay_graphs()))
    def test_tokens_are_one_hot_vectors_in_random_graphs(self, case):
        assert_same_values(case, one_hot(case))

    @pytest.mark.parametrize(("name", "depth", "phi"), [entry for entry in GRID if entry[1] == 1])
    def test_float32_is_close_to_float64(self, name, depth, phi):
        case = architecture_case(name, depth, phi, masked=True, started=True)
        single, double = run(case, dtype=np.float32), run(case)
        for layer in case.graph.layers:
            assert single[layer.name].dtype == np.float32
            np.testing.assert_allclose(single[layer.name], double[layer.name], rtol=3e-5, atol=3e-6)

    @pytest.mark.parametrize(("name", "depth", "phi"), [entry for entry in GRID if entry[1] == 1])
    def test_the_same_call_twice_is_byte_identical(self, name, depth, phi):
        case = architecture_case(name, depth, phi, masked=True, started=True)
        first = fingerprint(case)
        run(architecture_case(name, depth, phi, seed=9, masked=True, started=True))  # leaves other numbers behind
        assert fingerprint(case) == first

    @settings(LAW, max_examples=60)
    @given(cases(delay_graphs()))
    def test_what_ran_before_leaves_no_trace(self, case):
        first = fingerprint(case)
        other = {name: 1 - array for name, array in case.parameters.items()}
        mask = None if case.mask is None else ~case.mask
        with suppress(NotFiniteError):  # the other numbers may explode: that is the point
            run(case.but(parameters=other, mask=mask, initial={n: -1 - a for n, a in case.initial.items()}))
        assert fingerprint(case) == first

    def test_threads_do_not_disturb_each_other(self):
        many = [architecture_case("lstm", steps=40, seed=seed) for seed in range(6)]
        alone = [fingerprint(case) for case in many]
        assert len(set(alone)) == len(many)
        with ThreadPoolExecutor(8) as threads:
            assert list(threads.map(fingerprint, many * 20)) == alone * 20

    @pytest.mark.parametrize("name", ["elman", "lstm", "bidirectional", "encoder_decoder_gru"])
    def test_results_are_read_only(self, name):
        trace = run(architecture_case(name, masked=True))
        arrays = [trace[layer.name] for layer in trace.graph.layers]
        arrays += [*trace.pre.values(), *trace.errors.values(), *trace.parameters.values(), *trace.targets.values()]
        arrays += [timeline.array for timeline in trace.values.values()]
        assert not any(array.flags.writeable for array in arrays)
        with pytest.raises(ValueError, match="read-only"):
            arrays[1][0] = 0

    def test_a_trace_keeps_its_numbers_when_the_callers_arrays_change(self):
        case = make_case(architecture_case("elman").graph, steps=4, batch=2, started=True, masked=True)
        trace, before = run(case), fingerprint(case)
        kept = [trace["x"].copy(), trace["h"].copy(), trace.parameters["W_hh"].copy(), trace.targets["E"].copy()]
        for array in (case.inputs["x"], case.parameters["W_hh"], case.targets["E"], case.initial["h"]):
            assert array.flags.writeable, "the caller's own array was frozen"
            array += 1
        assert fingerprint(case) != before
        now = [trace["x"], trace["h"], trace.parameters["W_hh"], trace.targets["E"]]
        for was, is_now in zip(kept, now, strict=True):
            np.testing.assert_array_equal(was, is_now)

    def test_a_read_only_view_of_a_callers_array_is_copied(self):
        case = architecture_case("elman")
        mine = np.array(case.parameters["W_hh"])
        view = mine.view()
        view.flags.writeable = False
        trace = run(case.but(parameters={**case.parameters, "W_hh": view}))
        mine *= 100
        np.testing.assert_array_equal(trace.parameters["W_hh"], case.parameters["W_hh"])

    def test_a_trace_is_itself_and_cannot_be_emptied(self):
        trace, other = run(architecture_case("elman")), run(architecture_case("elman"))
        assert trace == trace
        assert trace != other
        assert len({trace, other}) == 2
        for carried in (trace.values, trace.pre, trace.errors, trace.parameters, trace.inputs, trace.targets):
            with pytest.raises(TypeError):
                del carried[next(iter(carried))]

    @pytest.mark.parametrize("copied", [copy.deepcopy, lambda trace: pickle.loads(pickle.dumps(trace))])
    def test_a_trace_can_be_copied_and_stored(self, copied):
        trace = run(architecture_case("lstm", masked=True))
        other = copied(trace)
        assert other.graph == trace.graph
        assert other.loss == trace.loss
        for layer in trace.graph.layers:
            np.testing.assert_array_equal(other[layer.name], trace[layer.name])

    def test_nothing_overflows_far_out_in_the_tails(self):
        layers = (
            Layer("x", 2, role="input"),
            Layer("s", 2, "sigmoid"),
            Layer("y", 2, "softmax"),
            Layer("E", 1, "cross_entropy", role="loss"),
        )
        links = Connection("x", "s"), Connection("x", "y"), Connection("y", "E")
        with np.errstate(all="raise", under="ignore"):
            trace = forward(Graph("tails", layers, links), {}, [[[1000.0, -1000.0]]], targets=[[1]])
        assert trace["s"][1, 0].tolist() == [1, 0]
        assert trace["y"][1, 0].tolist() == [1, 0]
        assert trace.loss == 2000

    def test_without_targets_no_error_is_measured(self):
        case = architecture_case("elman")
        trace = run(case.but(targets={}))
        assert not trace.errors
        assert trace.loss == 0

    def test_a_sequence_too_short_for_its_decoder_has_no_error(self):
        case = architecture_case("encoder_decoder", steps=2)
        assert run(case).loss == 0


class TestOverflow:
    """Numbers beyond the range of their type are refused in a sentence that says where they begin."""

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_in_a_loop(self, dtype):
        layers = Layer("x", 1, role="input"), Layer("h", 1, "relu")
        graph = Graph("growing", layers, (Connection("x", "h"), Connection("h", "h", "W_hh", delay=1)))
        largest = int(np.log10(np.finfo(dtype).max))  # h_t = 10^(t - 1)
        steps = largest + 1
        assert np.isfinite(forward(graph, {"W_hh": [[10]]}, started(steps), dtype=dtype)["h"]).all()
        with pytest.raises(NotFiniteError, match=rf"^'h' grows .* {np.dtype(dtype)} number at step {steps + 1};.*\.$"):
            forward(graph, {"W_hh": [[10]]}, started(steps + 9), dtype=dtype)

    def test_backward_in_time_the_last_step_comes_first(self):
        layers = Layer("x", 1, role="input"), Layer("h", 1)
        graph = Graph("growing", layers, (Connection("x", "h"), Connection("h", "h", "W_hh", delay=-1)))
        with pytest.raises(NotFiniteError, match=r"^'h' grows .* at step 5;.*\.$"):
            forward(graph, {"W_hh": [[1e200]]}, started(7)[::-1])

    def test_outside_loops(self):
        layers = Layer("x", 1, role="input"), Layer("y", 1)
        graph = Graph("large", layers, (Connection("x", "y", "W"),))
        with pytest.raises(NotFiniteError, match=r"^'y' grows .* at step 2;.*\.$"):
            forward(graph, {"W": [[1e200]]}, [[[1.0]], [[1e200]]])

    def test_of_the_error_alone(self):
        layers = Layer("x", 1, role="input"), Layer("y", 1), Layer("E", 1, "squared_error", role="loss")
        graph = Graph("large", layers, (Connection("x", "y"), Connection("y", "E")))
        with pytest.raises(NotFiniteError, match=r"^'E' grows .* at step 2;.*\.$"):
            forward(graph, {}, [[[1.0]], [[1e200]]], targets=np.zeros((2, 1, 1)))

    def test_what_overflowed_leaves_no_trace(self):
        case = architecture_case("elman", phi="relu", steps=40)
        before = fingerprint(case)
        large = {name: 1e100 * np.abs(array) for name, array in case.parameters.items()}
        with pytest.raises(NotFiniteError, match=r"\.$"):
            run(case.but(parameters=large))
        assert fingerprint(case) == before


def started(steps: int) -> np.ndarray:
    """One at the first step, nothing later."""
    return np.eye(steps, 1).reshape(steps, 1, 1)


class TestPool:
    """Workspaces wait for the next caller, but not at any price."""

    def test_idle_workspaces_are_bounded_by_bytes(self):
        pool = Pool(np.zeros, most_bytes=1000)
        for length in range(1, 60):
            with pool.borrow(length):
                pass
            assert pool.idle_bytes <= 1000
        with pool.borrow(1000) as large:  # alone larger than all may be together: neither kept nor pushing others out
            assert len(large) == 1000
        assert 500 <= pool.idle_bytes <= 1000

    def test_idle_workspaces_are_bounded_by_number(self):
        pool = Pool(np.zeros, most=3)
        for length in range(1, 9):
            with pool.borrow(length):
                pass
        assert pool.idle_bytes == 8 * (6 + 7 + 8)

    def test_after_an_exception_a_workspace_is_not_used_again(self):
        pool = Pool(np.zeros)
        with suppress(KeyError), pool.borrow(3) as first:
            first[0] = 7
            raise KeyError
        with pool.borrow(3) as again:
            assert again.tolist() == [0, 0, 0]

    def test_a_loop_knows_the_size_of_its_arrays(self):
        graph = build("lstm", inputs=4, hidden=8, outputs=4)
        part = schedule(graph)[0]
        short, long = (ForwardLoop(part, graph, steps, 1, np.dtype(float), False).nbytes for steps in (10, 100))
        assert 8 * 2 * 100 * part.width < long < 12 * short


def one_hot(case: Case) -> Case:
    """The same case with every token written out as a vector."""

    def dense(arrays, size):
        return {name: np.eye(size(name))[array] if array.ndim == 2 else array for name, array in arrays.items()}

    graph = case.graph
    return case.but(
        inputs=dense(case.inputs, lambda name: graph[name].size),
        targets=dense(case.targets, lambda name: graph[graph.incoming(name)[0].source].size),
    )


def fingerprint(case: Case) -> bytes:
    """Every number of a forward pass."""
    trace = run(case)
    return b"".join(
        array.tobytes()
        for array in (
            *(trace[layer.name] for layer in case.graph.layers),
            *(trace.pre[name] for name in sorted(trace.pre)),
        )
    )
