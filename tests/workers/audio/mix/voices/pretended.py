"""A suppressor that can be heard: it is late by its delay and halves what it takes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future

import numpy as np
from numpy.typing import NDArray

from common.messages import FRAME_SAMPLES
from workers.audio.mix.voices.suppressor import Suppressor


class Halving:
    delay_frames = 2

    def __init__(self) -> None:
        self.taken = 0
        self.closed = False
        self._held = deque(np.zeros((self.delay_frames, FRAME_SAMPLES), np.float32))

    def process(self, frame: NDArray[np.float32], out: NDArray[np.float32]) -> None:
        assert not self.closed
        self.taken += 1
        self._held.append(frame / 2)
        np.copyto(out, self._held.popleft())

    def close(self) -> None:
        assert not self.closed
        self.closed = True


class Orders:
    """What was ordered. Each is made at once, unless it is told to `wait`."""

    def __init__(self, *, wait: bool = False, error: Exception | None = None) -> None:
        self.made: list[Halving] = []
        self.ordered: list[Future[Suppressor]] = []
        self._wait = wait
        self._error = error

    def __call__(self) -> Future[Suppressor]:
        self.ordered.append(Future())
        if not self._wait:
            self.deliver()
        return self.ordered[-1]

    def deliver(self) -> None:
        if self._error is not None:
            self.ordered[-1].set_exception(self._error)
            return
        self.made.append(Halving())
        self.ordered[-1].set_result(self.made[-1])


Process = Callable[[NDArray[np.float32]], None]


def run(process: Process, sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what `process` makes of each frame of `sound`."""
    out = sound.copy()
    for frame in out.reshape(-1, FRAME_SAMPLES):
        process(frame)
    return out


def tone(frames: int, level: float = 0.5) -> NDArray[np.float32]:
    """Return frames of 100 Hz, of which each frame is one period. It is loudest where they meet, so a step shows."""
    at = np.arange(frames * FRAME_SAMPLES) / FRAME_SAMPLES
    return (level * np.cos(2 * np.pi * at)).astype(np.float32)
