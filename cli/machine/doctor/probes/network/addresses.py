"""This machine's addresses, and whom to ask."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass

import ifaddr

from cli.machine.doctor.surroundings import Surroundings
from common.config.settings import is_loopback
from common.ice import stun_addresses

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Local:
    interface: str
    address: ipaddress.IPv4Interface


def local_addresses() -> list[Local]:
    """Return the IPv4 addresses that lead out of this machine."""
    found = [
        Local(str(adapter.nice_name), ipaddress.IPv4Interface(f"{ip.ip}/{ip.network_prefix}"))
        for adapter in ifaddr.get_adapters()
        for ip in adapter.ips
        if ip.is_IPv4
    ]
    return [one for one in found if not (one.address.is_loopback or one.address.is_link_local)]


def global_ipv6() -> list[str]:
    found = [str(ip.ip[0]) for adapter in ifaddr.get_adapters() for ip in adapter.ips if ip.is_IPv6]
    return [text for text in found if ipaddress.IPv6Address(text.partition("%")[0]).is_global]


def stun_servers(around: Surroundings) -> list[tuple[str, int]]:
    return list(stun_addresses(around.settings.ice.stun_servers))


def sources_for(server: str) -> list[Local]:
    """Return the local addresses from which `server` can be reached."""
    if is_loopback(server):
        return [Local("loopback", ipaddress.IPv4Interface(f"{LOOPBACK}/8"))]
    return local_addresses()


def ipv4_of(host: str, port: int) -> tuple[str, int]:
    """Look a server up. Raises `OSError`."""
    found = socket.getaddrinfo(host, port, socket.AF_INET, socket.SOCK_DGRAM)
    return str(found[0][4][0]), port
