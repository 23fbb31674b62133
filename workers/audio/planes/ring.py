"""A preallocated ring of frames between two threads. Neither side waits for the other or allocates. No I/O."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from common.messages import FRAME_SAMPLES


class Ring:
    """The ring. `put` is for one thread at a time, `take` for another one."""

    def __init__(self, frames: int) -> None:
        self._frames = frames
        self._slots = list(np.zeros((frames, FRAME_SAMPLES), np.float32))
        self._peers = [""] * frames
        self._numbers = array("q", bytes(8 * frames))
        self._times_ns = array("q", bytes(8 * frames))
        self._written = 0
        self._taken = 0
        self._wake = threading.Lock()
        """`take` waits for it. A release wakes that thread and never waits."""
        self._wake.acquire()
        self.lost = 0
        """Frames for which there was no room."""

    def put(self, peer: str, number: int, at_ns: float, samples: NDArray[np.float32]) -> None:
        """Copy a frame in, see `chain.Tap`."""
        if self._written - self._taken >= self._frames:
            self.lost += 1
            return
        slot = self._written % self._frames
        np.copyto(self._slots[slot], samples)
        self._peers[slot] = peer
        self._numbers[slot] = number
        self._times_ns[slot] = int(at_ns)
        self._written += 1
        if self._wake.locked():
            self._wake.release()

    def take(self, wait_s: float) -> Iterator[tuple[str, int, int, NDArray[np.float32]]]:
        """Wait at most `wait_s` for a frame, then yield all frames. Each is valid until the next one."""
        self._wake.acquire(timeout=wait_s)
        while self._taken < self._written:
            slot = self._taken % self._frames
            yield self._peers[slot], self._numbers[slot], self._times_ns[slot], self._slots[slot]
            self._taken += 1
