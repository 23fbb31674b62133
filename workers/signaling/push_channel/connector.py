"""Opening phase of a push channel, from serveraddr to the open WebSocket. Only this phase has a time limit."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import aiohttp

from common.basic.loop import lookup_trouble
from common.config.tables import PsnSettings
from common.psn.errors import BadAnswerError
from common.psn.http.client import Call, PsnClient
from common.psn.http.endpoints import EndpointSource
from common.psn.http.environment import Proxy, proxy_for
from common.psn.http.sessions import CONNECTION_FAULTS, session
from common.psn.party.push import KeepAliveTold, read_keep_alive
from common.psn.shapes import as_dict, as_seconds, as_text
from common.requests import Token
from workers.signaling.push_channel.reconnect_policy import FailureKind

SUBPROTOCOL = "np-pushpacket"
SOCKET_LIMIT = 16 << 20
"""Frames over `push.MAX_FRAME_BYTES` are counted and discarded. A frame over this limit closes the socket."""
CLOSE_S = 0.5
RETRY_MIN, RETRY_MAX = "X-PSN-RETRY-INTERVAL-MIN", "X-PSN-RETRY-INTERVAL-MAX"


class ConnectError(Exception):
    """The WebSocket could not be opened."""

    def __init__(self, failure: FailureKind, words: str) -> None:
        super().__init__(words)
        self.failure = failure


@dataclass(frozen=True)
class Server:
    """A push server as serveraddr named it."""

    fqdn: str
    keep_alive: KeepAliveTold
    """Of the requested status type."""
    retry_s: tuple[float, float] = (0.0, 0.0)
    """retryIntervalMin and retryIntervalMax in seconds, 0.0 if not given."""


class Connector:
    """Asks for a server and connects, once per call. The caller decides about retries."""

    def __init__(self, psn: PsnSettings, endpoints: EndpointSource, http: PsnClient) -> None:
        self._psn = psn
        self._endpoints = endpoints
        self._http = http
        self._sessions: dict[Proxy | None, aiohttp.ClientSession] = {}
        self.retry_s = (0.0, 0.0)
        """The retry interval of the latest upgrade's answer, in seconds [app]."""

    async def server(self, protocol: str, kind: int, token: Token) -> Server:
        """Return the server that serveraddr names, by one call. Raises `PsnError`.

        `kind` is the keepAliveStatusType. A refused token is not refreshed here, since that would be a second call.
        """
        path = f"/np/serveraddr?version={protocol}&fields=keepAliveStatus&keepAliveStatusType={kind}"
        bearer = {"Authorization": f"Bearer {token.access_token}"}
        answer = await self._http.call(Call("GET", "push", path, headers=bearer, signed=False, attempts=1))
        return read_server(answer.data)

    async def connect(
        self, server: Server, protocol: str, token: Token, *, reconnection: bool
    ) -> aiohttp.ClientWebSocketResponse:
        """Return the open socket, which counts as a call.

        Raises `ConnectError`, `PsnError` if the rate limit forbids it, and the error of `push_socket_url` for an
        invalid host.
        """
        url = self._endpoints.current().push_socket_url(server.fqdn)
        http = self._client(url)
        await self._http.connecting()
        try:
            async with asyncio.timeout(self._psn.connect_timeout_s):
                return await http.ws_connect(
                    url,
                    protocols=(SUBPROTOCOL,),
                    headers=self._headers(protocol, token, reconnection=reconnection),
                    autoping=False,
                    max_msg_size=SOCKET_LIMIT,
                    timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_S),
                )
        except aiohttp.WSServerHandshakeError as error:
            raise ConnectError(
                _of_status(error.status), f"The push server refused the connection ({error.status})."
            ) from error
        except CONNECTION_FAULTS as error:
            raise ConnectError(
                FailureKind.UNREACHABLE,
                f"The push server could not be reached ({lookup_trouble(error) or type(error).__name__}).",
            ) from error

    def opening_wait_s(self) -> float:
        """Reserve a connection (0.0), or return the seconds until one is allowed. Raises `NoSimulatorError`."""
        return self._http.opening_wait_s()

    def forget_addresses(self) -> None:
        """Read the servers' addresses again at the next call."""
        self._endpoints.forget()

    async def close(self) -> None:
        for client in self._sessions.values():
            await client.close()

    def _client(self, url: str) -> aiohttp.ClientSession:
        """Return the client for that URL. Raises `NoWayOutError`."""
        proxy = proxy_for(url)
        if proxy not in self._sessions:
            trace = aiohttp.TraceConfig()
            trace.on_request_end.append(self._on_answer)
            trace.on_request_redirect.append(self._on_redirect)
            # No connection reuse, since aiohttp would then retry by itself.
            self._sessions[proxy] = session(url, force_close=True, trace_configs=[trace])
        return self._sessions[proxy]

    async def _on_answer(
        self, _: aiohttp.ClientSession, __: SimpleNamespace, end: aiohttp.TraceRequestEndParams
    ) -> None:
        self.retry_s = read_retry(end.response.headers)

    async def _on_redirect(
        self, _: aiohttp.ClientSession, __: SimpleNamespace, redirect: aiohttp.TraceRequestRedirectParams
    ) -> None:
        raise ConnectError(FailureKind.REFUSED, f"The push server redirected us ({redirect.response.status}).")

    def _headers(self, protocol: str, token: Token, *, reconnection: bool) -> dict[str, str]:
        kind = self._psn.keep_alive_type if protocol == "3.0" else self._psn.keep_alive_type_2_1
        return {
            "Authorization": f"Bearer {token.access_token}",
            "User-Agent": "partyline",
            "X-PSN-APP-TYPE": self._psn.app_type,
            "X-PSN-APP-VER": self._psn.app_version,
            "X-PSN-OS-VER": self._psn.os_version,
            "X-PSN-PROTOCOL-VERSION": protocol,
            "X-PSN-KEEP-ALIVE-STATUS-TYPE": str(kind),
            "X-PSN-RECONNECTION": "true" if reconnection else "false",
        }


def _of_status(status: int) -> FailureKind:
    if status == 401:
        return FailureKind.UNAUTHORIZED
    return FailureKind.REFUSED if 400 <= status < 500 else FailureKind.UNREACHABLE


def read_server(data: Any) -> Server:
    """Return the push server of a serveraddr answer. Raises `BadAnswerError`."""
    answer = as_dict(data)
    fqdn = as_text(answer.get("fqdn"))
    if not fqdn:
        raise BadAnswerError("serveraddr's answer names no push server.")
    retry = as_seconds(answer.get("retryIntervalMin"), per_s=1), as_seconds(answer.get("retryIntervalMax"), per_s=1)
    return Server(fqdn, read_keep_alive(answer.get("keepAliveStatus")), retry)


def read_retry(headers: Mapping[str, str]) -> tuple[float, float]:
    """Return the retry interval of an upgrade's answer, in seconds [app], 0.0 if not given."""
    return as_seconds(headers.get(RETRY_MIN), per_s=1), as_seconds(headers.get(RETRY_MAX), per_s=1)
