"""The keep-alive timing, i.e. when to ping, and when a missing pong means a dead link. No sockets, no clock."""

from __future__ import annotations

from dataclasses import dataclass

from common.psn.party.push import KeepAliveTold

VOICE_CHAT = 3
IDLE = 6
WAKE_PONG_S = 1.0
"""The limit of a pong after a pause of this machine, instead of the usual one."""


@dataclass(frozen=True)
class KeepAlive:
    """The timing of a keep-alive type in seconds. The defaults are voice chat's, from the app [app]."""

    interval_s: float = 10.0
    pong_s: float = 20.0
    """The limit of a pong, whatever the interval."""
    server_s: float = 30.0
    """The server drops the link after this long without a ping."""
    presence_s: float = 30.0
    """`serverPresenceTimeout`. After this long without a link we count as gone."""

    def told(self, told: KeepAliveTold, override_s: float = 0.0) -> KeepAlive:
        """Return this timing with the server's values. An `override_s` over 0 replaces the server's ping interval."""
        interval = max(0.1, override_s or told.interval_s or self.interval_s)
        return KeepAlive(
            interval_s=interval,
            pong_s=max(0.1, told.pong_s or self.pong_s),
            server_s=told.server_s or max(self.server_s, interval),
            presence_s=told.presence_s or self.presence_s,
        )


KNOWN = {IDLE: KeepAlive(60.0, 30.0, 90.0, 120.0), VOICE_CHAT: KeepAlive()}
"""The timing of each type unless the server says otherwise: idle as captured [seen], voice chat [app]."""


class Pulse:
    """The pings of one link. `now` is in seconds of a clock that runs during the machine's sleep."""

    def __init__(self, keep_alive: KeepAlive, now: float) -> None:
        self.keep_alive = keep_alive
        self._pinged = now
        self._next = now + keep_alive.interval_s
        self._awaited: float | None = None

    def due(self, now: float) -> bool:
        """Return whether to ping now, and count the ping as sent."""
        if now < self._next:
            return False
        self._pinged, self._next = now, now + self.keep_alive.interval_s
        if self._awaited is None:
            self._awaited = now + self.keep_alive.pong_s
        return True

    def pong(self) -> None:
        self._awaited = None

    def change(self, keep_alive: KeepAlive, now: float) -> None:
        """Change the timing. A pong that is awaited stays awaited."""
        self.keep_alive = keep_alive
        self._next = min(self._next, now + keep_alive.interval_s)

    def doubt(self, now: float) -> None:
        """Ping at once with a short limit, because the link seems dead."""
        self._next = now
        self._awaited = min(now + WAKE_PONG_S, now + self.keep_alive.pong_s)

    def given_up(self, now: float) -> bool:
        """Return whether the server must have dropped the link, because our last ping is too old."""
        return now - self._pinged > self.keep_alive.server_s

    def lost_at(self, now: float) -> float:
        """Return when the server lost us if the link is found dead now, at the latest when it missed our pings."""
        return min(now, self._pinged + self.keep_alive.server_s)

    def dead(self, now: float) -> bool:
        return self._awaited is not None and now >= self._awaited

    def wait_s(self, now: float) -> float:
        """Return how long there is nothing to do."""
        return max(0.01, min(self._next, self._awaited or self._next) - now)
