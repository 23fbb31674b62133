"""A delay line for the mix (0 to 2 s), to match a video. A change is cross-faded in one frame. No I/O, no clock."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from common.basic.values import DelayMs, range_of
from common.messages import FRAME_SAMPLES, SAMPLE_RATE

MOST_MS = range_of(DelayMs).most
_LENGTH = (int(MOST_MS) * SAMPLE_RATE // 1000 // FRAME_SAMPLES + 2) * FRAME_SAMPLES
_RAMP = (np.arange(1, FRAME_SAMPLES + 1, dtype=np.float32)) / FRAME_SAMPLES


class VideoDelay:
    """The delay line. `process` is for one thread, and another may call `set_ms`."""

    def __init__(self, rows: int = 1) -> None:
        self._ring = np.zeros((rows, _LENGTH), np.float32)
        self._old = np.zeros((rows, FRAME_SAMPLES), np.float32)
        self._at = 0
        self._now = 0
        self._wanted = 0

    def set_ms(self, delay_ms: float) -> None:
        """Delay by 0 … `MOST_MS`."""
        self._wanted = round(max(0.0, min(MOST_MS, delay_ms)) * SAMPLE_RATE / 1000)

    def follow(self, other: VideoDelay) -> None:
        """Delay by as much as `other`."""
        self._wanted = other._wanted

    def process(self, frame: NDArray[np.float32]) -> None:
        """Replace `frame`, rows times `FRAME_SAMPLES`, by the delayed one."""
        self._ring[:, self._at : self._at + FRAME_SAMPLES] = frame
        wanted = self._wanted
        if wanted != self._now:
            self._read(self._now, self._old)
            self._read(wanted, frame)
            frame -= self._old
            for row in frame:  # all rows at once would need a buffer
                np.multiply(row, _RAMP, out=row)
            frame += self._old
            self._now = wanted
        elif wanted:
            self._read(wanted, frame)
        self._at = (self._at + FRAME_SAMPLES) % _LENGTH

    def _read(self, delay: int, out: NDArray[np.float32]) -> None:
        first = (self._at - delay) % _LENGTH
        count = min(FRAME_SAMPLES, _LENGTH - first)
        out[:, :count] = self._ring[:, first : first + count]
        out[:, count:] = self._ring[:, : FRAME_SAMPLES - count]
