from __future__ import annotations

from workers.audio.play.retry_schedule import (
    EAGER_TRIES,
    MOST_PROOF_S,
    PROOF_S,
    RESCAN_EVERY,
    RETRY_S,
    SLOWER,
    RetrySchedule,
)


def failed(times: int) -> RetrySchedule:
    schedule = RetrySchedule()
    for _ in range(times):
        schedule.record_failure()
    return schedule


def test_retries_are_eager_for_a_minute_then_slow_until_something_changes() -> None:
    assert failed(EAGER_TRIES).waits == 1
    slow = failed(EAGER_TRIES + 1)
    assert slow.waits == SLOWER
    slow.clear()
    assert slow.waits == 1


def test_devices_are_rescanned_on_every_fourth_eager_retry_and_on_each_slow_one() -> None:
    due = [times for times in range(1, 13) if failed(times).is_rescan_due]
    assert due == [RESCAN_EVERY, 2 * RESCAN_EVERY, 3 * RESCAN_EVERY]
    assert all(failed(EAGER_TRIES + more).is_rescan_due for more in range(1, 6))


def test_the_time_of_a_proof_doubles_with_each_failure_up_to_a_limit() -> None:
    assert [failed(times).proof_s for times in range(3)] == [PROOF_S, 2 * PROOF_S, 4 * PROOF_S]
    assert failed(5000).proof_s == MOST_PROOF_S


def test_the_first_retry_is_eager_and_a_proof_is_short() -> None:
    assert (RetrySchedule().waits, RetrySchedule().is_rescan_due, RetrySchedule().proof_s) == (1, True, 2.0)
    assert (RETRY_S, RESCAN_EVERY, EAGER_TRIES, SLOWER, PROOF_S, MOST_PROOF_S) == (0.25, 4, 240, 40, 2, 60)


def test_after_a_change_a_proof_is_as_short_as_at_first() -> None:
    schedule = failed(3)
    schedule.clear()
    assert schedule.proof_s == PROOF_S
