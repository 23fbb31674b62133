from __future__ import annotations

import msgspec

from common.psn.errors import UnreachableError
from tests.workers.auth.parts import Parts
from tests.workers.auth.sign_in.test_refresh_schedule import tokens
from workers.auth.sign_in.online_id import MOST_TRIES


async def test_a_name_that_is_not_found_is_looked_up_a_few_times_for_each_sign_in() -> None:
    parts = await Parts().loaded()
    first = tokens()
    await parts.sign_in.start(first)
    parts.host.fault = UnreachableError("gone")
    while parts.online_id.due(first):
        await parts.online_id.find(first)
    assert parts.host.calls == ["online_id"] * MOST_TRIES
    second = msgspec.structs.replace(first, signed_in_at=first.signed_in_at + 60)
    assert parts.online_id.due(second)
    assert not parts.online_id.due(msgspec.structs.replace(second, online_id="Ava"))


async def test_the_name_of_a_sign_in_that_was_replaced_is_not_looked_up() -> None:
    parts = await Parts(tokens()).loaded()
    stale = parts.sign_in.tokens
    await parts.sign_in.start(msgspec.structs.replace(tokens(), access_token="new"))
    assert stale is not None
    await parts.online_id.find(stale)
    assert not parts.host.calls
