"""Offers held back."""

from __future__ import annotations

from workers.media.negotiate.offer_hold import MEET_S, OfferHold
from workers.media.negotiate.offers import Offer


def test_a_kept_offer_is_due_once_after_its_time() -> None:
    hold = OfferHold()
    hold.keep(Offer(1, "theirs"), 10.0)
    assert hold.due(10.0 + MEET_S - 0.1) is None
    assert hold.due(10.0 + MEET_S) == Offer(1, "theirs")
    assert hold.due(100.0) is None


def test_an_answer_drops_it() -> None:
    hold = OfferHold()
    hold.keep(Offer(1, "theirs"), 10.0)
    hold.drop()
    assert hold.due(100.0) is None


def test_nothing_is_held_at_first() -> None:
    hold = OfferHold()
    assert (hold.until, hold.due(100.0), MEET_S) == (0.0, None, 4.0)
    hold.hold(7.0)
    assert hold.until == 7.0
