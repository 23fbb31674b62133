from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from workers.auth.sign_in.refresh_schedule import FORCED_LIMIT, FORCED_WINDOW_S, RefreshSchedule
from workers.auth.stored.token_set import TokenSet

DAY = 86_400.0


def tokens(*, issued: float = 1000.0, life: float = 3599.0, refresh_life: float = 10 * DAY) -> TokenSet:
    return TokenSet(
        access_token="a-secret",
        refresh_token="r-secret",
        issued_at=issued,
        access_expires_at=issued + life,
        refresh_expires_at=issued + refresh_life if refresh_life else 0.0,
        signed_in_at=issued,
        account_id="1",
    )


class Clock:
    """One that nobody sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def life(clock: Clock | None = None) -> RefreshSchedule:
    return RefreshSchedule(refresh_before_s=600, warn_before_s=3 * DAY, backoff_max_s=60, clock=clock or Clock())


def test_a_token_is_refreshed_ten_minutes_before_its_end() -> None:
    assert not life().due(tokens(), 1000 + 2998)
    assert life().due(tokens(), 1000 + 2999)


def test_a_short_token_is_refreshed_at_half_of_its_life() -> None:
    assert not life().due(tokens(life=10), 1004.9)
    assert life().due(tokens(life=10), 1005)


def test_after_a_sleep_or_a_clock_that_jumped_ahead_it_is_simply_due() -> None:
    assert life().due(tokens(), 1e9)
    assert not life().usable(tokens(), 1e9)


def test_a_clock_that_was_set_back_makes_it_due_since_no_end_can_be_trusted() -> None:
    assert life().due(tokens(), 100.0)
    assert not life().due(tokens(), 999.0)


def test_failures_back_off_further_each_time_up_to_a_limit_and_success_forgets_them() -> None:
    clock = Clock()
    keeper, now = life(clock), 1000.0 + 3000
    waits = [keeper.record_failure(1.0) for _ in range(10)]
    assert waits[0] == 2
    assert waits == sorted(waits)
    assert waits[-1] == 60
    assert keeper.wait_s(tokens(), now) == 60
    clock.now = 59
    for wall in (now, 0.0, now + 1e6):
        assert not keeper.due(tokens(), wall), "a wall clock that is set ends no wait"
    keeper.record_success()
    assert keeper.due(tokens(), now)
    keeper.record_failure(1.0)
    clock.now = 61
    assert keeper.due(tokens(), now)


JUMPS = st.lists(st.tuples(st.floats(0.0, 600.0), st.floats(-1e7, 1e7)), min_size=20, max_size=80)


@given(JUMPS)
def test_however_the_wall_clock_jumps_refreshes_stay_few(jumps: list[tuple[float, float]]) -> None:
    clock, held, refreshed = Clock(), tokens(), []
    keeper = life(clock)
    for passed_s, wall in jumps:
        clock.now += passed_s
        now = 1e8 + clock.now + wall
        if keeper.due(held, now) or not keeper.usable(held, now):
            refreshed.append(clock.now)
            number = len(refreshed)
            held = msgspec.structs.replace(
                held, access_token=f"a-{number}", issued_at=now, access_expires_at=now + 3599.0
            )
            keeper.record_renewal(held)
        assert keeper.usable(held, now)
    for first in refreshed:
        assert len([at for at in refreshed if first <= at < first + FORCED_WINDOW_S]) <= FORCED_LIMIT + 1


def test_what_was_renewed_is_refreshed_when_its_time_is_over_whatever_the_wall_clock_says() -> None:
    clock = Clock()
    keeper = life(clock)
    keeper.record_renewal(tokens())
    clock.now = 2998
    assert not keeper.due(tokens(), 1e9)
    assert keeper.usable(tokens(), 1e9)
    clock.now = 2999
    assert keeper.due(tokens(), 1000.0)
    clock.now = 3599
    assert not keeper.usable(tokens(), 1000.0)


@given(st.floats(0, 1e10), st.floats(0, 1))
def test_a_wait_is_never_negative(now: float, jitter: float) -> None:
    keeper = life()
    assert keeper.wait_s(tokens(), now) >= 0
    assert 0 < keeper.record_failure(jitter) <= 60


def test_the_person_is_warned_days_before_the_refresh_token_ends() -> None:
    end = 1000 + 10 * DAY
    assert not life().must_warn(tokens(), end - 3 * DAY - 1)
    assert life().must_warn(tokens(), end - 3 * DAY)


def test_a_sign_in_under_a_clock_that_stood_far_ahead_is_still_warned_of_in_time() -> None:
    odd = msgspec.structs.replace(tokens(), signed_in_at=1000 + 365 * DAY)
    end = 1000 + 10 * DAY
    assert not life().must_warn(odd, end - 3 * DAY - 1)
    assert life().must_warn(odd, end - 3 * DAY)


def test_an_end_that_sony_did_not_tell_is_none() -> None:
    assert not life().must_warn(tokens(refresh_life=0), 1e12)


def test_refused_tokens_cannot_make_a_tight_loop_of_refreshes() -> None:
    clock = Clock()
    keeper = life(clock)
    assert [keeper.may_force() for _ in range(FORCED_LIMIT + 1)] == [True] * FORCED_LIMIT + [False]
    clock.now = 200
    assert keeper.may_force()


def test_tokens_do_not_show_their_secrets() -> None:
    assert "secret" not in repr(tokens())
    assert "secret" not in str(tokens())
