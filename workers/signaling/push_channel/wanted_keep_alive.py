"""The wanted keep-alive type of the push channel, voice chat in a party and just before it. No I/O, no clock."""

from __future__ import annotations

GRACE_S = 60.0
"""After a request for voice chat, the time in which a party is entered or not at all."""


class WantedKeepAlive:
    """The wanted type. `now` is in seconds of one clock."""

    def __init__(self) -> None:
        self._in_party = False
        self._requested_at: float | None = None

    def on_party(self, *, inside: bool) -> None:
        """Set whether we are in a party, as session reports it."""
        self._in_party = inside

    def request(self, *, active: bool, now: float) -> None:
        """Record a request for voice chat before a party, or for idle after it was left."""
        self._requested_at = now if active else None
        if not active:
            self._in_party = False

    def is_voice_chat(self, now: float) -> bool:
        return self._in_party or (self._requested_at is not None and now - self._requested_at < GRACE_S)
