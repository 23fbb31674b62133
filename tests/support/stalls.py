"""Moments at which this machine let a waiting process wait: what a test of sound as it is heard cannot answer for.

A process of its own wakes each 5 ms and writes down when it came late by more than a frame. A `realtime` test that
fails is run again only if that happened meanwhile, and fails like any other if it did not.
"""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.support.waiting import eventually

EVERY_S = 0.005
LATE_S = 0.010
"""As long as one frame of the mix."""


class Stalls:
    """The moments since the last `forget`. The process starts with us and ends with us.

    `nice`: its priority, where we may choose it: one above all others' makes it wait for the machine alone.
    """

    def __init__(self, nice: int = 0) -> None:
        handle, name = tempfile.mkstemp(prefix="pl-stalls-")
        self._path, self._read = Path(name), 0
        with os.fdopen(handle, "wb") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.stalls", str(nice)], stdin=subprocess.PIPE, stdout=out
            )

        eventually(lambda: self._path.stat().st_size, "it has begun", every_s=0.01)
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self._read = self._path.stat().st_size

    def found_ms(self) -> list[float]:
        """Return how late it came each time, in ms."""
        with self._path.open("rb") as file:
            file.seek(self._read)
            return [float(line) for line in file.read().split(b"\n")[:-1]]

    @property
    def pid(self) -> int:
        return self._process.pid

    def close(self) -> None:
        self._process.communicate()  # it ends when its input does
        self._path.unlink()


def main(nice: int) -> None:
    if nice:
        with contextlib.suppress(PermissionError):  # then it waits as others do
            os.setpriority(os.PRIO_PROCESS, 0, nice)
    _tell(0.0)  # it has begun
    due = time.monotonic() + EVERY_S
    while not select.select([sys.stdin], [], [], max(0.0, due - time.monotonic()))[0]:
        late = time.monotonic() - due
        if late > LATE_S:
            _tell(late * 1000)
            due = time.monotonic()
        due += EVERY_S


def _tell(late_ms: float) -> None:
    sys.stdout.write(f"{late_ms:.1f}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
