"""Absence from a party: how long ago we were last known to be in it. No I/O, no clock.

Time counts while the computer sleeps.
"""

from __future__ import annotations

from common.basic.clock import Moment

GAP_S = 45.0
"""A longer step of the clock is a sleep. The membership is then no longer certain. Chosen as several times `TICK_S`,
since a busy machine may be late with a tick."""


class Absence:
    """Tracks when we last knew that we were in the party."""

    def __init__(self, known_at: Moment | None = None) -> None:
        self._known_at = known_at
        self._ticked_at: Moment | None = None
        self._sure = False

    @property
    def known_at(self) -> Moment | None:
        """When we last knew, or None for never."""
        return self._known_at

    def record_seen(self, now: Moment) -> None:
        """Record that the server showed us in the party, or let us in."""
        self._known_at, self._ticked_at, self._sure = now, now, True

    def on_tick(self, now: Moment, *, connected: bool) -> None:
        """Record that time passes, with or without the push channel. Call every few seconds."""
        slept = self._ticked_at is None or self._ticked_at.ago_s(now) > GAP_S
        self._ticked_at = now
        self._sure = self._sure and connected and not slept
        if self._sure:
            self._known_at = now

    def away_s(self, now: Moment) -> float:
        return self._known_at.ago_s(now) if self._known_at is not None else float("inf")
