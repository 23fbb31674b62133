"""Requests that wait: of a moved fader only the latest position, at a pace that the API takes. No I/O."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

from common.basic.bucket import Bucket
from integrations.osc.incoming.commands import ApiCall, MergeKey
from integrations.osc.wire.osc_packets import Address

PER_S, AT_ONCE = 18.0, 50.0
"""Pace. One key may ask 20 times a second, 60 at once (`notes/api.md`). The rest is left to other programs with it."""
GAP_S = 0.05
"""Least time between two positions of one fader: a controller sends up to 100 a second, and audio ramps over 10 ms."""
AT_THE_SAME_TIME = 8
"""Requests under way. A clip that is being saved holds up no fader. The API allows 32."""
MOST_WAITING = 64
"""Waiting requests that each count. More than that are a program gone wild."""
STEADY_S = 0.3
"""Time after an answer in which the state may still be the old one. It follows within 50 ms."""


@dataclass(frozen=True)
class Waiting:
    """A request, and who asked for it."""

    call: ApiCall
    source: Address
    """Address to which a refusal is told."""
    since: float


class Outbox:
    """`now` is in seconds of one clock throughout."""

    def __init__(self) -> None:
        self._latest: dict[MergeKey, Waiting] = {}
        self._each: deque[Waiting] = deque()
        self._pace = Bucket(per_s=PER_S, at_once=AT_ONCE)
        self._next: dict[MergeKey, float] = {}
        self._wanted: dict[MergeKey, tuple[Any, float]] = {}
        self._under_way = 0
        self._busy: set[MergeKey] = set()
        self._paused_until = 0.0

    def __bool__(self) -> bool:
        return bool(self._latest or self._each)

    def put(self, waiting: Waiting) -> bool:
        """Queue a request. Return False if too many wait."""
        key = waiting.call.key
        if key is not None:
            self._latest[key] = waiting
            return True
        if len(self._each) >= MOST_WAITING:
            return False
        self._each.append(waiting)
        return True

    def take(self, now: float) -> Waiting | None:
        """Return a request that may go now."""
        if self._under_way >= AT_THE_SAME_TIME or now < self._paused_until or not self._pace.has(now):
            return None
        found = self._each.popleft() if self._each else self._ready(now)
        if found is not None:
            self._pace.take(now)
            self._under_way += 1
        return found

    def _ready(self, now: float) -> Waiting | None:
        """Take the one that waits longest, so that of many faders each gets its turn."""
        for key, waiting in self._latest.items():
            if key not in self._busy and self._next.get(key, 0.0) <= now:
                del self._latest[key]
                self._busy.add(key)
                self._next[key] = now + GAP_S
                self._wanted[key] = (waiting.call.fields[key[2]], float("inf"))
                return waiting
        return None

    def done(self, waiting: Waiting, now: float) -> None:
        """Note that a request was answered, or refused."""
        self._under_way -= 1
        key = waiting.call.key
        if key is not None:
            self._busy.discard(key)
            self._wanted[key] = (self._wanted[key][0], now + STEADY_S)
            self._tidy(now)

    def again(self, waiting: Waiting, now: float, wait_s: float) -> None:
        """Queue a request that came too often once more, unless a later one replaces it."""
        self.done(waiting, now)
        self._paused_until = now + wait_s
        if waiting.call.key is None:
            self._each.appendleft(waiting)
        else:
            self._latest.setdefault(waiting.call.key, waiting)

    def latest(self, key: MergeKey, default: Any, now: float) -> Any:
        """Return the value that was asked for last, or `default` once the state has it."""
        if key in self._latest:
            return self._latest[key].call.fields[key[2]]
        value, until = self._wanted.get(key, (default, 0.0))
        return value if now < until else default

    def _tidy(self, now: float) -> None:
        """Forget what is over, so that members who left leave nothing behind."""
        for key in [key for key, (_, until) in self._wanted.items() if until <= now]:
            del self._wanted[key]
        for key in [key for key, at in self._next.items() if at <= now and key not in self._busy]:
            del self._next[key]

    def clear(self) -> None:
        """Forget all that waits: positions that were meant for a moment that is over."""
        self._latest.clear()
        self._each.clear()
