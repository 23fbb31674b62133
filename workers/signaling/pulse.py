"""When to ping, and when a missing pong means a dead link. No sockets, no clock."""

from __future__ import annotations

from dataclasses import dataclass

from common.psn.push import KeepAliveTold

VOICE_CHAT = 3
IDLE = 6
WAKE_PONG_S = 1.0
"""After a pause of this machine a ping must be answered within this, instead of the usual limit."""


@dataclass(frozen=True)
class KeepAlive:
    """What a keep-alive type asks for, in seconds. The defaults are voice chat's, by the app [app]."""

    interval_s: float = 10.0
    pong_s: float = 20.0
    """The limit of a pong, whatever the interval."""
    server_s: float = 30.0
    """Without a ping for so long the server gives the link up."""
    presence_s: float = 30.0
    """`serverPresenceTimeout`: without a link for so long we count as gone."""

    def told(self, told: KeepAliveTold, override_s: float = 0.0) -> KeepAlive:
        """Return this with what the server told; a ping interval over 0 replaces the server's."""
        interval = max(0.1, override_s or told.interval_s or self.interval_s)
        return KeepAlive(
            interval_s=interval,
            pong_s=max(0.1, told.pong_s or self.pong_s),
            server_s=told.server_s or max(self.server_s, interval),
            presence_s=told.presence_s or self.presence_s,
        )


KNOWN = {IDLE: KeepAlive(60.0, 30.0, 90.0, 120.0), VOICE_CHAT: KeepAlive()}
"""What each type asks for unless the server says otherwise: idle as captured [seen], voice chat [app]."""


class Pulse:
    """The pings of one link. `now` in seconds of one clock that also runs while the machine sleeps."""

    def __init__(self, keep_alive: KeepAlive, now: float) -> None:
        self.keep_alive = keep_alive
        self._pinged = now
        self._next = now + keep_alive.interval_s
        self._awaited: float | None = None

    def due(self, now: float) -> bool:
        """Return whether to ping now, and count it as sent."""
        if now < self._next:
            return False
        self._pinged, self._next = now, now + self.keep_alive.interval_s
        if self._awaited is None:
            self._awaited = now + self.keep_alive.pong_s
        return True

    def pong(self) -> None:
        self._awaited = None

    def change(self, keep_alive: KeepAlive, now: float) -> None:
        """Go on at another pace; a pong that is awaited stays so."""
        self.keep_alive = keep_alive
        self._next = min(self._next, now + keep_alive.interval_s)

    def doubt(self, now: float) -> None:
        """Ping at once, and soon believe that the link is dead: something speaks for it."""
        self._next = now
        self._awaited = min(now + WAKE_PONG_S, now + self.keep_alive.pong_s)

    def given_up(self, now: float) -> bool:
        """Tell whether the server must have given the link up, because our last ping is so long ago."""
        return now - self._pinged > self.keep_alive.server_s

    def lost_at(self, now: float) -> float:
        """Return when the server lost us, if the link is found dead now: at the latest when it missed our pings."""
        return min(now, self._pinged + self.keep_alive.server_s)

    def dead(self, now: float) -> bool:
        return self._awaited is not None and now >= self._awaited

    def wait_s(self, now: float) -> float:
        """Return how long there is nothing to do."""
        return max(0.01, min(self._next, self._awaited or self._next) - now)
