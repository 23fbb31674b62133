"""How fast Sony may be called, and until when not at all: arithmetic without clock or file.

Times are `common.basic.clock.boot_ns` (one clock for all processes of a machine) unless they are a `Moment`.
The state is that of two token buckets, each told by one number: when the bucket will be full again. One is for calls,
the other, far smaller, for connections of the push channel, each of which is a call too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import msgspec

from common.basic.clock import Moment

_S = 1_000_000_000


class Closed(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing is to be called for a while, and why."""

    kind: Literal["rate-limited", "blocked"]
    message: str
    reference_id: str = ""
    at: Moment = Moment()
    for_s: float

    def left_s(self, now: Moment) -> float:
        """Return for how many seconds it still holds; never more than `for_s`, whatever became of the clocks."""
        return max(0.0, self.for_s - self.at.ago_s(now))


class PaceState(msgspec.Struct, frozen=True, kw_only=True):
    """What all callers share."""

    place: str = ""
    """Which servers it is about: another one begins anew."""
    at_ns: int = 0
    """Of the latest change."""
    full_ns: int = 0
    """When the bucket will be full again."""
    closed: dict[str, Closed] = {}
    """By host; "" is a block, which holds for every host."""
    opened_at_ns: int = 0
    """When a connection was last allowed, or asked for."""
    opened_full_ns: int = 0
    """When all connections will be allowed again."""


@dataclass(frozen=True)
class Pace:
    """`calls_per_s` on average, `burst` at once."""

    calls_per_s: float
    burst: int

    def take(self, state: PaceState, now_ns: int, *, leave: float = 0.0) -> tuple[PaceState, float]:
        """Reserve the next call; return for how many seconds it must wait.

        `leave`: this share of the burst is left to others. Such a call reserves nothing while it has to wait.
        """
        call = round(_S / self.calls_per_s)
        known = state.full_ns if state.at_ns <= now_ns else now_ns  # a reboot: the clock began anew
        full = max(known, now_ns) + call
        wait = max(0, full - call * max(1, round(self.burst * (1 - leave))) - now_ns)
        if wait and leave:
            return state, wait / _S
        return msgspec.structs.replace(state, full_ns=full, at_ns=now_ns), wait / _S


@dataclass(frozen=True)
class Openings:
    """`burst` connections at once, and one more each `every_s` seconds.

    No stretch of w seconds has more than ``burst + w / every_s`` of them. Nothing resets that: not a restart, since the
    state is shared by file, nor a reboot, over which the debt stays.
    """

    every_s: float
    burst: int

    def take(self, state: PaceState, now_ns: int) -> tuple[PaceState, float]:
        """Take one if there is one (0.0); else return for how many seconds there is none. Nothing is reserved."""
        one = round(self.every_s * _S)
        passed = max(0, now_ns - state.opened_at_ns)  # none after a reboot: the clock began again
        debt = max(0, state.opened_full_ns - state.opened_at_ns - passed) + one
        wait = max(0, debt - one * self.burst)
        full = now_ns + debt - (one if wait else 0)
        return msgspec.structs.replace(state, opened_at_ns=now_ns, opened_full_ns=full), wait / _S

    def blind(self, state: PaceState, now_ns: int, first_s: float) -> PaceState:
        """Return a state for who cannot know what went before: the first one in `first_s` seconds, then as usual."""
        debt = round(self.every_s * _S) * (self.burst - 1) + round(first_s * _S)
        return msgspec.structs.replace(state, opened_at_ns=now_ns, opened_full_ns=now_ns + debt)


def close(state: PaceState, host: str, closed: Closed) -> PaceState:
    return msgspec.structs.replace(state, closed={**state.closed, host: closed})


def closed_for(state: PaceState, host: str, now: Moment, *, urgent: bool) -> tuple[Closed, float] | None:
    """Return what forbids a call to `host` now, and for how many seconds; an urgent one passes a rate limit."""
    for where in ("", host):
        found = state.closed.get(where)
        if found is None or (urgent and found.kind == "rate-limited"):
            continue
        if left := found.left_s(now):
            return found, left
    return None
