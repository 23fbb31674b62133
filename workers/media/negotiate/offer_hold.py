"""Offers held back to learn what the other side does (`common.requests.HoldOffers`). No I/O."""

from __future__ import annotations

from workers.media.negotiate.offers import Offer

MEET_S = 4.0
"""How long a remote offer waits for the answer to the local one. Covers gathering, two calls and a slow console."""


class Held:
    """The held offer of one member. Times are on the negotiation's clock."""

    def __init__(self) -> None:
        self.until = 0.0
        """No local offer is made on schedule before this time."""
        self._met: tuple[float, Offer] | None = None

    def meets(self, offer: Offer, now: float) -> None:
        """Hold a remote offer that is met with a local one."""
        self._met = (now + MEET_S, offer)

    def answered(self) -> None:
        """Drop the held offer, because the local one was answered."""
        self._met = None

    def due(self, now: float) -> Offer | None:
        """Return the held offer if it must be answered now."""
        if self._met is None or now < self._met[0]:
            return None
        offer, self._met = self._met[1], None
        return offer
