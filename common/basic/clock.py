"""A clock that runs during sleep and cannot be set, and moments that outlive a restart."""

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
    """Return nanoseconds since boot. All processes of the machine share this clock. A reboot resets it."""
    return time.clock_gettime_ns(_CLOCK)


def boot_s() -> float:
    """Return seconds since boot."""
    return boot_ns() / 1e9


@functools.cache
def boot_id() -> str:
    """Return the id of the current boot, empty if the system has none."""
    try:
        if sys.platform != "darwin":
            return _BOOT_ID.read_text("ascii").strip()
        found, size = ctypes.create_string_buffer(_UUID_BYTES), ctypes.c_size_t(_UUID_BYTES)  # not run on a Mac yet
        failed = ctypes.CDLL(None).sysctlbyname(b"kern.bootsessionuuid", found, ctypes.byref(size), None, 0)
        return "" if failed else found.value.decode("ascii")
    except (OSError, ValueError, AttributeError):
        return ""


def preloaded(environment: Mapping[str, str]) -> str:
    """Return the preloaded libraries that may fake the clock, empty if there are none."""
    names = ("LD_PRELOAD", "DYLD_INSERT_LIBRARIES", "FAKETIME")
    return " ".join(f"{name}={environment[name]}" for name in names if environment.get(name))


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """A moment with an exact age after a restart, even if the wall clock was set, and a rough age after a reboot."""

    boot: str = ""
    """`boot_id` at that moment."""
    boot_s: float = 0.0
    unix: float = 0.0
    """Used only after a reboot."""

    @classmethod
    def now(cls) -> Self:
        return cls(boot=boot_id(), boot_s=boot_s(), unix=time.time())

    def earlier(self, by_s: float) -> Self:
        """Return the moment `by_s` seconds before."""
        return msgspec.structs.replace(self, boot_s=self.boot_s - by_s, unix=self.unix - by_s)

    def in_this_run(self, now: Self) -> float:
        """Return the moment in `boot_s` of the current boot. Before that boot, it is whole seconds below 0."""
        return self.boot_s if self.boot == now.boot else float(round(now.boot_s - self.ago_s(now)))

    def ago_s(self, now: Moment) -> float:
        """Return the age, never below 0. After a reboot it is at least the machine's uptime."""
        if self.boot == now.boot and self.boot_s <= now.boot_s:
            return now.boot_s - self.boot_s
        return max(0.0, now.boot_s, now.unix - self.unix)
