"""A token bucket. No I/O, and the caller passes the time."""

from __future__ import annotations


class Bucket:
    """A bucket that holds `at_once` tokens and gains `per_s` tokens a second."""

    def __init__(self, *, per_s: float, at_once: float) -> None:
        self._per_s, self._at_once = per_s, at_once
        self._left = at_once
        self._at = 0.0

    def has(self, now: float, wanted: float = 1.0) -> bool:
        """Return whether `wanted` tokens are left. `now` is in seconds of any one clock."""
        if now > self._at:
            self._left = min(self._at_once, self._left + (now - self._at) * self._per_s)
        self._at = now
        return self._left >= wanted

    def take(self, now: float, wanted: float = 1.0) -> bool:
        """Take `wanted` tokens if they are left. Return whether they were."""
        if not self.has(now, wanted):
            return False
        self._left -= wanted
        return True
