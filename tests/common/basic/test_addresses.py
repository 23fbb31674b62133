"""Whom ICE may be sent to: addresses at which one machine can be, and nothing else."""

from __future__ import annotations

import aioice
import pytest

from common import ice
from common.basic.addresses import can_be_a_peer, host_and_port, is_this_machine, network_of
from common.psn.sdp.text import Candidate

NOBODY = [
    "0.0.0.0", "0.1.2.3", "255.255.255.255", "240.0.0.1", "224.0.0.251", "239.255.255.250", "::", "ff02::fb", "ff05::1",
    "::ffff:0.0.0.0", "::ffff:224.0.0.1", "::ffff:255.255.255.255", "::255.255.255.255", "::224.0.0.1",
    "2002:e000:1::1", "64:ff9b::ffff:ffff", "64:ff9b::", "ff02::1%eth0", "nobody.local", "", "1.2.3", "127.0.0.1.1",
    "0.128.0.1", "::2",
]  # fmt: skip
SOMEBODY = [
    "192.168.1.7", "10.0.0.1", "203.0.113.7", "100.64.0.9", "127.0.0.1", "169.254.7.7", "::1", "fe80::1",
    "fe80::1%eth0", "2001:db8::7", "fd00::1", "::ffff:192.168.1.7", "64:ff9b::c000:207",
    "1.0.0.1", "::1:e000:1",
]  # fmt: skip


@pytest.mark.parametrize("address", NOBODY)
async def test_nobody_is_there(address: str) -> None:
    assert not can_be_a_peer(address, 5000)
    assert Candidate.parse(f"1 1 udp 1 {address or 'x'} 5000 typ host") is None
    connection = ice.IceConnection(ice_controlling=True)
    candidate = aioice.Candidate("1", 1, "udp", 1, address, 5000, "host")
    connection._add_remote_candidate(candidate, address)
    assert connection.remote_candidates == []


@pytest.mark.parametrize("address", SOMEBODY)
async def test_somebody_may_be_there(address: str) -> None:
    assert can_be_a_peer(address, 5000)
    found = Candidate.parse(f"1 1 udp 1 {address} 5000 typ host")
    assert (found is None) is ("%" in address)  # an interface of theirs means nothing here
    connection = ice.IceConnection(ice_controlling=True)
    connection._add_remote_candidate(aioice.Candidate("1", 1, "udp", 1, address, 5000, "host"), address)


LOOPBACK = ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1"]


@pytest.mark.parametrize("address", LOOPBACK)
@pytest.mark.parametrize("ours", [False, True])
async def test_a_member_sends_us_to_this_machine_only_where_we_offer_it_too(
    address: str, ours: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert is_this_machine(address)
    assert can_be_a_peer(address, 5000)
    monkeypatch.setattr(ice.IceConnection, "options", ice.IceOptions(loopback=ours))
    connection = ice.IceConnection(ice_controlling=True)
    for each in (address, "192.168.1.7"):
        connection._add_remote_candidate(aioice.Candidate("1", 1, "udp", 1, each, 5000, "host"), each)
    assert [candidate.host for candidate in connection.remote_candidates] == [address, "192.168.1.7"][not ours :]


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_that_is_none_is_nobody(port: int) -> None:
    assert not can_be_a_peer("192.168.1.7", port)


async def test_a_name_that_leads_nowhere_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    class Responder:
        async def resolve(self, name: str) -> str:
            return "::" if name.startswith("bad") else "192.168.1.7"

    async def responder(_: object) -> Responder:
        return Responder()

    monkeypatch.setattr("aioice.ice.get_or_create_mdns_protocol", responder)
    connection = ice.IceConnection(ice_controlling=True)
    for name in ("bad.local", "good.local"):
        await connection.add_remote_candidate(aioice.Candidate("1", 1, "udp", 1, name, 5000, "host"))
    assert [candidate.host for candidate in connection.remote_candidates] == ["good.local"]


@pytest.mark.parametrize(("port", "possible"), [(0, False), (1, True), (65535, True), (65536, False), (-1, False)])
def test_a_machine_has_ports_of_16_bits_without_0(port: int, possible: bool) -> None:
    assert can_be_a_peer("192.168.1.7", port) is possible


@pytest.mark.parametrize(("text", "network"), [
    ("192.168.1.20", "192.168.1.20/32"), (" 192.168.1.20/24 ", "192.168.1.0/24"), ("fe80::/10", "fe80::/10"),
    ("::1", "::1/128"), ("ipad.local", None), ("192.168.1", None), ("192.168.1.0/33", None), ("", None),
])  # fmt: skip
def test_a_network_or_one_address(text: str, network: str | None) -> None:
    found = network_of(text)
    assert (None if found is None else str(found)) == network


@pytest.mark.parametrize(("text", "parts"), [
    ("192.168.1.20:9000", ("192.168.1.20", 9000)), (" ipad.local:9000 ", ("ipad.local", 9000)),
    ("[fe80::1%en0]:9000", ("fe80::1%en0", 9000)), ("192.168.1.20", None), ("192.168.1.20:", None), (":9000", None),
    ("ipad:0", None), ("ipad:65536", None), ("ipad:-1", None), ("osc.udp://ipad:9000", None), ("::1:9000", None),
])  # fmt: skip
def test_a_host_with_its_port(text: str, parts: tuple[str, int] | None) -> None:
    assert host_and_port(text) == parts
