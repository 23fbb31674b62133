"""Tokens end, and sign-ins are refused."""

from __future__ import annotations

import time

from simulator.scenarios.base import TOKEN, Scenario
from simulator.shared.faults import Fault
from simulator.world import World

AUTHORIZE = "/account/api/authz/v3/oauth/authorize"
_REFRESH = "grant_type=refresh_token"
SHORT_LIFE_S = 4.0


def _expire(world: World) -> None:
    world.tokens.expire_all(time.time())


def _shorten(world: World) -> None:
    world.tokens.life_s = SHORT_LIFE_S
    _expire(world)


SIGN_IN: dict[str, Scenario] = {
    "tokens-expired": Scenario("every access token ends now; refresh tokens stay good", act=_expire),
    "short-tokens": Scenario(f"access tokens live {SHORT_LIFE_S:g} s, until `calm`", act=_shorten),
    "refresh-refused": Scenario(
        "tokens end now, and refresh tokens are refused for good (invalid_grant), until `calm`",
        (
            Fault(
                path=TOKEN,
                status=400,
                times=0,
                contains=_REFRESH,
                oauth_error="invalid_grant",
                message="Invalid refresh token",
            ),
        ),
        _expire,
    ),
    "refresh-500s": Scenario(
        "tokens end now, and the next three refreshes meet 500",
        (Fault(path=TOKEN, status=500, times=3, contains=_REFRESH),),
        _expire,
    ),
    "code-used": Scenario(
        "the next authorisation code is refused (invalid_grant), as one that was used",
        (
            Fault(
                path=TOKEN,
                status=400,
                contains="grant_type=authorization_code",
                oauth_error="invalid_grant",
                message="Invalid authorization code",
            ),
        ),
    ),
    "signed-out": Scenario(
        "the sign-in page knows no NPSSO (login_required), once",
        (
            Fault(
                path=AUTHORIZE,
                status=302,
                headers={"Location": "/account/signin/?error=login_required&error_code=4165"},
            ),
        ),
    ),
    "sign-in-429": Scenario(
        "the sign-in page answers 429 with Retry-After: 30, once",
        (Fault(path=AUTHORIZE, status=429, html=True, headers={"Retry-After": "30"}),),
    ),
}
