"""Who offers when: the negotiation with one member, in made-up time."""

from __future__ import annotations

import itertools

import pytest

from workers.media.negotiate.actions import AcceptAnswer, Action, AnswerOffer, Close, MakeOffer, RepeatAnswer
from workers.media.negotiate.negotiated_connection import CHOICE_S, SETTLE_S
from workers.media.negotiate.negotiation import Negotiation
from workers.media.negotiate.offer_hold import MEET_S
from workers.media.negotiate.offers import ANSWERS_AT_ONCE, STALE_S
from workers.media.negotiate.retries import SILENT_S, STEADY_S, Timeouts
from workers.media.negotiate.states import NegotiationState
from workers.media.negotiate.steps import LEFTOVER_S


def negotiation(*, older: bool = True, offer_at: float = 1.0) -> Negotiation:
    return Negotiation(Timeouts(6.0, 15.0), wins_glare=older, offer_at=offer_at)


def over(deal: Negotiation, start: float, end: float) -> list[tuple[float, Action]]:
    """Tick ten times a second and return what was to be done when."""
    steps = range(int(start * 10), int(end * 10))
    return [(step / 10, action) for step in steps for action in deal.poll(step / 10)]


def glare(*, older: bool = True) -> Negotiation:
    """Return one whose own offer is out (connection 1) and that has answered theirs (connection 2)."""
    deal = negotiation(older=older, offer_at=0)
    assert deal.poll(0) == [MakeOffer(1, 1)]
    assert deal.on_offer(1, "theirs", 0.1) == [AnswerOffer(2, 1, "theirs")]
    assert deal.status.state is NegotiationState.GLARE
    return deal


# --- one side offers ---------------------------------------------------------------------------------


def test_an_offer_is_answered_and_none_is_made() -> None:
    deal = negotiation()
    assert deal.on_offer(3, "sdp", 0.5) == [AnswerOffer(1, 3, "sdp")]
    deal.on_up(1, 0.6)
    deal.record_media(1, 0.7, 0.7)
    assert over(deal, 0.6, 100) == []
    assert deal.status.connection == "connected"


def test_we_offer_when_nobody_does() -> None:
    assert over(negotiation(), 0, 2) == [(1.0, MakeOffer(1, 1))]


def test_unanswered_offers_are_repeated_after_6_12_24_48_60_60_seconds() -> None:
    offers = [(at, action) for at, action in over(negotiation(offer_at=0), 0, 220) if isinstance(action, MakeOffer)]
    assert [round(b[0] - a[0]) for a, b in itertools.pairwise(offers)] == [6, 12, 24, 48, 60, 60]
    assert [offer.attempt for _, offer in offers] == [1, 2, 3, 4, 5, 6, 7]


def test_only_the_answer_to_the_latest_offer_counts() -> None:
    deal = negotiation(offer_at=0)
    assert over(deal, 0, 7) == [(0.0, MakeOffer(1, 1)), (6.0, Close(1)), (6.0, MakeOffer(2, 2, 2))]
    assert deal.on_answer(1, "stale", 7) == []
    assert deal.on_answer(2, "good", 7) == [AcceptAnswer(2, "good")]
    assert deal.on_answer(2, "again", 7) == []
    assert deal.status.ignored == 2


def test_a_connection_that_does_not_come_up_is_negotiated_again() -> None:
    deal = negotiation(offer_at=0)
    deal.poll(0)
    deal.on_answer(1, "sdp", 1)
    assert over(deal, 1, 17) == [(16.0, Close(1)), (16.0, MakeOffer(2, 2, attempt=2))]


# --- both offer --------------------------------------------------------------------------------------


def test_an_offer_is_answered_at_once_while_ours_is_out() -> None:
    deal = glare()
    assert deal.status.connections == (1, 2)
    assert "theirs is answered" in deal.status.detail


def test_they_yield_and_our_offer_leads_to_the_connection() -> None:
    deal = glare()
    assert deal.on_answer(1, "answer", 0.3) == [AcceptAnswer(1, "answer")]
    assert deal.on_up(1, 0.4) == []
    deal.record_media(1, 0.5, 0.5)
    assert deal.status.connection == "connected"
    assert over(deal, 0.4, 20) == [(pytest.approx(0.4 + LEFTOVER_S, abs=0.11), Close(2))]
    assert deal.status.state is NegotiationState.UP


def test_they_do_not_yield_and_their_offer_leads_to_the_connection() -> None:
    deal = glare()
    assert deal.on_up(2, 0.4) == []
    deal.record_media(2, 0.5, 0.5)
    assert deal.status.connection == "connected"
    assert over(deal, 0.4, 20) == [(pytest.approx(0.4 + LEFTOVER_S, abs=0.11), Close(1))]


def test_an_answer_that_comes_after_their_connection_is_up_still_counts() -> None:
    deal = glare()
    deal.on_up(2, 0.4)
    assert deal.on_answer(1, "late", 3.0) == [AcceptAnswer(1, "late")]
    assert deal.on_ended(2, "an app with one connection has moved it", 3.05) == [Close(2)]
    assert deal.on_up(1, 3.1) == []
    assert deal.status.established == (1,)


@pytest.mark.parametrize(("older", "stays"), [(True, 1), (False, 2)])
@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_of_two_that_carry_a_voice_the_older_members_offer_stays(
    older: bool, stays: int, order: tuple[int, int]
) -> None:
    deal = glare(older=older)
    deal.on_answer(1, "answer", 0.2)
    for number in order:
        deal.on_up(number, 0.3)
    assert deal.poll(0.4) == []
    for at in (0.35, 0.3 + SETTLE_S):
        for number in (1, 2):
            deal.record_media(number, at, at)
    assert deal.poll(0.9) == [Close(3 - stays)]
    assert deal.status.established == (stays,)


def test_of_two_that_stand_the_one_that_carries_the_voice_stays() -> None:
    deal = glare(older=True)
    deal.on_answer(1, "answer", 0.2)
    deal.on_up(1, 0.3)
    deal.on_up(2, 0.5)
    deal.record_media(1, 0.4, 0.4)
    for step in range(30):
        deal.record_media(2, 0.5 + step / 10, 0.5 + step / 10)
    assert over(deal, 0.6, 10) == [(pytest.approx(0.5 + CHOICE_S, abs=0.11), Close(1))]


def test_a_new_offer_in_a_glare_takes_the_place_of_the_one_that_was_answered() -> None:
    deal = glare()
    assert deal.on_offer(2, "again", 1.0) == [Close(2), AnswerOffer(3, 2, "again")]
    assert deal.status.connections == (1, 3)


def test_a_glare_without_an_end_is_offered_again_with_theirs_still_being_made() -> None:
    assert over(glare(), 0.1, 6.5) == [(6.0, Close(1)), (6.0, MakeOffer(3, 2, attempt=2))]


def test_a_refused_offer_leaves_their_connection_and_a_refused_answer_leaves_ours() -> None:
    deal = glare()
    assert deal.on_refusal("offer", 1, "400", 0.2, final=True) == [Close(1)]
    assert deal.status.state is NegotiationState.CONNECTING_THEIRS
    deal = glare()
    assert deal.on_refusal("answer", 1, "400", 0.2, final=True) == [Close(2)]
    assert deal.status.state is NegotiationState.OFFERED
    assert deal.on_answer(1, "answer", 0.3) == [AcceptAnswer(1, "answer")]


# --- one stands --------------------------------------------------------------------------------------


def test_a_new_offer_replaces_a_connection_that_works_and_it_goes_on_meanwhile() -> None:
    deal = negotiation()
    deal.on_offer(1, "first", 0)
    deal.on_up(1, 0)
    deal.record_media(1, 1, 1)
    assert deal.on_offer(2, "second", 50) == [AnswerOffer(2, 2, "second")]
    assert deal.status.connection == "connected"
    assert deal.on_ended(2, "no way", 60) == [Close(2)]
    assert deal.status.connection == "connected"
    assert over(deal, 60, 200) == []


def test_when_the_new_one_is_up_and_the_old_one_ends_the_new_one_stays() -> None:
    deal = negotiation()
    deal.on_offer(1, "first", 0)
    deal.on_up(1, 0)
    deal.on_offer(2, "second", 50)
    deal.on_up(2, 50.2)
    assert deal.on_ended(1, "replaced", 50.3) == [Close(1)]
    assert (deal.status.established, deal.status.state) == ((2,), NegotiationState.UP)


def test_there_are_never_three_connections() -> None:
    deal = glare()
    deal.on_answer(1, "answer", 0.2)
    deal.on_up(1, 0.3)
    deal.on_up(2, 0.4)
    deal.record_media(1, 0.5, 0.5)
    assert deal.on_offer(2, "again", 0.6) == [Close(2), AnswerOffer(3, 2, "again")]
    assert deal.status.connections == (1, 3)


def test_a_connection_that_stood_is_offered_again_at_once_by_the_older_member_and_soon_by_the_newer() -> None:
    for older, at in ((True, 100.0), (False, 101.0)):
        deal = negotiation(older=older)
        deal.on_offer(1, "sdp", 0)
        deal.on_up(1, 0)
        assert deal.on_ended(1, "silence", 100) == [Close(1)]
        assert (deal.status.connection, deal.status.detail) == ("lost", "silence")
        assert over(deal, 100, 103) == [(at, MakeOffer(2, 1))]


def test_one_that_never_stands_for_long_counts_as_a_failure_and_is_tried_ever_more_seldom() -> None:
    deal = negotiation(offer_at=0)
    offers = []
    for step in range(3000):
        for action in deal.poll(step / 10):
            if isinstance(action, MakeOffer):
                offers.append(step / 10)
                deal.on_answer(action.sequence, "sdp", step / 10)
                deal.on_up(action.connection, step / 10)
                deal.on_ended(action.connection, "gone", step / 10 + 0.05)
    assert len(offers) < 12


def test_one_that_has_stood_for_a_while_was_a_success() -> None:
    deal = negotiation(offer_at=0)
    over(deal, 0, 7)
    deal.on_answer(2, "sdp", 7)
    deal.on_up(2, 7)
    assert deal.retries.failures == 1
    over(deal, 7, 8 + STEADY_S)
    assert deal.retries.failures == 0


def test_connected_but_silent_is_said_and_ends_with_the_first_sound() -> None:
    deal = negotiation()
    deal.on_offer(1, "sdp", 0)
    deal.on_up(1, 0)
    over(deal, 0, SILENT_S)
    assert not deal.retries.silent
    over(deal, SILENT_S, SILENT_S + 1)
    assert deal.retries.silent
    assert "no sound" in deal.status.detail
    assert deal.retries.failure is not None
    assert deal.retries.failure.reason == "silent"
    deal.record_media(1, 20, 20)
    deal.poll(20)
    assert not deal.retries.silent


def test_who_stays_silent_is_offered_another_connection_three_times_and_the_standing_one_goes_on() -> None:
    deal = negotiation()
    deal.on_offer(1, "sdp", 0)
    deal.on_up(1, 0)
    actions = over(deal, 0, 300)
    offers = [at for at, action in actions if isinstance(action, MakeOffer)]
    assert offers == [pytest.approx(SILENT_S * factor, abs=1.0) for factor in (1, 2, 4)]
    assert deal.status.established == (1,)
    assert {action.connection for _, action in actions if isinstance(action, Close)} == {2, 3, 4}


def test_tries_in_another_form_follow_each_other_quickly() -> None:
    deal = negotiation(offer_at=0)
    deal.retries.use_hurry(hurry=True)
    offers = [at for at, action in over(deal, 0, 11) if isinstance(action, MakeOffer)]
    assert offers == [0, 6, 8.5], "the first one has the usual time"
    assert deal.on_refusal("offer", 3, "Bad Request", 11, final=True) == [Close(3)]
    assert [at for at, action in over(deal, 11, 15) if isinstance(action, MakeOffer)] == [13.5]


def test_news_of_what_works_with_others_is_tried_at_once() -> None:
    waiting, failed = negotiation(offer_at=0), negotiation(offer_at=0)
    waiting.poll(0)
    assert waiting.try_again(1) == [Close(1), MakeOffer(2, 2, 2)]
    failed.poll(0)
    failed.on_refusal("offer", 1, "Bad Request", 0.1, final=True)
    assert failed.try_again(1) == [MakeOffer(2, 2, 2)]
    failed.leave(2)
    assert failed.try_again(3) == []


# --- messages that come twice, late, too often, or not at all ------------------------------------------


def test_the_same_offer_again_gets_the_same_answer() -> None:
    deal = negotiation()
    deal.on_offer(1, "sdp", 0)
    assert deal.on_offer(1, "sdp", 0.2) == [RepeatAnswer(1)]
    deal.on_up(1, 0.3)
    assert deal.on_offer(1, "sdp", 5) == [RepeatAnswer(1)]


def test_an_offer_that_was_overtaken_on_its_way_is_not_answered() -> None:
    deal = negotiation()
    deal.on_offer(2, "second", 0)
    assert deal.on_offer(1, "first", 0.5) == []
    deal.on_offer(3, "third", 1)
    assert deal.on_offer(2, "second", 100) == []
    assert deal.status.ignored == 2
    assert deal.on_offer(1, "numbers that begin again", 100 + STALE_S) != []


def test_answers_are_rationed_and_the_latest_offer_waits_for_its_turn() -> None:
    deal = negotiation()
    answered = [action for number in range(1, 31) for action in deal.on_offer(number, "sdp", number / 100)]
    assert sum(isinstance(action, AnswerOffer) for action in answered) == ANSWERS_AT_ONCE
    later = [action for _, action in over(deal, 1, 20) if isinstance(action, AnswerOffer)]
    assert [action.sequence for action in later] == [30]


def test_a_final_refusal_waits_long_and_a_passing_one_does_not() -> None:
    for final, wait in ((True, 15.0), (False, 6.0)):
        deal = negotiation(offer_at=0)
        deal.poll(0)
        assert deal.on_refusal("offer", 1, "400", 1.0, final=final) == [Close(1)]
        assert deal.status.connection == "failed"
        assert deal.retries.failure is not None
        assert deal.retries.failure.reason == "refused"
        assert over(deal, 1, 70)[0] == (1.0 + wait, MakeOffer(2, 2, attempt=2))


def test_a_refusal_of_something_long_past_changes_nothing() -> None:
    deal = negotiation(offer_at=0)
    deal.poll(0)
    assert deal.on_refusal("offer", 7, "400", 1.0, final=True) == []
    assert deal.on_refusal("answer", 1, "400", 1.0, final=True) == []
    assert deal.status.state is NegotiationState.OFFERED
    deal = negotiation()
    deal.on_offer(5, "theirs", 0.5)
    assert deal.on_refusal("answer", 4, "400", 1.0, final=True) == []
    assert deal.on_refusal("offer", 5, "400", 1.0, final=True) == [], "no offer of ours is out"
    assert deal.status.state is NegotiationState.CONNECTING_THEIRS


def test_once_we_have_left_nothing_is_said_any_more() -> None:
    deal = glare()
    assert deal.leave(0.2) == [Close(1), Close(2)]
    assert deal.on_offer(2, "sdp", 0.3) == []
    assert deal.on_answer(1, "sdp", 0.3) == []
    assert over(deal, 0.3, 100) == []
    assert deal.leave(100) == []


# --- offers held back, to see what the other side does ------------------------------------------------


def test_held_back_we_answer_and_do_not_offer_until_the_time_is_over() -> None:
    deal = negotiation(offer_at=0)
    deal.hold_offers(5.0)
    assert over(deal, 0, 8) == [(5.0, MakeOffer(1, 1))]
    held = negotiation(offer_at=0)
    held.hold_offers(5.0)
    assert held.on_offer(1, "theirs", 1.0) == [AnswerOffer(1, 1, "theirs")]


def test_an_offer_that_is_met_is_answered_all_the_same_if_they_do_not_yield() -> None:
    deal = negotiation(offer_at=0)
    deal.hold_offers(5.0)
    assert deal.meet_offer(1, "theirs", 1.0) == [MakeOffer(1, 1)]
    assert over(deal, 1.0, 6.0) == [(1.0 + MEET_S, AnswerOffer(2, 1, "theirs"))]


def test_an_offer_that_is_met_is_dropped_if_they_yield() -> None:
    deal = negotiation(offer_at=0)
    deal.meet_offer(1, "theirs", 1.0)
    assert deal.on_answer(1, "answer", 2.0) == [AcceptAnswer(1, "answer")]
    deal.on_up(1, 2.5)
    assert over(deal, 2.5, 2.5 + SILENT_S) == []


def test_with_a_connection_that_stands_nothing_is_met() -> None:
    deal = negotiation()
    deal.on_offer(1, "theirs", 0.5)
    deal.on_up(1, 0.6)
    assert deal.meet_offer(2, "new", 5.0) == [AnswerOffer(2, 2, "new")]
