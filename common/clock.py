"""A clock that also runs while the machine sleeps, and that nobody can set."""

from __future__ import annotations

import sys
import time

_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC) if sys.platform == "linux" else time.CLOCK_MONOTONIC
"""On a Mac CLOCK_MONOTONIC runs on in sleep, and `time.monotonic` does not. On Linux CLOCK_BOOTTIME does."""


def boot_ns() -> int:
    """Return nanoseconds since the machine was started; the same for all its processes, smaller after a reboot."""
    return time.clock_gettime_ns(_CLOCK)


def boot_s() -> float:
    """Return the same in seconds."""
    return boot_ns() / 1e9
