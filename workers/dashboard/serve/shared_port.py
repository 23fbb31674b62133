"""A port for this machine and for other devices. What came in decides who answers.

Connections to loopback are served over http, as on a machine that is closed to others. Elsewhere the first byte tells
TLS from http. TLS is served. Http gets a page that leads to https, and nothing else.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable
from typing import Any

import structlog
from aiohttp import web

from common.basic.tasks import Tasks
from common.config.settings import is_loopback
from workers.dashboard.serve.connection_limits import BACKLOG, ConnectionLimiter, NewConnection

CLIENT_HELLO = b"\x16"
"""The first byte of TLS: a record of the handshake (RFC 8446, 5.1)."""
NO_DESCRIPTOR_S = 1.0
"""Wait after an accept that failed, for instance without a free descriptor. asyncio's own servers wait as long."""


class _Arrival:
    """A connection whose first byte has not come yet, as the limiter counts it."""

    def __init__(self, raw: socket.socket, peer: Any) -> None:
        self.raw = raw
        self.over = False
        self._peer = peer

    def end(self) -> None:
        """Count it no more, because a transport has taken it over."""
        self.over = True

    def is_closing(self) -> bool:
        return self.over

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._peer if name == "peername" else default


class SharedPort:
    """The port. `pages` serves the pages. `plain` answers http of other devices. `tls` returns the context in use."""

    def __init__(
        self, pages: web.Server, plain: web.Server, limiter: ConnectionLimiter, tls: Callable[[], ssl.SSLContext | None]
    ) -> None:
        self._pages = pages
        self._plain = plain
        self._limiter = limiter
        self._tls = tls
        self._listening: list[socket.socket] = []
        self._tasks = Tasks()
        self._log = structlog.get_logger("dashboard")

    def listen(self, listen: str, port: int) -> None:
        """Listen on an address, a name, ``0.0.0.0`` (every IPv4 network), ``::`` or "" (IPv6 too). Raises `OSError`."""
        families = (socket.AF_INET, socket.AF_INET6) if listen in ("", "::") else (0,)
        opened: list[socket.socket] = []
        with contextlib.ExitStack() as undo:
            for family in families:
                host = "0.0.0.0" if family == socket.AF_INET else listen or "::"  # noqa: S104  # the user's setting
                found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
                opened.append(undo.enter_context(_listening(*found[0][::4])))
            undo.pop_all()
        self._listening = opened
        for one in opened:
            self._tasks.spawn(self._accept(one))

    async def close(self) -> None:
        """Stop listening. Connections that were handed over are closed by their servers."""
        await self._tasks.cancel()
        for one in self._listening:
            one.close()
        self._listening = []

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                raw, peer = await loop.sock_accept(listening)
            except OSError as error:
                self._log.warning("no connection can be accepted", error=str(error))
                await asyncio.sleep(NO_DESCRIPTOR_S)
                continue
            arrival = _Arrival(raw, peer)
            if self._limiter.admit(arrival):
                self._tasks.spawn(self._serve(arrival))
            else:
                raw.close()

    async def _serve(self, arrival: _Arrival) -> None:
        """Hand a connection over to who serves it."""
        try:
            if is_loopback(str(arrival.raw.getsockname()[0]).partition("%")[0]):
                await self._hand_over(arrival, self._pages, None)
                return
            async with asyncio.timeout(self._limiter.limits.request_s):
                first = await _first_byte(arrival.raw)
            if first == CLIENT_HELLO:
                await self._encrypted(arrival)
            elif first:
                await self._hand_over(arrival, self._plain, None)
        except (OSError, TimeoutError) as error:  # `ssl.SSLError` is an `OSError`
            self._log.info("a connection of another device ended before a request", why=str(error) or "nothing came")
        finally:
            if not arrival.over:
                arrival.over = True
                arrival.raw.close()

    async def _encrypted(self, arrival: _Arrival) -> None:
        context = self._tls()
        if context is not None:
            await self._hand_over(arrival, self._pages, context)

    async def _hand_over(self, arrival: _Arrival, server: web.Server, context: ssl.SSLContext | None) -> None:
        def taken_over() -> NewConnection:
            return NewConnection(self._limiter, server, arrival.end)

        limit = self._limiter.limits.request_s if context else None
        await asyncio.get_running_loop().connect_accepted_socket(
            taken_over, arrival.raw, ssl=context, ssl_handshake_timeout=limit
        )


def _listening(family: int, address: Any) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)
        made.listen(BACKLOG)
        made.setblocking(False)
    except OSError:
        made.close()
        raise
    return made


async def _first_byte(raw: socket.socket) -> bytes:
    """Return the first byte, which stays to be read. Empty if the other side closed."""
    raw.setblocking(False)
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()

    def on_ready() -> None:
        if not ready.done():
            ready.set_result(None)

    loop.add_reader(raw, on_ready)
    try:
        await ready
    finally:
        loop.remove_reader(raw)
    return raw.recv(1, socket.MSG_PEEK)
