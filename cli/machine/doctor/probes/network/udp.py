"""Probes of UDP: STUN by each interface, the kind of NAT, neighbours in the local network."""

from __future__ import annotations

import ipaddress
import re
import socket
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cli.machine.doctor.judge.network import Ipv6, Lan, NatKind, Neighbour, Stun, StunAnswer
from cli.machine.doctor.probes.network.addresses import (
    Local,
    global_ipv6,
    ipv4_of,
    local_addresses,
    sources_for,
    stun_servers,
)
from cli.machine.doctor.probes.network.stun_client import (
    CHANGE_BOTH,
    CHANGE_PORT,
    Address,
    StunReply,
    ask,
    bound_to,
    errno_name,
)
from cli.machine.doctor.surroundings import Surroundings

NEIGHBOURS = 3
"""Known neighbours that are tried at each interface. One would be enough, if it is the one that is switched on."""
DISCARD_PORT = 9
"""The port whose service throws everything away (RFC 863). The datagram is empty."""
_REFUSAL_S = 0.1
"""Time for a refusal that comes as an ICMP message, which takes a millisecond or two in a local network."""
_ARP = Path("/proc/net/arp")
_KNOWN = "0x2"
"""Flag of an entry whose hardware address is known."""
_SOMEWHERE = "2001:db8::1"
"""A documentation address. A connected UDP socket sends nothing to it, and only looks up the route."""


def stun(around: Surroundings) -> Stun:
    pairs = [(local, server) for server in stun_servers(around) for local in sources_for(server[0])]
    with ThreadPoolExecutor(max_workers=8) as pool:
        return Stun(answers=tuple(pool.map(lambda pair: _asked(*pair), pairs)))


def _asked(local: Local, server: Address) -> StunAnswer:
    address, name = str(local.address.ip), f"{server[0]}:{server[1]}"
    try:
        with bound_to(address) as sock:
            answer = ask(sock, ipv4_of(*server))
    except OSError as error:
        return StunAnswer(interface=local.interface, address=address, server=name, fault=errno_name(error))
    if answer is None:
        return StunAnswer(interface=local.interface, address=address, server=name)
    took_ms = round(answer.took_s * 1000)
    return StunAnswer(interface=local.interface, address=address, server=name, public=answer.public[0], took_ms=took_ms)


def nat(around: Surroundings) -> NatKind:
    """Tell the NAT by RFC 5780 where a server can, else by what two servers see of one socket."""
    seen: list[StunReply] = []
    for server in stun_servers(around):
        try:
            address = ipv4_of(*server)
            with bound_to("") as sock:
                answer = ask(sock, address)
                if answer and answer.other and answer.other[0] != address[0]:
                    return _by_behaviour(sock, address, answer, answer.other)
        except OSError:
            continue
    with bound_to("") as sock:
        for server in stun_servers(around):
            try:
                answer = ask(sock, ipv4_of(*server))
            except OSError:
                continue
            seen += [answer] if answer else []
        return _by_two(seen, sock.getsockname()[1])


def _by_behaviour(sock: socket.socket, server: Address, first: StunReply, other: Address) -> NatKind:
    """RFC 5780 sections 4.3 and 4.4. What is let in is asked first, before this socket has written to `other`."""
    if ask(sock, server, CHANGE_BOTH):
        filtering = "independent"
    else:
        filtering = "by address" if ask(sock, server, CHANGE_PORT) else "by address and port"
    second = ask(sock, (other[0], server[1]))
    if first.public[0] in _own_addresses():
        mapping = "none"
    elif second is None:
        return NatKind()
    elif second.public == first.public:
        mapping = "independent"
    else:
        third = ask(sock, other)
        mapping = "by address" if third and third.public == second.public else "by address and port"
    return NatKind(mapping=mapping, filtering=filtering, method="RFC 5780")


def _by_two(seen: list[StunReply], port: int) -> NatKind:
    if seen and seen[0].public[0] in _own_addresses() and seen[0].public[1] == port:
        return NatKind(mapping="none", method="its own address")
    if len(seen) < 2:
        return NatKind()
    same = len({answer.public for answer in seen}) == 1
    return NatKind(mapping="independent" if same else "by address", method="two servers")


def _own_addresses() -> set[str]:
    return {str(local.address.ip) for local in local_addresses()}


def ipv6(around: Surroundings) -> Ipv6:
    addresses = global_ipv6()
    routed = False
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
            sock.connect((_SOMEWHERE, DISCARD_PORT))
            routed = True
    except OSError:
        routed = False
    return Ipv6(addresses=tuple(addresses), routed=routed, offered=around.settings.ice.ipv6)


def lan(around: Surroundings) -> Lan:
    """Send an empty datagram to neighbours. macOS' Local Network block lets the router and the Internet through."""
    known, routers = _neighbours(around)
    own = {local.address.ip for local in local_addresses()}
    tried = []
    for local in local_addresses():
        net = local.address.network
        if not net.is_private or net.prefixlen > 30:
            continue
        # a Mac's table also has its own addresses and the broadcast address, to which a plain socket may not send
        left_out = {*routers, *own, net.broadcast_address, net.network_address}
        here = [address for address in known if address in net and address not in left_out][:NEIGHBOURS]
        others = [] if here else [_anybody(local)]
        tried += [
            Neighbour(
                interface=local.interface, address=str(address), known=address in here, fault=_fault_of(local, address)
            )
            for address in (*here, *others)
        ]
    return Lan(on_mac=around.is_mac, tried=tuple(tried), program=_program(around))


def _fault_of(local: Local, address: ipaddress.IPv4Address) -> str:
    try:
        with bound_to(str(local.address.ip)) as sock:
            sock.connect((str(address), DISCARD_PORT))
            for _ in range(2):  # the second one hears of an ICMP refusal of the first
                sock.send(b"")
                time.sleep(_REFUSAL_S)
    except ConnectionRefusedError:
        return ""  # it is there, and answered
    except OSError as error:
        return errno_name(error)
    return ""


def _anybody(local: Local) -> ipaddress.IPv4Address:
    """Return an address of that network which is neither ours nor the first one, which routers have."""
    hosts = local.address.network
    last = hosts.broadcast_address - 1
    return last if last != local.address.ip else last - 1


def _neighbours(around: Surroundings) -> tuple[list[ipaddress.IPv4Address], set[ipaddress.IPv4Address]]:
    """Return the neighbours that this machine knows, and the routers among them."""
    if around.is_mac:
        known = re.findall(r"\((\d+(?:\.\d+){3})\) at [0-9a-f]{1,2}:", around.run("arp", "-an").out)
        routers = re.findall(r"gateway: (\d+(?:\.\d+){3})", around.run("route", "-n", "get", "default").out)
        return _parsed(known), set(_parsed(routers))
    rows = [line.split() for line in _text(_ARP).splitlines()[1:]]
    known = [row[0] for row in rows if len(row) > 2 and int(row[2], 16) & int(_KNOWN, 16)]
    routes = [line.split() for line in _text(Path("/proc/net/route")).splitlines()[1:]]
    gateways = [bytes.fromhex(row[2])[::-1] for row in routes if len(row) > 2 and row[1] == "00000000"]
    return _parsed(known), {ipaddress.IPv4Address(packed) for packed in gateways}


def _parsed(texts: Iterable[str]) -> list[ipaddress.IPv4Address]:
    return [ipaddress.IPv4Address(text) for text in dict.fromkeys(texts)]


def _text(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""


def _program(around: Surroundings) -> str:
    if "SSH_CONNECTION" in around.environ:
        return "ssh"
    return around.environ.get("TERM_PROGRAM", "")
