"""Who may go through the capture's proxy, and where to. Imports only Python's own: it is in mitmproxy's environment.

The proxy has no password, as phones' settings know none. So it serves one device, and leads to nothing of this machine:
whoever came from here would be taken for its owner, by the dashboard, by OBS, by a router's page.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Gate:
    """`phone`: the one address that is served; "": that of the first client that wants to go anywhere."""

    def __init__(self, phone: str = "") -> None:
        self.phone = phone

    def serves(self, client: str) -> bool:
        """Return whether that client is served; the first one is from then on the only one."""
        client = plain(client)
        self.phone = self.phone or client
        return client == self.phone

    def is_stranger(self, client: str) -> bool:
        """Return whether that client is another one than the one that is served, if that is known."""
        return bool(self.phone) and plain(client) != self.phone


def plain(address: str) -> str:
    """Return an address without its zone, and an IPv4 address that is written as an IPv6 one as itself."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped or found)


def forbidden(addresses: Iterable[str]) -> str:
    """Return which of `addresses`, those of one name, must not be connected to; "" if all may be."""
    return next((address for address in map(plain, addresses) if _is_forbidden(address)), "")


def _is_forbidden(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return True
    special = address.is_loopback or address.is_link_local or address.is_unspecified or address.is_multicast
    return special or is_our_own(address)


def is_our_own(address: Address) -> bool:
    """Return whether this machine has that address: only then can something be bound to it."""
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return False
    return True
