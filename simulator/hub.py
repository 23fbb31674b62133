"""Push connections: which are open, what goes to whom, who has been away too long. No I/O, no clock of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from simulator.accounts import Accounts
from simulator.events import Delivery
from simulator.party import Key
from simulator.refusals import Refused

AUTHORISE = 1003
AUTHORISE_WITHIN_S = 5.0
"""How long a 3.0 connection may stay without its authorising frame [open]."""
CLOSE_IDLE = 4101
"""One of the odd close codes that were seen."""


class KeepAlive(msgspec.Struct, frozen=True, rename="camel"):
    """`keepAliveStatus` of serveraddr, in milliseconds."""

    client_keep_alive_interval: int
    client_keep_alive_timeout: int
    server_keep_alive_timeout: int
    server_presence_timeout: int


IDLE = KeepAlive(60_000, 30_000, 90_000, 120_000)
"""Type 6 [seen]."""
VOICE = KeepAlive(10_000, 40_000, 30_000, 30_000)
"""Type 3 [one]."""


@dataclass(eq=False)
class Connection:
    """One open push channel. `send` and `close` (with a close code) are its shell's, and never wait."""

    key: Key
    protocol: str
    silence_s: float
    """How long it may stay without a ping."""
    opened_at: float
    send: Callable[[bytes], None]
    close: Callable[[int], None]
    authorised: bool = False
    last_seen: float = 0.0
    permanent: bool = False
    """A console's: it lives in this process and needs no pings."""


class PushHub:
    """Times are monotonic seconds, given by the caller."""

    def __init__(self, *, presence_s: float) -> None:
        self.presence_s = presence_s
        self.undelivered = 0
        self._open: dict[Key, list[Connection]] = {}
        self._gone: dict[Key, float] = {}

    def opened(self, connection: Connection, now: float) -> None:
        connection.last_seen = now
        self._open.setdefault(connection.key, []).append(connection)
        if connection.authorised:
            self._gone.pop(connection.key, None)

    def closed(self, connection: Connection, now: float) -> None:
        left = self._open.get(connection.key, [])
        if connection in left:
            left.remove(connection)
        if not left:
            self._open.pop(connection.key, None)
            self._gone[connection.key] = now

    def current(self, key: Key) -> Connection | None:
        """Return the newest authorised connection of a device."""
        return next((c for c in reversed(self._open.get(key, [])) if c.authorised), None)

    def pending(self, key: Key) -> bool:
        """Tell whether a connection of that device has still to authorise itself."""
        return any(not c.authorised for c in self._open.get(key, []))

    def connections(self) -> list[Connection]:
        return [connection for every in self._open.values() for connection in every]

    def deliver(self, delivery: Delivery) -> bool:
        """Send to the device's newest connection; what comes while there is none is lost, as far as we know [open]."""
        connection = self.current((delivery.account_id, delivery.platform))
        if connection is None:
            self.undelivered += 1
            return False
        connection.send(msgspec.json.encode(delivery.frame))
        return True

    def receive(self, connection: Connection, raw: str | bytes, accounts: Accounts, now: float, unix: float) -> None:
        """Take in a frame from the client; raises `Refused` when it is not the authorising one it must be first."""
        connection.last_seen = now
        if connection.authorised:
            return
        connection.authorised = self._authorises(connection, raw, accounts, unix)
        self._gone.pop(connection.key, None)

    def _authorises(self, connection: Connection, raw: str | bytes, accounts: Accounts, unix: float) -> bool:
        try:
            frame: Any = msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Refused(401, f"the first push frame is no JSON: {error}") from error
        if not isinstance(frame, dict) or frame.get("method") != AUTHORISE or frame.get("version") != "3.0":
            raise Refused(401, "the first push frame of protocol 3.0 is not method 1003")
        auth = frame.get("auth")
        grant = accounts.access(str(auth.get("accessToken")) if isinstance(auth, dict) else "", unix)
        account_id = frame.get("accountId")
        if type(account_id) is not int or not str(account_id) == connection.key[0] == grant.person.account_id:
            raise Refused(401, "accountId of the authorising frame is not the token's account as a number")
        if frame.get("status") != "active" or not isinstance(frame.get("tranId"), str):
            raise Refused(401, "the authorising frame lacks status active or a tranId")
        return True

    def overdue(self, now: float) -> list[tuple[Connection, str]]:
        """Return the connections to close, and why."""
        found = []
        for connection in self.connections():
            if connection.permanent:
                continue
            if not connection.authorised and now - connection.opened_at > AUTHORISE_WITHIN_S:
                found.append((connection, "no authorising frame (method 1003) came"))
            elif now - connection.last_seen > connection.silence_s:
                found.append((connection, f"no ping for {connection.silence_s:g} s"))
        return found

    def absent(self, key: Key, now: float) -> bool:
        """Tell whether a device has been without a push connection for longer than the presence timeout."""
        gone = self._gone.get(key)
        return gone is not None and not self._open.get(key) and now - gone > self.presence_s
