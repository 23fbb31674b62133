"""Push connections: open ones, event delivery, presence timeouts. No I/O. Times come from the caller."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from simulator.facts import push, rests_on
from simulator.parties.events import Delivery
from simulator.parties.party import Key

AUTHORISE_WITHIN_S = 5.0
"""Limit for the authorising frame of a 3.0 connection, made up."""
CLOSE_ODD = 65535
"""An unusual close code of the server [seen]. 4100 and 4101 are the app's own [app]."""
SLACK_S = 3.0
"""Tolerance between client and server about the moment a link was lost."""
_KEPT_EVENTS = 200
"""Most events that wait for one absent device."""


class KeepAliveStatus(msgspec.Struct, frozen=True, rename="camel"):
    """`keepAliveStatus`, in milliseconds."""

    client_keep_alive_interval: int
    client_keep_alive_timeout: int
    server_keep_alive_timeout: int
    server_presence_timeout: int


VOICE_CHAT = 3
IDLE = 6
KINDS = {
    IDLE: KeepAliveStatus(60_000, 30_000, 90_000, 120_000),
    VOICE_CHAT: KeepAliveStatus(10_000, 20_000, 30_000, 30_000),
}
"""Keep-alive by keepAliveStatusType. Idle is as captured [seen], voice chat has the app's own defaults [app]."""


@rests_on(push.TYPES)
def keep_alive(kind: int, *, interval_s: float = 0.0, presence_s: float = 0.0) -> KeepAliveStatus:
    """Return a type's keep-alive.

    An `interval_s` other than 0 scales its interval and timeouts. A `presence_s` other than 0 replaces its presence
    timeout.
    """
    usual = KINDS[kind]
    scale = interval_s * 1000 / usual.client_keep_alive_interval if interval_s else 1.0
    return KeepAliveStatus(
        round(usual.client_keep_alive_interval * scale),
        round(usual.client_keep_alive_timeout * scale),
        round(usual.server_keep_alive_timeout * scale),
        round(presence_s * 1000) or usual.server_presence_timeout,
    )


@dataclass(eq=False)
class OpenPushChannel:
    """One open push channel.

    `send` (events), `answer` and `close` (with a code) belong to the host and never block.
    """

    key: Key
    protocol: str
    keep_alive: KeepAliveStatus
    opened_at: float
    send: Callable[[bytes], None]
    close: Callable[[int], None]
    answer: Callable[[bytes], None] = lambda _: None
    kind: int = IDLE
    """The current keepAliveStatusType."""
    duid: str = ""
    """Device id of the token. Each installation has its own connection history."""
    reconnection: bool = False
    """Value of X-PSN-RECONNECTION."""
    authorised: bool = False
    last_seen: float = 0.0
    dead: bool = False
    """Half-open, with no traffic in either direction and no notice to either side."""
    ended_here: bool = False
    """Whether the server closed it."""
    permanent: bool = False
    """Belongs to a console of this process, which needs no pings."""
    stand_in: bool = False
    """Belongs to a device that nobody plays. The simulator sets its customData3."""

    @property
    def silence_s(self) -> float:
        """Seconds that it may stay without a ping."""
        return self.keep_alive.server_keep_alive_timeout / 1000

    def shown(self) -> dict[str, object]:
        """Return the connection's entry in the control API."""
        return {
            "accountId": self.key[0],
            "platform": self.key[1],
            "protocol": self.protocol,
            "authorised": self.authorised,
            "keepAliveStatusType": self.kind,
            "reconnection": self.reconnection,
        }


@dataclass
class _Past:
    """Earlier connections of one installation."""

    presence_s: float
    """Presence timeout of its last channel."""
    told_s: float
    """The one that it was told last."""
    gone_at: float | None = None
    """When its last authorised connection ended, None while one is open or if there was none."""
    orderly: bool = False
    """Whether it ended with the client's code for an orderly end."""
    known: bool = False
    """Whether it ever had an authorised connection."""


@dataclass
class PushRegistry:
    """Open connections by device. Times are monotonic seconds, given by the caller."""

    usual_presence_s: float = KINDS[IDLE].server_presence_timeout / 1000
    undelivered: int = 0
    keeps_events: bool = False
    """Whether events of an unconnected device are kept for its next connection."""
    _open: dict[Key, list[OpenPushChannel]] = field(default_factory=dict)
    _gone: dict[Key, float] = field(default_factory=dict)
    _pasts: dict[tuple[Key, str], _Past] = field(default_factory=dict)
    _waiting: dict[Key, deque[bytes]] = field(default_factory=dict)

    def asked(self, key: Key, duid: str, keep_alive: KeepAliveStatus) -> None:
        """Record the keep-alive sent to an installation. Its presence timeout applies to its open or next channel."""
        past = self._past(key, duid)
        past.told_s = keep_alive.server_presence_timeout / 1000
        if past.gone_at is None:
            past.presence_s = past.told_s

    @rests_on(push.RECONNECTION)
    def reconnects_wrongly(self, key: Key, duid: str, *, said: bool, now: float) -> str:
        """Return what is wrong with an X-PSN-RECONNECTION, "" if it is right or within the tolerance.

        It may go by the timeout of the lost channel or by that of the serveraddr since. Which of them is not known.
        """
        past = self._past(key, duid)
        if not past.known:
            return "true, although it was never connected" if said else ""
        if past.gone_at is None:
            return "" if said else "false, although its last channel is not lost for this server"
        shorter, longer = sorted((past.presence_s, past.told_s))
        away, slack = now - past.gone_at, min(SLACK_S, shorter / 4)
        if said and away > longer + slack:
            return f"true {away:.1f} s after the loss, of {longer:g} s"
        if not said and not past.orderly and away < shorter - slack:
            return f"false {away:.1f} s after the loss, within {shorter:g} s"
        return ""

    def within_presence(self, key: Key, duid: str, now: float) -> bool:
        """Return whether the installation's last channel is open, or was lost within the presence timeout."""
        past = self._past(key, duid)
        return past.known and (past.gone_at is None or now - past.gone_at < past.presence_s)

    def opened(self, connection: OpenPushChannel, now: float) -> None:
        connection.last_seen = now
        self._open.setdefault(connection.key, []).append(connection)
        if connection.authorised:
            self._settled(connection)

    def authorise(self, connection: OpenPushChannel) -> None:
        """Deliver events to a connection from now on."""
        connection.authorised = True
        self._settled(connection)

    def _settled(self, connection: OpenPushChannel) -> None:
        self._gone.pop(connection.key, None)
        past = self._past(connection.key, connection.duid)
        past.known, past.gone_at, past.orderly, past.presence_s = True, None, False, past.told_s
        for frame in self._waiting.pop(connection.key, ()):
            if connection.reconnection:
                connection.send(frame)

    @rests_on(push.CLOSES)
    def closed(self, connection: OpenPushChannel, now: float, *, orderly: bool = False) -> None:
        left = self._open.get(connection.key, [])
        if connection not in left:
            return
        left.remove(connection)
        if not left:
            self._open.pop(connection.key, None)
        if connection.authorised and self.current(connection.key) is None:
            self._gone[connection.key] = now
            past = self._past(connection.key, connection.duid)
            past.gone_at, past.orderly = now, orderly

    def current(self, key: Key) -> OpenPushChannel | None:
        """Return the newest authorised connection of a device."""
        return next((c for c in reversed(self._open.get(key, [])) if c.authorised), None)

    def pending(self, key: Key) -> bool:
        """Return whether a connection of that device is not authorised yet."""
        return any(not c.authorised for c in self._open.get(key, []))

    def connections(self) -> list[OpenPushChannel]:
        return [connection for every in self._open.values() for connection in every]

    @rests_on(push.WHILE_AWAY)
    def deliver(self, delivery: Delivery) -> bool:
        """Send to the device's newest connection. Return False without one."""
        key = (delivery.account_id, delivery.platform)
        frame = msgspec.json.encode(delivery.frame)
        connection = self.current(key)
        if connection is None:
            self.undelivered += 1
            if self.keeps_events:
                self._waiting.setdefault(key, deque(maxlen=_KEPT_EVENTS)).append(frame)
            return False
        if not connection.dead:
            connection.send(frame)
        return True

    @rests_on(push.AUTHORISE_LIMIT, push.PINGS)
    def overdue(self, now: float) -> list[tuple[OpenPushChannel, str]]:
        """Return the connections to close, and why. "" marks half-open ones, which get no close frame."""
        found = []
        for connection in self.connections():
            if connection.permanent:
                continue
            if not connection.authorised and now - connection.opened_at > AUTHORISE_WITHIN_S:
                found.append((connection, "" if connection.dead else "no authorising frame (method 1003) came"))
            elif now - connection.last_seen > connection.silence_s:
                found.append((connection, "" if connection.dead else f"no ping for {connection.silence_s:g} s"))
        return found

    @rests_on(push.PRESENCE)
    def absent(self, key: Key, now: float) -> bool:
        """Return whether a device has been without a push connection for longer than the presence timeout."""
        gone = self._gone.get(key)
        if gone is None or self.current(key) is not None:
            return False
        presence = [past.presence_s for (whose, _), past in self._pasts.items() if whose == key]
        return now - gone > max(presence, default=self.usual_presence_s)

    def _past(self, key: Key, duid: str) -> _Past:
        return self._pasts.setdefault((key, duid), _Past(self.usual_presence_s, self.usual_presence_s))
