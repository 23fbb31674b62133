"""Which keep-alive type the push channel should have: voice chat in a party, and just before. No I/O, no clock."""

from __future__ import annotations

GRACE_S = 60.0
"""Whoever asks for voice chat is in a party after so long, or did not get into one."""


class Wanted:
    """`now` in seconds of one clock."""

    def __init__(self) -> None:
        self._in_party = False
        self._asked_at: float | None = None

    def party(self, *, inside: bool) -> None:
        """Note whether we are in a party, as session tells all along."""
        self._in_party = inside

    def ask(self, *, active: bool, now: float) -> None:
        """Note a request: voice chat, because a party is next; or idle, because it was left."""
        self._asked_at = now if active else None
        if not active:
            self._in_party = False

    def voice_chat(self, now: float) -> bool:
        return self._in_party or (self._asked_at is not None and now - self._asked_at < GRACE_S)
