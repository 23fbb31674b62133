"""Offers held back to learn what the other side does (`common.requests.HoldOffers`). No I/O."""

from __future__ import annotations

from workers.media.negotiate.offers import Offer

MEET_S = 4.0
"""How long a remote offer waits for the answer to the local one. Chosen to cover gathering, two
calls and a slow console."""


class OfferHold:
    """The held offer of one member. Times are on the negotiation's clock."""

    def __init__(self) -> None:
        self.until = 0.0
        """When local offers on schedule are allowed again."""
        self._kept: tuple[float, Offer] | None = None

    def hold(self, until: float) -> None:
        """Make no local offer on schedule before this time."""
        self.until = until

    def keep(self, offer: Offer, now: float) -> None:
        """Keep a remote offer that a local one is sent against."""
        self._kept = (now + MEET_S, offer)

    def drop(self) -> None:
        """Drop the held offer, because the local one was answered."""
        self._kept = None

    def due(self, now: float) -> Offer | None:
        """Return the held offer if it must be answered now."""
        if self._kept is None or now < self._kept[0]:
            return None
        offer, self._kept = self._kept[1], None
        return offer
