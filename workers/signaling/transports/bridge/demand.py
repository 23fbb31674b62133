"""Demand for a bridge, by member. No I/O, no clock.

A member needs a bridge after a while without a connection, whether P2P fails or the member forbids it and neither
offers nor answers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

STALE_S = 5.0
"""Media reports every member once a second. An older report is stale."""


@dataclass(frozen=True)
class DemandLimits:
    """Limits, in seconds except `failures`. `benchmarks.party.bridge` measures how soon a bridge is heard with them."""

    unheard_s: float = 30.0
    """A bridge is created for a member without a connection for this long …"""
    failures: int = 10
    """… or after this many consecutive failed tries. Media tries several forms of message first."""
    join_s: float = 5.0
    """An existing bridge is joined for a member without a connection for this long. Offers may take 4 s."""
    up_s: float = 10.0
    """Our own bridge is left when every member has had its own connection for this long."""


@dataclass
class _Member:
    reported_at: float
    without_since: float | None = None
    up_since: float = 0.0
    connection: str = ""
    failures: int = 0


class Demand:
    """Media's reports on each member's own connection. Times are in monotonic seconds."""

    def __init__(self, limits: DemandLimits) -> None:
        self._limits = limits
        self._there: set[str] = set()
        self._members: dict[str, _Member] = {}

    def keep(self, peers: Iterable[str]) -> None:
        """Set the other members. Forget everybody else."""
        self._there = set(peers)
        self._members = {peer: member for peer, member in self._members.items() if peer in self._there}

    def on_connection(self, peer: str, connection: str, now: float) -> None:
        """Record media's report on a member's own connection (`common.messages.PeerState`)."""
        if peer not in self._there:
            return
        member = self._members.setdefault(peer, _Member(now))
        if now - member.reported_at > STALE_S:
            member = self._members[peer] = _Member(now)
        if connection == "connected":
            member.up_since = now if member.without_since is not None or not member.connection else member.up_since
            member.without_since, member.failures = None, 0
        else:
            member.without_since = now if member.without_since is None else member.without_since
            if connection == "failed" and member.connection != "failed":
                member.failures += 1
        member.connection, member.reported_at = connection, now

    def on_failed_offers(self, peer: str, failures: int) -> None:
        """Record from a local offer how many failed before it."""
        member = self._members.get(peer)
        if member is not None and member.without_since is not None:
            member.failures = max(member.failures, failures)

    def needing(self, now: float) -> list[str]:
        """Return the members that need a new bridge."""
        limits = self._limits
        return [
            peer
            for peer, failures, without_s in self._lacking(now)
            if failures >= limits.failures or without_s >= limits.unheard_s
        ]

    def lacking(self, now: float) -> list[str]:
        """Return the members that justify joining an existing bridge."""
        return [peer for peer, _, without_s in self._lacking(now) if without_s >= self._limits.join_s]

    def settled(self, now: float) -> bool:
        """Return whether every other member has had a connection for a while. Without media's reports nobody has."""
        members = [self._members.get(peer) for peer in self._there]
        return all(
            member is not None
            and now - member.reported_at <= STALE_S
            and member.without_since is None
            and now - member.up_since >= self._limits.up_s
            for member in members
        )

    def _lacking(self, now: float) -> list[tuple[str, int, float]]:
        """Return (peer, failed tries, seconds without a connection) of each member who has none."""
        return [
            (peer, member.failures, now - member.without_since)
            for peer, member in self._members.items()
            if member.without_since is not None and now - member.reported_at <= STALE_S
        ]
