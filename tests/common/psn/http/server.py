"""A server that answers what a test scripts, and remembers what it was asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from common.config.tables import PsnSettings, Settings
from common.files.paths import Paths
from common.psn.http.endpoints import EndpointSource
from common.requests import Token


@dataclass
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: str


@dataclass
class Scripted:
    """Answers in turn; the last one stays."""

    url: str = ""
    answers: list[Callable[[], web.Response] | Callable[[], Awaitable[web.StreamResponse]]] = field(
        default_factory=list
    )
    asked: list[Asked] = field(default_factory=list)
    ports: list[int] = field(default_factory=list)
    """From which port each came, which tells connections apart."""

    def script(self, *answers: Any) -> None:
        self.answers[:] = answers

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.text()
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.ports.append(request.transport.get_extra_info("peername")[1] if request.transport else 0)
        self.asked.append(Asked(request.method, request.path, dict(request.query), headers, body))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        made = answer()
        return made if isinstance(made, web.StreamResponse) else await made


@asynccontextmanager
async def scripted() -> AsyncIterator[Scripted]:
    fake = Scripted()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", fake.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    fake.url = f"http://{host}:{port}"
    try:
        yield fake
    finally:
        await runner.cleanup()


def settings(url: str, **more: Any) -> Settings:
    """Settings of the realm playstation with every host at `url`."""
    hosts = ("account_url", "mobile_url", "web_url", "dms_url", "profile_url", "party_link_url", "push_url")
    urls = dict.fromkeys(hosts, url)
    psn = PsnSettings(realm="playstation", push_socket_url="ws://{fqdn}", **{"calls_per_s": 1000.0, **urls, **more})
    return Settings(psn=psn)


def source(made: Settings, home: Any) -> EndpointSource:
    return EndpointSource(made, Paths(home))


def json_answer(status: int, body: Any, headers: dict[str, str] | None = None) -> Callable[[], web.Response]:
    return lambda: web.json_response(body, status=status, headers=headers)


class Tokens:
    """Gives out token-1; the one after a rejection is token-2, and so on."""

    def __init__(self) -> None:
        self.number = 1
        self.rejected: list[str] = []

    async def token(self, rejected: str = "") -> Token:
        if rejected:
            self.rejected.append(rejected)
            self.number += 1
        return Token(access_token=f"token-{self.number}", account_id="1", duid="", expires_at=9e9)
