"""A token bucket. No I/O; time comes in."""

from __future__ import annotations


class Bucket:
    """`at_once` things, and `per_s` more each second."""

    def __init__(self, *, per_s: float, at_once: float) -> None:
        self._per_s, self._at_once = per_s, at_once
        self._left = at_once
        self._at = 0.0

    def has(self, now: float, wanted: float = 1.0) -> bool:
        """Tell whether so many could be taken; `now` in seconds of any one clock."""
        if now > self._at:
            self._left = min(self._at_once, self._left + (now - self._at) * self._per_s)
        self._at = now
        return self._left >= wanted

    def take(self, now: float, wanted: float = 1.0) -> bool:
        """Take so many if there are that many left; tell whether there were."""
        if not self.has(now, wanted):
            return False
        self._left -= wanted
        return True
