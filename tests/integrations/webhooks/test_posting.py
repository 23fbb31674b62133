"""Requests to real receivers on loopback: what they get, and what a hostile one may do."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import structlog
from aiohttp import web
from standardwebhooks import Webhook as Checker

from common.config.integration_tables import Webhook
from common.log import logs
from integrations.webhooks import posting
from integrations.webhooks.bodies import body
from integrations.webhooks.delivery import HookDelivery
from integrations.webhooks.occurrences import HookEvent
from integrations.webhooks.posting import HookMessage, opened
from tests.support.processes import free_port
from tests.support.waiting import until

SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
EVENT = HookEvent("member.joined", time.time(), {"member": {"name": "Bö"}}, "Bö joined.")
MESSAGE = HookMessage("msg_1", body("json", [EVENT]))


@contextlib.asynccontextmanager
async def receiver(handle: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AsyncIterator[str]:
    """Yield the address of a server that handles all requests so."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield "http://127.0.0.1:{}".format(*site._server.sockets[0].getsockname()[1:2])
    finally:
        await runner.cleanup()


async def test_a_receiver_gets_a_signed_body_that_it_can_check() -> None:
    got = []

    async def handle(request: web.Request) -> web.Response:
        got.append((request.method, request.path_qs, dict(request.headers), await request.read()))
        return web.Response(status=204)

    async with receiver(handle) as base, opened(Webhook(url=f"{base}/in?to=a%2Fb", secret=SECRET)) as post:
        assert (await post(MESSAGE)).do == "done"
    ((method, path, headers, content),) = got
    assert (method, path) == ("POST", "/in?to=a/b")
    assert headers["Content-Type"] == "application/json"
    assert Checker(SECRET).verify(content, headers) == json.loads(MESSAGE.content)
    assert "Cookie" not in headers


async def test_a_redirect_is_not_followed_and_a_cookie_not_kept() -> None:
    paths = []

    async def handle(request: web.Request) -> web.Response:
        paths.append((request.path, request.headers.get("Cookie")))
        answer = web.Response(status=302, headers={"Location": "/elsewhere"})
        answer.set_cookie("who", "partyline")
        return answer

    async with receiver(handle) as base, opened(Webhook(url=f"{base}/in")) as post:
        assert "redirect" in (await post(MESSAGE)).words
        await post(MESSAGE)
    assert paths == [("/in", None), ("/in", None)]


async def test_an_endless_answer_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "ANSWER_S", 30.0)
    sent = 0

    async def handle(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        answer = web.StreamResponse()
        await answer.prepare(request)
        with contextlib.suppress(ConnectionError):
            while True:
                await answer.write(b"x" * 65536)
                sent += 65536
        return answer

    async with receiver(handle) as base, opened(Webhook(url=base)) as post:
        async with asyncio.timeout(20):
            assert (await post(MESSAGE)).do == "done"
    assert sent < 20_000_000


async def test_a_receiver_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "ANSWER_S", 0.2)
    release = asyncio.Event()

    async def handle(_: web.Request) -> web.Response:
        await release.wait()
        return web.Response()

    async with receiver(handle) as base, opened(Webhook(url=base)) as post:
        verdict = await post(MESSAGE)
        release.set()
    assert (verdict.do, verdict.words) == ("later", "The receiver does not answer in time.")


async def test_a_receiver_that_is_not_there_is_told_and_no_token_of_the_address_is(
    capsys: pytest.CaptureFixture,
) -> None:
    logs.setup("webhooks", "debug")
    base = f"http://planted-user:planted-password@127.0.0.1:{free_port()}"
    url = f"{base}/api/webhooks/123456789/planted-token?k=planted-query"
    delivery = HookDelivery("lights", Webhook(url=url, secret=SECRET))
    running = asyncio.create_task(delivery.run())
    try:
        delivery.put(EVENT)
        said = ""

        def told() -> bool:
            nonlocal said
            said += capsys.readouterr().err
            return "tries again" in said

        await until(told, "it is told")
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        structlog.reset_defaults()
    assert "planted" not in said
    assert SECRET not in said
    assert '"webhook": "lights"' in said
    assert "planted" not in logs.redact(f"{url} planted-token planted-password k=planted-query")


async def test_a_dead_receiver_delays_no_other() -> None:
    got = asyncio.Event()

    async def handle(_: web.Request) -> web.Response:
        got.set()
        return web.Response()

    async with receiver(handle) as base:
        dead = HookDelivery("dead", Webhook(url=f"http://127.0.0.1:{free_port()}"))
        well = HookDelivery("well", Webhook(url=base))
        tasks = [asyncio.create_task(one.run()) for one in (dead, well)]
        try:
            for one in (dead, well):
                one.put(EVENT)
            async with asyncio.timeout(30):
                await got.wait()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
