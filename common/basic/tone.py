"""The test tone: 1 kHz at -20 dBFS, faded in and out. No I/O, no clock.

It is the line-up tone of broadcasters, low enough not to frighten anybody with headphones.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

HZ = 1000
LEVEL_DB = -20.0
FADE_FRAMES = 20
"""Length of each fade, 200 ms. Chosen to startle nobody."""

_PEAK = np.float32(10 ** (LEVEL_DB / 20))


class Tone:
    """The tone. One thread may start it, and another one add it to its frames."""

    def __init__(self, rate: int, frame: int) -> None:
        """`frame` samples at `rate` must hold whole periods, so that every frame is the same."""
        self._per_s = rate / frame
        self._sine = (_PEAK * np.sin(2 * np.pi * HZ * np.arange(frame) / rate)).astype(np.float32)
        self._ramp = ((np.arange(FADE_FRAMES * frame) + 0.5) / (FADE_FRAMES * frame)).astype(np.float32)
        self._wanted = 0
        """Length in frames of a tone that is to begin, or 0."""
        self._frames = 0
        self._at = 0

    def start(self, seconds: float) -> None:
        """Begin with the next frame. A tone that sounds already begins anew."""
        self._wanted = max(2 * FADE_FRAMES, round(seconds * self._per_s))

    @property
    def is_on(self) -> bool:
        return bool(self._wanted) or self._at < self._frames

    def add_to(self, frame: NDArray[np.float32]) -> None:
        """Add the next samples to the frame (±1 full scale), which is lowered so far that it cannot clip."""
        if self._wanted:
            self._frames, self._at, self._wanted = self._wanted, 0, 0
        if self._at >= self._frames:
            return
        envelope = self._envelope()
        frame *= 1 - _PEAK * envelope
        frame += self._sine * envelope
        self._at += 1

    def _envelope(self) -> NDArray[np.float32] | np.float32:
        """Return the loudness of the next frame, 0 … 1."""
        size, left = len(self._sine), self._frames - 1 - self._at
        if self._at < FADE_FRAMES:
            return self._ramp[self._at * size : (self._at + 1) * size]
        if left < FADE_FRAMES:
            return self._ramp[left * size : (left + 1) * size][::-1]
        return np.float32(1)
