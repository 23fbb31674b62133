"""The replay server, with the simulator's paths and info file but a capture's answers."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import time
from collections.abc import AsyncIterator
from urllib.parse import parse_qsl

from aiohttp import WSMsgType, web

from captures.calls import ROLES
from captures.folder import body_bytes
from captures.model import Capture, CapturedMessage, Exchange, RawExchange, RawFrame
from captures.replay.choose import LATE_S, Due, Replay
from common.psn.http.endpoints import SimulatorInfo

ADDRESS = "127.0.0.1"
PATHS = {"account": "account", "mobile": "mobile", "web": "web", "dms": "dms", "profile": "profile", "pushcl": "push"}
"""Simulator's path prefix → host."""
SOCKET_PATH = "/np/pushNotification"
SLOWEST_S = 2.0
"""Limit for the delay of a recorded answer."""
_LEFT_OUT = frozenset(
    "content-length content-encoding transfer-encoding connection date server keep-alive".split()  # noqa: SIM905
)
_HOSTS = {role: host for host, role in ROLES.items()}
_SOCKET_HOST = "127-0-0-1-pushcl.np.communication.playstation.net"


class ReplayServer:
    """Answers on loopback, and records the requests like a capture."""

    def __init__(self, capture: Capture) -> None:
        self.replay = Replay(capture)
        self.asked: list[RawExchange] = []
        """The client's requests, in order. They hold real values, so scrub them before writing them anywhere."""
        self.unknown: list[str] = []
        """Calls without an answer in the capture."""
        self.last_at = time.monotonic()
        """Time of the last request or push message (monotonic)."""
        self.due_at = 0.0
        """Time at which the next push message is to be sent (monotonic), 0 if it waits for a call or none is left."""
        self._answered: dict[int, asyncio.Event] = {}
        self._answered_at: dict[int, float] = {}

    def app(self) -> web.Application:
        app = web.Application(client_max_size=1 << 20)
        app.add_routes([web.get(SOCKET_PATH, self.socket), web.route("*", "/{role}{path:/.*}", self.rest)])
        return app

    async def rest(self, request: web.Request) -> web.Response:
        role, path = PATHS.get(request.match_info["role"], ""), request.rel_url.raw_path
        path = path.partition("/" + request.match_info["role"])[2]
        raw = await self._note(request, f"https://{_HOSTS.get(role, 'unknown.playstation.com')}{path}")
        query = parse_qsl(request.rel_url.raw_query_string, keep_blank_values=True)
        found = self.replay.answer(role, request.method, path, query, _body(raw))
        if found is None:
            self.unknown.append(f"{request.method} {path}")
            return self._said(raw, web.json_response(_UNKNOWN, status=404))
        await asyncio.sleep(min(found.took, SLOWEST_S))
        response = self._said(raw, self._recorded(found.status, found.response))
        self._answered_at[found.n] = time.monotonic()
        self._event(found.n).set()
        return response

    async def _note(self, request: web.Request, url: str) -> RawExchange:
        query = f"?{request.rel_url.raw_query_string}" if request.rel_url.raw_query_string else ""
        self.last_at = time.monotonic()
        headers = [(str(name), value) for name, value in request.headers.items()]
        body = await request.read()
        raw = RawExchange(method=request.method, url=url + query, at=time.time(), headers=headers, body=body)
        self.asked.append(raw)
        return raw

    def _recorded(self, status: int, message: CapturedMessage) -> web.Response:
        body = message.body
        data = json.dumps(self.replay.aliases.apply(body.data)).encode() if body.kind == "json" else body_bytes(message)
        kept = [(name, value) for name, value in message.headers if name.casefold() not in _LEFT_OUT]
        return web.Response(status=status, headers=kept, body=data)

    def _said(self, raw: RawExchange, response: web.Response) -> web.Response:
        raw.status, raw.answer = response.status, response.body if isinstance(response.body, bytes) else b""
        raw.answer_headers = [(str(name), value) for name, value in response.headers.items()]
        raw.took = time.time() - raw.at
        self.last_at = time.monotonic()
        return response

    # --- push ---------------------------------------------------------------------------------------

    async def socket(self, request: web.Request) -> web.StreamResponse:
        raw = await self._note(request, f"https://{_SOCKET_HOST}{SOCKET_PATH}")
        recorded = self.replay.socket()
        client = web.WebSocketResponse(protocols=["np-pushpacket"])
        await client.prepare(request)
        raw.status = 101
        sender = asyncio.create_task(self._send(client, recorded)) if recorded else None
        try:
            async for message in client:
                if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    raw.frames.append(RawFrame(time.time(), from_client=True, data=message.data))
                    self.last_at = time.monotonic()
                    await self._reply(client, message.data)
        finally:
            if sender:
                sender.cancel()
                await asyncio.gather(sender, return_exceptions=True)
                self.due_at = 0.0
        return client

    async def _reply(self, client: web.WebSocketResponse, data: str | bytes) -> None:
        """Answer a frame that expects an answer. Other frames are only recorded."""
        try:
            asked = json.loads(data)
        except ValueError:
            return
        if (said := self.replay.said(asked)) is not None:
            await client.send_str(json.dumps(said))

    async def _send(self, client: web.WebSocketResponse, recorded: Exchange) -> None:
        opened = time.monotonic()
        for due in self.replay.due(recorded):
            await self._until(due, opened)
            data = self.replay.aliases.apply(due.frame.body.data)
            text = data if isinstance(data, str) else json.dumps(data)
            await (client.send_bytes(text.encode()) if due.frame.binary else client.send_str(text))
            self.last_at = time.monotonic()

    async def _until(self, due: Due, opened: float) -> None:
        start = opened
        if due.after is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LATE_S + due.delay_s):
                    await self._event(due.after).wait()
            start = self._answered_at.get(due.after, time.monotonic() - due.delay_s)
        self.due_at = start + due.delay_s
        await asyncio.sleep(max(0.0, self.due_at - time.monotonic()))
        self.due_at = 0.0

    def _event(self, n: int) -> asyncio.Event:
        return self._answered.setdefault(n, asyncio.Event())


def _body(raw: RawExchange) -> object:
    text = raw.body.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except ValueError:
        return dict(parse_qsl(text))


_UNKNOWN = {"error": {"referenceId": "replay", "code": 2281476, "message": "not in the capture"}}


def info_of(base: str, party_link: str = "", session_id: str = "") -> SimulatorInfo:
    """Return the server's info for a client in the realm `simulator`. `base` is ``http://127.0.0.1:<port>``."""
    link = f"{base}/party/{party_link}" if party_link else ""
    return SimulatorInfo(
        account_url=f"{base}/account", mobile_url=f"{base}/mobile", web_url=f"{base}/web", dms_url=f"{base}/dms",
        profile_url=f"{base}/profile", party_link_url=f"{base}/party", push_url=f"{base}/pushcl",
        push_socket_url=f"ws{base.removeprefix('http')}{SOCKET_PATH}", npsso="0" * 64, party_link=link,
        session_id=session_id, control_url=f"{base}/control", pid=os.getpid(),
    )  # fmt: skip


@contextlib.asynccontextmanager
async def serving(server: ReplayServer, port: int = 0) -> AsyncIterator[str]:
    """Serve on 127.0.0.1, and yield the base URL. Raises `OSError` if `port` is in use."""
    runner = web.AppRunner(server.app(), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, ADDRESS, port).start()
        yield f"http://{ADDRESS}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
