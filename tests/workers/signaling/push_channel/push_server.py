"""A push server for tests that is strict about the handshake and does what it is told afterwards."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from common.files.paths import Paths
from common.messages import PushState
from common.psn.account.tokens import BusTokens
from common.psn.errors import PushFrameError
from common.psn.http.client import PsnClient
from common.psn.http.endpoints import EndpointSource
from common.psn.party.push import PushFrame
from common.requests import Token
from tests.common.psn.http.server import settings
from tests.support.waiting import until
from workers.signaling.memory import SignalingMemoryFile
from workers.signaling.push_channel.account_policy import AccountPolicy
from workers.signaling.push_channel.connection_loop import ConnectionLoop
from workers.signaling.push_channel.connector import Connector
from workers.signaling.push_channel.open_channel import OpenChannel
from workers.signaling.push_channel.state_publisher import StatePublisher

PATH = "/np/pushNotification"


@dataclass
class PushServer:
    """`refuse` maps a protocol to the status with which its handshake is refused."""

    url: str = ""
    fqdn: str = ""
    refuse: dict[str, int] = field(default_factory=dict)
    refuse_address: dict[str, int] = field(default_factory=dict)
    interval_ms: int = 60_000
    pong_ms: int = 1000
    presence_ms: int = 60_000
    answer_pings: bool = True
    answers: dict[int, dict[str, Any] | None] = field(default_factory=dict)
    """Method → what its answer has besides; None: no answer."""
    voice_ms: int = 10_000
    """Ping interval that a 1007 is answered with."""
    ends: list[int | None] = field(default_factory=list)
    """Close codes of connections that ended."""
    address_queries: list[dict[str, str]] = field(default_factory=list)
    handshakes: list[dict[str, str]] = field(default_factory=list)
    frames: list[str] = field(default_factory=list)
    pings: int = 0
    sockets: list[web.WebSocketResponse] = field(default_factory=list)

    async def serveraddr(self, request: web.Request) -> web.Response:
        self.address_queries.append(dict(request.query))
        status = self.refuse_address.get(request.query["version"], 200)
        body = {
            "fqdn": self.fqdn,
            "keepAliveStatus": {
                "clientKeepAliveInterval": self.interval_ms,
                "clientKeepAliveTimeout": self.pong_ms,
                "serverPresenceTimeout": self.presence_ms,
            },
        }
        return web.json_response(body if status == 200 else {"error": {"message": "no"}}, status=status)

    async def socket(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.handshakes.append(headers)
        if headers.get("sec-websocket-protocol") != "np-pushpacket":
            return web.Response(status=400)
        if status := self.refuse.get(headers["x-psn-protocol-version"]):
            return web.Response(status=status)
        socket = web.WebSocketResponse(protocols=["np-pushpacket"], autoping=False)
        await socket.prepare(request)
        self.sockets.append(socket)
        async for message in socket:
            if message.type is WSMsgType.PING:
                self.pings += 1
                if self.answer_pings:
                    await socket.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                self.frames.append(message.data)
                await self._answer(socket, json.loads(message.data))
        self.ends.append(socket.close_code)
        return socket

    async def _answer(self, socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        told: dict[str, Any] = {"keepAliveStatus": {"clientKeepAliveInterval": self.voice_ms}}
        more = self.answers.get(frame["method"], told if frame["method"] == 1007 else {})
        if more is not None:
            kept = {"version": "3.0", "method": frame["method"], "tranId": frame["tranId"], "returnCode": 0}
            await socket.send_json({**kept, **more})


class Ear:
    """What a channel reports."""

    def __init__(self) -> None:
        self.states: list[PushState] = []
        self.frames: list[PushFrame] = []
        self.bad: list[PushFrameError] = []
        self.usable: list[bool] = []
        self.troubles: list[str] = []
        self.asked: list[str] = []
        self.connections: ConnectionLoop | None = None

    def wake(self) -> None:
        """Wake the channel, as after a sleep of the machine."""
        assert self.connections is not None
        self.connections.on_wake()

    def on_push_state(self, state: PushState) -> None:
        self.states.append(state)

    def on_frame(self, frame: PushFrame) -> None:
        self.frames.append(frame)

    def on_bad_frame(self, error: PushFrameError) -> None:
        self.bad.append(error)

    def on_connect_failure(self, message: str) -> None:
        self.troubles.append(message)

    def on_usable(self, *, usable: bool) -> None:
        self.usable.append(usable)

    async def token(self, request: Any) -> Token:
        self.asked.append(request.rejected)
        return Token(access_token=f"t{len(self.asked)}", account_id="123", duid="", expires_at=9e9)

    async def until(self, condition: Callable[[], Any], within_s: float = 30) -> None:
        await until(condition, "it is so", within_s=within_s)

    async def opened(self, times: int = 1) -> None:
        await self.until(lambda: len(self.epochs) >= times)

    @property
    def epochs(self) -> list[str]:
        """Of the connections that were told of, in order."""
        return list(dict.fromkeys(state.epoch for state in self.states if state.connected))


@asynccontextmanager
async def push_server() -> AsyncIterator[PushServer]:
    server = PushServer()
    app = web.Application()
    app.add_routes([web.get("/np/serveraddr", server.serveraddr), web.get(PATH, server.socket)])
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.fqdn = f"127.0.0.1:{runner.addresses[0][1]}"
    server.url = f"http://{server.fqdn}"
    try:
        yield server
    finally:
        for socket in server.sockets:
            await socket.close()
        await runner.cleanup()


@asynccontextmanager
async def channel(server: PushServer, home: Any, ear: Ear, **more: Any) -> AsyncIterator[OpenChannel]:
    made = settings(server.url, **{"backoff_max_s": 0.2, "push_open_every_s": 0.05, "push_answer_s": 5.0, **more})
    paths = Paths(home)
    tokens = BusTokens(ear.token)
    endpoints = EndpointSource(made, paths)
    http = PsnClient(made.psn, endpoints, tokens)
    memory = SignalingMemoryFile(paths.state / "signaling.json", "here")
    states = StatePublisher(ear)
    channel = OpenChannel(made.psn, memory, states, ear)
    connector = Connector(made.psn, endpoints, http)
    loop = ConnectionLoop(connector, tokens, AccountPolicy(made.psn, memory), channel, states)
    ear.connections = loop
    tasks = [asyncio.create_task(loop.run()), asyncio.create_task(loop.watch())]
    try:
        yield channel
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await loop.close()
        await http.close()


def told(frames: list[str]) -> list[Any]:
    return [json.loads(frame) for frame in frames]
