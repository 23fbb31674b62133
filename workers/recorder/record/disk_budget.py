"""The recording time that the disk still has room for. No I/O, no clock."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Literal

WINDOW_S = 60.0
"""The growth of the files is measured over this time."""
TALKER_BYTES_PER_MIN = 2_500_000
"""About what one file of speech needs. Used until there is a measurement.
`benchmarks.sound.recording` measures it."""
LEAST_BYTES_PER_MIN = 1_000_000
"""Silence needs almost nothing, but it may end."""

Room = Literal["enough", "low", "full"]


@dataclass
class DiskBudget:
    """The disk budget. `keep_free` bytes stay free, and below `warn_minutes` of recording time `room` is "low"."""

    keep_free: int
    warn_minutes: float
    _sizes: deque[tuple[float, int]] = field(default_factory=deque)

    def record(self, at_s: float, size: int) -> None:
        """Record the recording's size at a monotonic time."""
        self._sizes.append((at_s, size))
        while at_s - self._sizes[0][0] > WINDOW_S:
            self._sizes.popleft()

    def bytes_per_min(self, files: int) -> int:
        """Return the need per minute, as measured, or as `files` of speech need until there is a measurement."""
        least = max(1, files) * LEAST_BYTES_PER_MIN
        if self._sizes and (span := self._sizes[-1][0] - self._sizes[0][0]) > WINDOW_S / 2:
            return max(least, int((self._sizes[-1][1] - self._sizes[0][1]) * 60 / span))
        return max(1, files) * TALKER_BYTES_PER_MIN

    def minutes_left(self, free: int, files: int) -> float:
        return max(0, free - self.keep_free) / self.bytes_per_min(files)

    def room(self, free: int, files: int) -> Room:
        if free <= self.keep_free:
            return "full"
        return "low" if self.minutes_left(free, files) < self.warn_minutes else "enough"
