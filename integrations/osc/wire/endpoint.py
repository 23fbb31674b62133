"""The UDP socket on which OSC is received and sent."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import structlog

from common.errors import PartylineError
from integrations.osc.wire.osc_packets import Address

MOST_TOLD = 32
Log = structlog.stdlib.BoundLogger


class OscSender:
    """Sends, while there is a socket that takes it. State is worth nothing late, so nothing waits for long."""

    def __init__(self) -> None:
        self._transport: asyncio.DatagramTransport | None = None
        self._is_full = False

    def send(self, datagrams: list[bytes], address: Address) -> None:
        transport = self._transport
        if transport is None or transport.is_closing() or self._is_full:
            return
        for datagram in datagrams:
            transport.sendto(datagram, address)

    def use(self, transport: asyncio.DatagramTransport | None) -> None:
        self._transport = transport

    def note_full(self, *, is_full: bool) -> None:
        """Note whether 64 KB wait in the process, because the system takes no more."""
        self._is_full = is_full


class _Protocol(asyncio.DatagramProtocol):
    def __init__(self, sender: OscSender, on_datagram: Callable[[bytes, Address], None]) -> None:
        self._sender = sender
        self._on_datagram = on_datagram
        self._told: set[str] = set()
        self._log: Log = structlog.get_logger("osc")

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        self._on_datagram(data, addr)

    def error_received(self, exc: Exception) -> None:
        """Note what the system says about an earlier datagram, e.g. that nobody listens there."""
        if str(exc) not in self._told and len(self._told) < MOST_TOLD:
            self._told.add(str(exc))
            self._log.info("a datagram could not be sent", error=str(exc))

    def pause_writing(self) -> None:
        self._sender.note_full(is_full=True)

    def resume_writing(self) -> None:
        self._sender.note_full(is_full=False)


@contextlib.asynccontextmanager
async def listening(
    host: str, port: int, sender: OscSender, on_datagram: Callable[[bytes, Address], None]
) -> AsyncIterator[None]:
    """Receive while inside, and let `sender` send. Raises `PartylineError` if that address cannot be used."""
    try:
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Protocol(sender, on_datagram), local_addr=(host, port)
        )
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise PartylineError(
            f"OSC cannot be received at {host}, UDP port {port}: {reason}.",
            "End the other program that uses it, or choose another `[osc] port`, or an own address as `[osc] listen`.",
            code="osc.port",
        ) from error
    sender.use(transport)
    try:
        yield
    finally:
        sender.use(None)
        transport.close()
