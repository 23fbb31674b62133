"""The queue of decoded sound before the next ticks: segments in, 10 ms frames out."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from common.messages import FRAME_SAMPLES
from workers.media.receive.voice.opus import Samples


@dataclass(slots=True)
class Piece:
    samples: Samples
    arrived_ns: int = 0
    made: bool = False
    recovered: bool = False


@dataclass(frozen=True, slots=True)
class Cut:
    """One output frame of `FRAME_SAMPLES`, with silence where nothing was ready."""

    samples: Samples
    arrived_ns: int
    made: int
    """How many of its samples were concealed."""
    recovered: int
    """How many of its samples came from a copy."""


class Playout:
    """A short queue of segments."""

    def __init__(self) -> None:
        self.ready = 0
        """Samples in the queue."""
        self._pieces: deque[Piece] = deque()

    def append(self, piece: Piece) -> None:
        if len(piece.samples):
            self._pieces.append(piece)
            self.ready += len(piece.samples)

    def take(self) -> Cut:
        """Return the next frame. Something must be ready."""
        first = self._pieces[0]
        if len(first.samples) == FRAME_SAMPLES:
            self._pieces.popleft()
            self.ready -= FRAME_SAMPLES
            return self._cut(first.samples, first.arrived_ns, [(FRAME_SAMPLES, first)])
        frame = np.zeros(FRAME_SAMPLES, np.int16)
        at, used = 0, []
        while at < FRAME_SAMPLES and self._pieces:
            piece = self._pieces[0]
            count = min(FRAME_SAMPLES - at, len(piece.samples))
            frame[at : at + count] = piece.samples[:count]
            used.append((count, piece))
            at += count
            if count == len(piece.samples):
                self._pieces.popleft()
            else:
                piece.samples = piece.samples[count:]
        self.ready -= at
        return self._cut(frame, first.arrived_ns, used)

    @staticmethod
    def _cut(frame: Samples, arrived_ns: int, used: list[tuple[int, Piece]]) -> Cut:
        made = sum(count for count, piece in used if piece.made)
        recovered = sum(count for count, piece in used if piece.recovered)
        return Cut(frame, arrived_ns, made, recovered)
