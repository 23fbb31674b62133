"""Whatever a server answers, or does not, is an error of ours."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
from pathlib import Path

import pytest
from aiohttp import web

from common.psn import errors
from common.psn.http.client import Call, PsnClient
from tests.common.psn.http.server import Scripted, Tokens, json_answer, settings, source

GET = Call("GET", "mobile", "/api/thing")
OK = json_answer(200, {"fine": True})
BROKEN = {
    "gzip": (b'{"fine": true}', "gzip"),
    "deflate": (b"\xff" * 40, "deflate"),
    "cut-gzip": (gzip.compress(b'{"fine": true}')[:-9] + b"\x00" * 9, "gzip"),
}


async def test_nobody_there_is_said_as_such(home: Path) -> None:
    made = settings("http://127.0.0.1:9", retries=2, backoff_max_s=0.05)
    client = PsnClient(made.psn, source(made, home), Tokens())
    with pytest.raises(errors.UnreachableError) as caught:
        await client.call(GET)
    assert client.calls == 2
    assert "127.0.0.1" in caught.value.message
    await client.close()


async def test_no_redirect_is_followed(fake: Scripted, client: PsnClient) -> None:
    fake.script(lambda: web.Response(status=302, headers={"Location": f"{fake.url}/elsewhere"}), OK)
    answer = await client.call(Call("GET", "account", "/authorize", signed=False))
    assert answer.status == 302
    assert len(fake.asked) == 1
    assert "authorization" not in fake.asked[0].headers


@pytest.mark.parametrize("body", ["<html>", "{", "x" * (2 << 20)])
async def test_an_answer_that_is_no_json_or_endless_is_a_typed_error(
    fake: Scripted, client: PsnClient, body: str
) -> None:
    fake.script(lambda: web.Response(text=body))
    with pytest.raises(errors.BadAnswerError):
        await client.call(GET)
    assert len(fake.asked) == 1


@pytest.mark.parametrize("kind", BROKEN)
async def test_an_answer_that_cannot_be_unpacked_is_a_bad_answer(fake: Scripted, client: PsnClient, kind: str) -> None:
    body, coding = BROKEN[kind]
    fake.script(lambda: web.Response(body=body, headers={"Content-Encoding": coding}))
    with pytest.raises(errors.BadAnswerError) as caught:
        await client.call(GET)
    assert "GET /api/thing" in caught.value.message
    assert len(fake.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: nine\r\n\r\n{}",
        b"HTTP/1.1 999999 \r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: \xff\xfe;charset=\x80\r\nContent-Length: 1\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000,
        b"\x16\x03\x01\x00",
        b"",
    ],
)
async def test_whatever_a_server_sends_is_an_error_of_ours(home: Path, answer: bytes) -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(speak, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        made = settings(f"http://127.0.0.1:{port}", retries=1, backoff_max_s=0.05)
        client = PsnClient(made.psn, source(made, home), Tokens())
        with pytest.raises(errors.PsnError):
            await client.call(GET)
        await client.close()


async def test_after_a_drop_a_call_takes_a_new_connection_and_one_under_way_is_not_broken(
    fake: Scripted, client: PsnClient
) -> None:
    goes_on, came = asyncio.Event(), asyncio.Event()

    async def slow() -> web.Response:
        came.set()
        await goes_on.wait()
        return web.json_response({"slow": True})

    fake.script(OK, OK, slow, OK)
    for _ in range(2):
        await client.call(GET)
    assert fake.ports[0] == fake.ports[1], "connections are kept"
    under_way = asyncio.create_task(client.call(GET))
    await came.wait()
    await client.drop_connections()
    await client.call(GET)
    assert fake.ports[3] not in fake.ports[:3]
    goes_on.set()
    assert (await under_way).data == {"slow": True}
    assert client._exchanges._dropped == [], "it is closed with its last call"
