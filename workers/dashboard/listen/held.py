"""One talker's frames, held back as long as the mix is. Takes the time as an argument; no I/O."""

from __future__ import annotations

from collections import deque

from common.basic.values import DelayMs, range_of
from common.messages import FRAME_MS, AudioFrame

MOST_MS = int(range_of(DelayMs).most)
_NS_PER_MS = 1_000_000

Sounding = tuple[AudioFrame, bytes]


class Held:
    """A frame is due `set_ms` after it was due without. Where that changes, what was said goes on from there.

    A longer delay gives again what was given already, a shorter one skips: as the mix does, and without a hole that
    the page would take for a bad network.
    """

    def __init__(self) -> None:
        self._frames: deque[Sounding] = deque(maxlen=MOST_MS // FRAME_MS + 100)
        self._waiting = 0
        """How many of the last frames have not been given."""
        self._ms = 0

    @property
    def waits(self) -> bool:
        return self._waiting > 0

    def set_ms(self, delay_ms: float, now_ns: int) -> None:
        """Hold back by 0 … `MOST_MS`, in whole frames; `now_ns` on the clock of `AudioFrame.tick_ns`."""
        wanted = round(max(0.0, min(MOST_MS, delay_ms)) / FRAME_MS) * FRAME_MS
        if wanted == self._ms:
            return
        self._ms = wanted
        self._waiting = sum(not self._is_due(frame, now_ns) for frame, _ in self._frames)

    def add(self, frame: AudioFrame, samples: bytes) -> None:
        self._frames.append((frame, samples))
        self._waiting = min(self._waiting + 1, len(self._frames))

    def due(self, now_ns: int) -> list[Sounding]:
        """Return what is to be heard now, in its order."""
        given: list[Sounding] = []
        while self._waiting and self._is_due(self._frames[-self._waiting][0], now_ns):
            given.append(self._frames[-self._waiting])
            self._waiting -= 1
        return given

    def _is_due(self, frame: AudioFrame, now_ns: int) -> bool:
        return not self._ms or frame.tick_ns + self._ms * _NS_PER_MS <= now_ns
