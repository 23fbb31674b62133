"""Rate limiting of calls to Sony, as pure arithmetic without clock or file.

Times are `common.basic.clock.boot_ns` (one clock for all processes of a machine) unless they are a `Moment`.
The state has two token buckets. Each is stored as the time at which it is full again. One is for calls. The other, far
smaller one is for connections of the push channel, each of which is a call too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import msgspec

from common.basic.clock import Moment

_S = 1_000_000_000


class Closed(msgspec.Struct, frozen=True, kw_only=True):
    """A pause of all calls, with its reason."""

    kind: Literal["rate-limited", "blocked"]
    message: str
    reference_id: str = ""
    at: Moment = Moment()
    for_s: float

    def left_s(self, now: Moment) -> float:
        """Return the remaining seconds, never more than `for_s` even if a clock was set."""
        return max(0.0, self.for_s - self.at.ago_s(now))


class PaceState(msgspec.Struct, frozen=True, kw_only=True):
    """The state that all callers share."""

    place: str = ""
    """Key of the servers. The state of other servers is not reused."""
    at_ns: int = 0
    """Time of the latest change."""
    full_ns: int = 0
    """When the bucket of calls is full again."""
    closed: dict[str, Closed] = {}
    """Pauses by host. "" is a block, which holds for every host."""
    opened_at_ns: int = 0
    """When a connection was last requested."""
    opened_full_ns: int = 0
    """When the bucket of connections is full again."""


@dataclass(frozen=True)
class CallRate:
    """A token bucket with `calls_per_s` on average and `burst` at once."""

    calls_per_s: float
    burst: int

    def take(self, state: PaceState, now_ns: int, *, leave: float = 0.0) -> tuple[PaceState, float]:
        """Reserve the next call. Return the seconds that it must wait.

        `leave`: the share of the burst left to others. Such a call reserves nothing while it has to wait.
        """
        call = round(_S / self.calls_per_s)
        known = state.full_ns if state.at_ns <= now_ns else now_ns  # after a reboot the clock restarts
        full = max(known, now_ns) + call
        wait = max(0, full - call * max(1, round(self.burst * (1 - leave))) - now_ns)
        if wait and leave:
            return state, wait / _S
        return msgspec.structs.replace(state, full_ns=full, at_ns=now_ns), wait / _S


@dataclass(frozen=True)
class Openings:
    """A token bucket with `burst` connections at once and one more every `every_s` seconds.

    No interval of w seconds has more than ``burst + w / every_s`` of them. A restart does not reset it, because the
    state is in a file. The debt also survives a reboot.
    """

    every_s: float
    burst: int

    def take(self, state: PaceState, now_ns: int) -> tuple[PaceState, float]:
        """Take a connection if one is allowed (0.0), else return the seconds to wait. A refusal reserves nothing."""
        one = round(self.every_s * _S)
        passed = max(0, now_ns - state.opened_at_ns)  # 0 after a reboot, because the clock restarts
        debt = max(0, state.opened_full_ns - state.opened_at_ns - passed) + one
        wait = max(0, debt - one * self.burst)
        full = now_ns + debt - (one if wait else 0)
        return msgspec.structs.replace(state, opened_at_ns=now_ns, opened_full_ns=full), wait / _S

    def blind(self, state: PaceState, now_ns: int, first_s: float) -> PaceState:
        """Return a state for a caller without history: the first connection in `first_s` seconds, then as usual."""
        debt = round(self.every_s * _S) * (self.burst - 1) + round(first_s * _S)
        return msgspec.structs.replace(state, opened_at_ns=now_ns, opened_full_ns=now_ns + debt)


def close(state: PaceState, host: str, closed: Closed) -> PaceState:
    return msgspec.structs.replace(state, closed={**state.closed, host: closed})


def closed_for(state: PaceState, host: str, now: Moment, *, urgent: bool) -> tuple[Closed, float] | None:
    """Return what forbids a call to `host` now, with the remaining seconds. An urgent call ignores a rate limit."""
    for where in ("", host):
        found = state.closed.get(where)
        if found is None or (urgent and found.kind == "rate-limited"):
            continue
        if left := found.left_s(now):
            return found, left
    return None
