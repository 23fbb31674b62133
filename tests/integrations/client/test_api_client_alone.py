"""The lasting connection against a server of the test's own, which does what a real one does seldom."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from common.api import SUBPROTOCOL
from common.api.frames import Subscribe
from common.errors import PartylineError
from integrations.client import api_client
from integrations.client.access import ApiAccess, ApiAccessError, ApiAwayError
from integrations.client.api_client import ApiClient
from tests.integrations.client.test_api_client import Heard
from tests.support.waiting import until

STATE = {"recording/": {"state": "idle"}}


class Server:
    """Answers a subscription with `STATE` or, if the client has seen it, with `resumed` and what it missed."""

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []
        self.socket: ServerConnection | None = None
        self.missed: list[dict[str, Any]] = []
        self.connections = 0

    async def handle(self, socket: ServerConnection) -> None:
        self.socket = socket
        self.connections += 1
        await self.send(op="hello", api="1.0.0", right="admin", also=[], run="r", number=5)
        async for text in socket:
            frame = json.loads(text)
            self.frames.append(frame)
            if frame["op"] != "subscribe":
                continue
            if frame["since"]:
                await self.send(op="resumed", id=frame["id"], run="r", number=5)
                for missed in self.missed:
                    await self.send(**missed)
            else:
                await self.send(op="snapshot", id=frame["id"], run="r", number=5, topics=STATE)

    async def send(self, **frame: Any) -> None:
        assert self.socket is not None
        await self.socket.send(json.dumps(frame))

    def requests(self) -> list[dict[str, Any]]:
        return [frame for frame in self.frames if frame["op"] == "request"]


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_client, "WAITS_S", (0.05,))


@contextlib.asynccontextmanager
async def connected(heard: Heard) -> AsyncIterator[tuple[ApiClient, Server]]:
    server = Server()
    async with serve(server.handle, "127.0.0.1", 0, subprotocols=[Subprotocol(SUBPROTOCOL)]) as listening:
        port = next(iter(listening.sockets)).getsockname()[1]
        client = ApiClient(lambda: ApiAccess(f"http://127.0.0.1:{port}", "k"), Subscribe(id=7), heard)
        running = asyncio.create_task(client.run())
        try:
            await until(lambda: client.connected, "it is connected")
            yield client, server
            assert not running.done(), running.exception()
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running


async def test_a_connection_that_is_resumed_is_told_even_if_nothing_was_missed() -> None:
    heard = Heard()
    async with connected(heard) as (client, server):
        await server.socket.close()
        await until(lambda: heard.lost == 1, "the loss is told")
        await until(lambda: len(heard.states) == 2, "the listener knows that it is there again")
        assert heard.states[1] == STATE
        assert client.connected
        assert server.frames[1]["since"] == {"run": "r", "number": 5}


async def test_what_was_missed_follows_once() -> None:
    heard = Heard()
    async with connected(heard) as (client, server):
        event = {"op": "event", "number": 6, "topic": "recording/", "message": {"state": "recording"}}
        server.missed = [event]
        await server.socket.close()
        await until(lambda: heard.events == [("recording/", {"state": "recording"})], "the missed one is told")
        assert heard.states[1] == STATE  # as it was before
        assert client.topics == {"recording/": {"state": "recording"}}
        await server.socket.close()
        await until(lambda: server.connections == 3 and len(server.frames) == 3, "it is there again")
        assert server.frames[2]["since"]["number"] == 6


async def test_another_subscription_brings_the_whole_state_and_is_kept() -> None:
    heard = Heard()
    async with connected(heard) as (client, server):
        await client.subscribe(Subscribe(id=3, topics=("recording",)))
        await until(lambda: len(heard.states) == 2, "the state is told again")
        assert server.frames[1]["topics"] == ["recording"]
        assert server.frames[1]["since"] is None
        await server.socket.close()
        await until(lambda: len(heard.states) == 3, "it is there again")
        assert server.frames[2]["topics"] == ["recording"]


async def test_an_answer_that_nobody_waits_for_any_more_ends_nothing() -> None:
    async with connected(Heard()) as (client, server):
        asking = asyncio.create_task(client.ask("SaveClip"))
        await until(server.requests, "it is asked")
        asking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asking
        number = server.requests()[0]["id"]
        refused = {"code": "recorder.nothing", "message": "Nothing is kept.", "remedy": ""}
        await server.send(op="error", id=number, error=refused)
        again = asyncio.create_task(client.ask("SaveClip"))
        await until(lambda: len(server.requests()) == 2, "the next one is asked")
        await server.send(op="error", id=server.requests()[1]["id"], error=refused)
        with pytest.raises(PartylineError, match="Nothing is kept"):
            await again
        assert client._answers == {}


async def test_an_answer_that_does_not_come_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(Heard()) as (client, _):
        monkeypatch.setattr(api_client, "ANSWER_S", 0.05)
        with pytest.raises(ApiAwayError, match="did not answer"):
            await client.ask("SaveClip")
        assert client._answers == {}


async def test_requests_under_way_end_when_the_connection_does() -> None:
    async with connected(Heard()) as (client, server):
        asking = [asyncio.create_task(client.ask("SaveClip")) for _ in range(3)]
        await until(lambda: len(server.requests()) == 3, "they are asked")
        await server.socket.close()
        for one in asking:
            with pytest.raises(ApiAwayError):
                await one


async def test_a_listener_that_is_slow_loses_nothing_and_keeps_the_order() -> None:
    class Slow(Heard):
        def on_event(self, topic: str, message: Any) -> None:
            if len(self.events) < 3:
                import time  # noqa: PLC0415

                time.sleep(0.05)
            super().on_event(topic, message)

    heard = Slow()
    async with connected(heard) as (client, server):
        for number in range(6, 506):
            await server.send(op="event", number=number, topic="recording/", message={"marks": number})
        await until(lambda: len(heard.events) == 500, "all of them come")
        assert [message["marks"] for _, message in heard.events] == list(range(6, 506))
        assert client.topics["recording/"] == {"marks": 505}


async def _once(answer: bytes, found: Callable[[BaseException], None]) -> None:
    """Run a client against a port that answers with these bytes, until it fails or waits for the API."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    async with await asyncio.start_server(handle, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        client = ApiClient(lambda: ApiAccess(f"http://127.0.0.1:{port}", "k"), Subscribe(id=0), Heard())
        try:
            async for _ in client._frames(ApiAccess(f"http://127.0.0.1:{port}", "k")):
                pass
        except PartylineError as error:
            found(error)


@pytest.mark.parametrize(("answer", "kind"), [
    (b"", ApiAwayError),  # it is killed while the connection is made
    (b"SSH-2.0-OpenSSH_9.2\r\n", ApiAccessError),
    (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", ApiAccessError),
    (b"HTTP/1.1 503 Away\r\nContent-Length: 0\r\n\r\n", ApiAwayError),
])  # fmt: skip
async def test_what_passes_by_itself_is_waited_for_and_what_does_not_is_said(
    answer: bytes, kind: type[PartylineError]
) -> None:
    errors: list[BaseException] = []
    await _once(answer, errors.append)
    assert [type(error) for error in errors] == [kind]
