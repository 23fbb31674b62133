"""What session asks of signaling before a join and before a leave."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from common.errors import PartyError
from common.requests import Done, EndSignals, SetVoiceChat
from tests.support.waiting import until
from workers.signaling import requests
from workers.signaling.push_channel.open_channel import no_push
from workers.signaling.requests import SignalingRequests


class Channel:
    def __init__(self) -> None:
        self.active: list[bool] = []
        self.error: PartyError | None = None

    async def set_voice_chat(self, *, active: bool) -> None:
        if self.error is not None:
            raise self.error
        self.active.append(active)


class Leaving:
    """A transport with something in flight, until `done` is set."""

    def __init__(self, *, hangs: bool = False) -> None:
        self.done = asyncio.Event()
        if not hangs:
            self.done.set()
        self.left: list[str] = []

    async def leave(self, session_id: str) -> None:
        self.left.append(session_id)
        await self.done.wait()


class Desk:
    def __init__(self, *transports: Leaving) -> None:
        self.channel = Channel()
        self.handlers: dict[type, Callable[[Any], Awaitable[Done]]] = {}
        SignalingRequests(self.channel, transports).serve(self)  # type: ignore[arg-type]

    def serve(self, cls: type, handler: Callable[[Any], Awaitable[Done]]) -> None:
        self.handlers[cls] = handler

    async def ask(self, request: Any) -> Done:
        return await self.handlers[type(request)](request)


async def test_voice_chat_is_switched_and_a_refusal_is_the_reply() -> None:
    desk = Desk()
    for active in (True, False):
        assert await desk.ask(SetVoiceChat(active=active)) == Done()
    assert desk.channel.active == [True, False]
    desk.channel.error = no_push()
    with pytest.raises(PartyError, match="not open"):
        await desk.ask(SetVoiceChat(active=True))


async def test_a_leave_waits_until_no_transport_has_anything_in_flight() -> None:
    first, second = Leaving(), Leaving(hangs=True)
    asking = asyncio.create_task(Desk(first, second).ask(EndSignals(session_id="s")))
    await until(lambda: second.left, "both transports are asked", every_s=0)
    assert (first.left, second.left, asking.done()) == (["s"], ["s"], False)
    second.done.set()
    assert await asking == Done()


async def test_a_transport_that_hangs_does_not_keep_us_in_the_party(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "END_S", 0.01)
    assert await Desk(Leaving(hangs=True)).ask(EndSignals(session_id="s")) == Done()
