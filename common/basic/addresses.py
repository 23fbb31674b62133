"""Which addresses another side can have. No I/O."""

from __future__ import annotations

import ipaddress

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def can_be_a_peer(address: str, port: int) -> bool:
    """Tell whether one machine can be reached there; whatever is no address at all cannot.

    Not so: ``0.0.0.0`` and ``::``, which the system takes for this very machine; groups and broadcasts; reserved ones;
    port 0; and any of these in an IPv6 address that stands for an IPv4 one.
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if not 0 < port < 65536:
        return False
    plain: ipaddress.IPv4Address | ipaddress.IPv6Address = found
    if isinstance(found, ipaddress.IPv6Address):
        low = int(found) & 0xFFFFFFFF
        compatible = int(found) >> 32 == 0 and low > 1  # "::" and "::1" are what they are
        nat64 = found.scope_id is None and found in _NAT64
        plain = found.ipv4_mapped or found.sixtofour or (ipaddress.IPv4Address(low) if compatible or nat64 else found)
    if isinstance(plain, ipaddress.IPv4Address) and int(plain) >> 24 == 0:
        return False  # "this network": 0.0.0.0 and its like
    return not (plain.is_unspecified or plain.is_multicast or (plain.version == 4 and plain.is_reserved))
