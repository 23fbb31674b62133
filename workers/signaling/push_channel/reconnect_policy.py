"""The reconnect policy of the push channel: protocol, X-PSN-RECONNECTION, time of the next try. No sockets, no clock.

As the app does it [app]: the first try at once, then random(min…max) · 2^n seconds, 30 at most, less the time since the
loss. Unlike the app, this client reconnects at once after a first loss and with a refreshed token, tries once more
before the presence timeout, and waits longer after a few failures.
`common.psn.http.pace.Openings` limits what these waits do not, a process that is restarted again and again. Protocol
2.1 is the fallback if 3.0 is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from common.basic.bucket import Bucket
from workers.signaling.loss import Loss

# `benchmarks.party.push` shows what these values cost: at most 120 calls an hour in each pattern of failures.
APP_LONGEST_S = 30.0
"""The app never waits longer between two tries [app]."""
APP_RETRY_S = (120.0, 180.0)
"""The app's retry interval if the server names none [app]."""
APP_TRIES = 3
"""Number of waits as short as the app's. Later ones grow up to `SLOWER` times as long."""
SLOWER = 5.0
STEADY_S = 300.0
"""A connection that lived this long resets all failures before it. A shorter one resets one failure a minute."""
QUICK_S = 5.0
"""A connection that lived shorter never really worked."""
QUICK_LIMIT = 2
"""Consecutive such connections after which the token may be invalid. After twice as many, the protocol is changed."""
EXTRA_TRY_AT = 0.7
"""Share of `serverPresenceTimeout` within which an extra try is made. A longer absence loses the party."""
WORKED_S = 15.0
"""A connection that lived this long worked. Its loss is worth an extra try while `_extra_tries` has one left."""
EXTRA_TRIES_AT_ONCE, EXTRA_TRIES_PER_S = 10.0, 1 / 180.0
"""Ten extra tries, then one in 3 min."""
RENEWED_S = 60.0
"""After a connection that lived this long, a refused token costs no wait."""
LONGEST_RETRY_S = 900.0
"""The longest wait that a server may request (`retryInterval`)."""


class FailureKind(Enum):
    """Why a try or a connection ended."""

    LOST = "lost"
    """The connection was open and went: closed, reset, or dead by the keep-alive."""
    UNREACHABLE = "unreachable"
    """The server did not answer, or answered with a server error."""
    REFUSED = "refused"
    """The server answered and refused the request (4xx other than 401)."""
    UNAUTHORIZED = "unauthorized"
    """The server refused the token: a 401, or a returnCode other than 0 to our 1003."""


@dataclass(frozen=True)
class ConnectionEnd:
    """How a try or a connection ended."""

    failure: FailureKind
    words: str
    """A sentence."""
    retry_s: float = 0.0
    """The wait that the server requested."""
    paused: bool = False
    """Whether it was found dead after a pause of this machine. The next try then needs no wait."""


class ReconnectPolicy:
    """The plan of the next try from the earlier ones. `now` as in `Loss`, `jitter` within 0..1."""

    def __init__(self, protocols: Sequence[str], *, backoff_max_s: float, loss: Loss | None = None) -> None:
        self._protocols = tuple(dict.fromkeys(p for p in protocols if p))
        self._protocol = 0
        self._longest_s = min(APP_LONGEST_S, backoff_max_s)
        self._retry_interval = APP_RETRY_S
        self._failures = 0
        self._quick = 0
        self._may_renew = True
        self._extra_tries = Bucket(per_s=EXTRA_TRIES_PER_S, at_once=EXTRA_TRIES_AT_ONCE)
        self.loss = loss
        """None before the first connection, and while one is open."""
        self.next_at = 0.0
        """When to try next."""

    @property
    def protocol(self) -> str:
        return self._protocols[self._protocol]

    def is_reconnection(self, now: float) -> bool:
        """Return the value of X-PSN-RECONNECTION [app]."""
        return self.loss is not None and self.loss.within_presence(now)

    def set_retry_interval(self, min_s: float, max_s: float) -> None:
        """Set the server's retry interval in seconds (0 if it named none)."""
        if min_s > 0 or max_s > 0:
            self._retry_interval = (min_s, max(min_s, max_s))

    def record_open(self) -> None:
        """Record that the connection is open and accepted by the server."""
        self.loss = None

    def record_loss(self, loss: Loss) -> None:
        """Record when an open connection was lost. One that was never accepted does not count."""
        self.loss = loss

    def retry_now(self, now: float) -> None:
        """Retry at once, because this machine slept or has another network."""
        self._failures = 0
        self.next_at = min(self.next_at, now)

    def record_end(
        self, failure: FailureKind, now: float, *, lived_s: float = 0.0, retry_s: float = 0.0, jitter: float
    ) -> bool:
        """Record the end of a try or connection. Return whether the token may be invalid.

        `retry_s` is the wait that the server requested in its refusal.
        """
        self._failures = 0 if lived_s >= STEADY_S else max(0, self._failures - int(lived_s // 60))
        self._may_renew = self._may_renew or lived_s >= RENEWED_S
        wait = self._next_s(failure, now, jitter, worked=lived_s >= WORKED_S)
        self.next_at = now + max(wait, min(retry_s, LONGEST_RETRY_S))
        self._failures += 1
        quick = failure in (FailureKind.LOST, FailureKind.UNAUTHORIZED) and lived_s < QUICK_S
        self._quick = self._quick + 1 if quick else 0
        if failure is FailureKind.REFUSED or self._quick >= 2 * QUICK_LIMIT:
            self._quick = 0
            self._protocol = (self._protocol + 1) % len(self._protocols)
        return failure is FailureKind.UNAUTHORIZED or self._quick == QUICK_LIMIT

    def _next_s(self, failure: FailureKind, now: float, jitter: float, *, worked: bool) -> float:
        if failure is FailureKind.UNAUTHORIZED and self._may_renew:  # an expired token says nothing about the server
            self._may_renew = False
            return 0.0
        wait = self._wait_s(jitter)
        if self.loss is None:
            return wait
        left = (self.loss.at + EXTRA_TRY_AT * self.loss.presence_s - now) * (0.8 + 0.2 * jitter)
        if not 0 < left < wait:
            return wait
        early = self._failures <= APP_TRIES or (worked and self._extra_tries.take(now))
        return left if early else wait

    def _wait_s(self, jitter: float) -> float:
        if not self._failures:
            return 0.0
        low, high = self._retry_interval
        tries = self._failures - 1
        wait = (low + (high - low) * jitter) * 2.0 ** min(tries, 12)
        if tries < APP_TRIES:
            return min(wait, self._longest_s * (0.6 + 0.4 * jitter))
        longest = self._longest_s * min(SLOWER, 2.0 ** (tries - APP_TRIES + 1))
        return min(wait, longest * (0.7 + 0.3 * jitter))
