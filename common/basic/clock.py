"""A clock that also runs while the machine sleeps and that nobody can set; moments that are kept over a restart."""

from __future__ import annotations

import ctypes
import functools
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import msgspec

_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC) if sys.platform == "linux" else time.CLOCK_MONOTONIC
"""On a Mac CLOCK_MONOTONIC runs on in sleep, and `time.monotonic` does not. On Linux CLOCK_BOOTTIME does."""
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_UUID_BYTES = 64


def boot_ns() -> int:
    """Return nanoseconds since the machine was started; the same for all its processes, smaller after a reboot."""
    return time.clock_gettime_ns(_CLOCK)


def boot_s() -> float:
    """Return the same in seconds."""
    return boot_ns() / 1e9


@functools.cache
def boot_id() -> str:
    """Return what tells this run of the machine from any other; empty where the system does not say."""
    try:
        if sys.platform != "darwin":
            return _BOOT_ID.read_text("ascii").strip()
        found, size = ctypes.create_string_buffer(_UUID_BYTES), ctypes.c_size_t(_UUID_BYTES)  # not run on a Mac yet
        failed = ctypes.CDLL(None).sysctlbyname(b"kern.bootsessionuuid", found, ctypes.byref(size), None, 0)
        return "" if failed else found.value.decode("ascii")
    except (OSError, ValueError, AttributeError):
        return ""


def preloaded(environment: Mapping[str, str]) -> str:
    """Return what is loaded into every process before it begins, and may tell it another time; empty: nothing is."""
    names = ("LD_PRELOAD", "DYLD_INSERT_LIBRARIES", "FAKETIME")
    return " ".join(f"{name}={environment[name]}" for name in names if environment.get(name))


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """A moment whose age can be told after a restart, whatever became of the wall clock, and roughly after a reboot."""

    boot: str = ""
    """`boot_id` then."""
    boot_s: float = 0.0
    unix: float = 0.0
    """Counts after a reboot only."""

    @classmethod
    def now(cls) -> Self:
        return cls(boot=boot_id(), boot_s=boot_s(), unix=time.time())

    def earlier(self, by_s: float) -> Self:
        """Return the moment that was so many seconds before."""
        return msgspec.structs.replace(self, boot_s=self.boot_s - by_s, unix=self.unix - by_s)

    def in_this_run(self, now: Self) -> float:
        """Return when it was in `boot_s` of this run of the machine; of before it, in whole seconds below 0."""
        return self.boot_s if self.boot == now.boot else float(round(now.boot_s - self.ago_s(now)))

    def ago_s(self, now: Moment) -> float:
        """Return for how long it is past, never less than 0. After a reboot: at least as long as the machine runs."""
        if self.boot == now.boot and self.boot_s <= now.boot_s:
            return now.boot_s - self.boot_s
        return max(0.0, now.boot_s, now.unix - self.unix)
