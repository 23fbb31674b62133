"""The position of the mix on media's time line, for the recorder. No I/O, no clock."""

from __future__ import annotations

from common.messages import FRAME_MS
from workers.audio.mix.talker_frames import MixStep

_FRAME_NS = FRAME_MS * 1_000_000
_SOON_FRAMES = 20
"""For this many frames an empty frame follows directly on the last one, since a fade may sound in it."""


class RecorderAlignment:
    """The alignment of the mix. Call `due_ns` for each frame, in order."""

    def __init__(self, late_ns: float = 0.0) -> None:
        """`late_ns` is the mix's own delay (the limiter)."""
        self._late_ns = late_ns
        self._due_ns = 0.0
        self._lag_ns = 0.0
        self._empty = _SOON_FRAMES

    def due_ns(self, step: MixStep, heard_ns: float) -> float:
        """Return the monotonic ns at which the frame's first sample lies on media's time line."""
        if step.parts:
            self._due_ns = step.parts[0].frame.tick_ns - self._late_ns
            self._lag_ns = heard_ns - self._due_ns
            self._empty = 0
        elif self._empty < _SOON_FRAMES:
            self._due_ns += _FRAME_NS
            self._empty += 1
        else:
            self._due_ns = heard_ns - self._lag_ns
        return self._due_ns
