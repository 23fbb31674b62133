"""Which neighbours are tried, and what a STUN server's silence or nonsense does."""

from __future__ import annotations

import ipaddress
import socket
import threading

import pytest

from cli.machine.doctor.judge.network import Lan, NatKind
from cli.machine.doctor.probes.network import udp
from cli.machine.doctor.probes.network.addresses import Local
from cli.machine.doctor.probes.network.stun_client import StunReply, ask, bound_to
from tests.cli.machine.doctor.stage import MAC, stage

ARP = """\
cat <<'END'
? (192.168.1.1) at a0:b1:c2:d3:e4:5 on en0 ifscope [ethernet]
? (192.168.1.5) at 0:1:2:3:4:5 on en0 ifscope permanent [ethernet]
? (192.168.1.23) at 7c:bb:8a:0:1:2 on en0 ifscope [ethernet]
? (192.168.1.77) at (incomplete) on en0 ifscope [ethernet]
? (192.168.1.255) at ff:ff:ff:ff:ff:ff on en0 ifscope [ethernet]
? (224.0.0.251) at 1:0:5e:0:0:fb on en0 ifscope permanent [ethernet]
END"""
ROUTE = "cat <<'END'\n   route to: default\ndestination: default\n    gateway: 192.168.1.1\n  interface: en0\nEND"


def tried(monkeypatch: pytest.MonkeyPatch, arp: str) -> Lan:
    """Return what is tried by a Mac at 192.168.1.5. Nothing is sent."""
    local = Local("en0", ipaddress.IPv4Interface("192.168.1.5/24"))
    monkeypatch.setattr(udp, "local_addresses", lambda: [local])
    monkeypatch.setattr(udp, "_fault_of", lambda *_: "")
    with stage() as here:
        here.tool("arp", arp)
        here.tool("route", ROUTE)
        return udp.lan(here.around(platform=MAC))


def test_a_mac_tries_known_neighbours_but_not_the_router_itself_or_the_broadcast_address(monkeypatch) -> None:
    found = tried(monkeypatch, ARP)
    assert [(one.address, one.known) for one in found.tried] == [("192.168.1.23", True)]


def test_without_a_known_neighbour_another_address_of_the_subnet_is_tried(monkeypatch) -> None:
    found = tried(monkeypatch, "true")
    assert [(one.address, one.known) for one in found.tried] == [("192.168.1.254", False)]


def test_networks_that_are_not_private_are_left_alone(monkeypatch) -> None:
    monkeypatch.setattr(udp, "local_addresses", lambda: [Local("en0", ipaddress.IPv4Interface("198.41.0.5/24"))])
    with stage() as here:
        assert udp.lan(here.around()).tried == ()


def test_two_answers_with_one_public_address_are_a_friendly_nat() -> None:
    seen = [StunReply(("192.0.2.1", port), None, 0.1) for port in (4000, 4000, 4001)]
    assert udp._by_two(seen[:2], 5000) == NatKind(mapping="independent", method="two servers")
    assert udp._by_two(seen[1:], 5000) == NatKind(mapping="by address", method="two servers")
    assert udp._by_two(seen[:1], 5000) == NatKind()


def test_an_own_address_seen_from_outside_means_no_nat(monkeypatch) -> None:
    monkeypatch.setattr(udp, "_own_addresses", lambda: {"192.0.2.1"})
    assert udp._by_two([StunReply(("192.0.2.1", 5000), None, 0.1)], 5000).mapping == "none"


def test_what_is_no_stun_and_answers_to_others_are_passed_over(monkeypatch) -> None:
    monkeypatch.setattr("cli.machine.doctor.probes.network.stun_client.TRIES_S", (0.3,))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def serve() -> None:
            _, client = server.recvfrom(2048)
            server.sendto(b"hello", client)
            server.sendto(bytes.fromhex("01010000 2112a442") + bytes(12), client)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        with bound_to("127.0.0.1") as sock:
            assert ask(sock, server.getsockname()) is None
        thread.join()
