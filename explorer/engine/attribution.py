"""Which inputs mattered: gradient times input."""

from __future__ import annotations

import numpy as np

from explorer.engine.activations import Array
from explorer.engine.backward import backward
from explorer.engine.timeline import frozen
from explorer.engine.trace import Trace


def attribution(trace: Trace, t: int) -> Array:
    """How much each step's input speaks for the answer at step t: -∂E_t/∂x_k · x_k, (T,), index k - 1.

    E_t is measured against the trace's targets: set the network's own answer as target to explain that answer.
    Positive means that making the input larger makes the answer more certain. To first order only: an answer that is
    almost certain changes little whatever one does, and all numbers are small (Shrikumar et al. 2016).

    Parameters
    ----------
    trace : Trace
        Of one sequence, with targets.
    t : int
        Step of the answer, from 1 to T.

    Examples
    --------
    >>> from explorer import architectures, forward, initialize
    >>> graph = architectures.build("elman", inputs=3, hidden=2, outputs=3)
    >>> trace = forward(graph, initialize(graph, 0), [[0], [2], [1]], targets=[[2], [1], [0]])
    >>> found = attribution(trace, 2)
    >>> found.shape, float(found[2])  # a later input cannot have mattered
    ((3,), 0.0)
    """
    gradients = backward(trace, steps=[t])
    total = np.zeros(trace.steps, trace.dtype)
    for name in trace.inputs:
        total -= np.einsum("tbi,tbi->t", gradients[name][1:], trace[name][1:])
    return frozen(total + 0.0)  # no negative zeros
