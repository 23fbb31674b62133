"""The web server of a phone's page. It serves one page at one private address, and nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import html
import string
from collections.abc import AsyncIterator, Awaitable, Callable
from importlib.resources import files
from typing import Any

import msgspec
from aiohttp import web

from cli.account.phone.one_time import OneTimeAddress, PageClosedError, is_private
from cli.account.phone.sealed import ForgedError, PhoneAnswer, PhoneKeys
from common.config.tables import PsnSettings
from common.errors import PartylineError
from common.log import logs
from common.psn.account.sign_in_errors import npsso_page
from common.psn.account.sign_in_words import SignInWords

MOST_BODY = 96 * 1024
"""A value of 64 KiB, sealed, in base64."""
MOST_CONNECTIONS = 32
"""A phone opens six at most."""
IDLE_S = 10.0
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
STATIC = {"page.js": "text/javascript", "page.css": "text/css", "nacl-fast.min.js": "text/javascript"}

SignInByPaste = Callable[[str], Awaitable[str]]
"""Signs in with a pasted text and returns who it is. Raises `PartylineError`."""


class PhonePage:
    """The page of one QR code. `tell` gets what the person at the terminal should read."""

    def __init__(
        self,
        limits: OneTimeAddress,
        psn: PsnSettings,
        machine: str,
        sign_in: SignInByPaste,
        tell: Callable[[str], None],
    ) -> None:
        self.limits = limits
        self.keys = PhoneKeys()
        self._psn = psn
        self._machine = machine
        self._sign_in = sign_in
        self._tell = tell
        self._own_host = ""
        self._closed = asyncio.Event()
        self._told_forged = False

    @contextlib.asynccontextmanager
    async def listening(self, address: str, port: int) -> AsyncIterator[str]:
        """Serve at that private address, at another port if this one is taken. Yield the address for the QR code."""
        server = web.Server(self._serve, access_log=None, keepalive_timeout=IDLE_S)
        loop = asyncio.get_running_loop()

        def connected() -> asyncio.BaseProtocol:
            return server() if len(server.connections) < MOST_CONNECTIONS else _Refused()

        try:
            socket = await loop.create_server(connected, address, port)
        except OSError:
            socket = await loop.create_server(connected, address, 0)
        self._own_host = f"{address}:{socket.sockets[0].getsockname()[1]}"
        try:
            yield f"http://{self._own_host}/{self.limits.path}/#{self.keys.fragment}"
        finally:
            socket.close()
            await server.shutdown(IDLE_S)

    async def closed(self) -> None:
        """Wait until the page takes nothing any more."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.limits.left_s):
                await self._closed.wait()
        if self.limits.busy:  # begun in time
            await self._closed.wait()

    # --- requests ------------------------------------------------------------------------------------

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        start = f"/{self.limits.path}/"
        if not is_private(request.remote or "") or request.headers.get("Host", "") != self._own_host:
            return _refused(403, "Not from here.")
        if not request.path.startswith(start) or request.query_string:
            return _refused(404, "There is nothing here.")
        try:
            self.limits.check()
            return await self._answer(request, request.path.removeprefix(start))
        except PageClosedError as error:
            self._look()
            return _refused(410, f"{error.message} {error.remedy}")

    async def _answer(self, request: web.BaseRequest, name: str) -> web.StreamResponse:
        match request.method, name:
            case "POST", "":
                return await self._take(request)
            case "GET", "":
                return web.Response(text=self._html(), content_type="text/html", headers=HEADERS)
            case "GET", _ if name in STATIC:
                return web.Response(body=_file(name), content_type=STATIC[name], headers=HEADERS)
            case _:
                return _refused(404, "There is nothing here.")

    def _html(self) -> str:
        words = msgspec.to_builtins(SignInWords())
        words |= {"sign_in_url": self._psn.sign_in_url, "npsso_url": npsso_page(self._psn), "machine": self._machine}
        page = string.Template(_file("page.html").decode())
        return page.substitute({name: html.escape(text) for name, text in words.items()})

    async def _take(self, request: web.BaseRequest) -> web.StreamResponse:
        """Take a value. The answer is sealed for the phone that sent it."""
        if request.headers.get("Origin", "") != f"http://{self._own_host}":
            return _refused(403, "Not from here.")
        try:
            opened, mark = self.keys.open(await _body(request))
        except ForgedError:
            self.limits.forged += 1
            self._look()
            return _refused(403, "This was not made by who scanned the code.")
        self.limits.begin(mark)
        logs.remember(opened.value.strip())
        signed_in, answer = False, PhoneAnswer(ok=False)
        try:
            answer = PhoneAnswer(ok=True, name=await self._sign_in(opened.value.strip()))
            signed_in = True
        except PartylineError as error:
            left = self.limits.tries_left - 1
            answer = PhoneAnswer(ok=False, message=error.message, remedy=error.remedy, tries_left=left)
            self._tell(f"The phone's value was refused: {error.message} ({left} more)")
        finally:
            self.limits.ended(signed_in=signed_in)
            self._look()
        return web.Response(body=opened.answer(answer), content_type="application/json", headers=HEADERS)

    def _look(self) -> None:
        """Tell the person of the first forged message, and end the wait once nothing is taken any more."""
        if self.limits.forged and not self._told_forged:
            self._told_forged = True
            self._tell("A message came that your phone did not make. It was refused.")
        if self.limits.why_closed and not self.limits.busy:
            self._closed.set()


class _Refused(asyncio.Protocol):
    """A connection too many."""

    def connection_made(self, transport: Any) -> None:
        transport.abort()


async def _body(request: web.BaseRequest) -> bytes:
    """Return the body. One that is too long is no message of ours."""
    found = bytearray()
    async for chunk in request.content.iter_any():
        found += chunk
        if len(found) > MOST_BODY:
            raise ForgedError
    return bytes(found)


def _refused(status: int, words: str) -> web.Response:
    return web.Response(status=status, text=words, headers={**HEADERS, "Connection": "close"})


def _file(name: str) -> bytes:
    return files("cli.account.phone").joinpath("static", name).read_bytes()
