"""What unrolling costs: what is counted equals what the engine stores and does, and what limits hold the measuring."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from itertools import pairwise, product

import networkx as nx
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from explorer.architectures import ARCHITECTURES, build
from explorer.cost.counts import computed, multiply_adds, passes, slice_of, stored
from explorer.cost.frames import AGAIN, CODES, DONE, INSIDE, STATE, film, opening
from explorer.cost.measuring import MOST_BYTES, NOTHING, Outcome, Request, ask, network, objection
from explorer.cost.path import critical_path
from explorer.cost.rows import LENGTHS, in_buckets, mask, read, together
from explorer.cost.runs import measure, measured_steps
from explorer.cost.ways import WAYS, Work, cost, refusal
from explorer.cost_views import MOST_SLICES, costs, curves, lengths, pictured, possible, wasted
from explorer.cycles import components
from explorer.engine.backward import backward
from explorer.engine.checkpoints import checkpointed
from explorer.engine.forward import forward
from explorer.engine.forward_loop import ForwardLoop
from explorer.engine.schedule import schedule
from explorer.engine.storage import STORAGES, held
from explorer.graph import Connection, Graph, Layer, ReadOnly
from explorer.page_settings.cost import TYPED
from explorer.parameters import initialize
from explorer.unrolling import unroll
from tests.strategies import delay_graphs

ALL = tuple(WAYS)
USUAL = Request("elman", 1, "tanh", 32, 1000, 8, 20, 6, ALL)
ONWARD = [name for name in ARCHITECTURES if refusal("sqrt", network(name, 4, 1, "tanh", 8)) is None]


def work(
    name: str = "elman", steps: int = 100, batch: int = 4, hidden: int = 8, window: int = 20, slots: int = 6
) -> Work:
    return Work(network(name, hidden, 1, "tanh", steps), steps, batch, window, slots)


def given_to(graph: Graph, steps: int, batch: int) -> dict[str, np.ndarray]:
    return {layer.name: np.ones((steps, batch, layer.size)) for layer in graph.with_role("input")}


# ---- stored numbers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_a_trace_takes_as_many_bytes_as_the_formula_says(name):
    graph, steps, batch = network(name, 5, 2, "tanh", 12), 12, 3
    trace = forward(graph, initialize(graph, 0), given_to(graph, steps, batch))
    assert stored(graph, steps, batch) == sum(v.array.nbytes + trace.pre[n].nbytes for n, v in trace.values.items())
    half = forward(graph, initialize(graph, 0), given_to(graph, steps, batch), dtype=np.float32)
    assert stored(graph, steps, batch, 4) == sum(v.array.nbytes + half.pre[n].nbytes for n, v in half.values.items())


@settings(max_examples=50)
@given(delay_graphs(), st.integers(1, 9), st.integers(1, 3))
def test_so_does_the_trace_of_any_graph(graph, steps, batch):
    assume(graph.with_role("input"))
    trace = forward(graph, initialize(graph, 0), given_to(graph, steps, batch))
    assert stored(graph, steps, batch) == sum(v.array.nbytes + trace.pre[n].nbytes for n, v in trace.values.items())
    assert slice_of(graph).inside == 2 * sum(trace[layer.name].shape[-1] for layer in computed(graph))


@pytest.mark.parametrize("name", ONWARD)
def test_states_kept_by_the_engine_take_what_the_formula_says(name):
    own = work(name, steps=30, batch=2, hidden=3)
    x = given_to(own.graph, 30, 2)
    aims = {
        loss.name: np.ones((30, 2, own.graph[own.graph.incoming(loss.name)[0].source].size))
        for loss in own.graph.with_role("loss")
    }
    weights = initialize(own.graph, 0)
    for way, actions in (("full", STORAGES["full"](30)), ("sqrt", STORAGES["sqrt"](30))):
        found = checkpointed(own.graph, weights, x, aims, storage=actions)
        assert found.most_bytes == pytest.approx(cost(way, own).bytes, rel=0.02), way
        assert found.forward_steps == cost(way, own).holds.forward
    found = checkpointed(own.graph, weights, x, aims, storage=STORAGES["optimal"](30, 6))
    assert found.forward_steps == cost("optimal", own).holds.forward
    # steps passed through find their place in the slots that are free
    assert found.most_bytes == pytest.approx(cost("optimal", own).bytes, rel=0.02)


@pytest.mark.parametrize("name", ["elman", "lstm", "gru_reset_after"])
def test_a_slot_is_a_slot(name):
    own = work(name, steps=400, batch=1, hidden=32)
    assert measure("optimal", own).kept == pytest.approx(cost("optimal", own).bytes, rel=1e-6)


LAYERS = (
    Layer("x", 3, role="input"),
    Layer("h", 4, "tanh", bias="b"),
    Layer("k", 5, "tanh"),
    Layer("E", 1, "squared_error", role="loss"),
)
AHEAD = {
    name: Graph(
        name,
        LAYERS,
        (
            Connection("x", "h", "W", delay=-of_input),
            Connection("h", "h", "V", delay=1),
            Connection("h", "k", "U", delay=-of_layer),
            Connection("k", "E"),
        ),
    )
    for name, of_input, of_layer in (("words ahead", 1, 0), ("states ahead", 0, 2), ("both", 2, 1))
}


@pytest.mark.parametrize("slots", [1, 3, 8])
@pytest.mark.parametrize("graph", AHEAD.values(), ids=AHEAD)
def test_looking_ahead_outside_loops_forbids_no_checkpoints(graph, slots):
    own = Work(graph, 40, 2, 5, slots)
    assert {name for name in WAYS if refusal(name, graph) is None} == {"full", "sqrt", "optimal"}
    x, aims = given_to(graph, 40, 2), {"E": np.zeros((40, 2, 5))}
    weights = initialize(graph, 0)
    whole = backward(forward(graph, weights, x, aims)).weights
    for way, actions in (("sqrt", STORAGES["sqrt"](40)), ("optimal", STORAGES["optimal"](40, slots))):
        found = checkpointed(graph, weights, x, aims, storage=actions)
        for name, array in whole.items():
            np.testing.assert_allclose(found.weights[name], array, rtol=1e-12, atol=1e-12)
        assert found.most_bytes <= cost(way, own).bytes <= 3 * found.most_bytes, way
        assert cost(way, own).holds.forward >= found.forward_steps


def test_a_loop_that_runs_backward_forbids_all_ways_but_one():
    for name in ARCHITECTURES:
        graph = network(name, 4, 1, "tanh", 8)
        backwards = any(component.direction < 0 for component in components(graph))
        assert (refusal("sqrt", graph) is not None) == backwards
        assert (refusal("rtrl", graph) is not None) == any(c.delay < 0 for c in graph.connections)
        assert cost("optimal", Work(graph, 8, 1, 2, 2)).bytes > 0, "what is refused can still be counted"


@settings(max_examples=60)
@given(st.integers(1, 400), st.integers(1, 12), st.sampled_from(["elman", "lstm", "tapped"]))
def test_what_a_way_holds_is_what_its_actions_hold(steps, slots, name):
    own = work(name, steps=steps, batch=1, slots=slots)
    one = slice_of(own.graph)
    for way, extra in (("full", ()), ("sqrt", ()), ("optimal", (min(slots, steps),))):
        moments = list(held(STORAGES[way](steps, *extra)))
        most = max((len(m.states) - 1) * one.state + sum(b - a + 1 for a, b in m.insides) * one.inside for m in moments)
        assert cost(way, own).numbers == most, way
        assert cost(way, own).holds.forward == moments[-1].forward_steps, way


def test_published_numbers_of_checkpoints():
    thousand = work(steps=1000, batch=1, slots=50)
    assert sum((cost("sqrt", thousand).holds.insides, cost("sqrt", thousand).holds.states)) <= 64
    assert cost("optimal", thousand).holds.forward / 1000 == pytest.approx(1.949, abs=2e-3)


# ---- multiply–adds -----------------------------------------------------------------------------------------------


@settings(max_examples=50)
@given(delay_graphs(), st.integers(1, 9))
def test_multiply_adds_are_those_of_the_edges_of_the_unrolled_graph(graph, steps):
    dag = unroll(graph, steps)
    links = [graph.connections[link.connection] for *_, run in dag.edges(data="links") for link in run]
    by_hand = sum(multiply_adds(graph, c) for c in links if graph[c.target].role != "loss")
    assert passes(graph, steps)[0] == by_hand == critical_path(graph, steps).work


def test_backward_counts_each_matrix_twice_and_the_input_once():
    graph = build("elman", inputs=5, hidden=3, outputs=2)
    assert passes(graph, 7) == (7 * (15 + 9 + 6), 7 * (15 + 2 * 9 + 2 * 6))


# ---- the critical path -------------------------------------------------------------------------------------------


def longest_by_networkx(graph: Graph, steps: int) -> int:
    """Each node split in two, joined by an edge as heavy as its own work."""
    dag = unroll(graph, steps)
    heavy = nx.DiGraph()
    for node in dag:
        links = [link for source in dag.predecessors(node) for link in dag.edges[source, node]["links"]]
        own = 0
        if dag.nodes[node]["layer"].role != "loss":
            own = sum(multiply_adds(graph, graph.connections[link.connection]) for link in links)
        heavy.add_edge((node, "in"), (node, "out"), weight=own)
    heavy.add_edges_from((((a, "out"), (b, "in")) for a, b in dag.edges), weight=0)
    return int(nx.dag_longest_path_length(heavy))


@settings(max_examples=60)
@given(delay_graphs(), st.integers(1, 8))
def test_the_span_is_the_longest_path_of_the_unrolled_graph(graph, steps):
    found = critical_path(graph, steps)
    assert found.span == longest_by_networkx(graph, steps)
    assert 0 <= found.looped <= found.work
    assert found.span <= found.work


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_span_of_a_registered_architecture(name):
    graph = network(name, 3, 2, "tanh", 6)
    assert critical_path(graph, 6).span == longest_by_networkx(graph, 6)


def test_the_span_of_a_stack_without_a_loop_does_not_grow():
    layers = (Layer("x", 4, role="input"), *(Layer(f"h{i}", 4, "tanh", bias=f"b{i}") for i in range(3)))
    names = [layer.name for layer in layers]
    joined = tuple(Connection(a, b, f"W_{b}") for a, b in pairwise(names))
    stack = Graph("stack", layers, joined)
    assert critical_path(stack, 1).span == critical_path(stack, 1000).span == 3 * 16
    assert critical_path(stack, 1000).work == 1000 * 3 * 16
    assert critical_path(stack, 1000).sequential == 0
    late = Graph("late", layers, (*joined[:-1], replace(joined[-1], delay=2)))
    assert critical_path(late, 1000).span == 3 * 16, "a delay alone makes nothing wait for long"


@pytest.mark.parametrize("name", ["elman", "lstm", "gru_reset_after", "bidirectional"])
def test_the_span_of_a_recurrent_network_grows_with_every_step_alike(name):
    graph = network(name, 4, 1, "tanh", 50)
    spans = [critical_path(graph, steps).span for steps in (100, 200, 300)]
    assert spans[2] - spans[1] == spans[1] - spans[0] > 0


# ---- the film ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("way", "name", "steps"), list(product(WAYS, ["elman", "tapped", "lstm"], [1, 2, 7, 40])))
def test_a_film_holds_and_computes_what_its_way_says(way, name, steps):
    own = work(name, steps=steps, window=5, slots=3)
    frames, holds = film(way, own), cost(way, own).holds
    assert all(len(frame.slices) == steps and set(frame.slices) <= {*CODES, *"1234"} for frame in frames)
    assert max(frame.insides for frame in frames) >= holds.insides or way == "rtrl"
    assert frames[-1].forward == holds.forward
    assert set(frames[0].slices) == {"w"}
    if way != "rtrl":
        assert set(frames[-1].slices) == {DONE}
        assert max(frame.insides for frame in frames) == holds.insides
    for before, after in pairwise(frames):
        changed = [i for i, (a, b) in enumerate(zip(before.slices, after.slices, strict=True)) if a != b]
        assert all(before.slices[i] != DONE or after.slices[i] in "sr1234" for i in changed), "what is done stays done"


def test_a_film_goes_back_over_whole_slices_only():
    for way in ("full", "sqrt", "optimal", "truncated"):
        frames = film(way, work(steps=23, window=4, slots=3))
        backs = [(a, b) for a, b in pairwise(frames) if b.says.startswith("Back")]
        assert len(backs) == 23
        assert all(a.slices[b.t - 1] in INSIDE + AGAIN for a, b in backs)


def test_a_state_of_two_delays_is_two_slices_deep():
    graph = build("tapped", inputs=3, hidden=2, outputs=3)
    deep = max(c.delay for c in graph.connections)
    frames = film("sqrt", Work(graph, 25, 1, 5, 5))
    first_kept = next(frame for frame in frames if STATE in frame.slices)
    assert first_kept.slices.rstrip("wr")[-deep:] == "".join(str(n or "s") for n in reversed(range(deep)))
    assert deep > 1
    assert first_kept.states == 1


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("steps", [1, 2, 9, 40])
def test_a_film_opens_where_there_is_something_to_see(way, steps):
    frames = film(way, work(steps=steps, window=5, slots=3))
    start = opening(frames)
    shown = frames[start]
    if way == "rtrl" and steps == 1:
        assert start == 0
        return
    assert DONE in shown.slices
    if steps == 40 and way in ("sqrt", "optimal"):
        assert AGAIN in shown.slices
        assert set("swriax") & set(shown.slices) - {AGAIN}
    if steps == 40 and way == "sqrt":
        assert shown.slices.count(STATE) > 1
        later = [f for f in frames if DONE in f.slices and AGAIN in f.slices]
        assert shown.insides + shown.states == max(f.insides + f.states for f in later)


# ---- rows --------------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(1, 60), min_size=1, max_size=30))
def test_padding_is_what_the_mask_leaves_out(rows):
    found, valid = together(rows), mask(rows)
    assert found.share == pytest.approx(1 - valid.mean())
    assert in_buckets(rows).share <= found.share + 1e-12
    assert in_buckets(rows, rows=1).share == 0
    assert found.padded == (~valid).sum()


def test_padded_steps_are_computed_all_the_same():
    rows = LENGTHS["reviews"][1]
    graph, steps, batch = network("lstm", 4, 1, "tanh", max(rows)), max(rows), len(rows)
    (part,) = (part for part in schedule(graph) if part.looped)

    def multiplied(masked: bool) -> int:
        loop = ForwardLoop(part, graph, steps, batch, np.dtype(float), masked)
        return sum(
            call.__self__.size * arguments[0].shape[-1 if call.__self__.shape[-1] == arguments[0].shape[0] else 0]
            for call, arguments in loop.program
            if getattr(call, "__name__", "") == "dot"
        )

    inner = sum(
        multiply_adds(graph, c)
        for c in graph.connections
        if {c.source, c.target} <= part.spans.keys() and not c.keeps_units
    )
    assert multiplied(True) == multiplied(False) == inner * steps * batch, "the mask saves no product"


def test_lengths_are_read_from_whatever_is_typed():
    assert read("5, 6; 20\n-3 x") == (5, 6, 20, 3)
    assert read("no numbers, 0") is None
    assert len(read("7 " * 500)) == 64
    assert max(read("99999999999")) <= 10_000
    assert lengths(TYPED, "") == (1,)
    assert lengths("alike", "") == LENGTHS["alike"][1]
    found = wasted(USUAL, [4, 8])
    assert found.together.share == 0.25
    assert found.each * 16 == sum(passes(network("elman", 32, 1, "tanh", 8), 8)) * 2


# ---- measuring ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
def test_measured_bytes_are_near_the_formula(way):
    own = work(steps=200, batch=16, hidden=32) if way != "rtrl" else work(steps=40, batch=4, hidden=16)
    found, said = measure(way, own), cost(way, own)
    assert found.steps == measured_steps(way, own)
    if found.kept is not None:
        slack = 1.02 if way in ("full", "truncated", "sqrt", "optimal") else 2
        assert said.bytes <= found.kept * 1.001 <= slack * said.bytes * 1.001
    assert said.bytes <= found.peak <= max(8 * said.bytes, 2_000_000), "gradients and work space: several times that"


def test_a_long_sequence_is_gone_over_without_its_states():
    found = measure("sqrt", work(steps=10_000, batch=1, hidden=4))
    assert found.steps == 10_000
    assert found.most_held <= 201
    assert found.kept < cost("full", work(steps=10_000, batch=1, hidden=4)).bytes / 50


def test_the_worker_answers_for_every_way_and_says_why_not():
    request = replace(USUAL, steps=50, hidden=8)
    found = ask(request)
    assert set(found.measured) == set(ALL)
    assert not found.sentences
    assert found.measured["full"].kept == pytest.approx(costs(request).costs["full"].bytes, rel=0.03)
    refused = ask(replace(request, arch="bidirectional", ways=("sqrt", "rtrl")))
    assert not refused.measured
    assert "backward in time" in refused.sentences["sqrt"]
    assert "future" in refused.sentences["rtrl"]
    assert not refused.open(("sqrt", "rtrl")), "another time they would be refused too"
    rows = ask(replace(request, ways=("together", "sorted"), rows=(3, 9, 2)))
    assert set(rows.measured) == {"together", "sorted"}


def test_too_much_is_not_even_tried():
    huge = replace(USUAL, steps=10_000, batch=256, hidden=512, slots=2)
    began = time.perf_counter()
    found = ask(huge)
    assert not set(found.measured) & {"full", "rtrl", "optimal"}
    assert "by formula" in found.sentences["full"]
    assert time.perf_counter() - began < 60
    assert cost("full", huge.work()).bytes > MOST_BYTES
    assert objection("rtrl", huge.work()).endswith("are carried here")


def test_rows_are_foreseen_as_often_as_they_are_gone_over():
    asked = replace(USUAL, ways=("together", "sorted"), rows=(9, 3))
    assert not set(ask(asked).sentences)
    dear = replace(asked, arch="elman", hidden=512, rows=(10_000,))
    assert objection("full", dear.of_rows()) is None
    assert set(ask(dear).sentences) == {"together", "sorted"}, "six times what one pass takes is too long"


def test_an_outcome_knows_what_is_worth_another_attempt():
    some = Outcome(ReadOnly({"full": None}), ReadOnly({"sqrt": "busy", "rtrl": "too large"}), frozenset({"sqrt"}))
    assert some.open(ALL) == ("truncated", "sqrt", "optimal", "online")
    assert set(some.lasting.sentences) == {"rtrl"}
    assert set(some.lasting.measured) == {"full"}
    later = some.joined(Outcome(ReadOnly({"sqrt": None}), ReadOnly({"online": "late"}), frozenset({"online"})))
    assert set(later.measured) == {"full", "sqrt"}
    assert set(later.sentences) == {"rtrl", "online"}
    assert later.open(("full", "sqrt", "rtrl", "online")) == ("online",)
    assert NOTHING.open(ALL) == ALL


SMALL = replace(USUAL, steps=5, hidden=2, ways=("full", "sqrt"))
SLOW = 'import sys, time; print(\'{"way": "full", "sentence": "just so"}\', flush=True); time.sleep(60)'


@pytest.mark.parametrize(
    ("code", "seconds", "said"),
    [
        ("import os; os._exit(7)", 20, "ended early, with the code 7"),
        ("print('no JSON'); print('[1]'); print('{\"way\": \"other\"}')", 20, "ended early"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", 20, "ended early"),
        (SLOW, 1.5, "not done within 1.5 seconds"),
    ],
)
def test_whatever_becomes_of_the_process_there_is_a_sentence(code, seconds, said):
    found = ask(SMALL, seconds=seconds, command=(sys.executable, "-c", code))
    assert isinstance(found, Outcome)
    assert not found.measured
    assert said in found.sentences["sqrt"]
    assert "sqrt" in found.passing
    assert not found.passing & found.lasting.sentences.keys()
    if code == SLOW and os.name == "posix":
        assert found.sentences["full"] == "just so", "what it has said until then counts"
    gone = ask(SMALL, command=("/no/such/program",))
    assert "could not be started" in gone.sentences["full"]


def test_the_process_has_a_limit_of_memory():
    pytest.importorskip("resource")
    code = (
        "from explorer.cost.worker import limit_memory\n"
        "import numpy as np\n"
        "limit_memory(1 << 28)\n"
        "try: np.ones(1 << 27)\n"
        'except MemoryError: print(\'{"way": "full", "sentence": "limited"}\')\n'
    )
    assert ask(replace(SMALL, ways=("full",)), command=(sys.executable, "-c", code)).sentences["full"] == "limited"


# ---- views -------------------------------------------------------------------------------------------------------


def test_views_of_the_page():
    found = costs(USUAL)
    assert list(found.costs) == list(WAYS)
    assert found.path == critical_path(found.work.graph, 1000)
    drawn, frames = pictured(USUAL, "optimal")
    assert drawn.steps == len(frames[0].slices) == MOST_SLICES
    shown = curves(USUAL)
    assert shown.steps[0] == 1
    assert shown.steps[-1] == 10_000
    here = int(np.flatnonzero(shown.steps == 1000)[0])
    assert all(shown.bytes[name][here] == found.costs[name].bytes for name in WAYS)
    assert possible(USUAL, "rtrl") == "rtrl"
    assert possible(replace(USUAL, arch="bidirectional"), "rtrl") == "full"
