"""State Jacobians ∂s_t/∂s_k: one-step matrices, their products, and what these do to a small change of the state.

J[i, j] = ∂s_t[i]/∂s_{t−1}[j]. The state is made of all layers that are read across a delay; where a layer is read
across several steps, its earlier copies belong to the state too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from explorer.engine.activations import ACTIVATIONS, Array
from explorer.engine.inputs import whole
from explorer.engine.one_step import chosen_states, one_step_jacobians
from explorer.engine.products import Product, Scaled
from explorer.engine.schedule import schedule
from explorer.engine.slices import anatomy
from explorer.engine.timeline import frozen
from explorer.engine.trace import Trace
from explorer.graph import ReadOnly, is_whole

States = str | Sequence[str] | None
"""One state, several, or None for all copies of all."""

Digits = Literal["all", "sound", "largest"]
"""Which singular values of a long product are wanted, and how well."""

_SOUND = 1e-13  # of the largest: what lies below is rounding


@dataclass(frozen=True, eq=False)
class StateJacobians:
    """One-step Jacobians of one row of a trace, and everything made of them.

    With `direction` -1 the states run backward in time: then k lies after t, and ``one_step[t - 1]`` is ∂s_t/∂s_{t+1}.

    Attributes
    ----------
    trace : Trace
    row : int
        Of the batch.
    direction : {1, -1}
        1 if the states run forward in time.
    states : tuple of str
        Layers of which the state is made.
    spans : mapping of str to slice
        Rows and columns of each of them.
    copies : tuple of (str, int)
        All that the state holds, in order: layer, and how many steps ago it was computed.
    one_step : (T, S, S) array
        ∂s_t/∂s_{t-1} at index t - 1; s_0 is the initial state.
    """

    trace: Trace
    row: int
    direction: int
    states: tuple[str, ...]
    spans: Mapping[str, slice]
    copies: tuple[tuple[str, int], ...]
    one_step: Array

    @property
    def size(self) -> int:
        """S."""
        return self.one_step.shape[1]

    def between(self, t: int, k: int, states: States = None) -> Scaled:
        """∂s_t/∂s_k as mantissa · 2**exponent; the identity for k = t.

        Parameters
        ----------
        t, k : int
            0 ≤ k ≤ t ≤ T; for states that run backward in time 1 ≤ t ≤ k ≤ T + 1.
        states : str or sequence of str, optional
            Rows and columns of these layers only. The paths through the other states still count.
        """
        found = Scaled.of(np.eye(self.size))
        for matrix in self._steps_back(t, k):
            found = found.times(matrix)
        return found if states is None else Scaled.of(found.mantissa[self._block(states)], found.exponent)

    def singular_values(self, t: int, k: int, states: States = None) -> Array:
        """log₁₀ of the singular values of ∂s_t/∂s_k, descending; those of the whole state keep all their digits.

        Of a block, those below 10⁻¹⁵ of the largest are rounding.
        """
        if states is not None:
            block = self.between(t, k, states)
            return _log10(np.linalg.svd(block.mantissa, compute_uv=False), block.exponent)
        product = Product(self.size)
        for matrix in self._steps_back(t, k):
            product.append(matrix)
        return product.log10_singular_values()

    def eigenvalues(self, t: int, k: int, states: States = None) -> tuple[Array, Array]:
        """log₁₀ |λ| (descending) and the phases of the eigenvalues of ∂s_t/∂s_k.

        Those below 10⁻¹⁵ of the norm are rounding.
        """
        block = self.between(t, k, states)
        values = np.linalg.eigvals(block.mantissa).astype(complex)
        values = values[np.argsort(-np.abs(values), kind="stable")]
        return _log10(np.abs(values), block.exponent), np.angle(values)

    def condition(self, t: int, k: int, states: States = None) -> float:
        """log₁₀ of the largest singular value over the smallest; inf if that is 0."""
        values = self.singular_values(t, k, states)
        return float(values[0] - values[-1]) if np.isfinite(values[0]) else np.inf

    def products_from(self, t: int, distances: Iterable[int] | None = None, digits: Digits = "all") -> Iterator[Array]:
        """log₁₀ σ₁ … σ_S of ∂s_t/∂s_{t-d} for one d after another; of ∂s_t/∂s_{t+d} if the states run backward.

        Parameters
        ----------
        t : int
        distances : iterable of int, optional
            The d that are wanted, ascending; 1, 2, … down to step 1 (up to T) if left out. The singular values cost far
            more than the product, so a picture does well to ask for some.
        digits : {"all", "sound", "largest"}
            "all" gives every value with all its digits. "sound" gives those that are not rounding beside the largest,
            which is all a float can hold of one matrix, and not a number for the others: a hundred times cheaper.
            "largest" gives σ₁ alone, the norm ‖∂s_t/∂s_{t-d}‖₂, as an array of one.

        Examples
        --------
        >>> from explorer import architectures, forward
        >>> graph = architectures.build("elman", inputs=1, hidden=2, outputs=1, activation="identity")
        >>> zero = {name: np.zeros(shape) for name, shape in graph.parameter_shapes.items()}
        >>> found = state_jacobians(forward(graph, {**zero, "W_hh": np.diag([1.0, 1e-9])}, np.zeros((4, 1, 1))))
        >>> for digits in ("all", "sound", "largest"):
        ...     print(next(found.products_from(4, [2], digits)).round(6))
        [  0. -18.]
        [ 0. nan]
        [0.]
        """
        T = self.trace.steps
        t = whole(t, 1, T, "A step")
        if digits not in (known := get_args(Digits)):
            raise ValueError(f"Singular values have the digits {', '.join(known)}; {digits!r} was asked for.")
        most = t - 1 if self.direction == 1 else T - t
        wanted = list(range(1, most + 1) if distances is None else distances)
        fine = all(is_whole(d) and 1 <= d <= most for d in wanted) and wanted == sorted(wanted)
        if not fine:
            raise ValueError(
                f"From step {t} states lie 1 to {most} steps away; {wanted}, in this order, was asked for."
            )
        return self._products_from(t, wanted, digits)

    def _products_from(self, t: int, distances: list[int], digits: Digits) -> Iterator[Array]:
        scaled, product, before = Scaled.of(np.eye(self.size)), Product(self.size), 0
        for d in distances:
            for matrix in self._steps_back(t - self.direction * before, t - self.direction * d):
                if digits == "all":
                    product.append(matrix)
                else:
                    scaled = scaled.times(matrix)
            before = d
            if digits == "all":
                yield product.log10_singular_values()
                continue
            values = np.linalg.svd(scaled.mantissa, compute_uv=False)
            if digits == "largest":
                values = values[:1]
            yield np.where(values >= _SOUND * values[0], _log10(values, scaled.exponent), np.nan)

    def one_step_singular_values(self) -> Array:
        """Singular values of every one-step Jacobian: (T, S), index t - 1, descending."""
        return frozen(np.linalg.svd(self.one_step, compute_uv=False))

    def _steps_back(self, t: int, k: int) -> Iterator[Array]:
        """One-step Jacobians of the steps t … k + 1."""
        T = self.trace.steps
        legal = 0 <= k <= t <= T if self.direction == 1 else 1 <= t <= k <= T + 1
        if not (is_whole(t) and is_whole(k) and legal):
            order = (
                f"0 ≤ k ≤ t ≤ {T}" if self.direction == 1 else f"1 ≤ t ≤ k ≤ {T + 1}, for these run backward in time"
            )
            raise ValueError(f"∂s_{t}/∂s_{k} was asked for; steps are whole numbers and need {order}.")
        for step in range(t, k, -self.direction):
            yield self.one_step[step - 1]

    def _block(self, states: States) -> tuple[Array, Array]:
        names = (states,) if isinstance(states, str) else tuple(states or self.states)
        for name in names:
            if name not in self.spans:
                raise ValueError(f"'{name}' is no part of the state; choose from {', '.join(self.states)}.")
        places = np.concatenate([np.arange(self.size)[self.spans[name]] for name in names])
        rows, columns = np.ix_(places, places)
        return rows, columns


def state_jacobians(trace: Trace, row: int = 0, direction: int | None = None) -> StateJacobians:
    """One-step Jacobians ∂s_t/∂s_{t−1} of all states of one row, from one backward pass through all slices at once.

    Parameters
    ----------
    trace : Trace
    row : int
        Of the batch.
    direction : {1, -1}, optional
        Which states, if some run forward in time and some backward. If left out, those that run forward, if any.

    Raises
    ------
    ValueError
        If there are no such states, none that depend on their own neighbours in time alone, or too many numbers.

    Examples
    --------
    >>> from explorer import architectures, forward, initialize
    >>> graph = architectures.build("lstm", inputs=3, hidden=2, outputs=3)
    >>> found = state_jacobians(forward(graph, initialize(graph, 0), [[0], [2], [1]]))
    >>> found.states, found.one_step.shape, found.between(3, 1, "c").mantissa.shape
    (('c', 'h'), (3, 4, 4), (2, 2))
    """
    row = whole(row, 0, trace.batch - 1, "A row of the batch")
    direction, states = chosen_states(trace.graph, direction)
    spans, one_step = one_step_jacobians(trace, row, direction, states)
    return StateJacobians(
        trace=trace,
        row=row,
        direction=direction,
        states=states,
        spans=ReadOnly({name: spans[name, 0] for name in states}),
        copies=tuple(spans),
        one_step=one_step,
    )


def lyapunov_exponents(jacobians: StateJacobians, count: int | None = None) -> Array:
    """The largest Lyapunov exponents over the whole sequence, in nats per step, descending: (S,), or (count,) of them.

    A frame of S directions is carried along and made orthonormal again by QR at every step; the mean of ln |R_ii| is
    the rate at which the i-th grows (Benettin et al. 1980; for recurrent networks Engelken, Wolf and Abbott 2023).

    Examples
    --------
    >>> from explorer import architectures, forward
    >>> graph = architectures.build("elman", inputs=1, hidden=2, outputs=1, activation="identity")
    >>> zero = {name: np.zeros(shape) for name, shape in graph.parameter_shapes.items()}
    >>> trace = forward(graph, {**zero, "W_hh": np.diag([0.5, 2.0])}, np.zeros((9, 1, 1)))
    >>> lyapunov_exponents(state_jacobians(trace)).round(4)
    array([ 0.6931, -0.6931])
    """
    frame = np.eye(jacobians.size)
    if count is not None:  # in general position: a direction inside a fading subspace would never show what grows
        count = whole(count, 1, jacobians.size, "The count of exponents")
        general = np.random.default_rng(0).standard_normal((jacobians.size, count))
        frame = np.linalg.qr(general)[0]
    total = np.zeros(frame.shape[1])
    with np.errstate(divide="ignore"):
        for matrix in jacobians.one_step[:: jacobians.direction]:
            frame, triangle = np.linalg.qr(matrix @ frame)
            total += np.log(np.abs(np.diagonal(triangle)))
    return np.sort(total / jacobians.trace.steps)[::-1]


def norm_bound(trace: Trace) -> float | None:
    """γσ₁, which no singular value of a one-step Jacobian exceeds, so that ‖∂h_t/∂h_k‖₂ ≤ (γσ₁)^(t−k).

    γ is the steepest slope of the activation and σ₁ the largest singular value of the recurrent matrix (Pascanu,
    Mikolov and Bengio 2013). It holds where one layer reads itself through one matrix across one step and nothing else
    is read across a delay; for any other graph the answer is None.

    Examples
    --------
    >>> from explorer import architectures, forward, initialize
    >>> graph = architectures.build("elman", inputs=3, hidden=4, outputs=3, activation="sigmoid")
    >>> weights = initialize(graph, 0, recurrent="orthogonal", spectral_radius=2.0)
    >>> round(norm_bound(forward(graph, weights, [[0], [2]])), 6)
    0.5
    """
    graph = trace.graph
    states = anatomy(graph).states
    if len(states) != 1:
        return None
    (name,) = states
    layer = graph[name]
    slope = ACTIVATIONS[layer.activation].slope
    loops = [c for c in graph.connections if c.source == name and c.delay]
    looped = [part for part in schedule(graph) if part.looped]
    alone = len(looped) == 1 and looped[0].bank == (name,)
    if not alone or slope is None or len(loops) != 1 or layer.combine != "sum":
        return None
    (loop,) = loops
    if loop.target != name or abs(loop.delay) != 1 or loop.weight is None or loop.diagonal:
        return None
    return float(slope * np.linalg.svd(trace.parameters[loop.weight].astype(np.float64), compute_uv=False)[0])


def _log10(values: Array, exponent: int) -> Array:
    with np.errstate(divide="ignore"):
        return np.asarray(np.log10(values) + exponent * np.log10(2))
