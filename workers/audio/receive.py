"""The thread that takes frames from the audio plane into the chain's inbox.

It does nothing else: it shares the interpreter with the device's callback.
"""

from __future__ import annotations

import threading
from collections import deque
from pathlib import Path

from common.bus import AudioSubscriber
from common.messages import AudioFrame

WAIT_MS = 200
"""Longest wait for a frame before it looks whether to stop."""


class Receiver:
    def __init__(self, run: Path, inbox: deque[tuple[AudioFrame, bytes]]) -> None:
        self._subscriber = AudioSubscriber(run)
        self._inbox = inbox
        self._stopping = False
        self._thread = threading.Thread(target=self._receive, name="receive", daemon=True)
        self.fault: BaseException | None = None

    @property
    def malformed(self) -> int:
        """Messages on the audio plane that were no frames."""
        return self._subscriber.bad

    def start(self) -> None:
        self._thread.start()

    def _receive(self) -> None:
        try:
            while not self._stopping:
                self._inbox.extend(self._subscriber.receive(WAIT_MS))
        except BaseException as error:  # noqa: BLE001  # the worker looks at it, and ends
            self.fault = error
        finally:
            self._subscriber.close()

    def stop(self) -> None:
        self._stopping = True
        self._thread.join(2)
