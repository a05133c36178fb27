"""Sounds made from a few numbers, and what a network hears of them: the energy in bands of pitch, frame by frame.

A sound is a source, pulses as of vocal cords or hiss, through resonances (formants), as in Fant 1960; or a pure tone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from explorer.engine.activations import Array
from explorer.engine.timeline import frozen

RATE = 8000
"""Samples in a second."""

BANDS = 24
HOP = 256  # samples from one frame of the network to the next
_WINDOW = 512
_BLOCK, _STEP = 256, 128  # in which resonances are applied
_BANDWIDTHS, _GAINS = np.array([70.0, 110.0, 170.0]), np.array([1.0, 0.6, 0.35])
_RAMP = 0.012  # seconds in which a part fades in and out
_FAINTEST = 1e-5


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of sound.

    Attributes
    ----------
    seconds : float
    pitch : (float, float)
        In Hz, at its beginning and end.
    formants : ((float, float, float), (float, float, float))
        Resonances in Hz, at its beginning and end.
    pulses, hiss, tone : float
        How much of each source; the tone is not resonated.
    growl : float
        Hz by which the loudness goes up and down; 0 for none.
    """

    seconds: float
    pitch: tuple[float, float] = (100.0, 100.0)
    formants: tuple[tuple[float, float, float], tuple[float, float, float]] = ((500, 1500, 2500),) * 2
    pulses: float = 0.0
    hiss: float = 0.0
    tone: float = 0.0
    growl: float = 0.0

    @property
    def samples(self) -> int:
        return max(1, round(self.seconds * RATE))


def synthesise(parts: Sequence[Part], noise: float, rng: np.random.Generator) -> Array:
    """Samples (n,) in -1 … 1 of parts one after the other, with white noise of so many times their loudness.

    Examples
    --------
    >>> sound = synthesise([Part(0.5, (440, 440), tone=1.0)], 0.0, np.random.default_rng(0))
    >>> sound.shape, float(abs(sound).max()) <= 1
    ((4000,), True)
    """
    lengths = [part.samples for part in parts]
    total = sum(lengths)
    pitch = np.concatenate([np.linspace(*part.pitch, n) for part, n in zip(parts, lengths, strict=True)])
    phase = np.cumsum(pitch) / RATE
    source = np.zeros(total)
    beats = np.flatnonzero(np.diff(np.floor(phase)) > 0)
    source[beats] = np.sqrt(RATE / pitch[beats])  # equally loud at every pitch
    loud = {name: np.empty(total) for name in ("pulses", "hiss", "tone")}
    begin = 0
    for part, n in zip(parts, lengths, strict=True):
        shape = _fade(n)
        if part.growl:
            shape = shape * (0.55 + 0.45 * np.sin(2 * np.pi * part.growl * np.arange(n) / RATE))
        for name, level in loud.items():
            level[begin : begin + n] = getattr(part, name) * shape
        begin += n
    source *= loud["pulses"]
    source += loud["hiss"] * rng.standard_normal(total)
    sound = _resonated(source, parts, lengths) + loud["tone"] * np.sin(2 * np.pi * phase)
    loudness = float(np.sqrt(np.mean(np.square(sound)))) or 0.05
    sound += noise * loudness * rng.standard_normal(total)
    return frozen(sound * (0.9 / max(float(np.abs(sound).max()), _FAINTEST)))


def _fade(n: int) -> Array:
    ramp = min(n // 2, round(_RAMP * RATE))
    shape = np.ones(n)
    if ramp:
        shape[:ramp] = np.linspace(0, 1, ramp)
        shape[n - ramp :] = shape[:ramp][::-1]
    return shape


def _resonated(source: Array, parts: Sequence[Part], lengths: Sequence[int]) -> Array:
    """The source through its formants: block by block, overlapping, in the frequency domain."""
    blocks = len(source) // _STEP + 1
    room = np.zeros((blocks - 1) * _STEP + _BLOCK)
    room[_BLOCK // 2 : _BLOCK // 2 + len(source)] = source[: len(room) - _BLOCK // 2]
    window = np.hanning(_BLOCK + 1)[:-1]
    cut = np.lib.stride_tricks.sliding_window_view(room, _BLOCK)[::_STEP] * window
    ends = np.cumsum(lengths)
    knots = np.stack([ends - lengths, ends - 1], axis=1).ravel()
    places = np.array([formants for part in parts for formants in part.formants], float)
    centres = np.arange(blocks) * _STEP
    formants = np.stack([np.interp(centres, knots, places[:, i]) for i in range(3)], axis=1)
    frequencies = np.fft.rfftfreq(_BLOCK, 1 / RATE)
    distance = (frequencies[None, :, None] - formants[:, None, :]) / _BANDWIDTHS
    envelope = (_GAINS / (1 + np.square(distance))).sum(axis=-1)
    shaped = np.fft.irfft(np.fft.rfft(cut, axis=1) * envelope, _BLOCK, axis=1)
    result = np.zeros(len(room) + _BLOCK)
    for first in (0, 1):  # blocks that do not overlap are added at once
        chosen = shaped[first::2].ravel()
        result[first * _STEP : first * _STEP + len(chosen)] += chosen
    return result[_BLOCK // 2 : _BLOCK // 2 + len(source)]  # Hann windows half a block apart add up to 1


def bands(samples: Array) -> Array:
    """What the network hears: (frames, BANDS), the logarithm of the energy in each band, near 0 ± 1.

    Examples
    --------
    >>> bands(np.zeros(8000)).shape
    (31, 24)
    """
    frames = max(1, len(samples) // HOP)
    room = np.zeros((frames - 1) * HOP + _WINDOW)
    centred = (_WINDOW - HOP) // 2
    kept = samples[: len(room) - centred]
    room[centred : centred + len(kept)] = kept
    cut = np.lib.stride_tricks.sliding_window_view(room, _WINDOW)[::HOP] * np.hanning(_WINDOW)
    power = np.square(np.abs(np.fft.rfft(cut, axis=1))) / _WINDOW
    return frozen((np.log10(_FAINTEST + power @ _filters()) + 3.0) / 1.2)


def clock(frames: int, every: int = 5) -> tuple[str, ...]:
    """What stands under each frame: every so often its time.

    Examples
    --------
    >>> clock(7)
    ('0.00 s', '', '', '', '', '0.16 s', '')
    """
    return tuple("" if frame % every else f"{frame * HOP / RATE:.2f} s" for frame in range(frames))


def band_edges() -> Array:
    """Hz of the corners of the triangular bands: 40 Hz apart at first, then in equal ratios."""
    linear = np.arange(40.0, 480.0, 40.0)
    ratio = np.geomspace(480.0, 3900.0, BANDS + 2 - len(linear))
    return np.concatenate([linear, ratio])


@cache
def _filters() -> Array:
    edges = band_edges()
    frequencies = np.fft.rfftfreq(_WINDOW, 1 / RATE)[:, None]
    low, middle, high = edges[:-2], edges[1:-1], edges[2:]
    rising, falling = (frequencies - low) / (middle - low), (high - frequencies) / (high - middle)
    shape = np.clip(np.minimum(rising, falling), 0, None)
    return frozen(shape / shape.sum(axis=0))
