"""What partyline finds out about Sony's wire while it runs, and what it tries meanwhile (`common.psn.unknowns`)."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from common.messages.base import Message


class Trying(Message, frozen=True, kw_only=True):
    """media → session, cli, when the form of what members are sent changes."""

    TOPIC: ClassVar[str] = "peer.trying"
    RETAINED: ClassVar[bool] = True
    shared: dict[str, str] = msgspec.field(default_factory=dict)
    """Name of an unknown → the value that all members are to see in our own member entry."""
    members: dict[str, str] = msgspec.field(default_factory=dict)
    """Peer key → what is being tried with that member, in words. Who is heard in the usual form is not in it."""


class WireFact(Message, frozen=True, kw_only=True):
    """every worker → signaling, cli, when it learns how an undecided fact of Sony's wire falls."""

    TOPIC: ClassVar[str] = "wire.fact"
    RETAINED: ClassVar[bool] = True
    name: str
    """As in `common.psn.unknowns`, or of the same form."""
    value: str
    """One of the unknown's values where it has such. Never an id, a name or an address of anybody."""
    worker: str
    detail: str = ""
    """How it was found out, in words."""
    at: float
    """Unix seconds."""

    def key(self) -> str:
        return self.name
