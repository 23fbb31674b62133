"""Name servers that hang: nobody else waits for them, and what they hold up says so."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from common.basic import loop as loops
from common.basic.loop import MOST, Loop, NameServerError, lookup_trouble, run
from tests.support.waiting import until

PATIENCE_S = 20.0
REAL = socket.getaddrinfo


class NameServer:
    """Answers only once `answers` is set."""

    def __init__(self) -> None:
        self.answers = threading.Event()
        self.asked: list[Any] = []

    def __call__(self, host: Any, *args: Any, **named: Any) -> Any:
        self.asked.append(host)
        if not self.answers.wait(60.0):
            raise socket.gaierror(socket.EAI_AGAIN, "late")
        return REAL("127.0.0.1", *args, **named)


@pytest.fixture
def hung(monkeypatch: pytest.MonkeyPatch) -> Iterator[NameServer]:
    server = NameServer()
    monkeypatch.setattr(socket, "getaddrinfo", server)
    yield server
    server.answers.set()


def test_files_and_the_keychain_do_not_wait_for_a_name_server_that_hangs(hung: NameServer) -> None:
    async def job() -> int:
        loop = asyncio.get_running_loop()
        lookups = [asyncio.create_task(loop.getaddrinfo(f"host-{n}.invalid", 443)) for n in range(MOST)]
        async with asyncio.timeout(PATIENCE_S):
            await until(lambda: len(hung.asked) >= MOST, "all lookups hang", every_s=0.005)
            written = await asyncio.gather(*(asyncio.to_thread(int, n) for n in range(20)))
        assert not any(one.done() for one in lookups)
        hung.answers.set()
        async with asyncio.timeout(PATIENCE_S):
            found = await asyncio.gather(*lookups)
        assert all(one[0][4] == ("127.0.0.1", 443) for one in found)
        return len(written)

    async def careful() -> int:
        try:
            return await job()
        finally:
            hung.answers.set()  # else the end of a loop that looks names up as asyncio does waits for its threads

    assert run(careful()) == 20


def test_a_lookup_has_an_end_and_the_loop_does_not_wait_for_its_thread(
    hung: NameServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loops, "LIMIT_S", 0.05)

    async def job() -> None:
        for _ in range(5):  # one thread for them all
            with pytest.raises(NameServerError, match="name server does not answer"):
                await asyncio.get_running_loop().getaddrinfo("a.invalid", 443)
        async with httpx.AsyncClient(trust_env=False) as client:
            with pytest.raises(httpx.ConnectError) as met:
                await client.get("http://a.invalid/")
        assert "name server did not answer" in lookup_trouble(met.value)

    run(job())
    assert len(hung.asked) <= 2


def test_lookups_are_bounded(hung: NameServer) -> None:
    async def job() -> None:
        loop = asyncio.get_running_loop()
        lookups = [asyncio.create_task(loop.getaddrinfo(f"host-{n}.invalid", 443)) for n in range(MOST + 1)]
        done, pending = await asyncio.wait(lookups, return_when=asyncio.FIRST_COMPLETED)
        assert [type(one.exception()) for one in done] == [NameServerError]
        assert len(pending) == MOST

    run(job())


def test_addresses_need_no_name_server(hung: NameServer, monkeypatch: pytest.MonkeyPatch) -> None:
    hung.answers.set()

    async def job() -> None:
        for host in ("127.0.0.1", "::1", None):
            assert await asyncio.get_running_loop().getaddrinfo(host, 80)

    monkeypatch.setattr(Loop, "_look_up", None)
    run(job())


def test_what_is_no_lookup_error_is_none() -> None:
    assert lookup_trouble(None) == ""
    assert lookup_trouble(OSError("x")) == ""
    assert "does not know" in lookup_trouble(socket.gaierror(socket.EAI_NONAME, "x"))
