"""Where a frame of the mix belongs on the time line. No I/O, no clock.

The mix is counted by the device's clock, the stems by media's. Its frames follow each other without a seam; what the
clocks drift apart is mended where the mix is silent: there a pause is made longer or shorter.
"""

from __future__ import annotations

from common.messages import FRAME_SAMPLES, SAMPLE_RATE, AudioFrame
from workers.recorder.timeline import position

WINDOW = 200
"""Frames over which the difference is averaged: a device takes its frames in bursts."""
TOLERATED = SAMPLE_RATE // 100
"""A difference of up to 10 ms is left alone."""
URGENT = SAMPLE_RATE // 10
"""One above 100 ms is mended in the midst of sound, if need be."""
BREAK = SAMPLE_RATE
"""A single frame that is so far off belongs to another time: the sink stood still."""


class MixClock:
    """For the frames of one publisher, in their order."""

    def __init__(self, origin_ns: int) -> None:
        self._origin_ns = origin_ns
        self._boot = ""
        self._tick = 0
        self._next = 0
        self._owed = 0
        """Samples by which the mix is to move back (> 0: a pause grows) or forward."""
        self._sum = 0
        self._count = 0
        self.missed = 0
        """Frames that never came."""

    def place(self, frame: AudioFrame, *, silent: bool) -> int | None:
        """Return the position of a frame's first sample; None for a frame that is left out."""
        wanted = position(frame.tick_ns, self._origin_ns)
        skipped = frame.tick - self._tick if frame.boot == self._boot else 0
        off = wanted - self._next - skipped * FRAME_SAMPLES
        if frame.boot != self._boot or skipped < 0 or off > BREAK:
            self._anchor(frame, max(wanted, self._next))
        else:
            self.missed += skipped
            self._next += skipped * FRAME_SAMPLES
            self._watch(off)
        self._tick = frame.tick + 1
        if (silent or abs(self._owed) > URGENT) and not self._mend():
            return None
        at = self._next
        self._next += FRAME_SAMPLES
        return at

    def _anchor(self, frame: AudioFrame, at: int) -> None:
        self._boot, self._next = frame.boot, at
        self._owed = self._sum = self._count = 0

    def _watch(self, off: int) -> None:
        self._sum += off
        self._count += 1
        if self._count == WINDOW:
            mean = self._sum // WINDOW
            self._owed = mean if abs(mean) > TOLERATED else 0
            self._sum = self._count = 0

    def _mend(self) -> bool:
        """Move by what is owed; False if this frame is to be left out for it."""
        if self._owed > 0:
            self._next += self._owed
            self._owed = self._sum = self._count = 0
        elif self._owed <= -FRAME_SAMPLES:
            self._owed += FRAME_SAMPLES
            self._sum = self._count = 0
            return False
        return True
