"""For a process that starts with this folder on PYTHONPATH: every clock and every wait runs $CLOCK_RATE times as fast.

$CLOCK_FROM is the monotonic, boot and wall clock (real seconds) at which the fast time began, so that all processes
share it. Waits inside native code (a lock with a limit, a socket's own limit) stay as long as they are.
"""

import os
import selectors
import time
from typing import Any

_RATE = float(os.environ["CLOCK_RATE"])
_MONOTONIC, _BOOT, _WALL = (float(one) for one in os.environ["CLOCK_FROM"].split())
_real: dict[str, Any] = {name: getattr(time, name) for name in ("monotonic", "time", "sleep", "clock_gettime")}
_STARTS = {time.CLOCK_MONOTONIC: _MONOTONIC, time.CLOCK_BOOTTIME: _BOOT, time.CLOCK_REALTIME: _WALL}


def _fast(real: float, began: float) -> float:
    return began + (real - began) * _RATE


def _clock(clock: int) -> float:
    real: float = _real["clock_gettime"](clock)
    return _fast(real, _STARTS[clock]) if clock in _STARTS else real


class _Selector(selectors.DefaultSelector):
    def select(self, timeout: float | None = None) -> Any:
        return super().select(timeout if timeout is None or timeout <= 0 else timeout / _RATE)


time.monotonic = lambda: _fast(_real["monotonic"](), _MONOTONIC)
time.monotonic_ns = lambda: int(time.monotonic() * 1e9)
time.time = lambda: _fast(_real["time"](), _WALL)
time.time_ns = lambda: int(time.time() * 1e9)
time.sleep = lambda seconds: _real["sleep"](float(seconds) / _RATE)
time.clock_gettime = _clock
time.clock_gettime_ns = lambda clock: int(_clock(clock) * 1e9)
selectors.DefaultSelector = _Selector  # type: ignore[misc]
