"""Ways for offers and answers to travel. media sees none of them: only `PeerSignal`s."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Protocol

from common.messages import PartyState, PeerSignal, PushEvent


class Transport(Protocol):
    """What the worker feeds each transport with; they publish by callbacks given at their making."""

    name: str

    def party(self, state: PartyState) -> None:
        """Take over the present state of the party."""
        ...

    def event(self, event: PushEvent) -> None:
        """Take in a push event."""
        ...

    def reaches(self, peer: str) -> bool:
        """Tell whether an offer to this peer key could be sent now."""
        ...

    def send(self, signal: PeerSignal) -> None:
        """Send an outgoing signal, without waiting for it."""
        ...

    async def leave(self, session_id: str) -> None:
        """Send nothing more in that party; return when nothing is on its way any more."""
        ...


Name = Literal["miranda", "bridge", "socketio"]
"""Each transport, as `[signaling] transports` calls it."""
AUTO: tuple[Name, ...] = ("miranda", "bridge")


def order_of(names: Iterable[Literal["auto"] | Name]) -> list[Name]:
    """Return the transports of the settings, the preferred one first, each once."""
    found: dict[Name, None] = {}
    for name in names:
        found |= dict.fromkeys(AUTO if name == "auto" else (name,))
    return list(found)
