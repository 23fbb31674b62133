"""The queue of decoded sound before the next ticks: segments in, 10 ms frames out."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from common.bus.voice.opus import Samples
from common.messages import FRAME_SAMPLES


@dataclass(slots=True)
class Segment:
    samples: Samples
    arrived_ns: int = 0
    made: bool = False
    recovered: bool = False


@dataclass(frozen=True, slots=True)
class PlayoutFrame:
    """One output frame of `FRAME_SAMPLES`, with silence where nothing was ready."""

    samples: Samples
    arrived_ns: int
    made: int
    """How many of its samples were concealed."""
    recovered: int
    """How many of its samples came from a copy."""


class PlayoutQueue:
    """A short queue of segments."""

    def __init__(self) -> None:
        self.ready = 0
        """Samples in the queue."""
        self._segments: deque[Segment] = deque()

    def append(self, segment: Segment) -> None:
        if len(segment.samples):
            self._segments.append(segment)
            self.ready += len(segment.samples)

    def take(self) -> PlayoutFrame:
        """Return the next frame. Something must be ready."""
        first = self._segments[0]
        if len(first.samples) == FRAME_SAMPLES:
            self._segments.popleft()
            self.ready -= FRAME_SAMPLES
            return self._frame(first.samples, first.arrived_ns, [(FRAME_SAMPLES, first)])
        frame = np.zeros(FRAME_SAMPLES, np.int16)
        at, used = 0, []
        while at < FRAME_SAMPLES and self._segments:
            segment = self._segments[0]
            count = min(FRAME_SAMPLES - at, len(segment.samples))
            frame[at : at + count] = segment.samples[:count]
            used.append((count, segment))
            at += count
            if count == len(segment.samples):
                self._segments.popleft()
            else:
                segment.samples = segment.samples[count:]
        self.ready -= at
        return self._frame(frame, first.arrived_ns, used)

    @staticmethod
    def _frame(frame: Samples, arrived_ns: int, used: list[tuple[int, Segment]]) -> PlayoutFrame:
        made = sum(count for count, segment in used if segment.made)
        recovered = sum(count for count, segment in used if segment.recovered)
        return PlayoutFrame(frame, arrived_ns, made, recovered)
