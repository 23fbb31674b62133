from __future__ import annotations

import asyncio

import pytest

from common.errors import SignInError
from common.psn.errors import UnauthorizedError, UnreachableError
from common.psn.http.client import fingerprint
from tests.workers.auth.parts import NOW, Parts
from tests.workers.auth.sign_in.test_refresh_schedule import tokens
from workers.auth.sign_in.refresh_schedule import FORCED_LIMIT

REJECTED = fingerprint("a-secret")


async def test_a_valid_token_costs_no_call() -> None:
    parts = await Parts(tokens()).loaded()
    token = await parts.issuer.token("")
    assert (token.access_token, token.duid, token.expires_at) == ("a-secret", "d" * 64, NOW + 3599)
    assert not parts.host.calls


async def test_an_expired_token_is_replaced_and_a_failure_is_not_repeated_for_each_request() -> None:
    parts = await Parts(tokens()).loaded()
    parts.now = NOW + 3600
    parts.host.fault = UnreachableError("gone")
    for _ in range(3):
        with pytest.raises(UnreachableError):
            await parts.issuer.token("")
    assert parts.host.calls == ["refresh"]
    parts.host.fault = None
    parts.clock.now = 100
    assert (await parts.issuer.token("")).access_token == "a-2"


async def test_a_server_that_refuses_every_token_is_asked_a_few_times_only() -> None:
    parts = await Parts(tokens()).loaded()
    rejected = REJECTED
    for _ in range(FORCED_LIMIT):
        rejected = fingerprint((await parts.issuer.token(rejected)).access_token)
    with pytest.raises(UnauthorizedError):
        await parts.issuer.token(rejected)
    assert len(parts.host.calls) == FORCED_LIMIT


async def test_all_who_were_refused_share_one_refresh() -> None:
    parts = await Parts(tokens()).loaded()
    found = await asyncio.gather(*(parts.issuer.token(REJECTED) for _ in range(FORCED_LIMIT + 3)))
    assert {token.access_token for token in found} == {"a-1"}
    assert parts.host.calls == ["refresh"]


async def test_while_a_refresh_runs_a_request_waits_for_its_token() -> None:
    parts = await Parts(tokens()).loaded()
    answer = asyncio.Event()
    parts.host.before_answer = answer.wait
    refresh = asyncio.create_task(parts.refresher.refresh())
    await asyncio.sleep(0)
    request = asyncio.create_task(parts.issuer.token(""))
    await asyncio.sleep(0)
    assert not request.done()
    answer.set()
    assert (await asyncio.wait_for(request, 5)).access_token == "a-1"
    await refresh


async def test_without_a_sign_in_the_latest_error_is_raised() -> None:
    parts = await Parts().loaded()
    with pytest.raises(SignInError, match="Nobody"):
        await parts.issuer.token("")
    parts.sign_in.record_failure(UnreachableError("gone"))
    with pytest.raises(UnreachableError):
        await parts.issuer.token("")
