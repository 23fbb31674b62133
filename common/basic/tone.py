"""The test tone: 1 kHz at -20 dBFS, faded in and out. No I/O, no clock.

It is the line-up tone of broadcasters, low enough not to frighten anybody with headphones.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RATE = 48_000
LEVEL_DB = -20.0
FRAME = 480
"""Samples of a frame, 10 ms. They hold ten whole periods, so that every frame is the same."""
FADE_FRAMES = 20
"""Length of each fade, 200 ms. Chosen to startle nobody."""

_PEAK = np.float32(10 ** (LEVEL_DB / 20))
_SINE = (_PEAK * np.sin(2 * np.pi * 1000 * np.arange(FRAME) / RATE)).astype(np.float32)
_RAMP = ((np.arange(FADE_FRAMES * FRAME) + 0.5) / (FADE_FRAMES * FRAME)).astype(np.float32)


class Tone:
    """The tone. One thread may start it, and another one add it to its frames."""

    def __init__(self) -> None:
        self._wanted = 0
        """Length in frames of a tone that is to begin, or 0."""
        self._frames = 0
        self._at = 0

    def start(self, seconds: float) -> None:
        """Begin with the next frame. A tone that sounds already begins anew."""
        self._wanted = max(2 * FADE_FRAMES, round(seconds * RATE / FRAME))

    @property
    def is_on(self) -> bool:
        return bool(self._wanted) or self._at < self._frames

    def add_to(self, frame: NDArray[np.float32]) -> None:
        """Add the next `FRAME` samples to the frame (±1 full scale), which is lowered so far that it cannot clip."""
        if self._wanted:
            self._frames, self._at, self._wanted = self._wanted, 0, 0
        if self._at >= self._frames:
            return
        envelope = _envelope(self._at, self._frames)
        frame *= 1 - _PEAK * envelope
        frame += _SINE * envelope
        self._at += 1


def _envelope(at: int, frames: int) -> NDArray[np.float32] | np.float32:
    """Return the loudness of frame number `at` of a tone, 0 … 1."""
    left = frames - 1 - at
    if at < FADE_FRAMES:
        return _RAMP[at * FRAME : (at + 1) * FRAME]
    if left < FADE_FRAMES:
        return _RAMP[left * FRAME : (left + 1) * FRAME][::-1]
    return np.float32(1)
