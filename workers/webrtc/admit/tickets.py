"""Tickets of listen links: each opens the sound once, for a short time. No I/O, no clock.

A ticket is in the fragment of a page's address, which no browser sends. It crosses the network once, when it is spent.
"""

from __future__ import annotations

import hashlib
import secrets

VALID_S = 600.0
"""Chosen as the time to walk to another machine and paste an address there."""
MOST = 32
"""Tickets that are valid at a time. The oldest is void for the next one."""
_BYTES = 18


class Tickets:
    """The valid ones. They are void when the worker ends."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}
        """Digest of a ticket → when it is void. So no dump of this process shows one."""

    def make(self, now_s: float) -> str:
        """Return a new ticket."""
        ticket = secrets.token_urlsafe(_BYTES)
        self._until[_digest(ticket)] = now_s + VALID_S
        while len(self._until) > MOST:
            del self._until[next(iter(self._until))]
        return ticket

    def spend(self, ticket: str, now_s: float) -> bool:
        """Return whether a ticket is valid, and make it void."""
        until = self._until.pop(_digest(ticket), 0.0)
        return now_s < until

    def revoke(self) -> None:
        """Make all void."""
        self._until.clear()


def _digest(ticket: str) -> str:
    return hashlib.sha256(ticket.encode("utf-8", "replace")).hexdigest()
