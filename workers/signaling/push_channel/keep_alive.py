"""Keep-alive of the push channel: when to ping, and when a missing pong means a dead link. No sockets, no clock."""

from __future__ import annotations

from dataclasses import dataclass

from common.psn.party.push import KeepAliveTold

VOICE_CHAT = 3
IDLE = 6
WAKE_PONG_S = 1.0
"""The limit of a pong after a pause of this machine, instead of the usual one."""


@dataclass(frozen=True)
class KeepAliveTiming:
    """The timing of a keep-alive type in seconds. The defaults are voice chat's, from the app [app]."""

    interval_s: float = 10.0
    pong_s: float = 20.0
    """The limit of a pong, whatever the interval."""
    server_s: float = 30.0
    """The server drops the link after this long without a ping."""
    presence_s: float = 30.0
    """`serverPresenceTimeout`. After this long without a link we count as gone."""

    def with_server_values(self, server: KeepAliveTold, override_s: float = 0.0) -> KeepAliveTiming:
        """Return this timing with the server's values. An `override_s` over 0 replaces the server's ping interval."""
        interval = max(0.1, override_s or server.interval_s or self.interval_s)
        return KeepAliveTiming(
            interval_s=interval,
            pong_s=max(0.1, server.pong_s or self.pong_s),
            server_s=server.server_s or max(self.server_s, interval),
            presence_s=server.presence_s or self.presence_s,
        )


KNOWN = {IDLE: KeepAliveTiming(60.0, 30.0, 90.0, 120.0), VOICE_CHAT: KeepAliveTiming()}
"""The timing of each type unless the server says otherwise: idle as captured [seen], voice chat [app]."""


class PingSchedule:
    """The pings of one link. `now` is in seconds of a clock that runs during the machine's sleep."""

    def __init__(self, timing: KeepAliveTiming, now: float) -> None:
        self.timing = timing
        self._pinged = now
        self._next = now + timing.interval_s
        self._awaited: float | None = None

    def take_due(self, now: float) -> bool:
        """Return whether to ping now, and count the ping as sent."""
        if now < self._next:
            return False
        self._pinged, self._next = now, now + self.timing.interval_s
        if self._awaited is None:
            self._awaited = now + self.timing.pong_s
        return True

    def on_pong(self) -> None:
        self._awaited = None

    def change(self, timing: KeepAliveTiming, now: float) -> None:
        """Change the timing. A pong that is awaited stays awaited."""
        self.timing = timing
        self._next = min(self._next, now + timing.interval_s)

    def ping_at_once(self, now: float) -> None:
        """Ping at once with a short limit, because the link seems dead."""
        self._next = now
        self._awaited = min(now + WAKE_PONG_S, now + self.timing.pong_s)

    def server_gave_up(self, now: float) -> bool:
        """Return whether the server must have dropped the link, because our last ping is too old."""
        return now - self._pinged > self.timing.server_s

    def lost_at(self, now: float) -> float:
        """Return when the server lost us if the link is found dead now, at the latest when it missed our pings."""
        return min(now, self._pinged + self.timing.server_s)

    def is_dead(self, now: float) -> bool:
        return self._awaited is not None and now >= self._awaited

    def wait_s(self, now: float) -> float:
        """Return how long there is nothing to do."""
        return max(0.01, min(self._next, self._awaited or self._next) - now)
