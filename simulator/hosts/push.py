"""mobile-pushcl with serveraddr, and the push server with the np-pushpacket WebSocket."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass
from typing import Any

import msgspec
from aiohttp import WSCloseCode, WSMsgType, web

from simulator.facts import push, rests_on
from simulator.hosts.guard import caller
from simulator.parties.party import Key
from simulator.push import frames
from simulator.push.faults import SHUFFLE_S, PushMoods
from simulator.push.frames import AUTHORISE, Unacceptable
from simulator.push.hub import CLOSE_ODD, IDLE, KINDS, VOICE_CHAT, Connection, KeepAlive, keep_alive
from simulator.shared.names import PUSH_SERVER, is_push_server
from simulator.shared.refusals import Refused, bad_request
from simulator.world import World

SUBPROTOCOL = "np-pushpacket"
_PROTOCOLS = ("3.0", "2.1")
_NEEDED = ("X-PSN-APP-TYPE", "X-PSN-APP-VER", "X-PSN-OS-VER", "X-PSN-KEEP-ALIVE-STATUS-TYPE")
_CLIENT_CLOSES = (4100, 4101)
_VANISHED = (None, WSCloseCode.ABNORMAL_CLOSURE)
_QUEUE = 1000
"""Frames that may wait for a slow client before it is disconnected."""
RETRY_S = (120, 180)
"""retryIntervalMin and retryIntervalMax, in seconds [app]."""
PHONE = "MOBILE_APP"


@dataclass(frozen=True)
class _Answer:
    """A frame that the push faults leave unchanged."""

    raw: bytes


@dataclass(frozen=True)
class _Pong:
    data: bytes


_Item = bytes | int | _Answer | _Pong


class PushHost:
    def __init__(self, world: World) -> None:
        self._world = world

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes([web.get("/np/serveraddr", self.serveraddr)])
        return app

    @rests_on(push.SERVERADDR, push.RETRIES, push.TYPES, push.OLD_PROTOCOL)
    async def serveraddr(self, request: web.Request) -> web.Response:
        grant = caller(self._world, request)
        version = request.query.get("version")
        if version not in self._world.options.push_versions:
            raise Refused(400, f"version {version!r} is not served", violation=version not in _PROTOCOLS)
        if request.query.get("fields") != "keepAliveStatus":
            raise bad_request("fields=keepAliveStatus is missing")
        kind = request.query.get("keepAliveStatusType", "")
        if kind not in map(str, KINDS):
            raise bad_request("keepAliveStatusType is neither 3 nor 6")
        status = self._keep_alive(int(kind))
        self._world.hub.asked((grant.person.account_id, PHONE), grant.duid, status)
        answer = {
            "fqdn": PUSH_SERVER if is_push_server(request.host) else self._world.fqdn,
            "keepAliveStatus": msgspec.to_builtins(status),
            "retryIntervalMin": RETRY_S[0],
            "retryIntervalMax": RETRY_S[1],
        }
        return web.json_response(answer)

    def _keep_alive(self, kind: int) -> KeepAlive:
        options = self._world.options
        return keep_alive(kind, interval_s=options.keep_alive_s, presence_s=options.presence_s)

    # --- the WebSocket ---------------------------------------------------------------------------

    async def socket(self, request: web.Request) -> web.StreamResponse:
        connection, client = await self._open(request)
        if self._world.moods.lives_s == 0 and request.transport is not None:
            request.transport.abort()
            return client
        hub = self._world.hub
        queue: asyncio.Queue[_Item] = asyncio.Queue()

        def send(frame: bytes) -> None:
            queue.put_nowait(frame if queue.qsize() < _QUEUE else CLOSE_ODD)

        connection.send, connection.close = send, queue.put_nowait
        connection.answer = lambda raw: queue.put_nowait(_Answer(raw))
        writer = asyncio.create_task(_write(client, queue, connection, self._world.moods))
        hub.opened(connection, time.monotonic())
        try:
            await self._read(request, connection, client, queue)
        finally:
            self._closed(connection, client.close_code)
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
        return client

    @rests_on(push.HANDSHAKE, push.OPENED_IDLE, push.RETRIES)
    async def _open(self, request: web.Request) -> tuple[Connection, web.WebSocketResponse]:
        grant = caller(self._world, request)
        offered = [name.strip() for name in request.headers.get("Sec-WebSocket-Protocol", "").split(",")]
        if SUBPROTOCOL not in offered:
            raise bad_request(f"the subprotocol {SUBPROTOCOL} is missing")
        for header in _NEEDED:
            if not request.headers.get(header):
                raise bad_request(f"{header} is missing")
        protocol = request.headers.get("X-PSN-PROTOCOL-VERSION", "")
        if protocol not in self._world.options.push_versions:
            raise Refused(400, f"X-PSN-PROTOCOL-VERSION {protocol!r}", violation=protocol not in _PROTOCOLS)
        kind = _kind(request.headers["X-PSN-KEEP-ALIVE-STATUS-TYPE"], protocol)
        key = (grant.person.account_id, request.headers["X-PSN-APP-TYPE"].partition(".")[0])
        said = self._reconnection(request, key, grant.duid)
        client = web.WebSocketResponse(protocols=[SUBPROTOCOL], autoping=False, max_msg_size=1 << 20)
        client.headers["X-PSN-RETRY-INTERVAL-MIN"], client.headers["X-PSN-RETRY-INTERVAL-MAX"] = map(str, RETRY_S)
        await client.prepare(request)
        now = time.monotonic()
        connection = Connection(
            key=key,
            protocol=protocol,
            keep_alive=self._keep_alive(kind),
            kind=kind,
            duid=grant.duid,
            reconnection=said,
            opened_at=now,
            last_seen=now,
            send=lambda _: None,
            close=lambda _: None,
            authorised=protocol == "2.1",
        )
        return connection, client

    @rests_on(push.RECONNECTION, push.RECONNECTED_FALSE)
    def _reconnection(self, request: web.Request, key: Key, duid: str) -> bool:
        """Return the value of X-PSN-RECONNECTION. A wrong one is a violation, and may end the membership."""
        words = request.headers.get("X-PSN-RECONNECTION")
        if words not in ("true", "false"):
            raise bad_request("X-PSN-RECONNECTION is neither true nor false")
        now, said = time.monotonic(), words == "true"
        if wrong := self._world.hub.reconnects_wrongly(key, duid, said=said, now=now):
            self._world.violated(f"push {request.path}", 400, f"X-PSN-RECONNECTION says {wrong}")
        if not said and self._world.hub.within_presence(key, duid, now):
            self._world.reconnected_false(key)
        return said

    @rests_on(push.PINGS, push.ODD_CLOSES)
    async def _read(
        self,
        request: web.Request,
        connection: Connection,
        client: web.WebSocketResponse,
        queue: asyncio.Queue[_Item],
    ) -> None:
        async for message in client:
            if connection.dead:
                continue
            connection.last_seen = time.monotonic()
            if message.type == WSMsgType.PING:
                if self._world.moods.answers_pings(connection.opened_at):
                    self._pong(connection, queue, message.data)
            elif message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                try:
                    self._take(request, connection, message.data)
                except Refused as refused:
                    self._world.violated(f"push {request.path}", refused.status, refused.reason)
                    queue.put_nowait(CLOSE_ODD)

    def _pong(self, connection: Connection, queue: asyncio.Queue[_Item], data: bytes) -> None:
        wait_s = self._world.moods.pong_after_s(connection.keep_alive.client_keep_alive_timeout)
        if wait_s:
            asyncio.get_running_loop().call_later(wait_s, queue.put_nowait, _Pong(data))
        else:
            queue.put_nowait(_Pong(data))

    @rests_on(push.OLD_PROTOCOL, push.AUTHORISE, push.AUTH_REFUSED, push.STATUS)
    def _take(self, request: web.Request, connection: Connection, raw: str | bytes) -> None:
        """Process a client's frame and answer it. Raises `Refused` for a frame without an answer."""
        if connection.protocol == "2.1":
            raise Refused(401, "protocol 2.1 has no frames of the client")
        frame, method, tran_id = frames.read(raw)
        try:
            more = self._done(connection, method, frame)
        except Unacceptable as refused:
            if str(refused):
                self._world.violated(f"push {request.path}", 401, str(refused))
            retry = {"retryInterval": wait} if (wait := self._world.moods.retry_interval_s) else {}
            self._say(connection, frames.answer(method, tran_id, refused.code, **retry))
            if not connection.authorised and self._world.ways.of(push.AUTH_REFUSED) == "closes":
                connection.close(CLOSE_ODD)
            return
        if method != AUTHORISE or self._world.ways.of(push.AUTHORISE) == "answered":
            self._say(connection, frames.answer(method, tran_id, 0, **more))

    def _done(self, connection: Connection, method: int, frame: dict[str, Any]) -> dict[str, Any]:
        """Apply a frame and return the further fields of its answer. Raises `Unacceptable`."""
        hub, moods = self._world.hub, self._world.moods
        if method == AUTHORISE:
            frames.check_authorising(frame, connection, self._world.accounts, moods, time.time())
            hub.authorise(connection)
            return {}
        connection.kind = frames.check_status(frame, connection, moods)
        connection.keep_alive = self._keep_alive(connection.kind)
        hub.asked(connection.key, connection.duid, connection.keep_alive)
        return {"keepAliveStatus": frames.status_told(connection.keep_alive)}

    def _say(self, connection: Connection, raw: bytes) -> None:
        if not self._world.moods.silent:
            connection.answer(raw)

    @rests_on(push.CLOSES)
    def _closed(self, connection: Connection, code: int | None) -> None:
        """Record the end of a connection. If the client closed it, check the close code."""
        self._world.hub.closed(connection, time.monotonic(), orderly=code == _CLIENT_CLOSES[1])
        if not (connection.ended_here or connection.dead or code in (*_VANISHED, *_CLIENT_CLOSES)):
            self._world.violated("push", 400, f"the client closed with code {code}: neither 4100 nor 4101")


@rests_on(push.TYPES)
def _kind(words: str, protocol: str) -> int:
    if words not in map(str, KINDS):
        raise bad_request("X-PSN-KEEP-ALIVE-STATUS-TYPE is neither 3 nor 6")
    kind = int(words)
    if protocol == "3.0" and kind != IDLE:
        raise bad_request("a 3.0 channel is always opened as idle (6), and changed by method 1007")
    if protocol == "2.1" and kind != VOICE_CHAT:
        raise bad_request("a 2.1 channel has type 3")
    return kind


async def _write(
    client: web.WebSocketResponse, queue: asyncio.Queue[_Item], connection: Connection, moods: PushMoods
) -> None:
    while True:
        waiting, item = await _next(queue, moods)
        if isinstance(item, int):
            connection.ended_here = True
        elif connection.dead:
            continue
        try:
            for frame in [] if moods.silent else moods.frames(waiting):
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


async def _next(queue: asyncio.Queue[_Item], moods: PushMoods) -> tuple[list[bytes], _Item | None]:
    """Return the events to send now (several if they are shuffled) and the item after them."""
    item: _Item | None = await queue.get()
    waiting: list[bytes] = []
    while isinstance(item, bytes):
        waiting.append(item)
        item = None
        if moods.shuffled:
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
