"""The mix on its own audio plane, for recorder and dashboard. The sink's thread hands frames over and never waits.

What is handed over is copied into a ring that is made once; the publishing thread does the rest.
"""

from __future__ import annotations

import threading
from array import array
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from common.bus import AudioPublisher
from common.messages import FRAME_SAMPLES, MIX_PLANE, AudioFrame

_WAITING = 256
"""Frames that wait at most for the publishing thread; it is far quicker than that."""
_LOOK_S = 0.2
"""Longest wait for a frame before it looks whether to stop."""


class MixPlane:
    """`tap` is for one thread at a time: see `chain.Tap`."""

    def __init__(self, run: Path, boot: str) -> None:
        self._publisher = AudioPublisher(run, MIX_PLANE)
        self._boot = boot
        self._slots = list(np.zeros((_WAITING, FRAME_SAMPLES), np.float32))
        self._peers = [""] * _WAITING
        self._numbers = array("q", bytes(8 * _WAITING))
        self._times_ns = array("q", bytes(8 * _WAITING))
        self._written = 0
        self._sent = 0
        self._wake = threading.Lock()
        """The publishing thread waits for it; whoever lets go of it wakes that one, and never waits."""
        self._wake.acquire()
        self._stopping = False
        self._thread = threading.Thread(target=self._publish, name="mix-plane", daemon=True)
        self._thread.start()
        self.lost = 0
        """Frames that could not wait."""
        self.fault: BaseException | None = None

    def tap(self, peer: str, number: int, at_ns: float, samples: NDArray[np.float32]) -> None:
        if self._written - self._sent >= _WAITING:
            self.lost += 1
            return
        slot = self._written % _WAITING
        np.copyto(self._slots[slot], samples)
        self._peers[slot] = peer
        self._numbers[slot] = number
        self._times_ns[slot] = int(at_ns)
        self._written += 1
        if self._wake.locked():
            self._wake.release()

    def _publish(self) -> None:
        try:
            while not self._stopping:
                self._wake.acquire(timeout=_LOOK_S)
                while self._sent < self._written:
                    self._send(self._sent % _WAITING)
                    self._sent += 1
        except BaseException as error:  # noqa: BLE001  # the worker looks at it, and ends
            self.fault = error
        finally:
            self._publisher.close()

    def _send(self, slot: int) -> None:
        scaled = np.rint(self._slots[slot] * np.float32(32768))
        sounding = bool(scaled.any())
        frame = AudioFrame(
            peer=self._peers[slot],
            boot=self._boot,
            tick=self._numbers[slot],
            tick_ns=self._times_ns[slot],
            sounding=sounding,
        )
        self._publisher.send(frame, np.clip(scaled, -32768, 32767).astype("<i2").tobytes() if sounding else b"")

    def stop(self) -> None:
        self._stopping = True
        self._thread.join(2)
