"""A console's negotiation with each peer: offer, answer, wait. No I/O, no clock."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

from simulator.facts import Fact, rests_on
from simulator.facts.consoles import GLARE, NAMED, OFFER_DELAY, REPEATS, SDP_UPDATED, WHO_OFFERS
from simulator.facts.ways import BadWay, Ways
from simulator.parties.party import Device

Policy = Literal["usual", "offer", "answer", "mix", "silent", "glare", "reoffer", "late", "unreachable", "bridge-only"]
"""``usual`` offers to the peers that the way of `WHO_OFFERS` selects. The others are for tests:

- ``offer`` offers at once to every member that joins, ``answer`` never offers by itself.
- ``mix`` offers if no offer has come for a while, ``silent`` neither offers nor answers.
- ``glare`` answers a peer's first offer with its own offer, ``late`` is like ``answer``, `LATE_S` after the offer.
- ``reoffer`` is like ``offer``, and offers again whenever a connection has been up for a while, alternating between
  ``sdp_updated`` [one: Tustin] and ``offer``.
- ``unreachable`` is like ``answer``, but no connection ever comes up. A bridge hears it.
- ``bridge-only`` is like ``silent``, by its user's setting. A bridge hears it.
"""
RELAYED: tuple[Policy, ...] = ("unreachable", "bridge-only")

OFFER_S = (0.7, 1.9)
"""Delay from the join to the offer, as captured [seen]."""
MIX_AFTER_S = 4.0
"""Also the delay from a lost connection to the next offer."""
REPEAT_AFTER_S = 6.0
"""Time until an unanswered offer is repeated."""
MOST_OFFERS = 5
REOFFER_AFTER_S = 3.0
LATE_S = 4.0
_WAITS: dict[Policy, float] = {"offer": 0.0, "reoffer": 0.0, "mix": MIX_AFTER_S}
_NEVER_OFFER = ("answer", "silent", "glare", "late", *RELAYED)


@dataclass
class _Peer:
    join_order: int = 0
    offer_at: float | None = None
    """Time of the next offer, None for no own offer."""
    offered: int = 0
    """Sequence number of the outstanding local offer, 0 for none."""
    offers: int = 0
    sequence: int = 0
    times_up: int = 0
    """How often a connection came up."""
    names_us: bool = False
    """Whether its customData3 names this console."""


class Negotiation:
    """A console's negotiation state by peer key. Times are in monotonic seconds."""

    def __init__(self, me: Device, ways: Ways, policy: Policy = "usual", chance: random.Random | None = None) -> None:
        self.policy = policy
        self.join_order = 0
        """Own order in the party, 0 if unknown."""
        self._me = me
        self._ways = ways
        self._own_ways: dict[str, str] = {}
        self._chance = chance or random.Random()  # no secret, it spreads the offers
        self._peers: dict[str, _Peer] = {}

    def choose(self, fact: Fact, way: str) -> None:
        """Set this console's own way of `fact`. Raises `BadWay`."""
        if way not in fact.ways:
            raise BadWay(f"{fact.name} falls one of {', '.join(fact.ways)}, not {way[:60]!r}")
        self._own_ways[fact.name] = way

    def begin(self) -> None:
        """Forget every peer, at the start or end of a party."""
        self._peers.clear()
        self.join_order = 0

    # --- who is there ----------------------------------------------------------------------------

    def joined(self, peer: str, now: float, join_order: int = 0) -> None:
        """Add a member at its join or at this console's."""
        known = self._peers.get(peer)
        names_us = known is not None and known.names_us
        state = self._peers[peer] = _Peer(join_order=join_order, names_us=names_us)
        wait = self._wait(peer)
        state.offer_at = None if wait is None else now + wait

    def left(self, peer: str) -> None:
        self._peers.pop(peer, None)

    def named(self, peer: str, *, us: bool) -> None:
        """Record whether a peer's customData3 names this console."""
        self._peers.setdefault(peer, _Peer()).names_us = us

    @rests_on(NAMED)
    def accepts(self, peer: str) -> bool:
        """Return whether this console negotiates with that peer."""
        return self._way(NAMED) == "ignored" or self._peers.setdefault(peer, _Peer()).names_us

    @rests_on(OFFER_DELAY)
    def _wait(self, peer: str) -> float | None:
        """Return the delay from the join to an own offer, None for never."""
        if self.policy == "usual":
            return self._chance.uniform(*OFFER_S) if self._offers_to(peer) else None
        return _WAITS.get(self.policy)

    @rests_on(WHO_OFFERS)
    def _offers_to(self, peer: str) -> bool:
        way = self._way(WHO_OFFERS)
        if way == "smaller-account":
            return self._smaller(peer)
        if way in ("older", "newer"):
            return self._older(peer) is (way == "older")
        return way == "both"

    def _older(self, peer: str) -> bool:
        return self.join_order < self._peers[peer].join_order

    def _smaller(self, peer: str) -> bool:
        """Compare account ids as numbers. On one account the console offers to the phone."""
        account, mine = int(peer.partition(".")[0]), int(self._me.account_id)
        return mine < account or (mine == account and self._me.platform != "MOBILE_APP")

    def _way(self, fact: Fact) -> str:
        return self._own_ways.get(fact.name) or self._ways.of(fact)

    # --- offers and answers ----------------------------------------------------------------------

    @rests_on(REPEATS)
    def due(self, now: float) -> list[str]:
        """Return the peers to offer to now. A peer with `MOST_OFFERS` unanswered offers gets no more."""
        due = []
        for peer, state in self._peers.items():
            if state.offer_at is None or now < state.offer_at or not self.accepts(peer):
                continue
            if state.offers < MOST_OFFERS:
                due.append(peer)
            else:
                state.offered, state.offer_at = 0, None
        return due

    def offer_again(self, now: float) -> None:
        """Schedule an offer to every peer at once, in any state."""
        for state in self._peers.values():
            state.offers, state.offer_at = 0, now

    def next_at(self) -> float | None:
        """Return when the next offer is due, None if nothing is scheduled."""
        times = [one.offer_at for peer, one in self._peers.items() if one.offer_at is not None and self.accepts(peer)]
        return min(times, default=None)

    def offering(self, peer: str, now: float) -> int:
        """Record an outgoing offer and return its sequence number."""
        state = self._peers[peer]
        state.sequence += 1
        state.offers += 1
        state.offered = state.sequence
        state.offer_at = now + REPEAT_AFTER_S
        return state.sequence

    def glares(self, peer: str) -> bool:
        """Return whether to answer a received offer with an own offer."""
        return self.policy == "glare" and not self._peers.setdefault(peer, _Peer()).sequence

    @rests_on(SDP_UPDATED)
    def kind(self, peer: str) -> str:
        """Return the type of the outgoing offer."""
        return "sdp_updated" if self.policy == "reoffer" and self._peers[peer].times_up % 2 else "offer"

    def up(self, peer: str, now: float) -> None:
        """Record that a connection came up."""
        state = self._peers.get(peer)
        if state is None:
            return
        state.times_up += 1
        if self.policy == "reoffer":
            state.offers, state.offer_at = 0, now + REOFFER_AFTER_S

    def offered(self, peer: str) -> bool:
        """Record a received offer and return whether to answer it. Answering drops a local offer."""
        if self.policy in ("silent", "bridge-only") or not self.accepts(peer):
            return False
        state = self._peers.setdefault(peer, _Peer())
        if state.offered and not self._yields(peer):
            return False
        state.offered, state.offer_at = 0, None
        return True

    @rests_on(GLARE)
    def _yields(self, peer: str) -> bool:
        way = self._way(GLARE)
        if way in ("lower-yields", "higher-yields"):
            return self._older(peer) is (way == "lower-yields")
        return way == "yields"

    def answered(self, peer: str, sequence: str) -> bool:
        """Record an answer and return whether it belongs to the outstanding local offer."""
        state = self._peers.get(peer)
        if state is None or not state.offered or sequence != str(state.offered):
            return False
        state.offered, state.offers, state.offer_at = 0, 0, None
        return True

    @rests_on(REPEATS)
    def lost(self, peer: str, now: float) -> None:
        """Record a lost connection with a peer that is still in the party."""
        state = self._peers.get(peer)
        if state is None or state.offered or self.policy in _NEVER_OFFER:
            return
        if self.policy != "usual" or self._offers_to(peer):
            state.offer_at = now + MIX_AFTER_S
