from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from workers.auth.life import FORCED_LIMIT, TokenLife, Tokens
from workers.auth.state import ends_soon

DAY = 86_400.0


def tokens(*, issued: float = 1000.0, life: float = 3599.0, refresh_life: float = 10 * DAY) -> Tokens:
    return Tokens(
        access_token="a-secret",
        refresh_token="r-secret",
        issued_at=issued,
        access_expires_at=issued + life,
        refresh_expires_at=issued + refresh_life if refresh_life else 0.0,
        signed_in_at=issued,
        account_id="1",
    )


def life() -> TokenLife:
    return TokenLife(refresh_before_s=600, warn_before_s=3 * DAY, backoff_max_s=60)


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
    keeper, now = life(), 1000.0 + 3000
    waits = [keeper.failed(now, 1.0) for _ in range(10)]
    assert waits[0] == 2
    assert waits == sorted(waits)
    assert waits[-1] == 60
    assert not keeper.due(tokens(), now + 59)
    assert keeper.wait_s(tokens(), now) == 60
    assert keeper.due(tokens(), now + 60)
    keeper.succeeded()
    assert keeper.due(tokens(), now)


def test_a_clock_set_back_during_a_backoff_does_not_hold_it_for_ever() -> None:
    keeper = life()
    keeper.failed(1e6, 1.0)
    assert keeper.due(tokens(), 500.0)


@given(st.floats(0, 1e10), st.floats(0, 1))
def test_a_wait_is_never_negative(now: float, jitter: float) -> None:
    keeper = life()
    assert keeper.wait_s(tokens(), now) >= 0
    assert 0 < keeper.failed(now, jitter) <= 60


def test_the_person_is_warned_days_before_the_refresh_token_ends_and_told_when_it_has() -> None:
    end = 1000 + 10 * DAY
    assert not life().warn(tokens(), end - 3 * DAY - 1)
    assert life().warn(tokens(), end - 3 * DAY)
    assert not life().over(tokens(), end - 1)
    assert life().over(tokens(), end)


def test_a_sign_in_under_a_clock_that_stood_far_ahead_is_still_warned_of_in_time() -> None:
    odd = msgspec.structs.replace(tokens(), signed_in_at=1000 + 365 * DAY)
    end = 1000 + 10 * DAY
    assert not life().warn(odd, end - 3 * DAY - 1)
    assert life().warn(odd, end - 3 * DAY)


def test_the_words_of_a_warning_change_seldom() -> None:
    assert [ends_soon(days * DAY) for days in (2.9, 2.1)] == ["The sign-in ends in 2 days."] * 2
    assert ends_soon(30 * 3600) == "The sign-in ends in 30 hours."
    assert ends_soon(60) == "The sign-in ends in less than 2 hours."
    assert "clock" in ends_soon(-1)


def test_an_end_that_sony_did_not_tell_is_none() -> None:
    assert not life().over(tokens(refresh_life=0), 1e12)
    assert not life().warn(tokens(refresh_life=0), 1e12)


def test_refused_tokens_cannot_make_a_tight_loop_of_refreshes() -> None:
    keeper = life()
    assert [keeper.may_force(1000.0 + i) for i in range(FORCED_LIMIT + 1)] == [True] * FORCED_LIMIT + [False]
    assert keeper.may_force(1000.0 + 200)


def test_tokens_do_not_show_their_secrets() -> None:
    assert "secret" not in repr(tokens())
    assert "secret" not in str(tokens())
