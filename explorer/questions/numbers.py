"""The numbers in the answers: each a function of nothing, computed by the engine from the network of the first page.

What an answer links to shows the same network, so that a reader who follows the link finds the number there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType

import numpy as np

from explorer import architectures
from explorer.amounts import in_bytes
from explorer.application_views import answered
from explorer.cost.measuring import Request
from explorer.cost.path import CriticalPath, critical_path
from explorer.cost.ways import cost
from explorer.engine.activations import ACTIVATIONS
from explorer.engine.forward import forward
from explorer.engine.influence import influence
from explorer.engine.jacobians import state_jacobians
from explorer.engine.rtrl import rtrl
from explorer.equations import number, power
from explorer.gradient_views import Limits, WentBack, in_degrees, in_percent, went_back
from explorer.order_views import in_two_orders
from explorer.page_settings.order import PAIRS
from explorer.page_settings.shared import SENTENCE
from explorer.page_settings.vanishing import USUAL_KEEP_BIAS
from explorer.page_settings.why import FIELDS as OF_WHY
from explorer.page_settings.why import MOST_ROOM
from explorer.positions.room import Weighed, weighed
from explorer.settings import Network
from explorer.tasks.text import encoder_steps, tokenize
from explorer.vanishing_views import Studied, matched, size_of, studied
from explorer.views import Ran, ran, unrolled

SHOWN = Network()
"""The network that every page starts with."""

LONG, VERY_LONG, FAR = 200, 1000, 100
LSTM = replace(SHOWN, arch="lstm", bias=USUAL_KEEP_BIAS)
GROWING = replace(SHOWN, act="relu", init="identity", gain=1.1)
WINDOW, CLIP = 2, 0.5

_ran = lru_cache(maxsize=8)(ran)
_studied = lru_cache(maxsize=8)(studied)
_unrolled = lru_cache(maxsize=4)(unrolled)
_back = lru_cache(maxsize=8)(went_back)
_orders = lru_cache(maxsize=2)(in_two_orders)


@lru_cache(maxsize=1)
def _small_lstm() -> Network:
    """An LSTM that has about as many parameters as the network of the first page."""
    return matched(LSTM, size_of(SHOWN))


def _shown() -> Ran:
    return _ran(SHOWN)


def _gradients() -> WentBack:
    return _back(SHOWN)


def _reach(network: Network) -> str:
    """What is left of the last error's gradient over so many steps, as a share of what there was."""
    view: Studied = _studied(network, FAR)
    return power(view.kept(view.steps)[0])


def _whole(amount: int | float) -> str:
    return f"{int(amount):,}"


@lru_cache(maxsize=1)
def _room() -> Weighed:
    """What the page Why recurrent starts with: a place for every word, and a recurrent network beside it."""
    vocabulary, hidden, room = (int(str(OF_WHY[name].default)) for name in ("why_words", "why_units", "why_room"))
    return weighed(SHOWN.arch, vocabulary, hidden, room, len(tokenize(SENTENCE)), MOST_ROOM)


def _request(steps: int) -> Request:
    """One row on the page Cost of unrolling, as wide as the network of the first page."""
    return Request(SHOWN.arch, SHOWN.depth, SHOWN.act, SHOWN.hidden, steps, 1, 1, 1, ())


def _stored(steps: int, way: str = "full") -> str:
    """Bytes that a way of training keeps of one sequence."""
    return in_bytes(cost(way, _request(steps).work()).bytes)


def _path() -> CriticalPath:
    return critical_path(_request(LONG).work().graph, LONG)


def _influence(at: int) -> str:
    return number(float(influence(_shown().trace, [_shown().trace.steps])[0, at]))


def _rtrl_gap() -> float:
    """Largest difference of the two gradients, as a share of the largest entry."""
    trace, weights = _shown().trace, _gradients().gradients.weights
    forwards = rtrl(trace)
    most = max(float(np.abs(array).max()) for array in weights.values())
    return max(float(np.abs(forwards[name] - weights[name]).max()) for name in weights) / most


def _peak() -> float:
    """σ₁ of nine steps back through a linear network whose matrix has the eigenvalue 0.9 twice."""
    graph = architectures.build("elman", inputs=1, hidden=2, outputs=1, activation="identity")
    weights = {name: np.zeros(shape) for name, shape in graph.parameter_shapes.items()}
    weights["W_hh"] = np.array([[0.9, 3.0], [0.0, 0.9]])
    trace = forward(graph, weights, {"x": np.zeros((10, 1), int)}, {"E": np.zeros((10, 1), int)})
    return float(10 ** state_jacobians(trace).singular_values(10, 1)[0])


def _clipping_angle(by: str) -> str:
    found = _back(SHOWN, Limits(clip=CLIP, by=by)).clipped
    assert found is not None
    return in_degrees(found.overall.angle)


def _truncated() -> tuple[float, float]:
    found = _back(SHOWN, Limits(window=WINDOW)).truncated
    assert found is not None
    return found.comparison.overall.removed, found.comparison.overall.angle


def _padding_gap() -> float:
    """How much two padded steps at the end change L, if the mask leaves them out."""
    view = _shown()
    steps = view.trace.steps
    longer = [
        {name: np.concatenate([array, array[:2]]) for name, array in given.items()}
        for given in (view.reading.inputs, view.reading.targets)
    ]
    mask = np.arange(steps + 2)[:, None] < steps
    return abs(forward(view.graph, view.trace.parameters, longer[0], longer[1], mask=mask).loss - view.trace.loss)


def _first(vector: np.ndarray) -> str:
    """The first unit of a vector, as it stands beside the picture."""
    return number(float(vector[0]))


def _back_to_first() -> int:
    """Steps from the last error to the first slice."""
    return _shown().trace.steps - 1


def _recurrent() -> np.ndarray:
    return _shown().trace.parameters["W_hh"]


SETTINGS: Mapping[str, str] = MappingProxyType(
    {
        "far": f"{FAR:,}",
        "long": f"{LONG:,}",
        "window": str(WINDOW),
        "clip": f"{CLIP:g}",
        "keep_bias": f"{USUAL_KEEP_BIAS:g}",
        "room": f"{OF_WHY['why_room'].default:,}",
        "vocabulary": f"{OF_WHY['why_words'].default:,}",
    }
)
"""Name → what the numbers were computed for: chosen, not found."""

NUMBERS: Mapping[str, Callable[[], str]] = MappingProxyType(
    {
        "steps": lambda: _whole(_unrolled(SHOWN).steps),
        "parameters": lambda: _whole(_unrolled(SHOWN).counts.parameters),
        "parameters_long": lambda: _whole(_unrolled(SHOWN, LONG).counts.parameters),
        "unshared": lambda: _whole(_unrolled(SHOWN).steps * _unrolled(SHOWN).counts.parameters),
        "window_weights": lambda: _whole(_room().full[0].weights),
        "word_weights": lambda: _whole(_room().full[1].weights),
        "shortest": lambda: _whole(_studied(SHOWN, 2).steps),
        "longest": lambda: _whole(_studied(SHOWN, VERY_LONG).steps),
        "influence_first": lambda: _influence(1),
        "influence_last": lambda: _influence(-1),
        "uses": lambda: _whole(_unrolled(SHOWN).counts.uses["W_hh"]),
        "order_apart": lambda: number(_orders(*PAIRS[0]).recurrent.apart),
        "bag_apart": lambda: number(_orders(*PAIRS[0]).bag.apart),
        "work": lambda: _whole(_path().work),
        "span": lambda: _whole(_path().span),
        "far_back": lambda: _whole(_studied(SHOWN, FAR).kept(FAR)[1]),
        "reach_plain": lambda: _reach(SHOWN),
        "reach_small_lstm": lambda: _reach(_small_lstm()),
        "reach_growing": lambda: _reach(GROWING),
        "small_lstm_units": lambda: _whole(_small_lstm().hidden),
        "small_lstm_parameters": lambda: _whole(size_of(_small_lstm())),
        "stored_short": lambda: _stored(FAR),
        "stored_long": lambda: _stored(VERY_LONG),
        "cycles": lambda: _whole(len(_unrolled(SHOWN).cycles)),
        "rtrl_gap": lambda: number(_rtrl_gap()),
        "peak": lambda: f"{_peak():.2f}",
        "angle_norm": lambda: _clipping_angle("norm"),
        "angle_value": lambda: _clipping_angle("value"),
        "truncated_share": lambda: in_percent(_truncated()[0]),
        "truncated_angle": lambda: in_degrees(_truncated()[1]),
        "naive_loss": lambda: number(float(np.log(_shown().graph["y"].size))),
        "naive_total": lambda: number(float(_shown().trace.steps * np.log(_shown().graph["y"].size))),
        "gru_before": lambda: _whole(size_of(replace(SHOWN, arch="gru_reset_before"))),
        "gru_after": lambda: _whole(size_of(replace(SHOWN, arch="gru_reset_after"))),
        "inputs": lambda: _whole(_shown().graph["x"].size),
        "state_size": lambda: _whole(_shown().graph["h"].size),
        "preactivation": lambda: number(float(_shown().trace.pre["h"][-1, 0, 0])),
        "squashed": lambda: number(float(_shown().trace["h"][-1, 0, 0])),
        "output_sum": lambda: number(float(_shown().trace["y"][-1].sum())),
        "output_best": lambda: number(float(_shown().trace["y"][-1].max())),
        "read_steps": lambda: _whole(_shown().trace.steps),
        "loss": lambda: number(_shown().trace.loss),
        "recurrent_weights": lambda: " × ".join(map(_whole, _recurrent().shape)),
        "delay": lambda: _whole(sum(c.delay for c in _shown().graph.connections)),
        "dag_nodes": lambda: _whole(_unrolled(SHOWN).counts.nodes),
        "dag_edges": lambda: _whole(_unrolled(SHOWN).counts.edges),
        "rounds": lambda: _whole(max(_unrolled(SHOWN).generations.values()) + 1),
        "gradient": lambda: number(float(np.linalg.norm(_gradients().gradients.weights["W_hh"]))),
        "delta": lambda: _first(_gradients().gradients.delta["h"][0, 0]),
        "jacobian": lambda: number(float(state_jacobians(_shown().trace).one_step_singular_values()[-1].max())),
        "jacobian_least": lambda: number(float(state_jacobians(_shown().trace).one_step_singular_values()[-1].min())),
        "radius": lambda: number(float(np.abs(np.linalg.eigvals(_recurrent())).max())),
        "forget": lambda: number(float(_ran(replace(LSTM, bias=0.0)).trace["f"][-1].mean())),
        "forget_open": lambda: number(float(_ran(LSTM).trace["f"][-1].mean())),
        "kept_idle": lambda: number(
            float(ACTIVATIONS["sigmoid"].function(np.array(USUAL_KEEP_BIAS)) ** _back_to_first())
        ),
        "back_to_first": lambda: _whole(_back_to_first()),
        "cell": lambda: _first(_ran(LSTM).trace["c"][-1, 0]),
        "padding_gap": lambda: number(_padding_gap()),
        "encoder_steps": lambda: _whole(encoder_steps(len(tokenize(SENTENCE)))),
        "carried": lambda: _stored(FAR, "rtrl"),
        "review_words": lambda: _whole(answered("sentiment", PAIRS[0][1]).ran.trace.steps),
        "review_answers": lambda: _whole(len(answered("sentiment", PAIRS[0][1]).answering)),
    }
)
"""Name → a function that gives the text of a number."""
