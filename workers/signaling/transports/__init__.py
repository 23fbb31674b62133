"""Transports for offers and answers. Media sees only `PeerSignal`s."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Protocol

from common.messages import PartyState, PeerSignal, PushEvent


class Transport(Protocol):
    """Interface of each transport to the worker. It publishes by the callbacks that its constructor gets."""

    name: str

    def party(self, state: PartyState) -> None:
        """Set the present state of the party."""
        ...

    def event(self, event: PushEvent) -> None:
        """Take in a push event."""
        ...

    def reaches(self, peer: str) -> bool:
        """Return whether an offer to this peer key could be sent now."""
        ...

    def send(self, signal: PeerSignal) -> None:
        """Send an outgoing signal, without waiting for it."""
        ...

    async def leave(self, session_id: str) -> None:
        """Send nothing more in that party. Return when nothing is in flight."""
        ...


Name = Literal["miranda", "bridge", "socketio"]
"""Each transport, by its name in `[signaling] transports`."""
AUTO: tuple[Name, ...] = ("miranda", "bridge")


def order_of(names: Iterable[Literal["auto"] | Name]) -> list[Name]:
    """Return the transports of the settings without duplicates, the preferred one first."""
    found: dict[Name, None] = {}
    for name in names:
        found |= dict.fromkeys(AUTO if name == "auto" else (name,))
    return list(found)
