"""The push channel fails."""

from __future__ import annotations

import time
from collections.abc import Callable

from simulator.scenarios.base import SERVERADDR, SOCKET, Scenario
from simulator.shared.faults import Fault
from simulator.world import World


def close_push(world: World, code: int) -> int:
    """Close every push connection from outside and return their number."""
    found = [connection for connection in world.push.connections() if not connection.permanent]
    for connection in found:
        connection.close(code)
    return len(found)


def _closing(code: int) -> Callable[[World], None]:
    def act(world: World) -> None:
        close_push(world, code)

    return act


def _deafen(world: World) -> None:
    world.push_faults.deaf_before = time.monotonic()


def _double(world: World) -> None:
    world.push_faults.doubled = True


def _shuffle(world: World) -> None:
    world.push_faults.shuffled = True


def _rename(world: World) -> None:
    world.push_faults.v1_names = True


def _lose(world: World) -> None:
    world.push_faults.losing += 1


def _slow_pongs(world: World) -> None:
    world.push_faults.late_pongs = True


def _silence(world: World) -> None:
    world.push_faults.silent = True


def _half_open(world: World) -> None:
    for connection in world.push.connections():
        connection.dead = not connection.permanent


def _refuse_1003(world: World) -> None:
    world.push_faults.refuse_1003, world.push_faults.retry_interval_s = 1, 5
    close_push(world, 1001)


def _refuse_1007(world: World) -> None:
    world.push_faults.refuse_1007 = 1


def _living(seconds: float) -> Callable[[World], None]:
    def act(world: World) -> None:
        world.push_faults.lives_s = seconds

    return act


PUSH: dict[str, Scenario] = {
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
}
