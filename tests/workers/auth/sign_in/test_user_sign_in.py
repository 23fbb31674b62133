from __future__ import annotations

import msgspec

from tests.workers.auth.parts import NOW, Parts
from tests.workers.auth.sign_in.test_refresh_schedule import DAY, tokens
from workers.auth.sign_in.sign_in_policy import CHECK_S


async def test_the_warning_follows_the_clock_and_goes_when_it_is_set_right() -> None:
    parts = await Parts(tokens()).loaded()
    parts.policy.check_end(tokens(), NOW + 9 * DAY)
    assert parts.problems == {"auth.ends-soon": "The sign-in ends in 24 hours."}
    parts.policy.check_end(tokens(), NOW)
    assert not parts.problems


async def test_an_ended_sign_in_keeps_its_access_token_for_the_rest_of_its_life() -> None:
    parts = await Parts(tokens()).loaded()
    parts.policy.check_end(tokens(), NOW + 9 * DAY)
    assert parts.sign_in.tokens is not None
    wait_s = await parts.policy.on_ended(parts.sign_in.tokens, NOW + 3590)
    assert wait_s == 9
    assert list(parts.problems) == ["auth.expired"]
    assert parts.states[-1].state == "expired"
    assert parts.memory.kept == msgspec.structs.replace(tokens(), refresh_token="")
    assert await parts.policy.on_ended(parts.sign_in.tokens, NOW + 4000) == CHECK_S


async def test_the_end_of_tokens_that_were_replaced_changes_nothing() -> None:
    parts = await Parts(tokens()).loaded()
    other = msgspec.structs.replace(tokens(), access_token="other")
    assert await parts.policy.on_ended(other, NOW) == 0.0
    assert parts.memory.kept == tokens()
    assert not parts.problems


async def test_a_sign_out_deletes_the_tokens_and_every_problem_of_theirs() -> None:
    parts = await Parts(tokens()).loaded()
    parts.policy.check_end(tokens(), NOW + 9 * DAY)
    await parts.policy.sign_out()
    assert parts.memory.kept is None
    assert parts.states[-1].state == "signed_out"
    assert not parts.problems
