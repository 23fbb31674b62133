from __future__ import annotations

import asyncio

from tests.workers.auth.parts import Parts
from tests.workers.auth.sign_in.test_demo_sign_in import invalid_grant
from tests.workers.auth.sign_in.test_refresh_schedule import tokens


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
