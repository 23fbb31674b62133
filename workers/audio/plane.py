"""The mix on its own audio plane, for recorder and dashboard. The sink's thread hands frames over and never waits."""

from __future__ import annotations

import queue
import threading
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from common.bus import AudioPublisher
from common.messages import MIX_PEER, MIX_PLANE, AudioFrame

_WAITING = 200
"""Frames that wait at most for the publishing thread; it is far quicker than that."""


class MixPlane:
    """`tap` is for one thread at a time: see `chain.Tap`."""

    def __init__(self, run: Path, boot: str) -> None:
        self._publisher = AudioPublisher(run, MIX_PLANE)
        self._boot = boot
        # put() of a SimpleQueue neither locks nor waits, wherever the other thread stands
        self._queue: queue.SimpleQueue[tuple[int, int, bytes] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._publish, name="mix-plane", daemon=True)
        self._thread.start()
        self.lost = 0
        """Frames that could not wait."""
        self.fault: BaseException | None = None

    def tap(self, number: int, heard_ns: float, samples: NDArray[np.float32]) -> None:
        if self._queue.qsize() < _WAITING:
            self._queue.put((number, int(heard_ns), samples.tobytes()))
        else:
            self.lost += 1

    def _publish(self) -> None:
        try:
            while (taken := self._queue.get()) is not None:
                number, heard_ns, samples = taken
                scaled = np.rint(np.frombuffer(samples, np.float32) * np.float32(32768))
                sounding = bool(scaled.any())
                frame = AudioFrame(
                    peer=MIX_PEER, boot=self._boot, tick=number, tick_ns=heard_ns, arrived_ns=0, sounding=sounding
                )
                self._publisher.send(frame, np.clip(scaled, -32768, 32767).astype("<i2").tobytes() if sounding else b"")
        except BaseException as error:  # noqa: BLE001  # the worker looks at it, and ends
            self.fault = error
        finally:
            self._publisher.close()

    def stop(self) -> None:
        self._queue.put(None)
        self._thread.join(2)
