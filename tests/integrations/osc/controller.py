"""A controller: a real UDP socket that sends OSC and keeps what it shows."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.osc_packet import OscPacket

PREFIX = "/partyline/"


class Controller(asyncio.DatagramProtocol):
    def __init__(self, to: tuple[str, int]) -> None:
        self.shown: dict[str, Any] = {}
        """What it shows: address without the root → the last value."""
        self.history: list[tuple[str, Any]] = []
        self.datagrams = 0
        self._to = to

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    @property
    def port(self) -> int:
        return self._transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.datagrams += 1
        for timed in OscPacket(data).messages:
            (value,) = timed.message.params
            address = timed.message.address.removeprefix(PREFIX)
            self.shown[address] = value
            self.history.append((address, value))

    def send(self, path: str, *values: Any) -> None:
        self.raw(_message(path, values).dgram)

    def send_bundle(self, *messages: tuple[Any, ...]) -> None:
        bundle = OscBundleBuilder(IMMEDIATELY)
        for path, *values in messages:
            bundle.add_content(_message(path, values))
        self.raw(bundle.build().dgram)

    def raw(self, datagram: bytes) -> None:
        self._transport.sendto(datagram, self._to)

    def of(self, address: str) -> list[Any]:
        return [value for one, value in self.history if one == address]


def _message(path: str, values: Any) -> Any:
    builder = OscMessageBuilder(path if path.startswith("/") else PREFIX + path)
    for value in values:
        builder.add_arg(value)
    return builder.build()


@contextlib.asynccontextmanager
async def controller(port: int, host: str = "127.0.0.1") -> AsyncIterator[Controller]:
    """Yield a controller that sends to the bridge at `port`."""
    transport, made = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Controller((host, port)), local_addr=(host, 0)
    )
    try:
        yield made
    finally:
        transport.close()
