"""mobile-pushcl and the push server itself: serveraddr, and the np-pushpacket WebSocket."""

from __future__ import annotations

import asyncio
import time

from aiohttp import WSMsgType, web

from simulator.faults_push import SHUFFLE_S, PushMoods
from simulator.hosts.guard import caller
from simulator.hub import CLOSE_IDLE, IDLE, VOICE, Connection, KeepAlive
from simulator.names import PUSH_SERVER, is_push_server
from simulator.refusals import Refused, bad_request
from simulator.world import World

SUBPROTOCOL = "np-pushpacket"
_PROTOCOLS = ("3.0", "2.1")
_NEEDED = ("X-PSN-APP-TYPE", "X-PSN-APP-VER", "X-PSN-OS-VER", "X-PSN-KEEP-ALIVE-STATUS-TYPE")
_QUEUE = 1000
"""Frames that may wait for a slow client before it is cut off."""


class PushHost:
    def __init__(self, world: World) -> None:
        self._world = world

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes([web.get("/np/serveraddr", self.serveraddr)])
        return app

    async def serveraddr(self, request: web.Request) -> web.Response:
        caller(self._world, request)
        version = request.query.get("version")
        if version not in self._world.options.push_versions:
            raise Refused(400, f"version {version!r} is not served", violation=version not in _PROTOCOLS)
        if request.query.get("fields") != "keepAliveStatus":
            raise bad_request("fields=keepAliveStatus is missing")
        kind = request.query.get("keepAliveStatusType", "")
        if kind not in ("3", "6"):
            raise bad_request("keepAliveStatusType is neither 3 nor 6")
        status = self._keep_alive(kind)
        answer = {
            "fqdn": PUSH_SERVER if is_push_server(request.host) else self._world.fqdn,
            "keepAliveStatus": {
                "clientKeepAliveInterval": status.client_keep_alive_interval,
                "clientKeepAliveTimeout": status.client_keep_alive_timeout,
                "serverKeepAliveTimeout": status.server_keep_alive_timeout,
                "serverPresenceTimeout": status.server_presence_timeout,
            },
            "retryIntervalMin": 1000,
            "retryIntervalMax": 30_000,
        }
        return web.json_response(answer)

    def _keep_alive(self, kind: str) -> KeepAlive:
        status = VOICE if kind == "3" else IDLE
        presence = int(self._world.options.presence_s * 1000)
        interval = int(self._world.options.keep_alive_s * 1000)
        if not interval:
            return KeepAlive(
                status.client_keep_alive_interval,
                status.client_keep_alive_timeout,
                status.server_keep_alive_timeout,
                presence,
            )
        return KeepAlive(interval, interval // 2, interval * 3 // 2, presence)

    # --- the WebSocket ---------------------------------------------------------------------------

    async def socket(self, request: web.Request) -> web.StreamResponse:
        connection, client = await self._open(request)
        hub = self._world.hub
        queue: asyncio.Queue[bytes | int] = asyncio.Queue()

        def send(frame: bytes) -> None:
            queue.put_nowait(frame if queue.qsize() < _QUEUE else CLOSE_IDLE)

        connection.send, connection.close = send, queue.put_nowait
        writer = asyncio.create_task(_write(client, queue, self._world.moods))
        hub.opened(connection, time.monotonic())
        try:
            await self._read(request, connection, client)
        finally:
            hub.closed(connection, time.monotonic())
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
        return client

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
        if request.headers.get("X-PSN-RECONNECTION") not in ("true", "false"):
            raise bad_request("X-PSN-RECONNECTION is neither true nor false")
        platform = request.headers["X-PSN-APP-TYPE"].partition(".")[0]
        status = self._keep_alive(request.headers["X-PSN-KEEP-ALIVE-STATUS-TYPE"])
        client = web.WebSocketResponse(protocols=[SUBPROTOCOL], autoping=False, max_msg_size=1 << 20)
        await client.prepare(request)
        connection = Connection(
            key=(grant.person.account_id, platform),
            protocol=protocol,
            silence_s=status.server_keep_alive_timeout / 1000,
            opened_at=time.monotonic(),
            send=lambda _: None,
            close=lambda _: None,
            authorised=protocol == "2.1",
        )
        return connection, client

    async def _read(self, request: web.Request, connection: Connection, client: web.WebSocketResponse) -> None:
        async for message in client:
            now = time.monotonic()
            connection.last_seen = now
            if message.type == WSMsgType.PING:
                if self._world.moods.answers_pings(connection.opened_at):
                    await client.pong(message.data)
            elif message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                try:
                    self._world.hub.receive(connection, message.data, self._world.accounts, now, time.time())
                except Refused as refused:
                    self._world.violated(f"push {request.path}", refused.status, refused.reason)
                    await client.close(code=CLOSE_IDLE)
                    return


async def _write(client: web.WebSocketResponse, queue: asyncio.Queue[bytes | int], moods: PushMoods) -> None:
    while True:
        item = await queue.get()
        waiting: list[bytes] = []
        while isinstance(item, bytes):
            waiting.append(item)
            if not moods.shuffled:
                break
            try:
                async with asyncio.timeout(SHUFFLE_S):
                    item = await queue.get()
            except TimeoutError:
                break
        try:
            for frame in moods.frames(waiting):
                await _send(client, frame)
        except ConnectionError:
            return
        if isinstance(item, int):
            await client.close(code=item)
            return


async def _send(client: web.WebSocketResponse, frame: bytes) -> None:
    if len(frame) % 2:  # both opcodes are seen in the wild: use both, so that clients take both
        await client.send_bytes(frame)
    else:
        await client.send_str(frame.decode())
