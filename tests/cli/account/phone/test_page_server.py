"""The phone's page over HTTP: what it serves, what it takes, and what it refuses."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import aiohttp
import pytest

from cli.account.phone.one_time import MOST_FORGED, OneTimeAddress
from cli.account.phone.page_server import MOST_BODY, MOST_CONNECTIONS, STATIC, PhonePage
from common.config.tables import PsnSettings
from common.errors import SignInError
from tests.cli.account.phone.phone import Phone
from tests.support.processes import free_port
from tests.support.waiting import until

NPSSO = "aB3" * 21 + "x"
HERE = "127.0.0.1"


class Opened:
    """A page that is served, the phone that scanned its code, and who signed in."""

    def __init__(self) -> None:
        self.pasted: list[str] = []
        self.told: list[str] = []
        self.refuses = False
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.page = PhonePage(
            OneTimeAddress(time.monotonic), PsnSettings(), "spare <b>", self._sign_in, self.told.append
        )

    async def _sign_in(self, pasted: str) -> str:
        self.pasted.append(pasted)
        await self.go_on.wait()
        if self.refuses:
            raise SignInError("It has expired.", "Get a fresh one.")
        return "Ava"

    def use(self, url: str, http: aiohttp.ClientSession) -> None:
        parts = urlsplit(url)
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.url = f"{self.origin}{parts.path}"
        self.phone = Phone(parts.fragment)
        self._http = http

    async def get(self, path: str = "", **headers: str) -> tuple[int, str]:
        async with self._http.get(path if path.startswith("http") else self.url + path, headers=headers) as answer:
            return answer.status, await answer.text()

    async def post(self, body: bytes, **headers: str) -> tuple[int, bytes]:
        async with self._http.post(self.url, data=body, headers={"Origin": self.origin, **headers}) as answer:
            return answer.status, await answer.read()

    async def send(self, value: str) -> dict[str, object]:
        status, answer = await self.post(self.phone.sealed(value))
        assert status == 200, answer
        return self.phone.opened(answer)


@pytest.fixture
async def opened() -> AsyncIterator[Opened]:
    made = Opened()
    async with made.page.listening(HERE, free_port()) as url, aiohttp.ClientSession() as http:
        made.use(url, http)
        yield made


async def test_a_phone_signs_in_and_the_page_is_over(opened: Opened) -> None:
    status, page = await opened.get()
    assert status == 200
    assert "Sign in" in page
    assert "spare &lt;b&gt;" in page
    assert "https://www.playstation.com" in page
    assert await opened.send(f"  {NPSSO} ") == {"ok": True, "name": "Ava", "message": "", "remedy": "", "tries_left": 0}
    assert opened.pasted == [NPSSO]
    async with asyncio.timeout(30):
        await opened.page.closed()
    assert (await opened.get())[0] == 410
    assert (await opened.post(opened.phone.sealed(NPSSO)))[0] == 410
    assert len(opened.pasted) == 1


async def test_a_refused_value_can_be_corrected_twice(opened: Opened) -> None:
    opened.refuses = True
    for left in (2, 1, 0):
        answer = await opened.send(NPSSO)
        assert (answer["ok"], answer["message"], answer["tries_left"]) == (False, "It has expired.", left)
    async with asyncio.timeout(30):
        await opened.page.closed()
    assert "3 values were refused" in opened.page.limits.why_closed
    assert len(opened.told) == 3
    assert NPSSO not in "".join(opened.told)


async def test_everything_that_the_page_needs_is_there_and_nothing_else(opened: Opened) -> None:
    for name in STATIC:
        assert (await opened.get(name))[0] == 200
    for path in ("page.html", "README.md", "../one_time.py", "%2e%2e/one_time.py", "page.js/", "x", "?x=1"):
        assert (await opened.get(path))[0] in (403, 404), path
    for path in ("/", "/favicon.ico", "/api/v1", "/" + "x" * 12 + "/"):
        assert (await opened.get(opened.origin + path))[0] == 404, path


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Host": f"localhost:{1}"}, {"Host": ""}])
async def test_a_name_that_was_pointed_here_is_refused(opened: Opened, headers: dict[str, str]) -> None:
    assert (await opened.get(**headers))[0] in (400, 403)


@pytest.mark.parametrize("origin", ["", "http://evil.example", "null", "https://127.0.0.1"])
async def test_a_page_of_another_site_is_refused_before_it_is_read(opened: Opened, origin: str) -> None:
    status, _ = await opened.post(opened.phone.sealed(NPSSO), Origin=origin)
    assert (status, opened.pasted, opened.page.limits.forged) == (403, [], 0)


async def test_forged_and_repeated_messages_are_told_and_close_the_page(opened: Opened) -> None:
    opened.refuses = True
    message = opened.phone.sealed(NPSSO)
    assert (await opened.post(message))[0] == 200
    assert (await opened.post(message))[0] == 410
    assert opened.page.limits.tries_left == 2
    assert (await opened.post(b"x" * (MOST_BODY + 1)))[0] == 403
    while opened.page.limits.forged < MOST_FORGED:
        assert (await opened.post(b"{}"))[0] == 403
    async with asyncio.timeout(30):
        await opened.page.closed()
    assert (await opened.post(opened.phone.sealed(NPSSO)))[0] == 410
    assert len(opened.pasted) == 1
    assert sum("did not make" in line for line in opened.told) == 1


async def test_a_sign_in_that_began_in_time_is_waited_for(opened: Opened) -> None:
    opened.go_on.clear()
    sending = asyncio.create_task(opened.send(NPSSO))
    await until(lambda: opened.pasted, "it has begun")
    second, _ = await opened.post(Phone(opened.page.keys.fragment).sealed(NPSSO))
    assert second == 410
    opened.page.limits._ends_at = 0.0
    waiting = asyncio.create_task(opened.page.closed())
    await asyncio.sleep(0)
    assert not waiting.done()
    opened.go_on.set()
    assert (await sending)["ok"]
    async with asyncio.timeout(30):
        await waiting


async def test_connections_without_end_are_cut(opened: Opened) -> None:
    port = int(opened.origin.rpartition(":")[2])
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(MOST_CONNECTIONS):
            _, writer = await asyncio.open_connection(HERE, port)
            stack.callback(writer.close)
        reader, writer = await asyncio.open_connection(HERE, port)
        stack.callback(writer.close)
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(30):
                assert await reader.read() == b""
