"""Absence from a party: how long ago we were last known to be in it. No I/O, no clock.

Time counts while the computer sleeps.
"""

from __future__ import annotations

from common.basic.clock import Moment
from common.run.wake import Wake

PAUSE_S = 30.0
"""A pause of this process for longer makes the membership uncertain. Chosen as the time after which PlayStation counts
a silent client as gone (`serverPresenceTimeout` of voice chat)."""


class Absence:
    """Tracks when we last knew that we were in the party."""

    def __init__(self, known_at: Moment | None = None) -> None:
        self._known_at = known_at
        self._sure = False

    @property
    def known_at(self) -> Moment | None:
        """When we last knew, or None for never."""
        return self._known_at

    def record_seen(self, now: Moment) -> None:
        """Record that the server showed us in the party, or let us in."""
        self._known_at, self._sure = now, True

    def on_wake(self, wake: Wake) -> bool:
        """Handle a wake. Return whether the membership is uncertain now. Call it before the tick that follows."""
        uncertain = wake.slept or wake.away_s > PAUSE_S
        self._sure = self._sure and not uncertain
        return uncertain

    def on_tick(self, now: Moment, *, connected: bool) -> None:
        """Record that time passes, with or without the push channel. Call every few seconds."""
        self._sure = self._sure and connected
        if self._sure:
            self._known_at = now

    def away_s(self, now: Moment) -> float:
        return self._known_at.ago_s(now) if self._known_at is not None else float("inf")
