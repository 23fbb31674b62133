"""The thread that takes frames from the audio plane.

It does nothing else, because it shares the interpreter with the device's callback.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from common.bus import AudioSubscriber
from common.system import qos
from workers.audio.mix.talker_frames import TalkerFrame

WAIT_MS = 200
"""Longest wait for a frame between two checks whether to stop."""


class TalkerSubscriber:
    def __init__(self, run: Path, take: Callable[[TalkerFrame], None]) -> None:
        """`take` gets each frame, in this thread. It must not wait."""
        self._run_folder = run
        self._take = take
        self._stopping = False
        self._subscriber: AudioSubscriber | None = None
        self._thread: threading.Thread | None = None
        self.fault: BaseException | None = None

    @property
    def malformed(self) -> int:
        """Messages on the audio plane that were not frames."""
        return self._subscriber.bad if self._subscriber is not None else 0

    def start(self) -> None:
        self._subscriber = AudioSubscriber(self._run_folder)
        self._thread = threading.Thread(target=self._receive, args=(self._subscriber,), name="receive", daemon=True)
        self._thread.start()

    def _receive(self, subscriber: AudioSubscriber) -> None:
        qos.set_time_critical()
        try:
            while not self._stopping:
                for frame, samples in subscriber.receive(WAIT_MS):
                    self._take(TalkerFrame(frame, samples, time.monotonic_ns()))
        except BaseException as error:  # noqa: BLE001  # the worker reads it and ends
            self.fault = error
        finally:
            subscriber.close()

    def stop(self) -> None:
        self._stopping = True
        if self._thread is not None:
            self._thread.join(2)
