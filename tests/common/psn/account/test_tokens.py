from __future__ import annotations

import pytest

from common.errors import BusUnreachableError
from common.psn.account.tokens import BusTokens
from common.psn.http.client import fingerprint
from common.requests import AccessToken, Token


class Auth:
    def __init__(self) -> None:
        self.asked: list[str] = []
        self.life = 3600.0
        self.away = False
        self.now = 1000.0

    async def ask(self, request: AccessToken) -> Token:
        if self.away:
            raise BusUnreachableError("nobody")
        self.asked.append(request.rejected)
        return Token(access_token=f"t{len(self.asked)}", account_id="1", duid="", expires_at=self.now + self.life)


@pytest.fixture
def auth() -> Auth:
    return Auth()


@pytest.fixture
def tokens(auth: Auth) -> BusTokens:
    return BusTokens(auth.ask, lambda: auth.now)


async def test_auth_is_asked_once_while_the_token_lasts(auth: Auth, tokens: BusTokens) -> None:
    assert {(await tokens.token()).access_token for _ in range(3)} == {"t1"}
    auth.now += 3580
    assert (await tokens.token()).access_token == "t2"


async def test_a_refused_token_is_named_to_auth_and_an_old_refusal_is_not(auth: Auth, tokens: BusTokens) -> None:
    await tokens.token()
    assert (await tokens.token(fingerprint("t1"))).access_token == "t2"
    assert (await tokens.token(fingerprint("t1"))).access_token == "t2"
    assert auth.asked == ["", fingerprint("t1")]


async def test_a_kept_token_serves_on_while_auth_is_away_until_its_end(auth: Auth, tokens: BusTokens) -> None:
    await tokens.token()
    auth.away = True
    auth.now += 3590
    assert (await tokens.token()).access_token == "t1"
    with pytest.raises(BusUnreachableError):
        await tokens.token(fingerprint("t1"))
    auth.now += 20
    with pytest.raises(BusUnreachableError):
        await tokens.token()


async def test_a_token_that_auth_has_renewed_is_asked_for_before_a_server_refuses_the_old_one(
    auth: Auth, tokens: BusTokens
) -> None:
    kept = await tokens.token()
    tokens.renewed(kept.expires_at)
    tokens.renewed(0.0)
    assert (await tokens.token()).access_token == "t1"
    auth.now += 10
    tokens.renewed(auth.now + auth.life)
    auth.away = True
    assert (await tokens.token()).access_token == "t1"
    auth.away = False
    assert (await tokens.token()).access_token == "t2"
    assert (await tokens.token()).access_token == "t2"


async def test_a_token_with_a_minute_left_is_asked_for_again_and_one_with_more_is_not(
    auth: Auth, tokens: BusTokens
) -> None:
    auth.life = 60.5
    assert {(await tokens.token()).access_token for _ in range(2)} == {"t1"}
    auth.now += 0.5
    assert (await tokens.token()).access_token == "t2"


async def test_a_token_serves_to_its_last_moment_and_not_in_it(auth: Auth, tokens: BusTokens) -> None:
    kept = await tokens.token()
    auth.away = True
    auth.now = kept.expires_at - 0.5
    assert (await tokens.token()).access_token == "t1"
    auth.now = kept.expires_at
    with pytest.raises(BusUnreachableError):
        await tokens.token()


async def test_the_refusal_of_a_token_that_is_not_kept_is_no_news_to_auth(auth: Auth, tokens: BusTokens) -> None:
    await tokens.token("of before a restart")
    auth.now += 3590
    await tokens.token("of another token")
    assert auth.asked == ["of before a restart", ""]


async def test_a_dropped_token_is_asked_for_again(auth: Auth, tokens: BusTokens) -> None:
    await tokens.token()
    tokens.drop()
    assert tokens.kept is None
    assert (await tokens.token()).access_token == "t2"
