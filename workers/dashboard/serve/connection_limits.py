"""The limits of the dashboard's sockets: who may connect, how many at once, and how long without a request.

aiohttp has no limit on connections that never send a request. Without a free descriptor, asyncio goes through its whole
backlog with an error each. Any program on this machine or device in the LAN can cause both.
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket
import weakref
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

BACKLOG = 128


@dataclass(frozen=True)
class ConnectionLimits:
    """The most connections at once, and the seconds until the first whole request."""

    in_all: int = 64
    from_elsewhere: int = 48
    """From other machines. The rest is reserved for this one."""
    an_address: int = 16
    """From one other machine."""
    request_s: float = 10.0


class Connection(Protocol):
    """A connection that is counted: one of asyncio's transports, or one from which nothing was read yet."""

    def is_closing(self) -> bool: ...
    def get_extra_info(self, name: str, default: Any = None) -> Any: ...


class ConnectionLimiter:
    """Admits connections by `limits`. Its middleware must be the application's first."""

    def __init__(self, limits: ConnectionLimits | None = None) -> None:
        self.limits = limits or ConnectionLimits()
        self.refused = 0
        """Connections ended at once, or because no request came in time."""
        self._open: dict[Connection, str] = {}
        self._requested: weakref.WeakSet[asyncio.BaseTransport] = weakref.WeakSet()
        self._warned = False
        self._log = structlog.get_logger("dashboard")

    def middleware(self) -> Middleware:
        @web.middleware
        async def record_request(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.transport is not None:
                self._requested.add(request.transport)
            return await handler(request)

        return record_request

    def admit(self, transport: Connection) -> bool:
        """Return whether a new connection may stay, and count it if so."""
        self._open = {known: address for known, address in self._open.items() if not known.is_closing()}
        address = str((transport.get_extra_info("peername") or ("",))[0])
        self._open[transport] = address
        counted = Counter(self._open.values())
        elsewhere = sum(count for known, count in counted.items() if not _is_loopback(known))
        fits = len(self._open) <= self.limits.in_all
        if not _is_loopback(address):
            fits = fits and counted[address] <= self.limits.an_address and elsewhere <= self.limits.from_elsewhere
        if not fits:
            del self._open[transport]
            self._refuse("too many connections", address)
        return fits

    def end_if_idle(self, transport: asyncio.Transport) -> None:
        """End a connection that has sent no request yet."""
        if transport not in self._requested and not transport.is_closing():
            self._refuse("no request in time", self._open.get(transport, ""))
            transport.abort()

    def _refuse(self, why: str, address: str) -> None:
        self.refused += 1
        if not self._warned:  # once, because it happens often
            self._warned = True
            self._log.warning("connections are refused", why=why, address=address)


class NewConnection(asyncio.Protocol):
    """The first protocol of a new connection. It hands over to aiohttp's, or ends."""

    def __init__(self, limiter: ConnectionLimiter, server: web.Server, taken: Callable[[], None] | None = None) -> None:
        """`taken` is called when there is a transport, which is counted from then on."""
        self._limiter = limiter
        self._server = server
        self._taken = taken

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        if self._taken is not None:
            self._taken()
        if not self._limiter.admit(transport):
            transport.abort()
            return
        inner = self._server()
        transport.set_protocol(inner)
        inner.connection_made(transport)
        asyncio.get_running_loop().call_later(self._limiter.limits.request_s, self._limiter.end_if_idle, transport)


class LimitedSite(web.BaseSite):
    """A site on `listen`: an address, a name, ``0.0.0.0`` (every IPv4 network), ``::`` or "" (IPv6 too)."""

    def __init__(self, runner: web.AppRunner, limiter: ConnectionLimiter, listen: str, port: int) -> None:
        super().__init__(runner)
        self._limiter = limiter
        self._listen = listen
        self._port = port

    @property
    def name(self) -> str:
        return f"http://{self._listen}:{self._port}"

    async def start(self) -> None:
        """Open the port. Raises `OSError`."""
        server = self._runner.server
        assert isinstance(server, web.Server)
        host = None if self._listen in {"", "::"} else self._listen
        # asyncio accepts at most `backlog` connections at a time, and retries as many when no descriptor is left
        self._server = await asyncio.get_running_loop().create_server(
            lambda: NewConnection(self._limiter, server), host, self._port, backlog=1, start_serving=False
        )
        try:
            await super().start()
            await self._server.start_serving()
        except BaseException:
            self._server.close()
            raise
        for listening in self._server.sockets:
            with socket.socket(fileno=os.dup(listening.fileno())) as same:
                same.listen(BACKLOG)


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address.partition("%")[0]).is_loopback
    except ValueError:
        return False
