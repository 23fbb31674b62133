"""The push channel's shell: serveraddr, WebSocket, keep-alive, one connection after the other, for ever.

Only the connect phase has a time limit; an open socket may be silent for as long as its pongs come.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import structlog

from common.errors import PartylineError
from common.messages import PushState
from common.psn import push
from common.psn.endpoints import EndpointSource
from common.psn.errors import BadAnswerError, NoSimulatorError, NotFoundError, RefusedError
from common.psn.http import Call, PsnClient, fingerprint
from common.psn.shapes import as_dict, as_seconds, as_text
from common.psn.tokens import BusTokens
from common.requests import Token
from common.settings import is_loopback
from common.tables import Psn
from workers.signaling.link import Failure, KeepAlive, KeepAlives, Link, Pulse, Server
from workers.signaling.memory import MemoryFile

SUBPROTOCOL = "np-pushpacket"
SOCKET_LIMIT = 16 << 20
"""Frames over `push.MAX_FRAME_BYTES` are counted and left out; over this one, the socket itself gives up."""
CLOSE_S = 0.5
SETTLING_S = 10.0
"""The simulator starts beside us: that it is not there yet is no problem for so long."""
SLOWEST_WAIT_S = 5.0
"""How often a sign-in is asked after while there is none."""


class ConnectError(Exception):
    """The WebSocket could not be opened."""

    def __init__(self, failure: Failure, words: str) -> None:
        super().__init__(words)
        self.failure = failure


class Channel:
    """`say` gets each `PushState`, `frame` each frame, `trouble` each failure; `run` is for ever."""

    def __init__(  # noqa: PLR0913  # three callbacks and what they are about
        self,
        psn: Psn,
        endpoints: EndpointSource,
        http: PsnClient,
        tokens: BusTokens,
        memory: MemoryFile,
        *,
        say: Callable[[PushState], None],
        frame: Callable[[bytes | str], None],
        trouble: Callable[[str, str], None],
    ) -> None:
        self._psn = psn
        self._endpoints = endpoints
        self._http = http
        self._tokens = tokens
        self._memory = memory
        self._say = say
        self._frame = frame
        self._trouble = trouble
        # A simulator on this machine may come back at any moment, and nobody else is bothered by asking it.
        self._backoff_max_s = min(psn.backoff_max_s, 2.0) if psn.realm == "simulator" else psn.backoff_max_s
        first = memory.protocol if memory.server() else ""
        wanted = (first, psn.push_protocol, psn.push_fallback)
        self._link = Link(wanted, backoff_max_s=self._backoff_max_s, known=memory.server())
        self._session: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._keep_alives = KeepAlives(psn.keep_alive_s)
        self._in_party = False
        self._repace: Callable[[], None] = _nothing_to_do
        self._paced = asyncio.Event()
        self._rejected = ""
        self._began = time.monotonic()
        self._account = memory.account_id
        self.nudge = asyncio.Event()
        """Set it to have a wait for the next try, or for a sign-in, ended early."""
        self._log = structlog.get_logger("signaling")

    async def run(self) -> None:
        while True:
            plan = self._link.plan(random.random())  # noqa: S311  # jitter
            await self._rest(plan.wait_s)
            try:
                token = await self._tokens.token(self._rejected)
            except PartylineError as error:
                self._say(PushState(connected=False, detail=f"waiting: {error.message}"))
                await self._rest(SLOWEST_WAIT_S)
                continue
            self._rejected = ""
            self._mind_account(token)
            await self._try(token)

    async def close(self) -> None:
        """Close what is open, quickly."""
        with contextlib.suppress(TimeoutError, aiohttp.ClientError):
            async with asyncio.timeout(CLOSE_S):
                if self._socket is not None:
                    await self._socket.close(code=1000)
                if self._session is not None:
                    await self._session.close()

    def party(self, *, in_party: bool) -> None:
        """Take over whether we are in a party: it changes the pace of the keep-alive, never the connection."""
        if in_party != self._in_party:
            self._in_party = in_party
            self._repace()

    async def reopen(self) -> None:
        """Drop the present connection (another account has signed in)."""
        if self._socket is not None:
            await self._socket.close(code=1000)

    async def _rest(self, wait_s: float) -> None:
        if wait_s <= 0:
            return
        self.nudge.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self.nudge.wait()

    def _mind_account(self, token: Token) -> None:
        """Begin anew for another account: a push server knows the connection of one."""
        if self._account != token.account_id:
            wanted = (self._psn.push_protocol, self._psn.push_fallback)
            self._link = Link(wanted, backoff_max_s=self._backoff_max_s)
            self._account = token.account_id

    async def _try(self, token: Token) -> None:
        """Have one connection, from its opening to its end."""
        plan = self._link.plan(0.0)
        server = plan.server or await self._ask_for_server(plan.protocol)
        if server is None:
            return
        began = time.monotonic()
        told = self._keep_alive_type(plan.protocol)
        try:
            socket = await self._connect(server, plan.protocol, token, told, reconnection=plan.reconnection)
        except ConnectError as error:
            self._failed(error.failure, error, 0.0, token)
            return
        except PartylineError as error:  # a host name that is none, or a simulator that is away
            self._failed(Failure.UNREACHABLE, error, 0.0, token)
            return
        self._socket = socket
        try:
            words = await self._live(socket, server, plan.protocol, token, told)
        finally:
            self._socket = None
            await socket.close()
        self._failed(Failure.LOST, words, time.monotonic() - began, token)

    def _failed(self, failure: Failure, why: str | Exception, lived_s: float, token: Token) -> None:
        words = str(why)
        self._log.info("push channel", failure=failure.value, detail=words, lived_s=round(lived_s, 1))
        if failure is not Failure.LOST:
            self._endpoints.forget()
            if not self._settling(why):
                self._trouble("signaling.push", f"The push channel cannot be opened: {words}")
        if self._link.failed(failure, lived_s):
            self._rejected = fingerprint(token.access_token)
        self._say(PushState(connected=False, detail=words))

    def _settling(self, why: str | Exception) -> bool:
        """Tell whether this is only the simulator starting beside us."""
        return isinstance(why, NoSimulatorError) and time.monotonic() - self._began < SETTLING_S

    # --- opening ----------------------------------------------------------------------------------

    async def _ask_for_server(self, protocol: str) -> Server | None:
        kind = self._keep_alive_type(protocol)
        path = f"/np/serveraddr?version={protocol}&fields=keepAliveStatus&keepAliveStatusType={kind}"
        try:
            answer = await self._http.call(Call("GET", "push", path, attempts=1))
            server, (low, high) = read_server(answer.data, self._psn.keep_alive_s, kind)
        except (RefusedError, NotFoundError) as error:
            self._link.refused_address()
            self._refused_address(error)
            return None
        except PartylineError as error:
            self._link.failed(Failure.UNREACHABLE, 0.0)
            self._refused_address(error)
            return None
        self._keep_alives.learned(server)
        self._link.named(server)
        self._link.bounds(low, high)
        return server

    def _refused_address(self, error: PartylineError) -> None:
        if not self._settling(error):
            self._trouble("signaling.push", f"No push server could be found: {error.message}")
        self._say(PushState(connected=False, detail=error.message))

    def _keep_alive_type(self, protocol: str) -> int:
        if protocol != "3.0":
            return self._psn.keep_alive_type_2_1
        return self._psn.keep_alive_type_party if self._in_party else self._psn.keep_alive_type

    def _headers(self, protocol: str, token: Token, told: int, *, reconnection: bool) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {token.access_token}",
            "User-Agent": "partyline",
            "X-PSN-APP-TYPE": self._psn.app_type,
            "X-PSN-APP-VER": self._psn.app_version,
            "X-PSN-OS-VER": self._psn.os_version,
            "X-PSN-PROTOCOL-VERSION": protocol,
            "X-PSN-KEEP-ALIVE-STATUS-TYPE": str(told),
            "X-PSN-RECONNECTION": "true" if reconnection else "false",
        }

    async def _connect(
        self, server: Server, protocol: str, token: Token, told: int, *, reconnection: bool
    ) -> aiohttp.ClientWebSocketResponse:
        url = self._endpoints.current().push_socket_url(server.fqdn)
        if self._session is None:
            local = is_loopback(urlsplit(url).hostname or "")
            self._session = aiohttp.ClientSession(trust_env=not local)  # a proxy of the environment, as for calls
        try:
            async with asyncio.timeout(self._psn.connect_timeout_s):
                return await self._session.ws_connect(
                    url,
                    protocols=(SUBPROTOCOL,),
                    headers=self._headers(protocol, token, told, reconnection=reconnection),
                    autoping=False,
                    max_msg_size=SOCKET_LIMIT,
                    timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_S),
                )
        except aiohttp.WSServerHandshakeError as error:
            raise ConnectError(_of_status(error.status), f"the push server answers {error.status}") from error
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            raise ConnectError(Failure.UNREACHABLE, f"no connection ({type(error).__name__})") from error

    # --- an open connection -----------------------------------------------------------------------

    async def _live(
        self, socket: aiohttp.ClientWebSocketResponse, server: Server, protocol: str, token: Token, told: int
    ) -> str:
        """Read until the end; return how it ended, in plain words."""
        if protocol == "3.0":
            authorise = push.authorise_frame(token.account_id, token.access_token, "1")
            try:
                await socket.send_str(authorise.decode())
            except (aiohttp.ClientError, ConnectionError) as error:
                return f"closed while it was opened ({type(error).__name__})"
        self._link.opened()
        self._memory.opened(server, protocol, token.account_id)
        epoch = secrets.token_hex(6)
        self._say(PushState(connected=True, protocol=protocol, host=server.fqdn, epoch=epoch, since=time.time()))
        pulse = Pulse(self._keep_alives.of(server, told, self._keep_alive_type(protocol)), time.monotonic())

        def repace() -> None:
            keep_alive = self._keep_alives.of(server, told, self._keep_alive_type(protocol))
            pulse.change(keep_alive, time.monotonic())
            self._paced.set()
            self._log.info("keep-alive", interval_s=keep_alive.interval_s, in_party=self._in_party)

        self._repace = repace
        pinger = asyncio.create_task(self._ping(socket, pulse))
        try:
            return await self._read(socket, pulse, pinger)
        finally:
            self._repace = _nothing_to_do
            pinger.cancel()
            await asyncio.gather(pinger, return_exceptions=True)

    async def _read(self, socket: aiohttp.ClientWebSocketResponse, pulse: Pulse, pinger: asyncio.Task[str]) -> str:
        while True:
            receive = asyncio.create_task(socket.receive())
            await asyncio.wait({receive, pinger}, return_when=asyncio.FIRST_COMPLETED)
            if not receive.done():
                receive.cancel()
                await asyncio.gather(receive, return_exceptions=True)
                return pinger.result()
            message = receive.result()
            if message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                self._frame(message.data)
            elif message.type is aiohttp.WSMsgType.PING:
                with contextlib.suppress(aiohttp.ClientError, ConnectionError):
                    await socket.pong(message.data)
            elif message.type is aiohttp.WSMsgType.PONG:
                pulse.pong()
            elif message.type is aiohttp.WSMsgType.ERROR:
                return f"the connection broke ({type(message.data).__name__})"
            else:
                # 4101 and 65535 have been seen: a reconnect, not a crash.
                return f"the server closed the connection (code {socket.close_code})"

    async def _ping(self, socket: aiohttp.ClientWebSocketResponse, pulse: Pulse) -> str:
        """Ping for as long as pongs come; return why that ended."""
        while True:
            now = time.monotonic()
            if pulse.dead(now):
                return "no answer to the keep-alive: the link is dead"
            if pulse.due(now):
                try:
                    await socket.ping()
                except (aiohttp.ClientError, ConnectionError) as error:
                    return f"the keep-alive could not be sent ({type(error).__name__})"
            self._paced.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pulse.wait_s(time.monotonic())):
                    await self._paced.wait()


def _nothing_to_do() -> None:
    """No connection is open whose pace could change."""


def _of_status(status: int) -> Failure:
    if status == 401:
        return Failure.UNAUTHORIZED
    return Failure.REFUSED if 400 <= status < 500 else Failure.UNREACHABLE


def read_server(data: Any, keep_alive_s: float, kind: int = 0) -> tuple[Server, tuple[float, float]]:
    """Return the push server of a serveraddr answer, and its retry bounds in seconds; raises `BadAnswerError`.

    `keep_alive_s` over 0 overrides the server's ping interval; `kind` is the status type that was asked for.
    """
    answer = as_dict(data)
    fqdn = as_text(answer.get("fqdn"))
    if not fqdn:
        raise BadAnswerError("serveraddr's answer names no push server.")
    status = as_dict(answer.get("keepAliveStatus"))
    interval = keep_alive_s or as_seconds(status.get("clientKeepAliveInterval")) or 60.0
    timeout = as_seconds(status.get("clientKeepAliveTimeout")) or interval / 2
    keep_alive = KeepAlive(interval_s=max(0.1, interval), timeout_s=max(1.0, min(timeout, interval)))
    bounds = (as_seconds(answer.get("retryIntervalMin")), as_seconds(answer.get("retryIntervalMax")))
    return Server(fqdn, keep_alive, kind), bounds
