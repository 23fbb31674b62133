"""Access control of the capture's proxy. It runs in mitmproxy's environment, so it imports only Python's own modules.

The proxy has no password, since phones have no setting for one. So it serves one device, and it refuses connections
to this machine. The dashboard, OBS or a router's page would take such a connection for its owner's.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Gate:
    """Admits one client. `phone` is its address, or "" for the first client that connects to a server."""

    def __init__(self, phone: str = "") -> None:
        self.phone = phone

    def serves(self, client: str) -> bool:
        """Return whether that client is served. The first one becomes the only one."""
        client = plain(client)
        self.phone = self.phone or client
        return client == self.phone

    def is_stranger(self, client: str) -> bool:
        """Return whether that client is not the served one. False while that is unknown."""
        return bool(self.phone) and plain(client) != self.phone


def plain(address: str) -> str:
    """Return an address without its zone. An IPv4-mapped IPv6 address becomes the IPv4 address."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped or found)


def forbidden(addresses: Iterable[str]) -> str:
    """Return the first forbidden address among `addresses` of one name, or "" if there is none."""
    return next((address for address in map(plain, addresses) if _is_forbidden(address)), "")


def _is_forbidden(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return True
    special = address.is_loopback or address.is_link_local or address.is_unspecified or address.is_multicast
    return special or is_our_own(address)


def is_our_own(address: Address) -> bool:
    """Return whether this machine has that address. Only then can a socket be bound to it."""
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return False
    return True
