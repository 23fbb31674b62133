"""Connectivity checks that are repeated soon, at a pace. No I/O, no clock.

aioice repeats a check after 0.5, 1, 2, 4 … s (RFC 8445, 14.3). Where a third of all datagrams is lost, more than half
of the checks stay without a reply, and one connection in ten then takes over 3 s to come up. libwebrtc sends a check
every 48 ms until a pair works, and every 480 ms from then on (its `WEAK_PING_INTERVAL` and `STRONG_PING_INTERVAL`).
Nobody gets more from us. `benchmarks.guard.lossy` measures it.
"""

from __future__ import annotations

AGAIN_S = (0.1, 0.1, 0.2, 0.2, 0.4, 0.4, *(0.8,) * 16)
"""The pauses before each repetition of a check. Together they last as long as one try of a connection."""
APART_S = 0.06
"""Shortest time from one check to a repetition, of all pairs of a connection. aioice's own repetitions come beside."""
CONFIRM_S = 0.48
"""Interval of checks once our side is up, until the other side sends anything else. Each makes it check the pair too
(RFC 8445, 7.3.1.4), should its own check or our reply be lost."""
CONFIRM_TIMES = 30
"""For as long as one try of a connection."""


class CheckPace:
    """When repetitions of checks may go out, for one connection. Times are in seconds of any one clock."""

    def __init__(self) -> None:
        self._free_at = 0.0

    def record(self, now: float) -> None:
        """Record that a check was sent."""
        self._free_at = max(self._free_at, now + APART_S)

    def take(self, now: float) -> float:
        """Take the next place for a repetition. Return how long it is until then."""
        at = max(now, self._free_at)
        self._free_at = at + APART_S
        return at - now
