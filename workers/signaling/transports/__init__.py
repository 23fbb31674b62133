"""Ways for offers and answers to travel. media sees none of them: only `PeerSignal`s."""

from __future__ import annotations

from typing import Protocol

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

    def send(self, signal: PeerSignal) -> None:
        """Send an outgoing signal, without waiting for it."""
        ...
