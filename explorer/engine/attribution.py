"""Which inputs mattered: gradient times input."""

from __future__ import annotations

import numpy as np

from explorer.engine.activations import ACTIVATIONS, Array
from explorer.engine.backward import backward
from explorer.engine.gradients import Gradients
from explorer.engine.timeline import frozen
from explorer.engine.trace import Trace


def answer_gradients(trace: Trace, said: Array | None = None) -> Gradients:
    """Differentiate what the network says at each step apart; targets play no part.

    That is ln y of the unit that speaks where the units share one probability, and y itself where it is a number.

    Parameters
    ----------
    trace : Trace
        Of one sequence.
    said : (T,) array of int, optional
        The unit that speaks at each step; the largest, if left out.

    Returns
    -------
    Gradients
        Of T cotangents: row t - 1 belongs to the answer at step t, and is 0 where there is none.

    Examples
    --------
    >>> from explorer import architectures, forward, initialize
    >>> graph = architectures.build("elman", inputs=3, hidden=2, outputs=3)
    >>> gradients = answer_gradients(forward(graph, initialize(graph, 0), [[0], [2], [1]]))
    >>> gradients["h"].shape  # h_0 … h_3, the answers at the steps 1, 2 and 3, units
    (4, 3, 2)
    """
    values = trace[trace.output][1:, 0]
    answering = np.asarray(trace.graph[trace.output].presence.steps(trace.steps)) - 1
    units = (values.argmax(axis=-1) if said is None else np.asarray(said))[answering]
    seed = np.zeros((trace.steps + 1, trace.steps, values.shape[-1]), trace.dtype)
    shares_one_probability = ACTIVATIONS[trace.graph[trace.output].activation].derivative is None
    tiny = np.finfo(trace.dtype).tiny  # a probability that has underflowed has no gradient either
    slopes = 1 / np.maximum(values[answering, units], tiny) if shares_one_probability else 1.0  # of ln y, or of y
    seed[answering + 1, answering, units] = slopes
    return backward(trace, {trace.output: seed})


def gradient_times_input(gradients: Gradients) -> Array:
    """How much each step's input speaks for each answer: gradient · x_k, (T, T); row t - 1 explains the answer at t.

    Positive means that making the input larger makes the answer more certain or, if it is a number, larger. To first
    order only: an answer that is almost certain changes little whatever one does, and all numbers are small
    (Shrikumar et al. 2016).

    Parameters
    ----------
    gradients : Gradients
        From `answer_gradients`.

    Examples
    --------
    >>> from explorer import architectures, forward, initialize
    >>> graph = architectures.build("elman", inputs=3, hidden=2, outputs=3)
    >>> trace = forward(graph, initialize(graph, 0), [[0], [2], [1]])
    >>> found = gradient_times_input(answer_gradients(trace))
    >>> found.shape, float(found[1, 2])  # a later input cannot have mattered
    ((3, 3), 0.0)
    """
    trace = gradients.trace
    total = np.zeros((gradients.rows, trace.steps), trace.dtype)
    for name in trace.inputs:
        total += np.einsum("kti,ki->tk", gradients[name][1:], trace[name][1:, 0])
    return frozen(total + 0.0)  # no negative zeros
