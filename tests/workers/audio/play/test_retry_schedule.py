from __future__ import annotations

from workers.audio.play.retry_schedule import (
    EAGER_TRIES,
    MOST_PROOF_S,
    PROOF_S,
    RESCAN_EVERY,
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
