"""Who connects without asking for anything takes neither the dashboard's place nor its time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import resource
import socket
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from tests.support.waiting import PATIENCE_S, until
from workers.dashboard.serve.connection_limits import ConnectionLimiter, ConnectionLimits, LimitedSite

Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def hello(_: web.Request) -> web.Response:
    return web.Response(text="hello")


@contextlib.asynccontextmanager
async def server(limiter: ConnectionLimiter, listen: str = "127.0.0.1") -> AsyncIterator[tuple[int, LimitedSite]]:
    app = web.Application(middlewares=[limiter.middleware()])
    app.router.add_get("/", hello)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = LimitedSite(runner, limiter, listen, 0)
    await site.start()
    assert site._server is not None
    try:
        yield site._server.sockets[0].getsockname()[1], site
    finally:
        await runner.cleanup()


async def knock(port: int, count: int, host: str = "127.0.0.1") -> list[Pair]:
    return [await asyncio.open_connection(host, port) for _ in range(count)]


async def still_open(pairs: list[Pair]) -> int:
    async def ended(reader: asyncio.StreamReader) -> bool:
        try:
            async with asyncio.timeout(0.3):
                return await reader.read(1) == b""
        except TimeoutError:
            return False
        except ConnectionError:
            return True

    return sum(not gone for gone in await asyncio.gather(*(ended(reader) for reader, _ in pairs)))


def take_the_rest(took: list[int]) -> None:
    """Open descriptors until the process has none left."""
    with contextlib.suppress(OSError):
        while True:
            took.append(os.dup(took[-1] if took else 2))


async def shut(pairs: list[Pair]) -> None:
    for _, writer in pairs:
        writer.close()


async def fetched(port: int) -> str:
    async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{port}/") as answer:
        return await answer.text()


async def test_connections_have_a_limit_and_their_end_makes_room() -> None:
    limiter = ConnectionLimiter()
    async with server(limiter) as (port, _):
        pairs = await knock(port, 70)
        assert await still_open(pairs) == 64
        await shut(pairs)
        async with asyncio.timeout(PATIENCE_S):
            while True:
                with contextlib.suppress(aiohttp.ClientError):
                    assert await fetched(port) == "hello"
                    break
        assert limiter.refused >= 6


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: x\r\nX: "])
async def test_who_does_not_end_a_request_is_ended(sent: bytes) -> None:
    limiter = ConnectionLimiter(ConnectionLimits(request_s=0.2))
    async with server(limiter) as (port, _):
        ((reader, writer),) = await knock(port, 1)
        writer.write(sent)
        async with asyncio.timeout(PATIENCE_S):
            with contextlib.suppress(ConnectionError):
                assert await reader.read() == b""
        writer.close()
        ((reader, writer),) = await knock(port, 1)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readuntil(b"hello")
        await asyncio.sleep(0.5)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readuntil(b"hello")  # who asked once may stay, and ask again
        writer.close()


class FakeTransport(asyncio.Transport):
    def __init__(self, address: str) -> None:
        super().__init__({"peername": (address, 1)})

    def is_closing(self) -> bool:
        return False


def test_one_device_of_the_network_has_a_share_and_this_machine_always_has_some() -> None:
    limiter, kept = ConnectionLimiter(), []

    def come(address: str) -> bool:
        kept.append(FakeTransport(address))
        return limiter.admit(kept[-1])

    assert sum(come("192.168.1.7") for _ in range(30)) == 16
    assert sum(come("192.168.1.8") for _ in range(30)) == 16
    assert sum(come(f"fe80::{number:x}") for number in range(30)) == 16
    assert sum(come("127.0.0.1") for _ in range(30)) == 16
    assert not come("::1")


async def test_without_descriptors_nothing_spins_and_it_goes_on_afterwards(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    async with server(ConnectionLimiter()) as (port, _):
        clients = [socket.socket() for _ in range(300)]
        took: list[int] = []
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(client.fileno() for client in clients) + 1, before[1]))
            take_the_rest(took)
            to_come = iter(clients)

            def is_told() -> bool:
                """Take what tests before this one freed meanwhile, and let another client come."""
                take_the_rest(took)
                client = next(to_come)
                client.setblocking(False)
                client.connect_ex(("127.0.0.1", port))
                return bool(caplog.records)

            for _ in range(20):
                is_told()
            await until(is_told, "it is told")
            began = time.monotonic()
            await asyncio.sleep(1.5)
            lasted = time.monotonic() - began
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, before)
            for each in took:
                os.close(each)
        assert len(caplog.records) < 6 + lasted  # about one a second, not one for each that waits
        for client in clients:
            client.close()
        async with asyncio.timeout(PATIENCE_S):
            assert await fetched(port) == "hello"


@pytest.mark.parametrize(("listen", "families"), [("0.0.0.0", {socket.AF_INET}), ("127.0.0.1", {socket.AF_INET})])
async def test_an_ipv4_address_is_ipv4_only(listen: str, families: set[socket.AddressFamily]) -> None:
    async with server(ConnectionLimiter(), listen) as (_, site):
        assert site._server is not None
        assert {listening.family for listening in site._server.sockets} == families


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
@pytest.mark.parametrize("listen", ["::", ""])
async def test_every_network_is_both(listen: str) -> None:
    async with server(ConnectionLimiter(), listen) as (_, site):
        assert site._server is not None
        assert {listening.family for listening in site._server.sockets} == {socket.AF_INET, socket.AF_INET6}
