"""What a test leaves open is found in that test."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.suite.open_connections import ConnectionLeftOpenError


async def _connected() -> asyncio.Transport:
    async with await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_connection(_KeptOpen, "127.0.0.1", port)
        await asyncio.sleep(0.01)
        return transport


class _KeptOpen(asyncio.Protocol):
    def eof_received(self) -> bool:
        return True


def test_a_connection_that_is_left_open_is_named_when_its_loop_ends() -> None:
    loop = asyncio.new_event_loop()
    transport = loop.run_until_complete(_connected())
    with pytest.raises(ConnectionLeftOpenError, match="_KeptOpen from"):
        loop.close()
    assert loop.is_closed()
    transport._sock.close()  # type: ignore[attr-defined]
    transport._sock = None  # type: ignore[attr-defined]


async def test_one_that_was_closed_is_none() -> None:
    transport = await _connected()
    transport.close()
    await asyncio.sleep(0)
