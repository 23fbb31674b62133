"""What arrives of another machine's frames: how late, how evenly, and what is missing. No I/O, no clock."""

from __future__ import annotations

from collections import deque

import numpy as np

from common.messages import FRAME_MS, AudioFrame

SECONDS = 10
"""Seconds whose frames give delay and jitter. Chosen to show what is the case now, and to hold a stall for a while."""
LATE_MS = 200.0
"""A later frame is of no use to who listens: the mix has given up waiting by then (`FrameQueue`, `IDLE_PULLS`)."""
OLD_MS = 1_000.0
"""A later frame is of no use to anybody, and dropped."""
BEHIND_FRAMES = 300
"""So many frames in a row that are too old (0.2 s of 15 talkers) are the backlog of a stalled connection."""
MOST_GAP = 1_000
"""Missing ticks beyond this (10 s) are a talker that was gone, not frames that were lost."""


class CableArrivals:
    """The frames of one plane. Call `record` for each frame, and `second` once a second."""

    def __init__(self) -> None:
        self.frames = 0
        self.missing = 0
        """Frames of sounding talkers that were lost on the way."""
        self.late = 0
        """Frames that came more than `LATE_MS` late."""
        self.dropped = 0
        """Frames that came more than `OLD_MS` late, and were dropped."""
        self.bytes_per_s = 0.0
        self.delay_ms = 0.0
        """Median from a frame's tick to its arrival here, of the last `SECONDS`."""
        self.worst_ms = 0.0
        self.jitter_ms = 0.0
        """How much later than the quickest one 95 % of the frames came at most, of the last `SECONDS`."""
        self._ticks: dict[str, tuple[str, int, bool]] = {}
        self._bytes = 0
        self._old_in_a_row = 0
        self._seconds: deque[list[float]] = deque(([],), maxlen=SECONDS)

    @property
    def is_behind(self) -> bool:
        """Nothing but old frames come: the connection delivers a backlog. A new one begins with the present."""
        return self._old_in_a_row >= BEHIND_FRAMES

    def record(self, frame: AudioFrame, size: int, late_ms: float) -> int:
        """Record a frame that came `late_ms` after its tick. Return how many frames are missing before it."""
        self.frames += 1
        self._bytes += size
        self._seconds[-1].append(late_ms)
        self.late += late_ms > LATE_MS
        missing = self._missing(frame)
        self.missing += missing
        if self.is_old(late_ms):
            self.dropped += 1
            self._old_in_a_row += 1
        else:
            self._old_in_a_row = 0
        return missing

    @staticmethod
    def is_old(late_ms: float) -> bool:
        return late_ms > OLD_MS

    def _missing(self, frame: AudioFrame) -> int:
        boot, tick, sounding = self._ticks.get(frame.peer, ("", 0, False))
        self._ticks[frame.peer] = (frame.boot, frame.tick, frame.sounding)
        gap = frame.tick - tick - 1
        return gap if boot == frame.boot and sounding and 0 < gap <= MOST_GAP else 0

    def reconnected(self) -> None:
        self._old_in_a_row = 0

    def second(self, seconds: float = 1.0) -> None:
        """Compute the figures. `seconds` have passed since the last call."""
        self.bytes_per_s, self._bytes = self._bytes / seconds, 0
        late = np.concatenate([np.array(each) for each in self._seconds])
        if len(late):
            low, middle, high, worst = np.percentile(late, (0, 50, 95, 100))
            self.delay_ms, self.jitter_ms, self.worst_ms = float(middle), float(high - low), float(worst)
        else:
            self.delay_ms = self.jitter_ms = self.worst_ms = 0.0
        self._seconds.append([])
        newest = max((tick for _, tick, _ in self._ticks.values()), default=0)
        stale = [peer for peer, (_, tick, _) in self._ticks.items() if newest - tick > MOST_GAP * FRAME_MS]
        for peer in stale:
            del self._ticks[peer]
