"""Checks of remote addresses, and addresses written by people. No I/O."""

from __future__ import annotations

import ipaddress
import re

_HOST_AND_PORT = re.compile(
    r"(?:\[(?P<six>[0-9a-fA-F:.]{2,45}(?:%\w{1,15})?)\]|(?P<host>[A-Za-z0-9._-]{1,253})):(?P<port>[0-9]{1,5})"
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def can_be_a_peer(address: str, port: int) -> bool:
    """Return whether `address` and `port` can belong to one remote machine. False for an invalid address.

    Refused are ``0.0.0.0`` and ``::`` (the system takes them for this machine), multicast, broadcast, reserved
    addresses and port 0. An IPv6 address that embeds an IPv4 address is judged by the latter.
    """
    plain = _embedded(address)
    if plain is None or not 0 < port < 65536:
        return False
    if isinstance(plain, ipaddress.IPv4Address) and int(plain) >> 24 == 0:
        return False  # "this network": 0.0.0.0 and its like
    return not (plain.is_unspecified or plain.is_multicast or (plain.version == 4 and plain.is_reserved))


def is_this_machine(address: str) -> bool:
    """Return whether `address` is a loopback address, in any notation. False for an invalid address."""
    plain = _embedded(address)
    return plain is not None and plain.is_loopback


def network_of(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """Return the network that `text` names, or the address as a network of one. None if it is neither."""
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def host_and_port(text: str) -> tuple[str, int] | None:
    """Return the parts of ``host:port`` or ``[IPv6]:port``. None for other text."""
    match = _HOST_AND_PORT.fullmatch(text.strip())
    if match is None or not 0 < int(match["port"]) < 65536:
        return None
    return match["six"] or match["host"], int(match["port"])


def _embedded(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the IPv4 address that an IPv6 address embeds, otherwise the address itself. None if it is invalid."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv4Address):
        return found
    low = int(found) & 0xFFFFFFFF
    compatible = int(found) >> 32 == 0 and low > 1  # "::" and "::1" are what they are
    nat64 = found.scope_id is None and found in _NAT64
    return found.ipv4_mapped or found.sixtofour or (ipaddress.IPv4Address(low) if compatible or nat64 else found)
