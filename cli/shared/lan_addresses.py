"""The addresses at which other devices may find this machine."""

from __future__ import annotations

import socket

import ifaddr

EVERYWHERE = "0.0.0.0"  # noqa: S104  # other devices must reach it


def addresses(host: str) -> list[str]:
    """Return the addresses at which another device may find what listens on `host`, the likeliest first."""
    if host != EVERYWHERE:
        return [host]
    found = [str(ip.ip) for adapter in ifaddr.get_adapters() for ip in adapter.ips if ip.is_IPv4]
    found = [address for address in found if not address.startswith(("127.", "169.254."))]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing, only selects the outgoing interface
            likely = probe.getsockname()[0]
        except OSError:
            likely = ""
    return sorted(dict.fromkeys(found), key=lambda address: address != likely)
