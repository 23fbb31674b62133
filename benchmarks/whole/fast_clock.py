"""Runs a module with every clock and every wait of its process $CLOCK_RATE times as fast.

    CLOCK_RATE=30 CLOCK_FROM="MONOTONIC BOOT WALL" python -m benchmarks.whole.fast_clock MODULE [ARGUMENT …]

$CLOCK_FROM is the monotonic, boot and wall clock (real seconds) at which the fast time began, so that all processes
share it. Waits of threads for each other are hurried too. Those inside native code (a socket's own limit, the disk)
stay as long as they are. So do the limits by which a worker notices that its own process hangs: else a flush to the
disk of 0.5 s, or half a second without a core, would end it as 15 s of hanging do.
"""

# ruff: noqa: E402  # the clock is set before anything takes the functions of `time` by their names
# mypy: disable-error-code="method-assign,assignment,misc"

from __future__ import annotations

import os
import selectors
import sys
import threading
import time
from typing import Any

_RATE = float(os.environ["CLOCK_RATE"])
_MONOTONIC, _BOOT, _WALL = (float(one) for one in os.environ["CLOCK_FROM"].split())
_real: dict[str, Any] = {name: getattr(time, name) for name in ("monotonic", "time", "sleep", "clock_gettime")}
_STARTS = {
    time.CLOCK_MONOTONIC: _MONOTONIC,
    time.CLOCK_REALTIME: _WALL,
    getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC): _BOOT,
}
_wait = threading.Condition.wait


def _fast(real: float, began: float) -> float:
    return began + (real - began) * _RATE


def _clock(clock: int) -> float:
    real: float = _real["clock_gettime"](clock)
    return _fast(real, _STARTS[clock]) if clock in _STARTS else real


def _fast_wait(self: threading.Condition, timeout: float | None = None) -> bool:
    return _wait(self, timeout if timeout is None else timeout / _RATE)


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
selectors.DefaultSelector = _Selector
threading.Condition.wait = _fast_wait
threading._time = time.monotonic  # type: ignore[attr-defined]  # noqa: SLF001  # it took the clock at its import

import runpy

from common.run import runner


def main() -> None:
    runner.HUNG_S *= _RATE
    runner.STOP_S *= _RATE
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
