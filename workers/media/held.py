"""Offers that are held back to find out what the other side does (`common.requests.HoldOffers`). No I/O."""

from __future__ import annotations

from workers.media.offers import Offer

MEET_S = 4.0
"""How long an offer that is met with one of ours waits for its answer: gathering, two calls, and a slow console."""


class Held:
    """With one member; times are those of its negotiation."""

    def __init__(self) -> None:
        self.until = 0.0
        """We do not offer by ourselves before that."""
        self._met: tuple[float, Offer] | None = None

    def meets(self, offer: Offer, now: float) -> None:
        """Keep an offer that is met with one of ours."""
        self._met = (now + MEET_S, offer)

    def answered(self) -> None:
        """Forget the offer that was kept: ours was answered in its place."""
        self._met = None

    def due(self, now: float) -> Offer | None:
        """Return the offer that is to be answered now all the same, if any."""
        if self._met is None or now < self._met[0]:
            return None
        offer, self._met = self._met[1], None
        return offer
