"""The headroom, i.e. the shortest wait of frames before they are taken, and the queue's correction in whole frames.

Drift is the resampler's part (`rate_control`). This corrects what a stall or a burst left, in silence only.
No I/O, no clock.
"""

from __future__ import annotations

from common.messages import FRAME_MS
from workers.audio.mix.talker_frames import MixStep

WINDOW_FRAMES = 200
"""Frames that are watched before a correction, two seconds."""
_DEAD_MS = 2.0
"""How much wider than a frame the band without corrections is, so that no correction calls for the opposite one."""
_FRAME_NS = FRAME_MS * 1_000_000


class Headroom:
    def __init__(self, target_frames: int) -> None:
        """`target_frames` is the queue's target. Its last frame must be there before the one before it is taken."""
        self.set_target(target_frames)
        self.lowest_ms = 0.0
        """Of the last whole window."""
        self.restart()

    def set_target(self, target_frames: int) -> None:
        """Follow the queue's target."""
        self._least_ns = ((target_frames - 1) * FRAME_MS - _DEAD_MS) * 1e6
        self._most_ns = target_frames * FRAME_MS * 1e6

    @property
    def least_ms(self) -> float:
        """How late a frame may be at least without being missed."""
        return self._least_ns / 1e6

    def restart(self) -> None:
        """Restart the window, because the queue was changed."""
        self._low_ns = float("inf")
        self._left = WINDOW_FRAMES

    def measure(self, step: MixStep, asked_ns: int) -> int | None:
        """Measure a frame that was taken at `asked_ns` (not when it is heard, since a device takes several at once).

        Return, at the end of a window, the frames to drop (> 0) or to add (< 0).
        """
        if not step.parts:
            return None
        self._low_ns = min(self._low_ns, asked_ns - max(part.received_ns for part in step.parts))
        self._left -= 1
        if self._left:
            return None
        low_ns = self._low_ns
        self.lowest_ms = low_ns / 1e6
        self.restart()
        if low_ns < self._least_ns:
            return -int(-(low_ns - self._least_ns) // _FRAME_NS) - 1
        if low_ns >= self._most_ns:
            return int((low_ns - self._least_ns) // _FRAME_NS)
        return 0
