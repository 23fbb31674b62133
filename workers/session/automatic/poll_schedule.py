"""When to search for the followed player. No calls, no clock."""

from __future__ import annotations

SLOWEST = 5.0
"""While they are away, the interval grows up to this multiple of the setting.
`benchmarks.party.calls` counts the calls (`follow`)."""
_GROWTH = 1.5
"""The factor by which the interval grows with each search without a result."""


class PollSchedule:
    """Schedules searches, in the caller's seconds, at least `every_s` apart, and less often without a result."""

    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._interval = every_s
        self._last: float | None = None
        self._not_before = 0.0

    def due_at(self) -> float:
        if self._last is None:
            return self._not_before
        return max(self._last + self._interval, self._not_before)

    def record_poll(self, now: float) -> None:
        if self._last is not None:
            self._interval = min(self._interval * _GROWTH, self._every_s * SLOWEST)
        self._last = now

    def hold(self, until: float) -> None:
        """Do not search before `until`, as the server asked."""
        self._not_before = max(self._not_before, until)

    def reset_interval(self) -> None:
        """Make the next search due as soon as `every_s` allows, because of an event."""
        self._interval = self._every_s
