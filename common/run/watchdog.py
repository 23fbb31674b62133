"""A watchdog for a hung event loop. It ignores a pause of the whole process or machine. No clock."""

from __future__ import annotations


class Watchdog:
    """Detects a hang. Call `beat` from the loop and `hung` from a thread each `every_s` seconds, `now` monotonic."""

    def __init__(self, limit_s: float, every_s: float, now: float) -> None:
        self._limit_s = limit_s
        self._every_s = every_s
        self._beaten = self._asked = now

    def beat(self, now: float) -> None:
        self._beaten = now

    def hung(self, now: float) -> bool:
        """Return whether the last beat is older than the limit. A late call restarts the limit."""
        late, self._asked = now - self._asked - self._every_s, now
        if late > self._every_s:
            self._beaten = now
        return now - self._beaten > self._limit_s
