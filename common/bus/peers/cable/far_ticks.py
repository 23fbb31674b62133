"""Times of another machine's frames by our clock. No I/O, no clock.

The clocks run at different paces, so frames that were 10 ms apart there are a little more or less apart here. A reader
that places samples by time (the recorder) wants whole frames. So `held_ns` is one shift for all frames until a pause,
in which it takes the clocks' difference over. What it lacks until then is `AudioFrame.drift_ns`, for the control of the
device's pace.
"""

from __future__ import annotations

import msgspec

from common.messages import AudioFrame

STEP_NS = 1_000_000
"""Difference that is taken over in the next pause. Chosen to be small against a frame."""
MOST_NS = 40_000_000
"""Difference that is taken over in speech as well. Sound that is later than this against the picture is noticed (EBU
R 37 allows 40 ms early and 60 ms late)."""


class FarTicks:
    """The shift of one plane. Call `shifted` for each frame, in order."""

    def __init__(self) -> None:
        self._held_ns: int | None = None
        self._tick_ns = 0
        self._sounding = self._sounded = False

    def shifted(self, frame: AudioFrame, offset_ns: int) -> AudioFrame:
        """Return the frame by our clock. `offset_ns` is how far the other machine's clock is ahead."""
        if frame.tick_ns > self._tick_ns:
            self._tick_ns = frame.tick_ns
            self._sounded, self._sounding = self._sounding, False
            self._follow(offset_ns)
        self._sounding = self._sounding or frame.sounding
        held_ns = self._held_ns if self._held_ns is not None else offset_ns
        return msgspec.structs.replace(
            frame,
            tick_ns=frame.tick_ns - held_ns,
            arrived_ns=frame.arrived_ns - offset_ns if frame.arrived_ns else 0,
            drift_ns=held_ns - offset_ns,
        )

    def restart(self) -> None:
        """Begin anew, because the other machine's clock did."""
        self._held_ns = None
        self._tick_ns = 0

    def _follow(self, offset_ns: int) -> None:
        if self._held_ns is None:
            self._held_ns = offset_ns
            return
        away = abs(offset_ns - self._held_ns)
        if away > MOST_NS or (away > STEP_NS and not self._sounded):
            self._held_ns = offset_ns
