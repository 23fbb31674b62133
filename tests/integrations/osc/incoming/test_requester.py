"""Requests are made at their turn, and a refusal is told to who asked."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from common.errors import PartylineError
from integrations.osc.incoming import requester
from integrations.osc.incoming.commands import ApiCall
from integrations.osc.incoming.outbox import MOST_WAITING
from integrations.osc.incoming.requester import TOO_OFTEN, Requester
from tests.support.waiting import until

ME = ("10.0.0.1", 9000)


class FakeApi:
    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.errors: list[PartylineError] = []
        self.open = asyncio.Event()
        self.open.set()

    async def ask(self, request: str, **fields: Any) -> Any:
        self.asked.append((request, fields))
        await self.open.wait()
        if self.errors:
            raise self.errors.pop(0)


@contextlib.asynccontextmanager
async def running(api: FakeApi, told: list[Any]) -> AsyncIterator[Requester]:
    made = Requester(api, lambda error, source: told.append((error.message, source)))
    task = asyncio.create_task(made.run())
    try:
        yield made
        assert not task.done()
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def gain(gain_db: float, peer: str = "bo") -> ApiCall:
    return ApiCall("SetGain", {"peer": peer, "gain_db": gain_db}, ("SetGain", peer, "gain_db"))


async def test_a_request_is_made_and_known_until_the_state_has_it() -> None:
    api, told = FakeApi(), []
    async with running(api, told) as made:
        made.ask(gain(-3.0), ME)
        await until(lambda: api.asked == [("SetGain", {"peer": "bo", "gain_db": -3.0})], "it is asked")
        assert made.latest(("SetGain", "bo", "gain_db"), 0.0) == -3.0
    assert told == []


async def test_a_refusal_is_told_to_who_asked_and_the_rest_goes_on() -> None:
    api, told = FakeApi(), []
    api.errors = [PartylineError("No.", "Yes.")]
    async with running(api, told) as made:
        made.ask(gain(-3.0), ME)
        await until(lambda: told == [("No.", ME)], "it is told")
        made.ask(gain(-4.0), ME)
        await until(lambda: len(api.asked) == 2, "the next one is asked")


async def test_one_that_came_too_often_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requester, "WAIT_S", 0.01)
    api, told = FakeApi(), []
    api.errors = [PartylineError("Too often.", code=TOO_OFTEN)] * 2
    async with running(api, told) as made:
        made.ask(gain(-3.0), ME)
        made.ask(ApiCall("MarkRecording", {"text": "a"}), ME)
        await until(lambda: len(api.asked) == 4, "both are asked until they are taken")
    assert told == []


async def test_one_that_has_no_turn_for_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requester, "TOO_OLD_S", 0.0)
    api, told = FakeApi(), []
    api.errors = [PartylineError("Too often.", code=TOO_OFTEN)]
    async with running(api, told) as made:
        made.ask(gain(-3.0), ME)
        await until(lambda: told == [("Too often.", ME)], "it is told")


async def test_a_request_that_hangs_holds_up_no_other() -> None:
    api, told = FakeApi(), []
    api.open.clear()
    async with running(api, told) as made:
        made.ask(ApiCall("SaveClip", {}), ME)
        await until(lambda: len(api.asked) == 1, "the clip is asked")
        made.ask(gain(-3.0), ME)
        await until(lambda: len(api.asked) == 2, "the gain is asked beside it")


async def test_more_than_can_wait_is_refused() -> None:
    api, told = FakeApi(), []
    made = Requester(api, lambda error, source: told.append((error.code, source)))
    for _ in range(MOST_WAITING + 1):
        made.ask(ApiCall("SaveClip", {}), ME)
    assert told == [("osc.too-many", ME)]
