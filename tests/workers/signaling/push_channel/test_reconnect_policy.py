from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.signaling.loss import Loss
from workers.signaling.push_channel.reconnect_policy import (
    APP_LONGEST_S,
    EXTRA_TRY_AT,
    LONGEST_RETRY_S,
    RENEWED_S,
    SLOWER,
    STEADY_S,
    WORKED_S,
    ConnectionEnd,
    FailureKind,
    ReconnectPolicy,
)

FAILURES = st.sampled_from(list(FailureKind))


def link(loss: Loss | None = None) -> ReconnectPolicy:
    return ReconnectPolicy(("3.0", "2.1"), backoff_max_s=60, loss=loss)


def waits(made: ReconnectPolicy, times: int, *, now: float = 1000.0, **more: float) -> list[float]:
    """Return how long the next try waits after each of so many ends."""
    found = []
    for _ in range(times):
        made.record_end(FailureKind.LOST, now, jitter=0.5, **more)
        found.append(made.next_at - now)
    return found


def test_the_first_try_is_at_once_and_no_reconnection() -> None:
    made = link()
    assert made.next_at == 0.0
    assert (made.protocol, made.is_reconnection(5.0)) == ("3.0", False)


def test_a_link_that_was_lost_is_back_at_once_and_then_at_the_apps_pace_and_then_slower() -> None:
    first, *later = waits(link(), 12, lived_s=6.0)
    assert first == 0
    assert all(0.6 * APP_LONGEST_S <= wait <= APP_LONGEST_S for wait in later[:3])
    assert later[3:] == sorted(later[3:])
    assert later[-1] > 3 * APP_LONGEST_S


@given(st.lists(st.tuples(FAILURES, st.floats(0, 1), st.floats(0, 600)), max_size=60))
def test_waits_are_bounded(ends: list[tuple[FailureKind, float, float]]) -> None:
    made = link()
    for failure, jitter, lived_s in ends:
        made.record_end(failure, 1000.0, jitter=jitter, lived_s=lived_s)
        assert 0 <= made.next_at - 1000.0 <= SLOWER * APP_LONGEST_S


def test_the_servers_own_interval_counts_in_seconds_and_below_the_apps_longest() -> None:
    made = link()
    made.set_retry_interval(2, 4)
    assert waits(made, 4) == [0, 3, 6, 12]
    made.set_retry_interval(0, 0)  # none was named: what was named before stays
    made.set_retry_interval(120, 180)
    assert waits(made, 1)[0] <= SLOWER * APP_LONGEST_S


def test_a_refusal_that_says_when_is_heeded_within_reason() -> None:
    made = link()
    made.record_end(FailureKind.UNAUTHORIZED, 0.0, jitter=0.0, retry_s=100.0)
    assert made.next_at == 100.0
    made.record_end(FailureKind.UNAUTHORIZED, 0.0, jitter=0.0, retry_s=1e9)
    assert made.next_at == LONGEST_RETRY_S


def test_failures_are_forgotten_by_a_link_that_lived_long_and_fade_by_shorter_ones() -> None:
    made = link()
    waits(made, 10)
    assert waits(made, 1, lived_s=STEADY_S) == [0]
    waits(made, 3)
    assert waits(made, 1, lived_s=299.0) == [0]
    waits(made, 3)
    assert waits(made, 1, lived_s=59.0)[0] > 0


def test_after_a_pause_or_with_another_network_the_next_try_is_at_once() -> None:
    made = link()
    waits(made, 10)
    made.retry_now(1000.0)
    assert made.next_at == 1000.0
    assert waits(made, 1) == [0]


def test_it_is_a_reconnection_as_long_as_the_presence_timeout_has_not_passed_since_the_loss() -> None:
    made = link(Loss(100.0, 30.0))
    assert made.is_reconnection(129.9)
    assert not made.is_reconnection(130.0)
    made.record_end(FailureKind.UNREACHABLE, 110.0, jitter=0.0)  # a try that failed is no other loss
    assert made.is_reconnection(129.9)
    made.record_open()
    made.record_loss(Loss(200.0, 5.0))
    assert made.is_reconnection(204.0)
    assert not made.is_reconnection(205.0)


def test_the_older_protocol_stands_in_where_the_newer_is_refused_and_back() -> None:
    made = link()
    for protocol in ("2.1", "3.0"):
        made.record_end(FailureKind.REFUSED, 0.0, jitter=0.0)
        assert made.protocol == protocol
    alone = ReconnectPolicy(("3.0", ""), backoff_max_s=60)
    alone.record_end(FailureKind.REFUSED, 0.0, jitter=0.0)
    assert alone.protocol == "3.0"


def test_after_connections_that_die_at_once_the_token_is_renewed_and_then_the_protocol_changed() -> None:
    made = link()
    doubted = [made.record_end(FailureKind.LOST, 0.0, jitter=0.0, lived_s=0.1) for _ in range(4)]
    assert doubted == [False, True, False, False]
    assert made.protocol == "2.1"


def test_a_refused_token_is_renewed_and_nothing_else_changes() -> None:
    made = link()
    assert made.record_end(FailureKind.UNAUTHORIZED, 0.0, jitter=0.0)
    assert (made.protocol, made.next_at) == ("3.0", 0.0)


def test_a_token_that_is_over_costs_no_wait_but_once() -> None:
    made = link()
    waits(made, 2, lived_s=100.0)  # one loss is forgiven, the other not
    made.record_end(FailureKind.UNAUTHORIZED, 1000.0, jitter=0.5)
    assert made.next_at == 1000.0
    made.record_end(FailureKind.UNAUTHORIZED, 1000.0, jitter=0.5)  # nor does it want the renewed one
    assert made.next_at > 1015.0
    made.record_end(FailureKind.LOST, 1100.0, jitter=0.5, lived_s=RENEWED_S)
    made.record_end(FailureKind.UNAUTHORIZED, 1200.0, jitter=0.5)
    assert made.next_at == 1200.0


@given(st.floats(0, 1), st.integers(1, 3), st.floats(0, 15))
def test_the_first_tries_after_a_loss_come_before_the_server_takes_us_for_gone(
    jitter: float, failures: int, late_s: float
) -> None:
    made = link()
    waits(made, failures)
    made.record_loss(Loss(1000.0, 30.0))
    made.record_end(FailureKind.LOST, 1000.0 + late_s, jitter=jitter, lived_s=20.0)
    assert made.next_at <= 1000.0 + EXTRA_TRY_AT * 30.0


def test_a_connection_that_worked_is_retried_in_time_but_not_for_ever() -> None:
    made, now, found = link(), 1000.0, []
    for _ in range(30):
        made.record_loss(Loss(now, 30.0))
        made.record_end(FailureKind.LOST, now, jitter=0.5, lived_s=20.0)
        found.append(made.next_at - now)
        now = made.next_at + 20.0
    assert all(wait <= EXTRA_TRY_AT * 30.0 for wait in found[:12])
    assert sum(wait > 30.0 for wait in found) > 5


def test_a_connection_that_never_worked_is_not_retried_in_time() -> None:
    made = link()
    waits(made, 6)
    made.record_loss(Loss(1000.0, 30.0))
    made.record_end(FailureKind.LOST, 1000.0, jitter=0.5, lived_s=WORKED_S - 1)
    assert made.next_at > 1030.0


def test_an_expired_token_costs_no_wait_after_failures_that_are_not_its_own() -> None:
    made = link()
    waits(made, 3)
    assert made.record_end(FailureKind.UNAUTHORIZED, 1000.0, jitter=0.5)
    assert made.next_at == 1000.0


def test_connections_that_die_at_once_are_doubted_only_in_a_row() -> None:
    made = link()
    doubted = [made.record_end(FailureKind.LOST, 0.0, jitter=0.0, lived_s=lived_s) for lived_s in (0.1, 10.0, 0.1, 0.1)]
    assert doubted == [False, False, False, True]


def test_there_is_no_extra_try_once_its_time_has_come() -> None:
    for late_s, wait in ((20.9, 0.09), (21.0, 24.0), (25.0, 24.0)):  # 0.7 of the presence timeout are 21 s
        made = link()
        waits(made, 1)
        made.record_loss(Loss(1000.0, 30.0))
        made.record_end(FailureKind.UNREACHABLE, 1000.0 + late_s, jitter=0.5)
        assert made.next_at - (1000.0 + late_s) == pytest.approx(wait)


@pytest.mark.parametrize(("lived_s", "in_time"), [(14.9, False), (15.0, True)])
def test_a_connection_worked_if_it_lived_for_15_s(lived_s: float, in_time: bool) -> None:
    made = link()
    waits(made, 6)
    made.record_loss(Loss(1000.0, 30.0))
    made.record_end(FailureKind.LOST, 1000.0, jitter=0.5, lived_s=lived_s)
    assert (made.next_at <= 1021.0) == in_time


def test_an_end_that_says_no_more_asks_for_no_wait_and_follows_no_pause() -> None:
    end = ConnectionEnd(FailureKind.LOST, "It was closed.")
    assert (end.retry_s, end.paused) == (0.0, False)
