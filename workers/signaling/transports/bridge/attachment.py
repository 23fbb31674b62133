"""Our attachment to one bridge, and what is due on it. No I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import msgspec

from common.psn.party.bridges import BridgeRef

PEER_READS_S = (5.0, 15.0, 30.0, 90.0)
"""Times after our peer was added at which the bridge's other peers are read, until somebody is heard there."""
UP_WITHIN_S = 45.0
"""A connection to a bridge that is not up by then is given up."""
ADD_TRIES = 3
"""Tries to add our peer, with a pause between them."""

Due = Literal["", "read peers", "settled", "unreached"]
""""read peers": read who is on it. "settled": all are reached without it. "unreached": no connection to it comes up."""
PeersMean = Literal["", "renew", "alone"]
""""renew": request a new offer, since the bridge only listens and that may change. "alone": nobody came onto it."""


@dataclass
class Attachment:
    """The attachment. If it is our `own` bridge, we created it and end it."""

    ref: BridgeRef
    session_id: str
    own: bool = False
    linked: bool = False
    peer_id: str = ""
    """Of our peer. Empty until it is added."""
    add_tries: int = 0
    sequence: int = 0
    """Of the latest offer, as media knows it."""
    offered_at: float = 0.0
    """All times are in monotonic seconds."""
    added_at: float = 0.0
    """When our peer was first added."""
    direction: str = ""
    """Of the bridge's latest offer, from its side."""
    peer_reads: int = 0
    useful_since: float = 0.0
    """Since when an audible other peer has been on it, 0 if there is none."""

    def on_link(self, *, linked: bool) -> None:
        """Record that the bridge is linked to the party, or not any more."""
        self.linked = linked

    def on_etag(self, etag: str) -> None:
        """Record the link's etag, for the unlinking."""
        self.ref = msgspec.structs.replace(self.ref, etag=etag)

    def on_added(self, peer_id: str, now: float) -> None:
        """Record that our peer was added."""
        self.peer_id, self.add_tries, self.added_at = peer_id, 0, now

    def on_add_failed(self) -> None:
        self.add_tries += 1

    def on_peer_lost(self) -> None:
        """Record that the bridge does not know our peer any more."""
        self.peer_id = ""

    def on_offer(self, sequence: int, direction: str, now: float) -> None:
        """Record the bridge's latest offer. `sequence` is its number for media, `direction` is from its side."""
        self.sequence, self.direction, self.offered_at = sequence, direction, now

    def on_heard(self, now: float) -> None:
        """Record that media hears it."""
        self.useful_since = self.useful_since or now

    def due(self, now: float, *, settled: bool, down_since: float) -> Due:
        """Return the due action. `down_since`: since when media has had no connection to it, 0 if it has one."""
        if self.own and settled:
            return "settled"
        if down_since and now - max(down_since, self.added_at) > UP_WITHIN_S:
            return "unreached"
        if (
            not self.useful_since
            and self.peer_reads < len(PEER_READS_S)
            and now - self.added_at >= PEER_READS_S[self.peer_reads]
        ):
            return "read peers"
        return ""

    def on_peers(self, peers: list[str], now: float) -> PeersMean:
        """Record the peers on the bridge. Return what they mean."""
        self.peer_reads += 1
        others = [peer for peer in peers if peer != self.peer_id]
        if others and self.direction != "recvonly":
            self.useful_since = now
            return ""
        if others:
            return "renew"
        return "alone" if self.peer_reads == len(PEER_READS_S) else ""

    def useful_s(self, now: float) -> float:
        return now - self.useful_since if self.useful_since else 0.0
