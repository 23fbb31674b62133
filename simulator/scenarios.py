"""Named scenarios of failures that real users of such clients met, for manual runs and tests."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from simulator.facts import account, rests_on
from simulator.shared.faults import Fault
from simulator.world import World

TOKEN = "/account/api/authz/v3/oauth/token"  # noqa: S105  # a path
AUTHORIZE = "/account/api/authz/v3/oauth/authorize"
SERVERADDR = "/pushcl/np/serveraddr"
SOCKET = "/np/pushNotification"
MOBILE = "/mobile/"
PARTIES = "/mobile/api/sessionManager/v2/"
LIST = "/mobile/api/sessionManager/v2/sys/gameBase/parties/"
_REFRESH = "grant_type=refresh_token"
VIEW = "/mobile/api/sessionManager/v2/partySessions"
SHORT_LIFE_S = 4.0
REVOKED = 0x80030033
TOO_OLD = 2265230
"""Made up [open]."""


def _nothing(_: World) -> None:
    return None


@dataclass(frozen=True)
class Scenario:
    """A scenario adds its `faults`, then calls `act`."""

    words: str
    """Description, for --help."""
    faults: tuple[Fault, ...] = ()
    act: Callable[[World], None] = _nothing

    def set_off(self, world: World) -> None:
        for fault in self.faults:
            world.faults.add(fault)
        self.act(world)


def close_push(world: World, code: int) -> int:
    """Close every push connection from outside and return their number."""
    found = [connection for connection in world.hub.connections() if not connection.permanent]
    for connection in found:
        connection.close(code)
    return len(found)


def _closing(code: int) -> Callable[[World], None]:
    def act(world: World) -> None:
        close_push(world, code)

    return act


def _expire(world: World) -> None:
    world.accounts.expire_access_tokens(time.time())


def _shorten(world: World) -> None:
    world.accounts.access_life_s = SHORT_LIFE_S
    _expire(world)


def _calm(world: World) -> None:
    world.faults.clear()
    world.moods.calm()
    world.accounts.access_life_s = world.options.access_life_s


def _deafen(world: World) -> None:
    world.moods.deaf_before = time.monotonic()


def _double(world: World) -> None:
    world.moods.doubled = True


def _shuffle(world: World) -> None:
    world.moods.shuffled = True


def _rename(world: World) -> None:
    world.moods.v1_names = True


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


def _lose(world: World) -> None:
    world.moods.losing += 1


def _slow_pongs(world: World) -> None:
    world.moods.late_pongs = True


def _silence(world: World) -> None:
    world.moods.silent = True


def _half_open(world: World) -> None:
    for connection in world.hub.connections():
        connection.dead = not connection.permanent


def _refuse_1003(world: World) -> None:
    world.moods.refuse_1003, world.moods.retry_interval_s = 1, 5
    close_push(world, 1001)


def _refuse_1007(world: World) -> None:
    world.moods.refuse_1007 = 1


def _living(seconds: float) -> Callable[[World], None]:
    def act(world: World) -> None:
        world.moods.lives_s = seconds

    return act


SCENARIOS: dict[str, Scenario] = {
    "calm": Scenario("end every fault and mood", act=_calm),
    # the servers
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
    # rates
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
    # the push channel
    "push-refused-3.0": Scenario(
        "protocol 3.0 is refused, the open channels are closed, until `calm`",
        (
            Fault(path=SERVERADDR, status=400, times=0, contains="version=3.0"),
            Fault(path=SOCKET, status=400, times=0, contains="X-PSN-PROTOCOL-VERSION: 3.0"),
        ),
        _closing(1001),
    ),
    "push-dropped": Scenario("every push channel is closed in the middle of things", act=_closing(1001)),
    "push-away": Scenario(
        "every push channel is closed, and the next three tries to open one meet 503",
        (Fault(path=SOCKET, status=503, times=3),),
        _closing(1001),
    ),
    "push-refused": Scenario(
        "every push channel is closed, and none is opened any more (403), until `calm`",
        (Fault(path=SOCKET, status=403, times=0),),
        _closing(1001),
    ),
    "push-auth-refused": Scenario(
        "every push channel is closed, and the first frame (1003) of new ones is refused, until `calm`",
        act=_refuse_1003,
    ),
    "push-status-refused": Scenario("voice chat (1007) is refused on push channels, until `calm`", act=_refuse_1007),
    "push-reset": Scenario("push channels are reset as soon as they are open, until `calm`", act=_living(0.0)),
    "push-lives-6s": Scenario("push channels are closed when they are 6 s old, until `calm`", act=_living(6.0)),
    "push-lives-30s": Scenario("push channels are closed when they are 30 s old, until `calm`", act=_living(30.0)),
    "push-silent": Scenario(
        "push channels are accepted, and nothing is said on them: no answer, no pong, no event; until `calm`",
        act=_silence,
    ),
    "push-half-open": Scenario(
        "the open push channels are dead, and nobody is told: as when a computer slept", act=_half_open
    ),
    "push-server-away": Scenario(
        "neither serveraddr nor a push server answers (503), until `calm`",
        (Fault(path=SERVERADDR, status=503, times=0), Fault(path=SOCKET, status=503, times=0)),
        _closing(1001),
    ),
    "pongs-late": Scenario("pongs take three quarters of the time that they have, until `calm`", act=_slow_pongs),
    "event-lost": Scenario("the next numbered push event is lost for good", act=_lose),
    "pong-lost": Scenario("the open push channels answer no ping any more", act=_deafen),
    "close-4101": Scenario("every push channel is closed with code 4101", act=_closing(4101)),
    "close-65535": Scenario("every push channel is closed with code 65535", act=_closing(65535)),
    "events-shuffled": Scenario("push events that come together change places, until `calm`", act=_shuffle),
    "events-doubled": Scenario("every push event comes twice, until `calm`", act=_double),
    "v1-names": Scenario("push events carry their names of 2020 (sys:pts:…), until `calm`", act=_rename),
    # sign-in
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
    # parties
    "message-refused": Scenario(
        "the next customMessage is refused: 400 Bad Request (body: null)",
        (
            Fault(
                path=PARTIES, method="POST", contains="/customMessage", status=400, message="Bad Request (body: null)"
            ),
        ),
    ),
    "join-refused": Scenario(
        "the next join is refused: 403",
        (Fault(path=PARTIES, method="POST", contains="/members ", status=403, message="Forbidden"),),
    ),
    "leave-500s": Scenario(
        "the next two leave calls meet 500", (Fault(path=PARTIES, method="DELETE", status=500, times=2),)
    ),
    "view-unreadable": Scenario(
        "the next three views of a party are no JSON",
        (Fault(path=VIEW, method="GET", contains="view=v3", status=200, html=True, times=3),),
    ),
    "view-refused": Scenario(
        "the next three views of a party are refused: 400",
        (Fault(path=VIEW, method="GET", contains="view=v3", status=400, times=3, message="Bad Request (body: null)"),),
    ),
    "session-revoked": session_revoked(),
    "app-too-old": app_too_old(),
}


def overview() -> str:
    """Return the scenarios, one per line, for --help."""
    width = max(map(len, SCENARIOS))
    return "\n".join(f"  {name:<{width}}  {scenario.words}" for name, scenario in SCENARIOS.items())
