"""One push channel: the np-pushpacket WebSocket from its opening to its end."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from simulator.facts import push, rests_on
from simulator.push import frames
from simulator.push.faults import SHUFFLE_S, PushFaults
from simulator.push.frames import AUTHORISE, Unacceptable
from simulator.push.registry import CLOSE_ODD, OpenPushChannel
from simulator.shared.refusals import Refused
from simulator.world import World

_CLIENT_CLOSES = (4100, 4101)
_VANISHED = (None, WSCloseCode.ABNORMAL_CLOSURE)
_QUEUE = 1000
"""Frames that may wait for a slow client before it is disconnected."""


@dataclass(frozen=True)
class _Answer:
    """A frame that the push faults leave unchanged."""

    raw: bytes


@dataclass(frozen=True)
class _Pong:
    data: bytes


_Item = bytes | int | _Answer | _Pong


class PushSocket:
    """Serves one accepted WebSocket."""

    def __init__(self, world: World, path: str, connection: OpenPushChannel, client: web.WebSocketResponse) -> None:
        self._world = world
        self._place = f"push {path}"
        self._connection = connection
        self._client = client
        self._queue: asyncio.Queue[_Item] = asyncio.Queue()

    async def run(self) -> None:
        """Read and write until the end of the channel."""
        self._connection.send, self._connection.close = self._send, self._queue.put_nowait
        self._connection.answer = lambda raw: self._queue.put_nowait(_Answer(raw))
        writer = asyncio.create_task(_write(self._client, self._queue, self._connection, self._world.push_faults))
        self._world.push.opened(self._connection, time.monotonic())
        try:
            await self._read()
        finally:
            self._on_closed()
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)

    def _send(self, frame: bytes) -> None:
        self._queue.put_nowait(frame if self._queue.qsize() < _QUEUE else CLOSE_ODD)

    @rests_on(push.PINGS, push.ODD_CLOSES)
    async def _read(self) -> None:
        connection = self._connection
        async for message in self._client:
            if connection.dead:
                continue
            connection.last_seen = time.monotonic()
            if message.type == WSMsgType.PING:
                if self._world.push_faults.answers_pings(connection.opened_at):
                    self._pong(message.data)
            elif message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                try:
                    self._on_frame(message.data)
                except Refused as refused:
                    self._world.violated(self._place, refused.status, refused.reason)
                    self._queue.put_nowait(CLOSE_ODD)

    def _pong(self, data: bytes) -> None:
        wait_s = self._world.push_faults.pong_after_s(self._connection.keep_alive.client_keep_alive_timeout)
        if wait_s:
            asyncio.get_running_loop().call_later(wait_s, self._queue.put_nowait, _Pong(data))
        else:
            self._queue.put_nowait(_Pong(data))

    @rests_on(push.OLD_PROTOCOL, push.AUTHORISE, push.AUTH_REFUSED, push.STATUS)
    def _on_frame(self, raw: str | bytes) -> None:
        """Process a client's frame and answer it. Raises `Refused` for a frame without an answer."""
        connection = self._connection
        if connection.protocol == "2.1":
            raise Refused(401, "protocol 2.1 has no frames of the client")
        frame, method, tran_id = frames.read(raw)
        try:
            more = self._apply(method, frame)
        except Unacceptable as refused:
            if str(refused):
                self._world.violated(self._place, 401, str(refused))
            retry = {"retryInterval": wait} if (wait := self._world.push_faults.retry_interval_s) else {}
            self._answer(frames.answer(method, tran_id, refused.code, **retry))
            if not connection.authorised and self._world.ways.of(push.AUTH_REFUSED) == "closes":
                connection.close(CLOSE_ODD)
            return
        if method != AUTHORISE or self._world.ways.of(push.AUTHORISE) == "answered":
            self._answer(frames.answer(method, tran_id, 0, **more))

    def _apply(self, method: int, frame: dict[str, Any]) -> dict[str, Any]:
        """Apply a frame and return the further fields of its answer. Raises `Unacceptable`."""
        connection, hub, faults = self._connection, self._world.push, self._world.push_faults
        if method == AUTHORISE:
            frames.check_authorising(frame, connection, self._world.tokens, faults, time.time())
            hub.authorise(connection)
            return {}
        connection.kind = frames.check_status(frame, connection, faults)
        connection.keep_alive = self._world.options.keep_alive(connection.kind)
        hub.asked(connection.key, connection.duid, connection.keep_alive)
        return {"keepAliveStatus": frames.status_told(connection.keep_alive)}

    def _answer(self, raw: bytes) -> None:
        if not self._world.push_faults.silent:
            self._connection.answer(raw)

    @rests_on(push.CLOSES)
    def _on_closed(self) -> None:
        """Record the end of a connection. If the client closed it, check the close code."""
        connection, code = self._connection, self._client.close_code
        self._world.push.closed(connection, time.monotonic(), orderly=code == _CLIENT_CLOSES[1])
        if not (connection.ended_here or connection.dead or code in (*_VANISHED, *_CLIENT_CLOSES)):
            self._world.violated("push", 400, f"the client closed with code {code}: neither 4100 nor 4101")


async def _write(
    client: web.WebSocketResponse, queue: asyncio.Queue[_Item], connection: OpenPushChannel, faults: PushFaults
) -> None:
    while True:
        waiting, item = await _next(queue, faults)
        if isinstance(item, int):
            connection.ended_here = True
        elif connection.dead:
            continue
        try:
            for frame in [] if faults.silent else faults.frames(waiting):
                await _send(client, frame)
            if isinstance(item, _Pong):
                await client.pong(item.data)
            elif isinstance(item, _Answer):
                await client.send_str(item.raw.decode())
        except ConnectionError:
            return
        if isinstance(item, int):
            await client.close(code=item)
            return


async def _next(queue: asyncio.Queue[_Item], faults: PushFaults) -> tuple[list[bytes], _Item | None]:
    """Return the events to send now (several if they are shuffled) and the item after them."""
    item: _Item | None = await queue.get()
    waiting: list[bytes] = []
    while isinstance(item, bytes):
        waiting.append(item)
        item = None
        if faults.shuffled:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SHUFFLE_S):
                    item = await queue.get()
    return waiting, item


@rests_on(push.OPCODES)
async def _send(client: web.WebSocketResponse, frame: bytes) -> None:
    if len(frame) % 2:  # both opcodes are seen in the wild, so clients must accept both
        await client.send_bytes(frame)
    else:
        await client.send_str(frame.decode())
