"""What a console does about each peer: offer, answer, wait. No I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Policy = Literal["offer", "answer", "mix", "silent", "glare", "reoffer", "late", "unreachable", "bridge-only"]
"""offer: at once to whoever joins; answer: never by itself; mix: when no offer has come for a while.

silent: neither offers nor answers; glare: meets a peer's first offer with one of its own; reoffer: like offer,
and again whenever a connection has stood for a while, by turns as ``sdp_updated`` [one: Tustin] and as ``offer``;
late: like answer, `LATE_S` after the offer; unreachable: like answer, but no connection ever comes up;
bridge-only: like silent, by its user's setting. The last two are heard by a bridge.
"""
RELAYED: tuple[Policy, ...] = ("unreachable", "bridge-only")

MIX_AFTER_S = 4.0
REPEAT_AFTER_S = 6.0
"""An offer without an answer is repeated after that."""
MOST_OFFERS = 5
REOFFER_AFTER_S = 3.0
LATE_S = 4.0


@dataclass
class _Peer:
    offer_at: float | None
    """When we shall offer; None: not by ourselves."""
    offered: int = 0
    """Our outstanding offer's sequence number; 0: none."""
    offers: int = 0
    sequence: int = 0
    times_up: int = 0
    """How often a connection came up."""


class Negotiation:
    """One console's dealings with all its peers, by peer key; times in monotonic seconds."""

    def __init__(self, account_id: str, policy: Policy) -> None:
        self._account_id = int(account_id)
        self.policy = policy
        self._peers: dict[str, _Peer] = {}

    def joined(self, peer: str, now: float) -> None:
        wait = {"offer": 0.0, "reoffer": 0.0, "mix": MIX_AFTER_S}.get(self.policy)
        self._peers[peer] = _Peer(offer_at=None if wait is None else now + wait)

    def left(self, peer: str) -> None:
        self._peers.pop(peer, None)

    def due(self, now: float) -> list[str]:
        """Return the peers to offer to now."""
        return [
            peer
            for peer, state in self._peers.items()
            if state.offer_at is not None and now >= state.offer_at and state.offers < MOST_OFFERS
        ]

    def offering(self, peer: str, now: float) -> int:
        """Note that an offer goes out; return its sequence number."""
        state = self._peers[peer]
        state.sequence += 1
        state.offers += 1
        state.offered = state.sequence
        state.offer_at = now + REPEAT_AFTER_S
        return state.sequence

    def glares(self, peer: str) -> bool:
        """Tell whether an offer that came is to be met with one of our own."""
        return self.policy == "glare" and not self._peers.setdefault(peer, _Peer(offer_at=None)).sequence

    def kind(self, peer: str) -> str:
        """Return the type of the offer that goes out now."""
        return "sdp_updated" if self.policy == "reoffer" and self._peers[peer].times_up % 2 else "offer"

    def up(self, peer: str, now: float) -> None:
        """Note that a connection came up."""
        state = self._peers.get(peer)
        if state is None:
            return
        state.times_up += 1
        if self.policy == "reoffer":
            state.offers, state.offer_at = 0, now + REOFFER_AFTER_S

    def offered(self, peer: str) -> bool:
        """Take in an offer; return whether to answer it. On glare the smaller account id's offer stands."""
        if self.policy in ("silent", "bridge-only"):
            return False
        state = self._peers.setdefault(peer, _Peer(offer_at=None))
        if state.offered and self._account_id < int(peer.partition(".")[0]):
            return False
        state.offered, state.offer_at = 0, None
        return True

    def answered(self, peer: str, sequence: str) -> bool:
        """Take in an answer; return whether it belongs to our outstanding offer."""
        state = self._peers.get(peer)
        if state is None or not state.offered or sequence != str(state.offered):
            return False
        state.offered, state.offers, state.offer_at = 0, 0, None
        return True

    def lost(self, peer: str, now: float) -> None:
        """Note that a connection came to an end while the peer is still in the party."""
        state = self._peers.get(peer)
        if state is not None and not state.offered and self.policy not in ("answer", "silent", "late", *RELAYED):
            state.offer_at = now + MIX_AFTER_S
