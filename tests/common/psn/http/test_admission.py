"""The pace, rate limits and blocks, over a real server."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiohttp import web

from common.psn import errors
from common.psn.http import refusals
from common.psn.http.client import Call, PsnClient
from tests.common.psn.http.server import Scripted, Tokens, json_answer, settings, source
from tests.support.waiting import until

GET = Call("GET", "mobile", "/api/thing")
OK = json_answer(200, {"fine": True})


async def test_a_short_rate_limit_is_waited_for_and_a_long_one_stops_further_calls(
    fake: Scripted, client: PsnClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusals, "LEAST_S", 0.0)
    fake.script(json_answer(429, {}, {"Retry-After": "0"}), OK)
    await client.call(GET)
    fake.script(json_answer(429, {}, {"Retry-After": "900"}), OK)
    with pytest.raises(errors.RateLimitedError) as caught:
        await client.call(GET)
    assert caught.value.retry_after == 900
    asked = len(fake.asked)
    with pytest.raises(errors.RateLimitedError):
        await client.call(GET)
    assert len(fake.asked) == asked
    await client.call(Call("DELETE", "mobile", "/me", urgent=True))
    assert len(fake.asked) == asked + 1


async def test_the_page_that_says_we_are_blocked_stops_every_further_call(fake: Scripted, client: PsnClient) -> None:
    fake.script(lambda: web.Response(status=403, text="<html>Access Denied</html>", content_type="text/html"), OK)
    for call in (GET, GET, Call("DELETE", "mobile", "/me", urgent=True)):
        with pytest.raises(errors.BlockedError):
            await client.call(call)
    assert len(fake.asked) == 1


async def test_the_pace_holds_a_burst_back(fake: Scripted, home: Path) -> None:
    made = settings(fake.url, call_burst=2, calls_per_s=1 / 3600)
    client = PsnClient(made.psn, source(made, home), Tokens())
    fake.script(OK)
    await client.call(GET)
    await client.call(GET)
    held = asyncio.create_task(client.call(GET))
    await client.call(Call("DELETE", "mobile", "/me", urgent=True))
    assert not held.done()
    assert [asked.method for asked in fake.asked] == ["GET", "GET", "DELETE"]
    held.cancel()
    await asyncio.gather(held, return_exceptions=True)
    await client.close()


async def test_answers_leave_a_part_of_the_pace_to_everything_else(fake: Scripted, home: Path) -> None:
    made = settings(fake.url, call_burst=6, calls_per_s=1 / 3600)
    client = PsnClient(made.psn, source(made, home), Tokens())
    fake.script(OK)
    there = True
    answer = Call("POST", "mobile", "/api/answer", yields=True, still=lambda: there)
    answers = [asyncio.create_task(client.call(answer)) for _ in range(20)]
    await until(lambda: sum(task.done() for task in answers) >= 4, "four answers are through")
    await client.call(GET)
    await client.call(GET)
    assert [asked.method for asked in fake.asked] == ["POST"] * 4 + ["GET"] * 2
    for task in answers:
        task.cancel()
    await asyncio.gather(*answers, return_exceptions=True)
    await client.close()
