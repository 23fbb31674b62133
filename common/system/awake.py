"""Keeps the machine from falling asleep by itself. macOS only, by `caffeinate`. Not run on a Mac yet.

Linux: nothing. A desktop there asks its own session manager, and a machine without one does not fall asleep.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable

PLATFORM = sys.platform
PROGRAM = "caffeinate"
PAUSE_S = 600.0
"""Wait before it is started again after it ended by itself: at most 6 times an hour."""


class Awake:
    """An assertion against idle sleep, held by a child process that ends with this one, however that ends.

    `-i` leaves the screen alone, and leaves the closed lid and an empty battery their say.
    """

    def __init__(self, *, enabled: bool = True, clock: Callable[[], float] = time.monotonic) -> None:
        self._enabled = enabled and PLATFORM == "darwin"
        self._clock = clock
        self._child: subprocess.Popen[bytes] | None = None
        self._released: list[subprocess.Popen[bytes]] = []
        """Children that were told to end. They are reaped at the next call, so that nothing waits for them."""
        self._fault = ""
        self._not_before = 0.0

    def hold(self, *, wanted: bool) -> None:
        """Hold the assertion if it is wanted, else release it. Called at each heartbeat. It waits for nothing."""
        if not self._enabled:
            return
        self._look()
        if not wanted:
            self.release()
            self._fault, self._not_before = "", 0.0
        elif self._child is None and self._clock() >= self._not_before:
            self._start()

    def release(self) -> None:
        """Let the machine sleep again. Nothing happens if nothing is held."""
        if self._child is not None:
            self._child.terminate()
            self._released.append(self._child)
            self._child = None

    def facts(self) -> dict[str, str]:
        """Return what is held, for the heartbeat's facts. Empty where there is nothing to hold."""
        if not self._enabled:
            return {}
        if self._child is not None:
            return {"awake": f"held ({PROGRAM}, process {self._child.pid})"}
        return {"awake": self._fault or "not held"}

    def _start(self) -> None:
        try:
            self._child = subprocess.Popen(  # noqa: S603  # no shell
                [PROGRAM, "-i", "-w", str(os.getpid())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            self._fail(f"not held: {PROGRAM} does not start ({error.strerror or error})")

    def _look(self) -> None:
        """Notice children that have ended."""
        self._released = [child for child in self._released if child.poll() is None]
        if self._child is not None and (code := self._child.poll()) is not None:
            self._child = None
            self._fail(f"not held: {PROGRAM} ended by itself ({code})")

    def _fail(self, fault: str) -> None:
        self._fault = fault
        self._not_before = self._clock() + PAUSE_S
