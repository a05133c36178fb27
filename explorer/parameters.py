"""Parameters of a graph: their shapes come from the graph, their first values from a seed and an initialiser."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite
from types import MappingProxyType
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from explorer.graph import Graph, ReadOnly, is_whole

Array = NDArray[Any]
Initializer = Callable[[np.random.Generator, tuple[int, ...]], Array]


def _gaussian(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Normal with standard deviation 1/√(inputs)."""
    return rng.standard_normal(shape) / np.sqrt(shape[0])


def _glorot(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Uniform in ±√(6 / (inputs + outputs)) (Glorot & Bengio 2010)."""
    return rng.uniform(-1, 1, shape) * np.sqrt(6 / sum(shape))


def _orthogonal(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Uniform over matrices with orthonormal rows or columns (Saxe et al. 2014)."""
    tall = rng.standard_normal((max(shape), min(shape)))
    q, r = np.linalg.qr(tall)
    q = q * np.sign(np.diag(r))  # without the signs the distribution would not be uniform
    return q if q.shape == shape else q.T


def _identity(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """The identity, padded with zeros if not square (Le, Jaitly & Hinton 2015)."""
    return np.eye(shape[0], shape[1])


INITIALIZERS: Mapping[str, Initializer] = MappingProxyType(
    {"glorot": _glorot, "gaussian": _gaussian, "orthogonal": _orthogonal, "identity": _identity}
)
"""Name → initialiser of a matrix: menu, link value and test list at once."""


def initialize(
    graph: Graph,
    seed: int = 0,
    *,
    initializer: str = "glorot",
    recurrent: str | None = None,
    gain: float = 1.0,
    spectral_radius: float | None = None,
    biases: Mapping[str, float] | None = None,
) -> Mapping[str, Array]:
    """Draw every parameter of a graph.

    Each parameter has a random stream of its own, made from the seed and its name: changing one layer leaves all
    other weights as they were.

    Parameters
    ----------
    graph : Graph
    seed : int
        0 or more.
    initializer, recurrent : str
        Keys of `INITIALIZERS` for all matrices, and for those read across a delay (default: the same).
    gain : float
        Factor on every matrix as it is drawn.
    spectral_radius : float, optional
        Scale every square matrix read across a delay so that its largest |eigenvalue| is this.
    biases : mapping of str to float, optional
        Constant values by bias name (``{"b_f": 1.0}``); all others are 0.

    Returns
    -------
    mapping of str to array
        Read-only float64 arrays in the shapes of ``graph.parameter_shapes``; diagonal weights are drawn like a
        matrix with one input. It can be pickled and copied; the arrays of a copy are the copy's own and writable.

    Raises
    ------
    ValueError
        For an unknown initialiser or bias, a seed or bias that is no such number, or a spectral
        radius that a nilpotent matrix cannot be given.

    Examples
    --------
    >>> from explorer import architectures
    >>> graph = architectures.build("elman", inputs=3, hidden=4, outputs=3)
    >>> weights = initialize(graph, seed=1, recurrent="orthogonal", spectral_radius=0.9)
    >>> round(float(np.abs(np.linalg.eigvals(weights["W_hh"])).max()), 12)
    0.9
    """
    for name in (initializer, recurrent):
        if name is not None and name not in INITIALIZERS:
            raise ValueError(f"There is no initialiser '{name}'; choose one of {', '.join(INITIALIZERS)}.")
    if not is_whole(seed) or seed < 0:
        raise ValueError(f"A seed is a whole number, 0 or more; {seed!r} was given.")
    if not isfinite(gain):
        raise ValueError(f"A gain is a finite number; {gain} was given.")
    unknown = sorted(set(biases or {}) - {layer.bias for layer in graph.layers if layer.bias})
    if unknown:
        raise ValueError(f"{graph.name} has no bias {', '.join(unknown)}.")
    for name, value in (biases or {}).items():
        if not isfinite(value):
            raise ValueError(f"A bias is a finite number; {value} was given for '{name}'.")
    across = {c.weight for c in graph.connections if c.delay}
    matrices = {c.weight for c in graph.connections if not c.keeps_units}
    diagonals = {c.weight for c in graph.connections if c.diagonal}
    parameters = {}
    for name, shape in graph.parameter_shapes.items():
        rng = np.random.default_rng([seed, crc32(name.encode())])
        if name in matrices:
            drawn = gain * INITIALIZERS[(recurrent or initializer) if name in across else initializer](rng, shape)
            if spectral_radius is not None and name in across and shape[0] == shape[1] and drawn.any():
                drawn = scaled_to_spectral_radius(drawn, spectral_radius)
        elif name in diagonals:
            drawn = INITIALIZERS["gaussian"](rng, (1, *shape))[0]
        else:
            drawn = np.full(shape, (biases or {}).get(name, 0.0))
        own = np.array(drawn, order="C")  # no view: the engine takes over read-only arrays that own their numbers
        own.flags.writeable = False
        parameters[name] = own
    return ReadOnly(parameters)


def scaled_to_spectral_radius(matrix: Array, radius: float) -> Array:
    """Multiply a square matrix so that its largest |eigenvalue| becomes `radius`.

    Examples
    --------
    >>> scaled_to_spectral_radius(np.diag([1.0, -2.0]), 0.5).diagonal()
    array([ 0.25, -0.5 ])
    """
    if not (np.isfinite(radius) and radius >= 0):
        raise ValueError(f"A spectral radius is a finite number, 0 or more; {radius} was given.")
    now = float(np.abs(np.linalg.eigvals(matrix)).max())
    if now < 1e-12 * np.linalg.norm(matrix) or now == 0:
        raise ValueError(f"Every eigenvalue of the matrix is 0, so no factor gives it spectral radius {radius}.")
    return matrix * (radius / now)
