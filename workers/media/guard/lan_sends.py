"""Sends of one connection into the local network that this machine refuses. No I/O, no clock."""

from __future__ import annotations

import functools
import ipaddress

from common.system import local_network

ENOUGH = 3
"""Refusals in a row that make a block. One may be a network that is coming up. ICE repeats each check several times."""


@functools.lru_cache(maxsize=256)
def is_in_lan(address: str) -> bool:
    """Return whether an address is private or link-local, and another machine's. False for an invalid address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return (found.is_private or found.is_link_local) and not found.is_loopback


class LanSends:
    """The sends, in their order."""

    def __init__(self) -> None:
        self._in_a_row = 0
        self._latest = ""

    def record(self, address: str, error: OSError | None) -> None:
        """Record a send, and the error that it met. Those to other networks do not count."""
        if not is_in_lan(address):
            return
        self._latest = local_network.refusal(error)
        self._in_a_row = self._in_a_row + 1 if self._latest else 0

    @property
    def refused_by(self) -> str:
        """The name of the error by which the system refuses them now, e.g. ``EHOSTUNREACH``. Empty if it does not."""
        return self._latest if self._in_a_row >= ENOUGH else ""
