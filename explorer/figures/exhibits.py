"""An application's input as one hears or sees it: a wave, a picture of a few pixels, curves over time."""

from __future__ import annotations

import io
import wave

import numpy as np
import plotly.graph_objects as go

from explorer.applications.application import Curves, Picture, Sound
from explorer.engine.activations import Array
from explorer.figures.charts import look_for, template
from explorer.figures.theme import weight_colours

MOST_COLUMNS = 600
"""A longer sound is drawn by the highest and the lowest sample of as many stretches."""

SIDE = 240
"""Pixels of the screen that the longer side of a picture has, about."""

_DASHES = ("solid", "dot", "dash", "dashdot")


def recording(sound: Sound) -> bytes:
    """A sound as a WAV file, 16 bits.

    Examples
    --------
    >>> file = recording(Sound(8000, np.array([0.0, 1.0, -2.0]), "three samples"))
    >>> file[:4], np.frombuffer(file[44:], "<i2").tolist()
    (b'RIFF', [0, 32767, -32767])
    """
    whole = np.round(np.clip(np.nan_to_num(sound.samples), -1, 1) * 32767).astype("<i2")
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(sound.rate)
        written.writeframes(whole.tobytes())
    return file.getvalue()


def waveform(sound: Sound, dark: bool = False) -> go.Figure:
    """Samples over seconds."""
    across, up = envelope(sound)
    line = {"color": look_for(dark).roles["input"].stroke, "width": 1}
    trace = go.Scatter(x=across, y=up, mode="lines", line=line, hovertemplate="%{x:.3f} s<extra></extra>")
    layout = go.Layout(
        template=template(dark),
        height=110,
        margin={"l": 8, "r": 8, "t": 4, "b": 40},
        xaxis={"title": {"text": "seconds", "standoff": 4}, "showgrid": False},
        yaxis={"range": [-1, 1], "visible": False},
    )
    return go.Figure(trace, layout)


def envelope(sound: Sound) -> tuple[Array, Array]:
    """Seconds and samples; of a long sound, the lowest and the highest sample of each stretch.

    Examples
    --------
    >>> seconds, samples = envelope(Sound(10, np.sin(np.arange(9000.0)), "a tone"))
    >>> seconds.size, float(seconds[-1]) < 900, bool(samples.max() > 0.99)
    (1200, True, True)
    """
    samples = np.asarray(sound.samples, dtype=float)
    if samples.size <= 2 * MOST_COLUMNS:
        return np.arange(samples.size) / sound.rate, samples
    begins = np.linspace(0, samples.size, MOST_COLUMNS, endpoint=False).astype(int)
    ends = np.stack([np.minimum.reduceat(samples, begins), np.maximum.reduceat(samples, begins)], axis=1)
    return np.repeat(begins / sound.rate, 2), ends.ravel()


def enlarged(picture: Picture) -> Array:
    """Its pixels as squares of many, (height, width, 3) of uint8: nothing between two pixels is made up.

    Examples
    --------
    >>> enlarged(Picture(np.zeros((10, 12, 3)), "black")).shape
    (200, 240, 3)
    """
    return _large(255 * np.clip(np.nan_to_num(picture.pixels), 0, 1))


def painted(amounts: Array, dark: bool = False) -> Array:
    """Numbers of either sign, (height, width), as an enlarged picture in the colours that values have everywhere.

    Examples
    --------
    >>> painted(np.array([[-3.0, 0.0, 3.0]]))[0, ::80].tolist()  # the ends of the scale, and neutral between them
    [[10, 74, 134], [247, 246, 243], [147, 63, 5]]
    """
    scale = np.array([[int(stop[i : i + 2], 16) for i in (1, 3, 5)] for stop in look_for(dark).diverging])
    largest = float(np.abs(amounts).max()) or 1.0
    places = (amounts / largest + 1) / 2 * (len(scale) - 1)
    stops = np.arange(len(scale))
    return _large(np.stack([np.interp(places, stops, channel) for channel in scale.T], axis=-1))


def _large(pixels: Array) -> Array:
    whole = np.round(pixels).astype(np.uint8)
    times = max(1, SIDE // max(whole.shape[:2]))
    return whole.repeat(times, axis=0).repeat(times, axis=1)


def curves(shown: Curves, dark: bool = False) -> go.Figure:
    """Lines over time, each with a colour and a dash of its own."""
    traces = [
        go.Scatter(
            x=np.arange(1, len(numbers) + 1),
            y=numbers,
            name=name,
            mode="lines",
            line={
                "color": weight_colours(i)["dark" if dark else "light"],
                "dash": _DASHES[i % len(_DASHES)],
                "width": 2,
            },
            hovertemplate="step %{x}: %{y:.6g}<extra>" + _plain(name) + "</extra>",
        )
        for i, (name, numbers) in enumerate(shown.lines)
    ]
    layout = go.Layout(
        template=template(dark),
        height=260,
        margin={"l": 8, "r": 8, "t": 30, "b": 44},
        showlegend=True,
        legend={"orientation": "h", "x": 0, "xanchor": "left", "y": 1, "yanchor": "bottom", "itemclick": False},
        xaxis={"title": {"text": "step t", "standoff": 6}},
        yaxis={"title": {"text": _plain(shown.unit), "standoff": 6}, "automargin": True},
    )
    return go.Figure(traces, layout)


def _plain(text: str) -> str:
    """Plotly reads a little HTML and fills in what stands in %{}."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("%{", "% {")
