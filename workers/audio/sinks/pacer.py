"""A thread with a call every 10 ms by the monotonic clock, for sinks without a device."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from common.messages import FRAME_MS
from common.system import qos

FRAME_NS = FRAME_MS * 1_000_000


class Pacer:
    """Calls `frame(due_ns)` for every 10 ms since `start`, never early. `fault` keeps its exception."""

    def __init__(self, frame: Callable[[int], None]) -> None:
        self._frame = frame
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.fault: BaseException | None = None

    def start(self, due_ns: int) -> None:
        self._thread = threading.Thread(target=self._run, args=(due_ns,), name="pacer", daemon=True)
        self._thread.start()

    def _run(self, due_ns: int) -> None:
        qos.set_time_critical()
        try:
            while not self._stop.is_set():
                ahead_ns = due_ns - time.monotonic_ns()
                if ahead_ns > 0:
                    time.sleep(ahead_ns / 1e9)
                self._frame(due_ns)
                due_ns += FRAME_NS
        except BaseException as error:  # noqa: BLE001  # read by the watcher of the sink
            self.fault = error

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
