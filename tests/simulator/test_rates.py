from __future__ import annotations

import time

from simulator.shared.rates import WINDOW_S, Rates


def test_an_account_that_called_too_often_waits_until_its_oldest_call_is_a_quarter_of_an_hour_old() -> None:
    rates = Rates(2)
    assert [rates.take("1", at) for at in (0.0, 100.0, 200.0)] == [0.0, 0.0, WINDOW_S - 200.0]
    assert rates.take("2", 200.0) == 0.0
    assert rates.take("1", WINDOW_S) == 0.0
    assert rates.take("1", WINDOW_S) == 100.0
    assert not any(Rates(0).take("1", 0.0) for _ in range(1000))


async def test_too_many_calls_meet_429_that_says_until_when(simulated) -> None:
    async with simulated(calls_in_15_min=3) as client:
        await client.sign_in()
        calls = [await client.call("GET", "/api/userProfile/v1/internal/users/1/profiles") for _ in range(5)]
        assert [call.status == 429 for call in calls] == [False, False, False, True, True]
        assert calls[-1].body["error"]["message"] == "Too Many Requests"
        assert 0 < float(calls[-1].headers["X-RateLimit-Next-Available"]) - time.time() <= WINDOW_S + 1
