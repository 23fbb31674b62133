"""When the next offer is due, by what became of the earlier ones."""

from __future__ import annotations

import pytest

from workers.media.negotiate.negotiated_connection import NegotiatedConnection
from workers.media.negotiate.retries import (
    BACKOFF_MAX_S,
    FINAL_S,
    HURRY_S,
    MAX_SILENT_OFFERS,
    RETRY_S,
    SILENT_S,
    STEADY_S,
    RetryPolicy,
    Timeouts,
)


@pytest.fixture
def retries() -> RetryPolicy:
    return RetryPolicy(Timeouts(answer_timeout_s=6.0), 4.0)


def up(at: float = 0.0) -> NegotiatedConnection:
    return NegotiatedConnection(1, ours=True, sequence=1, deadline=0.0, up_at=at)


def test_the_wait_doubles_up_to_a_minute(retries: RetryPolicy) -> None:
    waits = []
    for at in range(6):
        waits.append(retries.backoff())
        retries.record_failure("no-answer", "no answer", float(at))
    assert waits == [6, 12, 24, 48, BACKOFF_MAX_S, BACKOFF_MAX_S]
    assert (retries.failures, retries.failure and retries.failure.at) == (6, 5.0)


def test_another_form_is_tried_soon(retries: RetryPolicy) -> None:
    retries.use_hurry(hurry=True)
    assert retries.backoff() == 6.0, "the first try has the usual time"
    retries.record_failure("no-answer", "no answer", 0.0)
    assert retries.backoff() == retries.after_refusal(final=True) == HURRY_S


def test_after_a_final_refusal_it_waits_longer(retries: RetryPolicy) -> None:
    assert (retries.after_refusal(final=False), retries.after_refusal(final=True)) == (6.0, FINAL_S)


def test_a_fast_failure_is_retried_soon_at_first_and_ever_later(retries: RetryPolicy) -> None:
    waits = []
    for _ in range(5):
        retries.record_failure("refused", "no", 100.0)
        retries.schedule(100.0, None)
        waits.append((retries.offer_at or 0.0) - 100.0)
    assert waits == [RETRY_S, RETRY_S, 24.0, 48.0, BACKOFF_MAX_S]


@pytest.mark.parametrize(("at_once", "wait_s"), [(True, 0.0), (False, RETRY_S)])
def test_after_a_lasting_connection_one_side_offers_at_once(retries: RetryPolicy, at_once: bool, wait_s: float) -> None:
    retries.use_order(offers_at_once=at_once)
    retries.record_failure("no-answer", "no answer", 0.0)
    retries.schedule_after_loss(STEADY_S, "gone", 50.0)
    assert (retries.failures, retries.offer_at) == (0, 50.0 + wait_s)


def test_a_short_connection_counts_as_a_failure(retries: RetryPolicy) -> None:
    retries.schedule_after_loss(STEADY_S - 0.1, "gone", 50.0)
    assert retries.failure is not None
    assert (retries.failures, retries.failure.reason, retries.failure.words) == (1, "no-connection", "gone")


def test_a_silent_connection_is_replaced_a_few_times_and_not_while_an_offer_is_out(retries: RetryPolicy) -> None:
    retries.clear_offer()
    retries.check_media(up(), SILENT_S - 0.1)
    assert not retries.silent
    retries.check_media(up(), SILENT_S, may_offer=False)
    assert (retries.silent, retries.offer_at) == (True, None)
    offers = []
    for now in range(int(SILENT_S), 400):
        retries.check_media(up(), float(now))
        if retries.offer_at is not None:
            offers.append(retries.offer_at)
            retries.clear_offer()
    assert offers == [SILENT_S * factor for factor in (1, 2, 4)]
    assert len(offers) == MAX_SILENT_OFFERS
    assert retries.gave_up_on_silence


def test_sound_ends_the_silence(retries: RetryPolicy) -> None:
    connection = up()
    retries.check_media(connection, SILENT_S)
    connection.rtp_at = SILENT_S + 1
    retries.check_media(connection, SILENT_S + 1)
    assert (retries.silent, retries.gave_up_on_silence, retries.failures) == (False, False, 0)


def test_a_scheduled_offer_can_be_made_earlier_and_none_is_made_of_none(retries: RetryPolicy) -> None:
    retries.advance(9.0)
    assert retries.offer_at == 4.0
    retries.advance(1.0)
    assert retries.offer_at == 1.0
    retries.clear_offer()
    retries.advance(0.0)
    assert retries.offer_at is None


def test_a_first_long_try_is_repeated_at_once_and_a_later_one_after_a_wait(retries: RetryPolicy) -> None:
    assert retries.after_long_try() == 0.0
    retries.record_failure("no-connection", "no connection", 0.0)
    assert retries.after_long_try() == retries.backoff() == 12.0


def test_a_connection_whose_sound_came_at_0_is_not_silent(retries: RetryPolicy) -> None:
    connection = up()
    connection.rtp_at = 0.0
    retries.check_media(connection, SILENT_S)
    assert not retries.silent


def test_a_connection_is_a_success_after_ten_seconds_and_silent_after_fifteen() -> None:
    assert (STEADY_S, SILENT_S, RETRY_S, FINAL_S, HURRY_S, BACKOFF_MAX_S) == (10, 15, 1, 15, 2.5, 60)
    assert (Timeouts().answer_timeout_s, Timeouts().connect_timeout_s) == (6, 15)


def test_the_shortest_timeout_doubles_no_more_than_eight_times() -> None:
    retries = RetryPolicy(Timeouts(answer_timeout_s=0.1), 0.0)
    waits = []
    for _ in range(11):
        waits.append(retries.backoff())
        retries.record_failure("no-answer", "no answer", 0.0)
    assert waits[7:] == pytest.approx([12.8, 25.6, 25.6, 25.6])
