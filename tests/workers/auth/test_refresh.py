"""auth against an account host that fails in every way it may."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiohttp import web

from common.errors import PartylineError, SignInError
from common.messages import AuthState
from common.psn.http.client import fingerprint
from common.requests import AccessToken, SignIn, Token
from tests.common.psn.http.server import Asked, Scripted, scripted
from tests.common.psn.rig import Rig, rig

NPSSO = "aB3" * 21 + "x"
ACCOUNT = "1234567890123456789"


def jwt(number: int) -> str:
    claims = base64.urlsafe_b64encode(json.dumps({"account_id": ACCOUNT, "n": number}).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJub25lIn0.{claims}.sig"


class AccountHost:
    """Gives codes and tokens; `fault` is what the token endpoint answers instead, while it is set."""

    def __init__(self, server: Scripted) -> None:
        self.server = server
        self.given = 0
        self.life = 3599
        self.fault: tuple[int, dict[str, Any]] | None = None
        server.script(self.answer)

    def answer(self) -> web.Response:
        asked = self.server.asked[-1]
        if asked.path.endswith("/authorize"):
            location = "com.scee.psxandroid.scecompcall://redirect?code=v3.abcdef"
            return web.Response(status=302, headers={"Location": location})
        if asked.path.endswith("/token"):
            return self.token()
        return web.json_response({"onlineId": "Ada-Plays"})

    def token(self) -> web.Response:
        if self.fault is not None:
            return web.json_response(self.fault[1], status=self.fault[0])
        self.given += 1
        return web.json_response(
            {
                "access_token": jwt(self.given),
                "expires_in": self.life,
                "refresh_token": f"refresh-{self.given}",
                "refresh_token_expires_in": 864_000,
            }
        )

    def asked(self) -> list[Asked]:
        return [asked for asked in self.server.asked if asked.path.endswith("/token")]

    def env(self) -> dict[str, str]:
        hosts = ("account", "mobile", "web", "dms", "profile", "party_link", "push")
        urls = {f"PARTYLINE_PSN__{host.upper()}_URL": self.server.url for host in hosts}
        return {
            **urls,
            "PARTYLINE_PSN__REALM": "playstation",
            "PARTYLINE_PSN__RETRIES": "1",
            "PARTYLINE_PSN__BACKOFF_MAX_S": "0.5",
            "PARTYLINE_AUTH__STORE": "file",
        }


@pytest.fixture
async def host() -> AsyncIterator[AccountHost]:
    async with scripted() as server:
        yield AccountHost(server)


@pytest.fixture
async def made(home: Path, host: AccountHost) -> AsyncIterator[Rig]:
    async with rig(home) as up:
        up.up("broker")
        up.up("auth", env=host.env())
        await up.bus.request(SignIn(pasted=NPSSO), 40)
        yield up


async def token(made: Rig, rejected: str = "") -> Token:
    return await made.bus.request(AccessToken(rejected=fingerprint(rejected) if rejected else ""), 30)


async def test_a_sign_in_asks_as_the_app_does(made: Rig, host: AccountHost) -> None:
    authorize = next(asked for asked in host.server.asked if asked.path.endswith("/authorize"))
    assert authorize.headers["cookie"] == f"npsso={NPSSO}"
    assert authorize.query["response_type"] == "code"
    (asked,) = host.asked()
    form = {key: values[0] for key, values in parse_qs(asked.body).items()}
    assert form["grant_type"] == "authorization_code"
    assert (form["code"], form["token_format"]) == ("v3.abcdef", "jwt")
    assert asked.headers["x-psn-correlation-id"] == form["cid"]
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    basic = base64.b64decode(asked.headers["authorization"].removeprefix("Basic ")).decode()
    assert basic.startswith("09515159-7237-4370-9b40-3806e67c0891:")
    await made.until(lambda: made.now(AuthState).account_id == ACCOUNT, "it is said who we are")  # type: ignore[union-attr]


async def test_a_passing_fault_keeps_the_sign_in_and_a_rotated_token_is_used_next(made: Rig, host: AccountHost) -> None:
    host.fault = (503, {})
    with pytest.raises(PartylineError):
        await token(made, jwt(1))
    assert (await token(made)).access_token == jwt(1)
    host.fault = None
    assert (await token(made, jwt(1))).access_token == jwt(2)
    assert (await token(made, jwt(2))).access_token == jwt(3)
    used = [parse_qs(asked.body)["refresh_token"][0] for asked in host.asked()[1:]]
    assert used == ["refresh-1", "refresh-1", "refresh-2"]
    made.again("auth", env=host.env())
    assert (await token(made)).access_token == jwt(3)


async def test_invalid_grant_is_final_said_with_a_remedy_and_never_repeated(made: Rig, host: AccountHost) -> None:
    host.fault = (400, {"error": "invalid_grant", "error_description": "Invalid refresh token", "error_code": 4159})
    with pytest.raises(SignInError, match=r"has ended.*Invalid refresh token") as refused:
        await token(made, jwt(1))
    assert refused.value.code == "auth.sign-in"
    assert "partyline login" in refused.value.remedy
    problem = await made.until(lambda: made.problems().get("auth.expired"), "the person hears of it")
    assert "login" in problem.remedy
    await made.until(lambda: made.now(AuthState).state == "expired", "it is said")  # type: ignore[union-attr]
    asked = len(host.asked())
    for _ in range(3):
        with pytest.raises(SignInError):
            await token(made, jwt(1))
    made.again("auth", env=host.env())
    await made.until(lambda: made.all(AuthState)[-1].state == "expired", "it is still so after a restart")
    assert len(host.asked()) == asked
    host.fault = None
    await made.bus.request(SignIn(pasted=NPSSO), 30)
    await made.until(lambda: "auth.expired" not in made.problems(), "a new sign-in ends it")


async def test_a_short_token_is_renewed_by_itself_before_its_end(home: Path, host: AccountHost) -> None:
    host.life = 4
    async with rig(home) as up:
        up.up("broker")
        up.up("auth", env=host.env())
        await up.bus.request(SignIn(pasted=NPSSO), 40)
        await up.until(lambda: host.given >= 3, "it is renewed twice without being asked")
        assert {state.state for state in up.all(AuthState)} <= {"signed_out", "signed_in", "refreshing"}


async def test_one_refresh_serves_all_who_ask_at_once(made: Rig, host: AccountHost) -> None:
    answers = await asyncio.gather(*(token(made, jwt(1)) for _ in range(8)))
    assert {answer.access_token for answer in answers} == {jwt(2)}
    assert len(host.asked()) == 2


@pytest.mark.parametrize(
    "answer",
    [
        {"body": b"no gzip", "headers": {"Content-Encoding": "gzip"}},
        {"text": '{"access_token": "a.b.c", "expires_in": 1' + "0" * 400 + "}"},
        {"text": '{"access_token": "a.b.c", "expires_in": true}'},
        {"text": "[" * 100_000},
    ],
)
async def test_an_answer_that_cannot_be_read_is_a_passing_fault_with_a_wait(
    made: Rig, host: AccountHost, answer: dict[str, Any]
) -> None:
    def spoilt() -> web.Response:
        return web.Response(**answer)

    host.token = spoilt  # type: ignore[method-assign]
    for _ in range(2):
        with pytest.raises(PartylineError):
            await token(made, jwt(1))
    await made.until(made.problems, "it is said")
    assert made.processes["auth"].popen.poll() is None
    assert "Traceback" not in made.processes["auth"].output
    del host.token
    assert (await token(made, jwt(1))).access_token == jwt(2)
    await made.until(lambda: not made.problems(), "it is over")
