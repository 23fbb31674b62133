"""The check of `Host` and `Origin` headers, which decides whose requests are served. Pure.

A page of another site may send requests here, but it cannot choose its `Origin` header. After it pointed its own name
to this machine (DNS rebinding), it cannot choose the `Host` header either. Both are compared with our own names.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


@dataclass(frozen=True)
class HostCheck:
    """The check. `machine` are this machine's names, which other devices may use if they are admitted."""

    port: int
    machine: tuple[str, ...] = ()

    def is_own_host(self, host: str, local_address: str) -> bool:
        """Return whether `host` (the header) names the address that the connection came to.

        On loopback that is one of its three names, elsewhere the address itself or a name of the machine.
        """
        name, port = _parts(host)
        if port != self.port:
            return False
        address = ipaddress.ip_address(local_address)
        if address.is_loopback:
            return name in LOOPBACK_NAMES
        literal = f"[{address}]" if address.version == 6 else str(address)
        return name == literal or any(name in _spellings(machine.lower()) for machine in self.machine)

    @staticmethod
    def is_own_origin(origin: str, host: str) -> bool:
        """Return whether the request comes from a page of this server. `host` must be checked already."""
        return origin.lower() == f"http://{host.lower()}"


def _spellings(machine: str) -> tuple[str, ...]:
    short = machine.partition(".")[0]
    return (machine, short, f"{short}.local") if short else ()


def _parts(host: str) -> tuple[str, int]:
    name, colon, port = host.lower().rpartition(":")
    if not colon or name.startswith("[") != name.endswith("]"):
        return host.lower(), 80
    return (name, int(port)) if port.isascii() and port.isdigit() and len(port) <= 5 else (name, 0)
