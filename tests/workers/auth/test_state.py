from __future__ import annotations

import msgspec

from tests.workers.auth.sign_in.test_refresh_schedule import DAY, tokens
from workers.auth.state import auth_state, ends_soon


def test_the_words_of_a_warning_change_seldom() -> None:
    assert [ends_soon(days * DAY) for days in (2.9, 2.1)] == ["The sign-in ends in 2 days."] * 2
    assert ends_soon(30 * 3600) == "The sign-in ends in 30 hours."
    assert ends_soon(60) == "The sign-in ends in less than 2 hours."
    assert "clock" in ends_soon(-1)


def test_the_published_state_has_no_token_and_says_how_to_sign_in() -> None:
    assert "login" in auth_state(None, "playstation").detail
    state = auth_state(tokens(), "playstation")
    assert (state.state, state.account_id, state.detail) == ("signed_in", "1", "")
    assert "secret" not in str(state)
    ended = auth_state(msgspec.structs.replace(tokens(), refresh_token=""), "simulator")
    assert (ended.state, ended.realm) == ("expired", "simulator")
    assert "login" in ended.detail
    assert auth_state(tokens(), "playstation", "refreshing").state == "refreshing"
