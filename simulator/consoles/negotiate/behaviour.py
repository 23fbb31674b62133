"""How a console behaves towards its peers: whether and when it offers, yields and answers. No I/O, no clock."""

from __future__ import annotations

import random
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
LATE_S = 4.0
MIX_AFTER_S = 4.0
"""Also the delay from a lost connection to the next offer."""
_WAITS: dict[Policy, float] = {"offer": 0.0, "reoffer": 0.0, "mix": MIX_AFTER_S}
_NEVER_OFFER = ("answer", "silent", "glare", "late", *RELAYED)


class Behaviour:
    """The policy of a console, and the ways of the undecided facts, its own ones first."""

    def __init__(self, me: Device, ways: Ways, policy: Policy = "usual", chance: random.Random | None = None) -> None:
        self.policy = policy
        self.join_order = 0
        """Own order in the party, 0 if unknown."""
        self._me = me
        self._ways = ways
        self._own_ways: dict[str, str] = {}
        self._chance = chance or random.Random()  # no secret, it spreads the offers

    def choose(self, fact: Fact, way: str) -> None:
        """Set this console's own way of `fact`. Raises `BadWay`."""
        if way not in fact.ways:
            raise BadWay(f"{fact.name} falls one of {', '.join(fact.ways)}, not {way[:60]!r}")
        self._own_ways[fact.name] = way

    def _way(self, fact: Fact) -> str:
        return self._own_ways.get(fact.name) or self._ways.of(fact)

    @property
    def answers(self) -> bool:
        """Whether it answers offers."""
        return self.policy not in ("silent", "bridge-only")

    @rests_on(NAMED)
    def needs_naming(self) -> bool:
        """Return whether it negotiates only with peers whose customData3 names it."""
        return self._way(NAMED) != "ignored"

    @rests_on(OFFER_DELAY)
    def offer_wait_s(self, peer: str, join_order: int) -> float | None:
        """Return the delay from a peer's join to an own offer, None for never."""
        if self.policy == "usual":
            return self._chance.uniform(*OFFER_S) if self._offers_to(peer, join_order) else None
        return _WAITS.get(self.policy)

    @rests_on(REPEATS)
    def offers_after_loss(self, peer: str, join_order: int) -> bool:
        """Return whether it offers again after a lost connection."""
        if self.policy == "usual":
            return self._offers_to(peer, join_order)
        return self.policy not in _NEVER_OFFER

    @rests_on(WHO_OFFERS)
    def _offers_to(self, peer: str, join_order: int) -> bool:
        way = self._way(WHO_OFFERS)
        if way == "smaller-account":
            return self._is_smaller(peer)
        if way in ("older", "newer"):
            return self._is_older(join_order) is (way == "older")
        return way == "both"

    def _is_older(self, join_order: int) -> bool:
        return self.join_order < join_order

    def _is_smaller(self, peer: str) -> bool:
        """Compare account ids as numbers. On one account the console offers to the phone."""
        account, mine = int(peer.partition(".")[0]), int(self._me.account_id)
        return mine < account or (mine == account and self._me.platform != "MOBILE_APP")

    @rests_on(GLARE)
    def yields(self, join_order: int) -> bool:
        """Return whether it answers an offer while its own is pending."""
        way = self._way(GLARE)
        if way in ("lower-yields", "higher-yields"):
            return self._is_older(join_order) is (way == "lower-yields")
        return way == "yields"

    @rests_on(SDP_UPDATED)
    def kind(self, times_up: int) -> str:
        """Return the type of an outgoing offer, after `times_up` connections."""
        return "sdp_updated" if self.policy == "reoffer" and times_up % 2 else "offer"
