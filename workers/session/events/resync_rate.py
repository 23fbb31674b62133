"""The rate limit of resyncs after push channel reconnects. A few at once, then one a minute. No clock."""

from __future__ import annotations

from common.psn.http.pace import CallRate, PaceState

EVERY_S = 60.0
"""`benchmarks.party.calls` counts the calls of an hour of faults (`storm`), most of which reopen the channel."""
BURST = 3
"""Resyncs at once, before the limit holds."""


class ResyncRate:
    """The rate limit. `now_ns` is in nanoseconds of one clock."""

    def __init__(self) -> None:
        self._pace = CallRate(1 / EVERY_S, BURST)
        self._state = PaceState()
        self._next_ns = 0

    def wait_s(self, now_ns: int) -> float | None:
        """Return in how many seconds to resync after a reconnect, None if a scheduled resync covers it."""
        if now_ns < self._next_ns:
            return None
        self._state, wait_s = self._pace.take(self._state, now_ns)
        self._next_ns = now_ns + round(wait_s * 1e9)
        return wait_s
