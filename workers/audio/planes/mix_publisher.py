"""The publisher of the mix on its own audio plane, for recorder and dashboard. The sink's thread never waits for it."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np

from common.bus import AudioPublisher
from common.messages import MIX_PLANE, AudioFrame
from workers.audio.planes.ring import Ring

_WAITING = 256
"""The most frames that wait for the publishing thread, which is far faster than that."""
_WAIT_S = 0.2
"""Longest wait for a frame between two checks whether to stop."""


class MixPublisher:
    def __init__(self, run: Path, boot: str) -> None:
        self._run_folder = run
        self._boot = boot
        self._ring = Ring(_WAITING)
        self.tap = self._ring.put
        """For one thread at a time, see `chain.Tap`."""
        self._stopping = False
        self._thread: threading.Thread | None = None
        self.fault: BaseException | None = None

    def start(self) -> None:
        publisher = AudioPublisher(self._run_folder, MIX_PLANE)
        self._thread = threading.Thread(target=self._publish, args=(publisher,), name="mix-plane", daemon=True)
        self._thread.start()

    @property
    def lost(self) -> int:
        """Frames that found no room."""
        return self._ring.lost

    def _publish(self, publisher: AudioPublisher) -> None:
        try:
            while not self._stopping:
                for peer, number, at_ns, samples in self._ring.take(_WAIT_S):
                    scaled = np.rint(samples * np.float32(32768))
                    sounding = bool(scaled.any())
                    frame = AudioFrame(peer=peer, boot=self._boot, tick=number, tick_ns=at_ns, sounding=sounding)
                    sound = np.clip(scaled, -32768, 32767).astype("<i2").tobytes() if sounding else b""
                    publisher.send(frame, sound)
        except BaseException as error:  # noqa: BLE001  # the worker reads it and ends
            self.fault = error
        finally:
            publisher.close()

    def stop(self) -> None:
        self._stopping = True
        if self._thread is not None:
            self._thread.join(2)
