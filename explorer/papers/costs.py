"""What full unrolling costs, and three published ways around it: two kinds of checkpoints, and going forward only."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from explorer.architectures import build
from explorer.engine.activations import Array
from explorer.engine.backward import backward
from explorer.engine.checkpoints import Checkpointed, checkpointed
from explorer.engine.forward import forward
from explorer.engine.rtrl import numbers, rtrl
from explorer.engine.storage import fewest_steps, held, optimal
from explorer.engine.trace import Trace
from explorer.fields import Number
from explorer.graph import Graph
from explorer.papers.paper import Paper, Published, shown
from explorer.papers.picture import Panel, Picture, curve
from explorer.parameters import initialize

_TOKENS = 3


def _elman(hidden: int) -> Graph:
    return build("elman", inputs=_TOKENS, hidden=hidden, outputs=_TOKENS)


def _tokens(steps: int, seed: int) -> tuple[Array, Array]:
    """A sequence and what comes next in it, (T, 1) each."""
    drawn = np.random.default_rng(seed).integers(0, _TOKENS, (steps + 1, 1))
    return drawn[:-1], drawn[1:]


def _difference(found: Mapping[str, Array], expected: Mapping[str, Array]) -> float:
    """The largest difference between two gradients, relative to the largest entry of all."""
    largest = max(np.abs(own).max() for own in expected.values())
    return max(float(np.abs(found[name] - own).max() / largest) for name, own in expected.items())


# ---- a checkpoint every √T steps --------------------------------------------------------------------------------

_SMALL = 4
_SAME = "largest relative difference from the full gradient"
_HELD = "states held at once"
_EXTRA = r"extra forward steps $\div\, T$"


@lru_cache(maxsize=64)
def _in_segments(steps: int, every: int) -> Checkpointed:
    graph = _elman(_SMALL)
    return checkpointed(graph, initialize(graph, 0), *_tokens(steps, 0), every=every)


def _sqrt_numbers(sqrt_T: int, sqrt_every: int) -> Mapping[str, float]:
    graph, found = _elman(_SMALL), _in_segments(sqrt_T, sqrt_every)
    expected = backward(forward(graph, initialize(graph, 0), *_tokens(sqrt_T, 0))).weights
    return {
        _HELD: found.most_held,
        _EXTRA: found.extra_steps / sqrt_T,
        _SAME: _difference(found.weights, expected),
        "bytes held at most ÷ bytes of all steps": found.most_bytes / found.whole_bytes,
    }


def _sqrt_picture(sqrt_T: int, sqrt_every: int) -> Picture:
    every = np.unique(np.geomspace(1, sqrt_T, 120).astype(int))
    tried = sorted({k for k in (16, 32, 64, 128, 256, 512) if k <= sqrt_T})
    now = _in_segments(sqrt_T, sqrt_every)
    return Picture(
        (
            Panel(
                "k, steps in a segment",
                "states held at once",
                (
                    curve("everything stored", every[[0, -1]], [sqrt_T, sqrt_T], "reference"),
                    curve("⌈T/k⌉ + k", every, np.ceil(sqrt_T / every) + every, "bound"),
                    curve("counted in a run", tried, [_in_segments(sqrt_T, k).most_held for k in tried], marks=True),
                    curve("now", [now.every], [now.most_held], "now", marks=True),
                ),
                log_x=True,
                log_y=True,
            ),
        ),
        f"The number of states held at once against the length k of a segment: a valley whose lowest point is near "
        f"k = √T = {sqrt_T**0.5:.3g}. With k = {now.every} it is {now.most_held}, instead of {sqrt_T}.",
    )


SQRT = Paper(
    title="Checkpoints",
    source="Chen, Xu, Zhang & Guestrin 2016, *Training deep nets with sublinear memory cost*",
    claim="With a checkpoint every √T steps, a sequence of 1000 steps needs 64 states in memory instead of 1000, for "
    "less than one more forward pass.",
    fields={
        "sqrt_T": Number("Steps T", 10, 1000, 1000, 10, "Length of the sequence."),
        "sqrt_every": Number("Segment k", 4, 1000, 32, help="⌈√1000⌉ = 32 takes the least memory."),
    },
    published=(
        Published(_HELD, "64"),
        Published(_EXTRA, "1", relation="<", anywhere=True),
        Published(_SAME, "1e-10", relation="≤", anywhere=True, written="0 but for rounding"),
    ),
    measure=_sqrt_numbers,
    plot=_sqrt_picture,
)

# ---- optimal checkpoints ----------------------------------------------------------------------------------------

_MOST_STEPS, _MOST_SLOTS = 1000, 100
_FACTOR = r"forward steps $\div\, T$"


def _slots_numbers(slots_T: int, slots_m: int) -> Mapping[str, float]:
    moments = list(held(optimal(slots_T, slots_m)))
    steps = moments[-1].forward_steps
    return {
        _FACTOR: steps / slots_T,
        "forward steps": steps,
        "states stored at once": max(moment.held for moment in moments) - 1,  # the given one takes up no slot
    }


def _slots_picture(slots_T: int, slots_m: int) -> Picture:
    slots = np.arange(1, _MOST_SLOTS + 1)
    per_step = np.array([fewest_steps(slots_T, int(m)) for m in slots]) / slots_T
    now = per_step[slots_m - 1]
    return Picture(
        (
            Panel(
                "m, states that can be stored",
                "forward steps ÷ T",
                (
                    curve("fewest possible", slots, per_step),
                    curve("everything stored", slots[[0, -1]], [1, 1], "reference"),
                    curve("now", [slots_m], [now], "now", marks=True),
                ),
                log_x=True,
                log_y=True,
            ),
        ),
        f"The fewest forward steps, as a multiple of T = {slots_T}, against the number of states that can be stored: "
        f"from {shown(per_step[0])} with one down to {shown(per_step[-1])} with {_MOST_SLOTS}; with {slots_m} it is "
        f"{shown(now)}.",
    )


SLOTS = Paper(
    title="Optimal slots",
    source="Gruslys, Munos, Danihelka, Lanctot & Graves 2016, *Memory-efficient backpropagation through time*",
    claim="Backpropagation through 1000 steps with room for only 50 states takes 1.949 times as many forward steps, if "
    "the states to store are chosen by dynamic programming.",
    fields={
        "slots_T": Number("Steps T", 1, _MOST_STEPS, 1000, 10, "Length of the sequence."),
        "slots_m": Number("Slots m", 1, _MOST_SLOTS, 50, help="How many states fit into memory."),
    },
    published=(Published(_FACTOR, "1.949", 1e-3),),
    measure=_slots_numbers,
    plot=_slots_picture,
)

# ---- forward only -----------------------------------------------------------------------------------------------

_LARGE = 512
_EQUAL = "largest relative difference, RTRL and BPTT"
_EXPONENT = rf"exponent of its memory: $\log_2$ of the growth from {_LARGE} to {2 * _LARGE} units"


def _rtrl_run(hidden: int, steps: int, seed: int) -> Trace:
    graph = _elman(hidden)
    return forward(graph, initialize(graph, seed), *_tokens(steps, seed))


def _kept_by_bptt(hidden: int, steps: int) -> int:
    """Values of every computed layer at every step."""
    graph = _elman(hidden)
    return steps * sum(layer.size for layer in graph.layers if layer.role not in ("input", "loss"))


def _rtrl_numbers(rtrl_n: int, rtrl_T: int, rtrl_seed: int) -> Mapping[str, float]:
    trace = _rtrl_run(rtrl_n, rtrl_T, rtrl_seed)
    grown = numbers(_elman(2 * _LARGE)) / numbers(_elman(_LARGE))
    return {
        _EQUAL: _difference(rtrl(trace), backward(trace).weights),
        _EXPONENT: np.log2(grown),
        "numbers kept by RTRL, whatever $T$": numbers(trace.graph),
        "numbers kept by BPTT, for this $T$": _kept_by_bptt(rtrl_n, rtrl_T),
    }


def _rtrl_picture(rtrl_n: int, rtrl_T: int, rtrl_seed: int) -> Picture:
    steps, units = np.array([1, 10, 100, 1000, 10_000, 100_000]), np.unique(np.geomspace(1, 256, 30).astype(int))
    kept = numbers(_elman(rtrl_n))
    crossing = kept / _kept_by_bptt(rtrl_n, 1)
    panels = (
        Panel(
            "T, steps",
            "numbers kept",
            (
                curve("RTRL", steps, np.full(len(steps), kept)),
                curve("BPTT", steps, [_kept_by_bptt(rtrl_n, int(t)) for t in steps], "other"),
                curve("now", [rtrl_T], [kept], "now", marks=True),
            ),
            log_x=True,
            log_y=True,
        ),
        Panel(
            "n, hidden units",
            "numbers kept",
            (
                curve("RTRL", units, [numbers(_elman(int(n))) for n in units]),
                curve("BPTT", units, [_kept_by_bptt(int(n), rtrl_T) for n in units], "other"),
                curve("now", [rtrl_n], [kept], "now", marks=True),
            ),
            log_x=True,
            log_y=True,
        ),
    )
    return Picture(
        panels,
        f"How many numbers each keeps. Above, against the steps: real-time recurrent learning always {kept:,}, "
        f"backpropagation through time in proportion to T; they are equal at T = {crossing:,.0f}. Below, against the "
        f"hidden units at T = {rtrl_T}: the first grows with their cube, the second in proportion.",
    )


RTRL = Paper(
    title="RTRL",
    source="Williams & Zipser 1989, *A learning algorithm for continually running fully recurrent neural networks*, "
    "Neural Computation 1",
    claim="Real-time recurrent learning computes the same gradient as backpropagation through time, going forward "
    "only, with memory of the order $n^3$ that does not depend on $T$.",
    fields={
        "rtrl_n": Number("Hidden units n", 1, 16, 6, help="Its memory grows with the cube of this."),
        "rtrl_T": Number("Steps T", 1, 100, 30, help="Its memory does not change with this."),
        "rtrl_seed": Number("Seed", 0, 9999, 1, help="Another seed, another network."),
    },
    published=(
        Published(_EQUAL, "1e-12", relation="≤", anywhere=True, written="0 but for rounding"),
        Published(_EXPONENT, "3.00", 1e-2, anywhere=True, written="3"),
    ),
    measure=_rtrl_numbers,
    plot=_rtrl_picture,
)
