"""Gathering candidates: several STUN servers, a dead one among them, and machines with no network."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import aioice.ice
import aiortc.rtcicetransport
import pytest
from aioice import stun
from aiortc import RTCIceGatherer, RTCIceServer

from common import ice
from common.config.tables import IceSettings, PsnSettings, Settings
from common.ice import IceOptions, install, stun_addresses


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    yield
    install(IceOptions(loopback=True))


class StunServer(asyncio.DatagramProtocol):
    """Answers binding requests as if the asker were seen at 203.0.113.7."""

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        request = stun.parse_message(data)
        response = stun.Message(
            message_method=stun.Method.BINDING,
            message_class=stun.Class.RESPONSE,
            transaction_id=request.transaction_id,
        )
        response.attributes["XOR-MAPPED-ADDRESS"] = ("203.0.113.7", addr[1])
        self.transport.sendto(bytes(response), addr)


@contextmanager
def dead_server() -> Iterator[tuple[str, int]]:
    """Yield an address where datagrams vanish."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        yield sock.getsockname()


async def gather(options: IceOptions, monkeypatch: pytest.MonkeyPatch) -> tuple[list[tuple[str, str]], float]:
    install(options)
    # this machine's own addresses would do, but may be none: play one that STUN is asked from
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"])
    monkeypatch.setattr(ice, "_may_reach_outside", lambda candidate, component: True)
    gatherer = RTCIceGatherer(iceServers=[RTCIceServer("stun:never-asked.invalid")])
    began = time.monotonic()
    await gatherer.gather()
    took = time.monotonic() - began
    found = [(candidate.type, candidate.ip) for candidate in gatherer.getLocalCandidates()]
    await gatherer._connection.close()
    return found, took


async def test_one_living_stun_server_among_dead_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(StunServer, local_addr=("127.0.0.1", 0))
    with dead_server() as dead:
        servers = (dead, transport.get_extra_info("sockname"), ("does-not-exist.invalid", 3478))
        found, took = await gather(IceOptions(stun_servers=servers, stun_timeout_s=20.0), monkeypatch)
    transport.close()
    assert found == [("host", "127.0.0.1"), ("srflx", "203.0.113.7")]
    assert took < 10


async def test_dead_stun_servers_cost_no_more_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    with dead_server() as dead:
        found, took = await gather(IceOptions(stun_servers=(dead, dead), stun_timeout_s=0.3), monkeypatch)
    assert found == [("host", "127.0.0.1")]
    assert took < 4


@pytest.mark.parametrize(("loopback", "expected"), [(True, True), (False, False)])
def test_loopback_is_a_candidate_when_asked_for(
    monkeypatch: pytest.MonkeyPatch, *, loopback: bool, expected: bool
) -> None:
    monkeypatch.setattr(ice, "_HOST_ADDRESSES", lambda use_ipv4, use_ipv6: ["192.0.2.1"])
    install(IceOptions(loopback=loopback))
    assert ("127.0.0.1" in aioice.ice.get_host_addresses(use_ipv4=True, use_ipv6=True)) is expected


def test_a_machine_without_any_network_still_has_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ice, "_HOST_ADDRESSES", lambda use_ipv4, use_ipv6: [])
    install(IceOptions())
    assert aioice.ice.get_host_addresses(use_ipv4=True, use_ipv6=True) == ["127.0.0.1"]


def test_no_stun_and_loopback_in_the_simulators_realm_only() -> None:
    simulated, real = Settings(), Settings(psn=PsnSettings(realm="playstation"))
    assert IceOptions.of(simulated) == IceOptions(loopback=True)
    assert len(IceOptions.of(real).stun_servers) == len(IceSettings().stun_servers)
    assert not IceOptions.of(real).loopback


def test_servers_on_this_machine_need_no_stun_server_elsewhere() -> None:
    psn = PsnSettings(realm="playstation", mobile_url="http://127.0.0.1:81")
    assert IceOptions.of(Settings(psn=psn)) == IceOptions(loopback=True)
    own = Settings(psn=psn, ice=IceSettings(stun_servers=("stun:127.0.0.1:3478", "stun:stun.example:3478")))
    assert IceOptions.of(own).stun_servers == (("127.0.0.1", 3478),)


def test_what_is_no_stun_url_is_left_out() -> None:
    assert stun_addresses(
        ("stun:a.example", "stun:b.example:19302", "turn:c.example", "x", "stun:d.example:99999")
    ) == (
        ("a.example", 3478),
        ("b.example", 19302),
    )


def test_aiortc_makes_its_connections_through_us() -> None:
    install(IceOptions())
    assert aiortc.rtcicetransport.Connection is ice.IceConnection
