"""Who offers when: the negotiation with one member, in made-up time."""

from __future__ import annotations

import itertools

from workers.media.negotiation import (
    AcceptAnswer,
    Action,
    AnswerOffer,
    MakeOffer,
    Negotiation,
    RepeatAnswer,
    Timing,
    wins_glare,
)


def negotiation(*, smaller: bool = True, offer_at: float = 1.0) -> Negotiation:
    return Negotiation(Timing(1.0, 6.0, 15.0), smaller=smaller, offer_at=offer_at)


def over(negotiation: Negotiation, start: float, end: float) -> list[tuple[float, Action]]:
    """Tick ten times a second and return what was to be done when."""
    found = []
    for step in range(int(start * 10), int(end * 10)):
        action = negotiation.tick(step / 10)
        if action is not None:
            found.append((step / 10, action))
    return found


def test_an_offer_is_answered_and_none_is_made() -> None:
    deal = negotiation()
    assert deal.offered(3, "sdp", 0.5) == AnswerOffer(3, "sdp")
    deal.connected()
    assert over(deal, 0.5, 100) == []
    assert deal.state == "connected"


def test_we_offer_when_nobody_does() -> None:
    assert over(negotiation(), 0, 2) == [(1.0, MakeOffer(1))]


def test_unanswered_offers_are_repeated_after_6_12_24_48_60_60_seconds() -> None:
    times = [at for at, _ in over(negotiation(offer_at=0), 0, 220)]
    assert [round(b - a) for a, b in itertools.pairwise(times)] == [6, 12, 24, 48, 60, 60]


def test_only_the_answer_to_the_latest_offer_counts() -> None:
    deal = negotiation(offer_at=0)
    over(deal, 0, 7)
    assert deal.answered(1, "stale", 7) is None
    assert deal.answered(2, "good", 7) == AcceptAnswer("good")
    assert deal.answered(2, "again", 7) is None
    assert deal.ignored == 2


def test_in_a_glare_the_smaller_ids_offer_stands() -> None:
    smaller, larger = negotiation(offer_at=0), negotiation(smaller=False, offer_at=0)
    smaller.tick(0)
    larger.tick(0)
    assert smaller.offered(1, "theirs", 0.1) is None
    assert larger.offered(1, "ours", 0.1) == AnswerOffer(1, "ours")
    assert smaller.answered(1, "answer", 0.2) == AcceptAnswer("answer")


def test_an_offer_set_aside_in_a_glare_is_answered_when_ours_gets_no_answer() -> None:
    deal = negotiation(offer_at=0)
    deal.tick(0)
    deal.offered(5, "theirs", 0.1)
    assert over(deal, 0.1, 10) == [(6.0, AnswerOffer(5, "theirs"))]


def test_account_ids_are_compared_as_numbers() -> None:
    assert wins_glare("999.PS5", "1000.PS5")
    assert not wins_glare("1000.PS5", "999.PS5")
    assert wins_glare("7.PS4", "7.PS5")


def test_a_new_offer_replaces_a_connection_that_works_and_it_goes_on_meanwhile() -> None:
    deal = negotiation()
    deal.offered(1, "first", 0)
    deal.connected()
    assert deal.offered(2, "second", 50) == AnswerOffer(2, "second")
    assert deal.state == "connected"
    deal.failed("no way", 60)
    assert deal.state == "connected"
    assert over(deal, 60, 200) == []


def test_the_same_offer_again_gets_the_same_answer() -> None:
    deal = negotiation()
    deal.offered(1, "sdp", 0)
    assert deal.offered(1, "sdp", 0.2) == RepeatAnswer(1)
    deal.connected()
    assert deal.offered(1, "sdp", 5) == RepeatAnswer(1)


def test_a_connection_that_does_not_come_up_is_negotiated_anew() -> None:
    deal = negotiation(offer_at=0)
    deal.tick(0)
    deal.answered(1, "sdp", 1)
    assert over(deal, 1, 17) == [(16.0, MakeOffer(2, attempt=2))]


def test_a_lost_connection_is_offered_anew() -> None:
    deal = negotiation()
    deal.offered(1, "sdp", 0)
    deal.connected()
    deal.lost("silence", 100)
    assert deal.state == "lost"
    assert over(deal, 100, 103) == [(101.0, MakeOffer(1))]
    assert deal.offered(1, "sdp", 103) is None  # glare, ours stands: and it is no repetition any more


def test_a_final_refusal_waits_long_and_a_passing_one_does_not() -> None:
    for final, wait in ((True, 15.0), (False, 6.0)):
        deal = negotiation(offer_at=0)
        deal.tick(0)
        assert deal.refused("offer", 1, "400", 1.0, final=final)
        assert deal.state == "failed"
        assert next(at for at, _ in over(deal, 1, 70)) == 1.0 + wait


def test_a_refusal_of_something_long_past_changes_nothing() -> None:
    deal = negotiation(offer_at=0)
    deal.tick(0)
    assert not deal.refused("offer", 7, "400", 1.0, final=True)
    assert not deal.refused("answer", 1, "400", 1.0, final=True)
    assert deal.attempting
