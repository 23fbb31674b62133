"""The check of `Host` and `Origin` headers, which decides whose requests are served. No I/O.

A page of another site may send requests here, but it cannot choose its `Origin` header. After it pointed its own name
to this machine (DNS rebinding), it cannot choose the `Host` header either. Both are compared with our own names.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from common.system.hostname import spellings

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


@dataclass(frozen=True)
class HostCheck:
    """The check. `machine` are this machine's names, which other devices may use if they are admitted."""

    port: int
    machine: tuple[str, ...] = ()

    def is_own_host(self, host: str, local_address: str) -> bool:
        """Return whether `host` (the header) names the address that the connection came to.

        On loopback that is one of its three names, elsewhere the address itself or a name of the machine. Without a
        `local_address` the connection came through the gate from a paired machine, which has its own port on loopback.
        """
        name, port = _parts(host)
        if not local_address:
            return name in LOOPBACK_NAMES
        if port != self.port:
            return False
        address = ipaddress.ip_address(local_address)
        if address.is_loopback:
            return name in LOOPBACK_NAMES
        literal = f"[{address}]" if address.version == 6 else str(address)
        return name == literal or any(name in spellings(machine) for machine in self.machine)

    @staticmethod
    def is_own_origin(origin: str, host: str, scheme: str) -> bool:
        """Return whether the request comes from a page of this server. `host` must be checked already."""
        return origin.lower() == f"{scheme}://{host.lower()}"


def _parts(host: str) -> tuple[str, int]:
    name, colon, port = host.lower().rpartition(":")
    if not colon or name.startswith("[") != name.endswith("]"):
        return host.lower(), 80  # of https 443, which no dashboard has
    return (name, int(port)) if port.isascii() and port.isdigit() and len(port) <= 5 else (name, 0)
