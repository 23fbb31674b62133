"""A video of one picture, the waveform of a sound, for services that take no sound files."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 1280, 720
RATE = 2
"""Pictures a second. They are all the same. Fewer make some players slow to seek."""
BACKGROUND, COLOUR, MIDDLE = (24, 26, 32), (110, 168, 254), (70, 74, 86)
_MARGIN = 80
"""Pixels around the waveform."""


class WaveformVideo:
    """The video stream of one file. Call `draw` once, before the sound is written."""

    def __init__(self, container: Any, seconds: float) -> None:
        self._container = container
        self._pictures = max(1, round(seconds * RATE))
        self._stream = container.add_stream("libx264", rate=RATE)
        self._stream.width, self._stream.height, self._stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        self._stream.options = {"preset": "veryfast", "tune": "stillimage", "crf": "23"}

    def draw(self, sound: Iterable[NDArray[np.int16]]) -> None:
        frame = av.VideoFrame.from_ndarray(picture(sound), format="rgb24").reformat(format="yuv420p")
        for number in range(self._pictures):
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            self._container.mux(self._stream.encode(frame))
        self._container.mux(self._stream.encode(None))


def add_stream(container: Any, seconds: float) -> WaveformVideo:
    return WaveformVideo(container, seconds)


def picture(sound: Iterable[NDArray[np.int16]]) -> NDArray[np.uint8]:
    """Return the waveform as height, width and colour."""
    columns = WIDTH - 2 * _MARGIN
    peaks = np.array([int(np.max(np.abs(block.astype(np.int32)), initial=0)) for block in sound] or [0])
    places = np.linspace(0, len(peaks), columns + 1).astype(int)
    tops = [peaks[begin : max(begin + 1, end)].max() for begin, end in pairwise(places)]
    loudest = max(1, *tops)
    made = np.full((HEIGHT, WIDTH, 3), BACKGROUND, np.uint8)
    middle = HEIGHT // 2
    made[middle - 1 : middle + 1, _MARGIN:-_MARGIN] = MIDDLE
    for column, top in enumerate(tops):
        half = round(top / loudest * (middle - _MARGIN))
        made[middle - half : middle + half, _MARGIN + column] = COLOUR
    return made
