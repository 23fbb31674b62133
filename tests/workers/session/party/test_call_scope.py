"""Nothing about a party is sent once we are out of it, whatever it waited for."""

from __future__ import annotations

import asyncio

import pytest

from common.errors import PartyError
from common.psn.errors import RefusedError
from workers.session.party.call_scope import CallScope


async def test_what_waits_ends_with_the_membership_and_nothing_new_begins() -> None:
    scope, sent = CallScope(), []

    async def call() -> None:
        await asyncio.sleep(3600)
        sent.append("sent")

    waiting = asyncio.create_task(scope.run(call()))
    await asyncio.sleep(0)
    scope.close()
    for late in (waiting, scope.run(call())):
        with pytest.raises(PartyError, match="left meanwhile"):
            await late
    assert sent == []


async def test_what_a_call_returns_or_raises_comes_through() -> None:
    async def fine() -> int:
        return 7

    async def bad() -> int:
        raise RefusedError("x")

    assert await CallScope().run(fine()) == 7
    with pytest.raises(RefusedError):
        await CallScope().run(bad())


async def test_whoever_is_cancelled_takes_the_call_along() -> None:
    scope, ended = CallScope(), []

    async def call() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            ended.append("ended")

    task = asyncio.create_task(scope.run(call()))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == ["ended"]
