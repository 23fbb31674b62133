"""Puts frames of the audio plane on one clock for RTP. No I/O, no clock of its own.

Packets carry the source's ticks, so a listener sees the pace of the source's clock and nothing of ours. A frame that
is missing is a hole in the times. While a source says nothing (it was started anew, or its talker is gone), silence
follows this machine's clock, so that a listener can tell a quiet party from a broken connection.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from common.messages import FRAME_MS, FRAME_SAMPLES, AudioFrame

FRAMES = 2
"""Frames in a packet. 10 ms would be heard 10 ms earlier and score the same (`benchmarks.machines.opus`), for twice the
packets, which are what this worker spends its time on."""
QUIET_S = 0.2
"""Silence begins when the source said nothing for this time. Chosen above the stalls of a busy machine (100 ms), so
that frames which are only late still count."""
_FRAME_S = FRAME_MS / 1000

Sound = NDArray[np.int16]


@dataclass(frozen=True)
class PacketSound:
    """The sound of one packet."""

    pts: int
    """Time of its first sample, in samples."""
    sound: Sound
    """Rows of samples, one value a channel."""


class RtpTimeline:
    """The clock of one stream. `now_s`: seconds of a monotonic clock."""

    def __init__(self, channels: int, now_s: float) -> None:
        self._channels = channels
        self._next = 0
        """Position of the next frame, in frames."""
        self._boot = ""
        self._offset = 0
        """Position minus tick, of the present source."""
        self._heard_s = now_s
        """When the last frame came."""
        self._heard_at = 0
        """The position that was due then."""
        self._first: tuple[int, Sound] | None = None
        """A frame that waits for the other one of its packet."""
        self.late = 0
        """Frames that came after silence had taken their place."""

    def add(self, frame: AudioFrame, sound: Sound, now_s: float) -> list[PacketSound]:
        """Take a frame. Return the blocks that it completes."""
        if frame.boot != self._boot:
            self._boot = frame.boot
            self._offset = max(self._next, self._due(now_s)) - frame.tick
        at = frame.tick + self._offset
        self._heard_s, self._heard_at = now_s, max(at + 1, self._heard_at)
        if at < self._next:
            self.late += 1
            return []
        return self._put(at, sound)

    def fill(self, now_s: float) -> list[PacketSound]:
        """Return the silence that is due by now, none while the source sends."""
        if now_s - self._heard_s < QUIET_S:
            return []
        due = self._due(now_s)
        made = []
        if due - self._next > round(QUIET_S / _FRAME_S):
            self._next = due - FRAMES  # a hole: what was not sent in time would only add delay
            made += self._complete()
        while self._next + FRAMES <= due:
            for _ in range(FRAMES):
                made += self._put(self._next, self._silence(1))
        return made

    def _due(self, now_s: float) -> int:
        return self._heard_at + int((now_s - self._heard_s) / _FRAME_S)

    def _put(self, at: int, sound: Sound) -> list[PacketSound]:
        made = self._complete() if self._first is not None and at != self._first[0] + 1 else []
        self._next = at + 1
        if self._first is None:
            self._first = (at, sound)
            return made
        first, before = self._first
        self._first = None
        return [*made, PacketSound(first * FRAME_SAMPLES, np.concatenate((before, sound)))]

    def _complete(self) -> list[PacketSound]:
        """Return the frame that waits, with silence in the place of its other one."""
        if self._first is None:
            return []
        first, sound = self._first
        self._first = None
        return [PacketSound(first * FRAME_SAMPLES, np.concatenate((sound, self._silence(1))))]

    def _silence(self, frames: int) -> Sound:
        return np.zeros((frames * FRAME_SAMPLES, self._channels), np.int16)
