"""A look-ahead limiter. The mix never passes the ceiling and is unchanged below it. No I/O, no clock.

The gain is a line from millisecond to millisecond. It looks one millisecond ahead, so that it is down before the peak
arrives. That millisecond is its only delay. Samples below the ceiling pass bit by bit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from common.messages import FRAME_SAMPLES, SAMPLE_RATE

CEILING_DB = -0.1
"""The highest level of the mix. Chosen to be just below full scale."""
CEILING = float(np.nextafter(np.float32(10 ** (CEILING_DB / 20)), np.float32(0)))
LOOK_AHEAD = SAMPLE_RATE // 1000
"""Samples of delay, and the length of one step of the gain."""
RELEASE_S = 0.15
"""Time constant of the gain's return. Chosen to be slow against the period of a voice, so that it does not distort."""

_STEPS = FRAME_SAMPLES // LOOK_AHEAD
_RECOVERY = 1 - float(np.exp(-LOOK_AHEAD / SAMPLE_RATE / RELEASE_S))
_BACK_TO_ONE = 0.9999
_RAMP = np.arange(LOOK_AHEAD, dtype=np.float32) / LOOK_AHEAD


class Limiter:
    """A limiter for frames of `FRAME_SAMPLES` float32, ±1 full scale. The output is `LOOK_AHEAD` samples late."""

    def __init__(self, channels: int = 1) -> None:
        """`channels` get one gain, by the higher of their peaks."""
        self.limited = 0
        """Frames in which the gain was below one."""
        self._windows = list(np.zeros((channels, FRAME_SAMPLES + LOOK_AHEAD), np.float32))
        self._magnitude = np.zeros(FRAME_SAMPLES + LOOK_AHEAD, np.float32)
        self._other = np.zeros(FRAME_SAMPLES + LOOK_AHEAD, np.float32)
        self._peaks = np.zeros(_STEPS + 1, np.float32)
        self._curve = np.zeros(FRAME_SAMPLES, np.float32)
        self._lines = list(self._curve.reshape(_STEPS, LOOK_AHEAD))
        self._gain = 1.0

    def follow(self, other: Limiter) -> None:
        """Go on as `other` would, with each channel as its first one."""
        for window in self._windows:
            np.copyto(window, other._windows[0])
        self._gain = other._gain

    def process(self, *frames: NDArray[np.float32]) -> None:
        """Limit `frames`, one for each channel, in place."""
        for number, (window, frame) in enumerate(zip(self._windows, frames, strict=True)):
            window[:LOOK_AHEAD] = window[FRAME_SAMPLES:]
            window[LOOK_AHEAD:] = frame
            frame[:] = window[:FRAME_SAMPLES]
            if number:
                np.abs(window, out=self._other)
                np.maximum(self._magnitude, self._other, out=self._magnitude)
            else:
                np.abs(window, out=self._magnitude)
        if self._gain == 1.0 and float(self._magnitude.max()) <= CEILING:
            return
        self.limited += 1
        self._magnitude.reshape(-1, LOOK_AHEAD).max(axis=1, out=self._peaks)
        self._draw()
        for frame in frames:
            np.multiply(frame, self._curve, out=frame)
            np.clip(frame, -CEILING, CEILING, out=frame)  # remaining rounding errors

    def _draw(self) -> None:
        """Draw the gain so that no millisecond passes the ceiling. The peaks reach one millisecond further."""
        allowed = _allowed(self._peaks[0])
        gain = min(self._gain, allowed)
        for line, peak in zip(self._lines, self._peaks[1:], strict=True):
            after = _allowed(peak)
            wanted = min(gain + (1 - gain) * _RECOVERY, allowed, after)
            np.multiply(_RAMP, np.float32(wanted - gain), out=line)
            np.add(line, np.float32(gain), out=line)
            gain, allowed = wanted, after
        self._gain = 1.0 if gain > _BACK_TO_ONE else gain


def _allowed(peak: np.float32) -> float:
    return min(1.0, CEILING / float(peak)) if peak > 0 else 1.0
