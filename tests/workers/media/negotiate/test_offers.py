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


def test_a_lower_number_is_late_by_the_time_since_the_latest_one() -> None:
    offers = RemoteOffers()
    assert offers.take(Offer(2, "second"), 1000.0)
    assert offers.is_late(Offer(1, "first"), 1000.0 + STALE_S - 0.1)
    assert not offers.is_late(Offer(1, "first"), 1000.0 + STALE_S)
    assert not offers.is_late(Offer(2, "second"), 1000.0)


def test_an_offer_that_is_repeated_is_not_late() -> None:
    offers = RemoteOffers()
    for now in (0.0, 1.0):
        assert offers.take(Offer(2, "second"), now)
    assert offers.take(Offer(3, "third"), 2.0)
    assert offers.take(Offer(3, "third"), 3.0)
    assert offers.is_late(Offer(2, "second"), 100.0)
    assert (STALE_S, ANSWERS_AT_ONCE, ANSWER_EVERY_S) == (5, 5, 5)


def test_the_repeats_of_an_offer_do_not_make_an_older_one_new() -> None:
    offers = RemoteOffers()
    assert offers.take(Offer(1, "first"), 0.0)
    for repeat in range(1, 12):
        assert offers.take(Offer(2, "second"), repeat * 10.0)
    assert offers.is_late(Offer(1, "first"), 1000.0)
