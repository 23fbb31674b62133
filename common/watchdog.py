"""Does an event loop hang? A pause of the whole process, or of the machine, is not taken for it. No clock."""

from __future__ import annotations


class Watchdog:
    """`beat` from the loop, `hung` from a thread of its own each `every_s` seconds; `now` of one monotonic clock."""

    def __init__(self, limit_s: float, every_s: float, now: float) -> None:
        self._limit_s = limit_s
        self._every_s = every_s
        self._beaten = self._asked = now

    def beat(self, now: float) -> None:
        self._beaten = now

    def hung(self, now: float) -> bool:
        """Return whether the loop has not beaten for the limit. Where this itself is asked late, all stood still."""
        late, self._asked = now - self._asked - self._every_s, now
        if late > self._every_s:
            self._beaten = now
        return now - self._beaten > self._limit_s
