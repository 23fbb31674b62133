"""The delay line of one talker's frames, as long as the mix's delay. No I/O, no clock."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

from common.basic.values import DelayMs, range_of
from common.messages import FRAME_MS, AudioFrame

MOST_MS = int(range_of(DelayMs).most)
_NS_PER_MS = 1_000_000

T = TypeVar("T")


class DelayLine(Generic[T]):
    """Delays each frame, and the sound that belongs to it, by `set_ms`.

    A longer delay repeats frames, and a shorter one skips some, as in the mix. There is no gap, which the page would
    take for a bad network.
    """

    def __init__(self) -> None:
        self._frames: deque[tuple[AudioFrame, T]] = deque(maxlen=MOST_MS // FRAME_MS + 100)
        self._waiting = 0
        """Number of the last frames that are not released yet."""
        self._ms = 0

    @property
    def waits(self) -> bool:
        return self._waiting > 0

    def set_ms(self, delay_ms: float, now_ns: int) -> None:
        """Delay by 0 … `MOST_MS`, in whole frames. `now_ns` is on the clock of `AudioFrame.tick_ns`."""
        wanted = round(max(0.0, min(MOST_MS, delay_ms)) / FRAME_MS) * FRAME_MS
        if wanted == self._ms:
            return
        self._ms = wanted
        self._waiting = sum(not self._is_due(frame, now_ns) for frame, _ in self._frames)

    def add(self, frame: AudioFrame, sound: T) -> None:
        self._frames.append((frame, sound))
        self._waiting = min(self._waiting + 1, len(self._frames))

    def due(self, now_ns: int) -> list[tuple[AudioFrame, T]]:
        """Return the frames due now, in order."""
        given: list[tuple[AudioFrame, T]] = []
        while self._waiting and self._is_due(self._frames[-self._waiting][0], now_ns):
            given.append(self._frames[-self._waiting])
            self._waiting -= 1
        return given

    def _is_due(self, frame: AudioFrame, now_ns: int) -> bool:
        return not self._ms or frame.tick_ns + self._ms * _NS_PER_MS <= now_ns
