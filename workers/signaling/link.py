"""The push link's decisions, without sockets or clock: which server, which protocol, how long to wait, is it dead.

Moving to a fresh server while in a party made the back end drop the party [one]: a lost link is tried on
the same server first, with X-PSN-RECONNECTION true. Protocol 2.1 stands in where 3.0 is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

SAME_SERVER_TRIES = 3
"""Failed tries on the server we know before another one is asked for."""
QUICK_S = 5.0
"""A link that did not live so long never really worked."""
QUICK_LIMIT = 2
FIRST_WAIT_S = 0.2


class Failure(Enum):
    """Why a try or a link ended."""

    LOST = "lost"
    """The link was there and went: closed, reset, or dead by the keep-alive."""
    UNREACHABLE = "unreachable"
    """Nobody answers at that address, or with a fault of its own."""
    REFUSED = "refused"
    """The server answers, and does not want us like this (4xx other than 401)."""
    UNAUTHORIZED = "unauthorized"


@dataclass(frozen=True)
class KeepAlive:
    """Seconds."""

    interval_s: float = 60.0
    timeout_s: float = 30.0


VOICE_CHAT = 3
IDLE = 6
KNOWN = {IDLE: KeepAlive(60.0, 30.0), VOICE_CHAT: KeepAlive(10.0, 10.0)}
"""What each status type asks for, as far as it is known [one]; the server's own word goes before."""


@dataclass(frozen=True)
class Server:
    """A push server as serveraddr named it."""

    fqdn: str
    keep_alive: KeepAlive
    kind: int = 0
    """The status type that the keep-alive was asked for (0: not known)."""


class KeepAlives:
    """How often to ping, by status type.

    A change of type needs no other connection, and moving servers in a party is risky [one]: so the server is told
    with the next connection only. Until then pings follow the stricter of both: of the type that the server was
    told, whose limits it holds us to, and of the one that is wanted now.
    """

    def __init__(self, override_s: float = 0.0) -> None:
        self._override_s = override_s
        self._learned: dict[int, KeepAlive] = {}

    def learned(self, server: Server) -> None:
        """Note what serveraddr asked for."""
        self._learned[server.kind] = server.keep_alive

    def of(self, server: Server, told: int, wanted: int) -> KeepAlive:
        """Return the keep-alive of a connection to `server` that was opened with type `told`."""
        both = [self._of_type(kind, server) for kind in (told, wanted)]
        interval = self._override_s or min(one.interval_s for one in both)
        return KeepAlive(interval, max(1.0, min(interval, *(one.timeout_s for one in both))))

    def _of_type(self, kind: int, server: Server) -> KeepAlive:
        if kind in self._learned:
            return self._learned[kind]
        return server.keep_alive if kind == server.kind else KNOWN.get(kind, server.keep_alive)


@dataclass(frozen=True)
class Plan:
    """The next try. `server` is None when serveraddr must be asked first."""

    server: Server | None
    protocol: str
    reconnection: bool
    wait_s: float


class Link:
    """Plans each try from how the earlier ones went."""

    def __init__(self, protocols: Sequence[str], *, backoff_max_s: float, known: Server | None = None) -> None:
        self._protocols = tuple(dict.fromkeys(p for p in protocols if p))
        self._protocol = 0
        self._backoff_max_s = backoff_max_s
        self._server = known
        self._reconnection = known is not None
        self._failures = 0
        self._server_failures = 0
        self._quick = 0
        self._wait_bounds = (0.0, backoff_max_s)

    @property
    def protocol(self) -> str:
        return self._protocols[self._protocol]

    def bounds(self, min_s: float, max_s: float) -> None:
        """Take over the server's own wish for the waits between tries (0: none)."""
        top = min(max_s, self._backoff_max_s) if max_s > 0 else self._backoff_max_s
        self._wait_bounds = (min(min_s, top), top)

    def plan(self, jitter: float) -> Plan:
        """Return the next try; `jitter` is within 0..1."""
        low, high = self._wait_bounds
        wait = 0.0
        if self._failures == 1:
            wait = FIRST_WAIT_S * (0.5 + jitter)
        elif self._failures > 1:
            wait = max(low, min(high, 0.5 * 2.0 ** min(self._failures - 1, 12))) * (0.5 + jitter / 2)
        return Plan(server=self._server, protocol=self.protocol, reconnection=self._reconnection, wait_s=wait)

    def named(self, server: Server) -> None:
        """Note serveraddr's answer."""
        self._server = server
        self._server_failures = 0
        self._reconnection = False

    def opened(self) -> None:
        """Note that the link is open."""
        self._reconnection = True
        self._server_failures = 0

    def refused_address(self) -> None:
        """Note that serveraddr refused this protocol."""
        self._failures += 1
        self._next_protocol()

    def failed(self, failure: Failure, lived_s: float) -> bool:
        """Note the end of a try or link; return whether the token should be doubted."""
        quick = lived_s < QUICK_S
        self._failures = self._failures + 1 if quick else 1
        self._quick = self._quick + 1 if failure is Failure.LOST and quick else 0
        self._server_failures += 1
        if failure is Failure.REFUSED:
            # A server that we remembered may just not know us any more: another one first, then another protocol.
            if not self._reconnection:
                self._next_protocol()
            self._forget()
        elif self._server_failures >= SAME_SERVER_TRIES:
            self._forget()
        if self._quick >= 2 * QUICK_LIMIT:
            self._quick = 0
            self._next_protocol()
            self._forget()
        return failure is Failure.UNAUTHORIZED or self._quick == QUICK_LIMIT

    def _next_protocol(self) -> None:
        self._protocol = (self._protocol + 1) % len(self._protocols)

    def _forget(self) -> None:
        self._server = None
        self._server_failures = 0
        self._reconnection = False


class Pulse:
    """When to ping, and when a missing pong means a dead link. `now` in seconds of one clock."""

    def __init__(self, keep_alive: KeepAlive, now: float) -> None:
        self._keep_alive = keep_alive
        self._next = now + keep_alive.interval_s
        self._awaited: float | None = None

    def due(self, now: float) -> bool:
        """Return whether to ping now, and count it as sent."""
        if now < self._next:
            return False
        self._next = now + self._keep_alive.interval_s
        if self._awaited is None:
            self._awaited = now + self._keep_alive.timeout_s
        return True

    def pong(self) -> None:
        self._awaited = None

    def change(self, keep_alive: KeepAlive, now: float) -> None:
        """Go on at another pace; a pong that is awaited stays so."""
        self._keep_alive = keep_alive
        self._next = min(self._next, now + keep_alive.interval_s)

    def dead(self, now: float) -> bool:
        return self._awaited is not None and now >= self._awaited

    def wait_s(self, now: float) -> float:
        """Return how long there is nothing to do."""
        return max(0.01, min(self._next, self._awaited or self._next) - now)
