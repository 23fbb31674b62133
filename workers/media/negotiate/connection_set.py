"""The connections of one negotiation: of the local offer, of the remote offer, and those that are up. No I/O."""

from __future__ import annotations

from workers.media.negotiate.negotiated_connection import NegotiatedConnection
from workers.media.negotiate.offers import Offer


class ConnectionSet:
    def __init__(self) -> None:
        self.ours: NegotiatedConnection | None = None
        """The connection of the local offer, until it is up."""
        self.theirs: NegotiatedConnection | None = None
        """The connection of the remote offer, until it is up."""
        self.established: list[NegotiatedConnection] = []
        self.made = 0
        """How many were made so far. The latest one has this number."""

    def all(self) -> list[NegotiatedConnection]:
        return [*self.established, *self.pending()]

    def pending(self) -> list[NegotiatedConnection]:
        """Return those that are being made."""
        return [one for one in (self.ours, self.theirs) if one is not None]

    def find(self, number: int) -> NegotiatedConnection | None:
        return next((one for one in self.all() if one.number == number), None)

    def answering(self, offer: Offer) -> NegotiatedConnection | None:
        """Return the connection that answers this offer, if there is one."""
        return next((one for one in self.all() if one.offer == offer), None)

    def is_ours(self, number: int) -> bool:
        return self.ours is not None and self.ours.number == number

    def is_theirs(self, number: int) -> bool:
        return self.theirs is not None and self.theirs.number == number

    def make_ours(self, sequence: int, deadline: float) -> NegotiatedConnection:
        self.made += 1
        self.ours = NegotiatedConnection(self.made, ours=True, sequence=sequence, deadline=deadline)
        return self.ours

    def make_theirs(self, offer: Offer, deadline: float) -> NegotiatedConnection:
        self.made += 1
        self.theirs = NegotiatedConnection(
            self.made, ours=False, sequence=offer.sequence, deadline=deadline, offer=offer
        )
        return self.theirs

    def establish(self, connection: NegotiatedConnection, now: float) -> None:
        """Record that a connection came up."""
        connection.up_at = now
        self.established.append(connection)
        self.ours = None if connection is self.ours else self.ours
        self.theirs = None if connection is self.theirs else self.theirs

    def clear(self) -> None:
        self.ours = self.theirs = None
        self.established.clear()
