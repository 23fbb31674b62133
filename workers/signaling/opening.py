"""Opening a push channel: which server to connect to, and the WebSocket. Only this phase has a time limit."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from common.psn.endpoints import EndpointSource
from common.psn.errors import BadAnswerError
from common.psn.http import Call, PsnClient
from common.psn.shapes import as_dict, as_seconds, as_text
from common.requests import Token
from common.settings import is_loopback
from common.tables import Psn
from workers.signaling.link import Failure, KeepAlive, Server

SUBPROTOCOL = "np-pushpacket"
SOCKET_LIMIT = 16 << 20
"""Frames over `push.MAX_FRAME_BYTES` are counted and left out; over this one, the socket itself gives up."""
CLOSE_S = 0.5


class ConnectError(Exception):
    """The WebSocket could not be opened."""

    def __init__(self, failure: Failure, words: str) -> None:
        super().__init__(words)
        self.failure = failure


class Opener:
    """Asks and connects, once each time it is told to; what follows from a failure is not its business."""

    def __init__(self, psn: Psn, endpoints: EndpointSource, http: PsnClient) -> None:
        self._psn = psn
        self._endpoints = endpoints
        self._http = http
        self._session: aiohttp.ClientSession | None = None

    async def server(self, protocol: str, kind: int) -> tuple[Server, tuple[float, float]]:
        """Ask serveraddr; return what `read_server` makes of it. Raises `PsnError`, and what the token source raises.

        `kind` is the keepAliveStatusType.
        """
        path = f"/np/serveraddr?version={protocol}&fields=keepAliveStatus&keepAliveStatusType={kind}"
        answer = await self._http.call(Call("GET", "push", path, attempts=1))
        return read_server(answer.data, self._psn.keep_alive_s, kind)

    async def connect(
        self, server: Server, protocol: str, token: Token, told: int, *, reconnection: bool
    ) -> aiohttp.ClientWebSocketResponse:
        """Return the open socket; raises `ConnectError`, and what `push_socket_url` does for a host that is none."""
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

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

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
