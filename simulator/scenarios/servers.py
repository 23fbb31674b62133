"""The servers fail, limit the rate or block the client."""

from __future__ import annotations

from simulator.facts import account, rests_on
from simulator.scenarios.base import MOBILE, PARTIES, SERVERADDR, TOKEN, Scenario
from simulator.shared.faults import Fault

LIST = "/mobile/api/sessionManager/v2/sys/gameBase/parties/"
REVOKED = 0x80030033
TOO_OLD = 2265230
"""Made up [open]."""


@rests_on(account.REVOKED)
def session_revoked() -> Scenario:
    return Scenario(
        "m.np answers 401 with 0x80030033 to everything, until `calm`: the session was ended elsewhere",
        (Fault(path=MOBILE, status=401, times=0, code=REVOKED, message="Session revoked (0x80030033)"),),
    )


@rests_on(account.APP_TOO_OLD)
def app_too_old() -> Scenario:
    return Scenario(
        "m.np answers 426 to everything, until `calm`: this app version is too old",
        (Fault(path=MOBILE, status=426, times=0, code=TOO_OLD, message="Upgrade Required"),),
    )


SERVERS: dict[str, Scenario] = {
    "storms": Scenario(
        "each host answers 5xx to its next calls: 500, 502, 503",
        (
            Fault(path=MOBILE, status=500),
            Fault(path=MOBILE, status=502, html=True),
            Fault(path=MOBILE, status=503),
            Fault(path=SERVERADDR, status=503, times=2),
            Fault(path=TOKEN, status=500, times=2),
        ),
    ),
    "outage": Scenario(
        "sessionManager answers 503 to everything, until `calm`", (Fault(path=PARTIES, status=503, times=0),)
    ),
    "cut": Scenario(
        "the next three calls to m.np are cut off without an answer", (Fault(path=MOBILE, cut=True, times=3),)
    ),
    "slow": Scenario("the next five answers of m.np take two seconds", (Fault(path=MOBILE, delay_s=2.0, times=5),)),
    "not-json": Scenario(
        "the list of parties is a page with status 200, once", (Fault(path=LIST, status=200, html=True),)
    ),
    "rate-limited": Scenario(
        "m.np answers 429 with Retry-After: 2, once",
        (Fault(path=MOBILE, status=429, headers={"Retry-After": "2"}, message="Too Many Requests"),),
    ),
    "rate-limited-next-available": Scenario(
        "m.np answers 429 with X-RateLimit-Next-Available in 3 s, once",
        (Fault(path=MOBILE, status=429, next_available_s=3.0, message="Too Many Requests"),),
    ),
    "rate-limited-bare": Scenario(
        "m.np answers 429 without saying until when, once",
        (Fault(path=MOBILE, status=429, message="Too Many Requests"),),
    ),
    "rate-limited-long": Scenario(
        "m.np answers 429 with Retry-After: 600, once",
        (Fault(path=MOBILE, status=429, headers={"Retry-After": "600"}, message="Too Many Requests"),),
    ),
    "blocked": Scenario(
        "m.np answers 403 with a page to everything, until `calm`: this address is blocked",
        (Fault(path=MOBILE, status=403, html=True, times=0),),
    ),
}

CLIENT_REFUSED: dict[str, Scenario] = {
    "session-revoked": session_revoked(),
    "app-too-old": app_too_old(),
}
