"""Which remote offers are answered, and when."""

from __future__ import annotations

from workers.media.negotiate.offers import ANSWER_EVERY_S, ANSWERS_AT_ONCE, STALE_S, Offer, RemoteOffers


def test_an_overtaken_offer_is_late_and_after_a_while_a_lower_number_is_new() -> None:
    offers = RemoteOffers()
    assert offers.take(Offer(2, "second"), 0.0)
    assert not offers.take(Offer(1, "first"), STALE_S - 0.1)
    assert offers.take(Offer(1, "after a restart"), STALE_S)
    assert not offers.take(Offer(2, "second"), 100.0), "it was answered before"
    assert offers.ignored == 2


def test_the_latest_offer_waits_while_too_many_come() -> None:
    offers = RemoteOffers()
    taken = [offers.take(Offer(number, "sdp"), 0.0) for number in range(1, ANSWERS_AT_ONCE + 4)]
    assert taken == [True] * ANSWERS_AT_ONCE + [False] * 3
    assert offers.ignored == 2, "the last one waits"
    assert offers.due(ANSWER_EVERY_S - 0.1) is None
    assert offers.due(ANSWER_EVERY_S + 0.1) == Offer(ANSWERS_AT_ONCE + 3, "sdp")
    assert offers.due(10 * ANSWER_EVERY_S) is None, "it is due once"


def test_answers_that_match_nothing_are_counted_apart() -> None:
    offers = RemoteOffers()
    offers.record_ignored_answer()
    assert (offers.answers_ignored, offers.ignored) == (1, 0)
