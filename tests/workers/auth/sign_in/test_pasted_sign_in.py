from __future__ import annotations

import asyncio

import msgspec

from common.psn.errors import UnreachableError
from tests.workers.auth.parts import Parts
from tests.workers.auth.refresh.test_refresh_schedule import tokens
from tests.workers.auth.sign_in.test_demo_sign_in import invalid_grant
from workers.auth.sign_in.online_id import MOST_TRIES


async def test_a_sign_in_replaces_the_current_one_and_finds_its_name() -> None:
    parts = await Parts(tokens()).loaded()
    await parts.pasted.sign_in("7")
    state = parts.sign_in.state()
    assert (state.account_id, state.online_id) == ("7", "Ava")
    assert parts.host.calls == ["sign_in", "online_id"]


async def test_a_sign_in_while_the_demos_refresh_is_refused_waits_for_neither_for_ever() -> None:
    """The refused refresh signs in to the demo again, and needs what a sign-in holds."""
    parts = await Parts(tokens(), demo=True).loaded()
    answer, asked = asyncio.Event(), asyncio.Event()
    parts.host.fault = invalid_grant()

    async def refuse_the_refresh() -> None:
        if parts.host.calls[-1] == "refresh":
            asked.set()
            await answer.wait()
        else:
            parts.host.fault = None

    parts.host.before_answer = refuse_the_refresh
    refresh = asyncio.create_task(parts.refresher.refresh())
    await asyncio.wait_for(asked.wait(), 5)
    sign_in = asyncio.create_task(parts.pasted.sign_in("7"))
    await asyncio.sleep(0)
    answer.set()
    await asyncio.wait_for(asyncio.gather(refresh, sign_in), 5)
    assert parts.sign_in.state().account_id == "7"


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
