"""How often the device calls back. No I/O, no clock."""

from __future__ import annotations

LEAST_S = 0.5
"""Least time between two measurements. Chosen for an error of a few per cent with the longest buffers."""


class CallbackRate:
    def __init__(self) -> None:
        self._calls = 0
        self._at: float | None = None
        self._per_s = 0.0

    def per_s(self, calls: int, now: float) -> float:
        """Return the calls a second between the last two measurements. `calls` so far, `now` in seconds."""
        if self._at is None or now - self._at >= LEAST_S:
            if self._at is not None:
                self._per_s = (calls - self._calls) / (now - self._at)
            self._calls, self._at = calls, now
        return self._per_s
