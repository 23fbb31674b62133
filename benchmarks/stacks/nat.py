"""A NAT between the two sides, which gives the console another port when it is told to."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any

Address = tuple[str, int]
_CANDIDATE = re.compile(r"^a=candidate:[^\r\n]*(?:\r\n|$)", re.MULTILINE)
_HOST = re.compile(r"^a=candidate:\S+ 1 udp \d+ (\d[\d.]+) (\d+) typ host", re.MULTILINE)


class _Side(asyncio.DatagramProtocol):
    def __init__(self, took: Callable[[bytes, Address], None]) -> None:
        self._took = took

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        self._took(data, (addr[0], addr[1]))


class Nat:
    """`ours` and the console see nothing of each other but this."""

    def __init__(self) -> None:
        self._inner: asyncio.DatagramTransport | None = None
        self._outer: asyncio.DatagramTransport | None = None
        self._old: list[asyncio.DatagramTransport] = []
        self._console: Address | None = None
        self._ours: Address | None = None
        self._host = ""

    async def open(self, host: str) -> None:
        """Listen on `host`, an address of this machine."""
        self._host = host
        self._inner = await self._listen(self._from_console)
        await self.move()

    async def move(self) -> None:
        """Send from another port from now on; nothing that comes to the old one arrives."""
        if self._outer is not None:
            self._old.append(self._outer)
        self._outer = await self._listen(self._from_ours)

    def of_console(self, sdp: str) -> str:
        """Return the console's description with this as its only candidate."""
        assert self._outer is not None
        return _only(sdp, self._outer)

    def of_ours(self, sdp: str) -> str:
        """Return our description with this as its only candidate."""
        assert self._inner is not None
        if match := next((found for found in _HOST.finditer(sdp) if found[1] == self._host), None):
            self._ours = (match[1], int(match[2]))
        return _only(sdp, self._inner)

    def close(self) -> None:
        for one in (self._inner, self._outer, *self._old):
            if one is not None:
                one.close()

    async def _listen(self, took: Callable[[bytes, Address], None]) -> asyncio.DatagramTransport:
        loop, transport = asyncio.get_running_loop(), None

        def made(data: bytes, address: Address) -> None:
            if took == self._from_console or transport is self._outer:
                took(data, address)

        transport, _ = await loop.create_datagram_endpoint(lambda: _Side(made), local_addr=(self._host, 0))
        return transport

    def _from_console(self, data: bytes, address: Address) -> None:
        self._console = address
        if self._outer is not None and self._ours is not None:
            self._outer.sendto(data, self._ours)

    def _from_ours(self, data: bytes, _address: Address) -> None:
        if self._inner is not None and self._console is not None:
            self._inner.sendto(data, self._console)


def _only(sdp: str, transport: asyncio.DatagramTransport) -> str:
    host, port = transport.get_extra_info("sockname")
    line = f"a=candidate:1 1 udp 2130706431 {host} {port} typ host generation 0\r\n"
    head, *sections = re.split(r"(?m)^(?=m=)", _CANDIDATE.sub("", sdp))
    return head + "".join(section.rstrip("\r\n") + "\r\n" + line for section in sections)
