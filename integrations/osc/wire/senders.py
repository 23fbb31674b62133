"""Whose datagrams are taken: those of the allowed addresses, as many as a controller sends. No I/O."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Literal

from common.basic.addresses import network_of
from common.basic.bucket import Bucket

PER_S, AT_ONCE = 1000.0, 2000.0
"""Datagrams of one host. Ten fingers on a surface that sends 100 a second for each."""
MOST_HOSTS = 256
"""Hosts that are remembered. Somebody who makes up addresses fills neither the memory nor the log."""
Verdict = Literal["taken", "stranger", "flood"]


class Senders:
    def __init__(self, allow: Sequence[str]) -> None:
        """`allow`: addresses and networks. Raises `ValueError` for other text."""
        self._networks = [_network(text) for text in allow]
        self._allowed: dict[str, bool] = {}
        self._paces: dict[str, Bucket] = {}
        self._told: set[tuple[str, str]] = set()

    def judge(self, host: str, now: float) -> Verdict:
        """Judge one datagram. `now` is in seconds of any clock."""
        allowed = self._allowed.get(host)
        if allowed is None:
            if len(self._allowed) >= MOST_HOSTS:
                self._allowed.clear()
            allowed = self._allowed[host] = self._is_allowed(host)
        if not allowed:
            return "stranger"
        if host not in self._paces and len(self._paces) >= MOST_HOSTS:
            self._paces.clear()
        pace = self._paces.setdefault(host, Bucket(per_s=PER_S, at_once=AT_ONCE))
        return "taken" if pace.take(now) else "flood"

    def is_first(self, host: str, what: str) -> bool:
        """Return whether this is to be told: once for each host and thing."""
        if (host, what) in self._told or len(self._told) >= MOST_HOSTS:
            return False
        self._told.add((host, what))
        return True

    def _is_allowed(self, host: str) -> bool:
        try:
            address = ipaddress.ip_address(host.partition("%")[0])
        except ValueError:
            return False
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped  # what a socket for both families says of IPv4
        return any(address in network for network in self._networks)


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    network = network_of(text)
    if network is None:
        raise ValueError(text)
    return network
