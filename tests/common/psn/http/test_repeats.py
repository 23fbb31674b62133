"""What is tried again, and how often."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from common.psn import errors
from common.psn.http.client import Call, PsnClient
from tests.common.psn.http.server import Scripted, Tokens, json_answer, settings, source

GET = Call("GET", "mobile", "/api/thing")
OK = json_answer(200, {"fine": True})


async def test_what_passes_by_itself_is_repeated_with_a_limit(fake: Scripted, client: PsnClient) -> None:
    fake.script(json_answer(503, {}), json_answer(500, {}), OK)
    assert (await client.call(GET)).data == {"fine": True}
    fake.script(json_answer(503, {}))
    with pytest.raises(errors.ServerFaultError):
        await client.call(GET)
    assert len(fake.asked) == 6


async def test_a_host_that_failed_to_the_last_try_is_tried_once_until_it_answers(
    fake: Scripted, client: PsnClient
) -> None:
    fake.script(json_answer(503, {}))
    for asked in (3, 4, 5):
        with pytest.raises(errors.ServerFaultError):
            await client.call(GET)
        assert len(fake.asked) == asked
    fake.script(OK)
    await client.call(GET)
    fake.script(json_answer(503, {}), json_answer(503, {}), OK)
    assert (await client.call(GET)).data == {"fine": True}


async def test_a_broken_connection_is_repeated(home: Path) -> None:
    met = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal met
        met += 1
        await reader.readuntil(b"\r\n\r\n")
        if met > 1:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    made = settings(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", backoff_max_s=0.05)
    client = PsnClient(made.psn, source(made, home), Tokens())
    assert (await client.call(GET)).data == {}
    assert met == 2
    await client.close()
    server.close()
