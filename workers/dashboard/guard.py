"""Whom the dashboard listens to, by what a browser says of itself. Pure.

A page of another site may send requests here, but it cannot choose its `Origin` header, nor (after it had its own
name point to this machine: DNS rebinding) the `Host` header. So both are held against the names that are ours.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


@dataclass(frozen=True)
class Guard:
    """`machine` is this machine's own name: a good one for other devices, where they are let in."""

    port: int
    machine: str = ""

    def host_is_ours(self, host: str, local_address: str) -> bool:
        """Return whether `host` (the header) names the very address that the connection came to.

        On loopback those are its three names; elsewhere that address itself, or the machine's name.
        """
        name, port = _parts(host)
        if port != self.port:
            return False
        address = ipaddress.ip_address(local_address)
        if address.is_loopback:
            return name in LOOPBACK_NAMES
        literal = f"[{address}]" if address.version == 6 else str(address)
        short = self.machine.lower().partition(".")[0]
        return name == literal or (bool(short) and name in (self.machine.lower(), short, f"{short}.local"))

    @staticmethod
    def origin_is_ours(origin: str, host: str) -> bool:
        """Return whether a page of this very server asks; `host` has been checked before."""
        return origin.lower() == f"http://{host.lower()}"


def _parts(host: str) -> tuple[str, int]:
    name, colon, port = host.lower().rpartition(":")
    if not colon or name.startswith("[") != name.endswith("]"):
        return host.lower(), 80
    return (name, int(port)) if port.isascii() and port.isdigit() and len(port) <= 5 else (name, 0)
