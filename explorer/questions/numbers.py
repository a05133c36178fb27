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
from explorer.application_views import answered
from explorer.engine.activations import ACTIVATIONS
from explorer.engine.forward import forward
from explorer.engine.influence import influence
from explorer.engine.jacobians import state_jacobians
from explorer.engine.rtrl import rtrl
from explorer.equations import number, power
from explorer.gradient_views import Limits, WentBack, went_back
from explorer.order_views import in_two_orders
from explorer.page_settings.order import PAIRS
from explorer.page_settings.shared import SENTENCE
from explorer.page_settings.vanishing import USUAL_KEEP_BIAS
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


def _window_weights() -> int:
    """Parameters of a feed-forward network with the same layers that reads all positions at once."""
    graph = _shown().graph
    inputs, hidden, outputs = (graph[name].size for name in "xhy")
    return LONG * inputs * hidden + hidden + hidden * outputs + outputs


def _stored(steps: int) -> str:
    """Bytes of all values that a full backward pass keeps, in kB."""
    trace = _studied(SHOWN, steps).trace
    computed = [layer.name for layer in trace.graph.layers if layer.role not in ("input", "loss")]
    return f"{sum(trace[name].nbytes for name in computed) / 1000:,.1f} kB"


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
    return f"{round(found.overall.angle, 1) + 0:.1f}°"


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


def _recurrent() -> np.ndarray:
    return _shown().trace.parameters["W_hh"]


SETTINGS: Mapping[str, str] = MappingProxyType(
    {
        "far": f"{FAR:,}",
        "long": f"{LONG:,}",
        "window": str(WINDOW),
        "clip": f"{CLIP:g}",
        "keep_bias": f"{USUAL_KEEP_BIAS:g}",
    }
)
"""Name → what the numbers were computed for: chosen, not found."""

NUMBERS: Mapping[str, Callable[[], str]] = MappingProxyType(
    {
        "steps": lambda: _whole(_unrolled(SHOWN).steps),
        "parameters": lambda: _whole(_unrolled(SHOWN).counts.parameters),
        "parameters_long": lambda: _whole(_unrolled(SHOWN, LONG).counts.parameters),
        "unshared": lambda: _whole(_unrolled(SHOWN).steps * _unrolled(SHOWN).counts.parameters),
        "window_weights": lambda: _whole(_window_weights()),
        "shortest": lambda: _whole(_studied(SHOWN, 2).steps),
        "longest": lambda: _whole(_studied(SHOWN, VERY_LONG).steps),
        "influence_first": lambda: _influence(1),
        "influence_last": lambda: _influence(-1),
        "uses": lambda: _whole(_unrolled(SHOWN, _shown().trace.steps).counts.uses["W_hh"]),
        "order_apart": lambda: number(_orders(*PAIRS[0]).recurrent.apart),
        "bag_apart": lambda: number(_orders(*PAIRS[0]).bag.apart),
        "long_nodes": lambda: _whole(_unrolled(SHOWN, LONG).counts.nodes),
        "chain": lambda: _whole(max(_unrolled(SHOWN, LONG).generations.values()) + 1),
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
        "truncated_share": lambda: f"{_truncated()[0]:.0%}",
        "truncated_angle": lambda: f"{_truncated()[1]:.1f}°",
        "naive_loss": lambda: number(float(np.log(_shown().graph["y"].size))),
        "mean_loss": lambda: number(_shown().trace.loss / _shown().trace.steps),
        "gru_before": lambda: _whole(size_of(replace(SHOWN, arch="gru_reset_before"))),
        "gru_after": lambda: _whole(size_of(replace(SHOWN, arch="gru_reset_after"))),
        "inputs": lambda: _whole(_shown().graph["x"].size),
        "state_size": lambda: _whole(_shown().graph["h"].size),
        "state_length": lambda: number(float(np.linalg.norm(_shown().trace["h"][-1]))),
        "preactivation": lambda: number(float(_shown().trace.pre["h"][-1, 0, 0])),
        "squashed": lambda: number(float(_shown().trace["h"][-1, 0, 0])),
        "output_sum": lambda: number(float(_shown().trace["y"][-1].sum())),
        "output_best": lambda: f"{float(_shown().trace['y'][-1].max()):.1%}",
        "read_steps": lambda: _whole(_shown().trace.steps),
        "loss": lambda: number(_shown().trace.loss),
        "recurrent_weights": lambda: _whole(_recurrent().size),
        "delay": lambda: _whole(sum(c.delay for c in _shown().graph.connections)),
        "dag_nodes": lambda: _whole(_unrolled(SHOWN).counts.nodes),
        "dag_edges": lambda: _whole(_unrolled(SHOWN).counts.edges),
        "rounds": lambda: _whole(max(_unrolled(SHOWN).generations.values()) + 1),
        "gradient": lambda: number(float(np.linalg.norm(_gradients().gradients.weights["W_hh"]))),
        "delta": lambda: number(float(np.linalg.norm(_gradients().gradients.delta["h"][0]))),
        "jacobian": lambda: f"{state_jacobians(_shown().trace).one_step_singular_values()[-1].max():.4f}",
        "jacobian_least": lambda: f"{state_jacobians(_shown().trace).one_step_singular_values()[-1].min():.4f}",
        "radius": lambda: number(float(np.abs(np.linalg.eigvals(_recurrent())).max())),
        "forget": lambda: number(float(_ran(replace(LSTM, bias=0.0)).trace["f"][-1].mean())),
        "forget_open": lambda: number(float(_ran(LSTM).trace["f"][-1].mean())),
        "kept_idle": lambda: number(float(ACTIVATIONS["sigmoid"].function(np.array(USUAL_KEEP_BIAS)) ** FAR)),
        "cell_length": lambda: number(float(np.linalg.norm(_ran(LSTM).trace["c"][-1]))),
        "padding_gap": lambda: number(_padding_gap()),
        "encoder_steps": lambda: _whole(encoder_steps(len(tokenize(SENTENCE)))),
        "carried": lambda: _whole(_shown().graph["h"].size * _shown().graph.parameter_count),
        "review_words": lambda: _whole(answered("sentiment", PAIRS[0][1]).ran.trace.steps),
        "review_answers": lambda: _whole(len(answered("sentiment", PAIRS[0][1]).answering)),
    }
)
"""Name → a function that gives the text of a number."""
